"""Takes docs/screenshot.png from a running demo: `make demo`, then in another terminal
`.venv/bin/python -m docs.take_screenshot`. Ayşe talks to Elif Şahin, whose page is open.
"""

import os
import re
from pathlib import Path

import requests
from playwright.sync_api import Page, expect, sync_playwright

from crm.cli.demo.people import PASSWORD
from tests.browser.conftest import DEBIAN_CHROMIUM, FAKE_AUDIO, QUIET_CHROMIUM

CRM = f"http://localhost:{os.environ.get('PORT', '5000')}"
CONSOLE = f"http://127.0.0.1:{os.environ.get('SIMULATOR_PORT', '5001')}/console/api"
AYSE = "ayse@demo.example"


def talk_to_elif(page: Page) -> None:
    """Log in, let Elif call, answer, and write something down."""
    page.goto(f"{CRM}/login")
    page.get_by_label("E-mail").fill(AYSE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    softphone = page.frame_locator("agent-softphone iframe")
    expect(softphone.locator("body")).to_have_attribute("data-call-state", "ready")
    ring = {"agent": AYSE, "number": "+905320000001", "queue": "Billing"}
    requests.post(f"{CONSOLE}/ring", json=ring, timeout=5).raise_for_status()
    softphone.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    card = page.locator(".call-card").first
    card.get_by_label("Note").fill("October's invoice again: billing sends a new one today.")
    card.get_by_text("Follow-up").click()
    softphone.locator("header").hover()  # no button looks pointed at
    expect(page.locator("#timeline")).to_contain_text("Talking", timeout=10_000)
    expect(card.get_by_role("timer")).to_have_text(re.compile("^0:1"), timeout=20_000)


def main() -> None:
    """Write the picture: a laptop's screen, by day."""
    browser = str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None
    with sync_playwright() as playwright:
        flags = [*QUIET_CHROMIUM, *FAKE_AUDIO]
        chromium = playwright.chromium.launch(executable_path=browser, args=flags)
        page = chromium.new_page(
            viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce"
        )
        talk_to_elif(page)
        page.screenshot(path=Path(__file__).with_name("screenshot.png"))
        chromium.close()


if __name__ == "__main__":
    main()
