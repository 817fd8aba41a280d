"""`/calls/<id>/recording`: who may hear it, in parts, and words for what cannot be played."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from crm import calls, secret_box
from crm.callcenterstudio.results import CdrRecord
from crm.extensions import db
from crm.models import Agent, Call, Contact, Listen, PhoneNumber, Tenant, utc_now
from crm.telephony.recordings import LONGEST_PART, SAME_LISTENING
from tests import recording_vendor
from tests.conftest import SECRET_KEY
from tests.recording_vendor import leads_to, plays
from tests.unit.callcenterstudio.vendor import Vendor, says, says_nothing, sends
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in

KEY = "ag9zVERYSECRETKEY"
SOUND = recording_vendor.sound(2)


@pytest.fixture
def vendor(tenant: Tenant) -> Iterator[Vendor]:
    """The tenant's own address, which has a recording."""
    server = Vendor()
    server.will(plays(SOUND))
    tenant.api_url = server.url
    db.session.commit()
    yield server
    server.close()


@pytest.fixture
def call(agent: Agent, tenant: Tenant, vendor: Vendor) -> Call:
    """Ayşe's answered call of an hour ago; its record names a recording."""
    return call_of(agent, tenant, vendor.url.replace("/api/", f"/recordings/{KEY}"))


def call_of(
    agent: Agent, tenant: Tenant, recordingurl: str = "", minutes_ago: float = 60, key: str = KEY
) -> Call:
    began = utc_now().replace(microsecond=0) - timedelta(minutes=minutes_ago)
    local = f"{began + timedelta(hours=3):%Y-%m-%d %H:%M:%S}"
    record = {
        "callkey": f"ck {key}",
        "calldate": local,
        "inbound": True,
        "callerid": "05320000001",
        "agentid": agent.studio_email,
        "answered": True,
        "status": "hangup",
        "waitduration": 0,
        "duration": 5,
        "recordingurl": recordingurl,
    }
    call = calls.record_cdr(tenant, CdrRecord.parse(record), asked_for={"activecallkey": key})
    assert call is not None
    db.session.commit()
    return call


def path_of(call: Call) -> str:
    return f"/calls/{call.id}/recording"


def heard(browser: Browser, call: Call, first: int = 0) -> bytes:
    answer = browser.get(path_of(call), headers={"Range": f"bytes={first}-"})
    assert answer.status_code == 206, answer.text
    sound: bytes = answer.data
    return sound


def listens() -> list[tuple[int | None, str]]:
    rows = db.session.scalars(select(Listen).order_by(Listen.id))
    return [(row.agent_id, row.agent_name) for row in rows]


def test_agents_hear_their_own_calls_and_admins_all(
    app: Flask, browser: Browser, admin_browser: Browser, tenant: Tenant, call: Call
) -> None:
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    assert heard(browser, call) == heard(admin_browser, call) == SOUND
    assert mehmet.get(path_of(call)).status_code == 403
    assert mehmet.get(path_of(call)).text == "You can hear the recordings of your own calls only."
    assert "is-nobody" not in mehmet.get(path_of(call), headers={"Accept": "text/html"}).text


def test_nobody_else_hears_anything(
    app: Flask, anonymous: Browser, call: Call, jonas: Agent
) -> None:
    assert anonymous.get(path_of(call)).headers["Location"].startswith("/login")
    elsewhere = logged_in(app, jonas)
    assert elsewhere.get(path_of(call)).status_code == 404
    assert elsewhere.get("/calls/99999/recording").status_code == 404


def test_a_part_is_answered_as_a_part(browser: Browser, call: Call) -> None:
    answer = browser.get(path_of(call), headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert answer.data == SOUND[100:200]
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(SOUND)}"
    assert answer.headers["Content-Length"] == "100"
    assert answer.headers["Accept-Ranges"] == "bytes"
    behind = browser.get(path_of(call), headers={"Range": "bytes=999999-"})
    assert behind.status_code == 416
    assert behind.headers["Content-Range"] == f"bytes */{len(SOUND)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "lines=1-2", "bytes=x", "bytes=5-1"])
