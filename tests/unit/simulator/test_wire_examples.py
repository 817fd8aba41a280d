"""The simulator sends what the examples in tests/wire say, the same ones the client reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator.world import World

WIRE = Path(__file__).parents[2] / "wire"


def example(name: str) -> Any:
    return json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))


def kinds(values: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in values.items()}


def test_login_answers_like_the_example(world: World) -> None:
    from crm.simulator.seed import DEMO

    answer = world.ask("login", email="ayse@demo.example", app_token=DEMO.app_token)
    assert kinds(answer) == kinds(example("login_ok"))
    refused = world.ask("login", email="nobody@demo.example", app_token=DEMO.app_token)
    assert refused == example("login_refused")


def test_an_active_call_looks_like_the_example(world: World) -> None:
    session = world.open_softphone()
    world.agent(world.ring(), "answer")
    answer, wanted = world.ask("getmyactivecalls", session=session), example("active_calls")
    assert answer.keys() == wanted.keys()
    assert kinds(answer["MyActiveCalls"][0]) == kinds(wanted["MyActiveCalls"][0])
    assert answer["MyActiveCalls"][0]["callerid"] == wanted["MyActiveCalls"][0]["callerid"]


def test_the_record_of_an_answered_dial_looks_like_the_real_one(world: World) -> None:
    session = world.open_softphone()
    world.dial(session)
    call = world.call()
    world.far_side(call, "answer")
    world.time.pass_seconds(7)
    world.far_side(call, "hang-up")
    record, wanted = world.record(call), example("cdr_record")
    assert record.keys() == wanted.keys()
    for name in ("duration", "answered", "disposition", "talkdate", "hangupdate", "called_num"):
        assert record[name] == wanted[name]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("cdr_outbound_not_reached", ("answered", "duration", "disposition", "recordingurl")),
        ("cdr_unanswered_inbound", ("answered", "duration", "abandon", "agentid", "recordingurl")),
    ],
)
def test_the_record_of_a_call_nobody_took_looks_like_the_example(
    world: World, name: str, fields: tuple[str, ...]
) -> None:
    wanted = example(name)
    if wanted["inbound"]:
        call = world.ring()  # no softphone is open: the caller waits, then gives up
        world.far_side(call, "hang-up")
    else:
        world.dial(world.open_softphone())
        call = world.call()
        world.far_side(call, "busy")
    record = world.record(call)
    assert record.keys() == wanted.keys()
    assert {field: record[field] for field in fields} == {field: wanted[field] for field in fields}


def test_messages_have_the_fields_of_the_examples(world: World) -> None:
    session = world.open_softphone()
    wanted = {name: json.loads(text) for name, text in example("messages").items()}
    world.agent(world.ring(), "reject")
    world.ring(masked=True)
    world.ring(number="anonymous")
    world.dial(session)
    world.time.pass_seconds(5)
    world.ask("click2hang", session=session)
    sent = world.messages()
    for message in sent:
        assert message.keys() == wanted[message["messageType"]].keys()
    numbers = [m["number"] for m in sent if m["messageType"] == "IncomingCall"]
    names = ("IncomingCall", "IncomingCall masked", "IncomingCall anonymous")
    assert numbers == [wanted[name]["number"] for name in names]


def test_the_hangup_post_has_the_fields_of_the_example(world: World) -> None:
    session = world.open_softphone()
    wanted = example("hangup_post")
    world.dial(
        session, transactionid=wanted["transaction_id"], hangup_url="http://crm.test/hook/secret"
    )
    call = world.call()
    world.far_side(call, "answer")
    world.time.pass_seconds(7)
    world.agent(call, "hang-up")
    world.time.pass_seconds(1)
    (post,) = world.posts
    same = wanted.keys() - {"call_id", "call_date"}
    assert post.form.keys() == wanted.keys()
    assert {name: post.form[name] for name in same} == {name: wanted[name] for name in same}
    assert post.form["call_id"] == call["activecallkey"]
