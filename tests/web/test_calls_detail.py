"""The page of one call: what is known, who told it, and each event as it came."""

import html
import re

import pytest
from flask import Flask

from crm import calls
from crm.callcenterstudio.results import CdrRecord
from crm.extensions import db
from crm.models import Agent, Call, CallState, Direction, JoinedCall, Tenant
from tests.web.browser import Browser
from tests.web.conftest import logged_in
from tests.web.test_calls import ends, record, rings
from tests.web.test_calls_filters import put_call

NUMBER_FORMS = ("05320000001", "+905320000001", "5320000001", "0532 000 00 01", "905320000001")
LONG_KEY = "ag9zfmFsb3RlY2gtZGVtb3JfCxIGVGVuYW50Ig1kZW1vLmV4YW1wbGUMCxIEQ2FsbBiAgIDA"


def payloads(page: str) -> str:
    return html.unescape("".join(re.findall(r'<pre class="payload".*?</pre>', page, re.DOTALL)))


def test_a_row_of_the_log_leads_to_its_call(browser: Browser, agent: Agent) -> None:
    call = rings(agent)
    assert f'href="/calls/{call.id}"' in browser.get("/calls").text
    assert browser.get(f"/calls/{call.id}").status_code == 200


def test_the_call_tells_facts_note_and_each_event_as_it_came(
    browser: Browser, agent: Agent, tenant: Tenant
) -> None:
    rings(agent)
    call = ends(agent)
    calls.record_wrap_up(call, agent.id, note="wants the <b>invoice</b>", outcome="follow_up")
    record(tenant, call, duration=65, answered=True, queue="Support", hangupcause="16")
    record(tenant, call, duration=65, answered=True, queue="Support", hangupcause="16")
    page = browser.get(f"/calls/{call.id}").text
    for text in ("wants the &lt;b&gt;invoice", "Follow-up", "1:05", "Support", "Ayşe Demir", "16"):
        assert text in page
    for text in ("IncomingCall", "from the softphone", "Call detail record", "repeated once"):
        assert text in page
    assert "Sources" in page
    assert '"number": "05320000001"' in payloads(page)
    assert '"duration": 65' in payloads(page)
    assert page.index("IncomingCall") < page.index("Call detail record")


def test_a_withheld_number_stands_in_no_payload(
    browser: Browser, admin_browser: Browser, agent: Agent, tenant: Tenant
) -> None:
    call = rings(agent, number="90532xxxxxxx")
    more = {f"f{number}": form for number, form in enumerate(NUMBER_FORMS)}
    record(
        tenant,
        call,
        called_num="908500000010",
        calldate="2026-07-01 12:30:00",
        nested=[{"deep": "tel:0532-000-00-01"}],
        other_customer="+44 7700 900555",
        as_number=905320000001,
        duration=65,
        **more,
    )
    for one in (browser, admin_browser):
        shown = payloads(one.get(f"/calls/{call.id}").text)
        bare = re.sub(r"[^0-9]", "", shown)
        assert "5320000001" not in bare
        assert "7700900555" not in bare
        for kept in ("908500000010", "2026-07-01 12:30:00", '"duration": 65', "90532xxxxxxx"):
            assert kept in shown


def test_no_key_to_the_vendor_leaves_the_crm(
    browser: Browser, admin_browser: Browser, agent: Agent, tenant: Tenant
) -> None:
    call = rings(agent, key=LONG_KEY)
    url = f"https://demo.callcenterstudio.com/recordings/{LONG_KEY}"
    record(tenant, call, recordingurl=url, session="a session", app_token="a token")
    path = f"/calls/{call.id}"
    assert LONG_KEY not in payloads(browser.get(path).text)
    assert LONG_KEY in payloads(admin_browser.get(path).text)
    for one in (browser, admin_browser):
        page = one.get(path).text
        for secret in ("https://demo", "a session", "a token"):
            assert secret not in payloads(page)


def test_the_id_of_a_joined_row_leads_to_the_call(browser: Browser, agent: Agent) -> None:
    call = rings(agent)
    db.session.add(JoinedCall(old_id=99, call_id=call.id))
    answer = browser.get("/calls/99")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/calls/{call.id}"
    assert browser.get("/calls/98").status_code == 404


def test_a_call_of_another_tenant_is_not_there(
    app: Flask, browser: Browser, admin_browser: Browser, agent: Agent, jonas: Agent
) -> None:
    call = rings(jonas)
    db.session.add(JoinedCall(old_id=99, call_id=call.id))
    assert [
        one.get(f"/calls/{call.id}").status_code
        for one in (browser, admin_browser, logged_in(app, jonas))
    ] == [404, 200, 200]
    assert browser.get("/calls/99").status_code == 404


def test_a_missed_call_and_what_called_it_back_know_each_other(
    browser: Browser, agent: Agent
) -> None:
    missed = put_call(agent, answered=False, abandoned=True)
    db.session.add(JoinedCall(old_id=77, call_id=missed.id))
    back = [
        put_call(agent, direction=Direction.OUTBOUND, callback_of_id=id_) for id_ in (missed.id, 77)
    ]
    page = browser.get(f"/calls/{missed.id}").text
    assert "Called back by" in page
    assert "Gave up waiting" in page
    for call in back:
        assert f'href="/calls/{call.id}"' in page
        assert f'href="/calls/{missed.id}"' in browser.get(f"/calls/{call.id}").text


def test_what_is_doubtful_is_said(browser: Browser, agent: Agent) -> None:
    call = put_call(agent, time_uncertain=True, record_problems="duration: abc")
    page = browser.get(f"/calls/{call.id}").text
    assert "may have been an hour later" in page
    assert "duration: abc" in page
    assert "No longer kept" in page  # it has no events


@pytest.mark.both_databases
def test_the_vendors_word_decides_whether_the_caller_gave_up(
    browser: Browser, agent: Agent, tenant: Tenant
) -> None:
    found = {"inbound": True, "status": "hangup", "callerid": "05320000001", "queue": "Support"}
    told = {
        "a": found | {"answered": False, "abandon": True},
        "b": found | {"answered": False, "abandon": False},
        "c": found | {"answered": True, "abandon": True, "duration": 5},
    }
    made: dict[str, Call | None] = {
        key: calls.record_cdr(tenant, CdrRecord.parse({"callkey": key} | one))
        for key, one in told.items()
    }
    db.session.commit()
    results = {key: calls.result_of(call) for key, call in made.items() if call}
    assert results == {"a": "abandoned", "b": "missed", "c": "answered"}
    assert all(call and call.state is CallState.ENDED for call in made.values())
    assert "Gave up waiting" in browser.get("/calls").text
