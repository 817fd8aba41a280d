"""The console page, from which a person plays the callers and the vendor's faults.

A page of its own tab; what it shows and does goes through `console_api`.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crm.simulator.console_state import scenario_state
from crm.simulator.current import scenarios, switchboard
from crm.simulator.seed import PRESETS

blueprint = Blueprint("console", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The console."""
    return render_template(
        "simulator/console.html",
        tenants=switchboard().tenants,
        presets=PRESETS,
        scenarios=[scenario_state(scenario) for scenario in scenarios().values()],
    )
