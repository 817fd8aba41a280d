"""The outcomes that agents choose from when they wrap up a call: each tenant's own list.

A call stores an outcome's code. A new name is shown on the calls that have it already, because it
is the same outcome under a better name: filters, reports and files go on counting it as one. An
outcome that is to mean something else is a new one, and the old one is retired: it is not offered
any more, and calls that have it keep it. Nothing is ever deleted.

Everything flushes, the caller commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select

from crm.extensions import db
from crm.models import Outcome, Tenant
from crm.models.locking import take_write_lock
from crm.models.outcome import LONGEST_NAME

#: Of a tenant that has not changed its list. No word here may become another outcome's code.
USUAL: dict[str, LazyString] = {
    "resolved": lazy_gettext("Resolved"),
    "follow_up": lazy_gettext("Follow-up"),
    "sale": lazy_gettext("Sale"),
    "voicemail": lazy_gettext("Voicemail"),
    "wrong_number": lazy_gettext("Wrong number"),
    "other": lazy_gettext("Other"),
}
MAKES_FOLLOW_UP = "follow_up"
MOST_OFFERED = 20


class InvalidOutcomeError(ValueError):
    """A list that cannot be saved; the text is a sentence for a person."""


@dataclass(frozen=True)
class Choice:
    """An outcome of a tenant, for those who read it."""

    code: str
    name: str = ""
    makes_follow_up: bool = False
    is_retired: bool = False

    @property
    def label(self) -> str:
        """Its name; of a usual one in the reader's language."""
        return self.name or str(USUAL.get(self.code, self.code))


_USUAL = tuple(Choice(code, makes_follow_up=code == MAKES_FOLLOW_UP) for code in USUAL)


def of_tenants() -> dict[int, tuple[Choice, ...]]:
    """By tenant: its own list in its order, the retired ones too. Others have the usual one."""
    found: dict[int, tuple[Choice, ...]] = {}
    for row in db.session.scalars(select(Outcome).order_by(Outcome.position, Outcome.id)):
        retired = row.retired_at is not None
        choice = Choice(row.code, row.name, row.makes_follow_up, retired)
        found[row.tenant_id] = (*found.get(row.tenant_id, ()), choice)
    return found


def of(tenant_id: int, known: dict[int, tuple[Choice, ...]]) -> tuple[Choice, ...]:
    """A tenant's list; `known`: what `of_tenants` has read."""
    return known.get(tenant_id, _USUAL)


def save(
    tenant: Tenant, names: Sequence[tuple[str, str]], *, makes_follow_up: str, new: str = ""
) -> None:
    """Set the names and the order of a tenant's outcomes, and add a new one.

    names: pairs of code and name, in their order; one that is not among them stays as it is, at the
    end. makes_follow_up: the code of the one that does, "" for none. Raises InvalidOutcomeError.
    """
    rows = _rows(tenant)
    for position, (code, typed) in enumerate(names):
        if code in rows:
            name = _clean(typed)
            rows[code].name = "" if name == str(USUAL.get(code, "")) else name
            rows[code].position = position
    for row in rows.values():
        row.makes_follow_up = row.code == makes_follow_up
    if _clean(new, may_be_empty=True):
        code = f"own_{token_hex(6)}"
        rows[code] = Outcome(tenant_id=tenant.id, code=code, name=_clean(new))
        rows[code].position = len(rows)
        db.session.add(rows[code])
    _check(rows.values())
    db.session.flush()


def set_retired(tenant: Tenant, code: str, *, now: datetime | None) -> None:
    """Offer an outcome no more from `now` on, or again (None)."""
    rows = _rows(tenant)
    if code in rows:
        rows[code].retired_at = now
        rows[code].makes_follow_up = rows[code].makes_follow_up and now is None
    _check(rows.values())
    db.session.flush()


def shift(tenant: Tenant, code: str, by: int) -> None:
    """Move an outcome up (-1) or down (1) among those that are offered."""
    rows = [row for row in _rows(tenant).values() if row.retired_at is None]
    place = next((place for place, row in enumerate(rows) if row.code == code), None)
    if place is not None and 0 <= place + by < len(rows):
        one, other = rows[place], rows[place + by]
        one.position, other.position = other.position, one.position
    db.session.flush()


def _rows(tenant: Tenant) -> dict[str, Outcome]:
    """The tenant's list by code, locked; the usual one is written down first."""
    take_write_lock()
    db.session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update())
    theirs = select(Outcome).where(Outcome.tenant_id == tenant.id)
    rows = list(db.session.scalars(theirs.order_by(Outcome.position, Outcome.id)))
    if not rows:
        rows = [
            Outcome(tenant_id=tenant.id, code=one.code, makes_follow_up=one.makes_follow_up)
            for one in _USUAL
        ]
        db.session.add_all(rows)
    for position, row in enumerate(rows):
        row.position = position
    db.session.flush()
    return {row.code: row for row in rows}


def _clean(name: str, *, may_be_empty: bool = False) -> str:
    name = " ".join(name.split())
    if not name and not may_be_empty:
        raise InvalidOutcomeError(_("An outcome needs a name."))
    if len(name) > LONGEST_NAME:
        raise InvalidOutcomeError(
            _("“%(name)s…” is too long for an outcome.", name=name[: LONGEST_NAME // 2])
        )
    return name


def _check(rows: Iterable[Outcome]) -> None:
    offered = [row for row in rows if row.retired_at is None]
    if len(offered) > MOST_OFFERED:
        raise InvalidOutcomeError(
            _("More than %(most)s outcomes do not fit into a card.", most=MOST_OFFERED)
        )
    labels = [Choice(row.code, row.name).label.casefold() for row in offered]
    for label in labels:
        if labels.count(label) > 1:
            raise InvalidOutcomeError(_("Two outcomes have the same name."))
