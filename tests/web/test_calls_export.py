"""The call log as a file: all that is filtered, and no number that is withheld."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from crm.models import Agent
from crm.pages.calls import export
from tests.web.browser import Browser
from tests.web.test_calls_filters import NOON, put_call, put_contact


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))


def test_the_csv_holds_what_the_page_shows(browser: Browser, agent: Agent) -> None:
    put_call(agent, queue="Sales")
    call = put_call(
        agent,
        queue="Support",
        contact_id=put_contact().id,
        contact_name="Elif Şahin",
        normal_form="+905320000001",
        line="908500000010",
        wait_seconds=9,
        talk_seconds=60,
        outcome="follow_up",
        note='=HYPERLINK("http://evil.example")',
    )
    answer = browser.get("/calls/export.csv?queue=Support")
    assert answer.content_type == "text/csv; charset=utf-8"
    [row] = table(answer.text)
    assert row == {
        "Start": "2026-07-01 12:00:00",
        "Direction": "Inbound",
        "Contact": "Elif Şahin",
        "Number": "'+905320000001",
        "Our number": "'908500000010",
        "Queue": "Support",
        "Agent": "Ayşe Demir",
        "Result": "answered",
        "Waited (s)": "9",
        "Talked (s)": "60",
        "On hold (s)": "",
        "Disposition": "",
        "Outcome": "Follow-up",
        "Note": '\'=HYPERLINK("http://evil.example")',
        "Tenant": "demo",
        "Call": str(call.id),
    }


@pytest.mark.both_databases
def test_all_pages_are_exported_newest_first(
    browser: Browser, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH", 3)
    made = [put_call(agent, started_at=NOON + timedelta(seconds=i // 2)).id for i in range(8)]
    for answer in (browser.get("/calls/export.csv"), browser.get("/calls/export.csv?mine=1")):
        assert [int(row["Call"]) for row in table(answer.text)] == made[::-1]


def test_a_withheld_number_is_in_no_file(browser: Browser, agent: Agent) -> None:
    contact = put_contact()
    put_call(agent, caller_kind="masked", normal_form="+905320000001", contact_id=contact.id)
    text = browser.get("/calls/export.csv").text
    assert "Elif Şahin" in text
    assert "5320000001" not in text
    book = zipfile.ZipFile(io.BytesIO(browser.get("/calls/export.xlsx").data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Elif Şahin" in sheet
    assert "5320000001" not in sheet


def test_the_excel_file_has_a_name_with_its_day(browser: Browser, agent: Agent) -> None:
    put_call(agent)
    answer = browser.get("/calls/export.xlsx")
    assert answer.status_code == 200
    assert 'filename="Calls 20' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')


def test_nobody_exports_without_a_login(anonymous: Browser) -> None:
    for ending in ("csv", "xlsx"):
        assert anonymous.get(f"/calls/export.{ending}").status_code in (302, 303, 401)
