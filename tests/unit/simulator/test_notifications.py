"""The IVR's notification at the end of an inbound call: three endings, the customer's own names."""

from typing import Any

import pytest

from tests.unit.simulator.world import AYSE, World, one_request

URL = "http://crm.test/webhooks/notification/secret"
NAMES = {"activecallkey": "CallID", "queue": "Kuyruk", "agent_email": "AgentID", "duration": "sure"}


def told(world: World) -> list[Any]:
    """What the steps told so far, oldest first, as {name: value}."""
    sent = reversed(world.board.notifications.recent)
    return [post.form for post in sent]


@pytest.fixture
def step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.simulator.notifications.ask", lambda *_, **__: "unreachable")
    world.console("notification-steps", tenant="demo", url=URL, names=NAMES)


def test_ended_in_the_ivr_it_tells_no_queue(world: World, step: None) -> None:
    call = world.ring(ivr=True)
    world.open_softphone()
    assert world.messages() == []
    world.far_side(call, "hang-up")
    world.time.pass_seconds(0)
    assert told(world) == [{"CallID": call["activecallkey"]}]
    record = world.record(call)
    assert (record["queued"], record["queue"], record["answered"]) == (False, "", False)


def test_ended_in_a_queue_the_agent_is_empty(world: World, step: None) -> None:
    call = world.ring()
    world.far_side(call, "hang-up")
    world.time.pass_seconds(0)
    assert told(world) == [{"CallID": call["activecallkey"], "Kuyruk": "Support", "AgentID": ""}]


def test_ended_after_an_agent_it_tells_all(world: World, step: None) -> None:
    world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    world.time.pass_seconds(42)
    world.far_side(call, "hang-up")
    world.time.pass_seconds(0)
    assert told(world) == [
        {"CallID": call["activecallkey"], "Kuyruk": "Support", "AgentID": AYSE, "sure": "42"}
    ]


def test_dialled_calls_and_other_tenants_reach_no_ivr(world: World, step: None) -> None:
    session = world.open_softphone()
    world.dial(session)
    world.ask("click2hang", session=session)
    world.console("ring", agent="jonas@second.example", number="+493023125001", ivr=True)
    world.far_side(world.call(), "hang-up")
    world.time.pass_seconds(0)
    assert told(world) == []


@pytest.mark.parametrize("times", [0, 1, 2])
def test_it_is_lost_or_doubled_or_late_as_the_switches_say(
    world: World, step: None, times: int
) -> None:
    world.console("switches", notification_posts=times, notification_delay=3)
    world.far_side(world.ring(), "hang-up")
    world.time.pass_seconds(2)
    assert told(world) == []
    world.time.pass_seconds(1)
    assert len(told(world)) == times


def test_a_reset_that_keeps_people_signed_in_keeps_the_step(world: World, step: None) -> None:
    world.console("reset", sign_out=False)
    assert set(world.client.get("/console/api/notification-steps").get_json()) == {"demo"}
    world.console("reset")
    assert world.client.get("/console/api/notification-steps").get_json() == {}


@pytest.mark.parametrize(
    "wish",
    [
        {"tenant": "nobody", "url": URL},
        {"tenant": "demo", "url": "ftp://crm.test/"},
        {"tenant": "demo", "url": URL, "method": "PUT"},
        {"tenant": "demo", "url": URL, "names": {"colour": "c"}},
    ],
)
def test_a_step_that_cannot_be_is_refused(world: World, wish: dict[str, Any]) -> None:
    answer = world.client.post("/console/api/notification-steps", json=wish)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_query_holds_it_all_and_there_is_no_body(method: str) -> None:
    from crm.simulator.hangup_posts import HangupPost
    from crm.simulator.notifications import send_by

    with one_request() as (url, came):
        assert send_by(method)(HangupPost(f"{url}/step", {"CallID": "key"})) == "200"
    head, _, body = came[0].partition("\r\n\r\n")
    assert head.startswith(f"{method} /step?CallID=key HTTP/1.1")
    assert body == ""


def test_a_raw_step_sends_its_words_as_they_are() -> None:
    from crm.simulator.hangup_posts import HangupPost
    from crm.simulator.notifications import send_raw

    with one_request() as (url, came):
        assert send_raw("GET")(HangupPost(url, {"queue": "Satış ve destek"})) == "200"
    assert came[0].startswith("GET /?queue=Satış ve destek HTTP/1.1\r\n")
    assert send_raw("GET")(HangupPost(url, {"queue": "Satış"})) == "unreachable"
