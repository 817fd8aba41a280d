"""What a card of the call panel shows: one plain object, made from a ring or from a call.

`templates/call_panel/_card.html` draws it; `screen_pop`, `call_panel` and the page's dock make it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _

from crm import calls, contacts
from crm.calls.ties import BY_NUMBER
from crm.contacts import PhoneMatch, PopContact
from crm.models import Call, CallCard, CallState, Direction, utc_now
from crm.phone_numbers import caller_kind, display, normal_form, region_of
from crm.web import call_notes
from crm.web.call_notes import NoteLine
from crm.web.call_words import NOT_REACHED, last_call_text, not_reached_text
from crm.web.current_agent import CurrentAgent
from crm.web.territories import territory_name

STATES = {
    CallState.DIALLING: "dialling",
    CallState.RINGING: "ringing",
    CallState.TALKING: "talking",
    CallState.HELD: "held",
    CallState.ENDED: "wrap_up",
}

RECORD_COMES_WITHIN = timedelta(minutes=2)
# A colleague's answer may be heard of later than the end of the ring that it brought about.
ANSWER_IS_HEARD_OF_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True)
class CardContact:
    """A contact on a card; `last_call_text` says in a line how the last call went, and when."""

    id: int
    name: str
    company: str
    notes_excerpt: str
    calls_count: int
    last_call_text: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """One call in the panel.

    caller: none, one or several contacts found; masked or anonymous when there is no number to
    show. number is the normal form, None when it is withheld. since: when the state began.
    is_missed: it ended here without an answer; until it is done it is written up like every other.
    row: the call's id, None while it is not on record. asks_who: address that may know meanwhile
    who a masked caller is, None when nobody is asked any more. asks_ring: a colleague may answer
    it, or may just have.
    opens: address of the contact's page when it may open by itself.
    note: the agent's own words, which the field holds; shown: the versions of the notes they are.
    other_notes: what colleagues wrote about the same call.
    not_reached: how a dial that the vendor took came to nothing, else None; reason says it in a
    sentence, asks_record: more may come to be known of it. callback_of: the missed call that the
    dial called back. problem: why a button of the card did not work.
    may_be_other: whom the contact is does not follow from the number: it is withheld, or shared.
    """

    cid: str
    state: str
    direction: str
    caller: str
    row: int | None = None
    is_missed: bool = False
    number: str | None = None
    number_display: str | None = None
    place: str = ""
    resolved: bool = False
    contact: CardContact | None = None
    candidates: tuple[CardContact, ...] = ()
    since: str = ""
    queue: str = ""
    note: str = ""
    shown: str = ""
    other_notes: tuple[NoteLine, ...] = ()
    zone: str = "UTC"
    outcome: str = ""
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    message: str | None = None
    saved: bool = False
    opens: str | None = None
    asks_who: str | None = None
    asks_ring: bool = False
    not_reached: str | None = None
    reason: str = ""
    asks_record: bool = False
    callback_of: int | None = None
    problem: str | None = None
    may_be_other: bool = False
    found_by_number: bool = False


def of_ring(cid: str, number: str, agent: CurrentAgent) -> Card:
    """The card of a call that begins to ring: one look-up, nothing written."""
    kind = caller_kind(number)
    normal = (normal_form(number, agent.region) or None) if kind == "number" else None
    match = contacts.find_by_phone(normal, agent.tenants_seen()) if normal else PhoneMatch.nobody()
    found = _the_one(match)
    return Card(
        cid=cid,
        state="ringing",
        direction="inbound",
        caller=match.kind if normal else kind,
        number=normal,
        number_display=display(normal, agent.region) if normal else None,
        place="" if match.contacts else _place(normal, agent),
        contact=found,
        candidates=_candidates(match),
        since=utc_now().isoformat(),
        opens=f"/contacts/{found.id}" if found and agent.pop_opens_contact else None,
        asks_ring=True,
    )


def of_call(
    call: Call,
    agent: CurrentAgent,
    *,
    problem: str | None = None,
    saved: bool = False,
    also_done: bool = False,
) -> Card | None:
    """The card of a call that is on record, as it stands at this agent; None when it is closed.

    also_done: draw it even then.
    """
    row = calls.card_of(call, agent.id)
    if row is None or not (row.open or also_done):
        return None
    notes = call_notes.lines_of(call)
    own = [note for note in notes if note.author_id == agent.id]
    withheld = call.caller_kind != "number"
    match = _match(call, agent)
    caller = call.caller_kind if withheld else match.kind
    shown = call.shown_number
    state = _state(call, row)
    result = calls.result_of(call) if state == "wrap_up" else ""
    is_missed = result in ("missed", "abandoned")
    nobody = call.direction is Direction.OUTBOUND and call.answered is False
    not_reached = result if nobody and result in {*NOT_REACHED, "failed"} else None
    return Card(
        cid=row.browser_call_id,
        state=state,
        direction=call.direction.value if call.direction else "inbound",
        caller=caller,
        row=call.id,
        is_missed=is_missed,
        number=shown,
        number_display=display(shown, agent.region) if shown else None,
        place=_place(shown, agent),
        resolved=call.is_resolved,
        contact=_the_one(match),
        candidates=_candidates(match) if caller == "several" else (),
        found_by_number=call.sources.get("contact") == BY_NUMBER,
        may_be_other=withheld or (call.contact_id is not None and _is_shared(shown)),
        since="" if call.dial_problem else row.state_since.isoformat(),
        queue=call.queue,
        note="\n".join(note.text for note in own),
        shown=" ".join(note.version for note in own),
        other_notes=tuple(note for note in notes if note.author_id != agent.id),
        zone=agent.timezone,
        outcome=call.outcome,
        outcomes=[(value, str(label)) for value, label in calls.OUTCOMES],
        message=_message(call),
        saved=saved,
        asks_who=_asks_who(call, row.browser_call_id),
        not_reached=not_reached,
        reason=not_reached_text(result, call.disposition) if not_reached else "",
        asks_record=not_reached is not None and _record_still_comes(call),
        callback_of=call.callback_of_id,
        problem=problem,
        asks_ring=(state == "ringing" or is_missed) and rings_or_just_ended(row),
    )


def rings_or_just_ended(row: CallCard) -> bool:
    """Whether a colleague's answer could still take away a card that nobody has answered here."""
    just_ended = utc_now() - row.state_since < ANSWER_IS_HEARD_OF_WITHIN
    rings = row.state is CallState.RINGING
    return row.open and (rings or (row.state is CallState.ENDED and just_ended))


