"""Two agents of one name, and a call without a date, as people see them."""

from crm.extensions import db
from crm.models import Agent, Tenant
from crm.models.call import UNDATED
from tests.web.browser import Browser
from tests.web.conftest import add_agent
from tests.web.test_calls_export import table
from tests.web.test_calls_filters import put_call, rows


def test_two_agents_of_one_name_are_told_apart(
    browser: Browser, tenant: Tenant, agent: Agent
) -> None:
    other = add_agent(tenant, "demir@demo.example", "ayşe  demir")
    put_call(agent)
    theirs = put_call(other)
    page = browser.get("/calls").text
    for shown in ("Ayşe Demir (ayse@demo.example)", "ayşe  demir (demir@demo.example)"):
        assert page.count(shown) == 2  # in the filter and in the log
    assert rows(browser.get(f"/calls?agent={other.id}").text) == [theirs.id]
    exported = {row["Agent"] for row in table(browser.get("/calls/export.csv").text)}
    assert exported == {"Ayşe Demir (ayse@demo.example)", "ayşe  demir (demir@demo.example)"}
    other.name = "Mehmet Kaya"
    db.session.commit()
    assert "ayse@demo.example)" not in browser.get("/calls").text


def test_a_call_without_a_date_is_shown_undated_behind_the_others(
    browser: Browser, agent: Agent
) -> None:
    undated, dated = put_call(agent, started_at=UNDATED), put_call(agent)
    page = browser.get("/calls").text
    assert rows(page) == [dated.id, undated.id]
    assert "1970" not in page.replace('min="1970-01-01"', "").replace("1970-01-01T", "")
    assert ">undated<" in page
    for address in (f"/calls/{undated.id}", f"/calls/{undated.id}/event"):
        assert "undated" in browser.get(address).text
    exported = table(browser.get("/calls/export.csv").text)
    assert [row["Start"] for row in exported] == ["2026-07-01 12:00:00", ""]
