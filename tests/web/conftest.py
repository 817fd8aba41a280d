"""What the tests of pages share: a tenant, its people, and a browser for each of them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

from crm import secret_box
from crm.extensions import db
from crm.models import Agent, Role, Tenant
from crm.simulator import seed
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.world import Simulator, running_simulator

PASSWORD = "a long enough password"
# One round: a test that logs in must not wait for a hash that is made to be slow.
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
NOBODY_LISTENS = "http://127.0.0.1:9/api/"


@pytest.fixture
def tenant(app: Flask) -> Tenant:
    """A tenant in Istanbul whose vendor refuses every connection."""
    tenant = Tenant(
        name="demo",
        host="demo.callcenterstudio.com",
        api_url=NOBODY_LISTENS,
        softphone_url="http://127.0.0.1:9/softphone",
        timezone="Europe/Istanbul",
        region="TR",
        hook_secret="the-hook-secret-of-demo",
    )
    db.session.add(tenant)
    db.session.commit()
    return tenant


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    """Ayşe, who works with contacts and calls."""
    return add_agent(tenant, "ayse@demo.example", "Ayşe Demir")


@pytest.fixture
def admin(tenant: Tenant) -> Agent:
    """Deniz, who runs the installation."""
    return add_agent(tenant, "deniz@demo.example", "Deniz Arslan", role=Role.ADMIN)


@pytest.fixture
def second_tenant(app: Flask) -> Tenant:
    """A tenant in Berlin, where nobody works yet."""
    tenant = Tenant(
        name="second",
        host="second.example",
        api_url=NOBODY_LISTENS,
        softphone_url="http://127.0.0.1:9/softphone",
        timezone="Europe/Berlin",
        region="DE",
        hook_secret="the-hook-secret-of-second",
    )
    db.session.add(tenant)
    db.session.commit()
    return tenant


@pytest.fixture
def jonas(second_tenant: Tenant) -> Agent:
    """An agent of the other tenant."""
    return add_agent(second_tenant, "jonas@second.example", "Jonas Weber")


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """The browser of somebody who has not logged in."""
    return Browser(app)


@pytest.fixture
def browser(app: Flask, agent: Agent) -> Browser:
    """Ayşe's browser, logged in."""
    return logged_in(app, agent)


@pytest.fixture
def admin_browser(app: Flask, admin: Agent) -> Browser:
    """Deniz's browser, logged in."""
    return logged_in(app, admin)


@pytest.fixture(scope="session")
def the_simulator() -> Iterator[Simulator]:
    """One simulator for all tests of pages that need a vendor."""
    with running_simulator(sessions_per_agent=50) as simulator:
        yield simulator


@pytest.fixture
def simulator(the_simulator: Simulator, tenant: Tenant) -> Simulator:
    """The tenant's vendor answers: Ayşe's softphone is open, nobody has called yet."""
    the_simulator.console("reset")
    the_simulator.console("softphones", agent="ayse@demo.example")
    tenant.api_url = f"{the_simulator.url}/api/"
    tenant.softphone_url = f"{the_simulator.url}/generic/sso/"
    tenant.app_token_sealed = secret_box.seal(seed.DEMO.app_token, key=SECRET_KEY)
    db.session.commit()
    the_simulator.asked.clear()
    return the_simulator


def add_agent(tenant: Tenant, email: str, name: str, role: Role = Role.AGENT) -> Agent:
    """A person of a tenant, whose password is PASSWORD."""
    agent = Agent(
        email=email,
        name=name,
        role=role,
        tenant_id=tenant.id,
        studio_email=email,
        password_hash=PASSWORD_HASH,
    )
    db.session.add(agent)
    db.session.commit()
    return agent


def logged_in(app: Flask, agent: Agent) -> Browser:
    """A browser of one's own for any agent of a test."""
    browser = Browser(app)
    answer = browser.log_in(agent.email, PASSWORD)
    assert answer.status_code == 303, answer.text
    return browser