def open_cards(agent: CurrentAgent) -> list[Card]:
    """The cards that stand in the agent's panel, newest first."""
    cards = (of_call(call, agent) for call in calls.open_cards(agent.id))
    return [card for card in cards if card is not None]


def _asks_who(call: Call, cid: str) -> str | None:
    """The vendor's list of calls tells while the call is up; then its record, which is fetched."""
    if call.caller_kind != "masked" or call.is_resolved:
        return None
    if call.state is not CallState.ENDED:
        return f"/call-panel/{cid}/check"
    return f"/call-panel/{cid}" if _record_still_comes(call) else None


def _record_still_comes(call: Call) -> bool:
    ended_at = call.ended_at or call.started_at
    return not call.complete and utc_now() - ended_at < RECORD_COMES_WITHIN


def _match(call: Call, agent: CurrentAgent) -> PhoneMatch:
    """The contact that the call is tied to, else whoever has the number, if it may be seen."""
    seen = agent.tenants_seen()
    tied = contacts.pop_contact(call.contact_id, seen) if call.contact_id else None
    if tied:
        return PhoneMatch((tied,))
    return contacts.find_by_phone(call.shown_number or "", seen)


def _is_shared(number: str | None) -> bool:
    return contacts.find_by_phone(number or "").kind == "several"


def _the_one(match: PhoneMatch) -> CardContact | None:
    return _card_contact(match.contacts[0]) if match.kind == "one" else None


def _candidates(match: PhoneMatch) -> tuple[CardContact, ...]:
    if match.kind != "several":
        return ()
    return tuple(_card_contact(contact) for contact in match.contacts)


def _card_contact(contact: PopContact) -> CardContact:
    return CardContact(
        contact.id,
        contact.name,
        contact.company,
        contact.notes_excerpt,
        contact.calls_count,
        last_call_text(contact),
    )


def _state(call: Call, row: CallCard) -> str:
    if call.dial_problem:
        return "not_taken" if call.dial_problem == calls.NOT_TAKEN else "failed"
    return STATES[row.state]


def _message(call: Call) -> str | None:
    if call.dial_problem == calls.NOT_TAKEN:
        return str(
            _("The softphone did not take this call. Is it open and logged in? Then dial again.")
        )
    return call.dial_problem or None


def _place(normal: str | None, agent: CurrentAgent) -> str:
    region = region_of(normal) if normal else ""
    return territory_name(region) if region and region != agent.region else ""
