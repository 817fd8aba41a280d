"""Reads imports for pages; writes nothing. Lists go by key, newest first."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant

BY_ITSELF = (ImportKind.RECONCILIATION, ImportKind.NIGHTLY)


@dataclass(frozen=True)
class Reconciliation:
    """How the reading of a tenant's last hours stands, also that of every night.

    last: the newest reading, whatever became of it; last_done: the newest that was finished;
    failed: the newest that failed, if none was finished since.
    """

    tenant: Tenant
    last: CdrImport | None
    last_done: CdrImport | None
    failed: CdrImport | None


def asked_for(before: int | None = None, limit: int = 20) -> list[CdrImport]:
    """The imports that people asked for; `before` is the id of the last one of the page before."""
    statement = select(CdrImport).where(CdrImport.kind == ImportKind.ASKED_FOR)
    if before is not None:
        statement = statement.where(CdrImport.id < before)
    return list(db.session.scalars(_newest(statement).limit(limit)))


def find(import_id: int) -> CdrImport | None:
    """The import with this id."""
    return db.session.scalar(_newest(select(CdrImport).where(CdrImport.id == import_id)))


def found(ids: Collection[int]) -> list[CdrImport]:
    """The imports with these ids, of all kinds."""
    return list(db.session.scalars(_newest(select(CdrImport).where(CdrImport.id.in_(ids)))))


def reconciliation_of(tenant: Tenant) -> Reconciliation:
    """How the reconciliation of a tenant stands."""
    last = _last(tenant)
    last_done = _last(tenant, ImportState.DONE)
    failed = _last(tenant, ImportState.FAILED)
    if failed is not None and last_done is not None and failed.id < last_done.id:
        failed = None
    return Reconciliation(tenant, last, last_done, failed)


def _last(tenant: Tenant, *states: ImportState) -> CdrImport | None:
    """By kind, one look into the index each."""
    found: list[CdrImport] = []
    for kind in BY_ITSELF:
        statement = select(CdrImport).where(
            CdrImport.tenant_id == tenant.id, CdrImport.kind == kind
        )
        if states:
            statement = statement.where(CdrImport.state.in_(states))
        found += db.session.scalars(statement.order_by(CdrImport.id.desc()).limit(1))
    return max(found, key=lambda run: run.id, default=None)


def _newest(statement: Select[CdrImport]) -> Select[CdrImport]:
    loaded = statement.options(joinedload(CdrImport.tenant), joinedload(CdrImport.asked_by))
    return loaded.order_by(CdrImport.id.desc())
