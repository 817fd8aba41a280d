"""What the phone's pages share: this process's `Telephony`, the logged-in agent's account."""

from json import dumps, loads

from flask import Response, current_app
from flask_login import current_user

from crm import telephony
from crm.extensions import db
from crm.settings import Settings
from crm.telephony import Account, Telephony, TelephonySession
from crm.web import telephony_session


def the_telephony() -> Telephony:
    """The telephony sessions of this process."""
    phone: Telephony = current_app.extensions["telephony"]
    return phone


def my_account() -> Account:
    """The logged-in agent's account. Ends the read, so that no database waits for the vendor.

    Raises crm.telephony.NotSetUpError when the tenant has no usable app token.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        return telephony.account_of(current_user.id, settings.secret_key)
    finally:
        db.session.rollback()


def keep_session(answer: Response, before: TelephonySession, now: TelephonySession) -> None:
    """Put a renewed telephony session into the cookie and tell the page to take its address."""
    if now is before:
        return
    telephony_session.write(answer, now)
    told = answer.headers.get("HX-Trigger", "")
    events = loads(told) if told else {}
    answer.headers["HX-Trigger"] = dumps({**events, "softphone-renewed": {}})
