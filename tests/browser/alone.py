"""The desk without pytest, for `make day` and `make screenshots`: CRM, simulator and Chromium."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from crm.settings import Settings
from tests.browser.conftest import DEBIAN_CHROMIUM, FAKE_AUDIO, QUIET_CHROMIUM
from tests.browser.running import Crm, running_crm
from tests.conftest import SECRET_KEY, migrate
from tests.world import Simulator, running_simulator


@dataclass(frozen=True)
class Alone:
    """What runs until the block ends."""

    browser: Browser
    crm: Crm
    simulator: Simulator


@contextmanager
def alone(fill: Callable[[Simulator], None]) -> Iterator[Alone]:
    """A world of one's own; fill: puts agents and contacts into its empty database."""
    with TemporaryDirectory(prefix="contact-desk-") as folder:
        settings = Settings(
            secret_key=SECRET_KEY,
            database_url=f"sqlite:///{folder}/crm.db",
            queue_path=Path(folder) / "queue.db",
        )
        migrate(settings.database_url)
        with (
            running_simulator(with_history=False) as simulator,
            running_crm(settings, lambda: fill(simulator)) as crm,
            sync_playwright() as playwright,
        ):
            found = str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None
            flags = [*QUIET_CHROMIUM, *FAKE_AUDIO]
            browser = playwright.chromium.launch(executable_path=found, args=flags)
            yield Alone(browser, crm, simulator)
            browser.close()
