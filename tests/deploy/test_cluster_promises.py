"""What `make cluster` calls a broken promise, and which limit it names."""

import time
from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from tests.cluster import report
from tests.cluster.day import Result, Stretch, Wish
from tests.cluster.times import CutDial, Times, Trouble
from tests.soak.compare import Verdict
from tests.soak.tally import Tally


def a_good_run() -> Result:
    times, tally = Times(), Tally()
    for asked in ("POST /login", "GET /screen-pop?call=1", "POST /call-panel/1/messages"):
        times.note(asked, 0.1, is_good=True)
    times.note("POST /dial", 0.2, is_good=True)
    times.note("GET /missed/badge", 0.2, is_good=True)
    tally.add("kills")
    tally.add("restarts")
    stretch = Stretch(10.0, 100, {"CRM": 5.0, "simulator": 1.0}, 8.0)
    return Result(
        wish=Wish(agents=2, idle=10.0, busy=10.0, every=5.0),
        times=times,
        tally=tally,
        verdict=Verdict(calls=2, on_record=2),
        dialled=["a", "b"],
        idle=stretch,
        busy=stretch,
        logins={"alice": 1, "bob": 1},
        login_cpu=0.1,
        memory={"CRM": 2**20},
        connections={"browsers": 2},
        count_of_a_try=0.01,
        crm_processes=8,
        client_cpu=1.0,
        log="",
    )


def test_a_good_run_has_no_complaints_and_a_table() -> None:
    assert report.complaints(a_good_run()) == []
    text = report.text(a_good_run())
    assert "| pop " in text
    assert "200 ms" in text
    assert "Gave way first: nothing." in text
    assert "Promises broken" not in text


def with_trouble(run: Result) -> Result:
    run.times.note_trouble(6.0)
    return run


def told_late(run: Result) -> Result:
    run.times.cut_dials.append(CutDial(told=6.0, known=0.1, has_rung=True))
    return run


def in_doubt(run: Result) -> Result:
    run.times.cut_dials.append(CutDial(told=0.1, known=16.0, has_rung=False))
    return run


def without_a_kill(run: Result) -> Result:
    run.tally.add("kills", -1)
    return run


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda run: replace(run, dialled=["a", "a"]), "a dial was sent 2 times"),
        (lambda run: replace(run, logins={"alice": 1, "bob": 2}), "not one login"),
        (lambda run: replace(run, logins={"alice": 1}), "1 agents have logged in"),
        (lambda run: replace(run, verdict=Verdict(calls=2, lost=["one"])), "lost: one"),
        (lambda run: replace(run, verdict=Verdict(calls=0)), "nothing happened"),
        (with_trouble, "an agent saw errors for 6.0 s"),
        (told_late, "a dial was cut off, and its agent was told after 6.0 s"),
        (in_doubt, "a dial was in doubt for 16.0 s"),
        (without_a_kill, "no process was killed"),
    ],
)
def test_a_broken_promise_is_told(broken: Callable[[Result], Result], words: str) -> None:
    [complaint] = report.complaints(broken(a_good_run()))
    assert words in complaint


def test_a_dial_that_was_cut_off_is_told_apart() -> None:
    run = a_good_run()
    assert "No dial was cut off." in report.text(run)
    run.times.cut_dials.append(CutDial(told=0.2, known=0.4, has_rung=True))
    run.times.cut_dials.append(CutDial(told=0.3, known=10.1, has_rung=False))
    assert report.complaints(run) == []
    text = report.text(run)
    assert "Dials cut off: 2. The page said so after 0.3 s at most." in text
    assert "1 rang all the same, 0.4 s later at most." in text
    assert "1 did not ring; the page knew 10.1 s later at most." in text


def test_an_agents_trouble_lasts_until_something_succeeds() -> None:
    times = Times()
    trouble = Trouble(times)
    now = time.monotonic()
    trouble.note(now, is_good=True)
    assert times.longest_trouble == 0.0
    trouble.note(now, is_good=False)
    trouble.note(now, is_good=False)
    trouble.note(now + 7, is_good=True)
    assert 6.0 < times.longest_trouble <= 7.0


@pytest.mark.parametrize(
    ("log", "busy", "words"),
    [
        ("768 worker_connections are not enough", 1.0, "nginx's connections"),
        ("FATAL: sorry, too many clients already", 1.0, "PostgreSQL's connections"),
        ("", inf, "the processor of this machine (CRM"),
    ],
)
def test_what_gives_way_first_is_named(log: str, busy: float, words: str) -> None:
    run = a_good_run()
    run = replace(run, log=log, busy=replace(run.busy, busy=busy))
    assert report.gave_way(run).startswith(words)
