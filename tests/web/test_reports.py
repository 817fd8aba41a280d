"""Reports: what is chosen and shown to whom, wrong dates, and the tables as files."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask

from crm.calls import summary
from crm.extensions import db
from crm.models import Agent, Call, CallState, Direction, Tenant, utc_now
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = "from=2026-03-01&to=2026-03-31"


def add(tenant: Tenant, at: datetime = NOON, **facts: Any) -> None:
    """An answered inbound call that is over."""
    usual: dict[str, Any] = {
        "direction": Direction.INBOUND,
        "state": CallState.ENDED,
        "answered": True,
        "wait_seconds": 20,
        "talk_seconds": 65,
        "queue": "Support",
    }
    db.session.add(Call(tenant_id=tenant.id, started_at=at, **(usual | facts)))


@pytest.fixture
def second(second_tenant: Tenant) -> Tenant:
    """Another tenant, in Berlin, with a call of its own."""
    add(second_tenant, queue="Orders of second")
    return second_tenant


def text_of(page: str) -> str:
    """What stands in `#main`, in one line."""
    main = page.partition('<main id="main"')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def test_the_four_figures_tell_their_change(browser: Browser, tenant: Tenant) -> None:
    for number in range(3):
        add(tenant, answered=number > 0, abandoned=number == 0)
    add(tenant, direction=Direction.OUTBOUND)
    in_february = NOON - timedelta(days=28)
    add(tenant, in_february, wait_seconds=15)
    add(tenant, in_february, answered=False)
    text = text_of(browser.get(f"/reports?{MARCH}").text)
    assert "Calls 4 100% more 3 in, 1 out" in text
    assert "Answered 66.7% 16.7 points higher 1 missed, of these 1 gave up" in text
    assert "Average wait 0:20 0:02 longer 66.7% of inbound callers answered in time" in text
    assert "Talking time 4:20 100% more" in text
    assert "Compared with Sun 1 Feb 2026 to Sat 28 Feb 2026." in text


def test_another_time_for_the_service_level_counts_the_past_again(
    admin_browser: Browser, tenant: Tenant
) -> None:
    add(tenant, wait_seconds=25)
    add(tenant, wait_seconds=5)
    db.session.commit()
    for _day in summary.summarise():
        pass
    assert "50.0% of inbound callers" in text_of(admin_browser.get(f"/reports?{MARCH}").text)
    changed = {"answer_within_seconds": "30", "timezone": tenant.timezone, "region": "TR"}
    changed |= {"dial_format": "national", "softphone_tenant": "host"}
    address = f"/settings/tenants/{tenant.id}"
    refused = admin_browser.post(address, changed | {"answer_within_seconds": "soon"})
    assert "Not a valid integer value" in refused.text or "Enter a number" in refused.text
    assert admin_browser.post(address, changed).status_code in (200, 303)
    for _day in summary.summarise():
        pass
    assert "100.0% of inbound callers" in text_of(admin_browser.get(f"/reports?{MARCH}").text)


def test_each_picture_has_its_table(browser: Browser, tenant: Tenant, agent: Agent) -> None:
    add(tenant, agent_id=agent.id)
    page = browser.get(f"/reports?{MARCH}").text
    for name in ("days", "hours", "agents", "queues"):
        assert f'data-chart="report-{name}"' in page
        assert f'<table id="report-{name}">' in page
    text = text_of(page)
    for line in ("Tue 10 Mar 2026 1 0 0 100.0%", "15:00 1 0", "Ayşe Demir 1 0", "Support 1 0"):
        assert line in text
    assert 'data-series="missed"' in page
    assert '<td class="figure" data-value="1">1</td>' in page


def test_without_dates_the_last_30_days_are_shown(browser: Browser, tenant: Tenant) -> None:
    add(tenant, utc_now() - timedelta(days=3))
    add(tenant, utc_now() - timedelta(days=40))
    page = browser.get("/reports").text
    assert "Calls 1 " in text_of(page)
    assert re.search(r'aria-current="true">Last 30 days', page)


def test_days_without_calls_say_so_and_lead_on(browser: Browser) -> None:
    page = browser.get(f"/reports?{MARCH}").text
    assert "No calls in these days" in page
    assert "Show the last 30 days" in page
    assert "data-chart" not in page


@pytest.mark.parametrize(
    ("dates", "words", "kept"),
    [
        ("from=2026-03-10&to=2026-03-09", "The last day lies before the first.", "2026-03-09"),
        ("from=2024-01-01&to=2026-03-09", "A report covers two years at most.", "2024-01-01"),
        ("from=2026-02-30&to=2026-03-09", '"2026-02-30" is not a day.', "2026-02-30"),
        ("from=0001-01-01&to=9999-12-31", '"9999-12-31" is not a day.', "9999-12-31"),
        ("from=2026-03-01", "Enter a day.", "2026-03-01"),
        ("from=%3Cb%3E&to=2026-03-09", '"<b>" is not a day.', "2026-03-09"),
    ],
)
def test_wrong_dates_are_told_and_kept(browser: Browser, dates: str, words: str, kept: str) -> None:
    answer = browser.htmx_get(f"/reports?{dates}")
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert f'value="{kept}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_two_years_are_allowed(browser: Browser) -> None:
    assert browser.get("/reports?from=2024-01-01&to=2025-12-31").status_code == 200


def test_agents_see_their_tenant_and_of_the_agents_themselves(
    browser: Browser, tenant: Tenant, agent: Agent, second: Tenant
) -> None:
    mehmet = add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")
    for who in (agent, mehmet, mehmet):
        add(tenant, agent_id=who.id)
    for address in (f"/reports?{MARCH}", f"/reports?{MARCH}&tenant={second.id}"):
        text = text_of(browser.get(address).text)
        assert "Calls 3 " in text
        assert "Your calls" in text
        assert "Ayşe Demir" in text
        assert "Mehmet Kaya" not in text
        assert "second" not in text
    for ending in ("csv", "xlsx"):
        address = f"/reports/agents.{ending}?{MARCH}&tenant={second.id}"
        content, _name = file_at(browser, address)
        assert "Ayşe Demir" in content
        assert "Mehmet" not in content


def test_admins_see_all_tenants_or_one(
    admin_browser: Browser, tenant: Tenant, second: Tenant
) -> None:
    add(tenant)
    everything = text_of(admin_browser.get(f"/reports?{MARCH}").text)
    assert "Calls 2 " in everything
    assert "Orders of second · second" in everything
    one = text_of(admin_browser.get(f"/reports?{MARCH}&tenant={second.id}").text)
    assert "Calls 1 " in one
    assert "Orders of second 1" in one
    assert "Support" not in one


@pytest.mark.parametrize("tenant_id", ["999", "nonsense", "-1", "²"])
def test_a_tenant_that_is_not_there_is_not_found(admin_browser: Browser, tenant_id: str) -> None:
    address = f"/reports?{MARCH}&tenant={tenant_id}"
    assert admin_browser.get(address).status_code == 404


def test_links_keep_the_tenant_and_files_the_days(
    admin_browser: Browser, tenant: Tenant, second: Tenant
) -> None:
    add(tenant)
    page = unescape(admin_browser.get(f"/reports?{MARCH}&tenant={tenant.id}").text)
    assert re.search(rf'href="/reports\?from=[\d-]+&to=[\d-]+&tenant={tenant.id}"', page)
    assert f'href="/reports/days.csv?{MARCH}&tenant={tenant.id}"' in page
    assert f'<option value="{tenant.id}" selected>' in page


def test_a_table_as_csv_has_plain_numbers(browser: Browser, tenant: Tenant) -> None:
    for _ in range(3):
        add(tenant, answered=False, abandoned=True, talk_seconds=None)
    add(tenant, wait_seconds=21)
    content, name = file_at(browser, f"/reports/days.csv?{MARCH}")
    lines = content.splitlines()
    assert lines[0] == (
        "Day;Answered;Missed;Gave up waiting;Answered share (percent);Service level (percent);"
        "Outbound;Outbound reached;Average wait (s);Talking time (s)"
    )
    assert "2026-03-10;1;3;3;25,0;0,0;0;0;20;65" in lines
    assert "2026-03-11;0;0;0;;;0;0;;0" in lines
    assert len(lines) == 32
    assert "Calls a day 2026-03-01 2026-03-31.csv" in name


@pytest.mark.parametrize("table", ["days", "hours", "agents", "queues"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_every_table_is_a_file(
    browser: Browser, tenant: Tenant, agent: Agent, table: str, ending: str
) -> None:
    add(tenant, agent_id=agent.id, queue="=1+1")
    content, _name = file_at(browser, f"/reports/{table}.{ending}?{MARCH}")
    expected = {"days": "Day", "hours": "15:00", "agents": "Ayşe Demir", "queues": "=1+1"}
    assert expected[table] in content


@pytest.mark.parametrize("address", ["secrets.csv", "days.xlsx?from=1", "../days.csv"])
def test_no_other_file_is_there(browser: Browser, address: str) -> None:
    assert browser.get(f"/reports/{address}").status_code == 404


def test_visitors_get_the_login(anonymous: Browser) -> None:
    for address in ("/reports", "/reports/days.csv"):
        assert anonymous.get(address).headers["Location"].startswith("/login")


def test_a_fragment_is_the_page_alone(browser: Browser, agent: Agent, app: Flask) -> None:
    answer = logged_in(app, agent).htmx_get("/reports")
    assert answer.text.lstrip().startswith("<title>Reports")
    assert 'aria-current="page"' in browser.get("/reports").text


def file_at(browser: Browser, address: str) -> tuple[str, str]:
    """A file as text, and the header that names it."""
    with browser.get(address) as answer:
        assert answer.status_code == 200
        data, name = answer.get_data(), answer.headers["Content-Disposition"]
    if ".csv" in address:
        return data.decode("utf-8-sig"), name
    with ZipFile(BytesIO(data)) as book:
        parts = [book.read(part).decode() for part in book.namelist() if "xl/" in part]
    return "".join(parts), name
