"""Stores an agent's telephony session: in the agent's cookie, the newest in the database too.

The rule - one login at a moment, renewed once - is `AgentSession` in
`crm/callcenterstudio/sessions.py`. Every request to Call Center Studio for the logged-in agent
begins with `my_account` and `my_session`.
"""

import secrets
from datetime import datetime, timedelta
from json import dumps, loads

from flask import after_this_request, current_app, request
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.wrappers import Response as AnyResponse

from crm import secret_box
from crm.callcenterstudio import AgentSession, LoginFailure, TelephonySession
from crm.extensions import db
from crm.models import NewestSession, utc_now
from crm.models.locking import in_one_transaction, one_write
from crm.settings import Settings
from crm.telephony.account import Account, account_of, made_for
from crm.web import current_agent
from crm.web.security import is_loopback, private_cookie

COOKIE = "telephony_session"
TABLE = NewestSession.__table__


def my_account() -> Account:
    """The logged-in agent's account. Ends the read, so that no database waits for the vendor.

    Raises NotSetUpError when the tenant has no usable app token.
    """
    try:
        return account_of(current_user.id, current_app.extensions["settings"])
    finally:
        db.session.rollback()


def my_session(account: Account, *, tell_page: bool = True) -> AgentSession:
    """An `AgentSession` with the cookie's session, the newest one or a new one.

    The answer to this request puts a new one into the cookie, even if its purpose has failed.
    tell_page: the page is told too, and takes the softphone's new address.
    """
    settings: Settings = current_app.extensions["settings"]
    known = read_cookie()
    session = AgentSession(
        account.client,
        account.studio_email,
        store=DatabaseStore(settings.secret_keys),
        known=known,
        agent=str(account.agent_id),
        made_for=account.made_for,
        life=timedelta(hours=settings.telephony_session_hours),
    )

    @after_this_request
    def keep(answer: AnyResponse) -> AnyResponse:
        if session.current is None or session.current == known:
            return answer
        write_cookie(answer, session.current)
        if tell_page:
            events = loads(answer.headers.get("HX-Trigger") or "{}")
            answer.headers["HX-Trigger"] = dumps({**events, "softphone-renewed": {}})
        return answer

    return session


def read_cookie() -> TelephonySession | None:
    """The session in this browser's cookie, if it is this agent's and for the present addresses.

    A cookie that is forged, too old, or another agent's is ignored.
    """
    try:
        session = TelephonySession.unpacked(_serializer().loads(request.cookies.get(COOKIE, "")))
    except BadData:
        return None
    me = current_agent.get()
    mine = made_for(me.id, me.tenant_id, me.studio_email, me.api_origin, me.softphone_origin)
    is_usable = session and session.made_for == mine and session.expires_at > utc_now()
    return session if is_usable else None


def write_cookie(answer: AnyResponse, session: TelephonySession) -> None:
    """Store the session in the browser until it expires, signed and hidden from scripts."""
    answer.set_cookie(
        COOKIE,
        _serializer().dumps(session.packed()),
        expires=session.expires_at,
        **private_cookie(secure=not is_loopback()),
    )


def forget_cookie(answer: AnyResponse) -> None:
    """Delete the cookie."""
    answer.delete_cookie(COOKIE, **private_cookie(secure=not is_loopback()))


def _serializer() -> URLSafeSerializer:
    settings: Settings = current_app.extensions["settings"]
    return URLSafeSerializer(settings.signing_keys, salt="telephony session")


class DatabaseStore:
    """The `Store` of all processes: a row for each agent, the key sealed as app tokens are.

    Each method is a short transaction of its own; nothing is held while the vendor is asked. The
    lock is a ticket that expires, in case its holder is killed.
    """

    def __init__(self, secret_keys: tuple[str, ...]) -> None:
        self._secret_keys = secret_keys

    def newest(self, agent: str) -> TelephonySession | LoginFailure | None:
        """The outcome of the agent's last login."""
        with db.engine.connect() as connection:
            row = connection.execute(select(TABLE).where(TABLE.c.agent_id == int(agent))).first()
        if row is None or row.made_at is None:
            return None
        if row.failure:
            return LoginFailure(row.failure, row.failure_text, row.made_at)
        try:
            key = secret_box.unseal(row.key_sealed, keys=self._secret_keys)
        except secret_box.SecretLostError:
            return None
        return TelephonySession(key, row.made_for, row.made_at, row.expires_at)

    def take(self, agent: str, seconds: float) -> str | None:
        """Take the agent's lock by one statement, if it is free."""
        ticket, now = secrets.token_hex(8), utc_now()
        mine = {"ticket": ticket, "ticket_ends_at": now + timedelta(seconds=seconds)}
        is_free = or_(TABLE.c.ticket_ends_at.is_(None), TABLE.c.ticket_ends_at <= now)
        with _autocommit() as connection:
            # Read first: waiting requests must not queue up for SQLite's write lock.
            held = select(TABLE.c.agent_id).where(TABLE.c.agent_id == int(agent), ~is_free)
            if connection.execute(held).first() is not None:
                return None
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            statement = insert(TABLE).values(agent_id=int(agent), **mine)
            statement = statement.on_conflict_do_update(
                index_elements=["agent_id"], set_=mine, where=is_free
            )
            with one_write(connection):
                connection.execute(statement)
            # Read again: not every driver counts the rows of such a statement.
            holder = select(TABLE.c.ticket).where(TABLE.c.agent_id == int(agent))
            return ticket if connection.scalar(holder) == ticket else None

    def give_back(
        self, agent: str, ticket: str, outcome: TelephonySession | LoginFailure | None
    ) -> None:
        """End the lock and keep the outcome.

        Nothing is kept when the row was deleted meanwhile: the agent was logged out everywhere.
        """
        values: dict[str, object] = {"ticket": None, "ticket_ends_at": None}
        if isinstance(outcome, LoginFailure):
            values |= {"failure": outcome.error, "failure_text": outcome.text}
            values |= {"key_sealed": None, "made_for": None}
            values |= {"made_at": outcome.at, "expires_at": outcome.at}
        elif outcome is not None:
            values |= {"failure": None, "failure_text": None, "made_for": outcome.made_for}
            values |= {"key_sealed": secret_box.seal(outcome.key, key=self._secret_keys[0])}
            values |= {"made_at": outcome.made_at, "expires_at": outcome.expires_at}
        mine = (TABLE.c.agent_id == int(agent), TABLE.c.ticket == ticket)
        with _autocommit() as connection, one_write(connection):
            connection.execute(update(TABLE).where(*mine).values(values))


def _autocommit() -> Connection:
    return db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def delete_expired(now: datetime) -> None:
    """Delete expired sessions, once a night; commits."""
    is_over = or_(TABLE.c.expires_at.is_(None), TABLE.c.expires_at <= now)
    is_free = or_(TABLE.c.ticket_ends_at.is_(None), TABLE.c.ticket_ends_at <= now)
    in_one_transaction(lambda: db.session.execute(delete(TABLE).where(is_over, is_free)))
