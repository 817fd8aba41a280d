"""A contact is found and recognised by its number, whatever stands beside the number."""

from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import select, text

from crm import calls, contacts
from crm.callcenterstudio.results import CdrRecord
from crm.calls import missed
from crm.contacts import ContactData, Number, NumberProblem, NumbersRefused, directory
from crm.extensions import db
from crm.models import Call, CallState, Contact, Direction, PhoneNumber
from crm.phone_numbers import normal_form
from tests.unit.calls_world import World, after, cdr, local, make_world

pytestmark = pytest.mark.both_databases

MAIN = "0216 555 01 02"
BESIDE = {
    "0216 555 01 02 dahili 12": ("12", "", ""),
    "0216 555 01 02 x12": ("12", "", ""),
    "tel:+902165550102;ext=12": ("12", "", ""),
    "0216 555 01 02,,820445398#": ("", ",,820445398#", ""),
    "+90 216 555 01 02*12": ("", "*12", ""),
    "0216 555 01 02 (pbx)": ("", "", "pbx"),
    "Cep: 0216 555 01 02": ("", "", "mobile"),
    "İŞ 0216 555 01 02": ("", "", "work"),
    "0216 555 01 02 (ev)": ("", "", "home"),
    "0216 555 01 02 Ayşe, dahili 12": ("12", "", "Ayşe"),
}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def write_down(name: str, *numbers: str | Number) -> Contact:
    given = tuple(one if isinstance(one, Number) else Number(one) for one in numbers)
    contact = contacts.create(ContactData(name=name, numbers=given), region="TR")
    db.session.commit()
    return contact


def record(world: World, at: int, **changes: Any) -> Call:
    told = {"callkey": f"callkey {at}", "uniqueid": "", "calldate": local(at)}
    told |= {"recordingurl": "", "callerid": "02165550102", "hangupdate": local(at + 30)}
    call = calls.record_cdr(world.tenant, CdrRecord.parse(dict(cdr().raw) | told | changes))
    db.session.commit()
    assert call is not None
    return call


def rang(world: World, at: int, callerid: str) -> Call:
    return record(
        world, at, callerid=callerid, answered=False, duration=None, disposition="NOANSWER"
    )


def who_waits(world: World) -> list[missed.WaitingCaller]:
    return missed.waiting([world.tenant.id], now=after(3600))


def test_what_is_written_beside_a_number_does_not_hide_it(app: Flask) -> None:
    people = {written: write_down(written, written) for written in BESIDE}
    kept = {
        name: [(one.extension, one.codes, one.label) for one in contact.phone_numbers]
        for name, contact in people.items()
    }
    assert kept == {written: [beside] for written, beside in BESIDE.items()}
    assert {one.normal_form for one in db.session.scalars(select(PhoneNumber))} == {"+902165550102"}
    assert len(directory.find_by_number(normal_form(MAIN, "TR")).contacts) == 5


def test_a_label_that_was_chosen_counts_more_than_the_word_that_was_typed(app: Flask) -> None:
    contact = write_down("Kuzey", Number("0216 555 01 02 (pbx)", "work"))
    assert [(one.raw, one.label) for one in contact.phone_numbers] == [
        ("0216 555 01 02 (pbx)", "work")
    ]


def test_a_switchboard_with_two_extensions_is_one_contact_when_it_rings(world: World) -> None:
    contact = write_down("Kuzey", f"{MAIN} dahili 12", f"{MAIN} dahili 13", f"{MAIN},,820#")
    assert [one.name for one in directory.find_by_number("+902165550102").contacts] == ["Kuzey"]
    assert rang(world, 0, "02165550102").contact_id == contact.id
    with pytest.raises(NumbersRefused) as refused:
        write_down("Twice", f"{MAIN} dahili 12", f"{MAIN} x12")
    assert refused.value.problems == {1: NumberProblem.TWICE}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("0216 555 01 15 - 0532 555 01 16", NumberProblem.SEVERAL),
        ("0216 555 01 13 / 14", NumberProblem.SEVERAL),
        ("90532xxxxxxx", NumberProblem.UNCLEAR),
        ("Özel Numara", NumberProblem.NO_DIGITS),
        ("0", NumberProblem.UNCLEAR),
    ],
)
def test_what_is_not_one_number_is_refused(
    app: Flask, written: str, problem: NumberProblem
) -> None:
    with pytest.raises(NumbersRefused) as refused:
        contacts.create(ContactData(name="Kuzey", numbers=(Number(written),)), region="TR")
    assert refused.value.problems == {0: problem}


def test_merging_keeps_a_number_with_another_extension(app: Flask) -> None:
    keep = write_down("Keep", f"{MAIN} dahili 12")
    other = write_down("Other", f"{MAIN} x12", f"{MAIN} x13 (Ayşe)")
    contacts.merge(keep.id, other.id)
    told = [(one.extension, one.label) for one in keep.phone_numbers]
    assert told == [("12", ""), ("13", "Ayşe")]


def test_a_new_contact_with_an_extension_claims_the_calls_of_the_main_number(world: World) -> None:
    call = rang(world, 0, "02165550102")
    contact = write_down("Kuzey", f"{MAIN} dahili 12")
    calls.claim_calls(contact.id)
    assert call.contact_id == contact.id


