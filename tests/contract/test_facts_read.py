"""What we rely on at the vendor's API, as it is on the wire, as far as reading shows it."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.contract.conftest import Place
from tests.contract.facts import fact
from tests.contract.test_client_against_simulator import NO_KEY
from tests.contract.wire import SECONDS, Heard, Wire

KEY = re.compile(r"[A-Za-z0-9_-]{70,110}")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
WRONG_KEY = "Yanlış API anahtarı"

Record = dict[str, Any]


@pytest.fixture(scope="session")
def page(wire: Wire) -> Heard:
    """The newest records of the last week."""
    tomorrow = date.today() + timedelta(days=1)
    begin = tomorrow - timedelta(days=8)
    return wire.ask(
        "reportsCDRLogs", startdate=f"{begin} 00:00:00", finishdate=f"{tomorrow} 00:00:00"
    )


@pytest.fixture(scope="session")
def records(page: Heard) -> list[Record]:
    found: list[Record] = page.content["CallList"]
    return found or pytest.skip("the tenant had no calls in the last week")


@pytest.fixture(scope="session")
def recorded(records: list[Record]) -> Record:
    """A record with a recording."""
    found = next((record for record in records if record.get("recordingurl")), None)
    return found or pytest.skip("no call of the last week has a recording")


@fact("`https://<host>/api/?function=…`, the slash always there, answers in JSON")
def test_the_api_answers_in_json(wire: Wire) -> None:
    answer = wire.ask("ping")
    assert answer.content is not None
    assert answer.content["success"] is True


@fact("`ping` with `session` shows whether the key works")
def test_ping_tells_whether_a_session_works(wire: Wire, session: str) -> None:
    assert wire.ask("ping", session=session).content["success"] is True
    assert not (wire.ask("ping", session=NO_KEY).content or {}).get("success")


@fact("`login` with `email` and `app_token` answers `login` and `session`")
def test_a_login_has_a_session(login: Heard) -> None:
    assert login.content["login"] is True
    assert login.content["session"]


@fact("`session_expires_in`, seconds")
def test_a_login_tells_how_long_it_lives(login: Heard) -> None:
    assert 600 <= int(login.content["session_expires_in"]) <= 7 * 24 * 3600


@fact("keys are opaque, case-sensitive, 70 to 110 characters")
def test_keys_have_their_form(session: str, place: Place, records: list[Record]) -> None:
    keys = [session, place.app_token, *(record["callkey"] for record in records)]
    assert [len(key) for key in keys if not KEY.fullmatch(key)] == []


@fact("a refusal is `login: false`; its `message` may be Turkish")
def test_a_stranger_is_refused_with_a_message(wire: Wire) -> None:
    refused = wire.ask("login", email="nobody-of-that-name@demo.example").content
    assert refused["login"] is False
    assert refused["message"]


@fact('wrong or expired key: the message "Yanlış API anahtarı", under HTTP 200')
def test_a_wrong_key_is_told_with_status_200(wire: Wire) -> None:
    answer = wire.ask("getmyactivecalls", session=NO_KEY)
    assert answer.status == 200
    assert WRONG_KEY in str(answer.content)


@fact("`getmyactivecalls` lists the agent's calls, with the true number of a masked caller")
def test_the_agents_calls_are_a_list(wire: Wire, session: str) -> None:
    answer = wire.ask("getmyactivecalls", session=session).content
    assert answer["success"]
    assert isinstance(answer["MyActiveCalls"], list)


@fact("at most 100 an answer; there is always a `cursor`; go on until there are fewer than 100")
def test_a_page_has_a_cursor_and_a_hundred_records_at_most(page: Heard, wire: Wire) -> None:
    assert len(page.content["CallList"]) <= 100
    assert page.content["cursor"]
    nothing = wire.ask(
        "reportsCDRLogs", startdate="2001-01-01 00:00:00", finishdate="2001-01-02 00:00:00"
    )
    assert nothing.content["CallList"] == []
    assert nothing.content["cursor"]


@fact("asked by `activecallkey`: 0 or 1 record")
def test_a_key_of_no_call_has_no_record(wire: Wire) -> None:
    assert wire.ask("reportsCDRLogs", activecallkey=NO_KEY).content["CallList"] == []


@fact("names and types of the fields")
def test_records_have_the_names_that_are_read(records: list[Record]) -> None:
    texts = ("callkey", "callerid", "called_num", "status", "disposition", "agent", "agentid")
    for record in records:
        assert {name: record[name] for name in texts if not isinstance(record[name], str)} == {}
        assert isinstance(record["inbound"], bool)
        assert isinstance(record["waitduration"], int | None)
        assert isinstance(record["duration"], int | None)


@fact("times `YYYY-MM-DD HH:MM:SS`, local, without offset")
def test_times_are_local_and_without_an_offset(records: list[Record]) -> None:
    times = [record[name] for record in records for name in ("calldate", "hangupdate", "talkdate")]
    assert [time for time in times if time is not None and not TIME.fullmatch(time)] == []


@fact("`agentid` is an e-mail address; may be empty while `agent` is not")
def test_the_agent_of_a_record_is_an_address(records: list[Record]) -> None:
    assert [
        len(one["agentid"]) for one in records if one["agentid"] and "@" not in one["agentid"]
    ] == []


@fact(
    "`answered`: true; false for an unanswered inbound call; null for an outbound one that was not "
    "reached"
)
def test_answered_has_three_values(records: list[Record]) -> None:
    assert {one["answered"] for one in records} <= {True, False, None}
    assert {one["inbound"] for one in records if one["answered"] is False} <= {True}
    assert {one["inbound"] for one in records if one["answered"] is None} <= {False}


@fact(
    "`transferred`: how often, or whether, it was transferred; `voicemailtotext`: the text of a "
    "voicemail"
)
def test_a_record_tells_of_transfers_and_voicemail(records: list[Record]) -> None:
    assert all(isinstance(one["transferred"], int) for one in records)
    assert all(isinstance(one["voicemailtotext"], str) for one in records)


@fact("the last part of `recordingurl` is the `activecallkey`; unanswered calls may have none")
@fact("asked by `activecallkey`: 0 or 1 record")
def test_the_key_in_a_recordings_address_finds_its_record(wire: Wire, recorded: Record) -> None:
    key = recorded["recordingurl"].rstrip("/").rpartition("/")[2]
    [found] = wire.ask("reportsCDRLogs", activecallkey=key).content["CallList"]
    assert found["callkey"] == recorded["callkey"]


@fact("`recordingurl` of a record is `https://<host>/recordings/<activecallkey>`")
def test_a_recordings_address_is_the_tenants(place: Place, recorded: Record) -> None:
    address = urlsplit(recorded["recordingurl"])
    assert address.netloc in (place.host, urlsplit(place.api_url).netloc)
    assert address.path.startswith("/recordings/")


@fact("`getrecordingurl` with `session` and `callid` (the `activecallkey`) answers `recordingurl`")
def test_a_recordings_address_is_told_by_key(wire: Wire, session: str, recorded: Record) -> None:
    key = recorded["recordingurl"].rstrip("/").rpartition("/")[2]
    assert wire.ask("getrecordingurl", session=session, callid=key).content["recordingurl"]


@fact("no key is needed to fetch it")
@fact("it supports `Range`, and gives its length")
@fact("its type is `audio/…`")
def test_a_recording_is_fetched_in_parts_without_a_key(place: Place, recorded: Record) -> None:
    # The simulator has the tenant's name in its records, and no name of its own.
    address = urljoin(place.api_url, urlsplit(recorded["recordingurl"]).path)
    part = requests.get(
        address, headers={"Range": "bytes=0-9"}, timeout=SECONDS, allow_redirects=False
    )
    assert part.status_code == 206
    assert part.headers["Content-Type"].startswith("audio/")
    assert re.fullmatch(r"bytes 0-9/\d+", part.headers["Content-Range"])
