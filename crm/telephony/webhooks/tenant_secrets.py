"""Which tenant a webhook's secret belongs to, without asking the database every time.

Their digests are kept in memory and compared in constant time. What is kept may be old: whoever
uses an owner says so in the statement that writes (`arrivals`), and a secret that is not found
here is looked for in the database before it is a stranger's. So a new secret works, and an old
one fails, from the moment of the change on, in every process.
"""

import hmac
from dataclasses import dataclass, field

from flask import Flask, current_app
from sqlalchemy import select

from crm import secret_box
from crm.extensions import db
from crm.models import Tenant

_TENANT = Tenant.__table__.c
KEPT_AT = "webhooks' secrets"


@dataclass(frozen=True)
class Owner:
    """A tenant and the digest of the secret that it had when it was looked up."""

    tenant_id: int
    digest: str = field(repr=False)


def owner_of(secret: str) -> Owner | None:
    """The tenant with this secret, None for a stranger's."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    found = _among(app.extensions.get(KEPT_AT, ()), secret)
    if found is None:
        app.extensions[KEPT_AT] = _read()
        found = _among(app.extensions[KEPT_AT], secret)
    return found


def forget() -> None:
    """What was looked up is old."""
    current_app.extensions.pop(KEPT_AT, None)


def _read() -> tuple[Owner, ...]:
    with db.engine.connect() as connection:
        rows = connection.execute(select(_TENANT.id, _TENANT.hook_secret_digest))
        return tuple(Owner(*row) for row in rows)


def _among(owners: tuple[Owner, ...], secret: str) -> Owner | None:
    """Compared with every tenant's, each in constant time, so that time tells nothing."""
    given, found = secret_box.digest(secret), None
    for owner in owners:
        if hmac.compare_digest(owner.digest, given):
            found = owner
    return found
