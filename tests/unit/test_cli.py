"""The command line as somebody types it: words, exit codes, and secrets that are not echoed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from crm import agents, secret_box, tenants
from crm.cli.simulator import how_to_connect
from crm.factory import create_app
from crm.models import Tenant
from crm.settings import Settings
from crm.simulator import seed
from tests.conftest import SECRET_KEY
from tests.world import running_simulator


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`flask` with these arguments, nobody at the keyboard."""
    for name in ("APP_TOKEN", "PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    runner: FlaskCliRunner = app.test_cli_runner()

    def run(*arguments: str, typed: str = "", **environment: str) -> Result:
        return runner.invoke(args=arguments, input=typed, env=environment)

    return run


def token_of(name: str) -> str:
    tenant = tenants.by_name(name)
    assert tenant is not None
    return secret_box.unseal(tenant.app_token_sealed or "", keys=(SECRET_KEY,))


def test_it_makes_a_tenant_with_a_token_from_stdin(run: Any) -> None:
    result = run("tenant", "set", "acme", "--timezone", "Europe/Berlin", typed="a-token\n")
    assert result.exit_code == 0
    assert "a-token" not in result.output
    assert token_of("acme") == "a-token"


def test_it_takes_the_token_from_the_environment(run: Any) -> None:
    run("tenant", "set", "acme", APP_TOKEN="from-the-environment")
    assert token_of("acme") == "from-the-environment"


def test_it_keeps_the_token_when_none_is_given(run: Any) -> None:
    run("tenant", "set", "acme", typed="a-token\n")
    result = run("tenant", "set", "acme", "--region", "DE")
    assert "changed" in result.output
    assert token_of("acme") == "a-token"


def test_it_says_that_a_tenant_has_no_token(run: Any) -> None:
    assert "no app token yet" in run("tenant", "set", "acme").output


def test_it_tries_the_connection_and_saves_all_the_same(run: Any) -> None:
    with running_simulator() as simulator:
        address = ("--host", seed.DEMO.host, "--api-url", f"{simulator.url}/api/")
        wrong = run("tenant", "set", "acme", *address, APP_TOKEN="nonsense")
        assert wrong.exit_code == 0
        assert "saved, but cannot be used yet" in wrong.output
        assert "does not accept this tenant's app token" in wrong.output
        assert token_of("acme") == "nonsense"
        right = run("tenant", "set", "acme", APP_TOKEN=seed.DEMO.app_token)
        assert "answered and took the app token" in right.output
    gone = run("tenant", "set", "acme", "--region", "DE")
    assert "could not be reached" in gone.output


def test_a_bad_scenario_is_told_before_the_simulator_starts(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('title = "Mine"\nsee = "x"\n', encoding="utf-8")
    told = run("simulator", "--scenarios", str(tmp_path))
    assert (told.exit_code, "mine.toml, line 1: there is no [[step]]" in told.output) == (1, True)


def test_what_the_simulator_prints_connects_a_crm(app: Flask, settings: Settings) -> None:
    with running_simulator() as simulator:
        printed, _, people = how_to_connect(simulator.url).partition("Only these people")
        done = subprocess.run(
            "set -e\n" + "\n".join(line for line in printed.splitlines() if line.startswith("  ")),
            shell=True,
            executable="/bin/bash",
            input="a long password\n",
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "SECRET_KEY": SECRET_KEY,
                "DATABASE_URL": settings.database_url,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert "answered and took the app token" in done.stdout, done.stderr
    added = agents.authenticate("you@company.example", "a long password")
    assert added is not None
    assert (added.is_admin, added.studio_email) == (True, "ayse@demo.example")
    assert "jonas@second.example" in people


def test_it_switches_the_reconciliation(run: Any) -> None:
    run("tenant", "set", "acme")
    for option, word in (("--no-reconcile", "not reconciled"), ("--reconcile", "  reconciled")):
        run("tenant", "set", "acme", option)
        assert word in run("tenant", "list").output
        run("tenant", "set", "acme", "--region", "DE")
        assert word in run("tenant", "list").output


def test_it_switches_the_softphones_sandbox(run: Any) -> None:
    run("tenant", "set", "acme")
    for options, free in (
        ((), False),
        (("--no-softphone-sandbox",), True),
        (("--region", "DE"), True),
        (("--softphone-sandbox",), False),
    ):
        run("tenant", "set", "acme", *options)
        (tenant,) = tenants.all_tenants()
        assert tenant.softphone_unsandboxed is free


def test_it_says_which_option_cannot_be_used(run: Any) -> None:
    result = run("tenant", "set", "acme", "--region", "XX", "--host", "a b")
    assert result.exit_code == 1
    assert "--region: XX is no country" in result.output
    assert "--host: Enter the host name alone" in result.output
    assert tenants.all_tenants() == []


@pytest.mark.parametrize("option", ["--dial-format", "--softphone-tenant"])
def test_a_choice_that_does_not_exist_is_a_usage_error(run: Any, option: str) -> None:
    assert run("tenant", "set", "acme", option, "both").exit_code == 2


def test_it_lists_tenants_without_their_tokens(run: Any) -> None:
    assert "No tenant yet" in run("tenant", "list").output
    run("tenant", "set", "acme", typed="a-token\n")
    listed = run("tenant", "list").output
    assert "acme" in listed
    assert "app token set on" in listed
    assert "a-token" not in listed


@pytest.fixture
def acme(run: Any) -> Tenant:
    """A tenant to add agents to."""
    run("tenant", "set", "acme", typed="a-token\n")
    tenant = tenants.by_name("acme")
    assert tenant is not None
    return tenant


def add(run: Any, *more: str, **environment: str) -> Result:
    arguments = ("agent", "add", "can@acme.example", "--name", "Can", "--tenant", "acme")
    result: Result = run(*arguments, *more, **environment)
    return result


def test_it_adds_an_admin_with_a_password_from_the_environment(run: Any, acme: Tenant) -> None:
    result = add(run, "--admin", "--studio-email", "can@studio.example", PASSWORD="demo-desk-1")
    assert result.exit_code == 0
    assert "demo-desk-1" not in result.output
    added = agents.authenticate("can@acme.example", "demo-desk-1")
    assert added is not None
    assert (added.is_admin, added.studio_email) == (True, "can@studio.example")


@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "A password is needed"), ({"PASSWORD": "short"}, "at least 10 characters")],
)
def test_it_adds_nobody_without_a_proper_password(
    run: Any, acme: Tenant, environment: dict[str, str], words: str
) -> None:
    result = add(run, **environment)
    assert result.exit_code == 1
    assert words in result.output
    assert agents.all_agents() == []


