"""Follow-ups in forms, of the card, the list and a contact's page; and how many are due.

A day in a form is a day of the agent's tenant, a time the time on its clocks.
`follow_up_lines` has the lines of lists.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask, request
from flask_babel import get_locale, gettext
from flask_login import current_user

from crm.calls import follow_ups
from crm.calls.follow_ups import Due
from crm.models import Call, FollowUp
from crm.models.follow_up import NO_TIME
from crm.web import clock, current_agent
from crm.web.outcome_names import outcome_names

FURTHEST = timedelta(days=5 * 366)
LAST_HOUR = 23


class NoSuchDayError(ValueError):
    """A day or time in a form that is none, or lies too far away."""


def init_app(app: Flask) -> None:
    """Register what templates ask for."""
    app.add_template_global(of_call, "follow_up_of_call")
    app.add_template_global(choices, "follow_up_choices")
    app.add_template_global(due_count)


def today() -> date:
    """The day on the agent's calendar."""
    return clock.now().astimezone(ZoneInfo(current_user.timezone)).date()


def due_count() -> str:
    """How many of the agent's own are due today or were before: "99+" for more, "" for none."""
    number = follow_ups.count_due(current_agent.get().id, today=today())
    if number >= follow_ups.MOST_COUNTED:
        return f"{follow_ups.MOST_COUNTED - 1}+"
    return str(number) if number else ""


def choices() -> list[tuple[str, date]]:
    """The days that one click chooses."""
    first = follow_ups.next_working_day(today())
    later = follow_ups.next_working_day(first + timedelta(days=1))
    is_tomorrow = first == today() + timedelta(days=1)
    return [
        (gettext("Tomorrow") if is_tomorrow else format_date(first, "EEEE", get_locale()), first),
        (format_date(later, "EEEE", get_locale()), later),
        (gettext("In a week"), today() + timedelta(days=7)),
    ]


def due_of(day: str, at: str) -> Due:
    """A form's day ("2026-11-30") and time ("14:00", "" for none). Raises NoSuchDayError."""
    try:
        on = date.fromisoformat(day)
        clock_time = time.fromisoformat(at) if at else None
    except ValueError:
        raise NoSuchDayError(day) from None
    if not today() - timedelta(days=1) <= on <= today() + FURTHEST:
        raise NoSuchDayError(day)
    return Due(on, clock_time.hour * 60 + clock_time.minute if clock_time else NO_TIME)


def day_and_time(follow_up: FollowUp | None) -> tuple[str, str]:
    """What the fields of a form hold."""
    if follow_up is None:
        return "", ""
    hour, minute = divmod(follow_up.due_minute, 60)
    return follow_up.due_on.isoformat(), "" if hour > LAST_HOUR else f"{hour:02}:{minute:02}"


@dataclass(frozen=True)
class OfCall:
    """The follow-up of a call in its card. shown: what the form sends back, to tell a change."""

    day: str
    time: str
    is_done: bool

    @property
    def shown(self) -> str:
        """The fields as the form sends them back."""
        return f"{self.day} {self.time}".strip()


def of_call(call: Call) -> OfCall:
    """The agent's follow-up of a call; empty fields for none."""
    found = follow_ups.of_call(call.id, current_agent.get().id)
    return OfCall(*day_and_time(found), is_done=bool(found and found.done_at))


def after_outcome(call: Call) -> None:
    """The agent has chosen an outcome, which may ask for a follow-up."""
    wants_one = outcome_names().makes_follow_up(call.tenant_id, call.outcome)
    agent_id, now = current_agent.get().id, clock.now()
    follow_ups.after_outcome(call, agent_id, wants_one=wants_one, today=today(), now=now)


def record_typed(call: Call) -> None:
    """Record the card's form, if the day was changed in it.

    Form: follow_on, follow_at, follow_shown (both as they were shown); follow_pick: a day that a
    button chose, "-" for none. A day that cannot be meant, of which half is typed, changes nothing.
    """
    form, agent, now = request.form, current_agent.get(), clock.now()
    day, at = form.get("follow_on", "").strip(), form.get("follow_at", "").strip()
    picked = form.get("follow_pick", "")
    if picked:
        day, at = picked.strip("-") and picked, at if picked != "-" else ""
    elif "follow_shown" not in form or f"{day} {at}".strip() == form["follow_shown"]:
        return
    try:
        due = due_of(day, at) if day else None
    except NoSuchDayError:
        return
    follow_ups.set_for_call(call, agent.id, due, now=now)
