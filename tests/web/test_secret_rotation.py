"""SECRET_KEY is replaced while people work: nobody logs in again, nobody enters a token again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask

from crm import secret_box
from crm.callcenterstudio import TelephonySession
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Tenant, utc_now
from crm.settings import Settings, SettingsError
from crm.telephony.account import client_for
from crm.telephony.session_store import DatabaseStore
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

NEW_KEY = "the key that replaces it, long enough as well"
TOKEN = "the app token of demo"
With = Callable[..., Flask]


@pytest.fixture
def installed_with(app: Flask, settings: Settings) -> Iterator[With]:
    """The same installation after a restart with other keys, the present one first."""
    made: list[Flask] = []

    def installed_with(*keys: str) -> Flask:
        fallbacks = keys[1:]
        made.append(
            create_app(replace(settings, secret_key=keys[0], secret_key_fallbacks=fallbacks))
        )
        made[-1].testing = True
        return made[-1]

    yield installed_with
    for one in made:
        with one.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def secrets_of(app: Flask, tenant_id: int, agent_id: int) -> tuple[str, str, str]:
    """Token, webhooks' secret and session as this installation reads them."""
    keys = app.extensions["settings"].secret_keys
    with app.app_context():
        tenant = db.session.get_one(Tenant, tenant_id)
        session = DatabaseStore(keys).newest(str(agent_id))
        assert client_for(tenant, keys) is not None
        token = secret_box.unseal(tenant.app_token_sealed or "", keys=keys)
        return (
            token,
            tenant.hook_secret,
            session.key if isinstance(session, TelephonySession) else "",
        )


def rotate(app: Flask) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["secrets", "rotate"])


@pytest.fixture
def ids(tenant: Tenant, agent: Agent) -> tuple[int, int]:
    """The tenant with a token, its agent with a telephony session, both sealed with SECRET_KEY."""
    tenant.app_token_sealed = secret_box.seal(TOKEN, key=SECRET_KEY)
    db.session.commit()
    now = utc_now()
    session = TelephonySession("the session's key", "for ayse", now, now + timedelta(hours=8))
    store = DatabaseStore((SECRET_KEY,))
    store.give_back(str(agent.id), store.take(str(agent.id), 5) or "", session)
    return tenant.id, agent.id


@pytest.mark.both_databases
def test_rotate_seals_everything_anew_and_the_earlier_key_can_go(
    ids: tuple[int, int], app: Flask, installed_with: With
) -> None:
    before = secrets_of(app, *ids)
    both = installed_with(NEW_KEY, SECRET_KEY)
    assert secrets_of(both, *ids) == before
    for _ in range(2):
        done = rotate(both)
        assert (done.exit_code, done.output) == (
            0,
            "3 secrets are encrypted with the present SECRET_KEY.\n",
        )
    assert (
        secrets_of(installed_with(NEW_KEY), *ids)
        == before
        == (TOKEN, before[1], "the session's key")
    )
    db.session.expire_all()
    sealed = db.session.get_one(Tenant, ids[0]).app_token_sealed or ""
    with pytest.raises(secret_box.SecretLostError):
        secret_box.unseal(sealed, keys=(SECRET_KEY,))


@pytest.mark.both_databases
def test_what_no_key_opens_is_named_and_left_as_it_is(
    ids: tuple[int, int], tenant: Tenant, installed_with: With
) -> None:
    sealed = tenant.app_token_sealed
    done = rotate(installed_with(NEW_KEY))
    assert done.exit_code == 1
    assert "The app token of tenant demo was encrypted with none of the keys." in done.output
    assert "The webhook secret of tenant demo" in done.output
    assert TOKEN not in done.output
    db.session.expire_all()
    assert db.session.get_one(Tenant, ids[0]).app_token_sealed == sealed


def test_a_page_that_was_open_goes_on_and_its_login_too(
    app: Flask, browser: Browser, installed_with: With
) -> None:
    """One process after the other is restarted, so each key has to be read by the others too."""
    token = browser.csrf_token()  # as it stands in the open page
    new, old = installed_with(NEW_KEY, SECRET_KEY), installed_with(SECRET_KEY, NEW_KEY)
    for restarted in (new, old, new):
        browser.client.application = restarted
        answer = browser.client.post(
            "/settings/me",
            data={"pop_opens_contact": "y", "csrf_token": token},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 200, answer.text
    again = Browser(new)
    assert again.log_in("ayse@demo.example", PASSWORD).status_code == 303


def test_an_earlier_key_that_cannot_have_been_one_is_refused() -> None:
    environment = {
        "SECRET_KEY": NEW_KEY,
        "SECRET_KEY_FALLBACKS": f"{SECRET_KEY.replace(',', '')}, x",
    }
    with pytest.raises(SettingsError, match="SECRET_KEY_FALLBACKS"):
        Settings.from_environ(environment)
    environment["SECRET_KEY_FALLBACKS"] = " "
    assert Settings.from_environ(environment).secret_keys == (NEW_KEY,)
