"""Names of browsers for `/settings/me` and the dock, read from what they send as User-Agent
("Mozilla/5.0 (Windows NT …) Chrome/156 …").
"""

import re

from flask_babel import gettext as _

# The first match counts: most browsers also give the names further down.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)
_LONGEST = 40


def browser_in_words(user_agent: str) -> str:
    """ "Chrome on Windows", or as much of that as is known."""
    browser, system = browser_and_system(user_agent)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(_("Unknown browser"))


def browser_and_system(user_agent: str) -> tuple[str, str]:
    """The browser and the system it runs on; "" where unknown.

    For a program that is no browser: its own name, up to the first slash.
    """
    browser = _first(_BROWSERS, user_agent)
    if not browser and not user_agent.startswith("Mozilla/"):
        browser = user_agent.partition("/")[0].strip()[:_LONGEST]
    return browser, _first(_SYSTEMS, user_agent)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text)), "")
