"""A call's card: what the softphone says is kept whatever it is, and what an agent does with it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm import calls, contacts
from crm.callcenterstudio.results import CdrRecord
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Agent, Call, CallCard, CallEvent, CallState, Contact, Tenant, utc_now
from tests.unit.calls_world import calls_told_of
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.world import Simulator

NUMBER = "+905320000001"
SHARED = "+902120000010"
KEY = "k" * 80
WRITES = ("notes", "contact", "done", "not-taken", "hang-up", "hold", "unhold")

Say = Callable[..., str]


@pytest.fixture
def cid() -> str:
    """The id that the page gave the call."""
    return str(uuid4())


@pytest.fixture
def say(browser: Browser, cid: str) -> Say:
    """Ayşe's page passes on a message of the softphone; returns the card."""

    def say(kind: str, **fields: Any) -> str:
        answer = browser.htmx_post(f"/call-panel/{cid}/messages", {"type": kind, **fields})
        assert answer.status_code == 200, answer.text
        return answer.text

    return say


def elif_sahin() -> int:
    data = ContactData(
        name="Elif Şahin", company="", email="", notes="", numbers=(Number(NUMBER, "work"),)
    )
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact.id


def the_call() -> Call:
    db.session.expire_all()
    return db.session.scalars(select(Call)).one()


def ago(**span: float) -> str:
    return (utc_now() - timedelta(**span)).isoformat()


@pytest.mark.both_databases
def test_a_call_from_ring_to_hangup_is_one_row(say: Say) -> None:
    say("IncomingCall", number=NUMBER, activecallkey=KEY, at=ago(seconds=20))
    assert "Talking" in say("Talking", at=ago(seconds=15))
    assert "Wrap-up" in say("Hangup", activecallkey=KEY, at=ago(seconds=5))
    assert (the_call().state, the_call().talk_seconds) == (CallState.ENDED, 10)


def test_a_message_that_comes_twice_is_kept_once(say: Say) -> None:
    for _ in range(3):
        say("IncomingCall", number=NUMBER, activecallkey=KEY, at="2020-01-01T00:00:00+00:00")
    at = ago(seconds=1)
    for _ in range(3):
        say("Talking", at=at)
    talking = select(CallEvent).where(CallEvent.kind == "Talking")
    assert db.session.scalars(talking).one().repeats == 2
    assert the_call().state is CallState.TALKING


@pytest.mark.parametrize("kind", ["", "incomingcall", "Nonsense", "<b>", "dial", "done", "cdr"])
def test_a_type_that_the_vendor_does_not_have_is_refused(
    browser: Browser, cid: str, kind: str
) -> None:
    answer = browser.htmx_post(f"/call-panel/{cid}/messages", {"type": kind, "number": NUMBER})
    assert answer.status_code == 422
    assert db.session.scalars(select(CallEvent)).all() == []


@pytest.mark.parametrize("bad", ["x", "1234", "0" * 33])
def test_an_id_that_is_none_is_refused(browser: Browser, bad: str) -> None:
    for path in ("messages", *WRITES):
        answer = browser.htmx_post(f"/call-panel/{bad}/{path}", {"type": "Talking"})
        assert answer.status_code == 422, path


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"number": "x" * 10_000, "activecallkey": "k" * 4000},
        {"number": "\x00<script>alert(1)</script>", "activecallkey": "\x00"},
        {"number": "", "activecallkey": ""},
        {"number": NUMBER, "at": "yesterday"},
        {"number": NUMBER, "at": "9999-12-31T23:59:59-14:00"},
        {"number": NUMBER, "at": "0001-01-01T00:00:00"},
        {"number": NUMBER, "at": "2020-01-01T00:00:00Z", "sent": "1970-01-01T00:00:00Z"},
        {"number": NUMBER, "at": "1970-01-01T00:00:00Z", "sent": "9999-01-01T00:00:00Z"},
    ],
)
def test_nonsense_in_a_message_is_taken_as_far_as_it_goes(say: Say, fields: dict[str, str]) -> None:
    assert "<script" not in say("IncomingCall", **fields)
    assert utc_now() - the_call().started_at < timedelta(hours=13)


