"""The page that the CRM embeds, as a server answers it; the browser test tries the rest."""

import json
from collections.abc import Generator
from typing import Any

from crm.simulator.seed import DEMO
from tests.unit.simulator.world import AYSE, World


def address(session: str, tenant: str = DEMO.host) -> str:
    return f"/generic/sso/?tenant={tenant}&session={session}"


def listen(world: World, session: str, last_event: int = 0) -> Generator[Any, None, None]:
    """The events of a page's stream; closing the generator closes the stream."""
    headers = {"Last-Event-ID": str(last_event)}
    with world.client.get(
        "/generic/events", query_string={"page": "p1", "session": session}, headers=headers
    ) as stream:
        for chunk in stream.iter_encoded():
            for line in chunk.decode().splitlines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))


def test_it_may_be_framed_and_runs_no_inline_script(world: World) -> None:
    answer = world.client.get(address(world.session()))
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors" not in policy
    assert "unsafe" not in policy
    assert "Simulator" in answer.get_data(as_text=True)
    assert "frame-ancestors 'none'" in world.client.get("/").headers["Content-Security-Policy"]


def test_a_session_that_does_not_work_is_told_in_words(world: World) -> None:
    answer = world.client.get(address("old"))
    assert answer.status_code == 403
    assert "This session is not valid" in answer.get_data(as_text=True)
    assert "frame-ancestors" not in answer.headers["Content-Security-Policy"]


def test_the_bare_name_of_a_tenant_is_not_enough(world: World) -> None:
    answer = world.client.get(address(world.session(), tenant="demo"))
    assert answer.status_code == 403
    assert DEMO.host in answer.get_data(as_text=True)


def test_the_stream_tells_what_happens_and_goes_on_where_it_broke(world: World) -> None:
    session = world.session()
    first = listen(world, session)
    call = world.ring()
    assert [next(first)["calls"], next(first)["message"]["activecallkey"]] == [
        [],
        call["activecallkey"],
    ]
    first.close()
    world.far_side(call, "hang-up")
    again = listen(world, session, last_event=2)
    assert next(again)["message"]["messageType"] == "Hangup"


def test_an_agent_whose_stream_broke_is_offline(world: World) -> None:
    stream = listen(world, world.session())
    next(stream)
    assert world.board.softphones.of_agent(AYSE) is not None
    stream.close()
    assert world.board.softphones.of_agent(AYSE) is None


def test_a_stranger_gets_no_stream_and_presses_no_button(world: World) -> None:
    assert world.client.get("/generic/events?page=p1&session=x").status_code == 403
    world.open_softphone()
    call = world.ring()
    for path in (f"calls/{call['id']}/answer", "dial", "leave"):
        body = {"page": "p1", "session": world.session(), "number": "0507"}
        assert world.client.post(f"/generic/{path}", json=body).status_code == 403


def test_a_registered_page_goes_on_after_its_session_expired(world: World) -> None:
    session = world.session()
    opened = world.board.session(session)
    assert opened is not None
    world.board.connect("p1", opened)
    world.console("expire-sessions")
    call = world.ring()
    body = {"page": "p1", "session": session}
    assert world.client.post(f"/generic/calls/{call['id']}/answer", json=body).status_code == 204


def test_a_second_page_of_a_session_replaces_the_first(world: World) -> None:
    opened = world.board.session(world.session())
    assert opened is not None
    first = world.board.connect("p1", opened)
    second = world.board.connect("p2", opened)
    assert (first.connected, second.connected) == (False, True)
    assert "gone" in first.events[-1].data


def test_it_speaks_turkish_to_a_browser_that_asks_for_it(world: World) -> None:
    turkish = {"Accept-Language": "tr-TR,tr;q=0.9,en;q=0.8"}
    for path, words in (
        (address(world.session()), "Aranacak numara"),
        (address("old"), "Bu oturum geçerli değil"),
        ("/", "Temsilciyi ara"),
    ):
        page = world.client.get(path, headers=turkish).get_data(as_text=True)
        assert '<html lang="tr">' in page
        assert words in page
        assert '<html lang="en">' in world.client.get(path).get_data(as_text=True)
