"""What the server finds for the rows of `at_server.py`, asked when an agent opens the page."""

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from crm.callcenterstudio import BadAnswer, CallCenterStudioError, Refused
from crm.extensions import db
from crm.models import CallEvent, EventSource, InboxEntry, Tally, Tenant, Work, inbox_file, utc_now
from crm.pages.settings.checks.table import Finding
from crm.settings import Settings
from crm.telephony import account, reach
from crm.telephony.account import NotSetUpError
from crm.web import current_agent
from crm.web.refused_webhooks import WRONG_SECRET
from crm.web.template_filters import local_time
from crm.web.vendor_words import in_words
from crm.worker import schedule, status

WEBHOOKS = (EventSource.HANGUP, EventSource.NOTIFICATION)
WORKER_IS_LATE_AFTER = timedelta(seconds=15)


def findings(desk: str) -> dict[str, Finding]:
    """The finding of each check, by its id, for the logged-in agent's tenant; commits.

    desk: the CRM's origin as the agent's browser knows it. Call Center Studio and PUBLIC_URL are
    asked at the same time, each for `reach.SECONDS` at most.
    """
    agent = current_agent.get()
    settings: Settings = current_app.extensions["settings"]
    tenant = db.session.get_one(Tenant, agent.tenant_id)
    public_url = settings.public_url if agent.is_admin else None
    with ThreadPoolExecutor() as pool:
        page = pool.submit(reach.softphone_page, tenant.softphone_url, desk)
        outside = pool.submit(reach.public_address, public_url) if public_url else None
        problem = account.try_connection(tenant, settings.secret_key, seconds=reach.SECONDS)
    found = {
        "api": Finding(_word_for(problem), in_words(str(problem)) if problem else ""),
        "softphone_page": Finding(page.result()),
    }
    if agent.is_admin:
        tenant = db.session.get_one(Tenant, agent.tenant_id)
        answer = outside.result() if outside else ""
        found |= {
            "token": _token(tenant, problem),
            "public_url": _public_url(public_url, answer, tenant.api_url),
            "hangup_address": _hangup_address(public_url, tenant),
            "worker": _worker(tenant, utc_now()),
            "webhook": _webhook(tenant, agent.timezone),
        }
    return found


def _word_for(problem: CallCenterStudioError | None) -> str:
    if problem is None:
        return "answers"
    if isinstance(problem, NotSetUpError):
        return "not_set_up"
    if isinstance(problem, Refused):
        return "refused"
    return "odd_answer" if isinstance(problem, BadAnswer) else "no_answer"


def _token(tenant: Tenant, problem: CallCenterStudioError | None) -> Finding:
    if isinstance(problem, NotSetUpError):
        return Finding("lost" if tenant.app_token_sealed else "missing")
    words = {"answers": "accepted", "refused": "refused"}
    return Finding(words.get(_word_for(problem), "not_asked"))


def _public_url(public_url: str | None, answer: str, api_url: str) -> Finding:
    if public_url is None:
        return Finding("not_set")
    if _is_of_own_network(public_url) and not _is_of_own_network(api_url):
        return Finding("own_network", public_url)
    if answer == "reached" and urlsplit(public_url).scheme == "http":
        return Finding("reached" if _is_of_own_network(public_url) else "plain", public_url)
    return Finding(answer, public_url)


def _is_of_own_network(address: str) -> bool:
    """Whether only this machine or its network knows the address: as at a demo."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".local")


def _hangup_address(public_url: str | None, tenant: Tenant) -> Finding:
    if public_url is None:
        return Finding("not_sent")
    return Finding("sent" if tenant.hook_secret else "lost")


def _worker(tenant: Tenant, now: datetime) -> Finding:
    unread = select(InboxEntry.received_at).where(
        InboxEntry.tenant_id == tenant.id, InboxEntry.attempts == 0
    )
    oldest = [inbox_file.oldest(tenant.id, source) for source in WEBHOOKS]
    oldest.append(db.session.scalar(unread.order_by(InboxEntry.id).limit(1)))
    is_late = any(one is not None and now - one > WORKER_IS_LATE_AFTER for one in oldest)
    if is_late or status.standing(now=now).overdue_since:
        return Finding("late")
    # At its start a worker writes what it does every few minutes and every night.
    scheduled = select(Work.id).where(Work.kind.in_(schedule.SCHEDULED)).limit(1)
    has_run = db.session.scalar(scheduled) is not None
    return Finding("works" if has_run else "never")


def _webhook(tenant: Tenant, zone: str) -> Finding:
    newest: datetime | None = None
    for source in WEBHOOKS:
        theirs = (CallEvent.tenant_id == tenant.id, CallEvent.source == source)
        last = select(CallEvent.received_at).where(*theirs).order_by(CallEvent.id.desc()).limit(1)
        newest = max(filter(None, (newest, db.session.scalar(last))), default=None)
    wrong = db.session.get(Tally, WRONG_SECRET)
    if wrong is not None and (newest is None or wrong.last_at > newest):
        return Finding("refused", local_time(wrong.last_at, zone, "d MMM HH:mm"))
    if newest is None:
        return Finding("none")
    return Finding("came", local_time(newest, zone, "d MMM HH:mm"))
