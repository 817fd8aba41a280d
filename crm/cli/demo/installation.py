"""The demo's database: made and filled at the first start, kept and brought up to date later."""

from dataclasses import replace
from pathlib import Path

from flask_migrate import upgrade

from crm import tenants
from crm.cli.demo import company
from crm.cli.demo.own_settings import DATABASE, FOLDER
from crm.extensions import db
from crm.models import utc_now
from crm.settings import Settings
from crm.simulator.seed import TENANTS
from crm.tenants import TenantData

MIGRATIONS = str(Path(__file__).parents[2] / "migrations")
REGIONS = {"demo": "TR", "second": "DE"}


def prepare(settings: Settings) -> bool:
    """Bring the demo's database up to date and point its tenants at the simulator of this start.

    Returns True when there was none and it was filled. A start that was interrupted while filling
    leaves nothing behind: the file gets its name when it is complete.
    """
    is_new = not DATABASE.exists()
    if is_new:
        unfinished = FOLDER / "unfinished.db"
        _remove(unfinished)
        _run(replace(settings, database_url=f"sqlite:///{unfinished}"), fill=True)
        unfinished.rename(DATABASE)
    _run(settings)
    return is_new


def hook_secrets(settings: Settings) -> dict[str, str]:
    """What stands in the addresses of each tenant's webhooks, by the tenant's name."""
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        found = {tenant.name: tenant.hook_secret for tenant in tenants.all_tenants()}
        db.session.remove()
        db.engine.dispose()
    return found


def _run(settings: Settings, *, fill: bool = False) -> None:
    from crm.factory import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        point_tenants_at_simulator(settings)
        if fill:
            company.move_in(now=utc_now())
        db.session.commit()
        db.engine.dispose()  # closes the file, so that SQLite folds its log into it


def point_tenants_at_simulator(settings: Settings) -> None:
    """Make the tenants that the simulator knows; it may listen elsewhere than last time."""
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


def _remove(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):  # SQLite keeps two files beside it
        path.unlink()
