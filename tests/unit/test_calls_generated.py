"""Generated days: several calls told by every source, interleaved, repeated and partly lost.

What must hold: as long as a call's record is there, and a link to it for each event that carries
only a key of another kind, there is one row a call, and it holds what the record says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from crm import calls
from crm.calls.apply import refold
from crm.calls.record_page import record_cdrs
from crm.extensions import db
from crm.models import Call, CallLeg, CallState
from tests.unit.calls_world import World, active, after, cdr, hangup_form, local, make_world

RECORD = "record by dates"
SECOND_RECORD = "second record by dates"
CALLEES = ("05070000042", "05320000001", "+447700900555")
# What the record decides, whoever else has spoken.
TOLD_BY_RECORD = (
    "direction", "normal_form", "queue", "started_at", "answered_at", "ended_at", "wait_seconds",
    "talk_seconds", "answered", "disposition", "agent_id", "agent_name", "line", "caller_kind",
    "transferred", "leg_count",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A call as it really was. handed_on: seconds that Mehmet talked after Ayşe, 0 for none."""

    number: int
    inbound: bool
    answered: bool
    party: str
    wait: int
    talk: int
    recorded: bool
    rang_elsewhere: bool
    handed_on: int

    @property
    def is_handed_on(self) -> bool:
        return self.answered and self.handed_on > 0

    @property
    def has_recording(self) -> bool:
        return self.recorded or self.is_handed_on

    @property
    def key(self) -> str:
        return f"act-{self.number}"


@dataclass(frozen=True)
class Told:
    """One event: how it is told, and the keys that it carries."""

    name: str
    tell: Callable[[World], object] = field(compare=False)
    keys: frozenset[str]


plans = st.builds(
    Plan,
    number=st.just(0),
    inbound=st.booleans(),
    answered=st.booleans(),
    party=st.sampled_from(CALLEES),
    wait=st.integers(1, 40),
    talk=st.integers(1, 600),
    recorded=st.booleans(),
    rang_elsewhere=st.booleans(),
    handed_on=st.sampled_from([0, 0, 1, 30]),
)


def told_of(plan: Plan) -> list[Told]:
    """Everything that the sources can tell about a call."""
    told = [*_told_by_vendor(plan), *(_inbound(plan) if plan.inbound else _outbound(plan))]
    return [*told, *_second_leg(plan)] if plan.is_handed_on else told


def _second_leg(plan: Plan) -> list[Told]:
    """Mehmet's leg: his softphone rings while Ayşe still talks, and he has a record of his own."""
    begin = plan.wait + plan.talk
    record = _record(plan) | {
        **{"callkey": f"ck-{plan.number}-second", "uniqueid": f"vendor-{plan.number}-second"},
        **{"calldate": local(begin), "waitduration": 3, "talkdate": local(begin + 3)},
        **{"duration": plan.handed_on, "hangupdate": local(begin + 3 + plan.handed_on)},
        **{"agentid": "mehmet@demo.example", "agent": "Mehmet", "transferred": 1},
    }
    keys = frozenset({f"ck-{plan.number}-second", plan.key})

    def by_dates(world: World) -> object:
        return record_cdrs(world.tenant, [cdr(**record)], received_at=after(1000))

    def by_key(world: World) -> object:
        asked_for = {"activecallkey": plan.key}
        found = cdr(**record)
        return calls.record_cdr(world.tenant, found, asked_for=asked_for, received_at=after(901))

    return [
        Told(SECOND_RECORD, by_dates, keys),
        Told("second record by key", by_key, keys),
        _message(plan, "IncomingCall", begin - 1, "mehmet", key=True, number=plan.party),
        _message(plan, "Talking", begin + 3, "mehmet"),
        _message(plan, "Hangup", begin + 3 + plan.handed_on, "mehmet", key=True),
    ]


