"""The agent's session, renewed once: the rule itself, with the store for one process."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from crm.callcenterstudio import (
    CallCenterStudioError,
    Client,
    Login,
    LoginRefused,
    Refused,
    SessionExpired,
    TimedOut,
)
from crm.callcenterstudio.memory_store import MemoryStore
from crm.callcenterstudio.sessions import (
    FAILURE_COUNTS,
    AgentSession,
    TelephonySession,
)

AYSE = "ayse@acme.example"
T = TypeVar("T")


class Vendor(Client):
    """A vendor in memory: which keys work, and what it was asked."""

    def __init__(self) -> None:
        super().__init__(api_url="https://acme.example/api/", app_token="token", total_timeout=0.2)
        self.works: set[str] = set()
        self.asked: list[str] = []
        self.failure: CallCenterStudioError | None = None
        self.life: int | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()

    def login(self, email: str) -> Login:
        self.asked.append(f"login {email}")
        number = len(self.asked)
        assert self.may_answer.wait(60)
        if self.failure:
            raise self.failure
        self.works.add(f"key {number}")
        return Login(f"key {number}", self.life)

    def click2hang(self, session: str) -> None:
        self.asked.append("click2hang")
        if session not in self.works:
            raise SessionExpired("expired")

    def ping(self, session: str | None = None, **_options: float | None) -> None:
        self.asked.append("ping")
        if session not in self.works:
            raise SessionExpired("expired")

    @property
    def logins(self) -> int:
        return self.asked.count(f"login {AYSE}")


def hang_up(client: Client, key: str) -> None:
    client.click2hang(key)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 28, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)  # no two moments are the same
        return self.now


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ayse(vendor: Vendor, store: MemoryStore, clock: Clock) -> Callable[..., AgentSession]:
    """Makes what a request of Ayşe's makes."""

    def make(known: TelephonySession | None = None, **options: Any) -> AgentSession:
        return AgentSession(vendor, AYSE, store=store, known=known, clock=clock, **options)

    return make


Ayse = Callable[..., AgentSession]


def expired(ayse: Ayse, vendor: Vendor) -> TelephonySession:
    """A session that the vendor accepts no longer, and of which the CRM does not know it."""
    session = ayse().log_in()
    vendor.works.clear()
    vendor.asked.clear()
    return session


def at_once(work: Callable[[], T], times: int = 20) -> list[T]:
    together = threading.Barrier(times)

    def one() -> T:
        together.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return [task.result() for task in [pool.submit(one) for _ in range(times)]]


def test_a_session_is_used_for_eight_hours(ayse: Ayse, vendor: Vendor, clock: Clock) -> None:
    session = ayse().log_in()
    clock.now += timedelta(hours=7, minutes=59)
    request = ayse(session)
    request.ask(hang_up)
    assert request.current is session
    clock.now += timedelta(minutes=2)
    late = ayse(session)
    late.ask(hang_up)
    assert late.current not in (session, None)
    assert vendor.logins == 2


def test_the_vendors_shorter_life_counts(ayse: Ayse, vendor: Vendor) -> None:
    vendor.life = 60
    session = ayse().log_in()
    assert session.expires_at - session.made_at == timedelta(seconds=60)
    assert session.expires_at - session.renew_at == timedelta(seconds=15)


def test_an_expired_session_is_renewed_once_and_the_question_repeated_once(
    ayse: Ayse, vendor: Vendor
) -> None:
    request = ayse(expired(ayse, vendor))
    request.ask(hang_up)
    assert vendor.asked == ["click2hang", f"login {AYSE}", "click2hang"]


def test_a_session_that_is_refused_as_soon_as_it_is_made_is_not_tried_for_ever(
    ayse: Ayse, vendor: Vendor
) -> None:
    def refused(_client: Client, _key: str) -> None:
        vendor.asked.append("refused")
        raise SessionExpired("expired")

    with pytest.raises(SessionExpired):
        ayse(expired(ayse, vendor)).ask(refused)
    assert vendor.asked == ["refused", f"login {AYSE}", "refused"]


def test_a_question_that_failed_otherwise_is_not_repeated(ayse: Ayse, vendor: Vendor) -> None:
    asked = []

    def times_out(_client: Client, key: str) -> None:
        asked.append(key)
        raise TimedOut("It may have gone out.")

    with pytest.raises(TimedOut):
        ayse(ayse().log_in()).ask(times_out)
    assert len(asked) == 1
    assert vendor.logins == 1


def test_all_who_find_it_expired_share_one_login(ayse: Ayse, vendor: Vendor) -> None:
    session = expired(ayse, vendor)

    def request() -> TelephonySession | None:
        request = ayse(session)
        request.ask(hang_up)
        return request.current

    assert len(set(at_once(request))) == 1
    assert vendor.logins == 1


def test_all_who_wait_share_the_failure_in_its_words(ayse: Ayse, vendor: Vendor) -> None:
    session = expired(ayse, vendor)
    vendor.failure = LoginRefused("Kullanıcı bulunamadı")

    def request() -> str:
        with pytest.raises(LoginRefused) as refused:
            ayse(session).ask(hang_up)
        return str(refused.value)

    assert set(at_once(request)) == {"Kullanıcı bulunamadı"}
    assert vendor.logins == 1


