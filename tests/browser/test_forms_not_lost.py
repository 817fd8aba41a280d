"""Whatever answers a half-typed form, what was typed stays, the answer is told, and it goes on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from crm import contacts
from crm.contacts import ContactData
from crm.extensions import db
from tests.browser.conftest import PASSWORD, Crm, Desk
from tests.browser.test_pages import DENIZ, Eye
from tests.world import Simulator

TYPED = "asks for the invoice of May"


def form_of_elif(desk: Desk) -> Locator:
    """Elif's form, with something typed into it; returns the field."""
    desk.page.goto(f"{desk.crm.url}/contacts/1/edit")
    notes = desk.page.get_by_label("Notes")
    notes.fill(TYPED)
    return notes


def save(desk: Desk) -> None:
    desk.page.locator("#main form.form .form-actions").get_by_role("button", name="Save").click()


def in_crm(crm: Crm, change: Callable[[], object]) -> None:
    """What somebody else does meanwhile."""
    with crm.app.app_context():
        change()
        db.session.commit()
        db.session.remove()


def notes_kept(crm: Crm) -> str:
    with crm.app.app_context():
        kept = contacts.get(1)
        db.session.remove()
        assert kept is not None
        return str(kept.notes)


def log_in_above(page: Page, email: str = "ayse@demo.example") -> None:
    login = page.locator("#login-above")
    login.get_by_label("E-mail").fill(email)
    login.get_by_label("Password").fill(PASSWORD)
    login.get_by_role("button", name="Log in", exact=True).click()


def says(status: int, heading: str, text: str) -> Callable[[Route], None]:
    """An error page of the CRM's own; those that no form gets by what a person types."""
    body = f'<main id="main"><div class="blank"><h1>{heading}</h1><p>{text}</p></div></main>'
    headers = {"Vary": "HX-Request, Cookie", "HX-Retarget": "#main", "HX-Reswap": "outerHTML"}
    return lambda route: route.fulfill(
        status=status, body=body, headers=headers, content_type="text/html"
    )


def proxy_says(status: int) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body="<h1>nginx</h1>")


# status -> what answers instead of the CRM, what the page says, whether there is a "Try again"
REFUSALS: dict[str, tuple[Callable[[Route], None] | None, str, bool]] = {
    "400": (None, "This form was too old.", True),
    "403": (says(403, "This page is for admins", "Ask one."), "is for admins.", False),
    "404": (None, "The address is wrong, or what it showed has been deleted.", False),
    "405": (says(405, "Nothing is here", "The address is wrong."), "Nothing is here.", False),
    "413": (None, "That was too large.", True),
    "415": (says(415, "That could not be read", "Go back."), "could not be read", True),
    "429": (says(429, "Too many tries", "Wait a few minutes."), "Wait a few minutes.", True),
    "500": (says(500, "Something broke on our side", "It is in the log."), "It is in", True),
    "413 of a proxy": (proxy_says(413), "has refused this (error 413)", True),
    "502 of a proxy": (proxy_says(502), "The server did not answer.", True),
}


def bring_about(desk: Desk, status: str) -> None:
    """What a person's form really meets."""
    if status == "400":
        desk.page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'old'")
    elif status == "404":
        in_crm(desk.crm, lambda: contacts.erase(contacts.what_goes(1, lock=True).contact))
    elif status == "413":
        long = "field => field.value += 'x'.repeat(1_100_000)"
        desk.page.get_by_label("Notes").evaluate(long)


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_told_above_the_form_that_stays(desk: Desk, status: str) -> None:
    answer, words, again = REFUSALS[status]
    notes = form_of_elif(desk)
    address = re.compile(r"/contacts/1$")
    bring_about(desk, status)
    if answer is not None:
        desk.page.route(address, answer)
    save(desk)
    notice = desk.page.locator("#main [data-failed]")
    expect(notice).to_contain_text(words)
    expect(notice).to_contain_text("What you typed is still here")
    expect(notes).to_have_value(re.compile(f"^{TYPED}"))
    retry = notice.get_by_role("button", name="Try again")
    expect(retry).to_have_count(1 if again else 0)
    if not again:
        return
    notes.fill(TYPED)
    if answer is not None:
        desk.page.unroute(address)
    retry.click()
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert notes_kept(desk.crm) == TYPED


