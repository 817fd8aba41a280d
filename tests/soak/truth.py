"""What the CRM should have on record, read from the simulator's own list.

A reading of its own: nothing of the CRM's is used, so that one mistake cannot be made twice. The
record tells whole seconds; where it leaves a time out, the rest of it tells (docs/vendor.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from crm.simulator.seed import Tenant
from tests.soak.vendor import Vendor


@dataclass(frozen=True)
class Truth:
    """A call as the vendor knows it. fields: name of the CRM's column -> what must stand there."""

    tenant: str
    callkey: str
    activecallkey: str
    fields: dict[str, Any]
    legs: tuple["Truth", ...] = ()


def read(vendor: Vendor, tenant: Tenant) -> Iterator[Truth]:
    """All calls of a tenant. Records with one activecallkey are the legs of one call."""
    after: str | None = ""
    by_key: dict[str, list[Truth]] = {}
    while after is not None:
        page = vendor.get(f"records?tenant={tenant.name}&after={quote(after)}")
        for told in page["records"]:
            by_key.setdefault(told["activecallkey"], []).append(truth_of(told, tenant))
        after = page["next"]
    return (_together(legs) for legs in by_key.values())


def _together(legs: list[Truth]) -> Truth:
    """A call that was handed on: it began and was answered with the first leg, and its talk is that
    of all. Here the first is always answered.
    """
    if len(legs) == 1:
        return legs[0]
    legs.sort(key=_in_time)
    first = legs[0]
    talked = [leg.fields for leg in legs if leg.fields["answered"]]
    held = [fields["hold_seconds"] for fields in talked if fields["hold_seconds"] is not None]
    together = {
        "studio_email": talked[-1]["studio_email"],
        "talk_seconds": sum(fields["talk_seconds"] for fields in talked),
        "hold_seconds": sum(held) if held else None,
        "ended_at": max(leg.fields["ended_at"] for leg in legs),
        "transferred": True,
        "leg_count": len(legs),
    }
    return replace(first, fields=first.fields | together, legs=tuple(legs))


def _in_time(leg: Truth) -> tuple[object, ...]:
    """As far as records tell it, in whole seconds; what was answered was there to be handed on."""
    never = datetime.max.replace(tzinfo=UTC)
    times = [leg.fields[name] or never for name in ("started_at", "ended_at")]
    return *times, not leg.fields["answered"], leg.callkey


def truth_of(told: dict[str, Any], tenant: Tenant) -> Truth:
    """One entry of the simulator's list (`GET /console/api/records`)."""
    record = told["record"]
    answered = record["answered"] is True
    party = record["callerid"] if record["inbound"] else record["called_num"]
    fields = {
        "direction": "inbound" if record["inbound"] else "outbound",
        "normal_form": _number(party, tenant),
        "line": record["called_num"] if record["inbound"] else record["callerid"],
        "queue": record["queue"],
        "studio_email": record["agentid"] or None,
        "answered": answered,
        "abandoned": None if answered else record["abandon"],
        "wait_seconds": record["waitduration"],
        "talk_seconds": record["duration"] if answered else None,
        "hold_seconds": record["holdduration"],
        "disposition": record["disposition"],
        "hangup_cause": record["hangupcause"],
        "recording_url": record["recordingurl"] or None,
        "callkey": record["callkey"],
        "transaction_id": record["uniqueid"],
        "state": "ended",
        "complete": True,
        "time_uncertain": False,
        "dial_problem": "",
        "record_problems": "",
        "transferred": False,
        "leg_count": 0,
    }
    times = _times(told, record, answered)
    return Truth(tenant.name, record["callkey"], told["activecallkey"], fields | times)


def _times(
    told: dict[str, Any], record: dict[str, Any], answered: bool
) -> dict[str, datetime | None]:
    started = _second(told["started"])
    talked = None
    if answered:
        wait = timedelta(seconds=record["waitduration"])
        talked = _second(told["answered"]) if record["talkdate"] else started + wait
    talk = timedelta(seconds=record["duration"] or 0)
    ended = _second(told["ended"]) if record["hangupdate"] else (talked or started) + talk
    return {"started_at": started, "answered_at": talked, "ended_at": ended}


def _second(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(microsecond=0)


def _number(party: str, tenant: Tenant) -> str | None:
    """The vendor writes 0532… at home and 0044… abroad (`crm/simulator/numbers.py`)."""
    if not party.isdigit():
        return None
    if party.startswith("00"):
        return f"+{party[2:]}"
    return f"+{tenant.country_code}{party[1:]}" if party.startswith("0") else party
