"""The demo's reset: CRM and simulator as they were after the start, also in the middle of a call.

Open pages ask for the generation every other second; when it has changed they load anew. Logins
stay, so nobody has to explain a login page to an audience.
"""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from crm.cli.demo import at_simulator
from crm.cli.demo.installation import filled_until
from crm.extensions import db
from crm.models import Agent, Login, NewestSession, Tenant
from crm.models.inbox_file import SUFFIX
from crm.settings import Settings
from crm.telephony import webhook_secrets

KEPT: tuple[Table, ...] = (Login.__table__, NewestSession.__table__)
# In which softphones tell that their calls are over, and pages have it recorded.
SECONDS_TO_HEAR = 0.3
SECONDS_FOR_THE_LOCK = 10


def generation(database: Path) -> str:
    """A name for what the database holds: another after each reset."""
    file = _generation_file(database)
    return file.read_text() if file.exists() else "0"


def reset(settings: Settings, database: Path, seed: Path) -> None:
    """Bring back the seed. Raises OSError when the simulator does not answer; then nothing is lost.

    The database is written in one transaction while its processes run: SQLite's own backup.
    """
    at_simulator.ask(settings, "reset", {"sign_out": False})
    time.sleep(SECONDS_TO_HEAR)
    kept = {table.name: _rows(table) for table in KEPT}
    db.session.remove()
    live = sqlite3.connect(database, timeout=SECONDS_FOR_THE_LOCK)
    with closing(sqlite3.connect(seed)) as source, closing(live):
        source.backup(live)
    shutil.copyfile(filled_until(seed), filled_until(database))
    inbox = database.with_name(database.name + SUFFIX)
    if inbox.exists():
        with closing(sqlite3.connect(inbox, timeout=SECONDS_FOR_THE_LOCK)) as file, file:
            file.execute("DELETE FROM webhook_inbox")
    agents = set(db.session.scalars(select(Agent.id)))
    for table in KEPT:
        rows = [row for row in kept[table.name] if row["agent_id"] in agents]
        if rows:
            db.session.execute(insert(table), rows)
    told = {
        tenant.name: webhook_secrets.address("notifications.notification", tenant)
        for tenant in db.session.scalars(select(Tenant))
    }
    db.session.commit()
    at_simulator.connect_ivr(settings, told)
    _generation_file(database).write_text(str(time.time()))


def _rows(table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(select(table)).mappings()]


def _generation_file(database: Path) -> Path:
    return database.with_name(f"{database.name}-generation")
