"""The parts that run in threads: timers and hangup POSTs."""

import threading

from crm.simulator.hangup_posts import HangupPost, HangupPosts, send
from crm.simulator.timers import ThreadTimers
from tests.unit.simulator.world import one_request

DEADLINE = 60


def busy_timers() -> tuple[ThreadTimers, threading.Event]:
    """Timers whose thread is held by an action until the event is set: what a test schedules
    meanwhile is all there before any of it can run, however slow the machine is.
    """
    timers, go_on, is_held = ThreadTimers(), threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        go_on.wait(DEADLINE)

    timers.after(0, hold)
    assert is_held.wait(DEADLINE)
    return timers, go_on


def test_actions_run_in_the_order_of_their_time() -> None:
    timers, go_on = busy_timers()
    ran, done = list[str](), threading.Event()
    timers.after(0.02, done.set)
    timers.after(0.01, lambda: ran.append("second"))
    timers.after(0, lambda: ran.append("first"))
    go_on.set()
    assert done.wait(DEADLINE)
    assert ran == ["first", "second"]


def test_cancelled_actions_do_not_run() -> None:
    timers, go_on = busy_timers()
    ran, done = list[str](), threading.Event()
    timers.after(0.01, lambda: ran.append("cancelled"))
    timers.cancel_all()
    timers.after(0.02, done.set)
    go_on.set()
    assert done.wait(DEADLINE)
    assert ran == []


def test_posts_are_sent_in_the_background_and_remembered() -> None:
    done = threading.Event()

    def answer(post: HangupPost) -> str:
        done.set()
        return "204"

    posts = HangupPosts(send=answer)
    posts.post("http://crm.test/hook/secret", {})
    assert done.wait(DEADLINE)
    assert posts.recent[0].shown_url == "http://crm.test/hook/…"


def test_too_many_posts_are_lost_and_said_to_be() -> None:
    hold = threading.Event()
    posts = HangupPosts(send=lambda _post: "200" if hold.wait(DEADLINE) else "late")
    for _ in range(110):
        posts.post("http://crm.test/hook/secret", {})
    assert posts.recent[0].result == "too many waiting"
    hold.set()


def test_a_post_is_a_form_and_its_answer_is_told() -> None:
    with one_request("404 Not Found") as (url, came):
        assert send(HangupPost(f"{url}/hook?own=1", {"call_id": "a b"})) == "404"
    head, _, body = came[0].partition("\r\n\r\n")
    assert head.startswith("POST /hook?own=1 HTTP/1.1")
    assert "application/x-www-form-urlencoded" in head
    assert body == "call_id=a+b"


def test_an_address_that_cannot_be_reached_is_told() -> None:
    assert send(HangupPost("http://nowhere.invalid/hook", {})) == "unreachable"
    assert send(HangupPost("http://[", {})) == "unreachable"
    assert HangupPost("http://[", {}).shown_url == "…"
