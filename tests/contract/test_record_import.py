"""The import against the simulator: real HTTP, its faults, and an importer that is killed."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm import tenants
from crm.callcenterstudio import CallCenterStudioError, Client
from crm.extensions import db
from crm.models import Call, CallEvent, CdrImport, ImportState, Tenant
from crm.settings import Settings
from crm.simulator import create_simulator
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.long_history import LongHistory
from crm.simulator.seed import DEMO
from crm.simulator.server import server_for
from crm.telephony import import_runs
from crm.telephony.record_import import read_page
from crm.tenants import TenantData

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo(DEMO.timezone)
START, FINISH = datetime(2026, 3, 2, tzinfo=ZONE), datetime(2026, 3, 4, tzinfo=ZONE)
KILLS = 5


@pytest.fixture
def simulated() -> Flask:
    return create_simulator(hangup_posts=HangupPosts(send=lambda _: "204"))


@pytest.fixture
def api_url(simulated: Flask) -> Iterator[str]:
    server = server_for(simulated)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tenant(app: Flask, settings: Settings, api_url: str) -> Tenant:
    data = TenantData(
        host=DEMO.host, api_url=api_url, timezone=DEMO.timezone, app_token=DEMO.app_token
    )
    found = tenants.set_tenant("demo", data, secret_key=settings.secret_key)
    db.session.commit()
    return found


def add_history(simulated: Flask, calls: int, finish: datetime = FINISH) -> LongHistory:
    """Calls of the vendor's that are over."""
    history = LongHistory(DEMO, calls=calls, start=START, finish=finish, seed=7, recordings_at=None)
    simulated.extensions["switchboard"].records.add_history(history)
    return history


def same_as(history: LongHistory, tenant: Tenant) -> None:
    """Every record of the vendor's is on record, once, with its facts."""
    theirs = {record.data["callkey"]: record for record in history}
    ours = Counter(db.session.scalars(select(Call.callkey).where(Call.tenant_id == tenant.id)))
    assert set(ours) == set(theirs)
    assert set(ours.values()) == {1}
    for call in db.session.scalars(select(Call).where(Call.tenant_id == tenant.id)):
        record = theirs[call.callkey]
        assert call.started_at == record.calldate.replace(microsecond=0)
        assert call.talk_seconds == record.data["duration"]
        assert (call.complete, call.record_problems) == (True, "")
    events = db.session.scalars(select(CallEvent.call_id))
    assert set(Counter(events).values()) == {1}


def environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(ROOT),
        "FLASK_APP": str(ROOT / "app.py"),
        "FLASK_SKIP_DOTENV": "1",
    }


def import_command(settings: Settings, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flask", "cdr", "import", "--tenant", "demo"]
    command += ["--from", "2026-03-02", "--to", "2026-03-03"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command, cwd=folder, env=environment(settings), text=True, **pipes
    )


def pages_read() -> int:
    db.session.rollback()
    return db.session.scalar(select(CdrImport.pages)) or 0


@pytest.mark.both_databases
def test_killed_at_random_pages_it_goes_on_and_every_record_is_there_once(
    tenant: Tenant, simulated: Flask, settings: Settings, tmp_path: Path
) -> None:
    history, random = add_history(simulated, 1800), Random(3)
    simulated.extensions["switchboard"].switches.change({"slow_seconds": 0.05})
    for _kill in range(KILLS):
        importer = import_command(settings, tmp_path)
        target = pages_read() + random.randrange(1, 4)
        while pages_read() < target and importer.poll() is None:
            threading.Event().wait(random.random() / 50)
        assert importer.poll() is None, importer.communicate()[0]
        importer.send_signal(signal.SIGKILL)
        importer.communicate()
        # Whom a dead process has kept out until its lease is over need not wait in a test.
        db.session.execute(update(CdrImport).values(lease_until=None))
        db.session.commit()
    last = import_command(settings, tmp_path)
    told, _ = last.communicate(timeout=120)
    assert last.returncode == 0, told
    assert "Going on with the import" in told
    assert "1,800 new" in told
    same_as(history, tenant)


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("pages_500", 4),
        ("pages_html", 4),
        ("pages_slow", 1),
        ("pages_repeated", 2),
        ("pages_refused", 2),
        ("pages_growing", 2),
    ],
)
def test_a_faulty_page_loses_and_doubles_nothing(
    tenant: Tenant, simulated: Flask, settings: Settings, fault: str, times: int
) -> None:
    history, board = add_history(simulated, 900), simulated.extensions["switchboard"]
    run = started(tenant)
    client = Client(
        api_url=tenant.api_url, app_token=DEMO.app_token, total_timeout=0.5, sleep=lambda _: None
    )
    read_page(lambda _tenant: client, run.id)
    board.switches.change({fault: times, "pages_slow_seconds": 1.0})
    troubles = read_to_the_end(client, run.id)
    assert board.faults[fault] == times
    db.session.refresh(run)
    assert run.state is ImportState.DONE
    assert run.records_new == 900
    if fault in ("pages_html", "pages_slow", "pages_repeated"):
        assert troubles
    same_as(history, tenant)


def test_odd_records_are_imported_counted_and_never_stop_the_import(
    tenant: Tenant, simulated: Flask
) -> None:
    history, board = add_history(simulated, 250), simulated.extensions["switchboard"]
    board.switches.change({"pages_odd": 30})
    run = started(tenant)
    client = Client(api_url=tenant.api_url, app_token=DEMO.app_token)
    read_to_the_end(client, run.id)
    db.session.refresh(run)
    assert (run.state, run.records_read) == (ImportState.DONE, 250)
    assert 0 < run.records_incomplete <= 30
    assert run.problems
    keys = set(db.session.scalars(select(Call.callkey).where(Call.tenant_id == tenant.id)))
    assert {record.data["callkey"] for record in history} - keys == set()


@pytest.mark.parametrize(("size", "pages"), [(0, 1), (100, 2), (1000, 11)])
def test_the_last_page_is_the_one_that_is_not_full(
    tenant: Tenant, simulated: Flask, size: int, pages: int
) -> None:
    if size:
        add_history(simulated, size, START + timedelta(days=1))
    run = started(tenant, days=1)
    client = Client(api_url=tenant.api_url, app_token=DEMO.app_token)
    assert read_to_the_end(client, run.id) == []
    db.session.refresh(run)
    assert (run.pages, run.records_new, run.records_read) == (pages, size, size)


def test_the_command_tells_what_is_wrong_in_words(app: Flask, tenant: Tenant) -> None:
    ask = app.test_cli_runner().invoke
    for words, told in [
        (["--tenant", "nobody", "--from", "2026-03-02", "--to", "2026-03-03"], "no tenant nobody"),
        (["--tenant", "demo", "--from", "soon", "--to", "2026-03-03"], "is no date"),
        (["--tenant", "demo", "--from", "2026-03-04", "--to", "2026-03-03"], "before the start"),
    ]:
        answer = ask(args=["cdr", "import", *words])
        assert answer.exit_code != 0
        assert told in answer.output


def started(tenant: Tenant, days: int = 2) -> CdrImport:
    start = START.replace(tzinfo=None)
    finish = start + timedelta(days=days) - timedelta(seconds=1)
    run = import_runs.start(tenant.id, start, finish)
    db.session.commit()
    return run


def read_to_the_end(client: Client, import_id: int) -> list[str]:
    """Read on, whatever the vendor says; what it said."""
    troubles: list[str] = []
    for _question in range(80):
        try:
            if not read_page(lambda _tenant: client, import_id):
                return troubles
        except CallCenterStudioError as error:
            troubles.append(str(error))
    raise AssertionError(troubles)
