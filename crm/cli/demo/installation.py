"""The demo's database: made with a small company at the first start, brought up to date later.

`flask demo` calls `prepare`, then `notification_addresses`.
"""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask_migrate import upgrade

from crm import agents, contacts, private_files, tenants
from crm.agents import AgentData
from crm.cli.demo import past_calls, people
from crm.cli.demo.own_settings import DATABASE, FOLDER, SEED
from crm.extensions import db
from crm.models import utc_now
from crm.settings import Settings
from crm.simulator.seed import TENANTS
from crm.telephony import webhook_secrets
from crm.tenants import TenantData

MIGRATIONS = str(Path(__file__).parents[2] / "migrations")
REGIONS = {"demo": "TR", "second": "DE"}


def prepare(settings: Settings, *, now: datetime | None = None) -> bool:
    """Migrate the demo's database, point its tenants at the simulator of this start, and record
    what has happened at the company since the last start.

    Returns True when the database was made. It gets its name only when it is complete, so a start
    that is interrupted leaves no half of one. The seed, which a reset brings back, goes on as well.
    """
    now = now or utc_now()
    is_new = not DATABASE.exists()
    if not SEED.exists():
        unfinished = FOLDER / "unfinished.db"
        for path in FOLDER.glob(f"{unfinished.name}*"):  # SQLite keeps two files beside it
            path.unlink()
        _run(settings, unfinished, now)
        filled_until(unfinished).rename(filled_until(SEED))
        unfinished.rename(SEED)
    else:
        _run(settings, SEED, now)
    if is_new:
        filled_until(DATABASE).write_text(filled_until(SEED).read_text())
        shutil.copyfile(SEED, unfinished := FOLDER / "unfinished.db")
        private_files.close(unfinished)
        unfinished.rename(DATABASE)
    else:
        _run(settings, DATABASE, now)
    return is_new


def filled_until(database: Path) -> Path:
    """The file that says up to when the company's calls are in that database."""
    return database.with_name(f"{database.name}-filled-until")


def _run(settings: Settings, database: Path, now: datetime) -> None:
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(replace(settings, database_url=f"sqlite:///{database}"))
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        point_tenants_at_simulator(settings)
        if not agents.all_agents():
            _fill()
        said = filled_until(database)
        since = now - past_calls.SPAN
        if said.exists():
            since = max(since, datetime.fromisoformat(said.read_text()))
        simulator = f"http://127.0.0.1:{settings.simulator_port}"
        for tenant in tenants.all_tenants():
            past_calls.record(tenant, since=since, now=now, simulator=simulator)
        db.session.commit()
        said.write_text(now.isoformat())
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()  # closes the file, so that SQLite folds its log into it


def point_tenants_at_simulator(settings: Settings) -> None:
    """Make or change the simulator's tenants; its port may be another than last time."""
    simulator = f"http://127.0.0.1:{settings.simulator_port}"
    for known in TENANTS:
        data = TenantData(
            host=known.host,
            api_url=f"{simulator}/api/",
            softphone_url=f"{simulator}/generic/sso/",
            timezone=known.timezone,
            region=REGIONS[known.name],
            app_token=known.app_token,
        )
        tenants.set_tenant(known.name, data, secret_key=settings.secret_key)


def _fill() -> None:
    """Add agents and contacts."""
    by_name = {tenant.name: tenant for tenant in tenants.all_tenants()}
    for who in people.LOGINS:
        data = AgentData(email=who.email, name=who.name, tenant=by_name[who.tenant], role=who.role)
        agents.add_agent(data, who.password)
    for person in people.everybody():
        contacts.create(person, region="TR")


def notification_addresses(settings: Settings) -> dict[str, str | None]:
    """The address that the IVR of each tenant calls, by the tenant's name."""
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        found = {
            tenant.name: webhook_secrets.address("notifications.notification", tenant)
            for tenant in tenants.all_tenants()
        }
        db.session.remove()
        db.engine.dispose()
    return found


def logins(settings: Settings) -> list[tuple[people.DemoLogin, str]]:
    """Who can log in, and who each of them is in words, which need an application."""
    from crm.factory import create_app  # it imports the commands, and so this module

    with create_app(settings).app_context():
        return [(who, str(who.about)) for who in people.LOGINS]
