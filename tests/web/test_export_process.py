"""Exports are made beside the server: one at a time for a person, few at a time for all."""

import fcntl
from contextlib import ExitStack

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crm.models import Agent, Tenant
from crm.pages.exports import process
from crm.settings import Settings
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.web.test_calls_filters import put_call

PATH = "/calls/export.csv"


def begun(browser: Browser) -> TestResponse:
    """An export whose first bytes have come."""
    answer = browser.client.get(PATH)
    assert answer.status_code == 200
    return answer


def test_a_second_one_of_the_same_person_is_told_to_wait(
    app: Flask,
    browser: Browser,
    agent: Agent,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "AT_ONCE", 2)
    put_call(agent, queue="Support")
    colleague = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet"))
    first = begun(browser)
    second = browser.client.get(PATH)
    assert (second.status_code, second.headers["Retry-After"]) == (429, "60")
    assert "Your last export is still being made" in second.text
    assert "Support" in colleague.get(PATH).text
    first.close()  # half read: the browser was closed
    assert "Support" in browser.get(PATH).text


def test_who_waits_too_long_is_told_so_and_holds_nothing(
    browser: Browser, agent: Agent, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_call(agent)
    monkeypatch.setattr(process, "WAIT_SECONDS", 0)
    folder = settings.queue_path.parent / "exports"
    folder.mkdir()
    with ExitStack() as colleagues:
        for number in range(process.AT_ONCE):
            turn = colleagues.enter_context((folder / f"turn-{number}").open("w"))
            fcntl.flock(turn, fcntl.LOCK_EX)
        for _time in range(process.WAITING_AT_MOST + 2):
            answer = browser.get(PATH)
            assert answer.status_code == 503
            assert "Other exports are being made" in answer.text
    assert browser.get(PATH).status_code == 200


def test_a_thread_is_left_for_people(
    browser: Browser, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_call(agent)
    for _export in range(process.WAITING_AT_MOST):
        assert process._threads.acquire(blocking=False)
    try:
        assert browser.get(PATH).status_code == 503
    finally:
        process._threads.release(process.WAITING_AT_MOST)
    assert browser.get(PATH).status_code == 200
