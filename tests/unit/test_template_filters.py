"""What the template filters show to people."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from markupsafe import Markup

from crm.web.template_filters import ago, duration, filled, init_app, initials, local_time, tint

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Elif Şahin", "EŞ"), ("Kuzey", "K"), ("Jean de la Tour", "JT"), ("  ", "?"), ("& Co", "C")],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_has_one_tint_however_it_is_typed() -> None:
    assert tint("Elif Şahin") == tint(" elif  ŞAHİN ".replace("İ", "i"))
    assert 0 <= tint("") < 12


def test_names_spread_over_the_tints() -> None:
    assert len({tint(f"Person {number}") for number in range(200)}) == 12


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (100, "1:40"), (3725, "1:02:05"), (None, "–")],  # noqa: RUF001
)
def test_a_duration_reads_like_a_clock(seconds: int | None, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 11, 22, 10, 0, tzinfo=UTC), "2 hr. ago"),
        (datetime(2026, 11, 12, 10, 0, tzinfo=UTC), "12 Nov"),
        (datetime(2025, 11, 12, 10, 0, tzinfo=UTC), "12 Nov 2025"),
        (datetime(2026, 11, 22, 12, 1, tzinfo=UTC), "just now"),
    ],
)
def test_ago_is_words_for_a_week_and_then_a_day(moment: datetime, shown: str) -> None:
    assert ago(moment, NOW) == shown


def test_a_moment_is_shown_in_the_zone_of_the_tenant() -> None:
    assert local_time(NOW, "Europe/Istanbul", "HH:mm") == "15:00"


def test_templates_have_the_filters() -> None:
    app = Flask(__name__)
    init_app(app)
    with app.app_context():
        shown = app.jinja_env.from_string("{{ 'Ada Lovelace'|initials }} {{ 100|duration }}")
        assert shown.render() == "AL 1:40"


def test_a_part_drawn_once_is_filled_with_values_that_are_escaped_once() -> None:
    part = Markup('<b title="%(name)s">%(name)s</b> %(id)s')
    line = filled(part, name='<A> & "%(id)s"', id=7)
    escaped = "&lt;A&gt; &amp; &#34;%(id)s&#34;"
    assert line == f'<b title="{escaped}">{escaped}</b> 7'
    assert isinstance(line, Markup)
