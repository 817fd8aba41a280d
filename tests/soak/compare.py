"""The calls on record against the vendor's: lost, doubled or unknown ones, fields that differ."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from tests.soak.tally import Tally
from tests.soak.truth import Truth

SHOWN = 20
OF_A_LEG = (
    *("studio_email", "queue", "answered", "abandoned", "disposition", "wait_seconds"),
    *("talk_seconds", "hold_seconds", "started_at", "answered_at", "ended_at"),
)
Columns = dict[str, Any]


@dataclass
class Verdict:
    """calls: the vendor's; on_record: those of them that are on record. The rest must be empty."""

    calls: int = 0
    on_record: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)
    came_to_nothing: int = 0

    @property
    def is_good(self) -> bool:
        """Exactly the vendor's calls, each as the vendor tells it."""
        return not (self.lost or self.doubled or self.unknown or self.differences)

    def complaints(self) -> list[str]:
        """What is wrong, the first of each kind."""
        kinds = {
            "lost": self.lost,
            "doubled": self.doubled,
            "on record, unknown to the vendor": self.unknown,
            "differs": self.differences,
        }
        return [f"{kind}: {text}" for kind, all_of in kinds.items() for text in all_of[:SHOWN]]


def compare(
    truths: Iterable[Truth],
    rows: Iterable[Row[*tuple[Any, ...]]],
    tally: Tally,
    legs: Mapping[tuple[str, str], Columns] | None = None,
) -> Verdict:
    """Every call of the vendor with every row of the CRM; legs: by tenant and callkey."""
    verdict = Verdict()
    by_callkey: dict[tuple[str, str], Columns] = {}
    left: list[Columns] = []
    for row in rows:
        columns = {str(name): value for name, value in row._mapping.items()}
        if columns["callkey"]:
            by_callkey[columns["tenant"], columns["callkey"]] = columns
        else:
            left.append(columns)
    known: set[str] = set()
    for truth in truths:
        verdict.calls += 1
        known |= {truth.activecallkey, str(truth.fields["transaction_id"])}
        columns_of_it = by_callkey.pop((truth.tenant, truth.callkey), None)
        if columns_of_it is None:
            verdict.lost.append(_named(truth))
            continue
        verdict.on_record += 1
        _compare_fields(truth, columns_of_it, tally, verdict)
        for leg in truth.legs:
            _compare_leg(leg, (legs or {}).get((leg.tenant, leg.callkey)), verdict)
    for columns in [*left, *by_callkey.values()]:
        _judge_extra(columns, known, verdict)
    return verdict


def _judge_extra(columns: Columns, known: set[str], verdict: Verdict) -> None:
    """A row without a callkey of the vendor's: a dial that no call came of, or worse."""
    if {columns["activecallkey"], columns["transaction_id"]} & known:
        verdict.doubled.append(_row(columns))
    elif columns["dial_problem"]:
        verdict.came_to_nothing += 1
    else:
        verdict.unknown.append(_row(columns))


def _compare_fields(truth: Truth, columns: Columns, tally: Tally, verdict: Verdict) -> None:
    expected = truth.fields | _expected_key(truth, columns, tally)
    if truth.activecallkey in tally.notes:
        expected["note"] = tally.notes[truth.activecallkey]
    for name, value in expected.items():
        found = _plain(columns[name])
        if found != value:
            verdict.fields[name] += 1
            verdict.differences.append(f"{name} is {found!r}, not {value!r}: {_row(columns)}")


def _compare_leg(truth: Truth, columns: Columns | None, verdict: Verdict) -> None:
    """What one agent had of a call that was handed on."""
    if columns is None:
        verdict.lost.append(f"a leg: {_named(truth)}")
        return
    for name in OF_A_LEG:
        found = _plain(columns[name])
        if found != truth.fields[name]:
            verdict.fields[f"leg's {name}"] += 1
            told = f"leg's {name} is {found!r}, not {truth.fields[name]!r}"
            verdict.differences.append(f"{told}: {_named(truth)}")


def _expected_key(truth: Truth, columns: Columns, tally: Tally) -> dict[str, Any]:
    """A call that nobody answered has no key in its record, and maybe nobody else told it."""
    may_be_missing = not truth.fields["recording_url"]
    if may_be_missing and truth.activecallkey not in tally.seen_at_desks:
        return {"activecallkey": truth.activecallkey if columns["activecallkey"] else None}
    return {"activecallkey": truth.activecallkey}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0)
    return getattr(value, "value", value)


def _named(truth: Truth) -> str:
    fields = truth.fields
    return f"{truth.tenant} {fields['direction']} {fields['started_at']:%H:%M:%S} {truth.callkey}"


def _row(columns: Columns) -> str:
    names = ("id", "tenant", "direction", "state", "started_at", "dial_problem", "sources")
    return ", ".join(f"{name} {columns[name]}" for name in names)
