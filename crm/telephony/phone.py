"""What the phone's pages share: this process's `Telephony`, the logged-in agent's account."""

from json import dumps, loads

from flask import after_this_request, current_app
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.extensions import db
from crm.settings import Settings
from crm.telephony import cookie, sessions
from crm.telephony.sessions import Account, Telephony, TelephonySession


def the_telephony() -> Telephony:
    """The telephony sessions of this process."""
    phone: Telephony = current_app.extensions["telephony"]
    return phone


def my_account() -> Account:
    """The logged-in agent's account. Ends the read, so that no database waits for the vendor.

    Raises crm.telephony.sessions.NotSetUpError when the tenant has no usable app token.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        return sessions.account_of(current_user.id, settings.secret_key)
    finally:
        db.session.rollback()


def my_session(account: Account) -> TelephonySession:
    """The session to act with for the logged-in agent: the cookie's, or a new one.

    Raises what a login at Call Center Studio raises.
    """
    session = the_telephony().session_of(account, cookie.read(current_user))
    keep_session(session)
    return session


def keep_session(session: TelephonySession) -> None:
    """Put a renewed telephony session into the cookie and tell the page to take its address.

    Also when what it was renewed for fails: it is made, and every login more costs an older one.
    """
    held = cookie.read(current_user)
    if held is not None and held.key == session.key:
        return

    @after_this_request
    def write(answer: AnyResponse) -> AnyResponse:
        cookie.write(answer, session)
        told = answer.headers.get("HX-Trigger", "")
        events = loads(told) if told else {}
        answer.headers["HX-Trigger"] = dumps({**events, "softphone-renewed": {}})
        return answer
