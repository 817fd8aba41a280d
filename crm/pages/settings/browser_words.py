"""A browser's name for itself ("Mozilla/5.0 (Windows NT …) Chrome/156 …") in words people know."""

import re

# The first that is found counts: most browsers also call themselves by the names further down.
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


def browser_and_system(user_agent: str) -> tuple[str, str]:
    """Name of the browser and of the system it runs on; "" for what is not known.

    A program that is no browser is called what it calls itself, up to its first slash.
    """
    browser = _first(_BROWSERS, user_agent)
    if not browser and not user_agent.startswith("Mozilla/"):
        browser = user_agent.partition("/")[0].strip()[:_LONGEST]
    return browser, _first(_SYSTEMS, user_agent)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text)), "")
