"""Two contacts become one: numbers, notes and calls move, and the old id leads to the new one."""

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls, contacts
from crm.calls.apply import refold
from crm.contacts import ChangedMeanwhile, ContactData, ContactNotFound, Number
from crm.extensions import db
from crm.models import Contact
from tests.unit.calls_world import ELIF_NORMAL, KEY, World, calls_told_of, make_world


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def person(name: str, *numbers: str, **more: str) -> Contact:
    data = ContactData(name=name, numbers=tuple(Number(one, "work") for one in numbers), **more)
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact


def merge(keep: Contact, other: Contact) -> None:
    contacts.merge(keep.id, other.id)
    calls.move_calls(other.id, keep.id)
    db.session.commit()
    db.session.expire_all()


@pytest.mark.both_databases
def test_numbers_notes_and_calls_move(world: World) -> None:
    keep = person("Elif Şahin", "0532 000 00 01", notes="Likes tea.", email="elif@a.example")
    other = person(
        *("E. Sahin", "0212 000 00 10", "+90 532 000 00 01"),
        notes="Owes us a form.",
        email="e@b.example",
        company="Kuzey",
    )
    world.rings(number="02120000010")
    call = world.message("Hangup", 9, activecallkey=KEY)
    assert (call.contact_id, calls_told_of(other)[0]) == (other.id, 1)
    merge(keep, other)
    assert [number.normal_form for number in keep.phone_numbers] == [ELIF_NORMAL, "+902120000010"]
    assert (keep.company, keep.email) == ("Kuzey", "elif@a.example")
    assert keep.notes == "Likes tea.\n\nE. Sahin, e@b.example\n\nOwes us a form."
    assert (call.contact_id, call.contact_name) == (keep.id, "Elif Şahin")
    assert calls_told_of(keep)[:2] == (1, call.started_at)
    found = [row.id for row in contacts.search("0212", region="TR").rows]
    assert found == [keep.id]
    assert contacts.search("sahin", region="TR").rows[0].id == keep.id


@pytest.mark.both_databases
def test_the_old_contact_leads_to_the_new_one_and_cannot_come_back(world: World) -> None:
    first, second, third = person("First"), person("Second"), person("Third", "05320000001")
    merge(second, first)
    merge(third, second)
    for old in (first, second):
        assert contacts.get(old.id) is None
        assert contacts.get_deleted(old.id) is None
        assert contacts.survivor_of(old.id) == third
        with pytest.raises(ContactNotFound):
            contacts.restore(old.id)
    assert contacts.survivor_of(third.id) is None


@pytest.mark.both_databases
def test_a_choice_of_the_old_contact_means_the_new_one_when_calls_are_folded_again(
    world: World,
) -> None:
    keep, other = person("Elif Şahin"), person("E. Sahin")
    call = world.rings()
    calls.record_wrap_up(call, world.ayse.id, contact_id=other.id)
    db.session.commit()
    merge(keep, other)
    refold(call)
    assert call.contact_id == keep.id
    calls.record_wrap_up(call, world.ayse.id, contact_id=other.id)  # from a page of before
    assert call.contact_id == keep.id


def test_calls_of_a_number_that_both_had_are_the_ones_of_the_one(world: World) -> None:
    keep, other = person("Elif", ELIF_NORMAL), person("Ayhan", ELIF_NORMAL)
    call = world.rings()
    assert call.contact_id is None
    merge(keep, other)
    calls.claim_calls(keep.id)
    assert call.contact_id == keep.id


def test_what_was_changed_meanwhile_is_not_merged_unseen(world: World) -> None:
    keep, other = person("Elif"), person("Ayhan")
    with pytest.raises(ChangedMeanwhile):
        contacts.merge(keep.id, other.id, versions=(keep.version, other.version + 1))
    for pair in ((keep.id, keep.id), (keep.id, 999)):
        with pytest.raises(ContactNotFound):
            contacts.merge(*pair)


def test_erasing_the_one_erases_the_way_to_it_too(world: World) -> None:
    keep, other = person("Elif"), person("Ayhan")
    other_id = other.id
    merge(keep, other)
    contacts.erase(contacts.what_goes(keep.id, lock=True).contact)
    db.session.commit()
    assert contacts.survivor_of(other_id) is None
    assert db.session.scalars(select(Contact.name).where(Contact.name != "")).all() == []
