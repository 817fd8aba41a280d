"""What the server finds for the rows of `at_installation.py`: about itself and its surroundings."""

import ipaddress
import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import format_decimal
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from crm.extensions import db
from crm.models import InboxEntry, Tenant, Work, inbox_file, utc_now
from crm.pages.settings.checks.asked import WEBHOOKS
from crm.pages.settings.checks.table import Finding
from crm.private_files import BESIDE_SQLITE
from crm.settings import Settings
from crm.telephony import reach
from crm.telephony.webhook_check import Arrival
from crm.worker import schedule, status

WORKER_IS_LATE_AFTER = timedelta(seconds=15)
GIGABYTE = 1_000_000_000
LITTLE_ROOM, NO_ROOM = 2.0, 0.2  # gigabytes


def database() -> Finding:
    """Whether the database answers, and whether its tables are those of this version."""
    config = current_app.extensions["migrate"].migrate.get_config()
    script = ScriptDirectory.from_config(config)
    try:
        db.session.execute(text("SELECT 1"))
        with db.engine.connect() as connection:
            heads = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return Finding("no_answer")
    finally:
        db.session.rollback()
    if heads == set(script.get_heads()):
        return Finding("current")
    if not heads:
        return Finding("empty")
    known = {revision.revision for revision in script.walk_revisions()}
    return Finding("behind" if heads <= known else "ahead")


def about_installation(arrival: Arrival | None) -> dict[str, Finding]:
    """The finding of each check but that of the database, which must be current.

    arrival: how a webhook to ourselves arrived, if one did.
    """
    settings: Settings = current_app.extensions["settings"]
    public_url = settings.public_url
    answer = ""
    if public_url:
        has_arrived = arrival is not None and arrival.found == "arrived"
        answer = "reached" if has_arrived else reach.public_address(public_url)
    tenants = list(db.session.scalars(select(Tenant)))
    return {
        "queue": _queue(settings.redis_url),
        "worker": _worker([tenant.id for tenant in tenants], utc_now()),
        "public_url": _public_url(public_url, answer, [tenant.api_url for tenant in tenants]),
        "proxy": _proxy(public_url, arrival, settings.trusted_proxies),
        "disk": _disk(settings.queue_path.parent),
        "files": _files(settings),
    }


def _queue(redis_url: str | None) -> Finding:
    if redis_url is None:  # a file; see the row of the files
        return Finding("reached")
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=reach.SECONDS) as server:
            server.ping()
    except (redis.RedisError, OSError, ValueError):
        return Finding("no_answer")
    return Finding("reached")


def _worker(tenant_ids: list[int], now: datetime) -> Finding:
    oldest = [inbox_file.oldest(one, source) for one in tenant_ids for source in WEBHOOKS]
    unread = select(InboxEntry.received_at).where(InboxEntry.attempts == 0)
    oldest.append(db.session.scalar(unread.order_by(InboxEntry.id).limit(1)))
    is_late = any(one is not None and now - one > WORKER_IS_LATE_AFTER for one in oldest)
    if is_late or status.standing(now=now).overdue_since:
        return Finding("late")
    # At its start a worker writes what it does every few minutes and every night.
    scheduled = select(Work.id).where(Work.kind.in_(schedule.SCHEDULED)).limit(1)
    has_run = db.session.scalar(scheduled) is not None
    return Finding("works" if has_run else "never")


def _public_url(public_url: str | None, answer: str, api_urls: list[str]) -> Finding:
    if public_url is None:
        return Finding("not_set")
    vendor_is_outside = any(not _is_of_own_network(one) for one in api_urls)
    if _is_of_own_network(public_url) and vendor_is_outside:
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


def _proxy(public_url: str | None, arrival: Arrival | None, trusted: int) -> Finding:
    if public_url is None or arrival is None or arrival.found != "arrived":
        return Finding("unknown")
    if arrival.proxies != trusted:
        found = "too_few" if trusted < arrival.proxies else "too_many"
        return Finding(found, str(arrival.proxies))
    typed = urlsplit(public_url)
    if arrival.scheme != typed.scheme:
        return Finding("scheme")
    return Finding("right") if arrival.host == typed.netloc else Finding("host", arrival.host)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free / GIGABYTE
    found = "room" if free > LITTLE_ROOM else "little" if free > NO_ROOM else "full"
    return Finding(found, f"{format_decimal(free, format='0.0')} GB")


def _files(settings: Settings) -> Finding:
    """The folder of the queue, and the files of the queue and the database, if they are files."""
    folder = settings.queue_path.parent
    files = [settings.queue_path, Path(".env")]
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        database_file = Path(url.database)
        files += [
            database_file.with_name(database_file.name + inbox + ending)
            for inbox in ("", inbox_file.SUFFIX)
            for ending in BESIDE_SQLITE
        ]
    there = [file for file in (folder, *files) if file.exists()]
    locked = [file for file in there if file.name != ".env" and not os.access(file, os.W_OK)]
    if locked:
        return Finding("not_writable", ", ".join(file.name for file in locked))
    is_open = [file for file in there if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if is_open:
        return Finding("readable", ", ".join(file.name for file in is_open))
    return Finding("private")
