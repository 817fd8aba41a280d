"""Nobody else on the machine can read what people said and what opens their phone."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text

from crm.cli.demo import own_settings
from crm.cli.worker import make_queue
from crm.extensions import db
from crm.factory import create_app
from crm.models import Tally
from crm.private_files import make_folder
from crm.settings import Settings
from tests.conftest import SECRET_KEY


@pytest.fixture(autouse=True)
def _careless_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which every new file may be read by everybody."""
    before = os.umask(0o000)
    monkeypatch.chdir(tmp_path)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    found = {path.name: path for path in (folder, *folder.iterdir())}
    return {name: oct(stat.S_IMODE(path.stat().st_mode)) for name, path in found.items()}


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    """One whose files lie in its own folder, which is not there yet."""
    folder = tmp_path / "instance"
    return Settings(
        secret_key=SECRET_KEY,
        database_url=f"sqlite:///{folder / 'crm.db'}",
        queue_path=folder / "queue.db",
    )


def modes_while_it_runs(settings: Settings) -> dict[str, str]:
    """The CRM has written something and has its queue."""
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        db.session.add(Tally(name=str(uuid4())))
        db.session.commit()
        queue = make_queue(settings)
        found = modes(settings.queue_path.parent)
        queue.storage.close()
        db.session.remove()
        db.engine.dispose()
    return found


def test_what_is_made_is_for_its_owner_alone(installation: Settings) -> None:
    found = modes_while_it_runs(installation)
    assert found.pop("instance") == "0o700"
    assert {"crm.db", "crm.db-wal", "crm.db-shm", "queue.db"} <= set(found)
    assert set(found.values()) == {"0o600"}


def test_what_an_earlier_version_left_open_is_closed(installation: Settings) -> None:
    modes_while_it_runs(installation)
    folder = installation.queue_path.parent
    for name in ("crm.db", "crm.db-wal", "crm.db-shm", "queue.db", "queue.db-wal"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    folder.chmod(0o755)
    found = modes_while_it_runs(installation)
    assert found.pop("instance") == "0o700"
    assert set(found.values()) == {"0o600"}


def test_a_folder_that_others_may_share_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    make_folder(shared / "new" / "newer")
    assert modes(shared) == {"shared": "0o755", "new": "0o700"}


def test_the_settings_file_is_closed_when_the_crm_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    (tmp_path / ".env").write_text("SECRET_KEY=whatever\n")
    create_app()
    assert modes(tmp_path)[".env"] == "0o600"


def test_the_demos_folder_and_key_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "instance" / "demo"
    folder.mkdir(parents=True)
    (folder / "demo.env").write_text("SECRET_KEY=" + "k" * 40)
    monkeypatch.setattr(own_settings, "FOLDER", folder)
    monkeypatch.setattr(own_settings, "ENV_FILE", folder / "demo.env")
    own_settings.demo_settings()
    assert modes(folder) == {"demo": "0o700", "demo.env": "0o600"}
    assert modes(tmp_path)["instance"] == "0o700"


def test_a_second_connection_takes_no_lock_from_the_first(tmp_path: Path) -> None:
    """Else the next program to leave the database deletes the log that this one writes into."""
    path = tmp_path / "crm.db"
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    ask = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1])\n"
    ask += "print(c.execute('SELECT sum(x) FROM t').fetchone()[0]); c.close()"

    def another_program() -> str:
        command = [sys.executable, "-c", ask, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with engine.connect() as first:
        first.execute(text("CREATE TABLE t (x)"))
        first.commit()
        with engine.connect() as second:
            second.execute(text("INSERT INTO t VALUES (1)"))
            second.commit()
        assert another_program() == "1"
        first.execute(text("INSERT INTO t VALUES (2)"))
        first.commit()
        assert another_program() == "3"
