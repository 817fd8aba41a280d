"""systemd's units and the example of the environment in `deploy/`."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from crm.settings import Settings
from tests.docs.test_docs import Asked

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
NAMES = [path.name for path in UNITS]
INSTALLED = "/opt/contact-desk"
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "User": "contact-desk",
    "EnvironmentFile": "/etc/contact-desk/environment",
    "StateDirectory": "contact-desk",
    "UMask": "0077",
}


class Keys(RawConfigParser):
    """systemd's keys tell capitals apart."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read(path: Path) -> Keys:
    unit = Keys(interpolation=None)
    unit.read_string(path.read_text())
    return unit


def test_there_is_a_unit_for_pages_worker_and_tables() -> None:
    assert NAMES == [
        "contact-desk-migrate.service",
        "contact-desk-worker.service",
        "contact-desk@.service",
    ]


@pytest.mark.parametrize("path", UNITS, ids=NAMES)
def test_every_unit_runs_as_its_own_user_and_may_do_little(path: Path) -> None:
    service = dict(read(path)["Service"])
    assert HARDENED.items() <= service.items()
    assert "root" not in service["User"]


@pytest.mark.parametrize("path", UNITS, ids=NAMES)
def test_what_a_unit_starts_is_there(path: Path) -> None:
    command = read(path)["Service"]["ExecStart"].split()
    program = command[0].removeprefix(f"{INSTALLED}/.venv/bin/")
    assert program in ("gunicorn", "flask")
    for word in command[1:]:
        if word.startswith(INSTALLED):
            assert (ROOT / word.removeprefix(f"{INSTALLED}/")).exists(), word


@pytest.mark.parametrize("path", [one for one in UNITS if "migrate" not in one.name])
def test_the_tables_are_made_before_pages_and_worker_start(path: Path) -> None:
    unit = read(path)["Unit"]
    assert "contact-desk-migrate.service" in unit["Requires"].split()
    assert "contact-desk-migrate.service" in unit["After"].split()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    for path in UNITS:  # the programs are not installed here
        text = re.sub(rf"{INSTALLED}/\.venv/bin/\w+", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(text)
    files = sorted(tmp_path.iterdir())
    command = ["systemd-analyze", "verify", "--man=no", *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    about_ours = [line for line in told.stderr.splitlines() if "contact-desk" in line]
    assert about_ours == []


def test_every_setting_is_in_the_example_and_no_other() -> None:
    asked = Asked()
    Settings.from_environ(asked)
    text = (ROOT / "deploy/environment.example").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE)) == asked.names


def test_the_example_can_be_used_once_it_has_a_key() -> None:
    lines = (ROOT / "deploy/environment.example").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if re.match("[A-Z]", line))
    settings = Settings.from_environ(told | {"SECRET_KEY": "k" * 40})
    assert settings.trusted_proxies == 1
    assert settings.public_url == "https://crm.example.com"
