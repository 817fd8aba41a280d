"""Shared by the commands: how they ask for a secret, and how they report database errors."""

import os
import sys

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError


def secret(variable: str, prompt: str, *, confirm: bool = False) -> str | None:
    """A secret from an environment variable, a hidden prompt or the first line of stdin.

    Never from an option: other users of the machine can read command lines. None when nothing was
    given.
    """
    given = os.environ.get(variable)
    if given:
        return given
    if sys.stdin.isatty():
        given = click.prompt(
            prompt, default="", hide_input=True, show_default=False, confirmation_prompt=confirm
        )
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    return given or None


class Group(AppGroup):
    """A group of commands that says so in a sentence when the database cannot be used."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(
                f"The database cannot be used: {reason}. Is DATABASE_URL right? "
                "New tables are made by: flask db upgrade"
            ) from None
