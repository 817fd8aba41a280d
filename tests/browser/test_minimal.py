"""examples/minimal rings, dials and keeps its history; also copied out, with its own packages."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import KNOWN
from tests.world import Simulator, running_simulator

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/minimal"


@contextmanager
def minimal_crm(
    folder: Path, simulator: Simulator, python: str, **environment: str
) -> Iterator[str]:
    """The example's own server, started in `folder`; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment |= {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "SIMULATOR_PORT": str(urlsplit(simulator.url).port),
    }
    process = subprocess.Popen([python, "app.py"], cwd=folder, env=environment)
    try:
        url, deadline = f"http://localhost:{port}", time.monotonic() + 90
        while True:
            try:
                requests.get(url, timeout=5)
                break
            except requests.ConnectionError:
                assert process.poll() is None, "the example has ended"
                assert time.monotonic() < deadline, "the example does not answer"
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


class MinimalDesk:
    """What an agent does in the example."""

    def __init__(self, page: Page, url: str, simulator: Simulator) -> None:
        self.page, self.url, self.simulator = page, url, simulator
        self.softphone = page.frame_locator("agent-softphone iframe")
        self.iframe = page.locator("agent-softphone iframe")
        self.contact = page.locator("#contact")
        self.name = page.locator("#contact h1")
        self.history = page.locator("#history")

    def log_in(self) -> None:
        self.page.get_by_label("E-mail").fill("ayse@demo.example")
        self.page.get_by_label("Password").fill("minimal")
        self.page.get_by_role("button", name="Log in").click()

    def wait_until(self, state: str) -> None:
        expect(self.softphone.locator("body")).to_have_attribute("data-call-state", state)

    def open(self, name: str) -> None:
        self.page.get_by_role("link", name=name).click()
        expect(self.name).to_have_text(name)

    def ring(self, number: str, **wish: object) -> None:
        self.simulator.console("ring", agent="ayse@demo.example", number=number, **wish)

    def press(self, button: str) -> None:
        self.softphone.get_by_role("button", name=button).first.click()

    def dial(self, name: str) -> None:
        """With a double click, as some do; the far side answers after some seconds."""
        self.open(name)
        self.page.locator("form.dial button").dblclick()
        expect(self.contact).to_contain_text("Dialling…")
        self.wait_until("talking")


def rings_dials_and_remembers(page: Page, url: str, simulator: Simulator) -> None:
    """The whole integration, from login to logout, with one load of the page."""
    desk, loads = MinimalDesk(page, url, simulator), list[str]()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("domcontentloaded", lambda page: loads.append(page.url))
    page.goto(url)
    desk.log_in()
    desk.wait_until("ready")
    rings(desk)
    dials(desk)
    goes_on_without_login_or_session(desk)
    page.get_by_role("button", name="Log out").click()
    expect(desk.iframe).to_have_count(0)
    assert len(loads) == 1
    assert errors == []


def rings(desk: MinimalDesk) -> None:
    # The pop, and the softphone that goes on while the page is used.
    desk.open("Cem Yıldız")
    desk.ring(KNOWN)
    expect(desk.name).to_have_text("Elif Şahin")
    desk.press("Answer")
    desk.wait_until("talking")
    desk.open("Nil Arı")
    desk.press("Hang up")
    desk.open("Elif Şahin")
    expect(desk.history).to_contain_text(re.compile("Inbound.*ANSWER.*Support"))

    # Three messages while the vendor is slow to say who a masked caller is: each of them counts.
    desk.simulator.console("switches", slow_seconds=1)
    desk.ring("+905330000002", masked=True)
    desk.press("Reject")
    desk.ring("+905350000003", masked=True)
    expect(desk.name).to_have_text("Can Polat")
    desk.simulator.console("switches", slow_seconds=0)
    desk.press("Reject")

    # A masked caller: the contact, not the number.
    desk.ring("+447700900123", masked=True)
    expect(desk.name).to_have_text("Kate Hill")
    expect(desk.contact).to_contain_text("Number withheld")
    expect(desk.contact).not_to_contain_text("7700")
    desk.press("Reject")
    expect(desk.history).to_contain_text("NOANSWER")


