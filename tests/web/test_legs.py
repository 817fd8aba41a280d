"""A transferred call as people see it: who had it, how long each, and what a voicemail says."""

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, Tenant
from tests.unit.calls_world import after, cdr
from tests.unit.test_legs import FIRST, SECOND
from tests.web.browser import Browser
from tests.web.conftest import add_agent
from tests.web.test_calls_export import table
from tests.web.test_calls_filters import rows

TRANSFERRED = '<span class="chip">transferred</span>'


def handed_on(tenant: Tenant) -> Call:
    add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")
    for changes in (FIRST | {"voicemailtotext": "Ring me <b>back</b>"}, SECOND):
        call = calls.record_cdr(tenant, cdr(**changes), received_at=after(200))
    db.session.commit()
    assert call is not None
    return call


def test_the_log_names_everybody_who_had_it(browser: Browser, tenant: Tenant, agent: Agent) -> None:
    call = handed_on(tenant)
    page = browser.get(f"/calls?agent={agent.id}").text
    assert rows(page) == [call.id]
    assert "Ayşe Demir → Mehmet Kaya" in page
    assert TRANSFERRED in page
    [row] = table(browser.get("/calls/export.csv").text)
    assert (row["Agent"], row["Talked (s)"]) == ("Ayşe Demir → Mehmet Kaya", "90")


def test_a_calls_page_and_its_line_in_the_history_show_each_leg(
    browser: Browser, tenant: Tenant, agent: Agent
) -> None:
    call = handed_on(tenant)
    for address in (f"/calls/{call.id}", f"/calls/{call.id}/event"):
        shown = browser.get(address).text
        for text in ("1:00 talked", "0:30 talked", "Mehmet Kaya", "Accounts"):
            assert text in shown
        assert "Ring me &lt;b&gt;back&lt;/b&gt;" in shown
    assert TRANSFERRED in browser.get(f"/calls/{call.id}").text


def test_a_report_says_that_the_call_counts_with_each(
    admin_browser: Browser, tenant: Tenant, agent: Agent
) -> None:
    said = "A call that several agents had counts with each of them."
    address = "/reports?from=2017-08-02&to=2017-08-02"
    assert said not in admin_browser.get(address).text
    handed_on(tenant)
    assert said in admin_browser.get(address).text
