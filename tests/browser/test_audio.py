"""The call survives everything an agent does in the CRM: the audio never stops."""

from playwright.sync_api import Dialog, expect

from tests.browser.conftest import KNOWN, Desk


def test_the_audio_flows_while_the_agent_walks_through_the_whole_crm(desk: Desk) -> None:
    desk.page.evaluate("document.querySelector('agent-softphone iframe').dataset.mounted = 'first'")
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.wait_for_more_packets()

    desk.go_to("Calls")
    desk.go_to("Contacts")
    desk.page.get_by_role("searchbox").first.fill("zeynep")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#main")).to_contain_text("Zeynep Öz")
    desk.wait_for_more_packets()

    desk.page.locator("#main").get_by_role("link", name="Zeynep Öz").click()
    desk.page.get_by_role("link", name="Edit").click()
    desk.page.get_by_label("Company").fill("Güney Lojistik")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.locator("#main")).to_contain_text("Güney Lojistik")
    desk.wait_for_more_packets()

    desk.page.go_back()
    desk.page.go_back()
    desk.page.go_forward()
    desk.wait_for_more_packets()
    desk.open_menu()
    desk.page.get_by_role("link", name="My settings").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("My settings")
    desk.page.go_back()
    desk.wait_for_more_packets()

    frame = desk.page.locator("agent-softphone iframe")
    expect(frame).to_have_attribute("data-mounted", "first")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")


def test_the_audio_flows_while_tabs_come_and_go_and_theme_and_language_change(desk: Desk) -> None:
    page = desk.page
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_class("is-talking")
    for address in ("/contacts", "/calls"):
        tab = page.context.new_page()
        tab.goto(f"{desk.crm.url}{address}")
        expect(tab.locator(".call-card")).to_contain_class("is-talking")
        desk.wait_for_more_packets()
        tab.close()
    for theme in ("dark", "light"):
        desk.open_menu()
        page.locator(f"label.choice:has([data-theme-choice][value={theme}])").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        page.keyboard.press("Escape")
        desk.wait_for_more_packets()
    desk.open_menu()
    page.locator("#topbar a[href='/settings/me']").click()
    for language in ("tr", "en"):
        page.locator("#main [name=language]").select_option(language)
        page.locator("#main .form-actions [type=submit]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        desk.wait_for_more_packets()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")


def test_leaving_the_page_is_asked_about_while_a_call_is_up(desk: Desk) -> None:
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.page.locator("body")).to_have_attribute("data-call", "up")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.page.on("dialog", answer)
    desk.page.reload()
    assert asked == ["beforeunload"]
