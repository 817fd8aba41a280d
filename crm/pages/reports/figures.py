"""The four figures at the head of a report, each with its change in words."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from crm.calls.reports import Report
from crm.web.template_filters import duration


@dataclass(frozen=True)
class Figure:
    """A figure in words. detail: what it is made of. change: against the period before."""

    title: str
    text: str
    detail: str
    change: str
    grew: bool | None


def figures_of(report: Report) -> list[Figure]:
    """Calls, how many were answered, how long callers waited, how long people talked."""
    now, before = report.total, report.before
    ways = _(
        "%(inbound)s in, %(outbound)s out",
        inbound=number(now.inbound),
        outbound=number(now.outbound),
    )
    missed = _(
        "%(missed)s missed, of these %(gave_up)s gave up",
        missed=number(now.missed),
        gave_up=number(now.abandoned),
    )
    talk = _("%(average)s a call", average=seconds(now.average_talk))
    return [
        Figure(_("Calls"), number(now.calls), ways, *_change(now.calls, before.calls, _in_percent)),
        Figure(
            _("Answered"),
            share(now.answered_share),
            missed,
            *_change(now.answered_share, before.answered_share, _in_points),
        ),
        Figure(
            _("Average wait"),
            seconds(now.average_wait),
            _("of inbound callers"),
            *_change(now.average_wait, before.average_wait, _in_time),
        ),
        Figure(
            _("Talking time"),
            seconds(now.talk_seconds),
            talk,
            *_change(now.talk_seconds, before.talk_seconds, _in_percent),
        ),
    ]


def number(value: int) -> str:
    """A count as people write it: 1,234."""
    return str(format_decimal(value))


def share(value: float | None) -> str:
    """A part of the whole: 83.4%; a dash when there is no whole."""
    return duration(None) if value is None else str(format_percent(value, "#,##0.0%"))


def seconds(value: float | None) -> str:
    """A time: 1:40, 12:02:05; a dash when nobody knows it."""
    return duration(None if value is None else round(value))


def _change(
    now: float | None, before: float | None, words: Callable[[float, float], str]
) -> tuple[str, bool | None]:
    if now is None or not before:
        return _("nothing to compare with"), None
    text = words(now, before)
    return (text, now > before) if text else (_("as before"), None)


def _in_percent(now: float, before: float) -> str:
    part = abs(now - before) / before
    if round(part, 2) == 0:
        return ""
    text = str(format_percent(part, "#,##0%"))
    words = _("%(part)s more", part=text) if now > before else _("%(part)s less", part=text)
    return str(words)


def _in_points(now: float, before: float) -> str:
    points = round(abs(now - before) * 100, 1)
    if points == 0:
        return ""
    text = str(format_decimal(points))
    higher, lower = (
        _("%(points)s points higher", points=text),
        _("%(points)s points lower", points=text),
    )
    return str(higher if now > before else lower)


def _in_time(now: float, before: float) -> str:
    apart = abs(round(now) - round(before))
    if apart == 0:
        return ""
    text = duration(apart)
    words = _("%(time)s longer", time=text) if now > before else _("%(time)s shorter", time=text)
    return str(words)
