"""What each event did to a call's record: which facts it changed, and what was not believed.

Pure, like `fold`, of which it makes copies: nothing is written, whatever is asked. The inspector
shows it, and replays an event with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crm.calls.events import Event
from crm.calls.fold import CallFacts, fold

# Not about the call: when its state last changed, and which source was believed. The agents are
# compared by the first one, whom the call is shown with.
_LEFT_OUT = {"state_since", "sources", "cards", "legs", "agents"}
_SAME_MOMENT = timedelta(seconds=1)  # the sources' clocks differ


class Change(NamedTuple):
    """A fact before and after an event; `before` is None too for a fact that was not known."""

    name: str
    before: Any
    after: Any


class Outranked(NamedTuple):
    """A fact that an event gave and that is taken from another source."""

    name: str
    told: Any
    believed: Any
    source: str  # an EventSource


@dataclass(frozen=True)
class Effect:
    """What an event did. agrees: facts that it confirmed. repeats: an event that was known."""

    changes: tuple[Change, ...] = ()
    outranked: tuple[Outranked, ...] = ()
    agrees: tuple[str, ...] = ()
    repeats: bool = False


def effects_of(
    events: Sequence[Event], *, zone: ZoneInfo, region: str, agent_ids: Mapping[str, int]
) -> list[Effect]:
    """The effect of each event of one call, in the order in which they came. As for `fold`."""

    def folded(some: Sequence[Event]) -> CallFacts:
        return fold(some, zone=zone, region=region, agent_ids=agent_ids)

    effects: list[Effect] = []
    before: CallFacts | None = None
    for position, event in enumerate(events):
        if any(event.digest == earlier.digest for earlier in events[:position]):
            effects.append(Effect(repeats=True))
            continue
        after = folded(events[: position + 1])
        effect = _compared(event, folded([event]), before, after)
        had_it = _agent_of(before, agent_ids) if before else None
        has_it = _agent_of(after, agent_ids)
        if had_it != has_it:
            change = Change("agent", had_it, has_it)
            effect = replace(effect, changes=(*effect.changes, change))
        effects.append(effect)
        before = after
    return effects


def _agent_of(facts: CallFacts, agent_ids: Mapping[str, int]) -> int | str | None:
    """The id of the call's agent, the name of one whom the CRM does not know."""
    ids = (one.agent_id or agent_ids.get(one.email.strip().lower()) for one in facts.agents)
    known = next(filter(None, ids), None)
    if known is not None or not facts.agents:
        return known
    return facts.agents[0].name or facts.agents[0].email


def _compared(event: Event, alone: CallFacts, before: CallFacts | None, after: CallFacts) -> Effect:
    changes, outranked, agrees = [], [], []
    for name in CallFacts._fields:
        if name in _LEFT_OUT:
            continue
        was, now = getattr(before, name) if before else None, getattr(after, name)
        if not _is_same(was, now) and not (before is None and not now):
            changes.append(Change(name, was, now))
        if alone.sources.get(name) != event.source.value:
            continue
        told, believed = getattr(alone, name), after.sources.get(name, "")
        same_number = name == "number" and alone.normal_form == after.normal_form
        if _is_same(told, now) or same_number:
            if _is_same(was, now):
                agrees.append(name)
        elif believed and believed != event.source.value:
            outranked.append(Outranked(name, told, now, believed))
    return Effect(tuple(changes), tuple(outranked), tuple(agrees))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < _SAME_MOMENT
    return bool(one == other)
