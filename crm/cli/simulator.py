"""`flask simulator`: the stand-in for Call Center Studio alone, on its own origin."""

import click

from crm.cli.ports import check_free, read_ports
from crm.simulator import server


@click.command("simulator")
def command() -> None:
    """Run the stand-in for Call Center Studio (SIMULATOR_PORT, 5001 by default)."""
    port = read_ports().simulator
    check_free({"SIMULATOR_PORT": port})
    click.echo(f"Simulator's console: http://127.0.0.1:{port}/  (Ctrl-C stops it)")
    server.run(port)