def test_a_hangup_before_its_ring_is_one_ended_call(say: Say) -> None:
    say("Hangup", activecallkey=KEY, at=ago(seconds=5))
    say("IncomingCall", number=NUMBER, activecallkey=KEY, at=ago(seconds=20))
    assert (the_call().state, the_call().normal_form) == (CallState.ENDED, NUMBER)


def test_a_message_that_waited_for_the_network_keeps_its_time(say: Say) -> None:
    now = utc_now().isoformat()
    say("IncomingCall", number=NUMBER, activecallkey=KEY, at=ago(minutes=30), sent=now)
    say("Talking", at=ago(minutes=29), sent=now)
    say("Hangup", activecallkey=KEY, at=ago(minutes=20), sent=now)
    assert the_call().talk_seconds == 9 * 60


def test_a_clock_that_is_hours_off_is_not_believed(say: Say) -> None:
    def on_its_clock(moment: str) -> str:
        return (datetime.fromisoformat(moment) - timedelta(hours=7)).isoformat()

    sent = on_its_clock(utc_now().isoformat())
    say("IncomingCall", number=NUMBER, at=on_its_clock(ago(seconds=60)), sent=sent)
    waited = utc_now() - the_call().started_at
    assert timedelta(seconds=59) < waited < timedelta(seconds=65)


def test_a_dialled_call_ends_where_the_desks_clock_is_slow(
    browser: Browser, agent: Agent, cid: str, say: Say
) -> None:
    calls.record_dial(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=cid,
        transaction_id=cid,
        number=NUMBER,
    )
    say("Dial", number=NUMBER, at=ago(minutes=4))
    say("Talking", at=ago(minutes=3.9))
    assert "Wrap-up" in say("Hangup", at=ago(minutes=3.8))


def test_the_card_of_a_colleague_is_nobodys(app: Flask, tenant: Tenant, say: Say, cid: str) -> None:
    say("IncomingCall", number=NUMBER, activecallkey=KEY)
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    for path in ("", "/check"):
        assert mehmet.htmx_get(f"/call-panel/{cid}{path}").status_code == 404
    for path in WRITES:
        form = {"note": "not mine", "contact_id": 1}
        assert mehmet.htmx_post(f"/call-panel/{cid}/{path}", form).status_code == 404, path
    assert the_call().note == ""


@pytest.mark.both_databases
def test_a_note_and_an_outcome_are_kept(browser: Browser, say: Say, cid: str) -> None:
    say("IncomingCall", number=NUMBER, activecallkey=KEY)
    say("Talking")
    form = {"note": "Wants an offer <b>soon</b>\x00", "outcome": "sale"}
    card = browser.htmx_post(f"/call-panel/{cid}/notes", form).text
    assert "Saved" in card
    assert "<b>soon" not in card
    assert (the_call().note, the_call().outcome) == (
        "Wants an offer <b>soon</b>",
        "sale",
    )
    assert "&lt;b&gt;soon" in browser.get("/contacts").text  # the dock of a page loaded anew


@pytest.mark.both_databases
def test_a_note_without_end_is_kept_as_far_as_notes_go(
    browser: Browser, say: Say, cid: str
) -> None:
    say("Talking", number=NUMBER)
    answer = browser.htmx_post(
        f"/call-panel/{cid}/notes", {"note": "ş" * 25_000, "outcome": "x" * 500}
    )
    assert answer.status_code == 200
    assert len(the_call().note) == 20_000
    assert 'maxlength="20000"' in answer.text


