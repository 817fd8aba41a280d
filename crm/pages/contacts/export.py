"""`/contacts/export.csv` and `/contacts/export.vcf`: all contacts of a list that a search finds.

Everybody who sees the list may have it, as with the call log. Contacts are read some hundred at a
time and forgotten again, each batch in a transaction of its own.
"""

import logging
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm import contacts
from crm.contact_files.vcards import write_card
from crm.extensions import db
from crm.models import Contact, PhoneNumber
from crm.pages.contacts import working_lists
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.form import clean
from crm.pages.exports.files import Row, csv_answer, text_answer
from crm.pages.exports.process import in_own_process
from crm.phone_numbers import is_complete
from crm.web import clock, current_agent

BATCH = 500
NUMBERS = 4  # columns; further numbers share the last one, as Google writes them
MANY_IN_A_CELL = " ::: "

log = logging.getLogger(__name__)


@blueprint.get("/export.csv")
def export_csv() -> Response:
    """Every contact that is found, as CSV; Google and this CRM import it as it is."""
    return in_own_process(lambda: csv_answer(_name(), _header(), map(_row, _found())))


@blueprint.get("/export.vcf")
def export_vcards() -> Response:
    """Every contact that is found, as vCards of version 4.0."""
    return in_own_process(
        lambda: text_answer(_name(), "vcf", "text/vcard", map(write_card, _found()))
    )


def _name() -> str:
    agent = current_agent.get()
    log.info("Contacts are exported by agent %d.", agent.id)
    today = clock.now().astimezone(ZoneInfo(agent.timezone)).date()
    name = working_lists.LISTS.get(request.args.get("show", ""), _("Contacts"))
    return f"{name} {today.isoformat()}"


def _found() -> Iterator[Contact]:
    every = _ids()
    while ids := [*islice(every, BATCH)]:
        whole = select(Contact).options(selectinload(Contact.phone_numbers))
        found = {one.id: one for one in db.session.scalars(whole.where(Contact.id.in_(ids)))}
        db.session.expunge_all()
        db.session.close()
        yield from (found[contact_id] for contact_id in ids if contact_id in found)


def _ids() -> Iterator[int]:
    query, show = clean(request.args.get("q")), request.args.get("show", "")
    if show in working_lists.LISTS:
        yield from working_lists.all_of(show, query)
        return
    region, after = current_agent.get().region, None
    while True:
        page = contacts.search(query, region=region, after=after, limit=BATCH)
        yield from (row.id for row in page.rows)
        after = page.next_cursor
        if after is None:
            return


def _header() -> Row:
    """Headings, in the order of `_row`; Google's words for numbers, which programs know."""
    numbers = [
        heading
        for place in range(1, NUMBERS + 1)
        for heading in (
            _("Phone %(number)s - Label", number=place),
            _("Phone %(number)s - Value", number=place),
        )
    ]
    return (_("Name"), _("Company"), _("E-mail"), _("Notes"), *numbers)


def _row(contact: Contact) -> Row:
    numbers = [(one.label, _number(one)) for one in contact.phone_numbers]
    first, rest = numbers[: NUMBERS - 1], numbers[NUMBERS - 1 :]
    last = tuple(MANY_IN_A_CELL.join(part) for part in zip(*rest, strict=True)) or ("", "")
    pairs = [*first, *[("", "")] * (NUMBERS - 1 - len(first)), last]
    cells = [cell for pair in pairs for cell in pair]
    return (contact.name, contact.company, contact.email, contact.notes, *cells)


def _number(number: PhoneNumber) -> str:
    """In its normal form, which is the same number in every country."""
    if number.codes or not is_complete(number.normal_form):
        return number.raw
    extension = f" ext. {number.extension}" if number.extension else ""
    return f"{number.normal_form}{extension}"
