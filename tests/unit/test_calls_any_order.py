"""Whatever arrives, in whatever order, however often: the same row."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from crm import calls
from crm.extensions import db
from crm.models import Call, CallCard
from tests.unit.calls_world import World, active, after, cdr, hangup_form, local, make_world

Tell = Callable[[World, str], object]
NOT_COMPARED = {"id", "created_at", "updated_at"}
KEYS = {"activecallkey", "callkey", "transaction_id"}


def says(kind: str, at: float, cid: str, who: str = "ayse", **more: Any) -> Tell:
    """A message; names of keys get the example's own suffix, so that examples do not meet."""

    def tell(world: World, suffix: str) -> object:
        own = {**more, "activecallkey": f"key{suffix}"} if more.get("activecallkey") else more
        return world.message(kind, at, agent=getattr(world, who), cid=f"{cid}{suffix}", **own)

    return tell


def record(*, asked: bool, **changes: Any) -> Tell:
    def tell(world: World, suffix: str) -> object:
        found = cdr(callkey=f"ck{suffix}", recordingurl="", uniqueid=f"d1{suffix}", **changes)
        asked_for = {"activecallkey": f"key{suffix}"} if asked else {}
        return calls.record_cdr(world.tenant, found, asked_for=asked_for, received_at=after(200))

    return tell


def post(world: World, suffix: str) -> object:
    form = hangup_form(call_id=f"key{suffix}", transaction_id=f"d1{suffix}", call_date=local(0))
    return calls.record_hangup(world.tenant, form, received_at=after(90))


def notified(at: float, **more: str) -> Tell:
    """A step of the IVR: at the call's arrival it tells the caller, at its end more."""

    def tell(world: World, suffix: str) -> object:
        parameters = {"CallID": f"key{suffix}", "MobilePhoneNumber": "90532xxxxxxx", **more}
        return calls.record_notification(world.tenant, parameters, received_at=after(at))

    return tell


def listed(world: World, suffix: str) -> object:
    entry = active(key=f"key{suffix}", talkdate=local(6))
    return calls.record_active_call(
        tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(8)
    )


def click(world: World, suffix: str) -> object:
    return world.dials(cid=f"d1{suffix}", masked=True)


INBOUND: list[Tell] = [
    says("IncomingCall", 0, "c1", number="90532xxxxxxx", activecallkey=True),
    says("Hangup", 4, "c1", activecallkey=True),
    says("IncomingCall", 5, "m1", "mehmet", number="90532xxxxxxx", activecallkey=True),
    says("Accept", 8, "m1", "mehmet"),
    says("Talking", 9, "m1", "mehmet"),
    says("Hangup", 69, "m1", "mehmet", activecallkey=True),
    notified(0.5),
    notified(70, queue="Support", AgentID="mehmet@demo.example", duration="60"),
    record(asked=False, agentid="mehmet@demo.example"),
    record(asked=True, agentid="mehmet@demo.example"),
]


def leg(callkey: str, *, asked: bool = False, **changes: Any) -> Tell:
    """The record of one leg; without its recording where the vendor was asked for it."""

    def tell(world: World, suffix: str) -> object:
        key = f"https://demo.callcenterstudio.com/recordings/key{suffix}"
        keys = {"callkey": f"{callkey}{suffix}", "uniqueid": f"{callkey}{suffix}"}
        found = cdr(recordingurl="" if asked else key, **keys, **changes)
        asked_for = {"activecallkey": f"key{suffix}"} if asked else {}
        return calls.record_cdr(world.tenant, found, asked_for=asked_for, received_at=after(200))

    return tell


SECOND: dict[str, Any] = {
    **{"agentid": "mehmet@demo.example", "calldate": local(69), "talkdate": local(73)},
    **{"waitduration": 4, "duration": 30, "hangupdate": local(103), "transferred": 1},
}
TRANSFERRED: list[Tell] = [
    says("IncomingCall", 0, "c1", number="05320000001", activecallkey=True),
    says("Talking", 9, "c1"),
    says("Hangup", 69, "c1", activecallkey=True),
    says("IncomingCall", 68, "m1", "mehmet", number="05320000001", activecallkey=True),
    says("Talking", 73, "m1", "mehmet"),
    says("Hangup", 103, "m1", "mehmet", activecallkey=True),
    notified(104, queue="Support", AgentID="mehmet@demo.example", duration="30"),
    leg("ck", talkdate=local(9)),
    leg("second", **SECOND),
    leg("second", asked=True, **SECOND),
]
OUTBOUND: list[Tell] = [
    click,
    says("Dial", 0, "d1", number="05070000042"),
    says("OutgoingActiveCallKey", 1, "d1", activecallkey=True),
    says("Talking", 9, "d1"),
    listed,
    says("Hangup", 69, "d1", activecallkey=True),
    post,
    record(asked=False, inbound=False, callerid="908500000010", called_num="05070000042"),
]


def outcome_of(world: World, tell: list[Tell], suffix: str) -> dict[str, Any]:
    """The row and the cards after everything was told, without the example's suffix."""
    for one in tell:
        one(world, suffix)
        db.session.commit()
    statement = select(Call).where(
        Call.tenant_id == world.tenant.id,
        (Call.activecallkey == f"key{suffix}") | (Call.callkey == f"ck{suffix}"),
    )
    call = db.session.scalars(statement).one()
    ours = select(CallCard).where(CallCard.browser_call_id.endswith(suffix))
    cards = [
        (
            card.agent_id,
            card.browser_call_id.removesuffix(suffix),
            card.state,
            card.state_since,
            card.open,
            card.call_id == call.id,
        )
        for card in db.session.scalars(ours)
    ]
    columns = {column.key for column in inspect(Call).columns} - NOT_COMPARED
    row = {name: getattr(call, name) for name in columns}
    row |= {name: (row[name] or "").removesuffix(suffix) for name in KEYS}
    row["recording_url"] = (row["recording_url"] or "").removesuffix(suffix)
    return row | {"cards": sorted(cards)}


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "history", [INBOUND, OUTBOUND, TRANSFERRED], ids=["inbound", "outbound", "transferred"]
)
def test_any_order_and_any_repetition_make_the_same_row(
    app: Flask, database: str, history: list[Tell]
) -> None:
    world = make_world()
    expected = outcome_of(world, history, "-0")
    assert expected["complete"]
    numbers = iter(range(1, 1_000_000))

    @settings(
        max_examples=25 if database == "sqlite" else 5,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(order=st.permutations(history), again=st.lists(st.sampled_from(history), max_size=4))
    def check(order: list[Tell], again: list[Tell]) -> None:
        assert outcome_of(world, [*order, *again], f"-{next(numbers)}") == expected

    check()


@pytest.mark.parametrize("lost", range(len(INBOUND) - 1))
def test_a_lost_message_leaves_one_complete_row(app: Flask, lost: int) -> None:
    world = make_world()
    told = [one for place, one in enumerate(INBOUND) if place != lost]
    row = outcome_of(world, list(reversed(told)), "-lost")
    assert row["complete"]
    assert (row["state"].value, row["talk_seconds"], row["agent_id"]) == (
        "ended",
        60,
        world.mehmet.id,
    )
