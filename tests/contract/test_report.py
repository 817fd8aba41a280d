"""What `make contract` prints: which facts held, and a patch that `git apply` takes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from crm.simulator.seed import DEMO
from tests.contract import facts, test_facts_of_a_dial, test_facts_read
from tests.contract.facts import CONFIRMED, NOT_TRIED, REFUTED, Outcome
from tests.world import running_simulator

ROOT = Path(__file__).parents[2]
MODULES = (test_facts_read, test_facts_of_a_dial)
CLIENT = ROOT / "crm" / "callcenterstudio"
MESSAGES = {"IncomingCall", "Dial", "OutgoingActiveCallKey", "Accept", "Talking", "Hangup"}


def marked() -> Iterator[str]:
    for module in MODULES:
        for name, test in vars(module).items():
            if name.startswith("test_"):
                yield from (mark.args[0] for mark in getattr(test, "pytestmark", []))


def test_every_fact_is_a_row_of_the_docs() -> None:
    assert set(marked()) - set(facts.rows()) == set()


def test_every_function_and_message_has_a_fact() -> None:
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in MODULES]
    words = set(re.findall(r"\"(\w+)\"", "".join(sources)))
    client = "".join(path.read_text(encoding="utf-8") for path in CLIENT.glob("*.py"))
    functions = set(re.findall(r"_api\.(?:read|once)\(\s*\"(\w+)\"", client))
    assert "click2call" in functions
    assert functions - words == set()
    assert MESSAGES - words == set()


def test_the_patch_changes_the_rows_that_a_tenant_decided(tmp_path: Path) -> None:
    rows = facts.rows()
    [seen, other] = [row for row, sure in rows.items() if sure == "seen"][:2]
    vendors = next(row for row, sure in rows.items() if sure == "vendor")
    outcomes = {seen: Outcome(), other: Outcome(REFUTED, ["assert 1 | 2"]), vendors: Outcome()}
    outcomes["names and types of the fields"] = Outcome(NOT_TRIED, ["no calls"])
    change = facts.patch(outcomes, "2026-11-28")
    (tmp_path / "docs").mkdir()
    file = tmp_path / "docs" / "vendor.md"
    file.write_text(facts.VENDOR.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=change, text=True, check=True)
    new = file.read_text(encoding="utf-8")
    assert f"| {seen} | seen; confirmed on a tenant, 2026-11-28 |" in new
    assert f"| {other} | **refuted** on a tenant, 2026-11-28: assert 1 / 2 (was: seen) |" in new
    assert f"| {vendors} | vendor |" in new
    assert change.count("\n+|") == 2


def test_a_fact_counts_as_its_worst_test() -> None:
    outcome = Outcome()
    assert outcome.word == CONFIRMED
    outcome.add(NOT_TRIED, "no calls")
    outcome.add(CONFIRMED, "")
    assert outcome.word == NOT_TRIED
    outcome.add(REFUTED, "assert 0")
    assert (outcome.word, outcome.reasons) == (REFUTED, ["no calls", "assert 0"])


def test_a_tenant_is_named_by_the_environment() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CCS_")}
    done = contract(environment | {"CCS_TENANT": "x.example"})
    assert done.returncode == 2
    assert "Missing: CCS_APP_TOKEN, CCS_AGENT" in done.stderr


def test_it_tells_what_a_tenant_confirms_and_refutes_and_dials_nobody() -> None:
    """The tenant is the simulator, without recordings."""
    with running_simulator() as simulator:
        week = {"from": str(date.today() - timedelta(days=5)), "to": str(date.today())}
        simulator.console("history", tenant="demo", calls=40, **week)
        simulator.console("switches", recordings_answer="missing")
        named = {
            "CCS_API_URL": f"{simulator.url}/api/",
            "CCS_TENANT": DEMO.host,
            "CCS_APP_TOKEN": DEMO.app_token,
            "CCS_AGENT": DEMO.agents[1].email,
        }
        done = contract({**os.environ, **named}, "-k", "not simulator")
        assert simulator.asked["click2call"] == 0
    said = done.stdout
    assert done.returncode == 1
    assert "confirmed  `ping` with `session` shows whether the key works" in said
    assert re.search(r"refuted    no key is needed to fetch it  .*\(assert 404 == 206", said)
    assert re.search(r"not tried  messages are JSON strings .*neither CCS_DIAL nor CCS_RING", said)
    assert "+| no key is needed to fetch it | **refuted** on a tenant," in said
    assert DEMO.app_token not in said


def contract(environment: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.contract", *options]
    return subprocess.run(
        command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
