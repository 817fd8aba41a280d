"""Scenarios as files: stories that the console plays, one TOML file each.

Those of the folder `scenarios` are always there; `flask simulator --scenarios DIR` adds a folder
of one's own. The format is described in docs/simulator.md. What a step does is in `stage`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from crm.simulator.call_control import FAR_SIDE_ACTIONS
from crm.simulator.switches import SwitchError, Switches

SHIPPED = Path(__file__).parent / "scenarios"
GROUPS = ("callers", "calls", "faults", "own")
LANGUAGES = frozenset({"en", "tr"})
LONGEST_SECONDS = 3600

STATES = ("ringing", "talking", "held", "transferred", "dialled", "ended")
FAR_SIDE = tuple(sorted(FAR_SIDE_ACTIONS))
PRESSES = ("answer", "reject", "hang-up", "hold", "unhold", "transfer")
# What a step can do: one of these, and what else may then stand in it.
ACTIONS: Mapping[str, frozenset[str]] = {
    "ring": frozenset({"call", "to", "queue", "masked", "ivr", "waits"}),
    "wait": frozenset({"call", "number", "seconds"}),
    "pause": frozenset(),
    "far_side": frozenset({"call"}),
    "press": frozenset({"call", "to"}),
    "switches": frozenset(),
    "expire": frozenset(),
    "softphone": frozenset(),
}

Text = Mapping[str, str]  # language -> words


class ScenarioError(ValueError):
    """A file that is no scenario; the text names file, line and what is wrong."""


@dataclass(frozen=True)
class Step:
    """One step: `action` is a key of ACTIONS, `value` what stands behind it.

    say: what happens, or what the person at the desk does now. see: what the audience sees.
    options: the keys that ACTIONS allows beside it.
    """

    action: str
    value: Any
    say: Text
    see: Text
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def makes_a_call(self) -> bool:
        """Is there another call after it?"""
        return self.action == "ring" or (self.action, self.value) == ("wait", "dialled")


@dataclass(frozen=True)
class Scenario:
    """A story. name: that of its file, without the ending and a number that sorts the files.
    group: one of GROUPS.
    """

    name: str
    group: str
    title: Text
    about: Text
    see: Text
    steps: tuple[Step, ...]


def read_scenarios(own: Path | None = None) -> dict[str, Scenario]:
    """Those that are shipped, then those of a folder of one's own, by name; a file with the name
    of a shipped one takes its place. Raises ScenarioError.
    """
    paths = sorted(SHIPPED.glob("*.toml"))
    if own is not None:
        if not own.is_dir():
            raise ScenarioError(f"{own} is not a folder.")
        paths += sorted(own.glob("*.toml"))
    found = [read_scenario(path) for path in paths]
    order = sorted(found, key=lambda scenario: GROUPS.index(scenario.group))
    return {scenario.name: scenario for scenario in order}


def read_scenario(path: Path) -> Scenario:
    """The scenario of that file. Raises ScenarioError."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    return _Reader(path, text).scenario(data)


