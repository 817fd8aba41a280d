"""`/api/?function=…` as the vendor's guide and wiki describe it, GET or POST.

What the CRM's client talks to. An answer with HTTP 200 can be a failure: `success` says so.
Wordings other than "Yanlış API anahtarı" are guesses.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from crm.simulator.calls import UP, Call, CallState
from crm.simulator.cdr import local
from crm.simulator.cdr_search import BadSearchError, by_key
from crm.simulator.current import switchboard
from crm.simulator.page_faults import BrokenPageError, page_of
from crm.simulator.seed import Tenant
from crm.simulator.sessions import Session
from crm.simulator.switchboard import LoginRefusedError

blueprint = Blueprint("api", __name__)

WRONG_KEY = "Yanlış API anahtarı"
YES = frozenset({"1", "on", "true"})
STATUS = {CallState.HELD: "hold", CallState.DIALLING: "calling"}


class FailedError(Exception):
    """The answer is `success: false` with this message."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status


@blueprint.route("/api/", methods=["GET", "POST"])
def call_function() -> ResponseReturnValue:
    """Do what `function` says, or what the switches put in its place."""
    time.sleep(switchboard().switches.slow_seconds)
    answers = switchboard().switches.api_answers
    if answers != "json":
        switchboard().faults[f"api_{answers}"] += 1
        return FAULTS[answers]()
    function = FUNCTIONS.get(_given("function"))
    if function is None:
        return jsonify(success=False, message="Geçersiz fonksiyon")
    return jsonify(function())


@blueprint.errorhandler(FailedError)
def failed(error: FailedError) -> ResponseReturnValue:
    """The failure envelope."""
    return jsonify(success=False, message=str(error)), error.status


@blueprint.errorhandler(BrokenPageError)
def broken(error: BrokenPageError) -> ResponseReturnValue:
    """A page of records that is none."""
    return FAULTS[error.answers]()


def ping() -> dict[str, Any]:
    """Is the key good?"""
    _tenant()
    return {"success": True}


def login() -> dict[str, Any]:
    """A new session for the agent of that e-mail. `session_expires_in` is in seconds."""
    try:
        session, seconds = switchboard().log_in(_given("email"), _given("app_token"))
    except LoginRefusedError as refused:
        return {"login": False, "message": str(refused)}
    return {"login": True, "session": session.key, "session_expires_in": seconds}


def click2call() -> dict[str, Any]:
    """Always success; whether anything follows is told by the softphone and the hangup POST."""
    session = switchboard().session(_given("session"))
    if session is None:
        raise FailedError(WRONG_KEY, 404 if switchboard().switches.expired_dial_is_404 else 200)
    switchboard().control.click2call(
        session,
        _given("phonenumber"),
        transaction_id=_given("transactionid"),
        hangup_url=_given("hangup_url"),
        choose_queue=_given("selected_queue") in YES,
        masked=_given("masked") in YES,
    )
    return {"success": True}


def click2hang() -> dict[str, Any]:
    """End the agent's active call."""
    switchboard().control.hang_up(_active_call())
    return {"success": True}


def click2hold() -> dict[str, Any]:
    """Put the agent's active call on hold."""
    switchboard().control.hold(_active_call(CallState.TALKING))
    return {"success": True}


def click2unhold() -> dict[str, Any]:
    """Take it back."""
    switchboard().control.unhold(_active_call(CallState.HELD))
    return {"success": True}


def getmyactivecalls() -> dict[str, Any]:
    """The agent's calls that ring or are up, with their real numbers."""
    calls = switchboard().active_calls(_session().agent)
    return {"success": True, "MyActiveCalls": [_active(call) for call in calls]}


def getactivecall() -> dict[str, Any]:
    """One of them by its key. Only `customvariables` was seen; the other fields are a guess."""
    for call in switchboard().active_calls(_session().agent):
        if call.activecallkey == _given("activecallkey"):
            return {"success": True, **_active(call), "customvariables": {}}
    raise FailedError("Aktif çağrı bulunamadı")


def getrecordingurl() -> dict[str, Any]:
    """Where the recording of an answered call is; `callid` is the activecallkey."""
    board, tenant = switchboard(), _session().tenant
    with board.changed:
        found = board.records.find(tenant, "activecallkey", _given("callid"))
    for record in found:
        if record.data["recordingurl"]:
            return {"success": True, "recordingurl": record.data["recordingurl"]}
    raise FailedError("Kayıt bulunamadı")


def reports_cdr_logs() -> dict[str, Any]:
    """Records by key or by dates, 100 a page, with a cursor."""
    board, wanted = switchboard(), request.values.to_dict()
    tenant = board.tenant_of_token(_given("app_token"))
    if tenant is None:
        raise FailedError(WRONG_KEY)
    with board.changed:
        found = by_key(board.records, tenant, wanted)
    try:
        return page_of(board, tenant, wanted) if found is None else found.answer(board.random)
    except BadSearchError as error:
        raise FailedError(str(error)) from None


FUNCTIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "ping": ping,
    "login": login,
    "click2call": click2call,
    "click2hang": click2hang,
    "click2hold": click2hold,
    "click2unhold": click2unhold,
    "getmyactivecalls": getmyactivecalls,
    "getactivecall": getactivecall,
    "getrecordingurl": getrecordingurl,
    "reportsCDRLogs": reports_cdr_logs,
}


def _drop_the_connection() -> Response:
    """Close the connection without a word; a server that does not give it away answers 500."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


FAULTS: dict[str, Callable[[], Response]] = {
    "500": lambda: Response("Internal Server Error", status=500, mimetype="text/plain"),
    "html": lambda: Response("<html><body><h1>Bakım çalışması</h1></body></html>"),
    "429": lambda: Response("", status=429, headers={"Retry-After": "1"}),
    "dropped": _drop_the_connection,
}


def _given(name: str) -> str:
    return request.values.get(name, "")


def _session() -> Session:
    session = switchboard().session(_given("session"))
    if session is None:
        raise FailedError(WRONG_KEY)
    return session


def _tenant() -> Tenant:
    tenant = switchboard().tenant_of_token(_given("app_token"))
    return tenant if tenant is not None else _session().tenant


def _active_call(state: CallState | None = None) -> Call:
    """The call that has the agent's ear: the one in that state, else talking before ringing."""
    calls = switchboard().active_calls(_session().agent)
    if state is not None:
        calls = [call for call in calls if call.state is state]
    calls.sort(key=lambda call: (call.state is not CallState.TALKING, call.state not in UP))
    if not calls:
        raise FailedError("Aktif çağrı bulunamadı")
    return calls[0]


def _active(call: Call) -> dict[str, Any]:
    """One entry of MyActiveCalls; the values of `status` are guesses."""
    return {
        "key": call.activecallkey,
        "callid": call.callid,
        "callerid": call.caller,
        "called_num": call.called,
        "queue": call.queue,
        "inbound": call.inbound,
        "status": STATUS.get(call.state, call.state.value),
        "calldate": local(call.started, call.tenant),
        "talkdate": local(call.talked, call.tenant),
    }
