"""`/settings/keeping`: what new times delete is shown before they are set."""

from datetime import timedelta

from crm import calls, retention
from crm.extensions import db
from crm.models import Agent, RetentionKind, Tally, utc_now
from tests.web.browser import Browser

PATH = "/settings/keeping"


def an_old_call(agent: Agent, days: int) -> None:
    at = utc_now() - timedelta(days=days)
    calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=f"c{days}",
        kind="IncomingCall",
        number="05320000001",
        activecallkey=f"k{days}",
        occurred_at=at,
    )
    db.session.commit()


def test_what_would_go_is_shown_and_confirmed(admin_browser: Browser, admin: Agent) -> None:
    for days in (5, 40, 50):
        an_old_call(admin, days)
    page = admin_browser.htmx_post(PATH, {"events": "30", "calls": "45", "listens": ""})
    assert page.status_code == 200
    for text in ("2 messages, posts and records about calls of before", "1 call of before"):
        assert text in page.text
    assert retention.times() == dict.fromkeys(RetentionKind)
    done = admin_browser.htmx_post(f"{PATH}/apply", {"events": "30", "calls": "45"})
    assert "The times are set." in done.text
    assert retention.times() == {
        RetentionKind.EVENTS: 30,
        RetentionKind.CALLS: 45,
        RetentionKind.LISTENS: None,
        RetentionKind.HISTORY: None,
    }


def test_times_that_delete_nothing_are_set_at_once(admin_browser: Browser, admin: Agent) -> None:
    an_old_call(admin, 5)
    assert admin_browser.post(PATH, {"events": "30"}).status_code == 303
    assert 'value="30"' in admin_browser.get(PATH).text
    admin_browser.post(PATH, {})
    assert retention.times() == dict.fromkeys(RetentionKind)


def test_too_few_days_are_refused_in_words(admin_browser: Browser) -> None:
    for path in (PATH, f"{PATH}/apply"):
        for typed in ("6", "-1", "x", "99999999"):
            answer = admin_browser.htmx_post(path, {"events": typed})
            assert answer.status_code == 422
            assert "is-invalid" in answer.text
            assert "integer" not in answer.text
    assert retention.times() == dict.fromkeys(RetentionKind)


def test_the_last_run_is_told(admin_browser: Browser, admin: Agent) -> None:
    assert "Nothing has been deleted for its age yet." in admin_browser.get(PATH).text
    an_old_call(admin, 40)
    retention.set_times({RetentionKind.EVENTS: 30})
    retention.apply(now=utc_now())
    assert "1 deleted on" in admin_browser.get(PATH).text
    assert db.session.query(Tally).count() == 1


def test_it_is_for_admins(browser: Browser) -> None:
    assert browser.get(PATH).status_code == 403
    assert browser.post(PATH, {}).status_code == 403
    assert browser.post(f"{PATH}/apply", {}).status_code == 403
