"""A CRM that runs, with its worker, in threads of this process; and who and what is in it."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from sqlalchemy import update
from werkzeug.security import generate_password_hash

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, PhoneNumber, Role, utc_now
from crm.settings import Settings
from crm.simulator import seed
from crm.telephony.account import client_for
from crm.telephony.inbox import fold_inbox
from crm.web.http import Served, Server
from crm.worker.work import run_work, take_due
from tests.conftest import SECRET_KEY
from tests.world import Simulator, tenant_at

PASSWORD = "a long enough password"
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
KNOWN = "+905320000001"
UNKNOWN = "+447700900555"
SHARED = "+902120000010"


@dataclass(frozen=True)
class Crm:
    """A running CRM. `url` has no slash at its end."""

    url: str
    app: Flask


@dataclass
class Proxy:
    """A reverse proxy that has the CRM below a path. strays: what was asked for outside of it."""

    path: str
    strays: list[str] = field(default_factory=list)

    def before(self, application: WSGIApplication) -> WSGIApplication:
        """The application as the proxy shows it."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            asked = environ["PATH_INFO"]
            if not asked.startswith(f"{self.path}/"):
                self.strays.append(asked)
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"another application's"]
            environ["PATH_INFO"] = asked.removeprefix(self.path)
            environ["HTTP_X_FORWARDED_PREFIX"] = self.path
            return application(environ, start_response)

        return answer


@contextmanager
def running_crm(
    settings: Settings, fill: Callable[[], None], proxy: Proxy | None = None
) -> Iterator[Crm]:
    """The CRM on a free port, with its worker; fill: puts something into its empty database."""
    path = proxy.path if proxy else ""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_app(replace(settings, public_url=f"http://127.0.0.1:{port}{path}"))
        with app.app_context():
            fill()
            db.session.remove()
        with serving(proxy.before(app) if proxy else app, listener), working(app):
            yield Crm(url=f"http://localhost:{port}{path}", app=app)
    with app.app_context():
        db.engine.dispose()


@contextmanager
def serving(application: WSGIApplication, listener: socket.socket) -> Iterator[None]:
    """The server as it is shipped, in a thread of this process instead of gunicorn's."""
    server, over = Server(Served(application, None), [listener], threads=8), threading.Event()

    def serve() -> None:
        while not over.is_set():
            server.turn(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        server.close()


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Background work is done as `flask worker` does it, ten times a second, without its queue."""
    over = threading.Event()
    secret_keys = app.extensions["settings"].secret_keys

    def work() -> None:
        while not over.wait(0.1):
            with app.app_context():
                fold_inbox()
                for work_id in take_due(now=utc_now()):
                    run_work(work_id, client_for=lambda tenant: client_for(tenant, secret_keys))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(15)


def add_agents(simulator: Simulator) -> None:
    """Two tenants at the simulator, and who works there; committed."""
    tenant = tenant_at(simulator.url, SECRET_KEY, seed.DEMO)
    other = tenant_at(simulator.url, SECRET_KEY, seed.SECOND)
    for email, name, role, where in (
        ("ayse@demo.example", "Ayşe Demir", Role.AGENT, tenant),
        ("mehmet@demo.example", "Mehmet Kaya", Role.AGENT, tenant),
        ("deniz@demo.example", "Deniz Arslan", Role.ADMIN, tenant),
        ("jonas@second.example", "Jonas Weber", Role.AGENT, other),
    ):
        db.session.add(
            Agent(
                email=email,
                name=name,
                role=role,
                tenant_id=where.id,
                studio_email=email,
                password_hash=PASSWORD_HASH,
            )
        )
    db.session.commit()


def add_contacts() -> None:
    """Four contacts, two of whom share a number; committed."""
    for name, company, numbers in (
        ("Elif Şahin", "Boğaz Mobilya", (KNOWN,)),
        ("Cem Yıldız", "Kuzey Lojistik", (SHARED,)),
        ("Zeynep Öz", "Kuzey Lojistik", (SHARED, "+905320000077")),
        ("John Smith", "Northgate", ("+442079460012",)),
    ):
        data = ContactData(
            name=name,
            company=company,
            email="",
            notes=f"{name} likes to be called in the morning.",
            numbers=tuple(Number(number, "work") for number in numbers),
        )
        contacts.create(data, region="TR")
    # A withheld number finds only contacts that had it before the call, told in whole seconds.
    db.session.execute(update(PhoneNumber).values(created_at=utc_now() - timedelta(hours=1)))
    db.session.commit()
