"""Writing contacts, matching numbers, paging; the same on both databases."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update

from crm import contacts
from crm.calls.contact_calls import refresh_contacts
from crm.contacts import (
    ChangedMeanwhile,
    ContactData,
    ContactNotFound,
    Number,
    NumberProblem,
    NumbersRefused,
    directory,
)
from crm.extensions import db
from crm.models import Call, CallState, Contact, Direction, Tenant, utc_now

pytestmark = pytest.mark.both_databases

SHARED = "+902120000010"


@pytest.fixture(autouse=True)
def noise(app: Flask) -> None:
    """People whom no test is about: a match that returns too much fails."""
    for number in range(3):
        add(f"Noah Unrelated{number}", f"+33 6 39 98 77 7{number}")
    db.session.commit()


def add(name: str, *numbers: str) -> Contact:
    data = ContactData(name=name, numbers=tuple(Number(raw) for raw in numbers))
    return contacts.create(data, region="TR")


def spoke(contact: Contact, at: datetime) -> int:
    """Somebody of the only tenant talked with the contact; returns the tenant's id."""
    tenant = db.session.scalar(select(Tenant)) or a_tenant()
    call = Call(
        tenant_id=tenant.id,
        contact_id=contact.id,
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        answered=True,
        started_at=at,
    )
    db.session.add(call)
    db.session.flush()
    refresh_contacts([contact.id])
    return int(tenant.id)


def a_tenant() -> Tenant:
    tenant = Tenant(
        name="demo",
        host="demo.callcenterstudio.com",
        api_url="http://127.0.0.1:9/api/",
        softphone_url="http://127.0.0.1:9/",
        hook_secret="the hook secret of demo",
    )
    db.session.add(tenant)
    db.session.flush()
    return tenant


def forms(contact: Contact) -> list[str]:
    return [number.normal_form for number in contact.phone_numbers]


def test_a_number_is_kept_as_typed_and_in_its_normal_form(app: Flask) -> None:
    (number,) = add("Elif", "(0532) 000 00 01").phone_numbers
    assert (number.raw, number.normal_form) == ("(0532) 000 00 01", "+905320000001")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("call me", NumberProblem.NO_DIGITS),
        ("1" * 51, NumberProblem.TOO_LONG),
        ("00905320000001", NumberProblem.TWICE),
    ],
)
def test_a_number_that_cannot_be_kept_is_refused_by_its_place(
    app: Flask, raw: str, problem: NumberProblem
) -> None:
    with pytest.raises(NumbersRefused) as refused:
        add("Elif", "0532 000 00 01", raw)
    assert refused.value.problems == {1: problem}


def test_an_unchanged_number_keeps_its_country_when_somebody_abroad_saves(app: Flask) -> None:
    contact = add("Elif", "0532 000 00 01")
    data = ContactData(name="Elif", notes="x", numbers=(Number("0532 000 00 01"),))
    contacts.update(contact.id, data, region="DE")
    assert forms(contact) == ["+905320000001"]


def test_numbers_are_changed_reordered_and_taken_out(app: Flask) -> None:
    contact = add("Elif", "0532 000 00 01", "0532 000 00 02", "0532 000 00 03")
    numbers = (Number("0532 000 00 03", "work"), Number("1453"), Number("+905320000001"))
    contacts.update(contact.id, ContactData(name="Elif", numbers=numbers), region="TR")
    db.session.commit()
    db.session.expire_all()
    assert forms(contact) == ["+905320000003", "1453", "+905320000001"]
    assert [number.label for number in contact.phone_numbers] == ["work", "", ""]
    assert contacts.search("0532 000 00 02", region="TR").rows == ()


def test_what_somebody_else_has_changed_is_not_overwritten(app: Flask) -> None:
    contact = add("Elif")
    read = contact.version
    contacts.update(contact.id, ContactData(name="Elif Öz"), region="TR", version=read)
    with pytest.raises(ChangedMeanwhile):
        contacts.update(contact.id, ContactData(name="Elif Şen"), region="TR", version=read)
    assert contact.name == "Elif Öz"