def _told_by_vendor(plan: Plan) -> list[Told]:
    record = _record(plan)
    keys = {f"ck-{plan.number}"} | ({plan.key} if plan.has_recording else set())
    keys |= set() if plan.inbound else {f"tx-{plan.number}"}

    def by_dates(world: World) -> object:
        return record_cdrs(world.tenant, [cdr(**record)], received_at=after(1000))

    def by_key(world: World) -> object:
        asked_for = {"activecallkey": plan.key}
        found = cdr(**record)
        return calls.record_cdr(world.tenant, found, asked_for=asked_for, received_at=after(900))

    def listed(world: World) -> object:
        entry = active(key=plan.key, inbound=plan.inbound, calldate=local(0), **_parties(plan))
        return calls.record_active_call(
            tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(1)
        )

    def notification(world: World) -> object:
        told = {"CallID": plan.key, "MobilePhoneNumber": plan.party, "AgentID": "ayse@demo.example"}
        return calls.record_notification(world.tenant, told, received_at=after(850))

    return [
        Told("notification", notification, frozenset({plan.key})),
        Told(RECORD, by_dates, frozenset(keys)),
        Told("record by key", by_key, frozenset(keys | {plan.key})),
        Told("active calls", listed, frozenset({plan.key})),
    ]


def _record(plan: Plan) -> dict[str, Any]:
    unanswered: Any = False if plan.inbound else None
    return {
        "callkey": f"ck-{plan.number}",
        "uniqueid": f"tx-{plan.number}" if not plan.inbound else f"vendor-{plan.number}",
        "inbound": plan.inbound,
        **_parties(plan),
        "calldate": local(0),
        "talkdate": local(plan.wait) if plan.answered else None,
        "hangupdate": local(plan.wait + (plan.talk if plan.answered else 0)),
        "waitduration": plan.wait,
        "duration": plan.talk if plan.answered else None,
        "answered": True if plan.answered else unanswered,
        "disposition": "" if plan.inbound else ("ANSWER" if plan.answered else "NOANSWER"),
        "recordingurl": f"https://demo.callcenterstudio.com/recordings/{plan.key}"
        if plan.has_recording
        else "",
    }


def _parties(plan: Plan) -> dict[str, str]:
    line = "908500000010"
    if plan.inbound:
        return {"callerid": plan.party, "called_num": line}
    return {"callerid": line, "called_num": plan.party}


def _inbound(plan: Plan) -> list[Told]:
    told = [_message(plan, "IncomingCall", 0, key=True, number=plan.party)]
    if plan.rang_elsewhere:
        told.append(_message(plan, "IncomingCall", 0, "mehmet", key=True, number=plan.party))
    if plan.answered:
        told += [_message(plan, "Accept", plan.wait), _message(plan, "Talking", plan.wait)]
    return [*told, _message(plan, "Hangup", plan.wait + plan.talk, key=True)]


def _outbound(plan: Plan) -> list[Told]:
    cid, transaction = f"cid-{plan.number}-ayse", f"tx-{plan.number}"

    def click(world: World) -> object:
        return calls.record_dial(
            tenant_id=world.tenant.id,
            agent_id=world.ayse.id,
            browser_call_id=cid,
            transaction_id=transaction,
            number=plan.party,
            occurred_at=after(-1),
        )

    def post(world: World) -> object:
        form = hangup_form(
            call_id=plan.key,
            transaction_id=transaction,
            called_num=plan.party,
            caller_id="908500000010",
            call_date=local(0),
            duration=str(plan.talk if plan.answered else 0),
            disposition="ANSWER" if plan.answered else "NOANSWER",
        )
        return calls.record_hangup(world.tenant, form, received_at=after(800))

    told = [
        Told("click", click, frozenset({cid, transaction})),
        Told("hangup post", post, frozenset({plan.key, transaction})),
        _message(plan, "Dial", 0, number=plan.party),
        _message(plan, "OutgoingActiveCallKey", 1, key=True),
    ]
    if plan.answered:
        told.append(_message(plan, "Talking", plan.wait))
    return [*told, _message(plan, "Hangup", plan.wait + plan.talk, key=True)]


def _message(
    plan: Plan, kind: str, at: float, who: str = "ayse", *, key: bool = False, number: str = ""
) -> Told:
    cid = f"cid-{plan.number}-{who}"
    more: dict[str, Any] = {"activecallkey": plan.key} if key else {}

    def tell(world: World) -> object:
        agent = getattr(world, who)
        return world.message(kind, at, agent=agent, cid=cid, number=number, **more)

    return Told(f"{kind} at {who}", tell, frozenset({cid, plan.key} if key else {cid}))