def test_of_two_who_save_the_second_sees_both_and_decides(desk: Desk) -> None:
    notes, eye = form_of_elif(desk), Eye(desk.page)
    theirs = ContactData(name="Elif Şahin", notes="wants tea")
    in_crm(desk.crm, lambda: contacts.update(1, theirs, region="TR"))
    save(desk)
    main = desk.page.locator("#main")
    expect(main).to_contain_text("Somebody else has saved this contact while you were writing.")
    expect(main).to_contain_text("wants tea")
    eye.look("a contact that two have changed")
    assert eye.faults == []
    expect(notes).to_have_value(TYPED)
    save(desk)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert notes_kept(desk.crm) == TYPED


def test_a_form_that_is_sent_when_the_login_is_lost_is_saved_after_logging_in(desk: Desk) -> None:
    eye = Eye(desk.page)
    notes = form_of_elif(desk)
    desk.lose_login()
    save(desk)
    login = desk.page.locator("#login-above")
    expect(login).to_contain_text("What you typed is still here")
    expect(notes).to_have_value(TYPED)
    eye.look("a login above a form")
    eye.try_widths("a login above a form")
    assert eye.faults == []
    login.get_by_label("E-mail").fill("ayse@demo.example")
    login.get_by_label("Password").fill("not it")
    login.get_by_role("button", name="Log in", exact=True).click()
    expect(login).to_contain_text("E-mail and password do not match.")
    expect(notes).to_have_value(TYPED)
    log_in_above(desk.page)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert notes_kept(desk.crm) == TYPED


def test_a_form_that_is_being_written_when_the_login_is_lost_goes_on(desk: Desk) -> None:
    """Something small on the page finds out; nothing is asked before it is needed."""
    notes = form_of_elif(desk)
    desk.lose_login()
    desk.page.evaluate("document.body.dispatchEvent(new CustomEvent('missed-changed'))")
    login = desk.page.locator("#login-above")
    expect(login).to_be_visible()
    notes.press_sequentially(", twice")
    log_in_above(desk.page)
    expect(login).to_have_count(0)
    desk.wait_until_ready()
    expect(notes).to_have_value(f"{TYPED}, twice")
    save(desk)
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert notes_kept(desk.crm) == f"{TYPED}, twice"


def test_a_login_back_in_another_window_is_enough(desk: Desk) -> None:
    notes = form_of_elif(desk)
    desk.lose_login()
    save(desk)
    expect(desk.page.locator("#login-above")).to_be_visible()
    other = desk.page.context.new_page()
    other.goto(f"{desk.crm.url}/login")
    other.get_by_label("E-mail").fill("ayse@demo.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", level=1, name="Contacts")).to_be_visible()
    save(desk)
    retry = desk.page.locator("#main [data-failed]").get_by_role("button", name="Try again")
    expect(retry.or_(desk.page.get_by_role("heading", level=1, name="Elif Şahin"))).to_be_visible()
    if retry.count():
        expect(notes).to_have_value(TYPED)
        retry.click()
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    assert notes_kept(desk.crm) == TYPED


def test_a_dial_that_the_crm_refuses_does_not_pretend_that_nothing_answered(desk: Desk) -> None:
    """A login in another tab has made the page's token old; its refusal brings the new one."""
    desk.page.goto(f"{desk.crm.url}/contacts/1")
    desk.wait_until_ready()
    desk.page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'old'")
    number = desk.page.locator("#main form.dial").first
    number.get_by_role("button").click()
    expect(number).to_contain_text("Not dialled. This form was too old. Click once more.")
    desk.nobody_answers()
    number.get_by_role("button").click()
    expect(desk.card).to_contain_text("Dialling")


def test_what_was_wrong_is_in_sight_on_a_phone(page: Page, crm: Crm, simulator: Simulator) -> None:
    Desk(page, crm, simulator).log_in(DENIZ)
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{crm.url}/contacts/1/erase")
    name = page.locator("#main form.form [name=name]")
    name.fill("Somebody else")
    name.press("Enter")
    expect(page.get_by_text("This is not the name.")).to_be_in_viewport()
