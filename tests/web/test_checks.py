"""The checks that the server makes, each with each of its findings, and who sees which."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crm import secret_box
from crm.background import enqueue
from crm.extensions import db
from crm.models import CallEvent, EventSource, InboxEntry, Tally, Tenant, utc_now
from crm.pages.settings.checks import ALL, asked, installation
from crm.pages.settings.checks.at_installation import AT_INSTALLATION
from crm.pages.settings.checks.at_server import AT_SERVER
from crm.pages.settings.checks.in_browser import IN_BROWSER
from crm.telephony import account, reach, webhook_check
from crm.telephony.webhook_check import Arrival
from crm.web.refused_webhooks import WRONG_SECRET
from crm.worker import schedule
from tests.conftest import SECRET_KEY
from tests.unit.callcenterstudio.vendor import Vendor, sends
from tests.web.browser import Browser
from tests.world import Simulator

PAGE = "/settings/checks"
VENDOR = "https://demo.example/api/"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may take long. How PUBLIC_URL is asked: tests/unit/test_reach.py."""
    monkeypatch.setattr(reach, "SECONDS", 2.0)
    monkeypatch.setattr(reach, "public_address", lambda _url: "reached")
    monkeypatch.setattr(webhook_check, "send", lambda *_args, **_options: Arrival("no_answer"))


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The vendor is fine, and is not asked."""
    monkeypatch.setattr(reach, "softphone_page", lambda _page, _desk: "frames")
    monkeypatch.setattr(account, "try_connection", lambda *_args, **_options: None)
    return monkeypatch


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


def found(browser: Browser) -> dict[str, tuple[str, str]]:
    """The state of each of the server's checks, and the sentences about it."""
    text = browser.htmx_post(PAGE).text
    row = r'id="check-(\w+)" data-state="(\w+)".*?check-answer">(.*?)</div>'
    rows = re.findall(row, text, re.DOTALL)
    return {check: (state, re.sub(r"<.*?>|\s+", " ", said)) for check, state, said in rows}


def public_address(browser: Browser, url: str | None) -> None:
    settings = browser.app.extensions["settings"]
    browser.app.extensions["settings"] = replace(settings, public_url=url)


def test_the_page_shows_each_check_and_asks_nobody(
    browser: Browser, admin_browser: Browser, simulator: Simulator
) -> None:
    own, all_of_them = browser.get(PAGE).text, admin_browser.get(PAGE).text
    for check in ALL:
        assert f'id="check-{check.id}"' in all_of_them
        assert (f'id="check-{check.id}"' in own) is not check.for_admins
    for check in IN_BROWSER:
        for word in check.answers:
            assert f'data-check="{check.id}" data-found="{word}"' in own
    assert simulator.asked == {}


def test_agents_learn_nothing_of_what_is_an_admins(browser: Browser, simulator: Simulator) -> None:
    assert set(found(browser)) == {check.id for check in AT_SERVER if not check.for_admins}
    assert "crm.test" not in browser.htmx_post(PAGE).text


def test_without_javascript_a_form_asks(browser: Browser, simulator: Simulator) -> None:
    answer = browser.post(PAGE)
    assert "<!DOCTYPE html>" in answer.text
    assert 'id="check-api" data-state="fine"' in answer.text


def test_a_vendor_in_good_health_is_fine(admin_browser: Browser, simulator: Simulator) -> None:
    states = {check: state for check, (state, _said) in found(admin_browser).items()}
    assert states["api"] == states["softphone_page"] == states["token"] == "fine"
    assert states["hangup_address"] == "fine"
    assert simulator.asked == {"ping": 1}


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        ("500", "broken", "answers with an error"),
        ("429", "broken", "answers with an error"),
        ("dropped", "broken", "did not answer the CRM"),
        ("html", "broken", "not as it should"),
    ],
)
def test_an_api_in_trouble_is_said_with_what_happened(
    admin_browser: Browser, simulator: Simulator, answers: str, state: str, words: str
) -> None:
    simulator.console("switches", api_answers=answers)
    told = found(admin_browser)
    assert told["api"][0] == state
    assert words in told["api"][1]
    assert told["api"][1].count(".") > words.count(".") + 2  # the error's own text as well
    assert told["token"][0] == "unknown"


def test_an_api_that_says_nothing_is_given_up(
    browser: Browser, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "SECONDS", 0.3)
    simulator.console("switches", slow_seconds=3)
    assert found(browser)["api"][0] == "broken"


@pytest.mark.parametrize(
    ("sealed", "api", "token"),
    [
        (None, "The CRM has no app token", "There is none."),
        ("no token", "The CRM has no app token", "stored with another SECRET_KEY"),
        (secret_box.seal("an-old-token", key=SECRET_KEY), "refuses", "refuses it"),
    ],
    ids=["none", "lost", "refused"],
)
@pytest.mark.usefixtures("simulator")
def test_an_app_token_is_missing_lost_or_refused(
    admin_browser: Browser, tenant: Tenant, sealed: str | None, api: str, token: str
) -> None:
    tenant.app_token_sealed = sealed
    told = found(admin_browser)
    assert (told["api"][0], told["token"][0]) == ("broken", "broken")
    assert api in told["api"][1]
    assert token in told["token"][1]


