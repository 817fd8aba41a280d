"""The table of checks: what each can find, what that means, and how it is mended.

`in_browser.py` and `at_server.py` hold the rows. The page, the light in the dock, docs/checks.md
and the tests are made from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString


class State(StrEnum):
    """What a finding means for the agent's calls."""

    FINE = "fine"
    MEND = "mend"  # calls go on, with something lacking
    BROKEN = "broken"
    UNKNOWN = "unknown"  # cannot be known from here


@dataclass(frozen=True)
class Answer:
    """One thing that a check can find."""

    state: State
    said: LazyString
    mend: LazyString | str = ""  # where to click, or whom to ask


@dataclass(frozen=True, kw_only=True)
class Check:
    """One row. The keys of `answers` are the words of whoever checks: checks.js or `asked.py`."""

    id: str
    name: LazyString
    why: LazyString
    answers: Mapping[str, Answer]
    in_light: bool = False  # known without asking anybody, so the light in the dock shows it
    for_admins: bool = False

    def found_as(self, state: str) -> str:
        """The findings with this meaning, with spaces between them."""
        return " ".join(found for found, answer in self.answers.items() if answer.state == state)


@dataclass(frozen=True)
class Finding:
    """What the server has found; `detail` is shown as it is: an error's text, a time."""

    found: str
    detail: str = ""
