"""`python -m crm.simulator`: copied out of the CRM, with Flask and nothing else installed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from crm.simulator.seed import DEMO

ROOT = Path(__file__).parents[3]
# What Flask brings along; of all else that is installed here nothing may be imported.
FLASK_ALONE = "flask", "werkzeug", "jinja2", "markupsafe", "itsdangerous", "click", "blinker"
ONLY_FLASK = f"""
import runpy, sys, sysconfig
from importlib.machinery import PathFinder

class OnlyFlask:
    def find_spec(self, name, path=None, target=None):
        installed = PathFinder.find_spec(name, [sysconfig.get_path("purelib")])
        if path is None and installed and name not in {FLASK_ALONE}:
            raise ModuleNotFoundError(f"{{name}} is not Flask", name=name)

sys.meta_path.insert(0, OnlyFlask())
runpy.run_module("crm.simulator", run_name="__main__")
"""


def test_it_needs_flask_alone_and_says_how_to_connect(tmp_path: Path) -> None:
    for copied in ("crm/__init__.py", "crm/simulator"):
        source, target = ROOT / copied, tmp_path / copied
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", ONLY_FLASK],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SIMULATOR_PORT": str(port)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        said = ""
        while "jonas@second.example" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        asked = {"function": "login", "email": DEMO.agents[0].email, "app_token": DEMO.app_token}
        answer = once_it_listens(f"http://127.0.0.1:{port}/api/", asked)
        process.kill()
    assert DEMO.app_token in said
    assert answer["login"] is True


def once_it_listens(url: str, asked: dict[str, str]) -> Any:
    deadline = time.monotonic() + 90
    while True:
        try:
            return requests.get(url, asked, timeout=5).json()
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
