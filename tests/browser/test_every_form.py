"""Whoever types is not disturbed: on every page each field keeps what is in it while it rings,
while the caller gives up, and while the lists around it follow.
"""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import KNOWN, Crm, Desk
from tests.browser.test_pages import DENIZ, GO, PAGES
from tests.world import Simulator

FIELDS = (
    "#main :is(textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file],"
    " [readonly])):visible"
)
TYPED = {"date": "2031-05-17", "time": "11:45", "number": "42", "email": "half@an.addr"}
OPEN_ALL = "document.querySelectorAll('#main details').forEach((one) => { one.open = true; })"
VALUES = "fields => fields.map((field) => [field.id || field.name, field.value])"
FORGET = """() => {
  document.activeElement.blur();
  document.querySelectorAll("[data-dirty]").forEach((form) => form.removeAttribute("data-dirty"));
}"""
CORRECTS_A_NOTE = "/calls/1, correcting the note"


def test_no_form_loses_a_character_to_a_ring(page: Page, crm: Crm, simulator: Simulator) -> None:
    desk = Desk(page, crm, simulator)
    desk.arrive(DENIZ)
    have_a_call_with_a_follow_up(desk)
    pages = (*PAGES, "/calls/1", CORRECTS_A_NOTE, "/follow-ups", "/reports")
    written_in = [name for name in pages if keeps_everything(desk, name)]
    assert {"/contacts/1", "/follow-ups", "/reports", "/settings/me", CORRECTS_A_NOTE} <= set(
        written_in
    )


def have_a_call_with_a_follow_up(desk: Desk) -> None:
    call = desk.ring(KNOWN, agent=DENIZ)
    desk.answer()
    expect(desk.card).to_contain_class("is-talking")
    desk.card.locator("[data-note]").fill("wants an offer")
    desk.card.get_by_text("Follow-up", exact=True).click()
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(desk.page.locator(".call-card")).to_have_count(0)


def keeps_everything(desk: Desk, name: str) -> bool:
    """Type into each field of a page, the last one while it rings; False: it has none."""
    page = desk.page
    page.evaluate(GO, name.partition(",")[0])
    expect(page.locator("#main[aria-busy]")).to_have_count(0)
    if name == CORRECTS_A_NOTE:
        page.locator("#main .notes-foot a").first.click()
        expect(page.locator("#main .notes-form")).to_be_visible()
    page.evaluate(OPEN_ALL)
    fields = page.locator(FIELDS)
    last = type_into_all(fields)
    if last is None:
        return False
    call = desk.ring(KNOWN, agent=DENIZ)
    expect(desk.card).to_contain_class("is-ringing")
    if is_for_words(last):
        last.press_sequentially(" while it rings")
    typed = fields.evaluate_all(VALUES)
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card).to_contain_class("is-missed")
    if is_for_words(last):
        expect(last).to_be_focused()
        last.press_sequentially(" and after it")
        typed[-1][1] += " and after it"
    assert fields.evaluate_all(VALUES) == typed, name
    desk.card.get_by_role("button", name="Done").click()  # which also closes menus
    expect(page.locator(".call-card")).to_have_count(0)
    page.evaluate(FORGET)
    return True


def type_into_all(fields: Locator) -> Locator | None:
    """Returns the last field, which has the focus."""
    count = fields.count()
    for at in range(count):
        fields.nth(at).fill(TYPED.get(kind_of(fields.nth(at)), f"typed {at}"))
    return fields.nth(count - 1) if count else None


def is_for_words(field: Locator) -> bool:
    return kind_of(field) not in TYPED


def kind_of(field: Locator) -> str:
    return field.get_attribute("type") or ""
