"""Keys: who gets a session, how long it works, and what a bad one is answered."""

import re

import pytest

from crm.simulator.seed import DEMO, SECOND
from tests.unit.simulator.world import AYSE, World

WRONG_KEY = "Yanlış API anahtarı"


def test_a_key_is_opaque_and_of_the_usual_length(world: World) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{70,110}", world.session())


def test_ping_takes_an_app_token_or_a_session(world: World) -> None:
    assert world.ask("ping", app_token=DEMO.app_token)["success"] is True
    assert world.ask("ping", session=world.session())["success"] is True
    assert world.ask("ping", app_token="wrong") == {"success": False, "message": WRONG_KEY}


def test_an_agent_of_another_tenant_cannot_log_in(world: World) -> None:
    answer = world.ask("login", email=AYSE, app_token=SECOND.app_token)
    assert answer["login"] is False
    assert "session" not in answer


def test_only_the_newest_three_sessions_work(world: World) -> None:
    sessions = [world.session() for _ in range(4)]
    answers = [world.ask("ping", session=key)["success"] for key in sessions]
    assert answers == [False, True, True, True]


def test_a_session_ends_after_eight_hours(world: World) -> None:
    session = world.session()
    world.time.pass_seconds(8 * 3600 - 1)
    assert world.ask("ping", session=session)["success"] is True
    world.time.pass_seconds(1)
    assert world.ask("ping", session=session) == {"success": False, "message": WRONG_KEY}


def test_the_console_expires_all_sessions_of_one_agent(world: World) -> None:
    session, other = world.session(), world.session("mehmet@demo.example")
    assert world.console("expire-sessions", agent=AYSE) == {"expired": 1}
    assert world.ask("ping", session=session)["success"] is False
    assert world.ask("ping", session=other)["success"] is True


@pytest.mark.parametrize(("as_404", "status"), [(True, 404), (False, 200)])
def test_dialling_with_an_expired_session_fails_as_switched(
    world: World, as_404: bool, status: int
) -> None:
    world.console("switches", expired_dial_is_404=as_404)
    answer = world.client.get("/api/?function=click2call&session=old&phonenumber=0507")
    assert answer.status_code == status
    assert answer.get_json() == {"success": False, "message": WRONG_KEY}


def test_functions_can_be_posted_too(world: World) -> None:
    form = {"function": "login", "email": AYSE, "app_token": DEMO.app_token}
    assert world.client.post("/api/", data=form).get_json()["login"] is True


def test_an_unknown_function_is_a_failure_in_the_envelope(world: World) -> None:
    assert world.ask("makecoffee")["success"] is False


def test_no_repr_shows_a_key(world: World) -> None:
    session = world.open_softphone()
    world.ring()
    seen = repr([world.board.session(session), world.board.open_calls()])
    assert session not in seen
