"""The command line: `flask tenant|agent|cdr|calls|secrets …`, `flask worker|doctor|demo|simulator`.

One file a noun; each is a thin layer over the module that decides.
"""

import click
from flask import Flask
from flask.cli import AppGroup

from crm.cli import agent, calls, cdr, demo, doctor, secrets, simulator, tenant, worker
from crm.settings import SettingsError

STANDALONE = (demo.command, simulator.command)


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    groups = (tenant.group, agent.group, cdr.group, calls.group, secrets.group)
    for command in (*groups, worker.command, doctor.command, *STANDALONE):
        app.cli.add_command(command)


def without_settings(error: SettingsError) -> Flask:
    """The app for `flask` when the environment cannot be used.

    The demo and the simulator start on a fresh machine. Any other command prints `error` and ends
    the process.
    """
    # While `flask` looks for a command of ours it is in its outermost context. A command that
    # Flask or Flask-Migrate brought (run, db) is in one of its own by now, a server in none.
    context = click.get_current_context(silent=True)
    if context is None or context.parent is not None:
        raise SystemExit(f"Error: {error}")
    app = Flask("crm")
    app.cli = _StandaloneCommands(error)
    return app


class _StandaloneCommands(AppGroup):
    """The commands that bring their own settings; any other raises the error."""

    def __init__(self, error: SettingsError) -> None:
        super().__init__(commands=STANDALONE)
        self.error = error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name. Raises the error of the settings for any other."""
        command = super().get_command(ctx, cmd_name)
        if command is None:
            raise click.ClickException(str(self.error))
        return command