def test_a_range_that_is_not_understood_gets_the_whole(
    browser: Browser, call: Call, wanted: str
) -> None:
    answer = browser.get(path_of(call), headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (200, SOUND)


def test_a_player_gets_a_long_recording_in_parts(
    browser: Browser, call: Call, vendor: Vendor
) -> None:
    length = 2 * LONGEST_PART
    vendor.will(plays(bytes(length)))
    answer = browser.get(path_of(call), headers={"Range": "bytes=0-"})
    assert answer.headers["Content-Range"] == f"bytes 0-{LONGEST_PART - 1}/{length}"
    assert len(answer.data) == LONGEST_PART


def test_head_tells_the_same_without_the_sound_and_is_no_listening(
    browser: Browser, call: Call
) -> None:
    answer = browser._open("HEAD", path_of(call), buffered=True)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(SOUND))
    assert listens() == []


def test_the_vendors_address_and_keys_reach_no_page_and_no_header(
    browser: Browser, admin_browser: Browser, call: Call, vendor: Vendor
) -> None:
    contact = Contact(name="Elif Şahin", sort_name="elif")
    contact.phone_numbers = [PhoneNumber(raw="05320000001", normal_form="+905320000001")]
    db.session.add(contact)
    db.session.flush()
    calls.claim_calls(contact.id)
    player = f'src="{path_of(call)}"'
    for one in (browser, admin_browser):
        page = one.htmx_get(f"/contacts/{contact.id}/calls").text
        assert player in page
        assert KEY not in page
        assert vendor.url.removesuffix("/api/") not in page
    answer = browser.get(path_of(call), buffered=True)
    assert KEY not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]


def test_another_agents_call_shows_no_player(
    app: Flask, tenant: Tenant, call: Call, admin_browser: Browser
) -> None:
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    assert "<audio" not in mehmet.htmx_get(f"/calls/{call.id}/event").text
    assert "<audio" in admin_browser.htmx_get(f"/calls/{call.id}/event").text


def test_no_database_connection_is_held_while_the_vendor_is_asked(
    app: Flask, browser: Browser, call: Call, vendor: Vendor
) -> None:
    held: list[int] = []
    out: list[int] = []
    event.listen(db.engine, "checkout", lambda *_: out.append(1))
    event.listen(db.engine, "checkin", lambda *_: out.pop())
    vendor.will(plays(SOUND, asked=lambda _handler: held.append(len(out))))
    db.session.rollback()
    assert heard(browser, call)
    assert held == [0]


def test_a_redirect_elsewhere_is_refused_in_words(
    browser: Browser, call: Call, vendor: Vendor
) -> None:
    vendor.will(leads_to("http://127.0.0.1:9/x"))
    answer = browser.get(path_of(call))
    assert answer.status_code == 502
    assert "outside this tenant's host" in answer.text
    assert listens() == []


def test_what_is_missing_may_still_come_for_some_minutes(
    browser: Browser, agent: Agent, call: Call, vendor: Vendor
) -> None:
    vendor.will(sends("Not found", status=404))
    gone = browser.get(path_of(call))
    assert (gone.status_code, "Retry-After" in gone.headers) == (404, False)
    assert "has no recording" in gone.text
    call.ended_at = utc_now() - timedelta(minutes=1)
    not_yet = browser.get(path_of(call))
    assert (not_yet.status_code, not_yet.headers["Retry-After"]) == (404, "5")
    assert "not there yet" in not_yet.text


def test_a_web_page_in_place_of_a_recording_is_not_passed_on(
    browser: Browser, call: Call, vendor: Vendor
) -> None:
    vendor.will(sends("<script>alert(1)</script>"))
    answer = browser.get(path_of(call))
    assert (answer.status_code, answer.mimetype) == (502, "text/plain")
    assert "no audio" in answer.text


def test_who_opens_the_address_of_a_missing_recording_sees_a_page(
    browser: Browser, call: Call, vendor: Vendor
) -> None:
    vendor.will(sends("Not found", status=404))
    page = browser.get(path_of(call), headers={"Accept": "text/html,*/*;q=0.8"})
    assert "This recording cannot be played" in page.text