def in_language(text: Text, language: str) -> str:
    """The words in that language, or in whatever there is."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


class _Reader:
    """Turns the data of one file into a scenario, and knows where in the file it is."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._step = 0  # which step is being read, from 1; 0 is what stands before them
        self._calls: set[str] = set()

    def scenario(self, data: dict[str, Any]) -> Scenario:
        self._know(data, {"title", "about", "see", "group", "step"})
        group = data.get("group", "own")
        if group not in GROUPS:
            self._refuse("group", f"group is one of {', '.join(GROUPS)}.")
        steps = data.get("step")
        if not isinstance(steps, list) or not steps:
            self._refuse("step", "there is no [[step]].")
        for needed in ("title", "see"):
            if needed not in data:
                self._refuse(needed, f"{needed} is missing.")
        return Scenario(
            name=re.sub(r"^\d+-", "", self._path.stem),
            group=group,
            title=self._text(data, "title"),
            about=self._text(data, "about"),
            see=self._text(data, "see"),
            steps=tuple(self._read_step(number, step) for number, step in enumerate(steps, 1)),
        )

    def _read_step(self, number: int, data: Any) -> Step:
        self._step = number
        if not isinstance(data, dict):
            self._refuse("step", "a step is written [[step]].")
        actions = [name for name in ACTIONS if name in data]
        if len(actions) != 1:
            does = f"this one has {' and '.join(actions)}" if actions else "this one has none"
            self._refuse("", f"a step has one of {', '.join(ACTIONS)}; {does}.")
        [action] = actions
        self._know(data, {"say", "see", action, *ACTIONS[action]})
        step = Step(
            action=action,
            value=self._value(action, data[action]),
            say=self._text(data, "say"),
            see=self._text(data, "see"),
            options={name: data[name] for name in ACTIONS[action] if name in data},
        )
        self._check_options(step)
        return step

    def _value(self, action: str, value: Any) -> Any:
        if action == "switches":
            return self._switches(value)
        if action == "pause":
            return self._seconds(action, value)
        choices = {
            "wait": STATES,
            "far_side": FAR_SIDE,
            "press": PRESSES,
            "expire": ("agent", "everybody"),
            "softphone": ("colleague",),
        }.get(action)
        if choices and value not in choices:
            self._refuse(action, f"{action} is one of {', '.join(choices)}.")
        if not isinstance(value, str):
            self._refuse(action, f'{action} is a text: {action} = "+905320000001".')
        return value

    def _check_options(self, step: Step) -> None:
        for name, value in step.options.items():
            if name in ("masked", "ivr", "waits"):
                if not isinstance(value, bool):
                    self._refuse(name, f"{name} is true or false.")
            elif name == "seconds":
                self._seconds(name, value)
            elif not isinstance(value, str) or not value:
                self._refuse(name, f"{name} is a text.")
        if step.value == "transfer" and step.options.get("to") != "colleague":
            self._refuse("press", 'a transfer names whom: to = "colleague".')
        if step.makes_a_call:
            self._calls.add(step.options.get("call", ""))
        elif step.action in ("wait", "far_side", "press"):
            if not self._calls:
                self._refuse(step.action, "no call is there yet: ring or wait for a dial first.")
            if (call := step.options.get("call")) is not None and call not in self._calls:
                self._refuse("call", f"no step before this one has call = “{call}”.")

    def _switches(self, value: Any) -> dict[str, Any]:
        """TOML has no null, so far_side_answers_after may be "never"."""
        if not isinstance(value, dict):
            self._refuse("switches", "switches are written { name = value, … }.")
        values = {name: None if one == "never" else one for name, one in value.items()}
        try:
            Switches().change(values)
        except SwitchError as error:
            self._refuse("switches", str(error))
        return values

    def _seconds(self, name: str, value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= LONGEST_SECONDS:
            self._refuse(name, f"{name} is a number of seconds from 0 to {LONGEST_SECONDS}.")
        return float(value)

    def _text(self, data: Mapping[str, Any], name: str) -> Text:
        value = data.get(name, {})
        if isinstance(value, str):
            return {"en": value}
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self._refuse(name, f'{name} is a text, or one for each language: {name}.tr = "…".')
        if unknown := set(value) - LANGUAGES:
            self._refuse(name, f"{name} is told in en and tr, not in {', '.join(unknown)}.")
        return value

    def _know(self, data: Iterable[str], known: set[str]) -> None:
        for name in data:
            if name not in known:
                allowed = ", ".join(sorted(known - {"step"}))
                self._refuse(name, f"“{name}” is not known here. There may be: {allowed}.")

    def _refuse(self, name: str, why: str) -> NoReturn:
        place = f"{self._path}, line {self._line(name)}"
        where = f" (step {self._step})" if self._step else ""
        raise ScenarioError(f"{place}{where}: {why}")

    def _line(self, name: str) -> int:
        """Where that key stands in the step that is read, or where the step begins."""
        begins = [0] + [
            number
            for number, line in enumerate(self._lines, 1)
            if re.match(r"\s*\[\[\s*step\s*\]\]", line)
        ]
        first = begins[self._step] if self._step < len(begins) else 0
        last = begins[self._step + 1] - 1 if self._step + 1 < len(begins) else len(self._lines)
        for number in range(max(first, 1), last + 1):
            if name and re.match(rf"""\s*["']?{re.escape(name)}\b""", self._lines[number - 1]):
                return number
        return max(first, 1)