def test_a_deleted_contact_is_found_nowhere_until_it_is_restored(app: Flask) -> None:
    contact = add("Elif Şahin", "0532 000 00 01")
    tenant_id = spoke(contact, utc_now())
    assert [row.id for row in contacts.recently_spoken([tenant_id])] == [contact.id]
    contacts.delete(contact.id)
    db.session.commit()
    assert contacts.get(contact.id) is None
    assert contacts.search("elif").rows == ()
    assert contacts.search("00001").rows == ()
    assert "Elif Şahin" not in [row.name for row in contacts.search("").rows]
    assert contacts.recently_spoken([tenant_id]) == ()
    assert directory.find_by_number("+905320000001").kind == "none"
    assert directory.get(contact.id) is None
    with pytest.raises(ContactNotFound):
        contacts.add_number(contact.id, "1453", region="TR")
    contacts.restore(contact.id)
    assert directory.find_by_number("+905320000001").kind == "one"
    assert [row.id for row in contacts.search("elif").rows] == [contact.id]


def test_a_number_is_added_once(app: Flask) -> None:
    contact = add("Elif", "0532 000 00 01")
    for raw in ("0542 000 00 07", "+905420000007"):
        contacts.add_number(contact.id, raw, region="TR")
    assert forms(contact) == ["+905320000001", "+905420000007"]
    assert [row.id for row in contacts.search("0542").rows] == [contact.id]


def test_a_number_of_several_gives_the_last_spoken_first_and_at_most_five(app: Flask) -> None:
    people = [add(f"Kuzey {number}", SHARED) for number in range(7)]
    for place in (4, 2):
        tenant_id = spoke(people[place], utc_now() - timedelta(days=place))
    match = directory.find_by_number(SHARED, [tenant_id])
    assert match.kind == "several"
    assert [card.id for card in match.contacts] == [people[n].id for n in (2, 4, 0, 1, 3)]


def test_a_pop_knows_one_contact_by_one_query(app: Flask) -> None:
    data = ContactData(name="Elif", company="Kuzey", notes="n" * 500, numbers=(Number(SHARED),))
    contact_id = contacts.create(data, region="TR").id
    db.session.commit()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    (card,) = directory.find_by_number(SHARED).contacts
    assert (card.id, card.name, card.company) == (contact_id, "Elif", "Kuzey")
    assert card.notes_excerpt == "n" * 200
    assert len(asked) == 1


def test_a_number_that_nobody_has_matches_nobody(app: Flask) -> None:
    add("Elif", "0532 000 00 01")
    for form in ("", "+90532000000", "5320000001", "+9053200000012", "\x31"):
        assert directory.find_by_number(form).kind == "none"


@pytest.mark.parametrize("query", ["", "page", "0532"])
def test_no_row_is_lost_or_shown_twice_while_others_write(app: Flask, query: str) -> None:
    for number in range(20):
        add(f"Page {number // 2:02}", f"0532 000 01 {number:02}")
    before = {row.id for row in contacts.search(query).rows}
    seen: list[int] = []
    after = None
    while True:
        page = contacts.search(query, after=after, limit=4)
        seen += [row.id for row in page.rows]
        add("Page 00", "0532 000 02 02")  # stands before what has been read, by name
        contacts.delete(page.rows[0].id)
        if page.next_cursor is None or len(seen) > 60:
            break
        after = page.next_cursor
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("cursor", ["x", "", ":", "1:", "-1:a", "9" * 30, "9" * 30 + ":a", "\x00"])
def test_a_cursor_that_cannot_be_read_does_no_harm(app: Flask, cursor: str) -> None:
    assert contacts.search("", after=cursor).rows
    contacts.search("noah", after=cursor)


def test_fifty_are_counted_and_no_more(app: Flask) -> None:
    for number in range(50):
        add(f"Page {number}")
    assert contacts.search("page", limit=3).found == 50
    add("Page 50")
    page = contacts.search("page", limit=3)
    assert (len(page.rows), page.found) == (3, 51)


def test_contacts_loaded_in_bulk_are_found_after_a_rebuild(app: Flask) -> None:
    elif_ = add("Elif Şahin", "0532 000 00 01")
    deleted = add("Elif Deleted")
    contacts.delete(deleted.id)
    db.session.execute(update(Contact).values(search_text="", sort_name=""))
    db.session.execute(text("UPDATE contact SET search_text = 'stale' WHERE name LIKE 'Noah%'"))
    db.session.commit()
    assert contacts.search("elif").rows == ()
    assert contacts.rebuild_search() == 5
    db.session.commit()
    assert [row.id for row in contacts.search("elif").rows] == [elif_.id]
    assert [row.id for row in contacts.search("00001").rows] == [elif_.id]
    assert contacts.search("stale").rows == ()
    assert next(row.name for row in contacts.search("").rows) == "Elif Şahin"
    contacts.update(elif_.id, ContactData(name="Elif Öz"), region="TR")
    assert contacts.search("sahin").rows == ()
    assert [row.id for row in contacts.search("oz").rows] == [elif_.id]
