"""The pages by their addresses, and the states that something has to be done for."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect
from werkzeug.exceptions import InternalServerError

from tests.browser.conftest import Crm, hold_back
from tests.screenshots.camera import Camera

EMPTY = {
    "contacts-empty": "/contacts",
    "calls-empty": "/calls",
    "missed-empty": "/missed",
    "follow-ups-empty": "/follow-ups",
    "reports-empty": "/reports",
}
PAGES = {
    "contacts": "/contacts",
    "contacts-found": "/contacts?q=kuzey",
    "contacts-nothing-found": "/contacts?q=nobody+of+this+name",
    "contacts-recent": "/contacts?show=recent",
    "contacts-due": "/contacts?show=due",
    "contacts-choose-one": "/contacts?add_number=%2B447700900555&call=c",
    "contacts-import": "/contacts/import",
    "contact": "/contacts/1",
    "contact-without-calls": "/contacts/90",
    "contact-edit": "/contacts/1/edit",
    "contact-merge": "/contacts/1/merge",
    "contact-merge-confirm": "/contacts/1/merge?with=2",
    "contact-erase": "/contacts/1/erase",
    "contact-new": "/contacts/new?number=%2B447700900555",
    "calls": "/calls",
    "calls-nothing-found": "/calls?who=nobody+of+this+name",
    "call": "/calls/1",
    "missed": "/missed",
    "follow-ups": "/follow-ups",
    "follow-ups-everybody": "/follow-ups?whose=all",
    "reports": "/reports",
    "reports-wrong-days": "/reports?from=2026-13-40&to=never",
    "settings": "/settings",
    "settings-tenants": "/settings/tenants",
    "settings-tenant": "/settings/tenants/1",
    "settings-tenant-new": "/settings/tenants/new",
    "settings-notifications": "/settings/tenants/1/notifications",
    "settings-wrap-up": "/settings/tenants/1/wrap-up",
    "settings-agents": "/settings/agents",
    "settings-agent": "/settings/agents/1",
    "settings-agent-new": "/settings/agents/new",
    "settings-agent-password": "/settings/agents/1/password",
    "settings-imports": "/settings/imports",
    "settings-keeping": "/settings/keeping",
    "settings-inspector": "/settings/inspector",
    "settings-work": "/settings/work",
    "settings-work-failed": "/settings/work?show=failed",
    "settings-checks": "/settings/checks",
    "my-settings": "/settings/me",
    "my-password": "/settings/me/password",
    "nothing-here": "/nothing/here",
}
FORM = "#main form.form"


def send(fields: dict[str, str]) -> Callable[[Page], None]:
    """Fill the form of the page, send it, and wait for what is wrong with it."""

    def fill_and_send(page: Page) -> None:
        for name, text in fields.items():
            page.locator(f"{FORM} [name='{name}']").first.fill(text)
        page.locator(FORM).first.evaluate("form => { form.noValidate = true; }")
        page.locator(f"{FORM} .form-actions button[type=submit]").first.click()
        expect(page.locator("#main .field-error").first).to_be_visible()

    return fill_and_send


WRONG_FORMS = {
    "contact-new-wrong": ("/contacts/new", {"email": "not an address", "name": " "}),
    "contact-erase-wrong": ("/contacts/1/erase", {"name": "Somebody else"}),
    "settings-tenant-new-wrong": ("/settings/tenants/new", {"name": "A B", "host": "no host"}),
    "settings-agent-new-wrong": ("/settings/agents/new", {"email": "not one", "password": "x"}),
    "settings-keeping-wrong": ("/settings/keeping", {"events": "soon"}),
    "my-password-wrong": ("/settings/me/password", {"password": "short"}),
}


def open_menu(page: Page) -> None:
    """What stands behind one's own name."""
    page.locator("#topbar details[data-menu] summary").click()


def open_filters(page: Page) -> None:
    """The calls' further filters."""
    page.locator(".more-filters summary").click()


def correct_a_note(page: Page) -> None:
    """The form for what was written about a call."""
    page.locator("#main .notes-foot a").first.click()
    expect(page.locator("#main .notes-form")).to_be_visible()


def make_a_follow_up(page: Page) -> None:
    """Its form on a contact's page."""
    page.locator("#main .due-new summary").click()


def skip(page: Page) -> None:
    """The first press of Tab."""
    page.keyboard.press("Tab")


def list_the_keys(page: Page) -> None:
    """The list of shortcuts."""
    page.keyboard.press("?")
    expect(page.locator(".shortcuts")).to_be_visible()


def upload(page: Page) -> None:
    """A file whose columns are asked about."""
    table = "Ad;Telefon;E-posta;Doğum günü\nUmut Işık;0532 000 01 99;umut@isik.example;1.2.1990\n"
    page.locator("#main [type=file]").set_input_files(
        {"name": "kişiler.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.locator("#main form button[type=submit]").first.click()
    expect(page.locator("#main .columns")).to_be_visible()


OPENED: dict[str, tuple[str, Callable[[Page], None]]] = {
    "menu": ("/contacts", open_menu),
    "calls-filters": ("/calls?who=elif&mine=1", open_filters),
    "call-note": ("/calls/1", correct_a_note),
    "skip-link": ("/calls", skip),
    "shortcuts": ("/calls", list_the_keys),
    "contacts-import-columns": ("/contacts/import", upload),
    "contact-follow-up": ("/contacts/1", make_a_follow_up),
}


def take_all(camera: Camera, crm: Crm) -> Iterator[str]:
    """Every page; yields the name of what was taken."""
    for name, address in PAGES.items():
        camera.load(name, f"{crm.url}{address}")
        yield name
    for name, (address, then) in OPENED.items():
        camera.load(name, f"{crm.url}{address}", then)
        yield name
    for name, (address, fields) in WRONG_FORMS.items():
        camera.load(name, f"{crm.url}{address}", send(fields))
        yield name
    yield from take_faults(camera, crm)


def take_faults(camera: Camera, crm: Crm) -> Iterator[str]:
    """A page that is on its way, one that broke, and a network that is gone."""
    page = camera.page
    page.goto(f"{crm.url}/contacts")
    camera.settle()
    held = hold_back(page, "**/missed")
    page.locator("#topbar a[href='/missed']").click()
    page.locator("#main[aria-busy]").wait_for()
    camera.look("loading")
    yield "loading"
    for route in held:
        route.continue_()
    page.unroute_all()
    expect(page.locator("#main[aria-busy]")).to_have_count(0)

    answers = crm.app.view_functions
    shows, answers["missed.index"] = answers["missed.index"], _break
    try:
        camera.load("broken", f"{crm.url}/missed")
    finally:
        answers["missed.index"] = shows
    yield "broken"

    page.goto(f"{crm.url}/contacts")
    camera.settle()
    page.context.set_offline(True)
    page.locator("#topbar a[href='/calls']").click()
    page.locator("#main [data-failed]").wait_for()
    page.locator("#softphone-state.is-offline").wait_for()
    camera.look("no-network")
    page.context.set_offline(False)
    yield "no-network"


def _break() -> str:
    raise InternalServerError
