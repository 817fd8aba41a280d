"""The smallest CRM with Call Center Studio inside: read it from top to bottom, then copy it.

Comments name the sections of the vendor's guide. Calls are in the memory of this one process.
"""

import hmac
import logging
import os
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, abort, g, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_required, login_user, logout_user
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from people import BY_NUMBER, CONTACTS, PASSWORDS, REGION, Agent, Contact
from werkzeug.security import check_password_hash

from crm import callcenterstudio as studio
from crm.callcenterstudio import AgentSession, MemoryStore, TelephonySession
from crm.phone_numbers import caller_kind, display, for_dialling, normal_form

# Guide, "Login": tenant and app token are your company's. Where none are set: the simulator's.
PORT, SIMULATOR_PORT = os.environ.get("PORT", "5000"), os.environ.get("SIMULATOR_PORT", "5001")
SIMULATOR = f"http://127.0.0.1:{SIMULATOR_PORT}"
INVENTED_KEY = (
    "ahRzfnNpbXVsYXRvci1hcHAtdG9rZW4tZGVtby1pbnZlbnRlZC1rZXktdGhhdC1vcGVucy1ub3RoaW5nLTAwMQ"
)
API_URL = os.environ.get("CCS_API_URL", f"{SIMULATOR}/api/")
APP_TOKEN = os.environ.get("CCS_APP_TOKEN", INVENTED_KEY)
TENANT = os.environ.get("CCS_TENANT", "demo.callcenterstudio.com")  # the whole host
SOFTPHONE_PAGE = os.environ.get("CCS_SOFTPHONE_PAGE", f"{SIMULATOR}/generic/sso/")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}")  # where the vendor reaches us
HOOK_SECRET = os.environ.get("HOOK_SECRET") or secrets.token_urlsafe(32)
DIAL_LOCK = 3.0  # seconds

HERE = Path(__file__).resolve().parent
ROOT = HERE if (HERE / "static").is_dir() else HERE.parents[1]  # in a copy: beside this file
app = Flask(__name__, template_folder=HERE, static_folder=ROOT / "static")
app.secret_key = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(48)
app.config.update(SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=None)
app.add_template_filter(partial(display, region=REGION), "number")
csrf, login_manager = CSRFProtect(app), LoginManager(app)
login_manager.user_loader(lambda email: Agent(email) if email in PASSWORDS else None)
signer = URLSafeSerializer(app.secret_key, salt="telephony session")
client, store = studio.Client(api_url=API_URL, app_token=APP_TOKEN), MemoryStore()


@dataclass
class Call:
    """A line of a contact's history. A dial gets its activecallkey late, from the vendor."""

    number: str
    said: str
    activecallkey: str | None = None
    transaction_id: str | None = None
    at: float = field(default_factory=time.monotonic)
    is_over: bool = False
    record: studio.CdrRecord | None = None


calls: list[Call] = []
last_dial: dict[str, Call] = {}
lock = threading.Lock()


def telephony() -> AgentSession:
    """Guide, "Login": a session is kept in a cookie for 8 hours, and renewed once if it expires."""
    if "telephony" not in g:
        g.known = None
        with suppress(BadSignature):
            g.known = TelephonySession.unpacked(signer.loads(request.cookies.get("telephony", "")))
        g.telephony = AgentSession(client, current_user.id, store=store, known=g.known)
    return cast(AgentSession, g.telephony)


@app.after_request
def add_headers(response: Response) -> Response:
    """A new session goes into the cookie. If your pages have these policies, add the softphone."""
    session = g.telephony.current if "telephony" in g else None
    if session and session != g.known:
        response.set_cookie(
            "telephony",
            signer.dumps(session.packed()),
            expires=session.expires_at,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    origin = studio.origin_of(SOFTPHONE_PAGE)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; img-src 'self' data:; frame-src {origin}; frame-ancestors 'none'"
    )
    # Without `self` Chrome refuses the iframe as well.
    response.headers["Permissions-Policy"] = (
        f'microphone=(self "{origin}"), autoplay=(self "{origin}")'
    )
    return response


def page(contact: Contact | None, status: int = 200, **shown: Any) -> tuple[str, int]:
    """The whole page. htmx takes #main or #history out of it and never touches the softphone."""
    if current_user.is_authenticated and "history" not in request.headers.get("HX-Target", ""):
        phone = telephony()
        try:  # a full load has the softphone sign in, so the key is tried before
            phone.get() if "HX-Request" in request.headers else phone.check()
        except studio.CallCenterStudioError as error:
            shown["problem"] = str(error)
        # Guide, "Generic Softphone SSO": the address of the iframe holds tenant and session.
        if phone.current:
            names = {"tenant": TENANT, "session": phone.current.key}
            shown["src"] = studio.softphone_url(SOFTPHONE_PAGE, **names)
    shown |= {"contact": contact, "contacts": CONTACTS.values(), "allow": studio.IFRAME_ALLOW}
    shown["history"] = [call for call in calls[::-1] if contact and call.number == contact.number]
    return render_template("page.html", **shown), status


@login_manager.unauthorized_handler
def ask_to_log_in() -> ResponseReturnValue:
    """The form comes into #main, whatever was asked for. A call that is up goes on."""
    return *page(None, 401), {"HX-Retarget": "#main", "HX-Reselect": "#main"}


