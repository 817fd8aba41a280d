"""The running application's switchboard and scenarios, for the blueprints."""

from typing import cast

from flask import current_app

from crm.simulator.scenario_files import Scenario
from crm.simulator.switchboard import Switchboard


def switchboard() -> Switchboard:
    """The switchboard of the application that answers this request."""
    return cast(Switchboard, current_app.extensions["switchboard"])


def scenarios() -> dict[str, Scenario]:
    """Those that can be played, by name."""
    return cast(dict[str, Scenario], current_app.extensions["scenarios"])
