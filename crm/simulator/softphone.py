"""The softphone page that the CRM embeds, its event stream, and what its buttons call.

`GET /generic/sso/?tenant=<full host>&session=<key>` is the likely form of the vendor's address
(inferred from another CRM's build). The page passes the vendor's messages on to its parent
window; their order is decided by the switchboard.
"""

import json
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, abort, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from crm.simulator.call_steps import NotPossibleError
from crm.simulator.calls import Call
from crm.simulator.current import switchboard
from crm.simulator.languages import translated
from crm.simulator.seed import Agent
from crm.simulator.softphones import Softphone
from crm.simulator.switchboard import Switchboard

blueprint = Blueprint("softphone", __name__, url_prefix="/generic")

HEARTBEAT_SECONDS = 1.0


@blueprint.get("/sso/")
def show() -> ResponseReturnValue:
    """The softphone, logged in by the query; or a page that says why not."""
    g.may_be_framed = True
    tenant, key = request.args.get("tenant", ""), request.args.get("session", "")
    session = switchboard().session(key)
    if session is None:
        return _refused(
            translated("This session is not valid"),
            translated(
                "It has expired, was replaced by newer logins, or never existed. Log in again."
            ),
        )
    if tenant != session.tenant.host:
        return _refused(
            translated("This tenant cannot be registered"),
            translated(
                "The address says “%(tenant)s”. Send the full host, %(host)s: "
                "a client that sent the bare name could not register."
            )
            % {"tenant": tenant, "host": session.tenant.host},
        )
    return render_template("simulator/softphone.html", session=session)


@blueprint.get("/events")
def events() -> ResponseReturnValue:
    """The page's event stream. 403 when the session is unknown: the browser then stops asking."""
    board = switchboard()
    page, key = request.args.get("page", ""), request.args.get("session", "")
    with board.changed:
        known = board.softphones.find(page, key)
        session = known.session if known else board.session(key)
        if session is None or not page:
            abort(403)
        softphone = board.connect(page, session)
    after = request.headers.get("Last-Event-ID", 0, type=int)
    stream = Response(_stream(board, softphone, after), mimetype="text/event-stream")
    stream.call_on_close(lambda: board.disconnect(softphone))
    return stream


@blueprint.post("/calls/<int:number>/<action>")
def act_on_call(number: int, action: str) -> ResponseReturnValue:
    """answer, reject, hang-up, hold, unhold; or, each with a JSON field: queue with `queue`,
    transfer with `agent`, a colleague's address, keys with `digits`.
    """
    softphone, call = _softphone(), switchboard().calls.get(number)
    if call is None or call.softphone is not softphone:
        return jsonify(error=translated("This call is over.")), 409
    control = switchboard().control
    steps: dict[str, Callable[[Call], None]] = {
        "answer": control.answer,
        "reject": control.reject,
        "hang-up": control.hang_up,
        "hold": control.hold,
        "unhold": control.unhold,
        "queue": lambda call: control.choose_queue(call, _text("queue")),
        "transfer": lambda call: control.transfer(call, _colleague(call)),
        "keys": lambda call: control.key_in(call, _text("digits")),
    }
    if action not in steps:
        abort(404)
    steps[action](call)
    return "", 204


@blueprint.post("/dial")
def dial() -> ResponseReturnValue:
    """A number typed on the pad."""
    if not any(character.isdigit() for character in _text("number")):
        return jsonify(error=translated("Type a number first.")), 422
    switchboard().control.dial(_softphone(), _text("number"))
    return "", 204


@blueprint.post("/break")
def take_break() -> ResponseReturnValue:
    """The agent goes on break, or is available again. No message tells the parent window: none of
    the vendor's is known.
    """
    on_break = request.get_json().get("on_break") is True
    switchboard().control.take_break(_softphone().session.agent, on_break=on_break)
    return "", 204


@blueprint.post("/leave")
def leave() -> ResponseReturnValue:
    """The page goes away. Its calls stay open, as at the vendor."""
    switchboard().leave(_softphone())
    return "", 204


@blueprint.errorhandler(NotPossibleError)
def not_possible(error: NotPossibleError) -> ResponseReturnValue:
    """Too late, or too early; the page shows the text."""
    return jsonify(error=str(error)), 409


def _refused(title: str, text: str) -> ResponseReturnValue:
    return render_template("simulator/refused.html", title=title, text=text), 403


def _stream(board: Switchboard, softphone: Softphone, after: int) -> Iterator[str]:
    yield "retry: 1000\n\n"
    while True:
        for event in board.wait_for_events(softphone, after, HEARTBEAT_SECONDS):
            after = event.number
            yield f"id: {event.number}\ndata: {json.dumps(event.data)}\n\n"
        if softphone.replaced:
            return
        yield ":\n\n"  # a comment; writing it is how a page that is gone is noticed


def _text(name: str) -> str:
    return str(request.get_json().get(name, ""))


def _colleague(call: Call) -> Agent:
    for agent in call.colleagues:
        if agent.email == _text("agent"):
            return agent
    raise NotPossibleError("There is no such colleague.")


def _softphone() -> Softphone:
    softphone = switchboard().softphones.find(_text("page"), _text("session"))
    if softphone is None:
        abort(403)
    return softphone
