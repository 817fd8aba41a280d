"""The demo's small company moves in: contacts and past calls."""

from flask import Flask


def move_in(app: Flask) -> None:
    """Fill an empty database."""
