"""The CRM under soak: its processes, and its database as somebody from outside reads it."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row, Select, create_engine, func, select
from sqlalchemy.pool import NullPool

from crm.models import (
    Agent,
    Call,
    CallLeg,
    CdrImport,
    ImportKind,
    ImportState,
    InboxEntry,
    Tenant,
    Work,
    WorkState,
    inbox_file,
    utc_now,
)
from crm.settings import Settings
from tests.soak import company
from tests.soak.browser import Browser
from tests.soak.processes import FLASK, GUNICORN, Program, environment

# Work by the clock is never done; everything else has to be.
BY_THE_CLOCK = ("reconcile", "reconcile_nightly", "summarise", "at_night")
ZONES = {tenant.name: tenant.timezone for tenant in company.TENANTS}


class Crm:
    """web, worker: its processes. settings: what they are told."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self._folder = folder
        self._environ = environment(
            SECRET_KEY=settings.secret_key,
            DATABASE_URL=settings.database_url,
            PUBLIC_URL=settings.public_url or "",
            PORT=str(settings.port),
            TRUSTED_PROXIES=str(settings.trusted_proxies),
        )
        self.web = self._program("web", *GUNICORN, "app:app", port=settings.port)
        self.worker = self._program("worker", *FLASK, "worker")
        self._engine: Engine = create_engine(settings.database_url, poolclass=NullPool)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Web and worker, until the block ends."""
        self.web.start()
        self.worker.start()
        try:
            yield
        finally:
            self.web.stop()
            self.worker.stop()

    def import_command(self, tenant: str, *, back: timedelta) -> Program:
        """`flask cdr import` of the time until now, not started."""
        start, finish = _local(tenant, back)
        dates = ("--from", f"{start:%Y-%m-%d %H:%M}", "--to", f"{finish:%Y-%m-%d %H:%M:%S}")
        command = (*FLASK, "cdr", "import", "--tenant", tenant, *dates)
        return self._program(f"import-{tenant}", *command)

    def start_import_on_the_page(self, tenant: str, *, back: timedelta) -> None:
        """As an admin does it."""
        start, finish = _local(tenant, back)
        browser = Browser(self.settings.port, company.admin(tenant).email)
        browser.log_in()
        page = browser.get("/settings/imports").text
        pattern = rf'<option[^>]*value="(\d+)"[^>]*>{tenant} '
        found = re.search(pattern, page)
        if found is None:
            raise RuntimeError("the page of imports does not offer the tenant")
        fields = {"start": f"{start:%Y-%m-%d}", "finish": f"{finish:%Y-%m-%d}"}
        answer = browser.post("/settings/imports", tenant=found[1], **fields)
        if answer.status not in (200, 303):
            raise RuntimeError(f"the import could not be begun: {answer.status}")

    # What the database says

    def is_in_the_middle_of_an_import(self) -> bool:
        """Whether an import that somebody asked for has read some pages and not all."""
        asked = (CdrImport.kind == ImportKind.ASKED_FOR, CdrImport.state == ImportState.RUNNING)
        return self._count(select(func.count()).where(*asked, CdrImport.pages > 0)) > 0

    def what_waits(self) -> str:
        """What is still to be done, in words; "" when nothing is."""
        webhooks = self._count(select(func.count()).select_from(InboxEntry)) + self._in_inbox()
        waiting = (Work.state == WorkState.WAITING, Work.kind.not_in(BY_THE_CLOCK))
        work = self._rows(select(Work.kind, func.count()).where(*waiting).group_by(Work.kind))
        kinds = [f"{count:,} {kind}" for kind, count in work]
        return ", ".join([f"{webhooks:,} webhooks"] * (webhooks > 0) + kinds)

    def given_up(self) -> int:
        """Pieces of work that were given up."""
        return self._count(select(func.count()).where(Work.state == WorkState.GIVEN_UP))

    def calls(self) -> list[Row[*tuple[Any, ...]]]:
        """Every row of a call, with its tenant's name and its agent's address."""
        statement = (
            select(Call.__table__, Tenant.name.label("tenant"), Agent.studio_email)
            .join(Tenant, Tenant.id == Call.tenant_id)
            .outerjoin(Agent, Agent.id == Call.agent_id)
        )
        return self._rows(statement)

    def legs(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every leg by its tenant's name and its record's callkey."""
        statement = (
            select(CallLeg.__table__, Tenant.name.label("tenant"), Agent.studio_email)
            .join(Tenant, Tenant.id == CallLeg.tenant_id)
            .outerjoin(Agent, Agent.id == CallLeg.agent_id)
        )
        rows = [dict(row._mapping) for row in self._rows(statement)]
        return {(row["tenant"], row["callkey"]): row for row in rows}

    def wait_until_idle(self, seconds: float) -> str:
        """Wait until nothing waits; what still does after so many seconds."""
        until = time.monotonic() + seconds
        while (waits := self.what_waits()) and time.monotonic() < until:
            time.sleep(0.5)
        return waits

    def _program(self, name: str, *command: str, port: int | None = None) -> Program:
        return Program(name, command, self._folder, self._environ, port, "/healthz")

    def _in_inbox(self) -> int:
        """What webhooks have written beside the database, and the worker has not moved into it."""
        file = Path(f"{self._engine.url.database}{inbox_file.SUFFIX}")
        if self._engine.dialect.name != "sqlite" or not file.exists():
            return 0
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT count(*) FROM webhook_inbox").fetchone()
        return int(found[0])

    def _count(self, statement: Select[*tuple[Any, ...]]) -> int:
        return int(self._rows(statement)[0][0])

    def _rows(self, statement: Select[*tuple[Any, ...]]) -> list[Row[*tuple[Any, ...]]]:
        with self._engine.connect() as connection:
            return list(connection.execute(statement).all())


def _local(tenant: str, back: timedelta) -> tuple[datetime, datetime]:
    now = utc_now().astimezone(ZoneInfo(ZONES[tenant]))
    return now - back, now
