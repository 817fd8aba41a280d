"""The console's control API, what concerns records. JSON, as in `console_api`.

POST /console/api/history   {tenant, calls, from, to, seed?, keep?} -> 201 {calls, records_count}
    Adds invented calls of the past. from, to: ISO 8601; without an offset, the tenant's time.
    The same values again add nothing. keep: they come back at each reset.
POST /console/api/past-calls   {tenant, calls: [{started, number, agent, inbound, waited, talked,
    queue, disposition}]} -> 201 {calls, records_count}
    Adds calls of one's own to the past, those of `told_calls`; they come back at each reset.
    started: ISO 8601 with an offset. agent: an address, or "". talked: seconds, or null.
GET  /console/api/records   ?tenant=&after=  -> {records, next}
    What really happened: every call of the tenant, oldest first, a thousand at a time, also those
    whose record cannot be read yet. Each is {activecallkey, callkey, uniqueid, started, answered,
    ended, available, record}: times ISO 8601 in UTC, record as reportsCDRLogs sends it.
    next: what to send as `after` for the rest; null at the end.

Failures: 4xx {error: sentence}.
"""

from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from crm.simulator.cdr import Place, Record
from crm.simulator.current import switchboard
from crm.simulator.long_history import LongHistory
from crm.simulator.seed import Tenant
from crm.simulator.told_calls import ToldCall, told_record

blueprint = Blueprint("console_records", __name__, url_prefix="/console/api")

PAGE = 1000
MOST_CALLS = 2_000_000


class BadWishError(ValueError):
    """What was sent cannot be used; the text says why."""


@blueprint.post("/history")
def add_history() -> ResponseReturnValue:
    """Invented calls between two times."""
    wish, board = request.get_json(), switchboard()
    tenant = _tenant(wish.get("tenant"))
    start, finish = _moment(wish.get("from"), tenant), _moment(wish.get("to"), tenant)
    if not start < finish:
        raise BadWishError("from lies before to.")
    history = LongHistory(
        tenant,
        calls=_whole(wish, "calls", MOST_CALLS),
        start=start,
        finish=finish,
        seed=_whole({"seed": 1} | wish, "seed", 2**31),
        recordings_at=board.recordings_at,
    )
    with board.changed:
        board.records.add_history(history)
        if wish.get("keep") is True:
            board.kept_histories.append(history)
        return jsonify(calls=len(history), records_count=board.records.count()), 201


@blueprint.post("/past-calls")
def add_past_calls() -> ResponseReturnValue:
    """Calls that are over, each as it is told."""
    wish, board = request.get_json(), switchboard()
    tenant = _tenant(wish.get("tenant"))
    try:
        told = [ToldCall.of_json(one) for one in wish["calls"]]
    except (KeyError, TypeError, ValueError) as error:
        raise BadWishError(f"One of the calls cannot be read: {error}.") from None
    board.keep_told(told_record(tenant, one, board.recordings_at) for one in told)
    return jsonify(calls=len(told), records_count=board.records.count()), 201


@blueprint.get("/records")
def list_records() -> ResponseReturnValue:
    """All calls there were."""
    tenant, board = _tenant(request.args.get("tenant")), switchboard()
    with board.changed:
        everything = board.records.everything(tenant, _after(request.args.get("after", "")))
        page = list(islice(everything, PAGE))
    is_last = len(page) < PAGE
    return jsonify(
        records=[_shown(record) for record in page],
        next=None if is_last else " ".join(_written(page[-1].place)),
    )


@blueprint.errorhandler(BadWishError)
def bad_wish(error: BadWishError) -> ResponseReturnValue:
    """422 with the sentence."""
    return jsonify(error=str(error)), 422


def _shown(record: Record) -> dict[str, Any]:
    return {
        "activecallkey": record.activecallkey,
        "callkey": record.data["callkey"],
        "uniqueid": record.data["uniqueid"],
        "started": record.calldate.isoformat(),
        "answered": record.answered and record.answered.isoformat(),
        "ended": record.ended and record.ended.isoformat(),
        "available": record.available.astimezone(UTC).isoformat(),
        "record": record.data,
    }


def _tenant(name: Any) -> Tenant:
    for tenant in switchboard().tenants:
        if tenant.name == name:
            return tenant
    raise BadWishError(f"There is no tenant named {name}.")


def _moment(text: Any, tenant: Tenant) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
        zone = moment.tzinfo or ZoneInfo(tenant.timezone)
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadWishError("from and to are times, as 2026-03-10 or 2026-03-10T09:00.") from None


def _whole(wish: dict[str, Any], name: str, most: int) -> int:
    value = wish.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise BadWishError(f"{name} is a whole number from 1 to {most}.")
    return value


def _written(place: Place) -> tuple[str, str]:
    return place[0].isoformat(), place[1]


def _after(text: str) -> Place | None:
    if not text:
        return None
    moment, _, callkey = text.partition(" ")
    try:
        return datetime.fromisoformat(moment), callkey
    except ValueError:
        raise BadWishError("after is the `next` of the page before.") from None
