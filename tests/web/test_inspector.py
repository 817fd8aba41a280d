"""The inspector: calls as lines of time, one entry alone, replay and export; for admins."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from crm import calls, secret_box
from crm.callcenterstudio import Client
from crm.callcenterstudio.softphone import MESSAGE_TYPES
from crm.calls import events as kinds
from crm.extensions import db
from crm.models import (
    Agent,
    Call,
    CallEvent,
    EventSource,
    InboxEntry,
    LoggedRequest,
    Tenant,
    utc_now,
)
from crm.pages.inspector import lines
from crm.pages.inspector.guide import FUNCTIONS, KINDS, MESSAGES, PLACES
from crm.pages.inspector.lines import MOST_EVENTS
from crm.simulator import seed
from crm.telephony import request_log
from crm.web import refused_webhooks
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.test_every_address import CID
from tests.world import Simulator

ROOT = Path(__file__).parents[2]
PAGE = "/settings/inspector"
APP_TOKEN = "the app token of demo"
SECRETS = (APP_TOKEN, "the hook secret of demo", "another-session-key")
NUMBER = "05320000001"
POST = {
    "call_id": "k1",
    "transaction_id": CID,
    "called_num": NUMBER,
    "call_date": "2026-03-10 12:00:00",
    "agent_username": "ayse@demo.example",
    "duration": "7",
    "disposition": "ANSWER",
    "session": "another-session-key",
    "note": "the app token of demo and the hook secret of demo",
}


@pytest.fixture
def call(tenant: Tenant, agent: Agent) -> Call:
    """A dial of Ayşe's that was answered, with its requests."""
    tenant.app_token_sealed = secret_box.seal(APP_TOKEN, key=SECRET_KEY)
    now = utc_now()
    for kind in ("Dial", "Talking"):
        found = calls.record_message(
            tenant_id=tenant.id,
            agent_id=agent.id,
            browser_call_id=CID,
            kind=kind,
            number=NUMBER,
            transaction_id=CID,
            occurred_at=now,
        )
    calls.record_hangup(tenant, POST)
    request = {"at": now, "key": "session", "agent_id": agent.id, "milliseconds": 12}
    dial = {"phonenumber": "0•••••••••• (11)", "transactionid": CID, "hangup_url": "***"}
    db.session.add(
        LoggedRequest(
            tenant_id=tenant.id,
            function="click2call",
            params=dial,
            call_key=CID,
            status=200,
            answer={"success": True},
            **request,
        )
    )
    db.session.add(
        LoggedRequest(
            tenant_id=tenant.id,
            function="click2hold",
            params={},
            problem="SessionExpired",
            reason="The telephony session has expired. Log in to Call Center Studio again.",
            **request,
        )
    )
    db.session.commit()
    return found


def event_named(kind: str) -> CallEvent:
    return db.session.scalars(select(CallEvent).where(CallEvent.kind == kind)).one()


def everything_kept() -> Any:
    """All rows that a replay could change."""
    db.session.rollback()
    tables: list[Any] = [Call, CallEvent, InboxEntry, LoggedRequest]
    return [
        [tuple(row) for row in db.session.execute(select(*one.__table__.c).order_by(one.id))]
        for one in tables
    ]


class TestGuide:
    def test_each_file_is_there(self) -> None:
        for name, place in PLACES.items():
            assert (ROOT / place.file).is_file(), name

    def test_it_has_all_that_can_happen(self) -> None:
        assert {*MESSAGES} == {*MESSAGE_TYPES}
        assert {*FUNCTIONS} <= {*dir(Client), "reportsCDRLogs"}
        named = {
            value
            for name, value in vars(kinds).items()
            if name.isupper() and isinstance(value, str)
        }
        assert {*KINDS} == named


