"""Seals every secret in the database again under SECRET_KEY, so that an earlier key can go.

`flask secrets rotate` calls it while the installation runs: a row is written only if it still holds
what was read.
"""

from dataclasses import dataclass

from sqlalchemy import select, update

from crm import secret_box
from crm.extensions import db
from crm.models import NewestSession, Tenant
from crm.models.locking import in_one_transaction

# What is sealed, and how its loss is told: the key of a session is made anew by the next login.
APP_TOKEN, HOOK_SECRET, SESSION = "app token", "webhook secret", "telephony session"
_COLUMNS = (
    (APP_TOKEN, Tenant.id, Tenant.app_token_sealed),
    (HOOK_SECRET, Tenant.id, Tenant.hook_secret_sealed),
    (SESSION, NewestSession.agent_id, NewestSession.key_sealed),
)


@dataclass(frozen=True)
class Rotation:
    """How many secrets are under the present key now, and those that none of the keys opens."""

    sealed: int
    lost: list[tuple[str, str]]  # what, and of which tenant


def seal_again(secret_keys: tuple[str, ...]) -> Rotation:
    """Seal everything with the first of the keys; commits. What is lost is left as it is."""
    return in_one_transaction(lambda: _seal_again(secret_keys))


def _seal_again(secret_keys: tuple[str, ...]) -> Rotation:
    names = {row.id: row.name for row in db.session.execute(select(Tenant.id, Tenant.name))}
    sealed, lost = 0, []
    for what, id_column, column in _COLUMNS:
        for row_id, before in db.session.execute(select(id_column, column).where(column > "")):
            try:
                secret = secret_box.unseal(before or "", keys=secret_keys)
            except secret_box.SecretLostError:
                if what != SESSION:
                    lost.append((what, names[row_id]))
                continue
            after = secret_box.seal(secret, key=secret_keys[0])
            same = (id_column == row_id, column == before)
            db.session.execute(
                update(column.class_)
                .where(*same)
                .values({column: after})
                .execution_options(synchronize_session=False)
            )
            sealed += 1
    db.session.expire_all()
    return Rotation(sealed, lost)
