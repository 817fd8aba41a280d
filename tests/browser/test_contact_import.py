"""An admin imports a file of contacts, sees each step, and takes the import back."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from crm.contact_files import job, writing
from crm.extensions import db
from crm.models import Contact, Stage
from tests.browser.conftest import Crm, Desk
from tests.browser.test_pages import DENIZ, Eye
from tests.world import Simulator

PEOPLE = 300
HEADINGS = (
    "First Name,Last Name,Organization Name,Phone 1 - Label,Phone 1 - Value,Notes,Shoe size\n"
)
ODD = (
    "Elif,Şahin,Kuzey Lojistik,Mobile,0532 000 00 01,,38\n"
    "Bora,Öz,,Mobile,0532 000 00 01,,\n"
    "Nobody,,,Mobile,12,,\n"
)


@pytest.fixture
def admin(page: Page, crm: Crm, simulator: Simulator) -> Iterator[Desk]:
    """Deniz's desk. A script error fails."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    desk = Desk(page, crm, simulator)
    desk.log_in(DENIZ)
    yield desk
    assert errors == []


def count_of_contacts(crm: Crm) -> int:
    with crm.app.app_context():
        there = select(func.count()).select_from(Contact).where(Contact.deleted_at.is_(None))
        return db.session.scalar(there) or 0


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("File").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Upload").click()


@pytest.fixture
def columns(admin: Desk) -> Page:
    """The page that asks what the columns of a file are; the network was lost for a moment."""
    page = admin.page
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    page.route("**/pieces/0", lose_the_first)
    page.get_by_role("link", name="Import", exact=True).click()
    people = "".join(f"Person,No {n},,Mobile,0533 100 {n:04d},,\n" for n in range(PEOPLE))
    upload(page, "people.csv", (HEADINGS + ODD + people).encode())
    expect(page.locator("#import-preview")).to_be_visible()
    assert lost
    return page


def test_columns_and_duplicates_are_seen_before_anything_is_written(columns: Page) -> None:
    page, eye = columns, Eye(columns)
    preview = page.locator("#import-preview")
    expect(preview).to_contain_text("The number “12” is too short.")
    expect(preview).to_contain_text("Is here already: Elif Şahin")
    expect(preview).to_contain_text("Elif Şahin has the same number")
    page.get_by_label("Shoe size").select_option(label="Notes")
    expect(preview).to_contain_text("38")
    eye.look("columns")
    eye.try_widths("columns")
    page.get_by_role("button", name="Check all rows").click()
    expect(page.get_by_role("button", name=f"Import {PEOPLE + 2} rows")).to_be_visible()
    expect(page.locator("#contact-import").get_by_role("group")).to_have_count(2)
    eye.look("duplicates")
    eye.try_widths("duplicates")
    page.get_by_role("button", name="Discard the file").click()
    expect(page.get_by_text("No import yet")).to_be_visible()
    upload(page, "people.xlsx", b"PK\x03\x04")
    expect(page.get_by_role("alert")).to_contain_text("CSV UTF-8")
    eye.look("wrong file")
    assert eye.faults == []


def test_a_file_goes_in_before_ones_eyes_and_comes_out_again(
    admin: Desk, columns: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, eye, before = columns, Eye(columns), count_of_contacts(admin.crm)
    go_on, steps = threading.Event(), 0

    def wait_behind_the_first(import_id: int, until: float) -> None:
        nonlocal steps
        steps += 1
        if steps > 1:
            go_on.wait(120)
        writing.step(import_id, until)

    monkeypatch.setitem(job._STEPS, Stage.WRITING, wait_behind_the_first)
    page.get_by_role("button", name="Check all rows").click()
    page.get_by_role("button", name=f"Import {PEOPLE + 2} rows").click()
    # Left out: the wrong row and, as chosen, Elif; Bora shares her number, and begins a new batch.
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "2")
    eye.look("importing")
    go_on.set()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    eye.look("imported")
    with page.expect_download() as download:
        page.get_by_role("link", name="As a file").click()
    assert "The number “12” is too short." in download.value.path().read_text("utf-8-sig")
    assert count_of_contacts(admin.crm) == before + PEOPLE + 1
    page.get_by_role("button", name="Undo the import").click()
    page.locator("#ask-yes").click()
    expect(page.get_by_text("The import is undone.")).to_be_visible()
    assert count_of_contacts(admin.crm) == before
    page.get_by_role("link", name="All imports").click()
    expect(page.locator(".import")).to_contain_text("Undone")
    assert eye.faults == []
