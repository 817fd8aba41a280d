"""docs/your-own-contacts.md: the example of the page is run in place of our contact store."""

import inspect
import re
from pathlib import Path
from types import FunctionType
from typing import Any
from uuid import uuid4

import pytest

from crm.contacts import directory
from tests.web.browser import Browser

PAGE = Path(__file__).parents[2] / "docs/your-own-contacts.md"
ADAS = "05320001815"
SEAM = [
    name
    for name, function in inspect.getmembers(directory, inspect.isfunction)
    if function.__module__ == directory.__name__
]


@pytest.fixture(autouse=True)
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The functions of the example in place of those of the directory."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, PAGE.name, "exec"), names)
    for name in SEAM:
        monkeypatch.setattr(directory, name, names[name])
    return names


def test_the_page_names_every_function_and_the_example_has_it(example: dict[str, Any]) -> None:
    written = [
        name
        for name, value in example.items()
        if isinstance(value, FunctionType) and value.__module__ == "example"
    ]
    [line] = re.findall(r"six functions:\n(.+)\n", PAGE.read_text(encoding="utf-8"))
    assert re.findall(r"`(\w+)`", line) == written
    assert sorted(written) == SEAM


def told(browser: Browser, cid: str, kind: str) -> str:
    form = {"type": kind, "number": ADAS, "activecallkey": "key-of-adas-call"}
    answer = browser.htmx_post(f"/call-panel/{cid}/messages", data=form)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.both_databases
def test_a_ring_pops_a_contact_of_the_other_store_and_the_call_keeps_it(browser: Browser) -> None:
    cid = str(uuid4())
    ring = browser.htmx_get("/screen-pop", query_string={"call": cid, "number": ADAS})
    assert "Ada Lovelace" in ring.text
    assert "Analytical Engines" in ring.text
    assert "/contacts/1815" in ring.text
    for kind in ("IncomingCall", "Accept", "Talking", "Hangup"):
        assert "Ada Lovelace" in told(browser, cid, kind)
    assert "Ada Lovelace" in browser.htmx_get("/calls/list").text
    assert "Ada Lovelace" in browser.htmx_get("/calls/list?who=love").text
    assert "Ada Lovelace" not in browser.htmx_get("/calls/list?who=hopper").text
    assert "Calls with Ada Lovelace" in browser.get("/contacts/1815/calls").text


def test_an_agent_gives_a_call_to_a_contact_of_the_other_store(browser: Browser) -> None:
    cid = str(uuid4())
    told(browser, cid, "IncomingCall")
    answer = browser.htmx_post(f"/call-panel/{cid}/contact", data={"contact_id": "1906"})
    assert "Grace Hopper" in answer.text
