"""What admins set about tenants and agents, and agents about themselves."""

import re
from datetime import datetime

import pytest
from flask import Flask

from crm import agents, secret_box
from crm.extensions import db
from crm.models import Agent, Role, Tenant, utc_now
from crm.settings import Settings
from crm.simulator import seed
from crm.telephony import import_runs
from crm.telephony.account import client_for
from crm.telephony.import_job import read_next_page
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, add_agent, logged_in
from tests.web.contacts.forms import typed_in

ADMIN_PAGES = (
    "/settings",
    "/settings/tenants",
    "/settings/tenants/new",
    "/settings/tenants/1",
    "/settings/agents",
    "/settings/agents/new",
    "/settings/agents/1",
    "/settings/agents/1/password",
)
TOKEN = "ahRzfnRoZS10b2tlbi1vZi10aGUtdGVuYW50LXZlcnktc2VjcmV0"


@pytest.fixture
def tenant_form(tenant: Tenant) -> dict[str, str]:
    """The form of the tenant as its page holds it."""
    return {
        "host": tenant.host,
        "api_url": tenant.api_url,
        "softphone_url": tenant.softphone_url,
        "softphone_tenant": "host",
        "timezone": "Europe/Istanbul",
        "region": "TR",
        "dial_format": "national",
        "answer_within_seconds": "20",
        "app_token": "",
    }


