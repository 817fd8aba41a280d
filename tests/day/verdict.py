"""The end of the day: every call of the simulator, and what the agents wrote, against the rows."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from crm.extensions import db
from crm.models import Call, Contact, FollowUp
from crm.simulator.seed import DEMO
from tests.browser.conftest import Crm
from tests.day.worker import Written
from tests.soak import truth
from tests.soak.compare import Verdict, compare
from tests.soak.crm import Crm as Reader
from tests.soak.tally import Tally
from tests.soak.vendor import Vendor
from tests.world import Simulator

RECORDS_WITHIN = 180.0  # seconds; the pauses between the questions for a record grow


def verdict_on(
    crm: Crm, simulator: Simulator, written: Mapping[str, Written], *, since: datetime
) -> tuple[Verdict, list[str]]:
    """The comparison, and what is wrong in words: nothing on a good day. since: when it began."""
    reader = Reader(crm.app.extensions["settings"], Path())
    faults = []
    if waits := reader.wait_until_idle(RECORDS_WITHIN):
        faults.append(f"still to be done: {waits}")
    tally = Tally()
    tally.notes = {key: one.note for key, one in written.items()}
    tally.seen_at_desks = set(written)
    vendor = Vendor(int(simulator.url.rsplit(":", 1)[1]))
    truths = [one for one in truth.read(vendor, DEMO) if one.fields["started_at"] >= since]
    verdict = compare(truths, reader.calls(), tally, reader.legs())
    faults += verdict.complaints()
    with crm.app.app_context():
        rows = {
            key: (outcome or "", name)
            for key, outcome, name in db.session.execute(
                select(Call.activecallkey, Call.outcome, Contact.name).outerjoin(
                    Contact, Contact.id == Call.contact_id
                )
            )
        }
        follow_ups = db.session.scalar(select(func.count()).select_from(FollowUp))
        db.session.remove()
    for key, one in written.items():
        if rows.get(key) != (one.outcome, one.contact):
            faults.append(f"outcome and contact are {rows.get(key)}, not {one}")
    promised = sum(one.outcome == "follow_up" for one in written.values())
    if follow_ups != promised:
        faults.append(f"{follow_ups} follow-ups instead of {promised}")
    return verdict, faults
