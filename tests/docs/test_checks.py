"""docs/checks.md has the table of checks; checks.js and the table have the same words."""

import re
from pathlib import Path

from flask import Flask

from crm.pages.settings.checks import ALL
from crm.pages.settings.checks.in_browser import IN_BROWSER
from crm.pages.settings.checks.table import Check, State

ROOT = Path(__file__).parents[2]
ADMINS = "the server, for admins"


def line_of(check: Check) -> str:
    by = "the browser" if check in IN_BROWSER else ADMINS if check.for_admins else "the server"
    words = [", ".join(f"`{word}`" for word in check.found_as(state).split()) for state in State]
    return re.sub("  +", " ", f"| {' | '.join([str(check.name), by, *words])} |")


def test_the_docs_have_the_table_of_checks(app: Flask) -> None:
    with app.test_request_context():
        lines = [line_of(check) for check in ALL]
    docs = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert docs.split("| --- |\n")[-1].split("\n") == [*lines, ""], "\n".join(lines)


def test_the_browser_finds_what_the_table_has_words_for() -> None:
    scripts = [(ROOT / "static/js" / name).read_text() for name in ("checks.js", "checks-page.js")]
    quoted = set(re.findall(r'"(\w+)"', "".join(scripts)))
    permissions = {"granted", "prompt", "denied", "default"}  # as browsers say them
    for check in IN_BROWSER:
        assert set(check.answers) - quoted - permissions == set(), check.id
