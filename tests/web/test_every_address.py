"""Every address of the CRM, with values at the edge of what a field can hold: never a 500.

The names of query and form fields are read from the code beside each view, so a new page is tried
without a word here.
"""

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote_from_bytes, urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

import crm.web
from crm import calls
from crm.models import Agent, utc_now
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "6"))
EDGES = (
    *(
        b"",
        b" ",
        b"0",
        b"1",
        b"2",
        b"-1",
        b"2147483647",
        b"2147483648",
        b"9" * 5000,
        b"1e400",
        b"x",
    ),
    *(b"9999-12-31T23:59:59+00:00,1", b"0001-01-01T00:00:00+14:00,1", b"2026-07-01T00:00:00,1"),
    *(b"9999-12-31", b"0001-01-01", b"2026-02-30", b"2026-07-01", b"1970-01-01T00:00:00Z"),
    *(
        b"%",
        b"'",
        b'"><b>',
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "😀".encode() * 300,
        b"a" * 70_000,
    ),
    *("²".encode(), "\u202e".encode(), b"\r\nX: y", b"..", b"NaN", b"on", b"missed", b"waiting"),
    *(b"demo", b"Europe/Istanbul", b"TR", b"+905320000001", b"c1", b"IncomingCall", b"Hangup"),
)
_ASKED = re.compile(r"""(?:args|form|values)\.(?:get|getlist)\(\s*"(\w+)\"""")
_FIELD = re.compile(r"^ {4}(\w+) = \w*Field\(", re.MULTILINE)
# What a part of an address can be, so that the view behind it is reached.
CID = "6f1f9a52-7a3f-4b43-8f5e-2f6f7e0d0c11"
THERE = {"cid": CID, "secret": "unknown", "table": "days", "agent_id": "2"}  # and 1 for an id
LEFT_OUT = {"static", "auth.log_out"}
ELSEWHERE = {"before", "shown", "numbers-0-raw", "numbers-1-label"}


def fields_of(app: Flask, endpoint: str) -> list[str]:
    """The names of fields that the view's file, or its folder, reads."""
    file = Path(inspect.getfile(inspect.unwrap(app.view_functions[endpoint])))
    beside = [file] if file.parent == Path(crm.web.__file__).parent else file.parent.glob("*.py")
    code = "\n".join(path.read_text() for path in beside)
    return sorted({*_ASKED.findall(code), *_FIELD.findall(code), *ELSEWHERE})


def requests(app: Flask) -> Iterator[tuple[str, str, bytes]]:
    """Method, path and fields, the same ones at every run."""
    random = Random(1)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in LEFT_OUT:
            continue
        names = fields_of(app, rule.endpoint)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for _round in range(ROUNDS):
                some = [name for name in names if random.random() < 0.6]
                fields = urlencode([(name, random.choice(EDGES)) for name in some])
                yield method, path_of(rule, random), fields.encode()


def path_of(rule: Rule, random: Random) -> str:
    """Mostly of what is there, else of what cannot be."""

    def part(found: re.Match[str]) -> str:
        if random.random() < 0.7:
            return THERE.get(found[2], "1")
        edge = quote_from_bytes(random.choice(EDGES)[:2000], safe="") or "-"
        return edge if found[1] is None or len(edge) > 1 else "0"  # no other row's id

    return re.sub(r"<(int:)?(\w+)>", part, rule.rule)


@pytest.mark.both_databases
def test_no_value_of_any_field_is_a_fault(app: Flask, admin_browser: Browser, admin: Agent) -> None:
    app.testing = False  # a fault is a 500, as in production
    make_contact("Elif Şahin", "+905320000001")
    calls.record_message(
        tenant_id=admin.tenant_id,
        agent_id=admin.id,
        browser_call_id=CID,
        kind="IncomingCall",
        number="05320000001",
        activecallkey="k1",
        occurred_at=utc_now(),
    )
    faults = []
    for method, path, fields in requests(app):
        if method == "GET":
            answer = admin_browser.htmx_get(path, query_string=fields.decode())
        else:
            form = "application/x-www-form-urlencoded"
            answer = admin_browser.htmx_post(path, fields, content_type=form)  # type: ignore[arg-type]
        if answer.status_code == 401:  # one of them has ended this login
            admin_browser.log_in("deniz@demo.example", PASSWORD)
        if answer.status_code == 500:
            faults.append(f"{method} {path} {fields[:500]!r}")
    assert faults == []
