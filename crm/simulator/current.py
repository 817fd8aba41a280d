"""The running application's switchboard, for the blueprints."""

from typing import cast

from flask import current_app

from crm.simulator.switchboard import Switchboard


def switchboard() -> Switchboard:
    """The switchboard of the application that answers this request."""
    return cast(Switchboard, current_app.extensions["switchboard"])