def still_linked(told: list[Told]) -> list[Told]:
    """Those whose keys lead to the record, over the keys of the others."""
    record = next(one for one in told if one.name == RECORD)
    known, before = set(record.keys), 0
    while before != len(known):
        before = len(known)
        for one in told:
            if one.keys & known:
                known |= one.keys
    return [one for one in told if one.keys & known]


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Plan], list[Told], int]:
    """Some calls, what arrives of them in which order, and after how many events a note comes."""
    made = [
        Plan(**{**vars(draw(plans)), "number": number}) for number in range(draw(st.integers(1, 3)))
    ]
    arrives: list[Told] = []
    for plan in made:
        told = told_of(plan)
        kept = [one for one in told if _is_record(one) or draw(st.integers(0, 3))]
        arrives += still_linked(kept)
    again = draw(st.lists(st.sampled_from(arrives), max_size=4))
    order = draw(st.permutations([*arrives, *again]))
    return made, order, draw(st.integers(0, len(order)))


def rows_of(world: World) -> dict[str, Call]:
    rows = db.session.scalars(select(Call).where(Call.tenant_id == world.tenant.id))
    return {row.callkey or f"row {row.id} without callkey": row for row in rows}


def as_dict(call: Call) -> dict[str, Any]:
    names = {column.key for column in inspect(Call).columns} - {"updated_at"}
    return {name: getattr(call, name) for name in names}


def as_told(call: Call) -> dict[str, Any]:
    """What the records decide: the row's fields, and each leg."""
    leg = [column.key for column in inspect(CallLeg).columns if column.key not in ("id", "call_id")]
    row = {name: getattr(call, name) for name in TOLD_BY_RECORD}
    return row | {"legs": [[getattr(one, name) for name in leg] for one in call.parts]}


def _is_record(told: Told) -> bool:
    return told.name in (RECORD, SECOND_RECORD)


def write_note(world: World) -> bool:
    """Ayşe writes on the first call that there is, as soon as there is one."""
    first = db.session.scalar(
        select(Call).where(Call.tenant_id == world.tenant.id).order_by(Call.id).limit(1)
    )
    if first is None:
        return False
    calls.record_wrap_up(first, world.ayse.id, note="call him on Monday", outcome="follow_up")
    return True


@pytest.mark.both_databases
def test_one_row_a_call_that_says_what_the_record_says(app: Flask, database: str) -> None:
    world = make_world()
    tenant_id = world.tenant.id

    @settings(
        max_examples=25 if database == "sqlite" else 8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(day=days())
    def check(day: tuple[list[Plan], list[Told], int]) -> None:
        made, order, note_after = day
        forget_calls(tenant_id)
        alone: dict[str, dict[str, Any]] = {}
        for plan in made:
            for one in filter(_is_record, told_of(plan)):
                one.tell(world)
        for key, row in rows_of(world).items():
            alone[key] = as_told(row)
        forget_calls(tenant_id)

        written = False
        for place, one in enumerate(order):
            one.tell(world)
            if not written and place >= note_after:
                written = write_note(world)
        if not written:
            write_note(world)
        db.session.commit()

        rows = rows_of(world)
        assert rows.keys() == {f"ck-{plan.number}" for plan in made}
        for key, row in rows.items():
            assert as_told(row) == alone[key]
            assert row.complete
            assert row.state is CallState.ENDED
        assert [row.note for row in rows.values() if row.note] == ["call him on Monday"]
        assert [row.outcome for row in rows.values() if row.outcome] == ["follow_up"]
        for row in rows.values():
            before = as_dict(row)
            refold(row)
            assert as_dict(row) == before

    check()


def forget_calls(tenant_id: int) -> None:
    """Take the calls of the example before away, so that its keys are free."""
    from crm.models import CallCard, CallEvent, JoinedCall

    mine = select(Call.id).where(Call.tenant_id == tenant_id).scalar_subquery()
    for table in (CallCard, CallLeg, JoinedCall):
        db.session.execute(table.__table__.delete().where(table.call_id.in_(mine)))
    db.session.execute(CallEvent.__table__.delete().where(CallEvent.tenant_id == tenant_id))
    db.session.execute(Call.__table__.delete().where(Call.tenant_id == tenant_id))
    db.session.commit()
    db.session.expire_all()