def dials(desk: MinimalDesk) -> None:
    # A double click is one dial. The post comes, then the record.
    desk.dial("Zeynep Öz")
    assert desk.simulator.asked["click2call"] == 1
    desk.simulator.console("switches", api_answers="500")
    desk.press("Hang up")
    expect(desk.history).to_contain_text("ANSWER, record to come")
    desk.simulator.console("switches", api_answers="json")
    expect(desk.history).to_contain_text(re.compile("Outbound.*ANSWER, [0-9]+ s"))
    assert [post.result for post in desk.simulator.switchboard.hangup_posts.recent] == ["200"]


def goes_on_without_login_or_session(desk: MinimalDesk) -> None:
    # The login is lost during a call: the call goes on, and one logs in again in #main.
    desk.dial("Can Polat")
    old = desk.iframe.get_attribute("src") or ""
    desk.page.context.clear_cookies(name="session")
    desk.log_in()
    expect(desk.name).to_have_text("Elif Şahin")
    desk.wait_until("talking")
    assert desk.iframe.get_attribute("src") == old
    desk.press("Hang up")
    expect(desk.iframe).not_to_have_attribute("src", old)
    desk.wait_until("ready")

    # The key is lost, and the newest one has expired: one login, and the dial goes out.
    old = desk.iframe.get_attribute("src") or ""
    desk.page.context.clear_cookies(name="telephony")
    logins = desk.simulator.asked["login"]
    desk.simulator.console("expire-sessions")
    desk.dial("John Smith")
    assert desk.simulator.asked["login"] == logins + 1
    assert desk.iframe.get_attribute("src") == old
    desk.press("Hang up")
    expect(desk.iframe).not_to_have_attribute("src", old)
    desk.wait_until("ready")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        simulator.console("switches", far_side_answers_after=0.5, cdr_delay=0.5)
        yield simulator


def test_it_rings_dials_and_remembers(page: Page, simulator: Simulator) -> None:
    with minimal_crm(EXAMPLE, simulator, sys.executable, PYTHONPATH=str(ROOT)) as url:
        rings_dials_and_remembers(page, url, simulator)
        the_server_lets_one_of_two_dials_through(url, simulator)


def the_server_lets_one_of_two_dials_through(url: str, simulator: Simulator) -> None:
    """Whatever the browser does."""
    browser, dialled = requests.Session(), simulator.asked["click2call"]
    token = re.findall(r'"X-CSRFToken": "([^"]+)"', browser.get(url).text)[0]
    headers = {"X-CSRFToken": token, "HX-Request": "true"}
    for path, form in (
        ("login", {"email": "mehmet@demo.example", "password": "minimal"}),
        ("dial", {"number": KNOWN, "call": "one"}),
        ("dial", {"number": KNOWN, "call": "two"}),
    ):
        answer = browser.post(f"{url}/{path}", form, headers=headers)
    assert answer.status_code == 409
    assert simulator.asked["click2call"] == dialled + 1
    assert browser.post(f"{url}/dial", {"number": KNOWN, "call": "three"}).status_code == 400


def test_a_copy_with_packages_of_its_own_does_the_same(
    page: Page, simulator: Simulator, tmp_path: Path
) -> None:
    readme = (EXAMPLE / "README.md").read_text()
    *copy_and_install, start = readme.split("```sh\n")[-1].split("```")[0].splitlines()
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    subprocess.run(
        "\n".join(["set -e", *copy_and_install]), shell=True, cwd=ROOT, env=here, check=True
    )
    assert start.startswith(".venv/bin/python app.py")
    folder = tmp_path / "my-crm"
    with minimal_crm(folder, simulator, str(folder / ".venv/bin/python")) as url:
        rings_dials_and_remembers(page, url, simulator)


def test_it_runs_on_the_versions_that_the_product_runs_on() -> None:
    ours = set((ROOT / "requirements.txt").read_text().splitlines())
    its = (EXAMPLE / "requirements.txt").read_text().splitlines()
    assert ours.issuperset(line for line in its if not line.startswith("#"))