@app.post("/login")
def log_in() -> ResponseReturnValue:
    """Guide, "Login": a login here is one at Call Center Studio as well."""
    email = request.form["email"].strip().lower()
    if not check_password_hash(PASSWORDS.get(email, ""), request.form["password"]):
        return page(None, 422, problem="E-mail or password is wrong.")
    login_user(Agent(email))
    with suppress(studio.CallCenterStudioError):  # the CRM works without; the page says why
        telephony().log_in()
    return page(CONTACTS[1])


@app.post("/logout")
@login_required
def log_out() -> ResponseReturnValue:
    """The key is forgotten here and in the browser. The softphone goes when no call is up."""
    store.delete(current_user.id)
    logout_user()
    answer = app.make_response(page(None))
    answer.delete_cookie("telephony")
    return answer


@app.get("/")
@app.get("/contacts/<int:number>")
@login_required
def show(number: int = 1) -> ResponseReturnValue:
    """The contacts, and one of them with the history."""
    return page(CONTACTS.get(number) or abort(404))


@app.post("/softphone")
@login_required
def softphone_said() -> ResponseReturnValue:
    """What minimal.js passes on of the softphone's messages: a call rings, or is over."""
    number, key = request.form["number"], request.form["activecallkey"]
    if request.form["type"] == "Hangup":
        end(key, request.form["call"])
        return "", 204
    # Guide, "Pop-Up of the Contact Card": the contact is found by the number. Where the tenant
    # masks it, the API tells it for the activecallkey. The agent sees the contact, not the number.
    is_masked = caller_kind(number) == "masked"
    if is_masked:
        with suppress(studio.CallCenterStudioError):
            active = telephony().ask(studio.Client.getmyactivecalls)
            number = next((one.other_party for one in active if one.activecallkey == key), "")
    number = normal_form(number, REGION)
    if not any(call.activecallkey == key for call in calls):  # a queue may offer it twice
        calls.append(Call(number, "rings", key or None))
    return page(BY_NUMBER.get(number), is_pop=True, caller=None if is_masked else number)


@app.post("/dial")
@login_required
def dial() -> ResponseReturnValue:
    """Guide, "click2call": dial once. Both halves of a double click may come at one moment."""
    contact = BY_NUMBER.get(request.form["number"]) or abort(404)
    call = Call(contact.number, "dialled", transaction_id=request.form["call"])
    with lock:
        last = last_dial.get(current_user.id)
        is_double = last and not last.is_over and call.at - last.at < DIAL_LOCK
        if is_double or any(call.transaction_id == one.transaction_id for one in calls):
            return page(contact, 409, problem="You dialled a moment ago.")
        last_dial[current_user.id] = call
        calls.append(call)
    try:
        telephony().ask(
            lambda client, key: client.click2call(
                key,
                for_dialling(contact.number, "national", REGION),
                transactionid=call.transaction_id,
                hangup_url=f"{PUBLIC_URL}/webhooks/hangup/{HOOK_SECRET}",
            )
        )
    except studio.CallCenterStudioError as error:  # never sent again: it may have gone out
        call.said, call.is_over = "failed", True
        return page(contact, 502, problem=str(error))
    return page(contact, said="Dialling…")


@app.post("/webhooks/hangup/<secret>")
@csrf.exempt
def hangup(secret: str) -> ResponseReturnValue:
    """Guide, "Post Body That Goes to Hangup_url": a dial has ended. It may come twice, or never."""
    if not hmac.compare_digest(secret.encode(), HOOK_SECRET.encode()):
        abort(404)
    report = studio.HangupReport.parse(request.form)
    end(report.call_id, report.transaction_id, report.disposition)
    return ""


def end(activecallkey: str, transaction_id: str, disposition: str = "") -> None:
    """The softphone says that a call is over; of a dial so does the post, which knows more."""
    for call in calls:
        if activecallkey != call.activecallkey and transaction_id != call.transaction_id:
            continue
        with lock:
            is_first, call.is_over = not call.is_over, True
            call.activecallkey = activecallkey or call.activecallkey
            call.said = disposition or ("over" if is_first else call.said)
        if is_first:
            threading.Thread(target=fetch_record, args=[call], daemon=True).start()


def fetch_record(call: Call) -> None:
    """Guide, "reportsCDRLogs", one call by its activecallkey: the record comes seconds later."""
    for pause in (1, 2, 3, 5, 10, 30, 60):
        time.sleep(pause)
        with suppress(studio.CallCenterStudioError, ValueError):  # ValueError: no key has come yet
            call.record = client.cdr_log(activecallkey=call.activecallkey)
        if call.record:
            return


@app.get("/minimal.<ending>")
def own(ending: str) -> ResponseReturnValue:
    """The script and the style that lie beside this file."""
    return send_from_directory(HERE, f"minimal.{ending}")


if __name__ == "__main__":
    print(f"The CRM: http://localhost:{PORT}  (log in as {min(PASSWORDS)}, password minimal)")
    print(f"Callers: {SIMULATOR}", flush=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the hook's address holds a secret
    app.run(port=int(PORT))
