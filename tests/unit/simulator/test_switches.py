"""The faults a CRM is tried against, and the console that causes them."""

import pytest

from crm.simulator.seed import DEMO
from tests.unit.simulator.world import AYSE, World


@pytest.mark.parametrize(
    ("answers", "status", "kind"),
    [("500", 500, "text/plain"), ("html", 200, "text/html"), ("429", 429, "text/html")],
)
def test_the_api_can_be_out_of_order(world: World, answers: str, status: int, kind: str) -> None:
    world.console("switches", api_answers=answers)
    answer = world.client.get("/api/?function=ping")
    assert (answer.status_code, answer.mimetype) == (status, kind)
    assert answer.headers.get("Retry-After") == ("1" if answers == "429" else None)


def test_logins_can_be_refused(world: World) -> None:
    world.console("switches", refuse_login=True)
    assert world.ask("login", email=AYSE, app_token=DEMO.app_token)["login"] is False


@pytest.mark.parametrize("times", [0, 1, 2])
def test_hangup_posts_can_be_lost_late_and_doubled(world: World, times: int) -> None:
    world.console("switches", hangup_posts=times, hangup_post_delay=5)
    session = world.open_softphone()
    world.dial(session, hangup_url="http://crm.test/hook/secret")
    world.ask("click2hang", session=session)
    world.time.pass_seconds(4)
    assert world.posts == []
    world.time.pass_seconds(1)
    assert len(world.posts) == times


def test_the_console_does_not_show_the_secret_of_a_hangup_url(world: World) -> None:
    session = world.open_softphone()
    world.dial(session, hangup_url="http://crm.test/hook/secret")
    world.ask("click2hang", session=session)
    world.time.pass_seconds(0)
    shown = world.client.get("/console/api/state").get_data(as_text=True)
    assert "http://crm.test/hook/" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    "switch",
    [
        {"api_answers": "perhaps"},
        {"slow_seconds": 61},
        {"slow_seconds": "1"},
        {"cdr_delay": None},
        {"cdr_delay": True},
        {"refuse_login": "yes"},
        {"hangup_posts": True},
        {"gravity": 0},
    ],
)
def test_a_switch_that_cannot_be_set_is_told_and_changes_nothing(
    world: World, switch: dict[str, object]
) -> None:
    before = world.board.switches.as_dict()
    answer = world.client.post("/console/api/switches", json={"refuse_login": True, **switch})
    assert answer.status_code == 422
    assert answer.get_json()["error"]
    assert world.board.switches.as_dict() == before


def test_another_sites_page_cannot_post_to_the_console(world: World) -> None:
    answer = world.client.post("/console/api/reset", data='{"a": 1}', content_type="text/plain")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "path",
    ["ring", "softphones", "softphones/x/dial", "calls/9/far-side/answer", "calls/9/softphone/x"],
)
def test_unknown_agents_calls_and_actions_are_told(world: World, path: str) -> None:
    answer = world.client.post(f"/console/api/{path}", json={"agent": "x"})
    assert answer.status_code == 404
    assert answer.get_json()["error"]


def test_a_step_that_does_not_fit_is_told(world: World) -> None:
    world.open_softphone()
    call = world.ring()
    answer = world.client.post(f"/console/api/calls/{call['id']}/far-side/answer", json={})
    assert answer.status_code == 409


def test_reset_ends_calls_and_may_leave_softphones_signed_in(world: World) -> None:
    session = world.open_softphone()
    world.console("switches", refuse_login=True)
    world.ring()
    state = world.console("reset", sign_out=False)
    assert (state["calls"], state["switches"]["refuse_login"]) == ([], False)
    assert world.message_types() == ["IncomingCall", "Hangup"]
    assert world.ask("ping", session=session)["success"] is True
    world.console("reset")
    assert world.ask("ping", session=session)["success"] is False


def test_the_console_says_that_it_is_a_simulator(world: World) -> None:
    page = world.client.get("/").get_data(as_text=True)
    assert "<h1>Simulator</h1>" in page
    assert "Nobody is really called" in page