def test_it_says_that_the_tenant_is_missing(run: Any) -> None:
    result = add(run, PASSWORD="demo-desk-1")
    assert result.exit_code == 1
    assert "There is no tenant acme. Make it: flask tenant set acme" in result.output


def test_it_deactivates_and_resets(run: Any, acme: Tenant) -> None:
    add(run, PASSWORD="demo-desk-1")
    assert run("agent", "deactivate", "can@acme.example").exit_code == 0
    assert "deactivated" in run("agent", "list").output
    run("agent", "reactivate", "can@acme.example")
    run("agent", "reset-password", "can@acme.example", typed="another long one\n")
    assert agents.authenticate("can@acme.example", "another long one") is not None


def test_it_keeps_the_last_admin(run: Any, acme: Tenant) -> None:
    add(run, "--admin", PASSWORD="demo-desk-1")
    result = run("agent", "deactivate", "can@acme.example")
    assert result.exit_code == 1
    assert "last admin" in result.output


def test_it_says_that_there_is_no_such_agent(run: Any) -> None:
    result = run("agent", "deactivate", "nobody@acme.example")
    assert result.exit_code == 1
    assert "There is no agent nobody@acme.example" in result.output


def test_it_says_that_the_tables_are_missing(tmp_path: Any) -> None:
    settings = Settings(secret_key=SECRET_KEY, database_url=f"sqlite:///{tmp_path}/empty.db")
    result = create_app(settings).test_cli_runner().invoke(args=["tenant", "list"])
    assert result.exit_code == 1
    assert "flask db upgrade" in result.output
