"""The client over real HTTP: one suite for the simulator and for a real tenant.

What runs on both shows that the simulator behaves as the vendor does, where a vendor is at hand.
"""

from datetime import datetime, timedelta
from typing import Literal

import pytest
from flask import Flask

from crm.callcenterstudio import Client, LoginRefused, Refused, SessionExpired, WrongAppToken
from tests.contract.conftest import Place

NO_KEY = (
    "ag9zfk5vYm9keXNLZXlUaGF0T3BlbnNOb3RoaW5nQXRBbGwtMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
)


@pytest.fixture(scope="session")
def client(place: Place) -> Client:
    return place.client()


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


def test_records_come_oldest_first_when_asked_so(client: Client) -> None:
    until = datetime.now() + timedelta(days=1)
    page = client.cdr_logs(until - timedelta(days=8), until, sorting="asc")
    dates = [record.calldate for record in page.records if record.calldate]
    assert dates == sorted(dates)


@pytest.mark.parametrize(("calls", "sizes"), [(100, [100, 0]), (1000, [100] * 10 + [0])])
@pytest.mark.parametrize("sorting", ["asc", "desc"])
def test_full_pages_end_with_an_empty_one_and_nothing_comes_twice(
    simulator: Flask,
    simulator_place: Place,
    calls: int,
    sizes: list[int],
    sorting: Literal["asc", "desc"],
) -> None:
    year = 2010 + calls // 100  # far from all other records
    wish = {"tenant": "demo", "calls": calls, "from": f"{year}-01-01", "to": f"{year}-02-01"}
    simulator.test_client().post("/console/api/history", json=wish)
    first, last = datetime(year, 1, 1), datetime(year, 2, 1)
    pages = list(simulator_place.client().cdr_pages(first, last, sorting=sorting))
    records = [record for page in pages for record in page.records]
    assert [len(page.records) for page in pages] == sizes
    assert [page.is_last for page in pages] == [False] * (len(sizes) - 1) + [True]
    assert len({record.callkey for record in records}) == calls
    assert [record.problems for record in records if record.problems] == []


def test_a_cursor_that_has_expired_is_told_as_a_failure_of_the_api(
    simulator: Flask, simulator_place: Place
) -> None:
    wish = {"tenant": "demo", "calls": 150, "from": "2009-01-01", "to": "2009-02-01"}
    simulator.test_client().post("/console/api/history", json=wish)
    client = simulator_place.client()
    first, last = datetime(2009, 1, 1), datetime(2009, 2, 1)
    cursor = client.cdr_logs(first, last).cursor
    simulator.test_client().post("/console/api/switches", json={"pages_refused": 1})
    with pytest.raises(Refused):
        client.cdr_logs(first, last, cursor=cursor)
    assert len(client.cdr_logs(first, last, cursor=cursor).records) == 50
