"""The console's control API for scenarios. JSON, as in `console_api`.

GET  /console/api/scenarios               {scenarios: [{name, group, title, about, see, steps}]},
                                          in the language that the request asks for
POST /console/api/scenarios/<name>/play   {agent, by_itself?} -> 201 {name, agent, by_itself, state,
                                          why, at, steps}; by_itself: the simulator does what the
                                          agent would
POST /console/api/scenarios/stop          ends it in the middle -> 204
How far it is: `scenario` of GET /console/api/state. state: playing, done, stopped or failed.

Failures: 4xx {error: sentence}.
"""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from crm.simulator.call_steps import NotPossibleError
from crm.simulator.console_state import run_state, scenario_state
from crm.simulator.current import scenarios, switchboard

blueprint = Blueprint("console_scenarios", __name__, url_prefix="/console/api/scenarios")


@blueprint.get("")
def all_of_them() -> ResponseReturnValue:
    """What can be played."""
    return jsonify(scenarios=[scenario_state(one) for one in scenarios().values()])


@blueprint.post("/<name>/play")
def play(name: str) -> ResponseReturnValue:
    """Begin one."""
    body, board = request.get_json(), switchboard()
    wish = body if isinstance(body, dict) else {}
    scenario, found = scenarios().get(name), board.agent(str(wish.get("agent")))
    if scenario is None:
        return jsonify(error=f"There is no scenario named {name}."), 404
    if found is None:
        return jsonify(error=f"No agent has the address {wish.get('agent')}."), 404
    tenant, agent = found
    run = board.stage.play(scenario, tenant, agent, by_itself=wish.get("by_itself") is True)
    return jsonify(run_state(run)), 201


@blueprint.post("/stop")
def stop() -> ResponseReturnValue:
    """End it; without one nothing happens."""
    switchboard().stage.stop()
    return "", 204


@blueprint.errorhandler(NotPossibleError)
def not_possible(error: NotPossibleError) -> ResponseReturnValue:
    """409 with the sentence."""
    return jsonify(error=str(error)), 409