@pytest.fixture
def agent_form(agent: Agent) -> dict[str, str]:
    """The form of Ayşe as its page holds it."""
    return {
        "name": agent.name,
        "email": agent.email,
        "tenant": str(agent.tenant_id),
        "studio_email": "",
        "role": "agent",
    }


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_it_keeps_agents_out_of_the_admins_pages(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/settings/tenants/1", "/settings/agents/1/deactivate"])
def test_it_takes_no_changes_from_agents(browser: Browser, path: str) -> None:
    assert browser.post(path).status_code == 403


@pytest.mark.parametrize("path", [*ADMIN_PAGES, "/settings/me", "/settings/me/password"])
def test_it_shows_every_page_to_an_admin(admin_browser: Browser, path: str) -> None:
    assert "<!DOCTYPE html>" in admin_browser.get(path).text
    assert admin_browser.htmx_get(path).text.lstrip().startswith("<title>")


class TestTenants:
    def test_it_makes_a_tenant_from_its_name(self, admin_browser: Browser) -> None:
        answer = admin_browser.post("/settings/tenants/new", {**NEW_TENANT, "app_token": TOKEN})
        assert answer.status_code == 303
        made = db.session.query(Tenant).filter_by(name="acme").one()
        assert made.host == "acme.callcenterstudio.com"
        assert made.api_url == "https://acme.callcenterstudio.com/api/"
        assert secret_box.unseal(made.app_token_sealed or "", keys=(SECRET_KEY,)) == TOKEN

    def test_it_makes_no_second_tenant_of_a_name(self, admin_browser: Browser) -> None:
        answer = admin_browser.post("/settings/tenants/new", {**NEW_TENANT, "name": "demo"})
        assert answer.status_code == 422
        assert "There is a tenant of this name already." in answer.text

    def test_it_keeps_what_was_typed_and_says_what_is_wrong(
        self, admin_browser: Browser, tenant_form: dict[str, str]
    ) -> None:
        typed = {**tenant_form, "host": "https://acme.com/", "api_url": "ftp://acme.com"}
        answer = admin_browser.post("/settings/tenants/1", typed)
        assert answer.status_code == 422
        assert 'value="https://acme.com/"' in answer.text
        assert 'value="ftp://acme.com"' in answer.text
        assert "Enter the host name alone" in answer.text
        assert "Enter an address that starts with https://" in answer.text

    def test_it_never_shows_a_token(
        self, admin_browser: Browser, tenant_form: dict[str, str]
    ) -> None:
        bad = admin_browser.post(
            "/settings/tenants/1", {**tenant_form, "app_token": TOKEN, "host": "not a host"}
        )
        saved = admin_browser.post("/settings/tenants/1", {**tenant_form, "app_token": TOKEN})
        later = admin_browser.get("/settings/tenants/1")
        assert (bad.status_code, saved.status_code) == (422, 303)
        assert TOKEN not in bad.text + later.text
        assert re.search(r"Set on \d+ \w+ \d{4} and never shown again", later.text)

    def test_it_keeps_the_token_when_the_field_is_left_empty(
        self, admin_browser: Browser, tenant: Tenant, tenant_form: dict[str, str]
    ) -> None:
        admin_browser.post("/settings/tenants/1", {**tenant_form, "app_token": TOKEN})
        admin_browser.post("/settings/tenants/1", {**tenant_form, "region": "DE"})
        db.session.refresh(tenant)
        assert tenant.region == "DE"
        assert secret_box.unseal(tenant.app_token_sealed or "", keys=(SECRET_KEY,)) == TOKEN

    def test_it_says_that_a_connection_cannot_be_tried_without_a_token(
        self, admin_browser: Browser
    ) -> None:
        answer = admin_browser.htmx_post("/settings/tenants/1/test")
        assert answer.status_code == 200
        assert "app token" in answer.text
        assert 'role="alert"' in answer.text

    def test_it_says_that_the_vendor_does_not_answer(
        self, admin_browser: Browser, tenant_form: dict[str, str]
    ) -> None:
        admin_browser.post("/settings/tenants/1", {**tenant_form, "app_token": TOKEN})
        answer = admin_browser.post("/settings/tenants/1/test", follow_redirects=True)
        assert 'role="alert"' in answer.text
        assert TOKEN not in answer.text

    def test_it_shows_the_hangup_address_and_makes_a_new_one(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        before = f"http://crm.test/webhooks/hangup/{tenant.hook_secret}"
        assert before in admin_browser.get("/settings/tenants/1").text
        admin_browser.post("/settings/tenants/1/hook-secret")
        assert before not in admin_browser.get("/settings/tenants/1").text


class TestAgents:
    def test_it_adds_an_agent_who_can_log_in(self, app: Flask, admin_browser: Browser) -> None:
        typed = {
            "name": "Zeynep Koç",
            "email": " Zeynep@Demo.Example ",
            "tenant": "1",
            "role": "agent",
            "studio_email": "zeynep@studio.example",
            "password": PASSWORD,
        }
        assert admin_browser.post("/settings/agents/new", typed).status_code == 303
        added = agents.by_email("zeynep@demo.example")
        assert added is not None
        assert added.studio_email == "zeynep@studio.example"
        logged_in(app, added)

    def test_it_answers_htmx_with_the_list_and_its_address(
        self, admin_browser: Browser, agent: Agent, agent_form: dict[str, str]
    ) -> None:
        answer = admin_browser.htmx_post(
            f"/settings/agents/{agent.id}", {**agent_form, "name": "Ayşe Yıldız"}
        )
        assert answer.headers["HX-Push-Url"] == "/settings/agents"
        assert "Ayşe Yıldız is saved." in answer.text

    @pytest.mark.parametrize(
        ("field", "typed", "word"),
        [
            ("name", "", "Enter a name."),
            ("email", "ayse", "Enter an e-mail address"),
            ("email", "deniz@demo.example", "There is an agent with this e-mail already."),
            ("studio_email", "@", "Enter an e-mail address"),
        ],
    )
    def test_it_says_at_the_field_what_is_wrong(
        self, admin_browser: Browser, agent_form: dict[str, str], field: str, typed: str, word: str
    ) -> None:
        ayse = agents.by_email("ayse@demo.example")
        assert ayse is not None
        answer = admin_browser.post(f"/settings/agents/{ayse.id}", {**agent_form, field: typed})
        assert answer.status_code == 422
        assert word in answer.text
        assert f'value="{typed}"' in answer.text

    def test_it_ends_an_agents_access_at_once(
        self, browser: Browser, admin_browser: Browser, agent: Agent
    ) -> None:
        assert browser.get("/settings/me").status_code == 200
        admin_browser.post(f"/settings/agents/{agent.id}/deactivate")
        assert browser.get("/settings/me").status_code == 302
        assert browser.log_in(agent.email, PASSWORD).status_code == 422

    def test_it_lets_a_deactivated_agent_in_again(
        self, app: Flask, admin_browser: Browser, agent: Agent
    ) -> None:
        admin_browser.post(f"/settings/agents/{agent.id}/deactivate")
        admin_browser.post(f"/settings/agents/{agent.id}/reactivate")
        logged_in(app, agent)

    def test_it_keeps_the_last_admin(self, admin_browser: Browser, admin: Agent) -> None:
        answer = admin_browser.post(f"/settings/agents/{admin.id}/deactivate")
        assert answer.status_code == 422
        assert "This is the last admin" in answer.text
        assert admin_browser.get("/settings").status_code == 200

    def test_it_resets_a_password_and_ends_the_logins(
        self, browser: Browser, admin_browser: Browser, agent: Agent
    ) -> None:
        path = f"/settings/agents/{agent.id}/password"
        assert admin_browser.post(path, {"password": "too short"}).status_code == 422
        answer = admin_browser.post(path, {"password": "another long one"})
        assert "another long one" not in answer.text
        assert browser.get("/settings/me").status_code == 302
        assert browser.log_in(agent.email, "another long one").status_code == 303

    def test_it_does_not_repeat_a_password(
        self, admin_browser: Browser, agent_form: dict[str, str]
    ) -> None:
        typed = {**agent_form, "password": "a password to keep"}
        answer = admin_browser.post("/settings/agents/new", typed)
        assert answer.status_code == 422
        assert "a password to keep" not in answer.text


class TestMe:
    def test_it_changes_name_and_habit(self, browser: Browser, agent: Agent) -> None:
        typed = {"name": "Ayşe Yıldız", "ring_sound": "y"}
        assert browser.post("/settings/me", typed).status_code == 303
        db.session.refresh(agent)
        assert (agent.name, agent.pop_opens_contact) == ("Ayşe Yıldız", False)
        assert agent.ring_sound is True

    def test_it_changes_the_password_and_keeps_this_login_alone(
        self, app: Flask, browser: Browser, agent: Agent
    ) -> None:
        elsewhere = logged_in(app, agent)
        typed = {"current_password": PASSWORD, "password": "another long one"}
        assert browser.post("/settings/me/password", typed).status_code == 303
        assert browser.get("/settings/me").status_code == 200
        assert elsewhere.get("/settings/me").status_code == 302

    def test_it_asks_for_the_current_password(self, browser: Browser) -> None:
        typed = {"current_password": "a wrong password", "password": "another long one"}
        answer = browser.post("/settings/me/password", typed)
        assert answer.status_code == 422
        assert "This is not your password." in answer.text
        assert "a wrong password" not in answer.text

    def test_it_gives_no_role_to_who_asks_for_one(self, browser: Browser, agent: Agent) -> None:
        browser.post("/settings/me", {"name": agent.name, "role": "admin"})
        db.session.refresh(agent)
        assert agent.role is Role.AGENT


class TestOverview:
    def test_it_says_what_is_missing(self, admin_browser: Browser) -> None:
        text = admin_browser.get("/settings").text
        assert "Tenant demo has no app token." in text
        assert "PUBLIC_URL is not set" not in text

    def test_it_says_that_a_token_can_no_longer_be_read(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        tenant.app_token_sealed = secret_box.seal(TOKEN, key="another key, as long as the first")
        assert "stored with another SECRET_KEY" in admin_browser.get("/settings").text

    @pytest.mark.usefixtures("simulator")
    def test_it_shows_each_tenants_last_answer_whoever_asked(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        """The button asks, and so do logins and the reading of records."""
        tenant.last_answer_at = None
        assert "has not been asked yet" in admin_browser.get("/settings").text
        admin_browser.post("/settings/tenants/1/test")
        assert "Connected" in admin_browser.get("/settings").text
        tenant.app_token_sealed = secret_box.seal("nonsense", key=SECRET_KEY)
        admin_browser.post("/softphone/login")
        page = admin_browser.get("/settings").text
        assert "Refused or not reached" in page
        assert "does not accept this tenant&#39;s app token" in page
        tenant.app_token_sealed = secret_box.seal(seed.DEMO.app_token, key=SECRET_KEY)
        day = datetime(2026, 3, 20)
        run = import_runs.start(tenant.id, day, day, now=utc_now())
        db.session.commit()
        read_next_page(str(run.id), lambda of: client_for(of, (SECRET_KEY,)))
        assert "Refused or not reached" not in admin_browser.get("/settings").text

    def test_it_says_what_a_missing_public_url_means(
        self, app: Flask, admin_browser: Browser, settings: Settings
    ) -> None:
        app.extensions["settings"] = Settings(
            secret_key=settings.secret_key, database_url=settings.database_url
        )
        assert "no hangup address is sent with a dial" in admin_browser.get("/settings").text

    def test_it_says_that_nobody_works_with_a_tenant(self, admin_browser: Browser) -> None:
        assert "has no agents yet" not in admin_browser.get("/settings").text
        admin_browser.post("/settings/tenants/new", NEW_TENANT)
        assert "Tenant acme has no agents yet." in admin_browser.get("/settings").text
        acme = db.session.query(Tenant).filter_by(name="acme").one()
        add_agent(acme, "can@acme.example", "Can Aydın")
        assert "has no agents yet" not in admin_browser.get("/settings").text


NEW_TENANT = {
    "name": "acme",
    "host": "",
    "api_url": "",
    "softphone_url": "",
    "softphone_tenant": "host",
    "timezone": "Europe/Istanbul",
    "region": "TR",
    "dial_format": "national",
    "answer_within_seconds": "20",
    "app_token": "",
}


def test_the_softphones_sandbox_is_on_until_an_admin_switches_it_off_and_is_warned(
    admin_browser: Browser, tenant: Tenant, tenant_form: dict[str, str]
) -> None:
    path = f"/settings/tenants/{tenant.id}"
    assert 'sandbox="off"' not in admin_browser.get("/contacts").text
    admin_browser.post(path, tenant_form | {"softphone_unsandboxed": "y"})
    assert "runs without a sandbox" in admin_browser.get(path).text
    assert 'sandbox="off"' in admin_browser.get("/contacts").text
    admin_browser.post(path, tenant_form)
    assert 'sandbox="off"' not in admin_browser.get("/contacts").text


@pytest.mark.parametrize(
    ("path", "mine", "theirs"),
    [
        ("/settings/agents/2", {"studio_email": "s@studio.example"}, {"name": "Ayşe Kara"}),
        ("/settings/agents/2", {"name": "Ayşe Kara"}, {"role": "admin", "email": "a@b.example"}),
        ("/settings/tenants/1", {"region": "DE"}, {"dial_format": "e164"}),
        ("/settings/tenants/1", {"timezone": "Europe/Berlin"}, {"host": "acme.alo-tech.com"}),
        ("/settings/tenants/1/notifications", {"queue": "Kuyruk"}, {"number": "Arayan"}),
    ],
)
def test_what_the_second_has_not_touched_is_as_the_first_saved_it(
    admin_browser: Browser, agent: Agent, path: str, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    """Two admins have a form open."""
    assert agent.id == 2
    other = admin_browser
    before = typed_in(admin_browser.get(path))
    assert other.post(path, typed_in(other.get(path)) | theirs).status_code == 303
    assert admin_browser.post(path, before | mine).status_code == 303
    now = typed_in(admin_browser.get(path))
    assert {name: now[name] for name in (mine | theirs) if name in now} == {
        name: value for name, value in (mine | theirs).items() if name in now
    }
    assert now["shown"] != before["shown"]


def test_a_tab_that_was_opened_before_takes_no_habit_back(
    admin_browser: Browser, admin: Agent
) -> None:
    before = typed_in(admin_browser.get("/settings/me"))
    admin_browser.post("/settings/me", before | {"pop_opens_contact": ""})
    admin_browser.post("/settings/me", before | {"name": "Deniz A."})
    db.session.refresh(admin)
    assert (admin.name, admin.pop_opens_contact) == ("Deniz A.", False)
