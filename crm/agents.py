"""Agents: adding and changing them, their passwords, and ending their logins.

Used by the login, the settings pages, `flask agent` and the demo. The caller commits.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from crm import logins
from crm.extensions import db
from crm.models import Agent, Role, Tenant
from crm.names import sort_key

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000  # hashing a longer one would only cost time
LONGEST_NAME = 200

# Checked when the address is unknown, so that the answer takes as long as for a known one.
_NOBODY = generate_password_hash("nobody has this password")


class InvalidAgentError(ValueError):
    """Something about an agent cannot be used; `problems` has a sentence for each such field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class AgentData:
    """The values that an admin sets."""

    email: str
    name: str
    tenant: Tenant
    role: Role = Role.AGENT
    studio_email: str | None = None  # at Call Center Studio; None or "": the same as `email`


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case.

    A Turkish keyboard's capital i is İ, whose small letter would be an i and a mark.
    """
    return email.strip().replace("İ", "i").lower()


def authenticate(email: str, password: str) -> Agent | None:
    """The active agent with this address and password, or None."""
    agent = by_email(email)
    fits = check_password_hash(agent.password_hash if agent else _NOBODY, password)
    return agent if agent is not None and agent.active and fits else None


def by_email(email: str) -> Agent | None:
    """The agent with this address, active or not, or None."""
    found: Agent | None = db.session.scalar(select(Agent).where(Agent.email == normal_email(email)))
    return found


def all_agents() -> list[Agent]:
    """All agents, the active ones first, then by name."""
    everybody = db.session.scalars(select(Agent))
    return sorted(everybody, key=lambda one: (not one.active, sort_key(one.name), one.id))


def names_apart(beside: Iterable[str] = ()) -> dict[int, str]:
    """All agents' names by id, with the address where several have the same name.

    beside: further names that may be the same.
    """
    people = db.session.execute(select(Agent.id, Agent.name, Agent.email)).all()
    bearers = Counter(_plain(name) for name in [*(person.name for person in people), *beside])
    return {
        person.id: f"{person.name} ({person.email})"
        if bearers[_plain(person.name)] > 1
        else person.name
        for person in people
    }


def add_agent(data: AgentData, password: str) -> Agent:
    """Add an agent. Raises InvalidAgentError."""
    problems = _problems(data, agent=None) | _password_problems(password)
    if problems:
        raise InvalidAgentError(problems)
    agent = Agent(password_hash=generate_password_hash(password))
    _write(agent, data)
    db.session.add(agent)
    _flush()
    return agent


def change_agent(agent: Agent, data: AgentData) -> None:
    """Change everything but the password. Raises InvalidAgentError; nothing is changed then.

    Another tenant or another address at the vendor ends the agent's logins: the next one logs in
    there with the right account.
    """
    problems = _problems(data, agent)
    if data.role is not Role.ADMIN and _is_last_admin(agent):
        problems["role"] = _last_admin()
    if problems:
        raise InvalidAgentError(problems)
    account_before = (agent.tenant_id, agent.studio_email)
    _write(agent, data)
    _flush()
    if (agent.tenant_id, agent.studio_email) != account_before:
        logins.end_all(agent.id)


def deactivate(agent: Agent) -> None:
    """End an agent's access at once. Raises InvalidAgentError for the last admin."""
    if _is_last_admin(agent):
        raise InvalidAgentError({"active": _last_admin()})
    agent.active = False
    db.session.flush()
    logins.end_all(agent.id)


def reactivate(agent: Agent) -> None:
    """Let an agent log in again, with the old password."""
    agent.active = True
    db.session.flush()


def reset_password(agent: Agent, password: str) -> None:
    """Set a password; all logins of the agent end. Raises InvalidAgentError."""
    problems = _password_problems(password)
    if problems:
        raise InvalidAgentError(problems)
    agent.password_hash = generate_password_hash(password)
    db.session.flush()
    logins.end_all(agent.id)


def change_own_password(agent: Agent, current: str, new: str) -> None:
    """Change one's own password. All logins end, so the caller begins a new one for this browser.

    Raises InvalidAgentError with the fields `current_password` and `password`.
    """
    problems = _password_problems(new)
    if not check_password_hash(agent.password_hash, current):
        problems["current_password"] = _("This is not your password.")
    if problems:
        raise InvalidAgentError(problems)
    reset_password(agent, new)


def change_own_profile(
    agent: Agent, *, name: str, locale: str | None, pop_opens_contact: bool, ring_sound: bool
) -> None:
    """Change the settings that agents make themselves. Raises InvalidAgentError.

    locale: a language of crm.translations; None: the browser's.
    """
    problems = _name_problems(name)
    if problems:
        raise InvalidAgentError(problems)
    agent.name = name.strip()
    agent.locale = locale
    agent.pop_opens_contact = pop_opens_contact
    agent.ring_sound = ring_sound
    db.session.flush()


def _write(agent: Agent, data: AgentData) -> None:
    agent.email = normal_email(data.email)
    agent.name = data.name.strip()
    agent.tenant_id = data.tenant.id
    agent.role = data.role
    agent.studio_email = (data.studio_email or "").strip() or agent.email


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:  # another request took the address meanwhile
        db.session.rollback()
        raise InvalidAgentError({"email": _taken()}) from None


def _problems(data: AgentData, agent: Agent | None) -> dict[str, str]:
    problems = _name_problems(data.name)
    other = by_email(data.email)
    if not _is_email(data.email):
        problems["email"] = _not_an_email()
    elif other is not None and other is not agent:
        problems["email"] = _taken()
    if (data.studio_email or "").strip() and not _is_email(data.studio_email or ""):
        problems["studio_email"] = _not_an_email()
    return problems


def _plain(name: str) -> str:
    """For comparing names: "ayşe  demir" and "Ayşe Demir" are the same to a reader."""
    return " ".join(name.casefold().split())


def _name_problems(name: str) -> dict[str, str]:
    if 0 < len(name.strip()) <= LONGEST_NAME:
        return {}
    return {"name": _("Enter a name of at most %(most)s characters.", most=LONGEST_NAME)}


def _password_problems(password: str) -> dict[str, str]:
    if len(password) < SHORTEST_PASSWORD:
        least = _("A password has at least %(least)s characters.", least=SHORTEST_PASSWORD)
        return {"password": least}
    if len(password) > LONGEST_PASSWORD:
        most = _("A password has at most %(most)s characters.", most=LONGEST_PASSWORD)
        return {"password": most}
    return {}


def _not_an_email() -> str:
    return str(_("Enter an e-mail address, like name@company.com."))


def _taken() -> str:
    return str(_("There is an agent with this e-mail already."))


def _last_admin() -> str:
    return str(_("This is the last admin who can log in. Make somebody else one first."))


def _is_email(text: str) -> bool:
    try:
        validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _is_last_admin(agent: Agent) -> bool:
    """Whether nobody else could change settings.

    The rows are locked: two admins who demote each other at the same moment must not both succeed.
    """
    if not agent.active or agent.role is not Role.ADMIN:
        return False
    admins = select(Agent.id).where(Agent.role == Role.ADMIN, Agent.active).with_for_update()
    return list(db.session.scalars(admins)) == [agent.id]
