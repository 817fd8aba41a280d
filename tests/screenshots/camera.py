"""Takes the pictures of one page: four widths, both themes; and notes what is wrong in them."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.test_languages import CUT_OFF, words
from tests.browser.test_pages import AXE, RUN_AXE

OVERLAPS = (Path(__file__).parent / "overlaps.js").read_text(encoding="utf-8")

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {390: 844, 768: 1024, 1280: 800, 2560: 1440}
NARROWEST = 360  # a picture at 390 is enough, but nothing may be wider here either
DOCK_IS_A_SHEET_BELOW = 1100
LOOKED_AT = (390, 1280)  # by axe: the narrow layout and the wide one
MOST_SHIFT = 0.05
COUNT_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
WIDER = "document.documentElement.scrollWidth > innerWidth"
GOES_ON_BELOW = """
  document.documentElement.scrollHeight > innerHeight + 120 &&
  !document.querySelector("#main .more")
"""
PAINTED_TWICE = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
NO_SKELETONS = "#main[aria-busy], #main .skeleton, .htmx-request"


class Camera:
    """folder: where the pictures go. faults: what was wrong, each with its picture's name."""

    def __init__(self, page: Page, folder: Path, language: str) -> None:
        self.page = page
        self.folder = folder
        self.words = words(language)
        self.faults: list[str] = []
        self.taken = 0
        page.emulate_media(reduced_motion="reduce")
        page.add_init_script(COUNT_SHIFTS)

    def load(self, name: str, address: str, then: Callable[[Page], None] | None = None) -> None:
        """A page, loaded anew at each width; then: what is done with it before the picture."""
        for width in SIZES:
            self._resize(width)
            self.page.goto(address)
            self.settle()
            shifted = self.page.evaluate("window.shifted")
            if shifted > MOST_SHIFT:
                self.faults.append(f"{name} at {width}: shifts by {shifted:.3f} while it loads")
            if then is not None:
                then(self.page)
                self.settle()
            self._take(name, width)
            if width in LOOKED_AT and self.page.evaluate(GOES_ON_BELOW):
                self.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
                self._take(f"{name}-end", width)

    def look(self, name: str) -> None:
        """What is on the page now. A dock that is a sheet is opened for the picture."""
        for width in SIZES:
            self._resize(width)
            toggle = self.page.locator("#dock-toggle")
            is_sheet = width < DOCK_IS_A_SHEET_BELOW and toggle.count() > 0
            if is_sheet:
                self._take(f"{name}-folded", width)
                toggle.click()
            self._take(name, width)
            if is_sheet:
                toggle.click()

    def settle(self) -> None:
        """Wait until nothing is on its way into the page."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator(NO_SKELETONS)).to_have_count(0)
        if self.page.locator("agent-softphone").count():
            self.page.locator("#softphone-state:not(.is-connecting)").wait_for()
        self.page.evaluate(PAINTED_TWICE)

    def _resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": SIZES[width]})
        self.page.evaluate(PAINTED_TWICE)

    def _take(self, name: str, width: int) -> None:
        if self.page.evaluate(WIDER):
            self.faults.append(f"{name} at {width}: wider than the window")
        for found in (self.page.evaluate(CUT_OFF, self.words), self.page.evaluate(OVERLAPS)):
            self.faults += [f"{name} at {width}: {fault}" for fault in found]
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE)
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme)
            if width in LOOKED_AT:
                rules = None if theme == "light" else ["color-contrast"]
                found = self.page.evaluate(RUN_AXE, rules)
                self.faults += [f"{name} at {width}, {theme}: {fault}" for fault in found]
            self.page.screenshot(path=self.folder / f"{name}-{width}-{theme}.png")
            self.taken += 1
        self.page.emulate_media(color_scheme="light")
        if width == min(SIZES):
            self.page.set_viewport_size({"width": NARROWEST, "height": SIZES[width]})
            self.page.evaluate(PAINTED_TWICE)  # a chart follows its box
            if self.page.evaluate(WIDER):
                self.faults.append(f"{name} at {NARROWEST}: wider than the window")
            self._resize(width)
