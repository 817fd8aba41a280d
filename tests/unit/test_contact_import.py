"""Imports of contacts from files, from the upload to the undo, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import contacts
from crm.contact_files import job, keeping, runs, uploads
from crm.contact_files.runs import NotNow
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import (
    Call,
    Contact,
    ContactImport,
    ContactImportKey,
    ContactImportPiece,
    ContactImportRow,
    Stage,
    utc_now,
)
from tests.unit.calls_world import World, make_contact, make_world

HEADINGS = "Name;Company;Phone 1 - Label;Phone 1 - Value;E-mail;Notes\n"


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def upload(world: World, content: bytes | str, name: str = "people.csv") -> ContactImport:
    """A file that is uploaded and read."""
    data = content.encode() if isinstance(content, str) else content
    import_id = uploads.begin(name, len(data), asked_by_id=world.ayse.id, region="TR")
    size = uploads.LARGEST_PIECE
    for position, start in enumerate(range(0, len(data), size)):
        uploads.add_piece(import_id, position, data[start : start + size])
    uploads.finish_upload(import_id)
    finish(import_id)
    return db.session.get_one(ContactImport, import_id)


def finish(import_id: int) -> None:
    """Work until a person is needed."""
    while job.go_on(import_id, seconds=60):
        pass


def checked(world: World, content: bytes | str) -> ContactImport:
    """A file whose rows were compared, with the columns that were guessed."""
    run = upload(world, content)
    assert run.stage is Stage.CHOOSING, run.problem
    runs.check(run.id, list(run.targets))
    finish(run.id)
    return run


def import_all(
    world: World, content: bytes | str, *, same: str = "leave", shared: str = "add"
) -> ContactImport:
    run = checked(world, content)
    runs.write(run.id, same=same, shared=shared)
    finish(run.id)
    return db.session.get_one(ContactImport, run.id, populate_existing=True)


def undo(run: ContactImport) -> None:
    runs.undo(run.id)
    finish(run.id)
    db.session.expire_all()


def names() -> list[str]:
    there = select(Contact.name).where(Contact.deleted_at.is_(None)).order_by(Contact.id)
    return list(db.session.scalars(there))


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.both_databases
def test_a_file_becomes_contacts_and_undo_takes_them_back(world: World) -> None:
    elif_ = make_contact("Elif Şahin")
    run = import_all(
        world,
        HEADINGS + "Elif Şahin;Kuzey;Mobile;0532 000 00 01;;\n"
        "Mehmet Öz;;Work;0216 555 01 02;mehmet@kuzey.example;\n"
        "Nobody;;;12;;\n"
        "M. Öz;;;;MEHMET@kuzey.example;Call on Mondays\n",
        same="update",
    )
    assert run.stage is Stage.DONE
    assert run.done == {"wrong": 1, "updated": 2, "added": 1}
    assert names() == ["Elif Şahin", "M. Öz"]
    db.session.refresh(elif_)
    assert (elif_.company, elif_.version) == ("Kuzey", 2)
    assert count(ContactImportPiece) == 0
    rows = db.session.scalars(select(ContactImportRow).order_by(ContactImportRow.number)).all()
    assert [row.problems for row in rows] == [[], [], [["number_short", "12"]], []]
    assert contacts.search("kuzey").found == 2
    undo(run)
    assert run.stage.value == "undone"
    assert run.done == {"wrong": 1, "updated": 0, "added": 0, "undone": 3}
    assert names() == ["Elif Şahin"]
    assert (elif_.company, elif_.version) == ("", 1)
    assert contacts.search("kuzey").found == 0


@pytest.mark.parametrize(
    ("same", "shared", "single", "result"),
    [
        ("leave", "leave", {}, (["Elif Şahin", "New"], {"left": 3, "added": 1})),
        ("update", "add", {}, (["Elif", "Can Öz", "New"], {"updated": 2, "added": 2})),
        ("add", "add", {}, (["Elif Şahin", "ELİF", "Can Öz", "New", "Elif"], {"added": 4})),
        (
            *("leave", "leave", {2: "update", 3: "add", 9: "add"}),
            (["ELİF", "Can Öz", "New"], {"updated": 1, "added": 2, "left": 1}),
        ),
    ],
)
@pytest.mark.both_databases
def test_duplicates_are_left_updated_or_made_again(
    world: World, same: str, shared: str, single: dict[int, str], result: tuple[Any, Any]
) -> None:
    make_contact("Elif Şahin")
    content = HEADINGS + (
        "ELİF;Kuzey;;0532 000 00 01;;\n"
        "Can Öz;;;905320000001;;\n"
        "New;;;0532 000 00 02;;\n"
        "Elif;Kuzey;;+90 532 000 00 01;;\n"
    )
    run = checked(world, content)
    assert run.found == {"same": 2, "shared": 1, "new": 1}
    runs.write(run.id, same=same, shared=shared, single=single)
    finish(run.id)
    db.session.refresh(run)
    there, done = result
    assert run.done == {"wrong": 0} | done
    assert names() == there


@pytest.mark.both_databases
def test_what_was_changed_since_stays_when_an_import_is_undone(world: World) -> None:
    run = import_all(world, HEADINGS + "Ayla;;;0532 111 11 11;;\nBora;;;0532 222 22 22;;\n")
    (ayla,) = db.session.scalars(select(Contact).where(Contact.name == "Ayla"))
    contacts.update(ayla.id, ContactData(name="Ayla Kaya"), region="TR")
    db.session.commit()
    undo(run)
    assert names() == ["Ayla Kaya"]
    assert (run.done["kept"], run.done["undone"]) == (1, 1)
    with pytest.raises(NotNow):
        runs.undo(run.id)


@pytest.mark.both_databases
def test_new_contacts_claim_their_calls_and_undo_gives_them_back(world: World) -> None:
    call = world.rings()
    world.message("Hangup", 9)
    run = import_all(world, HEADINGS + "Elif;;;0532 000 00 01;;\n")
    assert db.session.get_one(Call, call.id).contact_name == "Elif"
    undo(run)
    assert db.session.get_one(Call, call.id).contact_id is None
    run = import_all(world, HEADINGS + "Elif Şahin;;;0532 000 00 01;;\n")
    assert db.session.get_one(Call, call.id).contact_name == "Elif Şahin"


@pytest.mark.both_databases
def test_an_update_adds_and_never_empties(world: World) -> None:
    number = (Number("0532 000 00 01", "mobile"),)
    before = ContactData(name="Elif", email="e@kuzey.example", notes="Old", numbers=number)
    elif_ = contacts.create(before, region="TR")
    db.session.commit()
    content = HEADINGS + "Elif Şahin;Kuzey;Work;0216 555 01 02;E@KUZEY.EXAMPLE;New\n"
    run = import_all(world, content, same="update")
    db.session.refresh(elif_)
    assert (elif_.name, elif_.company, elif_.notes) == ("Elif Şahin", "Kuzey", "Old\n\nNew")
    assert [one.label for one in elif_.phone_numbers] == ["mobile", "work"]
    again = import_all(world, content, same="update")
    assert again.done == {"left": 1, "wrong": 0}
    undo(run)
    assert (elif_.name, elif_.email, elif_.notes) == ("Elif", "e@kuzey.example", "Old")
    assert [one.raw for one in elif_.phone_numbers] == ["0532 000 00 01"]


@pytest.mark.both_databases
def test_a_row_that_fits_two_contacts_updates_neither(world: World) -> None:
    for place in (1, 2):
        make_contact("Elif Şahin", f"+90532000000{place}")
    lines = "Name,Phone,GSM\nElif Şahin,0532 000 00 01,0532 000 00 02\n"
    run = import_all(world, lines, same="update")
    assert run.done == {"wrong": 0, "left": 1}
    (row,) = db.session.scalars(select(ContactImportRow))
    assert row.problems == [["fits_several"]]


@pytest.mark.both_databases
def test_a_worker_that_is_killed_writes_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.contact_files.reading.AT_ONCE", 7)
    monkeypatch.setattr("crm.contact_files.checking.AT_ONCE", 7)
    monkeypatch.setattr("crm.contact_files.writing.AT_ONCE", 7)
    lines = [f"Person {place};;;0532 100 00 {place:02d};;" for place in range(40)]
    data = (HEADINGS + "\n".join(lines)).encode()
    import_id = uploads.begin("people.csv", len(data), asked_by_id=world.ayse.id, region="TR")
    uploads.add_piece(import_id, 0, data)
    uploads.finish_upload(import_id)
    killed = iter(range(3))

    def stumble() -> None:
        """Each time the job is done for a moment it dies in the middle of a transaction."""
        real = runs.counted

        def dies(*arguments: object) -> dict[str, int]:
            next(killed)
            raise KeyboardInterrupt

        job.go_on(import_id, seconds=0)
        monkeypatch.setattr(runs, "counted", dies)
        with pytest.raises(KeyboardInterrupt):
            job.go_on(import_id, seconds=60)
        monkeypatch.setattr(runs, "counted", real)

    finish(import_id)
    runs.check(import_id, list(db.session.get_one(ContactImport, import_id).targets))
    stumble()
    finish(import_id)
    runs.write(import_id, same="leave", shared="add")
    stumble()
    finish(import_id)
    assert len(names()) == len(set(names())) == 40
    assert db.session.get_one(ContactImport, import_id).done == {"wrong": 0, "added": 40}


@pytest.mark.both_databases
def test_stopped_in_the_middle_everything_is_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.contact_files.writing.AT_ONCE", 2)
    run = checked(world, HEADINGS + "".join(f"P{n};;;0532 100 00 0{n};;\n" for n in range(9)))
    runs.write(run.id, same="leave", shared="add")
    job.go_on(run.id, seconds=0)
    undo(run)
    assert names() == []
    assert run.stage is Stage.UNDONE


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"Name,Phone\r\n", "only_headings"),
        (b"PK\x03\x04\x14\x00\x06\x00", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"%PDF-1.7", "pdf"),
        (b"<!DOCTYPE html><table>", "binary"),
        (bytes(range(32)) * 50, "binary"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(
    world: World, content: bytes, problem: str
) -> None:
    run = upload(world, content)
    assert (run.stage, run.problem) == (Stage.REFUSED, problem)
    assert count(ContactImportPiece) == 0
    runs.discard(run.id)
    assert count(ContactImport) == 0


def test_columns_can_be_chosen_again_and_the_file_read_again(world: World) -> None:
    run = checked(world, "Ad;Telefon\nŞule;0532 000 00 01\n".encode("windows-1254"))
    assert (run.encoding, run.found) == ("windows-1254", {"new": 1})
    runs.choose_again(run.id)
    uploads.read_again(run.id, encoding="windows-1251", delimiter=";", has_header=False)
    finish(run.id)
    db.session.refresh(run)
    assert (run.rows, run.columns) == (2, ["", ""])
    runs.check(run.id, ["name", ""])
    finish(run.id)
    db.session.refresh(run)
    assert run.found == {"new": 2}
    with pytest.raises(NotNow):
        runs.undo(run.id)
    with pytest.raises(ValueError, match="unknown"):
        runs.write(run.id, same="perhaps", shared="add")


@pytest.mark.both_databases
def test_an_erased_person_is_in_no_import(world: World) -> None:
    make_contact("Elif Şahin")
    import_all(
        world,
        HEADINGS
        + "Elif;;;0532 000 00 01;;\nElif 2;;;12;elif@kuzey.example;\nBora;;;1;b@x.example;",
    )
    (elif_,) = db.session.scalars(select(Contact).where(Contact.name == "Elif Şahin"))
    keeping.forget(elif_.id, {"+905320000001"}, "Elif@kuzey.example")
    db.session.commit()
    assert [row.name for row in db.session.scalars(select(ContactImportRow))] == ["Bora"]
    assert list(db.session.scalars(select(ContactImportKey.key))) == ["b@x.example"]


@pytest.mark.both_databases
def test_files_that_wait_and_rows_of_old_imports_are_deleted(world: World) -> None:
    done = import_all(world, HEADINGS + "Bora;;;1;b@x.example;\nCan;;;0532 000 00 02;;")
    upload(world, HEADINGS + "Ayla;;;0532 000 00 03;;")
    now = utc_now()
    keeping.delete_old(now + timedelta(hours=23))
    assert (count(ContactImport), count(ContactImportRow)) == (2, 3)
    keeping.delete_old(now + timedelta(days=2))
    assert (count(ContactImport), count(ContactImportRow), count(ContactImportPiece)) == (1, 2, 0)
    keeping.delete_old(now + timedelta(days=31))
    assert (count(ContactImportRow), count(ContactImportKey)) == (0, 0)
    db.session.refresh(done)
    assert done.done["added"] == 1
    with pytest.raises(NotNow):
        runs.undo(done.id)
