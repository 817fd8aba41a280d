"""How long a page stands still while its softphone's window sends a thousand messages a second.

`bench.__main__` runs it: the CRM as shipped, the simulator as the vendor, one agent's Chromium. A
stall is the time between two turns of a timer that is due every ten milliseconds. Each round is
compared with the quiet one right before it.
"""

from dataclasses import dataclass, field
from statistics import median

from bench import commands
from bench.browser import agents_page, point_at
from bench.report import spread, table
from bench.server import serve

SECONDS = 5.0

_FLOOD = """() => {
  let count = 0;
  const kinds = ["IncomingCall", "Dial", "Accept", "Hangup", "Nonsense"];
  window.flood = setInterval(() => {
    for (let i = 0; i < 50; i += 1, count += 1) {
      parent.postMessage(JSON.stringify({
        messageType: kinds[count % 5], number: "0532000" + count, activecallkey: "flood-" + count,
      }), "*");
    }
  }, 50);
}"""
_STALLS = """(seconds) => new Promise((done) => {
  let last = performance.now(), longest = 0;
  const until = last + 1000 * seconds;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (now > until) done(longest); else setTimeout(tick, 10);
  };
  tick();
})"""


@dataclass
class PageFloodRun:
    """quiet, flooded: the longest stall of each round, milliseconds. dropped: messages that the
    page let go in all rounds.
    """

    quiet: list[float] = field(default_factory=list)
    flooded: list[float] = field(default_factory=list)
    dropped: int = 0


def measure(database_url: str, rounds: int) -> PageFloodRun:
    """So many rounds, quiet and flooded in turn, each in a page of its own."""
    run = PageFloodRun()
    with commands.simulator() as vendor:
        point_at(vendor, database_url)
        with serve(database_url) as server, agents_page(server.port) as page:
            for _round in range(rounds):
                page.reload()
                softphone = page.frame_locator("agent-softphone iframe").locator("body")
                softphone.wait_for()
                page.locator("#softphone-state.is-connected").wait_for()
                run.quiet.append(page.evaluate(_STALLS, SECONDS))
                softphone.evaluate(_FLOOD)
                run.flooded.append(page.evaluate(_STALLS, SECONDS))
                softphone.evaluate("() => clearInterval(window.flood)")
                phone = page.locator("agent-softphone")
                run.dropped += phone.evaluate("(phone) => phone.dropped.flood ?? 0")
    return run


def tables(run: PageFloodRun) -> str:
    """What was measured, as Markdown."""
    rows = [
        (words, *(f"{value:.0f} ms" for value in (median(stalls), max(stalls))))
        for words, stalls in (("quiet", run.quiet), ("flooded", run.flooded))
    ]
    ratios = [flooded / quiet for flooded, quiet in zip(run.flooded, run.quiet, strict=True)]
    told = (
        f"{len(ratios)} rounds of {SECONDS:.0f} seconds; flooded against quiet {spread(ratios)}. "
        f"{run.dropped:,} messages were let go."
    )
    head = ("Longest stall of a round", "median", "longest")
    return "\n\n".join(["### A flooded page", table(head, rows), told])
