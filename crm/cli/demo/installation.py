"""The demo's database: filled with a small company at the first start, and migrated at later ones.

`flask demo` calls `prepare`, then `hook_secrets`.
"""

from dataclasses import replace
from pathlib import Path

from flask_migrate import upgrade

from crm import agents, contacts, tenants
from crm.agents import AgentData
from crm.cli.demo import past_calls, people
from crm.cli.demo.own_settings import DATABASE, FOLDER
from crm.extensions import db
from crm.models import utc_now
from crm.settings import Settings
from crm.simulator.seed import TENANTS
from crm.tenants import TenantData

MIGRATIONS = str(Path(__file__).parents[2] / "migrations")
REGIONS = {"demo": "TR", "second": "DE"}


def prepare(settings: Settings) -> bool:
    """Migrate the demo's database and point its tenants at the simulator of this start.

    Returns True when the database was made and filled. It gets its name only when it is complete,
    so a start that is interrupted leaves no half of one.
    """
    is_new = not DATABASE.exists()
    if is_new:
        unfinished = FOLDER / "unfinished.db"
        for path in FOLDER.glob(f"{unfinished.name}*"):  # SQLite keeps two files beside it
            path.unlink()
        _run(replace(settings, database_url=f"sqlite:///{unfinished}"), fill=True)
        unfinished.rename(DATABASE)
    _run(settings)
    return is_new


def _run(settings: Settings, *, fill: bool = False) -> None:
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        point_tenants_at_simulator(settings)
        if fill:
            _fill()
        db.session.commit()
        db.engine.dispose()  # closes the file, so that SQLite folds its log into it


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
    """Add agents, contacts, and the calls they had lately."""
    by_name = {tenant.name: tenant for tenant in tenants.all_tenants()}
    for who in people.LOGINS:
        data = AgentData(email=who.email, name=who.name, tenant=by_name[who.tenant], role=who.role)
        agents.add_agent(data, who.password)
    for person in people.everybody():
        contacts.create(person, region="TR")
    now = utc_now()
    for tenant in by_name.values():
        past_calls.record(tenant, now=now)


def hook_secrets(settings: Settings) -> dict[str, str]:
    """The secret in the addresses of each tenant's webhooks, by the tenant's name."""
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        found = {tenant.name: tenant.hook_secret for tenant in tenants.all_tenants()}
        db.session.remove()
        db.engine.dispose()
    return found


def logins(settings: Settings) -> list[tuple[people.DemoLogin, str]]:
    """Who can log in, and who each of them is in words, which need an application."""
    from crm.factory import create_app  # it imports the commands, and so this module

    with create_app(settings).app_context():
        return [(who, str(who.about)) for who in people.LOGINS]
