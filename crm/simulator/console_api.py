"""The console's JSON control API, also for tests and benches. Bodies and answers are JSON.

GET  /console/api/state                      tenants, calls, records, hangup_posts, switches,
                                             faults (what happened -> how often), logins (so
                                             far, by agent)
POST /console/api/ring                       {agent, number | preset, masked?, queue?, ivr?,
                                             waits?} -> 201 call; ivr: the caller gets no further
                                             than the IVR; waits: stays in the queue, unoffered
POST /console/api/calls/<id>/far-side/<action>   answer, hang-up, refuse, busy, no-answer,
                                             unreachable, congestion, offer (a waiting caller;
                                             {agent}: to another agent)
POST /console/api/calls/<id>/softphone/<action>  answer, reject, hang-up, hold, unhold, transfer
                                             ({agent}: to whom), keys ({digits}): as if the agent
                                             pressed it
POST /console/api/softphones                 {agent} -> 201 {session}: a softphone without a
                                             browser, that listens until reset
GET  /console/api/softphones/<agent>/messages    what the agent's softphone told its parent
POST /console/api/softphones/<agent>/dial    {number} -> 201 call, as from the pad
POST /console/api/softphones/<agent>/break   {on_break}: no call is offered meanwhile
POST /console/api/switches                   {name: value, …} -> switches; see `switches`
POST /console/api/expire-sessions            {agent?} -> {expired}
POST /console/api/reset                      {sign_out?}: calls, records, posts, switches; and
                                             sessions and softphones unless sign_out is false
POST /console/api/scenarios/<name>/play, …     see `console_scenarios`
GET, POST /console/api/notification-steps    see `console_notifications`
POST /console/api/history, GET /console/api/records   see `console_records`

Failures: 4xx {error: sentence}. Nobody logs in here: it listens on loopback and holds invented
people. Only JSON bodies are read, so another site's page cannot post to it.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from crm.simulator.call_control import FAR_SIDE_ACTIONS
from crm.simulator.call_steps import NotPossibleError
from crm.simulator.calls import Call
from crm.simulator.console_state import call_state, state_of
from crm.simulator.current import switchboard
from crm.simulator.seed import PRESETS, Agent, Tenant
from crm.simulator.softphones import Softphone
from crm.simulator.switches import SwitchError

blueprint = Blueprint("console_api", __name__, url_prefix="/console/api")


class UnknownThingError(Exception):
    """There is no such agent, call, action or preset; the text says which."""


@blueprint.get("/state")
def state() -> ResponseReturnValue:
    """Everything the console shows."""
    return jsonify(state_of(switchboard()))


@blueprint.post("/ring")
def ring() -> ResponseReturnValue:
    """A caller rings an agent; without an open softphone the caller waits in the queue."""
    wish = _body()
    tenant, agent = _agent(wish.get("agent"))
    number, masked = _caller(wish)
    if wish.get("ivr"):
        call = switchboard().control.reach_ivr(tenant, agent, number, masked=masked)
        return jsonify(call_state(call)), 201
    queue = str(wish.get("queue") or "")
    waits = bool(wish.get("waits"))
    call = switchboard().control.ring(
        tenant, agent, number, masked=masked, queue=queue, waits=waits
    )
    return jsonify(call_state(call)), 201


@blueprint.post("/calls/<int:number>/far-side/<action>")
def far_side(number: int, action: str) -> ResponseReturnValue:
    """What the other party does."""
    if action not in FAR_SIDE_ACTIONS:
        raise UnknownThingError(f"The far side cannot do “{action}”.")
    if action == "offer" and "agent" in _body():
        _tenant, agent = _agent(_body()["agent"])
        return _done(_call(number), lambda call: switchboard().control.offer(call, agent))
    return _done(_call(number), lambda call: switchboard().control.far_side(call, action))


@blueprint.post("/calls/<int:number>/softphone/<action>")
def agent_side(number: int, action: str) -> ResponseReturnValue:
    """What the agent would do on the softphone."""
    control = switchboard().control
    steps: dict[str, Callable[[Call], None]] = {
        "answer": control.answer,
        "reject": control.reject,
        "hang-up": control.hang_up,
        "hold": control.hold,
        "unhold": control.unhold,
        "transfer": lambda call: control.transfer(call, _agent(_body().get("agent"))[1]),
        "keys": lambda call: control.key_in(call, str(_body().get("digits", ""))),
    }
    if action not in steps:
        raise UnknownThingError(f"The softphone cannot do “{action}”.")
    return _done(_call(number), steps[action])


@blueprint.post("/softphones")
def open_softphone() -> ResponseReturnValue:
    """A softphone without a browser, logged in as that agent."""
    _tenant, agent = _agent(_body().get("agent"))
    return jsonify(session=switchboard().open_softphone(agent).session.key), 201


@blueprint.get("/softphones/<agent>/messages")
def messages(agent: str) -> ResponseReturnValue:
    """The vendor's messages that the agent's softphone posted, oldest first."""
    return jsonify(messages=_softphone(agent).messages())


@blueprint.post("/softphones/<agent>/dial")
def dial(agent: str) -> ResponseReturnValue:
    """The agent dials on the pad."""
    call = switchboard().control.dial(_softphone(agent), str(_body().get("number", "")))
    return jsonify(call_state(call)), 201


@blueprint.post("/softphones/<agent>/break")
def take_break(agent: str) -> ResponseReturnValue:
    """The agent goes on break, or is available again."""
    _tenant, found = _agent(agent)
    switchboard().control.take_break(found, on_break=bool(_body().get("on_break", True)))
    return "", 204


@blueprint.post("/switches")
def switches() -> ResponseReturnValue:
    """Set some switches and get all of them."""
    with switchboard().changed:
        switchboard().switches.change(_body())
        return jsonify(switchboard().switches.as_dict())


@blueprint.post("/expire-sessions")
def expire_sessions() -> ResponseReturnValue:
    """End the sessions of one agent or of all."""
    return jsonify(expired=switchboard().expire_sessions(_body().get("agent")))


@blueprint.post("/reset")
def reset() -> ResponseReturnValue:
    """Back to the first moment."""
    switchboard().reset(sign_out=bool(_body().get("sign_out", True)))
    return jsonify(state_of(switchboard()))


@blueprint.errorhandler(UnknownThingError)
def unknown(error: UnknownThingError) -> ResponseReturnValue:
    """404 with the sentence."""
    return jsonify(error=str(error)), 404


@blueprint.errorhandler(NotPossibleError)
def not_possible(error: NotPossibleError) -> ResponseReturnValue:
    """409 with the sentence."""
    return jsonify(error=str(error)), 409


@blueprint.errorhandler(SwitchError)
def bad_switch(error: SwitchError) -> ResponseReturnValue:
    """422 with the sentence."""
    return jsonify(error=str(error)), 422


def _body() -> dict[str, Any]:
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def _agent(email: Any) -> tuple[Tenant, Agent]:
    found = switchboard().agent(str(email))
    if found is None:
        raise UnknownThingError(f"No agent has the address {email}.")
    return found


def _softphone(email: str) -> Softphone:
    softphone = switchboard().softphones.of_agent(email)
    if softphone is None:
        raise UnknownThingError(f"{email} has no open softphone.")
    return softphone


def _call(number: int) -> Call:
    call = switchboard().calls.get(number)
    if call is None:
        raise UnknownThingError("This call is over.")
    return call


def _caller(wish: dict[str, Any]) -> tuple[str, bool]:
    if "preset" not in wish:
        return str(wish.get("number", "")), bool(wish.get("masked", False))
    for preset in PRESETS:
        if preset.name == wish["preset"]:
            return preset.number, preset.masked
    raise UnknownThingError(f"There is no preset named {wish['preset']}.")


def _done(call: Call, step: Callable[[Call], None]) -> ResponseReturnValue:
    step(call)
    return jsonify(call_state(call))
