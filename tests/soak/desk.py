"""An agent at work: takes calls, dials, hangs up; their browser tells the CRM of it all.

A thread for each desk. Each call is one of `plan.Kind`.
"""

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from queue import Empty, SimpleQueue
from random import Random
from typing import Any
from urllib.parse import urlencode

from crm.simulator.seed import Tenant
from tests.soak.browser import UNREACHABLE, Browser, LostMessageError, now
from tests.soak.numbers import some_number, to_dial
from tests.soak.phone import Phone
from tests.soak.plan import Kind
from tests.soak.tally import Tally
from tests.soak.vendor import Vendor, VendorError

HEARD_WITHIN = 60.0
DIAL_TAKEN_WITHIN = 10.0
PAUSE_AFTER_REFUSAL = 0.5
NOTE_EVERY = 10
FAR_SIDE = {Kind.BUSY: "busy", Kind.NOT_REACHED: "no-answer", Kind.DIALLED: "answer"}


class Desk(threading.Thread):
    """One agent. work: what is left to happen at the tenant's desks. colleague: to whom calls are
    handed on, moved by this one's thread.
    """

    draw_caller = staticmethod(some_number)

    def __init__(
        self,
        tenant: Tenant,
        browser: Browser,
        vendor: Vendor,
        work: "SimpleQueue[Kind]",
        tally: Tally,
        *,
        colleague: "Desk | None" = None,
    ) -> None:
        super().__init__(name=browser.email, daemon=True)
        self._tenant = tenant
        self._browser = browser
        self._vendor = vendor
        self._work = work
        self._tally = tally
        self._random = Random(browser.email)
        self._phone = Phone(vendor, browser.log_in())
        self._phone.open()
        self._cid = ""  # the page's own id of the call
        self._key = ""
        self._types: list[str] = []  # of the call's messages so far
        self._calls: list[dict[str, Any]] = []  # as the softphone draws them
        self._done = 0
        self._colleague = colleague

    def run(self) -> None:
        """Work until nothing is left."""
        while True:
            try:
                kind = self._work.get_nowait()
            except Empty:
                return
            try:
                self._do(kind)
            except (LostMessageError, VendorError, OSError) as error:
                self._tally.complain(f"{self.name}, {kind.value}: {error}")
                self._leave_nothing_open()

    def _do(self, kind: Kind) -> None:
        self._forget()
        happened = self._dial(kind) if kind.is_dial else self._take(kind)
        if not happened:
            self._work.put(kind)
            time.sleep(PAUSE_AFTER_REFUSAL)
            return
        self._until(lambda: "Hangup" in self._types)
        self._tally.seen_at_desks.add(self._key)
        self._tally.add("calls")
        self._done += 1
        if self._done % NOTE_EVERY == 0 and self._key not in self._tally.notes:
            self._write_note()

    def _forget(self) -> None:
        """The call before."""
        self._cid, self._key, self._types, self._calls = "", "", [], []

    def _take(self, kind: Kind) -> bool:
        """Somebody calls this agent."""
        call = self._vendor.post(
            "ring",
            agent=self.name,
            number=self.draw_caller(self._random),
            queue=self._random.choice(self._tenant.queues),
            masked=kind is Kind.MASKED,
        )
        number = int(call["id"])
        self._until(lambda: "IncomingCall" in self._types)
        if kind is Kind.GIVEN_UP:
            self._vendor.post(f"calls/{number}/far-side/hang-up")
        elif kind is Kind.REJECTED:
            self._phone.press(number, "reject")
        else:
            self._phone.press(number, "answer")
            if kind in (Kind.TRANSFERRED, Kind.TRANSFER_MISSED):
                self._hand_on(number, is_taken=kind is Kind.TRANSFERRED)
            else:
                self._talk(number, with_hold=kind is Kind.HELD)
        return True

    def _hand_on(self, number: int, *, is_taken: bool) -> None:
        """The colleague's softphone rings with the same call; both write a note of their own."""
        self._until(lambda: "Talking" in self._types)
        self._listen_for(self._random.uniform(0.1, 1.2))
        colleague = self._colleague
        if colleague is None:
            raise LostMessageError("there is nobody to hand the call on to")
        colleague._forget()
        self._phone.press(number, "transfer", agent=colleague.name)
        self._until(lambda: "Hangup" in self._types)
        colleague._until(lambda: "IncomingCall" in colleague._types)
        leg = int(colleague._calls[-1]["id"])
        if is_taken:
            colleague._phone.press(leg, "answer")
            colleague._talk(leg, with_hold=False)
        else:
            self._vendor.post(f"calls/{leg}/far-side/hang-up")
        colleague._until(lambda: "Hangup" in colleague._types)
        notes = [desk._note_of_leg() for desk in (self, colleague)]
        self._tally.notes[self._key] = "\n".join(notes)
        self._tally.add("transfers")

    def _note_of_leg(self) -> str:
        self._done += 1
        note = f"Said by {self.name} in leg {self._done}."
        fields = {"note": note, "outcome": "resolved"}
        self._browser.post_until_taken(f"/call-panel/{self._cid}/done", **fields)
        return note

    def _dial(self, kind: Kind) -> bool:
        """The agent clicks a number. False when no call comes of it."""
        cid = str(uuid.uuid4())
        self._cid = cid
        answer = self._browser.post("/dial", number=to_dial(self._random), call=cid)
        if answer.status not in (HTTPStatus.OK, UNREACHABLE):
            self._tally.add("dials refused")
            return False
        self._browser.get(f"/call-panel/{cid}")  # the card, also when no answer came
        if not self._wait_for(lambda: "OutgoingActiveCallKey" in self._types, DIAL_TAKEN_WITHIN):
            self._tally.add("dials that led to no call")
            # The page says so; the CRM may never have heard of the click.
            self._post_if_known(f"/call-panel/{cid}/not-taken")
            return False
        number = int(self._calls[-1]["id"])
        self._vendor.post(f"calls/{number}/far-side/{FAR_SIDE[kind]}")
        if kind is Kind.DIALLED:
            self._talk(number, with_hold=False)
        return True

    def _talk(self, number: int, *, with_hold: bool) -> None:
        self._until(lambda: "Talking" in self._types)
        self._listen_for(self._random.uniform(0.1, 1.2))
        if (
            with_hold
            and self._browser.post(f"/call-panel/{self._cid}/hold").status == HTTPStatus.OK
        ):
            self._listen_for(1.1)
            self._browser.post(f"/call-panel/{self._cid}/unhold")
            self._tally.add("holds")
        if self._random.random() < 0.5:
            self._phone.press(number, "hang-up")
        else:
            self._vendor.post(f"calls/{number}/far-side/hang-up")

    def _write_note(self) -> None:
        note = f"Said in call {self._done} of {self.name}."
        fields = {"note": note, "outcome": "resolved"}
        self._browser.post_until_taken(f"/call-panel/{self._cid}/done", **fields)
        self._tally.notes[self._key] = note

    def _post_if_known(self, path: str) -> None:
        until = time.monotonic() + HEARD_WITHIN
        while time.monotonic() < until:
            status = self._browser.post(path).status
            if status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
                return
            time.sleep(PAUSE_AFTER_REFUSAL)

    def _leave_nothing_open(self) -> None:
        """Something went wrong with a call: it ends all the same."""
        for call in self._calls:
            with suppress(VendorError, OSError):
                self._vendor.post(f"calls/{call['id']}/far-side/hang-up")

    # What the softphone says

    def _until(self, reached: Callable[[], bool]) -> None:
        """Hear the softphone out until then. Raises LostMessageError when it does not come."""
        if not self._wait_for(reached, HEARD_WITHIN):
            raise LostMessageError(f"the softphone said {self._types} and no more")

    def _wait_for(self, reached: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not reached():
            event = self._phone.next_event(until - time.monotonic())
            if event is None:
                return False
            self._hear(event)
        return True

    def _listen_for(self, seconds: float) -> None:
        self._wait_for(lambda: "Hangup" in self._types, seconds)

    def _hear(self, event: dict[str, Any]) -> None:
        """The island's part: each message gets the call's id and goes to the CRM."""
        self._calls = event.get("calls") or self._calls
        message = event.get("message")
        if not message:
            return
        kind, key = message["messageType"], message.get("activecallkey") or ""
        if kind == "IncomingCall":
            self._cid = str(uuid.uuid4())
            query = {"call": self._cid, "number": message["number"], "activecallkey": key}
            self._browser.get(f"/screen-pop?{urlencode(query)}")
        self._key = key or self._key
        told = {"type": kind, "number": message.get("number") or "", "activecallkey": key}
        path = f"/call-panel/{self._cid}/messages"
        vain = self._browser.post_until_taken(path, **told, at=now())
        if vain:
            self._tally.add("messages sent again", vain)
        self._types.append(kind)
