"""The command line: `flask tenant …`, `flask agent …`, `flask cdr …`, `flask demo` and the servers."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
