"""Agents: who may be added, when logins end, and that an admin always stays."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from crm import agents, logins, tenants
from crm.agents import AgentData, InvalidAgentError
from crm.extensions import db
from crm.logins import BrowserInfo
from crm.models import Agent, Role, Tenant, utc_now
from crm.tenants import TenantData
from tests.conftest import SECRET_KEY

PASSWORD = "a long enough password"


@pytest.fixture
def tenant(app: Flask) -> Tenant:
    """A tenant to belong to."""
    return tenants.set_tenant("demo", TenantData(), secret_key=SECRET_KEY)


@pytest.fixture
def ayse(tenant: Tenant) -> AgentData:
    """What is said about Ayşe."""
    return AgentData(email="ayse@demo.example", name="Ayşe Demir", tenant=tenant)


@pytest.fixture
def deniz(tenant: Tenant) -> Agent:
    """The only admin."""
    data = AgentData(email="deniz@demo.example", name="Deniz", tenant=tenant, role=Role.ADMIN)
    return agents.add_agent(data, PASSWORD)


def is_logged_in(agent: Agent) -> bool:
    return bool(logins.of_agent(agent.id, now=utc_now()))


def log_in(agent: Agent) -> None:
    assert logins.begin(agent.id, agent.password_hash, BrowserInfo("192.0.2.1", "x"), now=utc_now())
    assert is_logged_in(agent)


@pytest.mark.both_databases
def test_an_added_agent_can_log_in(ayse: AgentData) -> None:
    added = agents.add_agent(replace(ayse, email=" Ayse@Demo.Example"), PASSWORD)
    db.session.commit()
    assert agents.authenticate("AYSE@demo.example ", PASSWORD) is added
    assert agents.authenticate("ayse@demo.example", "another password") is None
    assert agents.authenticate("nobody@demo.example", PASSWORD) is None


def test_the_address_at_the_vendor_is_the_same_unless_given(ayse: AgentData) -> None:
    added = agents.add_agent(ayse, PASSWORD)
    assert added.studio_email == "ayse@demo.example"
    agents.change_agent(added, replace(ayse, studio_email="Ayse.D@studio.example"))
    assert added.studio_email == "Ayse.D@studio.example"
    agents.change_agent(added, replace(ayse, studio_email=" "))
    assert added.studio_email == "ayse@demo.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ayse"),
        ("email", "ayse@"),
        ("email", "ayse@demo example"),
        ("email", "ayse@demo.example\r\nBcc: x@y.example"),
        ("name", " "),
        ("name", "x" * 201),
        ("studio_email", "ayse"),
    ],
)
def test_it_refuses_what_cannot_be_used_and_names_the_field(
    ayse: AgentData, field: str, value: str
) -> None:
    changed: Any = {field: value}
    with pytest.raises(InvalidAgentError) as refused:
        agents.add_agent(replace(ayse, **changed), PASSWORD)
    assert list(refused.value.problems) == [field]
    assert agents.all_agents() == []


@pytest.mark.both_databases
def test_an_address_belongs_to_one_agent(ayse: AgentData) -> None:
    agents.add_agent(ayse, PASSWORD)
    with pytest.raises(InvalidAgentError) as refused:
        agents.add_agent(replace(ayse, email="AYSE@demo.example"), PASSWORD)
    assert list(refused.value.problems) == ["email"]


@pytest.mark.parametrize("password", ["", "nine chrs", "x" * 1001])
def test_a_password_has_ten_characters_or_more(ayse: AgentData, password: str) -> None:
    with pytest.raises(InvalidAgentError) as refused:
        agents.add_agent(ayse, password)
    assert list(refused.value.problems) == ["password"]


def test_a_deactivated_agent_is_out_and_can_come_back(ayse: AgentData, deniz: Agent) -> None:
    agent = agents.add_agent(ayse, PASSWORD)
    log_in(agent)
    agents.deactivate(agent)
    assert not is_logged_in(agent)
    assert agents.authenticate(agent.email, PASSWORD) is None
    agents.reactivate(agent)
    assert agents.authenticate(agent.email, PASSWORD) is agent


@pytest.mark.both_databases
def test_the_last_admin_stays_admin_and_active(ayse: AgentData, deniz: Agent) -> None:
    agents.add_agent(ayse, PASSWORD)
    as_agent = AgentData(email=deniz.email, name=deniz.name, tenant=ayse.tenant)
    with pytest.raises(InvalidAgentError):
        agents.deactivate(deniz)
    with pytest.raises(InvalidAgentError):
        agents.change_agent(deniz, as_agent)
    assert (deniz.active, deniz.role) == (True, Role.ADMIN)


def test_an_admin_who_is_not_the_last_may_go(ayse: AgentData, deniz: Agent) -> None:
    agents.add_agent(replace(ayse, role=Role.ADMIN), PASSWORD)
    agents.deactivate(deniz)
    assert not deniz.active


def test_a_deactivated_admin_does_not_count(ayse: AgentData, deniz: Agent) -> None:
    agents.deactivate(agents.add_agent(replace(ayse, role=Role.ADMIN), PASSWORD))
    with pytest.raises(InvalidAgentError):
        agents.deactivate(deniz)


@pytest.mark.both_databases
def test_a_reset_password_ends_every_login(ayse: AgentData) -> None:
    agent = agents.add_agent(ayse, PASSWORD)
    before = agent.password_hash
    log_in(agent)
    agents.reset_password(agent, "another long one")
    assert not is_logged_in(agent)
    # One whose old password was checked a moment ago gets no login any more.
    assert logins.begin(agent.id, before, BrowserInfo("", ""), now=utc_now()) is None
    assert agents.authenticate(agent.email, "another long one") is agent


def test_ones_own_password_takes_the_current_one(ayse: AgentData) -> None:
    agent = agents.add_agent(ayse, PASSWORD)
    with pytest.raises(InvalidAgentError) as refused:
        agents.change_own_password(agent, "not the password", "short")
    assert set(refused.value.problems) == {"current_password", "password"}
    assert agents.authenticate(agent.email, PASSWORD) is agent


def test_another_account_at_the_vendor_ends_the_logins(ayse: AgentData) -> None:
    agent = agents.add_agent(ayse, PASSWORD)
    log_in(agent)
    agents.change_agent(agent, replace(ayse, name="Ayşe Yıldız"))
    assert is_logged_in(agent)
    agents.change_agent(agent, replace(ayse, studio_email="other@studio.example"))
    assert not is_logged_in(agent)
