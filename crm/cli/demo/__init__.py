"""`flask demo`: CRM, simulator and worker on this machine, with invented data, in one command."""

import sys
from pathlib import Path

import click

from crm.cli.demo import at_simulator, installation
from crm.cli.demo.own_settings import FOLDER, demo_settings
from crm.cli.demo.processes import Child, Children
from crm.cli.ports import check_free
from crm.cli.simulator import scenarios_option

ENTRY = "crm.cli.demo.wsgi"
FLASK = (sys.executable, "-m", "flask", "--app", ENTRY)
CONFIG = Path(__file__).parents[3] / "gunicorn.conf.py"
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", str(CONFIG))


@click.command("demo")
@scenarios_option
def command(scenarios: Path | None) -> None:
    """Run the demo: no account and no network needed (PORT, SIMULATOR_PORT)."""
    settings = demo_settings()
    check_free({"PORT": settings.port, "SIMULATOR_PORT": settings.simulator_port})
    if installation.prepare(settings):
        click.echo("A small company was made up for the demo.")
    # Of the CRM's log only warnings are shown.
    quiet = ("--log-level", "warning", "--access-logfile", "/dev/null")
    options = ("--no-past", *(("--scenarios", str(scenarios)) if scenarios else ()))
    children = Children(
        [
            Child("simulator", (*FLASK, "simulator", *options), settings.simulator_port),
            Child("CRM", (*GUNICORN, *quiet, f"{ENTRY}:app"), settings.port, "/healthz"),
            Child("worker", (*FLASK, "worker")),
        ]
    )
    logins = installation.logins(settings)
    with children:
        children.wait_until_they_answer()
        try:
            at_simulator.tell_past(settings)
            at_simulator.connect_ivr(settings, installation.notification_addresses(settings))
        except OSError:  # stopped meanwhile, or a browser has to do it on the console
            click.echo("The simulator's IVR does not notify the CRM; set it up on its console.")
        people = "\n".join(f"  {who.email:<22} {who.password}   {words}" for who, words in logins)
        click.echo(f"""
Contact desk         http://localhost:{settings.port}
Simulator's console  http://127.0.0.1:{settings.simulator_port}  (ring a call from here)

Log in as
{people}

All people are invented and their numbers reach nobody.
Ctrl-C stops everything; the data stays in {FOLDER}.
""")
        children.watch()
    click.echo("Everything is stopped.")
