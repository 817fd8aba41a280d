"""Turkish at an agent's desk: chosen in the middle of a call, and nowhere wider than its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from crm.translations import po_file
from tests.browser.conftest import KNOWN, PASSWORD, UNKNOWN, Crm, Desk
from tests.browser.test_pages import DENIZ, GO, PAGES
from tests.world import Simulator

PHONES = (390, 360)
CUT_OFF = (Path(__file__).parent / "cut_off.js").read_text(encoding="utf-8")


@pytest.fixture
def turkish_desk(browser: Browser, crm: Crm, simulator: Simulator) -> Iterator[Desk]:
    """Deniz's desk on a phone, in a browser that asks for Turkish."""
    context = browser.new_context(locale="tr-TR", viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{crm.url}/login")
    page.get_by_label("E-posta").fill(DENIZ)
    page.get_by_label("Şifre").fill(PASSWORD)
    page.get_by_role("button", name="Giriş yap").click()
    expect(page.locator("#softphone-state")).to_have_class("softphone-state is-connected")
    yield Desk(page, crm, simulator)
    context.close()


def test_a_language_chosen_during_a_call_reloads_nothing(desk: Desk) -> None:
    page = desk.page
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.card.get_by_label("Note").fill("half a sen")
    page.evaluate("window.isTheSamePage = true")
    frame = next(one for one in page.frames if one.parent_frame)
    desk.open_menu()
    page.get_by_role("link", name="My settings").click()
    page.get_by_label("Language").select_option("Türkçe")
    page.locator("#main").get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    expect(page.get_by_role("heading", level=1, name="Ayarlarım")).to_be_visible()
    expect(page.get_by_role("navigation", name="Sayfalar")).to_contain_text("Cevapsız")
    expect(desk.card).to_contain_text("Görüşmede")
    expect(desk.card.get_by_label("not")).to_have_value("half a sen")
    expect(page.locator("#softphone-state")).to_have_text("Görüşmede")
    expect(page.locator("#call-panel")).to_have_attribute("aria-label", "Şu andaki çağrılar")
    assert page.evaluate("window.isTheSamePage")
    assert not frame.is_detached()
    desk.wait_for_more_packets()
    desk.card.get_by_role("button", name="Kapat").click()
    expect(desk.card).to_contain_text("Çağrı sonrası")


def test_turkish_is_nowhere_wider_than_its_place_on_a_phone(turkish_desk: Desk) -> None:
    page = turkish_desk.page
    faults: list[str] = []
    for address in PAGES:
        page.evaluate(GO, address)
        expect(page.locator("#main[aria-busy]")).to_have_count(0)
        faults += cut_off(page, address)
    turkish_desk.ring(UNKNOWN, agent=DENIZ)
    expect(turkish_desk.card).to_contain_text("Çalıyor")
    faults += cut_off(page, "a ring")
    page.get_by_role("button", name="Aç ve cevapla").click()
    faults += cut_off(page, "a ring, opened")
    assert not faults, "\n".join(faults)


def words(language: str) -> list[str]:
    """What the catalogue has of a language; English is what it is looked up by."""
    with po_file("tr").open("rb") as file:
        found = [one.id if language == "en" else one.string for one in read_po(file)]
    return [one for one in found if isinstance(one, str)]


def cut_off(page: Page, name: str) -> list[str]:
    """The texts of the catalogue that do not fit, at each width of a phone."""
    texts, faults = words("tr"), []
    for width in PHONES:
        page.set_viewport_size({"width": width, "height": 800})
        faults += [f"{name} at {width}: {fault}" for fault in page.evaluate(CUT_OFF, texts)]
    return faults
