"""`flask demo`: CRM, simulator and worker on this machine, seeded, with one command."""

import click

from crm.cli.demo import installation, ivr, start
from crm.cli.demo.logins import LOGINS
from crm.cli.demo.own_settings import FOLDER, demo_settings
from crm.cli.ports import check_free
from crm.settings import Settings


@click.command("demo")
def command() -> None:
    """Run the demo: no account and no network needed (PORT, SIMULATOR_PORT)."""
    settings = demo_settings()
    check_free({"PORT": settings.port, "SIMULATOR_PORT": settings.simulator_port})
    if installation.prepare(settings):
        click.echo("A small company was made up for the demo.")
    children = start.children_of(settings)
    with children:
        children.wait_until_they_answer()
        try:
            ivr.connect(settings, installation.hook_secrets(settings))
        except OSError:  # stopped meanwhile, or a browser has to do it on the console
            click.echo("The simulator's IVR does not notify the CRM; set it up on its console.")
        click.echo(_welcome(settings))
        children.watch()
    click.echo("Everything is stopped.")


def _welcome(settings: Settings) -> str:
    people = "\n".join(f"  {who.email:<22} {who.password}   {who.about}" for who in LOGINS)
    return f"""
Contact desk         http://localhost:{settings.port}
Simulator's console  http://127.0.0.1:{settings.simulator_port}  (ring a call from here)

Log in as
{people}

All people are invented and their numbers reach nobody.
Ctrl-C stops everything; the data stays in {FOLDER}.
"""
