"""Template filters for people, durations, moments and figures; and names of countries.

`init_app` registers the filters.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zlib import crc32
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from crm.models.call import UNDATED
from crm.web import clock
from crm.web.agent_names import names
from crm.web.vendor_words import in_words

TINTS = 12
AGO_IN_WORDS = timedelta(days=6)


def init_app(app: Flask) -> None:
    """Register the filters below, and `agent_name`."""
    for template_filter in (initials, tint, duration, ago, local_time, figure, filled, in_words):
        app.add_template_filter(template_filter)
    app.add_template_global(lambda *who: names().of(*who), "agent_name")


def initials(name: str) -> str:
    """One or two letters for an avatar: of the first and the last word of the name."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    ends = words if len(words) == 1 else [words[0], words[-1]]
    letters = "".join(word[0] for word in ends)
    if "i" in letters and str(get_locale() or "") == "tr":  # a dotted i stays dotted
        letters = letters.replace("i", "İ")
    return letters.upper()


def tint(name: str) -> int:
    """The number, 0 to 11, of this name's avatar colour."""
    return crc32(" ".join(name.casefold().split()).encode()) % TINTS


def duration(seconds: int | None) -> str:
    """A duration as "1:40" or "1:02:05"; a dash for an unknown one."""
    if seconds is None:
        return "–"  # noqa: RUF001 - the dash that is set for a missing figure
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, "just now", "2 hr. ago"; after six days the day itself, "12 Nov".

    `moment` needs its zone. `now` is for tests.
    """
    if moment == UNDATED:
        return str(gettext("undated"))
    locale = get_locale() or "en"
    now = now or clock.now()
    passed = now - moment
    if passed < timedelta(minutes=1):
        return str(gettext("just now"))
    if passed < AGO_IN_WORDS:
        return _minutes_ago(passed // timedelta(minutes=1), str(locale))
    return _day(moment.date(), moment.year == now.year, str(locale))


def filled(part: Markup, **values: object) -> Markup:
    """A part of a list's line, drawn once with places like %(name)s, with a line's values in them.

    Each value is escaped once. `format` escapes it again at each of its places.
    """
    escaped = {name: str(escape(value)) for name, value in values.items()}
    return Markup(str(part) % escaped)  # noqa: S704 - drawn by a template, values escaped


def local_time(moment: datetime, zone: str, form: str = "medium") -> str:
    """A moment in a zone ("Europe/Istanbul"). `form`: short, medium, long, or a Babel pattern.

    "undated" for a call whose start could not be read.
    """
    if moment == UNDATED:
        return str(gettext("undated"))
    locale = get_locale() or "en"
    return format_datetime(moment, form, tzinfo=ZoneInfo(zone), locale=locale)


def figure(number: int) -> str:
    """A whole number as the reader's language groups it: "12,300"."""
    return format_decimal(number, locale=get_locale() or "en")


def territory_name(region: str) -> str:
    """The name of a two-letter region ("DE" -> "Germany"), or "" when there is none."""
    locale = get_locale()
    return str(locale.territories.get(region, "")) if locale else ""


# Long lists need the same few hundred texts again and again, and Babel is slow.
@lru_cache(maxsize=10_000)
def _minutes_ago(minutes: int, locale: str) -> str:
    passed = timedelta(minutes=minutes)
    return format_timedelta(-passed, add_direction=True, format="short", locale=locale)


@lru_cache(maxsize=2_000)
def _day(day: date, this_year: bool, locale: str) -> str:
    return format_date(day, "d MMM" if this_year else "d MMM y", locale=locale)
