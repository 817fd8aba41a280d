"""Ayşe at work: each kind of call from the ring, or the click, to Done.

Mehmet takes what she hands on. Places on the page are found by what they are, not by their words:
the afternoon is in Turkish.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle

from playwright.sync_api import Locator, expect
from sqlalchemy import func, select

from crm.extensions import db
from crm.models import Contact, PhoneNumber, utc_now
from crm.translations import catalogue
from tests.browser.conftest import SHARED, Desk
from tests.day.plan import IN_MID_CALL, Event, Kind, Plan
from tests.day.troubles import choose_theme, look_from_elsewhere, meet, speak_turkish

MEHMET = "mehmet@demo.example"
OUTCOMES = ("resolved", "sale", "follow_up")


@dataclass
class Written:
    """What must be on record of a call: what its agents wrote and chose, and who it was."""

    note: str = ""
    outcome: str = ""
    contact: str | None = None


@dataclass
class Worker:
    """written: by activecallkey. without_network: how many seconds the network stays away."""

    desk: Desk
    colleague: Desk
    without_network: float
    written: dict[str, Written] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = utc_now().replace(microsecond=0)
        self.page, self.simulator = self.desk.page, self.desk.simulator
        self._say: Callable[[str], str] = str
        self._outcomes = cycle(OUTCOMES)
        self._people = cycle(self._known_people())
        self._in_mid_call: list[Event] = []
        self._strangers = 0

    def work(self, plan: Plan, tell: Callable[[Kind | Event], None]) -> None:
        """One after the other; tell: is called after each."""
        self.simulator.console("switches", far_side_answers_after=None, key_after=0.1, cdr_delay=0)
        kinds: dict[Kind, Callable[[], None]] = {
            Kind.KNOWN: self._known,
            Kind.UNKNOWN: self._unknown,
            Kind.SHARED: self._shared,
            Kind.MASKED: self._masked,
            Kind.ANONYMOUS: self._anonymous,
            Kind.MISSED: self._missed,
            Kind.REFUSED: self._refused,
            Kind.TWO: self._two,
            Kind.TRANSFERRED: self._transferred,
            Kind.DIALLED: self._dialled,
            Kind.BUSY: self._busy,
            Kind.CALLED_BACK: self._called_back,
        }
        for one in plan:
            if isinstance(one, Kind):
                kinds[one]()
            elif one in IN_MID_CALL:
                self._in_mid_call.append(one)
            elif one is Event.SECOND_BROWSER:
                look_from_elsewhere(self.desk)
            elif one is Event.TURKISH:
                speak_turkish(self.page)
                self._say = catalogue("tr").gettext
            else:
                choose_theme(self.page, "dark" if one is Event.DARK else "light")
            tell(one)

    # Kinds of calls

    def _known(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number)
        expect(card.locator(".call-name")).to_have_text(name)
        self._talk_and_finish(call, card, name)

    def _unknown(self) -> None:
        self._strangers += 1
        name, number = f"New Person {self._strangers}", f"+44770090{self._strangers + 500:04}"
        call, card = self._ring(number)
        card.locator("a[href^='/contacts/new']").click()
        self.page.locator("#main input[name=name]").fill(name)
        self.page.locator("#main .form-actions button[type=submit]").click()
        expect(card.locator(".call-name")).to_have_text(name)
        self._talk_and_finish(call, card, name)

    def _shared(self) -> None:
        call, card = self._ring(SHARED)
        person = card.locator("button.candidate").last
        name = person.locator("strong").inner_text()
        person.click()
        expect(card.locator(".call-name")).to_have_text(name)
        self._talk_and_finish(call, card, name)

    def _masked(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number, masked=True)
        expect(card.locator(".call-name")).to_have_text(name)
        expect(card).not_to_contain_text(number[-4:])
        self._talk_and_finish(call, card, name)

    def _anonymous(self) -> None:
        call, card = self._ring("anonymous")
        self._talk_and_finish(call, card, None)

    def _missed(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number)
        self._far_side(call, "hang-up")
        expect(card).to_contain_class("is-missed")
        self.written[call["activecallkey"]] = Written(contact=name)
        self._done(card)

    def _refused(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number)
        self.desk.softphone.locator("[data-do=reject]:visible").click()
        expect(card).to_contain_class("is-missed")
        self.written[call["activecallkey"]] = Written(contact=name)
        self._done(card)

    def _two(self) -> None:
        (name, number), (other_name, other_number) = next(self._people), next(self._people)
        call, card = self._ring(number)
        self._answer(card)
        other, other_card = self._ring(other_number)
        self._answer(other_card)
        expect(card).to_contain_class("is-held")
        self._write(other, other_card, other_name)
        self._far_side(other, "hang-up")
        self._done(other_card)
        card.locator("[id$=-hold]").click()
        expect(card).to_contain_class("is-talking")
        self._write(call, card, name)
        self._hang_up(card)
        self._done(card)

    def _transferred(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number)
        self._answer(card)
        self._write(call, card, name)
        transfer = f"[data-do=transfer][data-agent='{MEHMET}']:visible"
        self.desk.softphone.locator(transfer).click()
        theirs = self.colleague.card
        expect(theirs).to_contain_class("is-ringing")
        self._done(card)
        self.colleague.answer()
        expect(theirs).to_contain_class("is-talking")
        note = f"And {name} told Mehmet the rest."
        theirs.locator("[data-note]").press_sequentially(note)
        self.colleague.hang_up()
        self.written[call["activecallkey"]].note += f"\n{note}"
        self._done(theirs)

    def _dialled(self) -> None:
        name, key, card = self._dial()
        self._far_side(key, "answer")
        self._talk(key, card, name)
        self._hang_up(card)
        self._done(card)

    def _busy(self) -> None:
        name, call, card = self._dial()
        self._far_side(call, "busy")
        expect(card).to_contain_class("is-wrap_up")
        self.written[call["activecallkey"]] = Written(contact=name)
        self._done(card)

    def _called_back(self) -> None:
        name, number = next(self._people)
        call, card = self._ring(number)
        self._far_side(call, "hang-up")
        expect(card).to_contain_class("is-missed")
        self.written[call["activecallkey"]] = Written(contact=name)
        card.locator("[id$=-back] button").click()
        back, back_card = self._is_dialled()
        self._far_side(back, "answer")
        self._talk(back, back_card, name)
        self._far_side(back, "hang-up")
        self._done(back_card)
        if card.count():  # calling back may be all that was to be done
            self._done(card)

    # Steps of a call

    def _ring(self, number: str, **wish: bool) -> tuple[dict[str, str], Locator]:
        call = self.desk.ring(number, **wish)
        ringing = self.page.locator(".call-card.is-ringing")
        return call, self._card(ringing)

    def _card(self, found: Locator) -> Locator:
        """The one that was found, by its id: it keeps that whatever happens to the call."""
        expect(found).to_have_count(1)
        return self.page.locator(f"[id='{found.get_attribute('id')}']")

    def _dial(self) -> tuple[str, dict[str, str], Locator]:
        """From the search in the bar over the contact's page to the number."""
        name, _number = next(self._people)
        self.page.locator("#global-search").fill(name)
        self.page.locator("#global-search").press("Enter")
        self.page.locator("#main").get_by_role("link", name=name, exact=True).click()
        expect(self.page.locator("#main h1")).to_have_text(name)
        self.page.locator("#main .dial-button").first.click()
        call, card = self._is_dialled()
        return name, call, card

    def _is_dialled(self) -> tuple[dict[str, str], Locator]:
        card = self._card(self.page.locator(".call-card.is-dialling"))
        call = self.simulator.wait_for_call()
        return {"id": str(call.id), "activecallkey": call.activecallkey}, card

    def _answer(self, card: Locator) -> None:
        self.desk.answer()
        expect(card).to_contain_class("is-talking")

    def _talk_and_finish(self, call: dict[str, str], card: Locator, name: str | None) -> None:
        self._answer(card)
        self._talk(call, card, name)
        self._far_side(call, "hang-up")
        self._done(card)

    def _talk(self, call: dict[str, str], card: Locator, name: str | None) -> None:
        """Note and outcome, and what goes wrong meanwhile."""
        expect(card).to_contain_class("is-talking")
        expect(card).to_contain_text(self._say("Talking"))
        troubles, self._in_mid_call = self._in_mid_call, []
        self._write(call, card, name)
        for trouble in troubles:
            more = meet(trouble, self.desk, card, without_network=self.without_network)
            more += f" After: {trouble}."
            self.written[call["activecallkey"]].note += more
            card.locator("[data-note]").press_sequentially(f" After: {trouble}.")

    def _write(self, call: dict[str, str], card: Locator, name: str | None) -> None:
        outcome = next(self._outcomes)
        note = f"{name or 'Somebody'} asked for an offer; call {len(self.written) + 1}."
        card.locator("[data-note]").press_sequentially(note)
        card.locator("label.choice", has=self.page.locator(f"[value={outcome}]")).click()
        self.written[call["activecallkey"]] = Written(note, outcome, name)

    def _far_side(self, call: dict[str, str], does: str) -> None:
        self.simulator.console(f"calls/{call['id']}/far-side/{does}")

    def _hang_up(self, card: Locator) -> None:
        card.locator("button.hang-up").click()

    def _done(self, card: Locator) -> None:
        card.locator("[data-done]").click()
        expect(card).to_have_count(0)

    def _known_people(self) -> list[tuple[str, str]]:
        """Names and numbers that one contact alone has."""
        with self.desk.crm.app.app_context():
            single = (
                select(PhoneNumber.normal_form)
                .group_by(PhoneNumber.normal_form)
                .having(func.count() == 1)
            )
            rows = db.session.execute(
                select(Contact.name, func.min(PhoneNumber.normal_form))
                .join(PhoneNumber, PhoneNumber.contact_id == Contact.id)
                .where(PhoneNumber.normal_form.in_(single), PhoneNumber.normal_form.is_not(None))
                .group_by(Contact.id, Contact.name)
                .order_by(Contact.id)
                .limit(12)
            ).all()
            db.session.remove()
        return [(str(name), str(number)) for name, number in rows]
