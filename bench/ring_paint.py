"""How long it takes from the softphone's message of a ring to the painted card, in Chromium.

`bench.__main__` runs it: the CRM as shipped with 10,000 contacts, the simulator as the vendor, one
agent's page. The floor is what no page can go below: a bare fetch of an empty route, and one text
node painted. Each ring stands beside a floor. Both begin when nothing has been drawn for a while:
Chromium then makes the first frame at once, and else at the next tick of the screen's clock, up to
17 ms later. Both end with the task that follows the frame.
"""

from dataclasses import dataclass, field
from statistics import median
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Frame, Page

from bench import EMPTY_PATH, commands, questions
from bench.browser import agents_page, point_at
from bench.report import spread, table
from bench.server import serve

CONTACTS = 10_000
WARM_UP = 5  # rings
RESTS_MS = 400  # after each, for the frames that follow; of a ring also the record and the contact
AIM = 2.0

_PREPARE = """() => {
  window.benchFrame = () => new Promise((done) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => done(performance.now());
    after.port2.postMessage(0);
  }));
  window.benchRing = () => new Promise((done) => {
    let start = 0;
    const first = { once: true, capture: true };
    addEventListener("message", () => { start = performance.now(); }, first);
    const panel = document.getElementById("call-panel");
    const cards = new MutationObserver(async () => {
      if (!panel.querySelector(".call-card")) return;
      cards.disconnect();
      const inPage = performance.now() - start;
      done({ inPage, painted: await window.benchFrame() - start });
    });
    cards.observe(panel, { childList: true });
  });
}"""
_FLOOR = """async (path) => {
  const start = performance.now();
  const text = await (await fetch(path)).text();
  const place = document.createElement("p");
  document.body.append(place);
  place.append(`${text}.`);
  const painted = await window.benchFrame() - start;
  place.remove();
  return painted;
}"""
_SAY = "(message) => parent.postMessage(JSON.stringify(message), '*')"


@dataclass
class RingRun:
    """Milliseconds of each round. in_page: until the card is in the page; painted: until seen."""

    database: str
    floor: list[float] = field(default_factory=list)
    in_page: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def measure(database: str, database_url: str, rounds: int) -> RingRun:
    """So many rounds, floor and ring in turn, in one page."""
    run = RingRun(database)
    pops = questions.all_of(database_url, CONTACTS)[1].paths
    numbers = [parse_qs(urlsplit(path).query)["number"][0] for path in pops[: rounds + WARM_UP]]
    with commands.simulator() as vendor:
        point_at(vendor, database_url)
        with serve(database_url) as server, agents_page(server.port) as page:
            page.locator("#softphone-state.is-connected").wait_for()
            phone = next(frame for frame in page.frames if frame.url.startswith(vendor))
            page.evaluate(_PREPARE)
            for place, number in enumerate(numbers):
                floor = page.evaluate(_FLOOR, EMPTY_PATH)
                page.wait_for_timeout(RESTS_MS)
                in_page, painted = _ring(page, phone, number, f"bench-{place}")
                if place >= WARM_UP:
                    run.floor.append(floor)
                    run.in_page.append(in_page)
                    run.painted.append(painted)
    return run


def _ring(page: Page, phone: Frame, number: str, key: str) -> tuple[float, float]:
    """One ring, and its end without a trace in the page."""
    ring = {"messageType": "IncomingCall", "number": number, "activecallkey": key}
    page.evaluate("() => { window.benchRang = window.benchRing(); }")
    phone.evaluate(_SAY, ring)
    told = page.evaluate("() => window.benchRang")
    page.wait_for_timeout(RESTS_MS)
    phone.evaluate(_SAY, {**ring, "messageType": "Hangup"})
    page.locator("#call-panel > .call-card:not(.is-ringing)").wait_for()
    page.evaluate("() => document.querySelector('#call-panel > .call-card')?.remove()")
    page.wait_for_timeout(RESTS_MS)
    return told["inPage"], told["painted"]


def tables(run: RingRun) -> str:
    """What was measured, as Markdown."""
    ratios = [ring / floor for ring, floor in zip(run.painted, run.floor, strict=True)]
    ratio = median(run.painted) / median(run.floor)
    aim = f"{AIM:.1f} times: {'reached' if ratio <= AIM else 'missed'}"
    rows = [
        (words, f"{median(found):.1f} ms", f"{max(found):.1f} ms", of_floor, wanted)
        for words, found, of_floor, wanted in (
            ("empty route, one text node painted", run.floor, "", ""),
            ("card in the page", run.in_page, "", ""),
            ("card painted", run.painted, f"{ratio:.1f}, in pairs {spread(ratios)}", aim),
        )
    ]
    head = ("From the softphone's message", "median", "longest", "times the first", "Aim, at most")
    return "\n\n".join(
        [f"### From the ring to the card, {run.database}, {len(ratios)} rings", table(head, rows)]
    )
