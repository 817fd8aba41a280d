"""The post at the end of a dialled call, and the notification of an IVR: read, never an error."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.callcenterstudio import HangupReport, NotificationReport


def test_a_hangup_post_is_read_whole(wire: Callable[[str], Any]) -> None:
    form = wire("hangup_post.json")
    report = HangupReport.parse(form)
    assert report.call_id == form["call_id"]
    assert report.call_date == datetime(2017, 8, 2, 16, 41, 36)
    assert (report.caller_id, report.called_num) == ("908500000010", "05070000042")
    assert report.transaction_id == form["transaction_id"]
    assert (report.agent_username, report.duration) == ("ayse@demo.example", 7)
    assert (report.disposition, report.tenant, report.problems) == ("ANSWER", "demo", ())


def test_an_empty_post_is_an_empty_report() -> None:
    report = HangupReport.parse({})
    assert (report.call_id, report.duration, report.problems) == ("", None, ())


@pytest.mark.parametrize("duration", ["abc", "-7", "7 s", "NaN"])
def test_a_duration_that_is_none_is_left_empty(duration: str) -> None:
    report = HangupReport.parse({"call_id": "k", "duration": duration})
    assert (report.call_id, report.duration, report.problems) == ("k", None, ("duration",))


def test_an_unknown_disposition_is_kept() -> None:
    assert HangupReport.parse({"disposition": "MACHINE"}).disposition == "MACHINE"


def test_a_flood_is_not_kept() -> None:
    report = HangupReport.parse({"call_id": "k" * 10_000, "tenant": "demo"})
    assert (report.call_id, report.tenant, report.problems) == ("", "demo", ("call_id",))


def test_a_notification_is_read_by_the_names_seen_in_production() -> None:
    query = {"callid": "key", "AGENTID": "ayse@demo.example", "MobilePhoneNumber": "0532"}
    report = NotificationReport.parse(query)
    assert (report.activecallkey, report.number) == ("key", "0532")
    assert (report.agent_email, report.agent_told) == ("ayse@demo.example", True)
    assert report.understood == {
        "callid": "activecallkey",
        "AGENTID": "agent_email",
        "MobilePhoneNumber": "number",
    }


def test_a_notification_is_read_by_the_customers_names_first() -> None:
    names = {"activecallkey": "Anahtar", "queue": "number"}
    report = NotificationReport.parse({"anahtar": "k", "CallID": "no", "number": "Satış"}, names)
    assert (report.activecallkey, report.queue, report.number) == ("k", "Satış", "")
    assert "CallID" not in report.understood


def test_a_filled_parameter_is_taken_before_an_empty_one() -> None:
    assert NotificationReport.parse({"activecallkey": "", "CallID": "k"}).activecallkey == "k"


@pytest.mark.parametrize("value", [None, [], {"a": 1}, "k" * 300, True])
def test_a_notification_of_nonsense_is_empty(value: Any) -> None:
    report = NotificationReport.parse({"CallID": value, "duration": value, "call_date": value})
    assert (report.activecallkey, report.duration, report.call_date) == ("", None, None)


RAW_PLUS = {
    " 3221234567": "+3221234567",
    "  3221234567": "+3221234567",
    "+3221234567": "+3221234567",
    "003221234567": "003221234567",
    " 90 532 000 00 01": "+90 532 000 00 01",
    " 05320000001": "05320000001",
    "05320000001 ": "05320000001",
    "sip: 3221234567@pbx": "sip:+3221234567@pbx",
    '"Name" < 3221234567>': '"Name" <+3221234567>',
    " (322) 123 45 67": "+(322) 123 45 67",
    " (0322) 123 45 67": "(0322) 123 45 67",
    "Numara Gizli": "Numara Gizli",
    " ": "",
}


def test_a_raw_plus_before_a_number_that_came_as_a_space_is_a_plus() -> None:
    numbers = {text: NotificationReport.parse({"number": text}).number for text in RAW_PLUS}
    assert numbers == RAW_PLUS
    posted = HangupReport.parse({"called_num": " 3221234567", "caller_id": " 908500000010"})
    assert (posted.called_num, posted.caller_id) == ("+3221234567", "+908500000010")


def test_a_raw_plus_in_an_agents_address_is_a_plus() -> None:
    addresses = {
        "a tag@demo.example": "a+tag@demo.example",
        "a+tag@demo.example": "a+tag@demo.example",
        " ayse@demo.example ": "ayse@demo.example",
        "Ayşe Demir <a@demo.example>": "a@demo.example",
        "<a tag@demo.example>": "a+tag@demo.example",
        "Ayşe Demir": "Ayşe Demir",
    }
    read = {text: NotificationReport.parse({"AgentID": text}).agent_email for text in addresses}
    assert read == addresses
    assert HangupReport.parse({"agent_username": "a tag@x"}).agent_username == "a+tag@x"


def test_a_macro_that_the_ivr_did_not_fill_in_tells_nothing() -> None:
    macros = {"CallID": "{{ call_activecallkey }}", "callerid": "{{call_callerid}}"}
    macros |= {"queue": "{{}}"}
    macros |= {"AgentID": "{{call_agent_email}}", "duration": "{{call_duration}}"}
    report = NotificationReport.parse(macros)
    told = (report.activecallkey, report.number, report.agent_email, report.queue, report.duration)
    assert told == ("", "", "", "", None)
    assert not report.agent_told
    assert report.problems == ()