class TestPage:
    @pytest.mark.usefixtures("call")
    def test_it_is_for_admins(self, browser: Browser) -> None:
        event = event_named("hangup").id
        for path in ("", "/requests/1", f"/events/{event}", "/1/export.json"):
            assert browser.get(PAGE + path).status_code == 403
        for path in ("/1/switch", f"/events/{event}/replay"):
            assert browser.post(PAGE + path).status_code == 403

    def test_it_says_what_to_do_first(self, admin_browser: Browser) -> None:
        text = admin_browser.get(PAGE).text
        assert "No calls yet" in text
        assert "Switch on for an hour" in text
        assert "every 2s" not in text

    def test_a_call_is_a_line_of_its_entries(self, admin_browser: Browser, call: Call) -> None:
        text = admin_browser.get(PAGE).text
        assert f"Call {call.id}" in text
        assert re.findall(
            r"<code>(Dial|Talking|hangup|click2call|click2hold)</code></a>", text
        ) == [*("Dial", "Talking", "click2call", "click2hold", "hangup")]
        assert "1 failure" in text
        assert "The telephony session has expired" in text
        assert "changed nothing" not in text

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        ("asked", "is_there"),
        [
            ("call=k1", True),
            (f"call={CID}", True),
            ("call=%231", True),
            ("call=k2", False),
            ("function=click2hold", True),
            ("function=IncomingCall", False),
            ("function=click2call&failures=1", False),
            ("failures=1", True),
            ("agent=2", True),
            ("agent=99", False),
        ],
    )
    def test_it_is_filtered(
        self, admin_browser: Browser, call: Call, asked: str, is_there: bool
    ) -> None:
        text = admin_browser.get(f"{PAGE}?{asked}").text
        assert (f'id="inspector-call-{call.id}"' in text) is is_there
        assert ("No call has this" in text) is not is_there

    @pytest.mark.usefixtures("call")
    def test_a_hangup_post_that_does_not_come_is_a_failure(
        self, admin_browser: Browser, call: Call
    ) -> None:
        db.session.execute(delete(CallEvent).where(CallEvent.kind == "hangup"))
        call.ended_at = utc_now() - timedelta(seconds=50)
        db.session.commit()
        assert "its hangup post has not come" not in admin_browser.get(PAGE).text
        call.ended_at = utc_now() - timedelta(seconds=70)
        db.session.commit()
        assert "its hangup post has not come" in admin_browser.get(f"{PAGE}?failures=1").text
        dial = db.session.scalars(select(LoggedRequest).filter_by(function="click2call")).one()
        alone = admin_browser.get(f"{PAGE}/requests/{dial.id}").text
        assert "its hangup post has not come" in alone
        assert f"Call {call.id}" in alone

    def test_a_request_of_a_call_is_never_about_no_call(
        self, admin_browser: Browser, tenant: Tenant, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = LoggedRequest(
            tenant_id=tenant.id,
            function="login",
            params={},
            key="app_token",
            at=utc_now(),
            milliseconds=9,
        )
        db.session.add(login)
        db.session.commit()
        monkeypatch.setattr(lines, "MOST_LOOKED_AT", 0)  # its line is far down
        text = admin_browser.get(PAGE).text
        assert f'id="inspector-call-{call.id}"' not in text
        assert "<code>login</code>" in text
        assert "click2hold</code></a>" not in text

    @pytest.mark.parametrize(("seconds", "is_late"), [(4, False), (12, True)])
    def test_a_post_long_after_the_end_is_late(
        self, admin_browser: Browser, call: Call, seconds: int, is_late: bool
    ) -> None:
        post = event_named("hangup")
        call.ended_at = post.occurred_at - timedelta(seconds=seconds)
        db.session.commit()
        assert (f"{seconds} s late" in admin_browser.get(PAGE).text) is is_late

    @pytest.mark.parametrize(
        ("params", "records", "says_so"),
        [
            ({"activecallkey": "k1"}, [], True),
            ({"activecallkey": "k1"}, [{"callkey": "c1"}], False),
            ({"startdate": "2026-03-10 00:00:00"}, [], False),
        ],
    )
    @pytest.mark.usefixtures("call")
    def test_a_record_that_is_not_there_yet(
        self,
        admin_browser: Browser,
        tenant: Tenant,
        params: dict[str, str],
        records: list[Any],
        says_so: bool,
    ) -> None:
        asked = LoggedRequest(
            tenant_id=tenant.id,
            function="reportsCDRLogs",
            params=params,
            call_key=params.get("activecallkey", ""),
            key="app_token",
            at=utc_now(),
            milliseconds=9,
            answer={"CallList": records, "cursor": "c"},
        )
        db.session.add(asked)
        db.session.commit()
        assert ("no record yet" in admin_browser.get(PAGE).text) is says_so

    def test_another_tenants_calls_are_apart(
        self, admin_browser: Browser, second_tenant: Tenant
    ) -> None:
        text = admin_browser.get(f"{PAGE}?tenant={second_tenant.id}").text
        assert 'id="inspector-call-' not in text
        assert admin_browser.get(f"{PAGE}?tenant=99").status_code == 404

    @pytest.mark.usefixtures("agent")
    def test_what_is_about_no_call_stands_apart(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        calls.record_hangup(tenant, {"called_num": NUMBER})
        entry = InboxEntry(tenant_id=tenant.id, source=EventSource.HANGUP, payload=POST, attempts=1)
        entry.last_error = f"KeyError: {NUMBER}"
        db.session.add(entry)
        db.session.commit()
        text = admin_browser.get(PAGE).text
        assert "It names no call" in text
        assert "KeyError" in text
        assert NUMBER not in text
        assert admin_browser.get(f"{PAGE}/waiting/{entry.id}").status_code == 200

    @pytest.mark.usefixtures("tenant")
    def test_refused_webhooks_are_told(self, admin_browser: Browser, anonymous: Browser) -> None:
        anonymous.client.post("/webhooks/hangup/wrong", data=POST)
        refused_webhooks.write(anonymous.app)
        assert "Webhooks with a wrong secret" in admin_browser.get(PAGE).text


class TestSwitch:
    @pytest.mark.both_databases
    def test_it_goes_on_and_off(self, admin_browser: Browser, tenant: Tenant) -> None:
        answer = admin_browser.htmx_post(f"{PAGE}/{tenant.id}/switch", {"on": "1"})
        assert "written down until" in answer.text
        assert "every 2s" in answer.text
        db.session.expire_all()
        assert request_log.is_on(tenant, utc_now())
        assert not request_log.is_on(tenant, utc_now() + request_log.STAYS_ON)
        admin_browser.htmx_post(f"{PAGE}/{tenant.id}/switch", {"on": "0"})
        db.session.expire_all()
        assert not request_log.is_on(tenant, utc_now())


class TestEntry:
    @pytest.mark.usefixtures("call")
    def test_a_request_is_a_line_of_curl(self, admin_browser: Browser) -> None:
        text = (
            admin_browser.get(f"{PAGE}/requests/1").text.replace("&#39;", "'").replace("&#34;", '"')
        )
        assert "curl --get http://127.0.0.1:9/api/ \\\n" in text
        assert "  --data-urlencode function=click2call \\\n" in text
        assert '  --data-urlencode "phonenumber=$PHONE_NUMBER" \\\n' in text
        assert '  --data-urlencode "hangup_url=$HANGUP_URL" \\\n' in text
        assert '--data-urlencode "session=$SESSION"' in text
        assert "crm/telephony/dial.py" in text

    @pytest.mark.usefixtures("call")
    def test_a_webhook_shows_what_it_did(self, admin_browser: Browser) -> None:
        text = admin_browser.get(f"{PAGE}/events/{event_named('hangup').id}").text
        assert "Post Body That Goes to Hangup_url" in text
        assert "<code>disposition</code>" in text
        assert "$WEBHOOK_SECRET" in text

    def test_what_is_not_there_is_not_found(self, admin_browser: Browser) -> None:
        for path in ("requests/77", "events/77", "waiting/77"):
            assert admin_browser.get(f"{PAGE}/{path}").status_code == 404


class TestReplay:
    def replay(self, browser: Browser, kind: str, payload: str = "") -> str:
        address = f"{PAGE}/events/{event_named(kind).id}/replay"
        return browser.htmx_post(address, {"payload": payload}).text

    @pytest.mark.both_databases
    @pytest.mark.parametrize("kind", ["Dial", "Talking", "hangup"])
    @pytest.mark.usefixtures("call")
    def test_nothing_is_written(self, admin_browser: Browser, kind: str) -> None:
        before = everything_kept()
        assert "Nothing was written." in self.replay(admin_browser, kind)
        self.replay(admin_browser, kind, json.dumps({"call_id": "another", "duration": "9"}))
        assert everything_kept() == before

    def test_the_same_again_is_a_repeat(self, admin_browser: Browser, call: Call) -> None:
        text = self.replay(admin_browser, "hangup")
        assert f"Call {call.id}" in text
        assert "It is known already" in text
        assert "In its place, as if it came only now" in text

    @pytest.mark.usefixtures("call")
    def test_other_values_show_what_they_would_do(self, admin_browser: Browser) -> None:
        told = {"call_id": "k1", "disposition": "BUSY", "duration": "0"}
        text = self.replay(admin_browser, "hangup", json.dumps(told))
        assert "It is known already" not in text
        assert "BUSY" in text

    @pytest.mark.usefixtures("call")
    def test_what_stays_masked_keeps_its_value(self, admin_browser: Browser) -> None:
        event = event_named("hangup")
        page = admin_browser.get(f"{PAGE}/events/{event.id}").text
        [shown] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
        payload = html.unescape(shown)
        assert "•" in payload
        assert "It is known already" in self.replay(admin_browser, "hangup", payload)

    @pytest.mark.usefixtures("call")
    def test_another_key_would_make_another_call(self, admin_browser: Browser) -> None:
        text = self.replay(admin_browser, "hangup", json.dumps({"call_id": "k9"}))
        assert "it would make a new one" in text
        assert "it would be kept" in self.replay(admin_browser, "hangup", json.dumps({"a": 1}))

    @pytest.mark.parametrize("payload", ["{", "[]", "7", "[" * 50_000])
    @pytest.mark.usefixtures("call")
    def test_what_is_no_object_is_refused(self, admin_browser: Browser, payload: str) -> None:
        answer = admin_browser.htmx_post(
            f"{PAGE}/events/{event_named('hangup').id}/replay", {"payload": payload}
        )
        assert answer.status_code == 422
        assert "not a JSON object" in answer.text

    def test_a_webhook_that_waits_is_replayed(
        self, admin_browser: Browser, tenant: Tenant, call: Call
    ) -> None:
        entry = InboxEntry(tenant_id=tenant.id, source=EventSource.NOTIFICATION, attempts=1)
        entry.payload = {"CallID": "k1", "AgentID": "ayse@demo.example"}
        db.session.add(entry)
        db.session.commit()
        text = admin_browser.htmx_post(f"{PAGE}/waiting/{entry.id}/replay").text
        assert f"Call {call.id}" in text


class TestSecrets:
    @pytest.mark.usefixtures("call")
    def test_none_and_no_number_is_on_a_page_or_in_the_file(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        calls.record_notification(tenant, {"CallID": "k1", "Musteri": NUMBER, "x": POST["note"]})
        db.session.commit()
        events = db.session.scalars(select(CallEvent.id)).all()
        pages = [f"{PAGE}/events/{one}" for one in events]
        pages += [PAGE, f"{PAGE}/requests/1", f"{PAGE}/{tenant.id}/export.json"]
        for page in pages:
            text = admin_browser.get(page).text
            for secret in SECRETS:
                assert secret not in text, page
            assert NUMBER not in text, page
            assert "+90532" not in text, page


class TestExport:
    @pytest.mark.both_databases
    def test_it_is_one_file_with_all_that_is_shown(
        self, admin_browser: Browser, tenant: Tenant, call: Call
    ) -> None:
        answer = admin_browser.get(f"{PAGE}/{tenant.id}/export.json")
        assert "attachment" in answer.headers["Content-Disposition"]
        told = json.loads(answer.text)
        (line,) = told["calls"]
        assert (line["id"], line["activecallkey"]) == (call.id, "k1")
        by_name = {entry["name"]: entry for entry in line["entries"]}
        assert by_name["click2call"]["milliseconds"] == 12
        assert by_name["click2call"]["file"] == "crm/telephony/dial.py"
        assert by_name["click2hold"]["problem"].startswith("The telephony session has expired")
        changed = {one["fact"]: one["after"] for one in by_name["hangup"]["effect"]["changed"]}
        assert changed["disposition"] == "ANSWER"

    @pytest.mark.usefixtures("call")
    def test_it_follows_the_filter(self, admin_browser: Browser, tenant: Tenant) -> None:
        answer = admin_browser.get(f"{PAGE}/{tenant.id}/export.json?call=k2")
        assert json.loads(answer.text)["calls"] == []


def test_a_call_of_very_many_events_is_cut(
    admin_browser: Browser, tenant: Tenant, agent: Agent
) -> None:
    for number in range(MOST_EVENTS + 5):
        calls.record_hangup(tenant, {"call_id": "k1", "duration": str(number)})
    db.session.commit()
    text = admin_browser.get(PAGE).text
    assert text.count('class="inspector-entry') == MOST_EVENTS
    assert db.session.scalar(select(func.count(CallEvent.id))) == MOST_EVENTS + 5


def test_with_the_simulator_a_fault_is_named(
    simulator: Simulator, browser: Browser, admin_browser: Browser, tenant: Tenant
) -> None:
    admin_browser.post(f"{PAGE}/{tenant.id}/switch", {"on": "1"})
    simulator.console("switches", api_answers="500")
    browser.htmx_post("/dial", {"number": "+905320000001", "call": CID})
    text = admin_browser.get(f"{PAGE}?failures=1").text
    assert "<code>click2call</code>" in text
    assert "Call Center Studio has a problem of its own (HTTP 500)" in text
    assert seed.DEMO.app_token not in text