def test_a_talk_with_the_main_number_clears_what_was_missed_of_it(world: World) -> None:
    write_down("Kuzey", f"{MAIN} dahili 12")
    rang(world, 0, "02165550102")
    assert [waiting.times for waiting in who_waits(world)] == [1]
    record(world, 60, inbound=False, callerid="908500000010", called_num="+902165550102;ext=12")
    assert who_waits(world) == []


HIDDEN = [
    *("sip:anonymous@anonymous.invalid", "Özel Numara", "Numara Gizli", "Not available"),
    *("0", "unknown", "PRIVATE", "Restricted", "withheld", "GİZLİ", "bilinmeyen", "unavailable"),
]


def test_hidden_callers_are_callers_of_their_own(world: World) -> None:
    write_down("Zero", "1453")
    callers = [rang(world, at, text) for at, text in enumerate([*HIDDEN, *HIDDEN])]
    assert {(one.caller_kind, one.normal_form, one.contact_id) for one in callers} == {
        ("anonymous", None, None)
    }
    assert len(who_waits(world)) == len(callers)


def test_an_address_is_the_number_in_it(world: World) -> None:
    contact = write_down("Elif", "0532 000 00 01")
    for at, text_ in enumerate(
        (
            *("sip:+905320000001@host", '"Name" <905320000001>', "905320000001@pbx"),
            *("+905320000001;user=phone", '"Elif 2" <sip:05320000001@10.0.0.1:5060>;tag=7'),
        )
    ):
        call = rang(world, at, text_)
        assert (call.normal_form, call.contact_id) == ("+905320000001", contact.id), text_
    assert [waiting.times for waiting in who_waits(world)] == [5]


SHOWN = [
    *("(0216) 555 01 02 ext. 12", "(0216) 555 01 02", "0216 555 01 02 dahili 12", "2165550102"),
    *("+90 216 555 01 02 ext. 12", "0216 555 01 02 (pbx)", "0216 555 01 02 ,,820#", "0102"),
]


@pytest.mark.parametrize("query", SHOWN)
def test_the_text_that_a_page_shows_finds_the_contact(app: Flask, query: str) -> None:
    write_down("Kuzey", f"{MAIN} dahili 12")
    write_down("Other", "0216 555 01 03 dahili 12")
    assert [row.name for row in contacts.search(query, region="TR").rows] == ["Kuzey"]


def test_a_short_number_with_an_extension_is_found_too(app: Flask) -> None:
    write_down("Depot", "1001 dahili 12")
    write_down("Other", "1002 dahili 12")
    assert [row.name for row in contacts.search("1001 ext. 12", region="TR").rows] == ["Depot"]


def test_numbers_of_before_are_read_anew_by_the_migration(world: World) -> None:
    before = {
        "0216 555 01 02 dahili 12": "+902165550102;ext=12",
        "0216 555 01 09,,820445398#": "02165550109820445398#",
        "0216 555 01 15 - 0532 555 01 16": "0216555011505325550116",
        "+90 216 555 01 13 / 14": "+90216555011314",
        "0216 555 01 10 (pbx)": "02165550110pbx",
        "0532 000 00 01": "+905320000001",
    }
    contact = Contact(name="Kuzey")
    contact.phone_numbers = [
        PhoneNumber(raw=raw, normal_form=form, position=place)
        for place, (raw, form) in enumerate(before.items())
    ]
    came = {
        "0": ("0", "number"),
        "Numara Gizli": ("numaragizli", "number"),
        "sip:+905320000001@host": ("sip905320000001host", "number"),
        "+902165550102;ext=12": ("+902165550102;ext=12", "number"),
        "05320000001": ("+905320000001", "number"),
    }
    rows = [
        Call(tenant_id=world.tenant.id, number=number, normal_form=form, caller_kind=kind,
             direction=Direction.INBOUND, state=CallState.ENDED)
        for number, (form, kind) in came.items()
    ]  # fmt: skip
    db.session.add_all([contact, *rows])
    db.session.commit()
    read_anew()
    db.session.expire_all()
    told = [(one.normal_form, one.extension, one.codes, one.label) for one in contact.phone_numbers]
    assert told == [
        ("+902165550102", "12", "", ""),
        ("+902165550109", "", ",,820445398#", ""),
        ("", "", "", ""),
        ("", "", "", ""),
        ("+902165550110", "", "", "pbx"),
        ("+905320000001", "", "", ""),
    ]
    assert [(row.normal_form, row.caller_kind) for row in rows] == [
        (None, "anonymous"),
        (None, "anonymous"),
        ("+905320000001", "number"),
        ("+902165550102", "number"),
        ("+905320000001", "number"),
    ]
    assert len(contacts.search("0216 555 01 10", region="TR").rows) == 1
    assert directory.find_by_number("").kind == "none"


def read_anew() -> None:
    """The migration's way down and up again, on the test's own rows."""
    migration = import_module("crm.migrations.versions.0014_numbers_read_anew")
    db.session.execute(text("UPDATE phone_number SET extension = '', codes = ''"))
    db.session.commit()
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        migration.downgrade()
        migration.upgrade()
