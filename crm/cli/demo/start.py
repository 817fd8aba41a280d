"""Which processes make the demo, and how each is started."""

import sys
from pathlib import Path

from crm.cli.demo.processes import Child, Children
from crm.settings import Settings

ENTRY = "crm.cli.demo.wsgi"
FLASK = (sys.executable, "-m", "flask", "--app", ENTRY)
CONFIG = Path(__file__).parents[3] / "gunicorn.conf.py"
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", str(CONFIG))


def children_of(settings: Settings) -> Children:
    """CRM, simulator and worker; of the CRM's lines only warnings are shown."""
    quiet = ("--log-level", "warning", "--access-logfile", "/dev/null")
    crm = (*GUNICORN, *quiet, f"{ENTRY}:app")
    return Children(
        [
            Child("simulator", (*FLASK, "simulator"), settings.simulator_port),
            Child("CRM", crm, settings.port, "/healthz"),
            Child("worker", (*FLASK, "worker")),
        ]
    )