def test_done_keeps_the_last_words_and_takes_the_card_away(
    browser: Browser, say: Say, cid: str
) -> None:
    say("Hangup", activecallkey=KEY)
    answer = browser.htmx_post(f"/call-panel/{cid}/done", {"note": "sent the offer"})
    assert answer.headers["HX-Reswap"] == "delete"
    assert the_call().note == "sent the offer"
    assert browser.htmx_get(f"/call-panel/{cid}").text.strip() == ""
    assert 'class="call-card' not in browser.get("/contacts").text


@pytest.mark.both_databases
@pytest.mark.parametrize("contact_id", ["4711", "9" * 30, "x"])
def test_a_contact_that_is_none_is_not_tied(
    browser: Browser, say: Say, cid: str, contact_id: str
) -> None:
    say("Talking", number=NUMBER)
    answer = browser.htmx_post(f"/call-panel/{cid}/contact", {"contact_id": contact_id})
    assert answer.status_code in (200, 422)
    assert the_call().contact_id is None


@pytest.mark.both_databases
def test_a_contact_deleted_during_its_call_leaves_number_and_name(
    browser: Browser, say: Say
) -> None:
    contact_id = elif_sahin()
    say("IncomingCall", number=NUMBER, activecallkey=KEY)
    say("Talking")
    browser.htmx_post(f"/contacts/{contact_id}/delete")
    say("Hangup", activecallkey=KEY)
    assert (the_call().contact_name, the_call().normal_form) == ("Elif Şahin", NUMBER)
    assert "Elif Şahin" in browser.get("/calls").text


def test_a_call_that_is_up_is_not_its_contacts_last_call(browser: Browser, say: Say) -> None:
    contact_id = elif_sahin()
    assert "last:" not in say("IncomingCall", number=NUMBER, activecallkey=KEY)
    say("Talking")
    contact = db.session.get_one(Contact, contact_id)
    assert calls_told_of(contact)[0] == 0
    say("Hangup", activecallkey=KEY)
    assert calls_told_of(contact)[:2] == (1, the_call().started_at)


def test_rung_again_after_a_reload_it_names_the_same_row(browser: Browser, say: Say) -> None:
    before = say("IncomingCall", number=NUMBER, activecallkey=KEY)
    again = browser.htmx_post(
        f"/call-panel/{uuid4()}/messages", {"type": "Hangup", "activecallkey": KEY}
    ).text
    row = f'data-row="{the_call().id}"'
    assert row in before
    assert row in again


def test_who_is_never_done_still_gets_a_page(browser: Browser, agent: Agent) -> None:
    for place in range(25):
        calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=str(uuid4()),
            kind="IncomingCall",
            number=NUMBER,
            activecallkey=f"key-{place}",
            occurred_at=utc_now(),
        )
    assert browser.get("/contacts").text.count("<article") == 20


WHY_NOBODY_WAS_REACHED = [
    # the vendor's word, what the card says in a word, and in a sentence
    ("", "Ended", "Why nobody was reached is not known yet."),
    ("NOANSWER", "No answer", "Nobody answered."),
    ("BUSY", "Busy", "The line was busy."),
    ("Busy", "Busy", "The line was busy."),
    ("CANCEL", "Cancelled", "The call was ended before anybody answered."),
    ("CHANUNAVAIL", "Failed", "The number could not be reached (CHANUNAVAIL)."),
    ("CONGESTION", "Failed", "The network could not carry the call (CONGESTION)."),
    ("DONTCALL", "Failed", "The call could not be connected (DONTCALL)."),
    ("<b>new</b>", "Failed", "The call could not be connected (&lt;b&gt;new&lt;/b&gt;)."),
]


