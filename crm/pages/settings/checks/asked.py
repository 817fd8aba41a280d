"""What the server finds for the rows of `at_server.py`, about one tenant.

The checks page asks when somebody opens it, and `flask doctor` when it runs.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    Client,
    LoginFailure,
    RateLimited,
    Refused,
    ServerFailure,
)
from crm.extensions import db
from crm.models import Agent, CallEvent, EventSource, NewestSession, Tally, Tenant, utc_now
from crm.pages.settings.checks.table import Finding
from crm.settings import Settings
from crm.telephony import account, reach, webhook_check, webhook_secrets
from crm.telephony.account import NotSetUpError
from crm.telephony.session_store import DatabaseStore
from crm.telephony.webhook_check import Arrival
from crm.web.refused_webhooks import WRONG_SECRET
from crm.web.template_filters import local_time
from crm.web.vendor_words import in_words

WEBHOOKS = (EventSource.HANGUP, EventSource.NOTIFICATION)
MOST_SECONDS_APART = 30
IS_NEWS = timedelta(days=1)


@dataclass(frozen=True)
class AboutTenant:
    """What was found, by the checks' ids, and how the webhook to ourselves arrived."""

    findings: dict[str, Finding]
    arrival: Arrival | None  # None: it was not sent


def about_tenant(
    tenant_id: int, desk: str, *, for_admins: bool, zone: str, log_in: Agent | None = None
) -> AboutTenant:
    """Ask everybody who is involved in a tenant's calls; commits.

    desk: the CRM's origin as browsers know it. Call Center Studio and PUBLIC_URL are asked at the
    same time, each for `reach.SECONDS` at most. Times are written in `zone`. An agent given as
    `log_in` is logged in at Call Center Studio, which makes one more telephony session.
    """
    settings: Settings = current_app.extensions["settings"]
    tenant = db.session.get_one(Tenant, tenant_id)
    address = webhook_secrets.address("webhook_check.check", tenant)
    api_url, studio_email = tenant.api_url, log_in.studio_email if log_in else ""
    with ThreadPoolExecutor() as pool:
        page = pool.submit(reach.softphone_page, tenant.softphone_url, desk)
        ahead = pool.submit(reach.seconds_ahead, api_url) if for_admins else None
        sent = None
        if for_admins and address:
            sent = pool.submit(
                webhook_check.send,
                address,
                secret_key=settings.secret_key,
                seconds=reach.SECONDS,
            )
        problem = account.try_connection(tenant, settings.secret_keys, seconds=reach.SECONDS)
    found = {
        "api": Finding(_word_for(problem), in_words(str(problem)) if problem else ""),
        "softphone_page": Finding(page.result()),
    }
    arrival = sent.result() if sent else None
    if for_admins:
        tenant = db.session.get_one(Tenant, tenant_id)
        found |= {
            "token": _token(tenant, problem),
            "vendor_clock": _vendor_clock(ahead.result() if ahead else None),
            "hangup_address": _hangup_address(settings.public_url, tenant),
            "webhook_check": Finding(arrival.found if arrival else "not_sent"),
            "webhook": _webhook(tenant, zone),
            "agent_login": _agent_login(tenant, studio_email, settings.secret_keys),
        }
    return AboutTenant(found, arrival)


def _word_for(problem: CallCenterStudioError | None) -> str:
    if problem is None:
        return "answers"
    if isinstance(problem, NotSetUpError):
        return "not_set_up"
    if isinstance(problem, Refused):
        return "refused"
    if isinstance(problem, ServerFailure | RateLimited):
        return "trouble"
    return "odd_answer" if isinstance(problem, BadAnswer) else "no_answer"


def _token(tenant: Tenant, problem: CallCenterStudioError | None) -> Finding:
    if isinstance(problem, NotSetUpError):
        return Finding("lost" if tenant.app_token_sealed else "missing")
    words = {"answers": "accepted", "refused": "refused"}
    return Finding(words.get(_word_for(problem), "not_asked"))


def _vendor_clock(ahead: float | None) -> Finding:
    if ahead is None:
        return Finding("unknown")
    if abs(ahead) <= MOST_SECONDS_APART:
        return Finding("right")
    return Finding("wrong", f"{ahead:+.0f} s")


def _hangup_address(public_url: str | None, tenant: Tenant) -> Finding:
    if public_url is None:
        return Finding("not_sent")
    return Finding("sent" if tenant.hook_secret else "lost")


def _agent_login(tenant: Tenant, studio_email: str, secret_keys: tuple[str, ...]) -> Finding:
    """An agent's new login; without an agent, the newest one that the tenant's agents have."""
    tenant_id = tenant.id
    try:
        client = account.client_for(tenant, secret_keys)
        db.session.rollback()  # no connection to the database is kept while the vendor is asked
        if not studio_email:
            return _newest_login(tenant_id, client, secret_keys)
        client.login(studio_email)
    except Refused as refused:
        return Finding("refused", f"{studio_email}. {in_words(str(refused))}")
    except CallCenterStudioError:
        return Finding("not_asked")
    return Finding("works", studio_email)


def _newest_login(tenant_id: int, client: Client, secret_keys: tuple[str, ...]) -> Finding:
    newest = (
        select(NewestSession.agent_id, Agent.studio_email)
        .join(Agent, Agent.id == NewestSession.agent_id)
        .where(Agent.tenant_id == tenant_id, NewestSession.made_at.is_not(None))
        .order_by(NewestSession.made_at.desc())
        .limit(1)
    )
    row = db.session.execute(newest).first()
    db.session.rollback()
    last = DatabaseStore(secret_keys).newest(str(row.agent_id)) if row else None
    if row is None or last is None:
        return Finding("none")
    if isinstance(last, LoginFailure):
        return Finding("refused", f"{row.studio_email}. {in_words(last.text)}")
    try:
        client.ping(last.key, total_timeout=reach.SECONDS)
    except Refused:
        return Finding("over", row.studio_email)
    return Finding("works", row.studio_email)


def _webhook(tenant: Tenant, zone: str) -> Finding:
    newest: datetime | None = None
    for source in WEBHOOKS:
        theirs = (CallEvent.tenant_id == tenant.id, CallEvent.source == source)
        last = select(CallEvent.received_at).where(*theirs).order_by(CallEvent.id.desc()).limit(1)
        newest = max(filter(None, (newest, db.session.scalar(last))), default=None)
    wrong = db.session.get(Tally, WRONG_SECRET)
    # Right ones meanwhile prove nothing: those of dials go on while the IVR keeps an old address.
    if wrong is not None and wrong.last_at > utc_now() - IS_NEWS:
        return Finding("refused", local_time(wrong.last_at, zone, "d MMM HH:mm"))
    if newest is None:
        return Finding("none")
    return Finding("came", local_time(newest, zone, "d MMM HH:mm"))
