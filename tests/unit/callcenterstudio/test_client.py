"""What the client asks, and what it makes of the vendor's good answers."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from crm.callcenterstudio import BadAnswer, Client
from tests.unit.callcenterstudio.conftest import APP_TOKEN, SESSION
from tests.unit.callcenterstudio.vendor import Vendor, says

Wire = Callable[[str], Any]
MONDAY = datetime(2017, 8, 1)
TUESDAY = datetime(2017, 8, 2, 23, 59, 59)


def test_login_sends_email_and_app_token_and_gives_the_session(
    client: Client, vendor: Vendor, wire: Wire
) -> None:
    vendor.will(says(wire("login_ok.json")))
    login = client.login("ayse@demo.example")
    assert login.session == wire("login_ok.json")["session"]
    assert login.expires_in == 28800
    sent = {"function": "login", "email": "ayse@demo.example", "app_token": APP_TOKEN}
    assert vendor.asked == [sent]


@pytest.mark.parametrize("told", [{}, {"session_expires_in": "soon"}, {"session_expires_in": 0}])
def test_a_login_works_without_a_life_of_the_session(
    client: Client, vendor: Vendor, told: dict[str, Any]
) -> None:
    vendor.will(says({"login": True, "session": SESSION, **told}))
    assert client.login("ayse@demo.example").expires_in is None


def test_a_login_without_a_session_is_a_bad_answer(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"login": True}))
    with pytest.raises(BadAnswer, match="no session"):
        client.login("ayse@demo.example")


def test_the_slash_before_the_query_is_always_there(vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    Client(api_url=vendor.url.rstrip("/"), app_token=APP_TOKEN).ping()
    assert vendor.paths[0].startswith("/api/?function=ping&")


def test_ping_takes_a_session_instead_of_the_app_token(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    client.ping(SESSION)
    assert vendor.asked == [{"function": "ping", "session": SESSION}]


def test_ping_is_not_content_with_any_json(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"hello": "world"}))
    with pytest.raises(BadAnswer):
        client.ping()


def test_click2call_sends_only_what_was_asked_for(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    client.click2call(SESSION, "05070000042")
    expected = {"function": "click2call", "phonenumber": "05070000042", "session": SESSION}
    assert vendor.asked == [expected]


def test_click2call_sends_every_option_and_never_the_app_token(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(says({"success": True}))
    url = "https://crm.example/webhooks/hangup/s3cret?a=1&b=2"
    client.click2call(
        SESSION,
        "+905070000042",
        transactionid="T-1",
        hangup_url=url,
        selected_queue=True,
        masked=True,
    )
    assert vendor.asked[0] == {
        "function": "click2call",
        "phonenumber": "+905070000042",
        "transactionid": "T-1",
        "hangup_url": url,
        "selected_queue": "on",
        "masked": "1",
        "session": SESSION,
    }


def test_there_is_nothing_to_dial_without_a_number(client: Client, vendor: Vendor) -> None:
    with pytest.raises(ValueError, match="no number"):
        client.click2call(SESSION, " ")
    assert vendor.asked == []


@pytest.mark.parametrize("function", ["click2hang", "click2hold", "click2unhold"])
def test_the_active_call_is_steered_by_the_session(
    client: Client, vendor: Vendor, function: str
) -> None:
    vendor.will(says({"success": 1}))
    getattr(client, function)(SESSION)
    assert vendor.asked == [{"function": function, "session": SESSION}]


def test_active_calls_are_told_with_their_real_number(
    client: Client, vendor: Vendor, wire: Wire
) -> None:
    example = wire("active_calls.json")
    vendor.will(says(example))
    (call,) = client.getmyactivecalls(SESSION)
    assert call.activecallkey == example["MyActiveCalls"][0]["key"]
    assert call.other_party == "05320000001"
    assert call.talkdate == datetime(2017, 8, 2, 16, 41, 45)


@pytest.mark.parametrize("calls", [[], None, ["nonsense", 7]])
def test_no_active_call_is_an_empty_answer(client: Client, vendor: Vendor, calls: object) -> None:
    vendor.will(says({"success": True, "MyActiveCalls": calls}))
    assert client.getmyactivecalls(SESSION) == ()


def test_customvariables_come_as_text(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True, "customvariables": {"order": 17, "vip": None, "n": "x"}}))
    assert client.getactivecall(SESSION, "key") == {"order": "17", "vip": "", "n": "x"}


def test_a_call_without_customvariables_has_none(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    assert client.getactivecall(SESSION, "key") == {}


def test_a_recording_has_an_address_or_is_not_there_yet(client: Client, vendor: Vendor) -> None:
    there = says({"success": True, "recordingurl": "https://demo.example/recordings/k"})
    vendor.will(there, says({"success": False, "message": "Kayıt yok"}), says({"success": True}))
    assert client.getrecordingurl(SESSION, "k") == "https://demo.example/recordings/k"
    assert client.getrecordingurl(SESSION, "k") is None
    assert client.getrecordingurl(SESSION, "k") is None


def test_a_call_is_looked_up_by_exactly_one_key(client: Client, vendor: Vendor, wire: Wire) -> None:
    vendor.will(says({"CallList": [wire("cdr_record.json")], "cursor": "c"}))
    record = client.cdr_log(uniqueid="T-1")
    assert record is not None
    assert record.agentid == "ayse@demo.example"
    sent = {"function": "reportsCDRLogs", "uniqueid": "T-1", "app_token": APP_TOKEN}
    assert vendor.asked == [sent]
    for keys in ({}, {"callkey": "a", "uniqueid": "b"}):
        with pytest.raises(ValueError, match="exactly one"):
            client.cdr_log(**keys)


def test_a_call_without_a_record_is_none(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"CallList": [], "cursor": "c"}))
    assert client.cdr_log(activecallkey="k") is None


def test_a_search_by_dates_sends_local_times_and_filters(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"CallList": [], "cursor": "next"}))
    page = client.cdr_logs(MONDAY, TUESDAY, cursor="c1", sorting="asc", include_csat=True)
    assert vendor.asked[0] == {
        "function": "reportsCDRLogs",
        "startdate": "2017-08-01 00:00:00",
        "finishdate": "2017-08-02 23:59:59",
        "sorting": "asc",
        "include_csat": "true",
        "cursor": "c1",
        "app_token": APP_TOKEN,
    }
    assert (page.records, page.cursor, page.is_last) == ((), "next", True)


def test_dates_with_a_zone_or_in_the_wrong_order_are_not_sent(
    client: Client, vendor: Vendor
) -> None:
    with pytest.raises(ValueError, match="naive"):
        client.cdr_logs(MONDAY.replace(tzinfo=UTC), TUESDAY)
    with pytest.raises(ValueError, match="before"):
        client.cdr_logs(TUESDAY, MONDAY)
    assert vendor.asked == []


def test_pages_follow_the_cursor_until_one_is_not_full(client: Client, vendor: Vendor) -> None:
    full = [{"callkey": f"k{n}"} for n in range(100)]
    pages = [says({"CallList": rows, "cursor": f"c{n}"}) for n, rows in enumerate([full, full, []])]
    vendor.will(*pages)
    records = [len(page.records) for page in client.cdr_pages(MONDAY, TUESDAY)]
    assert records == [100, 100, 0]
    assert [asked.get("cursor") for asked in vendor.asked] == [None, "c0", "c1"]


def test_an_entry_that_is_no_record_still_counts_for_the_length_of_a_page(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(says({"CallList": [{}] * 99 + [None], "cursor": "c"}))
    page = client.cdr_logs(MONDAY, TUESDAY)
    assert (len(page.records), page.is_last) == (99, False)


@pytest.mark.parametrize("cursors", [["same", "same"], [None]])
def test_a_cursor_that_leads_nowhere_ends_in_an_error_not_in_a_circle(
    client: Client, vendor: Vendor, cursors: list[str | None]
) -> None:
    full = [{"callkey": "k"}] * 100
    vendor.will(*(says({"CallList": full, "cursor": cursor}) for cursor in cursors))
    with pytest.raises(BadAnswer, match="next page"):
        list(islice(client.cdr_pages(MONDAY, TUESDAY), 3))


def test_what_needs_the_app_token_says_so_without_one(vendor: Vendor) -> None:
    with pytest.raises(ValueError, match="app token"):
        Client(api_url=vendor.url).login("ayse@demo.example")


def test_a_cookie_of_one_agent_never_goes_out_with_another(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True}, headers={"Set-Cookie": "agent=ayse; Path=/"}))
    client.ping()
    client.ping()
    assert vendor.cookies == [None, None]


@pytest.mark.parametrize(
    "api_url",
    ["", "demo.example", "ftp://a.example/", "https://a.example/api/?x=1", "https://u:p@a/"],
)
def test_an_address_that_cannot_be_the_api_is_told_at_once(api_url: str) -> None:
    with pytest.raises(ValueError, match="api_url"):
        Client(api_url=api_url)


def test_a_session_that_repeats_by_itself_is_not_taken(vendor: Vendor) -> None:
    http = requests.Session()
    http.mount("http://", HTTPAdapter(max_retries=2))
    with pytest.raises(ValueError, match="repeats"):
        Client(api_url=vendor.url, http=http)


def test_the_session_that_is_handed_in_is_used(vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    with requests.Session() as http:
        http.headers["User-Agent"] = "a CRM"
        Client(api_url=vendor.url, app_token=APP_TOKEN, http=http).ping()
    assert vendor.agents == ["a CRM"]