@pytest.mark.parametrize(
    "case", [(*why, masked) for why in WHY_NOBODY_WAS_REACHED for masked in (False, True)]
)
def test_a_dial_that_reached_nobody_says_why_and_can_be_dialled_again(
    browser: Browser, agent: Agent, say: Say, cid: str, case: tuple[str, str, str, bool]
) -> None:
    disposition, mark, reason, masked = case
    at_agent: dict[str, Any] = {
        "tenant_id": agent.tenant_id,
        "agent_id": agent.id,
        "number": NUMBER,
    }
    missed = calls.record_message(
        **at_agent,
        browser_call_id=str(uuid4()),
        kind="Hangup",
        activecallkey="of a missed call",
        occurred_at=utc_now(),
    )
    ids: dict[str, Any] = {"browser_call_id": cid, "transaction_id": cid}
    dialled = calls.record_dial(**at_agent, **ids, masked=masked, callback_of=missed.id)
    say("Dial", number="90532xxxxxxx" if masked else NUMBER)
    say("OutgoingActiveCallKey", activecallkey=KEY)
    say("Hangup", activecallkey=KEY)
    if disposition:
        form = {"call_id": KEY, "transaction_id": cid, "disposition": disposition}
        calls.record_hangup(dialled.tenant, form)
    card = browser.htmx_get(f"/call-panel/{cid}").text
    for told in (mark, reason, "Dial again", "data-note"):
        assert told in card
    assert "Wrap-up" not in card
    assert f'name="callback_of" value="{missed.id}"' in card
    number, back = f'name="number" value="{NUMBER}"', f'name="back" value="{dialled.id}"'
    assert (number in card, back in card) == (not masked, masked)
    assert (NUMBER[3:] in card) is not masked


def test_why_a_dial_reached_nobody_comes_to_the_card_with_the_record(
    browser: Browser, tenant: Tenant, agent: Agent, cid: str, say: Say
) -> None:
    say("Dial", number=NUMBER)
    say("OutgoingActiveCallKey", activecallkey=KEY)
    asks = f'hx-get="/call-panel/{cid}" hx-trigger="every 5s"'
    ended = say("Hangup", activecallkey=KEY)
    assert asks in ended
    assert "No answer" not in ended  # it may as well have been busy
    record = {"callkey": "ck", "status": "hangup", "inbound": False, "called_num": NUMBER}
    record |= {"answered": False, "disposition": "NOANSWER"}
    calls.record_cdr(tenant, CdrRecord.parse(record), asked_for={"activecallkey": KEY})
    db.session.commit()
    card = browser.htmx_get(f"/call-panel/{cid}").text
    assert "No answer" in card
    assert asks not in card


