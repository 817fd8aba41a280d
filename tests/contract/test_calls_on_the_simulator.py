"""What must never be tried on a real tenant: dialling, ringing, expiry and faults."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from crm.callcenterstudio import (
    BadAnswer,
    Client,
    HangupReport,
    RateLimited,
    Refused,
    ServerFailure,
    SessionExpired,
    TimedOut,
)
from crm.simulator import create_simulator
from crm.simulator.calls import CallState
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.seed import DEMO
from crm.simulator.server import server_for
from crm.simulator.switchboard import Switchboard

AYSE = DEMO.agents[0]


class Clock:
    """A clock that tests move on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class AtOnce:
    """Timers that run what is due later at once; the far side waits to be told."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:  # noqa: ARG002
        action()

    def cancel_all(self) -> None:
        """Nothing waits."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulated(clock: Clock) -> Flask:
    posts = HangupPosts(send=lambda _: "204")
    return create_simulator(clock=clock, timers=AtOnce(), hangup_posts=posts)


@pytest.fixture
def board(simulated: Flask) -> Switchboard:
    found: Switchboard = simulated.extensions["switchboard"]
    found.switches.change({"far_side_answers_after": None})
    return found


@pytest.fixture
def address(simulated: Flask) -> Iterator[str]:
    server = server_for(simulated)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(address: str) -> Client:
    token = DEMO.app_token
    return Client(api_url=address, app_token=token, total_timeout=5, sleep=lambda _: None)


@pytest.fixture
def session(client: Client, board: Switchboard) -> str:
    """Ayşe's session, with her softphone open."""
    key = client.login(AYSE.email).session
    found = board.session(key)
    assert found is not None
    board.connect("page", found)
    return key


def test_a_dialled_call_is_told_by_three_sources_alike(
    client: Client, session: str, board: Switchboard, clock: Clock
) -> None:
    client.click2call(
        session, "05320000001", transactionid="T-1", hangup_url="https://crm.example/h/x"
    )
    (call,) = client.getmyactivecalls(session)
    assert (call.inbound, call.other_party) == (False, "05320000001")
    board.control.far_side(board.open_calls()[0], "answer")
    clock.move(42)
    client.click2hang(session)
    clock.move(60)

    report = HangupReport.parse(board.hangup_posts.recent[0].form)
    record = client.cdr_log(uniqueid="T-1")
    assert record is not None
    assert report.call_id == call.activecallkey == record.activecallkey
    assert (report.transaction_id, report.duration, report.disposition) == ("T-1", 42, "ANSWER")
    assert (record.answered, record.duration, record.disposition) == (True, 42, "ANSWER")
    assert report.call_date == record.calldate == datetime(2026, 3, 2, 12, 0, 0)
    assert report.problems == record.problems == call.problems == ()
    assert client.getmyactivecalls(session) == ()


def test_a_dial_that_is_not_reached_was_neither_answered_nor_missed(
    client: Client, session: str, board: Switchboard, clock: Clock
) -> None:
    client.click2call(session, "05320000001", transactionid="T-2")
    board.control.far_side(board.open_calls()[0], "busy")
    clock.move(60)
    record = client.cdr_log(uniqueid="T-2")
    assert record is not None
    assert (record.answered, record.disposition, record.activecallkey) == (None, "BUSY", None)


def test_a_masked_caller_is_resolved_while_the_call_is_up(
    client: Client, session: str, board: Switchboard
) -> None:
    call = board.control.ring(DEMO, AYSE, "+905320000001", masked=True)
    (active,) = client.getmyactivecalls(session)
    assert active.activecallkey == call.activecallkey
    assert active.other_party.endswith("5320000001")
    assert client.getactivecall(session, call.activecallkey) == {}


def test_a_call_goes_on_hold_and_back(client: Client, session: str, board: Switchboard) -> None:
    call = board.control.ring(DEMO, AYSE, "+905320000001")
    board.control.answer(call)
    states = []
    for steer in (client.click2hold, client.click2unhold):
        steer(session)
        states.append(call.state)
    assert states == [CallState.HELD, CallState.TALKING]


def test_there_is_nothing_to_hang_up_without_a_call(client: Client, session: str) -> None:
    with pytest.raises(Refused) as caught:
        client.click2hang(session)
    assert type(caught.value) is Refused


@pytest.mark.parametrize("as_404", [True, False])
def test_an_expired_session_is_told_both_ways(
    client: Client, session: str, board: Switchboard, as_404: bool
) -> None:
    board.switches.change({"expired_dial_is_404": as_404})
    board.expire_sessions()
    with pytest.raises(SessionExpired):
        client.click2call(session, "05320000001")
    with pytest.raises(SessionExpired):
        client.click2hang(session)
    assert board.open_calls() == []


def test_a_recording_is_there_after_the_call_and_not_before(
    client: Client, session: str, board: Switchboard, clock: Clock
) -> None:
    call = board.control.ring(DEMO, AYSE, "+905320000001")
    board.control.answer(call)
    assert client.getrecordingurl(session, call.activecallkey) is None
    board.control.hang_up(call)
    clock.move(60)
    address = client.getrecordingurl(session, call.activecallkey)
    assert address == f"https://{DEMO.host}/recordings/{call.activecallkey}"


def test_every_page_of_many_calls_is_read_once(
    client: Client, session: str, board: Switchboard, clock: Clock
) -> None:
    for _ in range(200):
        board.control.hang_up(board.control.ring(DEMO, AYSE, "+905320000001"))
        clock.move(1)
    clock.move(60)
    start, end = datetime(2026, 3, 2, 12, 0, 0), datetime(2026, 3, 2, 13, 0, 0)
    pages = list(client.cdr_pages(start, end, sorting="asc"))
    assert [len(page.records) for page in pages] == [100, 100, 0]
    assert len({record.callkey for page in pages for record in page.records}) == 200


@pytest.mark.parametrize(
    ("answers", "error"), [("500", ServerFailure), ("429", RateLimited), ("html", BadAnswer)]
)
def test_a_vendor_in_trouble_is_told(
    client: Client, session: str, board: Switchboard, answers: str, error: type[Exception]
) -> None:
    board.switches.change({"api_answers": answers})
    with pytest.raises(error):
        client.click2call(session, "05320000001")
    with pytest.raises(error):
        client.getmyactivecalls(session)


def test_a_slow_vendor_does_not_hold_us_up(board: Switchboard, address: str) -> None:
    board.switches.change({"slow_seconds": 1})
    with pytest.raises(TimedOut):
        Client(api_url=address, app_token=DEMO.app_token, total_timeout=0.2).login(AYSE.email)
