"""A stand-in for Call Center Studio: its API, its softphone page, and a console to ring it.

A Flask application of its own, on an origin of its own, that knows nothing of the CRM. The demo
starts it through `crm.simulator.server`; tests call `create_simulator`. It behaves as far as the
vendor's behaviour is published; each guess is marked where it is made.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

from flask import Flask

from crm.simulator import (
    api,
    console,
    console_api,
    console_notifications,
    console_records,
    console_scenarios,
    languages,
    recordings,
    softphone,
)
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.headers import add_security_headers, refuse_unknown_host
from crm.simulator.scenario_files import read_scenarios
from crm.simulator.seed import TENANTS, Tenant
from crm.simulator.switchboard import Switchboard
from crm.simulator.timers import ThreadTimers, Timers

__all__ = ["create_simulator"]

CONTROL_APIS = (console_api, console_notifications, console_records, console_scenarios)


def create_simulator(
    *,
    seed: Sequence[Tenant] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    random: Random | None = None,
    timers: Timers | None = None,
    hangup_posts: HangupPosts | None = None,
    sessions_per_agent: int = 3,
    session_hours: float = 8,
    recordings_at: str | None = None,
    most_open_calls: int = 50,
    with_history: bool = True,
    scenarios: Path | None = None,
) -> Flask:
    """The simulator as a Flask application; its state is `app.extensions["switchboard"]`.

    seed: the tenants, `seed.TENANTS` by default. clock: aware times. random: where keys come
    from. sessions_per_agent: how many of an agent's newest sessions work. session_hours: their
    life. recordings_at: origin in the addresses of recordings ("http://127.0.0.1:5001"); by
    default the tenant's host, as at the vendor. most_open_calls: more at once are refused.
    with_history: the thirty calls or so per tenant that lie in the past at the start.
    scenarios: a folder of them beside those that are shipped; raises ScenarioError.
    """
    app = Flask(__name__)
    app.extensions["scenarios"] = read_scenarios(scenarios)
    app.extensions["switchboard"] = Switchboard(
        tenants=TENANTS if seed is None else seed,
        clock=clock,
        random=SystemRandom() if random is None else random,
        timers=ThreadTimers() if timers is None else timers,
        hangup_posts=HangupPosts() if hangup_posts is None else hangup_posts,
        sessions_per_agent=sessions_per_agent,
        session_hours=session_hours,
        recordings_at=recordings_at,
        most_open_calls=most_open_calls,
        with_history=with_history,
    )
    languages.init_app(app)
    for module in (api, softphone, recordings, console, *CONTROL_APIS):
        app.register_blueprint(module.blueprint)
    app.before_request(refuse_unknown_host)
    app.after_request(add_security_headers)
    return app