class TestAskingTheVendor:
    @pytest.fixture(autouse=True)
    def _connected(self, simulator: Simulator, browser: Browser) -> None:
        """Ayşe is logged in at the vendor too."""
        browser.htmx_post("/softphone/login")
        assert simulator.asked["login"]

    @staticmethod
    def settled_long_ago(**span: float) -> None:
        """The state came long enough ago to be asked about."""
        then = utc_now() - timedelta(**span)
        db.session.execute(update(Call).values(state_since=then))
        db.session.execute(update(CallCard).values(state_since=then))

    def test_a_card_whose_end_was_lost_ends(self, browser: Browser, say: Say, cid: str) -> None:
        for kind in ("IncomingCall", "Talking"):
            assert "every 90s" in say(kind, number=NUMBER, activecallkey=KEY)
        self.settled_long_ago(seconds=90)
        assert "Wrap-up" in browser.htmx_get(f"/call-panel/{cid}/check").text
        assert the_call().state is CallState.ENDED

    def test_a_call_that_just_rang_may_not_be_listed_yet(
        self, browser: Browser, say: Say, cid: str
    ) -> None:
        say("IncomingCall", number="90532xxxxxxx", activecallkey=KEY)
        assert "Ringing" in browser.htmx_get(f"/call-panel/{cid}/check").text

    @pytest.mark.parametrize("answers", ["500", "html", "429"])
    def test_a_vendor_in_trouble_changes_nothing(
        self, browser: Browser, say: Say, cid: str, simulator: Simulator, answers: str
    ) -> None:
        say("Talking", number=NUMBER, activecallkey=KEY)
        self.settled_long_ago(seconds=90)
        simulator.console("switches", api_answers=answers)
        answer = browser.htmx_get(f"/call-panel/{cid}/check")
        assert (answer.status_code, the_call().state) == (200, CallState.TALKING)
        assert "Talking" in answer.text

    def test_a_refused_hold_is_told_on_the_card(self, browser: Browser, say: Say, cid: str) -> None:
        say("Talking", number=NUMBER, activecallkey=KEY)
        answer = browser.htmx_post(f"/call-panel/{cid}/hold")  # the vendor knows of no call
        assert answer.status_code == 200
        assert "Call Center Studio" in answer.text
        assert the_call().state is CallState.TALKING

    @pytest.mark.parametrize("button", ["hang-up", "hold", "unhold"])
    def test_a_button_that_did_not_work_says_beside_it_what_works_all_the_same(
        self, browser: Browser, say: Say, cid: str, button: str
    ) -> None:
        say("Talking", number=NUMBER, activecallkey=KEY)
        card = browser.htmx_post(f"/call-panel/{cid}/{button}").text  # the vendor knows of no call
        beside = card.split('class="call-actions"')[1].split("</div>")[0]
        does = "ends" if button == "hang-up" else "holds and resumes"
        assert f"The softphone&#39;s own button {does} the call." in beside
        assert "Hang up" in beside

    def test_after_the_end_the_vendor_is_not_asked_who_it_was(
        self, browser: Browser, say: Say, cid: str
    ) -> None:
        card = say("IncomingCall", number="90532xxxxxxx", activecallkey=KEY)
        assert f'hx-get="/call-panel/{cid}/check" hx-trigger="load' in card
        card = say("Hangup", activecallkey=KEY)
        assert "/check" not in card
        assert f'hx-get="/call-panel/{cid}"' in card
        db.session.execute(update(Call).values(complete=True))
        assert 'hx-trigger="load' not in browser.htmx_get(f"/call-panel/{cid}").text


