"""One agent's Chromium before a running CRM, with the simulator as the vendor."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import create_engine

from bench.databases import AGENT_EMAIL, AGENT_PASSWORD, SECRET_KEY
from crm import secret_box
from crm.models import Agent, Tenant
from crm.simulator.seed import DEMO
from tests import chromium

FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def point_at(vendor: str, database_url: str) -> None:
    """The tenant's vendor is the simulator, and the agent one of its own."""
    engine = create_engine(database_url)
    values = {
        "api_url": f"{vendor}/api/",
        "softphone_url": f"{vendor}/generic/sso/",
        "host": DEMO.host,
        "app_token_sealed": secret_box.seal(DEMO.app_token, key=SECRET_KEY),
    }
    with engine.begin() as connection:
        connection.execute(Tenant.__table__.update().values(values))
        connection.execute(Agent.__table__.update().values(studio_email=DEMO.agents[0].email))
    engine.dispose()


@contextmanager
def agents_page(port: int) -> Iterator[Page]:
    """An agent's page, logged in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        page = browser.new_page(locale="en-GB")
        page.goto(f"http://localhost:{port}/login")
        page.get_by_label("E-mail").fill(AGENT_EMAIL)
        page.get_by_label("Password").fill(AGENT_PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator("agent-softphone iframe").wait_for()
        yield page
        browser.close()
