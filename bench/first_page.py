"""What the first page after the login weighs: requests and bytes, cold and warm, in Chromium.

`bench.__main__` runs it: the CRM as shipped, the simulator as the vendor. Counted is what goes over
the wire to the CRM, heads of answers included, and apart from it how often the vendor's page in the
dock asks its own server.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

from bench import commands
from bench.browser import agents_page, point_at
from bench.report import table
from bench.server import serve

CONTACTS = 10_000
RESTS_MS = 3000  # what a page asks for so long after it is whole counts as well


@dataclass(frozen=True)
class Aim:
    """What a load may take at most; None: no limit."""

    requests: int
    received: int | None  # bytes


AIMS = {"cold": Aim(25, 100_000), "warm": Aim(3, None)}


@dataclass
class Load:
    """One load of the page as Chromium tells it: addresses and bytes by the request's number."""

    name: str
    origin: str
    asked: dict[str, str] = field(default_factory=dict)
    from_cache: set[str] = field(default_factory=set)
    bytes_of: dict[str, int] = field(default_factory=dict)
    vendor: int = 0

    @property
    def requests(self) -> list[str]:
        """Those that reached the CRM."""
        sent = set(self.asked) - self.from_cache
        return [number for number in sent if self.asked[number].startswith(self.origin)]

    @property
    def received(self) -> int:
        """Bytes of all answers of the CRM."""
        return sum(self.bytes_of.get(number, 0) for number in self.requests)

    def listen(self, session: CDPSession) -> None:
        """Write down what the browser says from now on."""
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.requestServedFromCache", self._cached)
        session.on("Network.loadingFinished", self._finished)

    def _sent(self, event: dict[str, Any]) -> None:
        self.asked[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._cached(event)

    def _cached(self, event: dict[str, Any]) -> None:
        self.from_cache.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes_of[event["requestId"]] = event["encodedDataLength"]


def measure(database_url: str) -> list[Load]:
    """The page with an empty cache, and again with what it left there."""
    with commands.simulator() as vendor:
        point_at(vendor, database_url)
        with serve(database_url) as server, agents_page(server.port) as page:
            page.context.new_cdp_session(page).send("Network.clearBrowserCache")
            origin = f"http://localhost:{server.port}"
            return [_load(page, name, origin, vendor) for name in AIMS]


def _load(page: Page, name: str, origin: str, vendor: str) -> Load:
    load = Load(name, origin)
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    session = page.context.new_cdp_session(page)
    load.listen(session)
    session.send("Network.enable")
    page.goto(f"{origin}/contacts")
    page.locator("#softphone-state.is-connected").wait_for()
    page.wait_for_timeout(RESTS_MS)
    session.detach()
    load.vendor = sum(url.startswith(vendor) for url in urls)
    return load


def tables(loads: Iterable[Load]) -> str:
    """What was counted, as Markdown."""
    rows = []
    for load in loads:
        aim, count, received = AIMS[load.name], len(load.requests), load.received
        is_met = count <= aim.requests and (aim.received is None or received <= aim.received)
        wanted = f"{aim.requests} requests"
        wanted += f", {aim.received / 1000:.0f} kB" if aim.received else ""
        told = f"{wanted}: {'reached' if is_met else 'missed'}"
        rows.append((load.name, str(count), f"{received / 1000:.1f} kB", told, str(load.vendor)))
    head = ("Cache", "Requests", "Received", "Aim, at most", "Requests of the softphone's page")
    return "\n\n".join(["### The first page after the login", table(head, rows)])
