"""Records of calls as they really come: odd nulls, odd types, missing fields; never an error."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.callcenterstudio import ActiveCall, CdrRecord

Wire = Callable[[str], Any]


def test_a_real_record_is_read_whole(wire: Wire) -> None:
    record = CdrRecord.parse(wire("cdr_record.json"))
    assert record.uniqueid == "4b1c1e7f-29a6-489f-9fcf-78eb3f363a32"
    assert record.calldate == datetime(2017, 8, 2, 16, 41, 36)
    assert (record.queuedate, record.talkdate, record.hangupdate) == (None, None, None)
    assert (record.inbound, record.answered) == (False, True)
    assert (record.waitduration, record.duration, record.holdduration) == (9, 7, None)
    assert (record.agent, record.agentid, record.queue) == ("Ayşe Demir", "ayse@demo.example", "")
    assert (record.disposition, record.hangupcause, record.status) == ("ANSWER", "18", "hangup")
    assert record.raw["channel"] == "SIP/428384-00000375"
    assert record.problems == ()


def test_the_activecallkey_is_the_end_of_the_recordings_address(wire: Wire) -> None:
    example = wire("cdr_record.json")
    key = wire("active_calls.json")["MyActiveCalls"][0]["key"]
    assert CdrRecord.parse(example).activecallkey == key


@pytest.mark.parametrize(
    "address",
    ["", None, "https://a.example/recordings/", "https://a.example", "https://[", "//a/b/c d.mp3"],
)
def test_a_record_without_a_readable_recording_has_no_activecallkey(address: object) -> None:
    assert CdrRecord.parse({"recordingurl": address}).activecallkey is None


def test_a_recordings_address_may_have_a_query() -> None:
    record = CdrRecord.parse({"recordingurl": "https://a.example/recordings/ag9z_-Key1?x=2"})
    assert record.activecallkey == "ag9z_-Key1"


def test_answered_has_three_values(wire: Wire) -> None:
    assert CdrRecord.parse(wire("cdr_record.json")).answered is True
    missed = CdrRecord.parse(wire("cdr_unanswered_inbound.json"))
    not_reached = CdrRecord.parse(wire("cdr_outbound_not_reached.json"))
    assert (missed.answered, missed.duration, missed.activecallkey) == (False, None, None)
    assert (not_reached.answered, not_reached.duration) == (None, None)


def test_the_other_party_is_the_caller_of_an_inbound_call(wire: Wire) -> None:
    assert CdrRecord.parse(wire("cdr_unanswered_inbound.json")).other_party == "05320000001"
    assert CdrRecord.parse(wire("cdr_record.json")).other_party == "05070000042"


def test_without_a_direction_there_is_no_other_party() -> None:
    assert CdrRecord.parse({"callerid": "908500000010", "called_num": "1"}).other_party == ""


def test_an_empty_record_is_empty_and_no_problem() -> None:
    record = CdrRecord.parse({})
    assert (record.callkey, record.calldate, record.answered, record.duration) == (
        "",
        None,
        None,
        None,
    )
    assert record.problems == ()


@pytest.mark.parametrize("nothing", [None, "", "None", "null", "  "])
def test_unset_comes_in_several_forms(nothing: object) -> None:
    names = ("talkdate", "agent", "inbound", "duration")
    record = CdrRecord.parse(dict.fromkeys(names, nothing))
    assert (record.talkdate, record.agent, record.inbound, record.duration) == (
        None,
        "",
        None,
        None,
    )
    assert record.problems == ()


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (True, True),
        (1, True),
        ("1", True),
        ("True", True),
        (False, False),
        (0, False),
        ("false", False),
    ],
)
def test_booleans_come_as_numbers_and_text(raw: object, meant: bool) -> None:
    assert CdrRecord.parse({"inbound": raw}).inbound is meant


@pytest.mark.parametrize(("raw", "seconds"), [(7, 7), ("7", 7), (7.9, 7), ("7.0", 7), (0, 0)])
def test_durations_come_as_numbers_and_text(raw: object, seconds: int) -> None:
    assert CdrRecord.parse({"duration": raw}).duration == seconds


@pytest.mark.parametrize(
    ("raw", "text"), [(905320000001, "905320000001"), (18.0, "18"), (" a ", "a")]
)
def test_numbers_without_quotes_are_text_all_the_same(raw: object, text: str) -> None:
    assert CdrRecord.parse({"callerid": raw}).callerid == text


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("calldate", "yesterday"),
        ("calldate", "2017-02-30 10:00:00"),
        ("calldate", "2017-08-02"),
        ("calldate", "0001-01-01 00:00:00"),
        ("calldate", "2017-08-02 16:41:36+99:00"),
        ("calldate", 1501),
        pytest.param("calldate", 10**5000, id="calldate-huge"),
        ("inbound", "perhaps"),
        ("inbound", 2),
        pytest.param("inbound", 10**5000, id="inbound-huge"),
        ("inbound", {}),
        ("duration", "abc"),
        ("duration", -1),
        ("duration", True),
        ("duration", float("nan")),
        ("duration", float("inf")),
        ("duration", "1e999"),
        pytest.param("duration", 10**5000, id="duration-huge"),
        ("duration", [7]),
        ("agent", ["Ayşe"]),
        ("agent", {"name": "Ayşe"}),
        ("agent", True),
        pytest.param("agent", 10**5000, id="agent-huge"),
        ("agent", float("nan")),
        ("callkey", "k" * 256),
    ],
)
def test_what_makes_no_sense_is_left_empty_and_named(name: str, nonsense: object) -> None:
    record = CdrRecord.parse({name: nonsense, "status": "hangup"})
    assert not getattr(record, name)
    assert record.problems == (name,)
    assert record.status == "hangup"
    assert record.raw[name] is nonsense


def test_text_can_be_stored_by_any_database() -> None:
    assert CdrRecord.parse({"agent": "Ay\0şe\ud800"}).agent == "Ayşe"


def test_an_active_call_is_read_as_tolerantly(wire: Wire) -> None:
    call = ActiveCall.parse(wire("active_calls.json")["MyActiveCalls"][0])
    assert (call.inbound, call.queue, call.status) == (True, "Support", "talking")
    broken = ActiveCall.parse({"key": None, "inbound": "no idea", "calldate": 7})
    assert broken.problems == ("inbound", "calldate")


def test_records_can_be_compared_and_kept_in_sets(wire: Wire) -> None:
    record = CdrRecord.parse(wire("cdr_record.json"))
    assert len({record, CdrRecord.parse(wire("cdr_record.json"))}) == 1
    call = ActiveCall.parse(wire("active_calls.json")["MyActiveCalls"][0])
    assert call in {call}
