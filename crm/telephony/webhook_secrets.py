"""The addresses of the webhooks, and whose each is.

There is no signature; the secret in the address identifies the tenant.
"""

import hmac
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import select

from crm import secret_box
from crm.extensions import db
from crm.models import Tenant
from crm.settings import Settings

_OWNERS = "webhooks' owners"


@dataclass(frozen=True)
class Owner:
    """A tenant and the secret that it had when it was looked up."""

    tenant_id: int
    digest: str = field(repr=False)


def address(endpoint: str, tenant: Tenant) -> str | None:
    """Where the vendor reaches a webhook of this tenant.

    None without PUBLIC_URL, or when the secret cannot be read. PUBLIC_URL may have a path.
    """
    settings: Settings = current_app.extensions["settings"]
    if settings.public_url is None or not tenant.hook_secret:
        return None
    path = current_app.url_map.bind("").build(endpoint, {"secret": tenant.hook_secret})
    return f"{settings.public_url}{path}"


def owner_of(secret: str) -> Owner | None:
    """The tenant with this secret, looked up in memory first.

    The secrets in memory may be old. `inbox.take` therefore compares the digest once more, and a
    secret that is not in memory is looked for in the database. So a new secret works and an old one
    fails from the moment of the change, in every process.
    """
    given = secret_box.digest(secret)

    def among(owners: tuple[Owner, ...]) -> Owner | None:
        found = None
        # All are compared, each in constant time, so that the duration reveals nothing.
        for owner in owners:
            if hmac.compare_digest(owner.digest, given):
                found = owner
        return found

    found = among(current_app.extensions.get(_OWNERS, ()))
    if found is None:
        with db.engine.connect() as connection:
            rows = connection.execute(select(Tenant.id, Tenant.hook_secret_digest))
            owners = tuple(Owner(*row) for row in rows)
        current_app.extensions[_OWNERS] = owners
        found = among(owners)
    return found


def forget_owners() -> None:
    """Read the secrets again, because one of those in memory is no longer valid."""
    current_app.extensions.pop(_OWNERS, None)
