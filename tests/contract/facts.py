"""What is relied on at the vendor, each fact with its row in docs/vendor.md.

A test that shows a fact is marked with `@fact(row)`, the first cell of the row. `make contract`
says of each whether it held on a real tenant, and prints the change of docs/vendor.md.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REAL = ("CCS_TENANT", "CCS_APP_TOKEN", "CCS_AGENT")  # what names a real tenant
VENDOR = Path(__file__).parents[2] / "docs" / "vendor.md"
ROW = re.compile(r"\| (?P<fact>.+?) \| (?P<sure>.+?) \| (?P<rest>.*) \|")
CONFIRMED, REFUTED, NOT_TRIED = "confirmed", "refuted", "not tried"


def fact(row: str) -> pytest.MarkDecorator:
    """Mark a test that fails where the fact of this row does not hold; several marks may stand."""
    return pytest.mark.fact(row)


@dataclass
class Outcome:
    """What the tests of a fact have found at one place."""

    word: str = CONFIRMED
    reasons: list[str] = field(default_factory=list)

    def add(self, word: str, reason: str) -> None:
        """One more test. A refutal counts most; what was tried in part only is not confirmed."""
        words = (CONFIRMED, NOT_TRIED, REFUTED)
        self.word = max(self.word, word, key=words.index)
        if reason and reason not in self.reasons:
            self.reasons.append(reason)


def rows() -> dict[str, str]:
    """The facts of docs/vendor.md, and how sure each is."""
    found = map(ROW.fullmatch, VENDOR.read_text(encoding="utf-8").splitlines())
    return {row["fact"]: row["sure"] for row in found if row}


def patch(outcomes: Mapping[str, Outcome], day: str) -> str:
    """The change of docs/vendor.md: what was refuted, and what is confirmed and was not before."""

    def after(line: str) -> str:
        row = ROW.fullmatch(line.rstrip("\n"))
        outcome = outcomes.get(row["fact"]) if row else None
        if row is None or outcome is None or outcome.word == NOT_TRIED:
            return line
        if outcome.word == REFUTED:
            why = "; ".join(outcome.reasons).replace("|", "/")
            sure = f"**refuted** on a tenant, {day}: {why} (was: {row['sure']})"
        elif row["sure"] == "vendor" or CONFIRMED in row["sure"]:
            return line
        else:
            sure = f"{row['sure']}; {CONFIRMED} on a tenant, {day}"
        return f"| {row['fact']} | {sure} | {row['rest']} |\n"

    before = VENDOR.read_text(encoding="utf-8").splitlines(keepends=True)
    names = ("a/docs/vendor.md", "b/docs/vendor.md")
    return "".join(difflib.unified_diff(before, [after(line) for line in before], *names))


def report(outcomes: Mapping[str, Outcome], day: str) -> str:
    """For people: each fact with its outcome, what nobody tries, and the patch."""
    lines = []
    for row, sure in rows().items():
        outcome = outcomes.get(row, Outcome(NOT_TRIED, ["there is no test of it"]))
        why = f"  ({'; '.join(outcome.reasons)})" if outcome.reasons else ""
        lines.append(f"{outcome.word:<9}  {row}  [{sure}]{why}")
    change = patch(outcomes, day) or "Nothing in docs/vendor.md has to be changed.\n"
    return "\n".join([*sorted(lines), "", change])
