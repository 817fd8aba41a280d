"""The post at the end of a dialled call: read as it comes, never an error."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from crm.callcenterstudio import HangupReport


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
