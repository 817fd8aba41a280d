"""Logins: where an agent is logged in, and how a login ends.

A login is a row (`crm.models.Login`) with a random token that the browser's cookie holds. It ends
by logging out, by a new password, when the agent is deactivated, or when it is LIFE old. Used by
the login page, the settings pages and `crm.agents`. Only `note_seen` commits.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import OperationalError

from crm import secret_box
from crm.extensions import db
from crm.models import Agent, Login, NewestSession
from crm.models.locking import one_write
from crm.models.login import ADDRESS_LENGTH, BROWSER_LENGTH

LIFE = timedelta(days=14)
# "Last seen" is written this often: a page asks for something every few seconds.
SEEN_EVERY = timedelta(minutes=1)
# An open page asks for something at least once a minute: of a browser that has said nothing for so
# long, another one takes the softphone without asking.
IN_USE_WITHIN = timedelta(minutes=4)
# A page that is loaded again, or another tab, takes the softphone back within this time.
BACK_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True)
class BrowserInfo:
    """The browser in which somebody logs in."""

    address: str  # IP address
    user_agent: str


def begin(agent_id: int, password_hash: str, browser: BrowserInfo, *, now: datetime) -> str | None:
    """Store a new login and return the token for the cookie. Deletes logins that have expired.

    None when the agent was deactivated or got another password since `password_hash` was checked.
    Call it in a transaction that may write (`crm.models.locking`).
    """
    # Locked, so that ending all logins at this moment happens before or after, never in between.
    same = (Agent.id == agent_id, Agent.active, Agent.password_hash == password_hash)
    if db.session.scalar(select(Agent.id).where(*same).with_for_update()) is None:
        return None
    db.session.execute(delete(Login).where(Login.ends_at <= now))
    token = secrets.token_urlsafe(32)
    db.session.add(
        Login(
            digest=secret_box.digest(token),
            agent_id=agent_id,
            began_at=now,
            last_seen_at=now,
            ends_at=now + LIFE,
            address=browser.address[:ADDRESS_LENGTH],
            browser=browser.user_agent[:BROWSER_LENGTH],
        )
    )
    db.session.flush()
    return token


def of_agent(agent_id: int, *, now: datetime) -> list[Login]:
    """The logins of an agent, the last seen first."""
    theirs = (Login.agent_id == agent_id, Login.ends_at > now)
    return list(
        db.session.scalars(select(Login).where(*theirs).order_by(Login.last_seen_at.desc()))
    )


def end(agent_id: int, login_id: int) -> bool:
    """End one login of an agent; False when the agent has no such login."""
    theirs = (Login.agent_id == agent_id, Login.id == login_id)
    has_ended = bool(db.session.connection().execute(delete(Login).where(*theirs)).rowcount)
    if db.session.scalar(select(Login.id).where(Login.agent_id == agent_id).limit(1)) is None:
        _forget_telephony(agent_id)
    return has_ended


def end_all(agent_id: int, *, but: int | None = None) -> None:
    """End every login of an agent except the one with the id `but`.

    The telephony session that the agent's browsers share goes with them.
    """
    theirs = delete(Login).where(Login.agent_id == agent_id)
    db.session.execute(theirs if but is None else theirs.where(Login.id != but))
    _forget_telephony(agent_id)


def softphone_elsewhere(agent_id: int, login_id: int, *, now: datetime) -> Login | None:
    """The agent's other login whose browser has the softphone and is in use, or had it just now."""
    others = (Login.agent_id == agent_id, Login.id != login_id, Login.ends_at > now)
    in_use = and_(Login.has_softphone.is_(True), Login.last_seen_at > now - IN_USE_WITHIN)
    has_it = or_(in_use, Login.softphone_left_at > now - BACK_WITHIN)
    found: Login | None = db.session.scalar(select(Login).where(*others, has_it).limit(1))
    return found


def give_softphone(agent_id: int, login_id: int) -> None:
    """This login's browser has the softphone from now on, and the one that had it has lost it."""
    had_it = or_(Login.has_softphone.is_(True), Login.softphone_left_at.is_not(None))
    theirs = (Login.agent_id == agent_id, Login.id != login_id, had_it)
    lost = {"has_softphone": False, "softphone_left_at": None}
    db.session.execute(update(Login).where(*theirs).values(lost))
    mine = {"has_softphone": True, "softphone_left_at": None}
    db.session.execute(update(Login).where(Login.id == login_id).values(mine))


def leave_softphone(login_id: int, *, now: datetime) -> None:
    """The page with the softphone was closed; this browser may open another one."""
    has_it = (Login.id == login_id, Login.has_softphone.is_(True))
    left = {"has_softphone": None, "softphone_left_at": now}
    db.session.execute(update(Login).where(*has_it).values(left))


def note_seen(login_id: int, *, now: datetime) -> None:
    """Store that a login was used now. If the database is busy, the next request does it."""
    statement = (
        update(Login.__table__)
        .where(Login.id == login_id, Login.last_seen_at <= now - SEEN_EVERY)
        .values(last_seen_at=now)
    )
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with one_write(connection, wait=0):
                connection.execute(statement)
        except OperationalError:
            return


def _forget_telephony(agent_id: int) -> None:
    db.session.execute(delete(NewestSession).where(NewestSession.agent_id == agent_id))
