"""What people wrote about a call is never overwritten by somebody who did not write."""

from collections.abc import Collection

import pytest
from flask import Flask

from crm import calls
from crm.calls import notes, wrap_up
from crm.extensions import db
from crm.models import Agent, Call
from tests.unit.calls_world import KEY, World, after, cdr, make_world

both = pytest.mark.both_databases


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def write(
    call: Call,
    agent: Agent,
    text: str,
    at: float,
    *,
    shown: Collection[str] | None = (),
    draft: str = "",
    revision: int = 0,
) -> Call:
    call = wrap_up.record_note(
        call, agent.id, text, shown=shown, draft=draft, revision=revision, at=after(at)
    )
    db.session.commit()
    return call


def seen(call: Call) -> list[str]:
    """The notes as somebody sees them who opens the call now."""
    return [note.version for note in notes.of_call(call)]


@both
def test_two_peoples_notes_both_stand_each_with_its_author_and_time(world: World) -> None:
    call = world.rings()
    write(call, world.ayse, "wants an offer", 10)
    call = write(call, world.mehmet, "offer sent", 20)
    assert [(note.agent_id, note.at, note.text) for note in notes.of_call(call)] == [
        (world.ayse.id, after(10), "wants an offer"),
        (world.mehmet.id, after(20), "offer sent"),
    ]
    assert call.note == "wants an offer\noffer sent"


@both
def test_what_was_not_touched_is_no_edit(world: World) -> None:
    call = write(world.rings(), world.ayse, "wants an offer", 10)
    shown = seen(call)
    for agent, text, told in (
        (world.mehmet, "", None),  # a colleague's Done without a word
        (world.mehmet, "", ()),
        (world.ayse, "", None),  # another window of Ayşe's, opened before she wrote
        (world.ayse, "", ()),
        (world.mehmet, "wants an offer", shown),
        (world.ayse, "wants an offer", None),
    ):
        call = write(call, agent, text, 20, shown=told)
        assert seen(call) == shown


@both
def test_what_was_not_touched_is_no_edit_also_when_the_note_has_changed_meanwhile(
    world: World,
) -> None:
    call = write(world.rings(), world.ayse, "wants", 10, draft="d", revision=1)
    early = seen(call)
    write(call, world.ayse, "wants an offer", 12, draft="d", revision=2)
    call = write(call, world.mehmet, "wants two offers", 14, shown=seen(call))
    call = write(call, world.ayse, "wants an offer", 16, shown=early)
    assert call.note == "wants two offers\nwants an offer"
    call = write(call, world.mehmet, "wants two offers", 18, shown=seen(call)[:1])
    assert call.note == "wants two offers\nwants an offer"


def test_a_note_replaces_only_what_its_writer_was_shown(world: World) -> None:
    call = write(world.rings(), world.ayse, "one", 10)
    first = seen(call)
    write(call, world.ayse, "two", 20)
    call = write(call, world.mehmet, "one, corrected", 30, shown=first)
    assert call.note == "two\none, corrected"
    call = write(call, world.mehmet, "all of it", 40, shown=seen(call))
    assert call.note == "all of it"


def test_a_note_that_is_typed_further_while_a_colleague_corrects_it_stands_too(
    world: World,
) -> None:
    call = write(world.rings(), world.ayse, "wants", 10, draft="d", revision=1)
    write(call, world.mehmet, "Wants!", 11, shown=seen(call))
    call = write(call, world.ayse, "wants an offer", 12, draft="d", revision=2)
    assert call.note == "Wants!\nwants an offer"


def test_a_note_that_is_cleared_is_gone(world: World) -> None:
    call = write(world.rings(), world.ayse, "wrong call", 10)
    call = write(call, world.ayse, "", 20, shown=seen(call))
    assert (call.note, seen(call)) == ("", [])


@both
def test_of_a_note_that_is_being_typed_the_newest_counts_however_it_arrives(world: World) -> None:
    call = world.rings()
    for text, revision in (("wan", 1), ("wants an offer", 3), ("wants an", 2), ("wan", 1)):
        call = write(call, world.ayse, text, 10 + revision, draft="d", revision=revision)
    call = write(call, world.ayse, "in another window", 20, draft="e", revision=1)
    assert call.note == "wants an offer\nin another window"
    assert [event.kind for event in calls.events_of_call(call.id)].count("note") == 2


def test_a_draft_of_one_agent_is_not_anothers(world: World) -> None:
    call = write(world.rings(), world.ayse, "Ayşe's", 10, draft="d", revision=1)
    call = write(call, world.mehmet, "Mehmet's", 11, draft="d", revision=2)
    assert call.note == "Ayşe's\nMehmet's"


@both
def test_a_call_without_events_keeps_the_notes_of_both(world: World) -> None:
    call = write(world.rings(), world.ayse, "wants an offer", 10)
    call.archived_at = after(20)
    for event in calls.events_of_call(call.id):
        db.session.delete(event)
    db.session.commit()
    shown = seen(call)
    call = write(call, world.mehmet, "off", 30, draft="d", revision=1)
    call = write(call, world.mehmet, "offer sent", 31, draft="d", revision=2)
    assert call.note == "wants an offer\noffer sent"
    call = write(call, world.mehmet, "wants two offers", 40, shown=shown)
    assert call.note == "offer sent\nwants two offers"


def test_words_of_before_rows_told_who_wrote_are_not_overwritten(world: World) -> None:
    call = world.rings()
    call.note, call.notes, call.archived_at = "from long ago", [], after(20)
    call = write(call, world.ayse, "new", 30)
    assert call.note == "from long ago\nnew"


@pytest.mark.parametrize("archived", ["the older row", "the younger row", "both"])
def test_rows_without_events_that_are_joined_lose_nobodys_note(world: World, archived: str) -> None:
    older = calls.record_cdr(world.tenant, cdr(recordingurl=""))
    assert older is not None
    younger = world.rings()
    write(older, world.mehmet, "from the log", 100)
    write(younger, world.ayse, "at the desk", 90)
    for row, name in ((older, "the older row"), (younger, "the younger row")):
        if archived in (name, "both"):
            row.archived_at = after(200)
    calls.record_cdr(world.tenant, cdr(recordingurl=""), asked_for={"activecallkey": KEY})
    db.session.commit()
    call = calls.find(younger.id)
    assert call is not None
    assert call.note == "at the desk\nfrom the log"


def card_is_open(call: Call, agent: Agent) -> bool:
    card = calls.card_of(call, agent.id)
    return card is not None and card.open


@both
@pytest.mark.parametrize("wrote", [True, False])
def test_a_card_in_which_its_agent_writes_stays_when_a_colleague_answers(
    world: World, wrote: bool
) -> None:
    world.rings()
    call = world.message("Hangup", 5, activecallkey=KEY)  # Ayşe rejects it
    if wrote:
        write(call, world.ayse, "rings every day", 6)
    world.rings(8, agent=world.mehmet, cid="m1")
    call = world.message("Talking", 9, agent=world.mehmet, cid="m1")
    assert card_is_open(call, world.ayse) is wrote
    call = calls.close_card(call, world.ayse.id, at=after(12))
    call = write(call, world.ayse, "rings twice a day", 20, shown=seen(call))
    assert not card_is_open(call, world.ayse)
    assert card_is_open(call, world.mehmet)
