"""The client over real HTTP: one suite for the simulator and for a real tenant.

What runs on both shows that the simulator behaves as the vendor does, where a vendor is at hand.
"""

from datetime import datetime, timedelta

import pytest

from crm.callcenterstudio import Client, LoginRefused, SessionExpired, WrongAppToken
from tests.contract.conftest import Place

NO_KEY = (
    "ag9zfk5vYm9keXNLZXlUaGF0T3BlbnNOb3RoaW5nQXRBbGwtMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
)


@pytest.fixture(scope="session")
def client(place: Place) -> Client:
    return place.client()


@pytest.fixture(scope="session")
def session(client: Client, place: Place) -> str:
    """One session for all tests: too many logins make the older ones stop working."""
    return client.login(place.agent).session


def test_the_app_token_is_good(client: Client) -> None:
    client.ping()


def test_a_login_gives_a_session_that_is_good(client: Client, session: str) -> None:
    assert 20 <= len(session) <= 255
    client.ping(session)


def test_a_stranger_may_not_log_in(client: Client) -> None:
    with pytest.raises(LoginRefused) as caught:
        client.login("nobody-of-that-name@demo.example")
    assert type(caught.value) is LoginRefused


def test_a_wrong_app_token_is_told_as_such(place: Place) -> None:
    client = place.client(app_token=NO_KEY)
    with pytest.raises(WrongAppToken):
        client.login(place.agent)
    with pytest.raises(WrongAppToken):
        client.cdr_log(callkey=NO_KEY)


def test_a_session_that_does_not_work_is_told_as_such(client: Client) -> None:
    with pytest.raises(SessionExpired):
        client.getmyactivecalls(NO_KEY)


def test_an_agent_at_rest_has_calls_or_none(client: Client, session: str) -> None:
    assert all(call.activecallkey for call in client.getmyactivecalls(session))


def test_a_call_that_never_was_has_no_record(client: Client) -> None:
    assert client.cdr_log(activecallkey=NO_KEY) is None


def test_the_records_of_a_week_make_sense_and_come_once(client: Client) -> None:
    until = datetime.now() + timedelta(days=1)
    pages = client.cdr_pages(until - timedelta(days=8), until)
    records = [record for _, page in zip(range(5), pages, strict=False) for record in page.records]
    assert [record.problems for record in records if record.problems] == []
    assert all(record.callkey and record.calldate for record in records)
    assert len({record.callkey for record in records}) == len(records)


def test_one_record_is_found_again_by_its_keys(client: Client) -> None:
    until = datetime.now() + timedelta(days=1)
    page = client.cdr_logs(until - timedelta(days=8), until)
    if not page.records:
        pytest.skip("This tenant had no calls in the last week.")
    record = page.records[0]
    assert client.cdr_log(callkey=record.callkey) == record
    with_recording = next((r for r in page.records if r.activecallkey), None)
    if with_recording is not None:
        found = client.cdr_log(activecallkey=with_recording.activecallkey)
        assert found is not None
        assert found.callkey == with_recording.callkey


def test_nothing_before_anything_is_one_empty_last_page(client: Client) -> None:
    page = client.cdr_logs(datetime(2001, 1, 1), datetime(2001, 1, 2))
    assert (page.records, page.is_last) == ((), True)
