"""Puts the company's past into the demo: as records of the vendor's, notes, outcomes, follow-ups.

`installation` records a span of it at each start, up to that moment. The simulator is told the same
calls by `at_simulator`.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm import agents, calls
from crm.callcenterstudio.results import CdrRecord
from crm.calls import follow_ups
from crm.calls.follow_ups import Due
from crm.cli.demo.company_days import PastCall, calls_between
from crm.extensions import db
from crm.models import Agent, Call, Tenant
from crm.models.follow_up import NO_TIME
from crm.simulator.seed import TENANTS
from crm.simulator.told_calls import told_record

SPAN = timedelta(days=61)  # the reports' thirty days, and those that they are compared with
# What was written earlier is there for some calls only: each takes a hundredth of a second.
WRITTEN_UP_FOR = timedelta(days=12)
PAGE = 100
SECONDS_TO_WRITE = timedelta(seconds=40)
# What each agent has still to do: days from today, and the minute of the day.
STILL_TO_DO = ((0, 16 * 60), (0, NO_TIME), (-1, NO_TIME), (1, 10 * 60 + 30),
               (3, NO_TIME))  # fmt: skip


def record(tenant: Tenant, *, since: datetime, now: datetime, simulator: str) -> None:
    """Record the calls that ended in that time, and what was written about them; does not commit.

    simulator: its origin, where the recordings are.
    """
    at_vendor = next(one for one in TENANTS if one.name == tenant.name)
    past = calls_between(tenant.name, since, now)
    told = [told_record(at_vendor, one.told, simulator) for one in past]
    for begin in range(0, len(told), PAGE):
        page = [CdrRecord.parse(one.data) for one in told[begin : begin + PAGE]]
        calls.record_cdrs(tenant, page, received_at=now)
    by_key = dict(zip((str(one.data["callkey"]) for one in told), past, strict=True))
    # The latest first: what is to be done still is about these.
    rows = select(Call).where(Call.tenant_id == tenant.id, Call.callkey.in_(by_key))
    newest_first = db.session.scalars(rows.order_by(Call.started_at.desc())).all()
    for row in newest_first:
        agent = agents.by_email(by_key[str(row.callkey)].told.agent)
        if agent is not None:
            _write_up(row, agent, by_key[str(row.callkey)], now)


def _write_up(row: Call, agent: Agent, past: PastCall, now: datetime) -> None:
    at = past.told.ended + SECONDS_TO_WRITE
    is_recent = now - at < WRITTEN_UP_FOR or past.told.started.second % 5 == 0
    if not past.outcome or at > now or not is_recent:
        return
    call = calls.record_wrap_up(row, agent.id, note=past.note or None, outcome=past.outcome, at=at)
    if past.outcome != "follow_up":
        return
    today = now.astimezone(ZoneInfo(call.tenant.timezone)).date()
    already = len(follow_ups.waiting([call.tenant_id], agent.id))
    if past.note and already < len(STILL_TO_DO):
        days, minute = STILL_TO_DO[already]
        due = Due(today + timedelta(days=days), minute)
        follow_ups.set_for_call(call, agent.id, due, now=at)
    else:
        on = follow_ups.next_working_day(at.date())
        follow_ups.set_for_call(call, agent.id, Due(on), now=at, by_outcome=True)
        made = follow_ups.of_call(call.id, agent.id)
        if made is not None and on <= today:
            follow_ups.mark_done(made, agent.id, now=min(now, at + timedelta(days=1)))
