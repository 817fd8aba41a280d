"""`flask simulator`: the stand-in for Call Center Studio alone, on its own origin."""

from pathlib import Path

import click

from crm.cli.ports import check_free, read_ports
from crm.simulator import server
from crm.simulator.scenario_files import ScenarioError, read_scenarios
from crm.simulator.seed import DEMO, TENANTS

# Nothing but this simulator is opened by the app token, so it may stand on a command line.
HOW_TO_CONNECT = """
To point a CRM at it, paste into another terminal (a name of your own may stand for {name}):

  APP_TOKEN={app_token} \\
  flask tenant set {name} --host {host} --timezone {timezone} \\
    --api-url {origin}/api/ --softphone-url {origin}/generic/sso/
  flask agent add you@company.example --name "Your Name" --tenant {name} \\
    --studio-email {email} --admin

Only these people can log in here, so each agent needs one of them as --studio-email:
"""


def readable(_context: click.Context, _option: click.Parameter, folder: Path | None) -> Path | None:
    """The folder, if its files are scenarios; else the command ends with what is wrong with one."""
    try:
        read_scenarios(folder)
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
    return folder


scenarios_option = click.option(
    "--scenarios",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of your own scenarios.",
    callback=readable,
)


@click.command("simulator")
@scenarios_option
@click.option("--no-past", is_flag=True, help="Begin without the invented calls of the last days.")
def command(scenarios: Path | None, no_past: bool) -> None:
    """Run the stand-in for Call Center Studio (SIMULATOR_PORT, 5001 by default)."""
    port = read_ports().simulator
    check_free({"SIMULATOR_PORT": port})
    click.echo(f"Simulator's console: http://127.0.0.1:{port}/  (Ctrl-C stops it)")
    click.echo(how_to_connect(f"http://127.0.0.1:{port}"))
    server.run(port, scenarios=scenarios, with_history=not no_past)


def how_to_connect(origin: str) -> str:
    """The commands that connect a CRM to the simulator at `origin`, and whom it knows."""
    commands = HOW_TO_CONNECT.format(
        name=DEMO.name,
        app_token=DEMO.app_token,
        host=DEMO.host,
        timezone=DEMO.timezone,
        email=DEMO.agents[0].email,
        origin=origin,
    )
    people = [f"  {tenant.host}: {agent.email}" for tenant in TENANTS for agent in tenant.agents]
    return commands + "\n".join(people)
