"""All pictures in one language, from an empty installation to the last state of the dock."""

from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from crm import contacts
from crm.cli.demo import past_calls, people
from crm.extensions import db
from crm.models import Agent, PhoneNumber, Tenant, utc_now
from tests.browser.alone import Alone, alone
from tests.browser.conftest import Desk
from tests.browser.running import add_agents
from tests.screenshots import pages
from tests.screenshots.camera import Camera
from tests.screenshots.dock import Dock
from tests.world import Simulator

ADMIN, AGENT, WITHOUT_PHONE = "deniz@demo.example", "ayse@demo.example", "mehmet@demo.example"
LOCALES = {"en": "en-GB", "tr": "tr-TR"}


def take(pictures: Path, language: str) -> tuple[int, list[str]]:
    """How many pictures were taken, and their faults. Runs in a process of its own."""
    folder = pictures / language
    folder.mkdir(parents=True)
    cameras: list[Camera] = []
    with alone(add_agents) as world:
        with world.crm.app.app_context():
            db.session.execute(update(Agent).values(locale=language))
            db.session.commit()

        def camera(page: Page) -> Camera:
            cameras.append(Camera(page, folder, language))
            return cameras[-1]

        def desk_of(email: str) -> Desk:
            page = world.browser.new_context(locale=LOCALES[language]).new_page()
            desk = Desk(page, world.crm, world.simulator)
            desk.enter(email)
            return desk

        url = world.crm.url
        stranger = camera(world.browser.new_page(locale=LOCALES[language]))
        stranger.load("login", f"{url}/login")
        stranger.load("login-refused", f"{url}/login", log_in_wrongly)

        take_console(camera(world.browser.new_page(locale=LOCALES[language])), world.simulator)

        admin = desk_of(ADMIN)
        of_admin = camera(admin.page)
        for name, address in pages.EMPTY.items():
            of_admin.load(name, f"{url}{address}")
        fill(world)
        for name in pages.take_all(of_admin, world.crm):
            print(f"  {language} {name}", flush=True)

        dock = Dock(admin, of_admin, ADMIN)
        for name in dock.take_all():
            print(f"  {language} {name}", flush=True)
        second = camera(admin.page.context.new_page())
        admin.page.goto(f"{url}/contacts")
        admin.wait_until_ready()
        for name in dock.take_second_tab(second):
            print(f"  {language} {name}", flush=True)
        second.page.close()

        of_agent = camera(desk_of(AGENT).page)
        of_agent.load("forbidden", f"{url}/settings")
        world.simulator.console("switches", refuse_login=True)
        without = desk_of(WITHOUT_PHONE).page
        of_without = camera(without)
        without.goto(f"{url}/contacts")
        without.locator("#softphone-state.is-off").wait_for()
        of_without.look("softphone-missing")

        elsewhere = desk_of(ADMIN)
        of_elsewhere = camera(elsewhere.page)
        elsewhere.open_desk(ADMIN)
        elsewhere.page.locator("#softphone-line[data-other-browser]").wait_for()
        of_elsewhere.look("softphone-in-another-browser")
    faults = [f"{language}: {fault}" for one in cameras for fault in one.faults]
    return sum(one.taken for one in cameras), faults


def take_console(of_console: Camera, simulator: Simulator) -> None:
    """The simulator's console with nobody there, and while a scenario waits for the agent."""
    page = of_console.page
    of_console.load(
        "console", simulator.url, lambda page: page.locator("#agents li").first.wait_for()
    )
    simulator.console("softphones", agent=AGENT)
    simulator.console("scenarios/api-down/play", agent=AGENT)
    page.locator("#playing li[aria-current]").wait_for()
    of_console.look("console-playing")
    for tab in ("faults", "records", "webhooks"):
        page.locator(f"#tab-{tab}").click()
        of_console.look(f"console-{tab}")
    simulator.console("reset")


def log_in_wrongly(page: Page) -> None:
    """With a wrong password."""
    page.locator("[name=email]").first.fill(AGENT)
    page.locator("[type=password]").fill("not the password")
    page.locator("[type=submit]").first.click()
    expect(page.locator(".field-error")).to_be_visible()


def fill(world: Alone) -> None:
    """The demo's contacts, and the calls that they had lately."""
    with world.crm.app.app_context():
        for person in people.everybody():
            contacts.create(person, region="TR")
        # A withheld number finds only contacts that had it before the call.
        db.session.execute(update(PhoneNumber).values(created_at=utc_now().replace(year=2020)))
        now = utc_now()
        for tenant in db.session.scalars(select(Tenant)):
            since = now - past_calls.SPAN
            past_calls.record(tenant, since=since, now=now, simulator=world.simulator.url)
        db.session.commit()
        db.session.remove()