class TestTwoWhoWrite:
    @pytest.fixture
    def mehmet(self, app: Flask, tenant: Tenant) -> Browser:
        return logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))

    @pytest.fixture
    def mehmets(self, mehmet: Browser) -> str:
        """The call that Ayşe has talked in, at Mehmet, who has hung up; the id of his card."""
        cid = str(uuid4())
        for kind in ("IncomingCall", "Talking", "Hangup"):
            fields = {"type": kind, "number": NUMBER, "activecallkey": KEY}
            assert mehmet.htmx_post(f"/call-panel/{cid}/messages", fields).status_code == 200
        return cid

    @pytest.fixture(autouse=True)
    def _ayse_has_written(self, browser: Browser, say: Say, cid: str) -> None:
        for kind in ("IncomingCall", "Talking", "Hangup"):
            say(kind, number=NUMBER, activecallkey=KEY)
        browser.htmx_post(f"/call-panel/{cid}/done", {"note": "wants an offer"})

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        "untouched",
        [
            {},
            {"note": ""},
            {"note": "", "outcome": ""},
            {"note": "", "shown": "", "draft": "d", "revision": "1"},
        ],
    )
    def test_done_without_a_word_leaves_the_colleagues_note(
        self, mehmet: Browser, mehmets: str, untouched: dict[str, str]
    ) -> None:
        for path in ("notes", "done"):
            mehmet.htmx_post(f"/call-panel/{mehmets}/{path}", untouched)
            assert the_call().note == "wants an offer"

    def test_both_notes_stand_wherever_notes_are_shown(
        self, browser: Browser, mehmet: Browser, mehmets: str
    ) -> None:
        contact_id = elif_sahin()
        card = mehmet.htmx_get(f"/call-panel/{mehmets}").text
        assert "wants an offer" in card.split("<textarea")[0]
        assert "Ayşe Demir, " in card
        card = mehmet.htmx_post(f"/call-panel/{mehmets}/notes", {"note": "offer sent"}).text
        assert "wants an offer" not in card.split("<textarea")[1]
        calls.record_wrap_up(the_call(), the_call().agent_id or 0, contact_id=contact_id)
        for path in (f"/calls/{the_call().id}", f"/contacts/{contact_id}/calls"):
            page = browser.get(path).text
            for part in ("wants an offer", "Ayşe Demir, ", "offer sent", "Mehmet Kaya, "):
                assert part in page, path
        file = browser.get("/calls/export.csv").text
        assert re.search(r"Ayşe Demir, [\d-]+ [\d:]+: wants an offer", file)
        assert re.search(r"Mehmet Kaya, [\d-]+ [\d:]+: offer sent", file)

    def test_an_outcome_alone_leaves_the_note_of_another_window(
        self, browser: Browser, cid: str
    ) -> None:
        browser.htmx_post(f"/call-panel/{cid}/notes", {"outcome": "sale"})
        assert (the_call().note, the_call().outcome) == ("wants an offer", "sale")

    def test_what_is_typed_in_a_card_that_is_done_elsewhere_stands_and_so_does_the_card(
        self, browser: Browser, cid: str
    ) -> None:
        form = {"note": "and a second one", "shown": "", "draft": "d", "revision": "1"}
        card = browser.htmx_post(f"/call-panel/{cid}/notes", form).text
        assert "Saved" in card
        assert the_call().note == "wants an offer\nand a second one"

    def test_a_field_says_which_notes_it_holds_and_replaces_those(
        self, browser: Browser, cid: str
    ) -> None:
        card = browser.htmx_post(f"/call-panel/{cid}/notes", {"outcome": "sale"}).text
        (shown,) = re.findall(r'data-shown="(\w+)"', card)
        for revision, note in ((2, "wants two offers"), (1, "wants two")):
            form = {"note": note, "shown": shown, "draft": "d", "revision": str(revision)}
            browser.htmx_post(f"/call-panel/{cid}/notes", form)
        assert the_call().note == "wants two offers"


NEW, ADD, CHOOSE, OTHER = "New contact", "Add to a contact", "Choose a contact", "Somebody else"


@pytest.mark.parametrize(
    ("number", "offered"),  # while it rings, and afterwards
    [
        ("anonymous", ([], [NEW, CHOOSE])),
        ("90532xxxxxxx", ([], [NEW, CHOOSE])),
        ("", ([], [NEW, CHOOSE])),
        ("+447700900555", ([NEW, ADD], [NEW, ADD])),
        (SHARED, ([OTHER], [OTHER])),
        (NUMBER, ([], [])),
    ],
)
def test_whoever_calls_can_be_tied_to_a_contact_once_the_agent_knows_who_it_is(
    browser: Browser, say: Say, cid: str, number: str, offered: tuple[list[str], list[str]]
) -> None:
    elif_sahin()
    first, second = (shared_with(name) for name in ("Cem", "Zeynep"))
    card = say("IncomingCall", number=number, activecallkey=KEY)
    assert [word for word in (NEW, ADD, CHOOSE, OTHER) if word in card] == offered[0]
    for kind in ("Talking", "Hangup"):  # still in wrap-up
        card = say(kind, activecallkey=KEY)
        assert [word for word in (NEW, ADD, CHOOSE, OTHER) if word in card] == offered[1]
    # The wrong one was chosen: where no number says who it is, that can be put right.
    may_be_other = number in ("anonymous", "90532xxxxxxx", "", SHARED)
    for contact_id in (first, second):
        browser.htmx_post(f"/contacts/{contact_id}/call", {"call": cid})
        assert the_call().contact_id == contact_id
        assert (OTHER in browser.htmx_get(f"/call-panel/{cid}").text) == may_be_other


def shared_with(name: str) -> int:
    data = ContactData(name=name, numbers=(Number(SHARED),))
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact.id