def test_a_failure_is_forgotten_after_a_moment(ayse: Ayse, vendor: Vendor, clock: Clock) -> None:
    vendor.failure = LoginRefused("no")
    with pytest.raises(LoginRefused):
        ayse().get()
    vendor.failure = None
    with pytest.raises(LoginRefused):
        ayse().get()
    clock.now += FAILURE_COUNTS
    assert ayse().get()
    assert vendor.logins == 2


def test_an_agent_who_tries_again_is_not_told_what_was_before(ayse: Ayse, vendor: Vendor) -> None:
    vendor.failure = LoginRefused("no")
    with pytest.raises(LoginRefused):
        ayse().log_in()
    vendor.failure = None
    assert ayse().log_in()


def test_logins_of_one_moment_share_one(ayse: Ayse, vendor: Vendor, clock: Clock) -> None:
    vendor.may_answer.clear()
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(ayse().log_in) for _ in range(2))
        vendor.may_answer.set()
        assert first.result() == second.result()
    assert vendor.logins == 1
    assert ayse().log_in() != first.result()


def test_a_login_that_was_killed_is_taken_over(
    ayse: Ayse, vendor: Vendor, store: MemoryStore
) -> None:
    assert store.take(AYSE, 0.3)  # by a process that is killed then
    sessions = at_once(ayse().get, 5)
    assert len(set(sessions)) == 1
    assert vendor.logins == 1


def test_waiting_ends(ayse: Ayse, vendor: Vendor, store: MemoryStore) -> None:
    vendor.total_timeout = -4.9  # so that the lock, five seconds longer, ends in a moment
    store.take(AYSE, 60)
    with pytest.raises(TimedOut, match="Try again in a moment"):
        ayse().get()
    assert vendor.asked == []


def test_the_lock_of_a_login_that_was_overtaken_no_longer_counts(store: MemoryStore) -> None:
    now = datetime.now(UTC)
    old = store.take(AYSE, 0)
    new = store.take(AYSE, 60)
    assert old
    assert new
    store.give_back(AYSE, old, TelephonySession("old", "", now, now))
    assert store.newest(AYSE) is None
    store.give_back(AYSE, new, TelephonySession("new", "", now, now))
    assert store.newest(AYSE) == TelephonySession("new", "", now, now)
    assert store.take(AYSE, 60)


def test_a_mistake_in_the_program_ends_the_lock(
    ayse: Ayse, vendor: Vendor, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "works", None)
    with pytest.raises(AttributeError):
        ayse().get()
    assert store.take(AYSE, 60)


def test_the_newest_session_is_taken_by_who_has_none(ayse: Ayse, vendor: Vendor) -> None:
    session = ayse().log_in()
    assert ayse().get() == session
    assert vendor.logins == 1


def test_a_newer_session_that_has_expired_too_is_not_the_last_word(
    ayse: Ayse, vendor: Vendor
) -> None:
    in_one_browser = ayse().log_in()
    ayse().log_in()  # in another
    vendor.works.clear()
    ayse(in_one_browser).ask(hang_up)
    assert vendor.logins == 3


@pytest.mark.parametrize("change", [{"made_for": "elsewhere"}, {"agent": "5", "made_for": "x"}])
def test_a_session_made_for_something_else_is_not_used(
    ayse: Ayse, vendor: Vendor, change: dict[str, str]
) -> None:
    session = ayse().log_in()
    request = ayse(session, **change)
    assert request.current is None
    assert request.get().key != session.key


def test_a_key_that_works_is_kept_and_one_that_expires_soon_is_renewed(
    ayse: Ayse, vendor: Vendor, clock: Clock
) -> None:
    session = ayse().log_in()
    assert ayse(session).check() is session
    assert vendor.asked[1:] == ["ping"]
    clock.now += timedelta(hours=7, minutes=51)
    assert ayse(session).check() != session
    assert vendor.asked[2:] == [f"login {AYSE}"]


def test_the_newest_session_is_tried_before_it_is_said_to_work(ayse: Ayse, vendor: Vendor) -> None:
    session = ayse().log_in()
    assert ayse().check() == session
    assert vendor.asked[1:] == ["ping"]
    vendor.works.clear()
    assert ayse().check() != session


def test_another_refusal_than_that_of_the_key_is_an_answer(
    ayse: Ayse, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_args: object, **_options: object) -> None:
        raise Refused("no such function")

    session = ayse().log_in()
    monkeypatch.setattr(vendor, "ping", refuses)
    assert ayse(session).check() is session


def test_after_logging_out_the_session_is_nobodys(
    ayse: Ayse, vendor: Vendor, store: MemoryStore
) -> None:
    session = ayse().log_in()
    store.delete(AYSE)
    assert ayse().get() != session


def test_a_session_goes_into_a_cookie_and_comes_back(ayse: Ayse) -> None:
    session = ayse().log_in()
    assert TelephonySession.unpacked(session.packed()) == session
    assert session.key not in repr(session)


@pytest.mark.parametrize(
    "packed",
    [None, [], {}, "abcd", ["key"], ["key", "for", "now", "then"], ["key", "for", 1e300, 1e300]],
)
def test_what_is_no_session_is_none(packed: object) -> None:
    assert TelephonySession.unpacked(packed) is None