def test_the_address_is_asked_for_where_the_record_has_none(
    browser: Browser, agent: Agent, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.app_token_sealed = secret_box.seal("a-token", key=SECRET_KEY)
    call = call_of(agent, tenant)
    found = vendor.url.replace("/api/", "/recordings/found")
    vendor.will(
        says({"login": True, "session": "a-session"}),
        says({"success": True, "recordingurl": found}),
        plays(SOUND),
    )
    browser.post("/softphone/login")
    assert browser.get(path_of(call)).data == SOUND
    assert vendor.asked[1]["function"] == "getrecordingurl"
    assert vendor.asked[1]["callid"] == KEY


def test_it_is_asked_for_also_when_the_telephony_session_has_run_out(
    browser: Browser, agent: Agent, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.app_token_sealed = secret_box.seal("a-token", key=SECRET_KEY)
    call = call_of(agent, tenant)
    found = vendor.url.replace("/api/", "/recordings/found")
    vendor.will(
        says({"login": True, "session": "s" * 80}),
        says({"success": True, "recordingurl": found}),
        plays(SOUND),
    )
    answer = browser.get(path_of(call))
    assert answer.data == SOUND
    assert "telephony_session=" in "".join(answer.headers.getlist("Set-Cookie"))


def test_without_a_telephony_session_to_be_had_nothing_is_asked(
    browser: Browser, agent: Agent, tenant: Tenant, vendor: Vendor
) -> None:
    assert browser.get(path_of(call_of(agent, tenant))).status_code == 404
    assert vendor.paths == []


@pytest.mark.both_databases
def test_a_listening_is_kept_once_however_many_parts_are_asked_for(
    browser: Browser, admin_browser: Browser, agent: Agent, admin: Agent, call: Call
) -> None:
    for first in (0, 100, 5000):
        heard(browser, call, first)
    heard(admin_browser, call)
    assert listens() == [(agent.id, "Ayşe Demir"), (admin.id, "Deniz Arslan")]
    for row in db.session.scalars(select(Listen)):
        row.listened_at -= SAME_LISTENING
    heard(browser, call)
    assert len(listens()) == 3


def test_a_call_whose_person_was_erased_is_not_heard_any_more(
    browser: Browser, call: Call, vendor: Vendor
) -> None:
    call.erased_at, call.recording_url = utc_now(), None
    assert browser.get(path_of(call)).status_code == 404
    assert "<audio" not in browser.htmx_get(f"/calls/{call.id}/event").text
    assert vendor.paths == []


def test_admins_see_who_has_listened(browser: Browser, admin_browser: Browser, call: Call) -> None:
    path = f"/calls/{call.id}/listens"
    assert "Nobody has heard" in admin_browser.htmx_get(path).text
    heard(browser, call)
    assert "Heard by Ayşe Demir on" in admin_browser.htmx_get(path).text
    assert browser.htmx_get(path).status_code == 403


@pytest.mark.both_databases
def test_who_has_listened_follows_a_call_that_is_joined_into_another(
    app: Flask, agent: Agent, tenant: Tenant
) -> None:
    older = calls.record_message(
        tenant_id=tenant.id,
        agent_id=agent.id,
        browser_call_id="c1",
        kind="IncomingCall",
        activecallkey="another",
        occurred_at=utc_now(),
    )
    newer = call_of(agent, tenant, key="k2")
    newer.activecallkey = None
    db.session.add(Listen(call_id=newer.id, agent_id=agent.id, agent_name="Ayşe"))
    db.session.commit()
    record = CdrRecord.parse({"callkey": "ck k2", "status": "hangup"})
    calls.record_cdr(tenant, record, asked_for={"activecallkey": "another"})
    assert db.session.scalars(select(Listen.call_id)).one() == older.id


def test_a_vendor_that_does_not_answer_is_told(
    browser: Browser, call: Call, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.telephony.recordings.LONGEST_WAIT", 0.2)
    vendor.will(says_nothing)
    answer = browser.get(path_of(call))
    assert (answer.status_code, "in time" in answer.text) == (504, True)