@pytest.mark.parametrize(
    ("headers", "state"),
    [({}, "fine"), ({"Content-Security-Policy": "frame-ancestors 'none'"}, "broken")],
)
def test_the_softphones_page_allows_the_frame_or_not(
    browser: Browser, tenant: Tenant, vendor: Vendor, headers: dict[str, str], state: str
) -> None:
    vendor.will(sends("phone", headers=headers))
    tenant.softphone_url = vendor.url
    assert found(browser)["softphone_page"][0] == state
    assert "session" not in "".join(vendor.paths)


def test_a_softphones_page_that_does_not_answer_may_still_be_there_for_the_agent(
    browser: Browser, tenant: Tenant
) -> None:
    state, said = found(browser)["softphone_page"]
    assert state == "mend"
    assert "cannot reach it" in said


@pytest.mark.parametrize(
    "case",
    [
        ("", VENDOR, "", "not_set"),
        ("https://crm.example", VENDOR, "reached", "reached"),
        ("http://crm.example", VENDOR, "reached", "plain"),
        ("https://crm.example", VENDOR, "no_answer", "no_answer"),
        ("https://crm.example", VENDOR, "certificate", "certificate"),
        ("https://crm.example", VENDOR, "something_else", "something_else"),
        ("http://localhost:5000", VENDOR, "reached", "own_network"),
        ("https://10.1.2.3", VENDOR, "reached", "own_network"),
        ("https://[fd00::1]", VENDOR, "reached", "own_network"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/api/", "reached", "reached"),  # the demo
    ],
)
def test_the_public_address(
    admin_browser: Browser, tenant: Tenant, asking: pytest.MonkeyPatch, case: tuple[str, ...]
) -> None:
    url, tenant.api_url, answer, word = case
    asking.setattr(reach, "public_address", lambda _url: answer)
    public_address(admin_browser, url or None)
    row = next(check for check in AT_INSTALLATION if check.id == "public_url")
    state, said = found(admin_browser)["public_url"]
    assert state == row.answers[word].state
    assert str(row.answers[word].said) in said.replace("&#39;", "'")


def test_the_hangup_address_needs_a_public_one_and_a_readable_secret(
    admin_browser: Browser, tenant: Tenant
) -> None:
    assert found(admin_browser)["hangup_address"][0] == "fine"
    tenant.hook_secret_sealed = "stored with another key"
    assert "make a new address" in found(admin_browser)["hangup_address"][1]
    public_address(admin_browser, None)
    assert "PUBLIC_URL is not set" in found(admin_browser)["hangup_address"][1]


def test_the_worker_never_ran_keeps_up_or_is_late(admin_browser: Browser, tenant: Tenant) -> None:
    assert "No worker has run yet" in found(admin_browser)["worker"][1]
    now = utc_now()
    enqueue(schedule.SUMMARISE, "calls", delay=60, now=now)
    assert found(admin_browser)["worker"][0] == "fine"
    waits = InboxEntry(
        tenant_id=tenant.id,
        source=EventSource.HANGUP,
        received_at=now - timedelta(minutes=1),
        payload={},
        attempts=0,
        last_error="",
    )
    db.session.add(waits)
    assert found(admin_browser)["worker"][0] == "broken"
    db.session.delete(waits)
    enqueue(schedule.AT_NIGHT, "retention", now=now - timedelta(minutes=5))
    assert found(admin_browser)["worker"][0] == "broken"


def test_the_last_webhook_and_those_with_a_wrong_secret(
    admin_browser: Browser, tenant: Tenant
) -> None:
    assert found(admin_browser)["webhook"][0] == "unknown"
    now = utc_now()
    event = CallEvent(
        tenant_id=tenant.id,
        source=EventSource.HANGUP,
        kind="hangup",
        occurred_at=now,
        payload={},
        digest="d1",
    )
    db.session.add(event)
    assert found(admin_browser)["webhook"][0] == "fine"
    wrong = Tally(name=WRONG_SECRET, count=1, last_at=now - timedelta(minutes=1))
    db.session.add(wrong)  # dials are reported rightly, and the IVR has the old address still
    assert found(admin_browser)["webhook"][0] == "mend"
    wrong.last_at = now - timedelta(days=2)
    assert found(admin_browser)["webhook"][0] == "fine"


def test_every_finding_of_the_server_has_words() -> None:
    """The words of the tables are those of the code that looks."""
    modules = (asked, installation, reach, webhook_check)
    files = [Path(module.__file__ or "") for module in modules]
    quoted = set(re.findall(r'"(\w+)"', "".join(path.read_text() for path in files)))
    for check in (*AT_SERVER, *AT_INSTALLATION):
        assert set(check.answers) <= quoted, check.id
