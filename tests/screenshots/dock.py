"""The states of the dock, one after the other, as calls bring them about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import KNOWN, SHARED, UNKNOWN, Desk
from tests.screenshots.camera import Camera


class Dock:
    """A desk whose calls are looked at."""

    def __init__(self, desk: Desk, camera: Camera, email: str) -> None:
        self.desk, self.camera, self.page = desk, camera, desk.page
        self._email = email

    def take_all(self) -> Iterator[str]:
        """Each state; yields the name of what was taken."""
        self.page.goto(f"{self.desk.crm.url}/contacts")
        self.desk.wait_until_ready()
        self.desk.nobody_answers()
        yield self._look("dock-idle")
        for name, number, wish in (
            ("unknown", UNKNOWN, {}),
            ("several", SHARED, {}),
            ("masked", "+447700900888", {"masked": True}),
            ("masked-known", KNOWN, {"masked": True}),
            ("anonymous", "anonymous", {}),
        ):
            with self._ringing(number, **wish):
                yield self._look(f"dock-rings-{name}")
        with self._ringing(KNOWN, queue="Billing"):
            yield self._look("dock-rings-known")
        yield from self._missed()
        yield from self._talking()
        yield from self._dialled()

    def take_second_tab(self, camera: Camera) -> Iterator[str]:
        """What a tab without the softphone shows, idle and in a call."""
        camera.page.goto(f"{self.desk.crm.url}/contacts")
        expect(camera.page.locator("#call-idle-words")).to_have_attribute(
            "data-says", "idle-elsewhere"
        )
        camera.look("second-tab-idle")
        yield "second-tab-idle"
        call = self._ring(KNOWN)
        self.desk.answer()
        expect(camera.page.locator(".call-card")).to_contain_class("is-talking")
        camera.look("second-tab-talking")
        yield "second-tab-talking"
        self._far_side(call, "hang-up")
        self._finish()

    def _missed(self) -> Iterator[str]:
        call = self._ring(KNOWN)
        self._far_side(call, "hang-up")
        expect(self.desk.card).to_contain_class("is-missed")
        yield self._look("dock-missed")
        self._finish()

    def _talking(self) -> Iterator[str]:
        call = self._ring(KNOWN, queue="Billing")
        self.desk.answer()
        card = self.desk.card
        expect(card).to_contain_class("is-talking")
        card.locator("[data-note]").fill("October's invoice again: billing sends a new one today.")
        card.locator("label.choice", has=self.page.locator("[value=follow_up]")).click()
        expect(card.locator("[name=follow_on]")).not_to_have_value("")
        expect(card.get_by_role("timer")).to_have_text(re.compile("^0:[1-5]"))
        self.desk.softphone.locator("header").hover()  # no button looks pointed at
        yield self._look("dock-talking")
        card.locator("[id$=-hold]").click()
        expect(card).to_contain_class("is-held")
        yield self._look("dock-held")
        with self._ringing(UNKNOWN):
            yield self._look("dock-two-calls")
        card = self.page.locator(".call-card.is-held")
        expect(card).to_have_count(1)
        self._far_side(call, "hang-up")
        expect(self.desk.card).to_contain_class("is-wrap_up")
        yield self._look("dock-wrap-up")
        self._finish()

    def _dialled(self) -> Iterator[str]:
        self.page.goto(f"{self.desk.crm.url}/contacts/2")
        self.desk.wait_until_ready()
        number = self.page.locator("#main .dial-button").first
        number.click()
        expect(self.desk.card).to_contain_class("is-dialling")
        yield self._look("dock-dialling")
        call = self.desk.simulator.wait_for_call()
        self._far_side({"id": call.id}, "busy")
        expect(self.desk.card).to_contain_class("is-wrap_up")
        yield self._look("dock-busy")
        self._finish()
        self.desk.simulator.console("switches", api_answers="500")
        number.click()
        expect(self.page.locator("#main .dial-word.is-error").first).to_be_visible()
        yield self._look("dial-refused")
        self.desk.simulator.console("switches", api_answers="json")

    def _look(self, name: str) -> str:
        self.camera.look(name)
        return name

    @contextmanager
    def _ringing(self, number: str, **wish: Any) -> Iterator[None]:
        call = self._ring(number, **wish)
        yield
        self._far_side(call, "hang-up")
        expect(self.page.locator(".call-card.is-ringing")).to_have_count(0)
        self.page.locator(".call-card.is-missed [data-done]").click()
        expect(self.page.locator(".call-card.is-missed")).to_have_count(0)

    def _ring(self, number: str, **wish: Any) -> dict[str, Any]:
        call = self.desk.ring(number, agent=self._email, **wish)
        expect(self.page.locator(".call-card.is-ringing")).to_have_count(1)
        return call

    def _far_side(self, call: dict[str, Any], does: str) -> None:
        self.desk.simulator.console(f"calls/{call['id']}/far-side/{does}")

    def _finish(self) -> None:
        self.desk.card.locator("[data-done]").click()
        expect(self.page.locator(".call-card")).to_have_count(0)
