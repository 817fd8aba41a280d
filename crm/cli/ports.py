"""Where the demo's servers listen, and whether those ports are free. Used by demo and simulator."""

import errno
import os
import socket
from dataclasses import dataclass

import click

from crm.settings import Settings, SettingsError

# The demo and the simulator start without any settings; a key is only needed to read the ports.
_NO_KEY = {"SECRET_KEY": "-" * 32}


@dataclass(frozen=True)
class Ports:
    """PORT and SIMULATOR_PORT."""

    crm: int
    simulator: int


def read_ports() -> Ports:
    """The ports that the environment names. Ends the command when one is not a port."""
    named = {name: os.environ[name] for name in ("PORT", "SIMULATOR_PORT") if name in os.environ}
    try:
        settings = Settings.from_environ(_NO_KEY | named)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    return Ports(crm=settings.port, simulator=settings.simulator_port)


def check_free(ports: dict[str, int]) -> None:
    """End the command with a sentence for each port (variable -> port) that is taken."""
    taken = [
        f"Port {port} is taken. Set {name} to a free one, for example: {name}={port + 100}"
        for name, port in ports.items()
        if is_taken(port)
    ]
    if len(set(ports.values())) < len(ports):
        taken = [f"{' and '.join(ports)} must not be the same port."]
    if taken:
        raise click.ClickException("\n".join(taken))


def is_taken(port: int) -> bool:
    """Whether a server cannot listen on this machine's own addresses at this port.

    Both are tried: a browser may resolve localhost to ::1, where another program would answer.
    """
    return _is_taken(socket.AF_INET, "127.0.0.1", port) or _is_taken(socket.AF_INET6, "::1", port)


def _is_taken(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind((address, port))
    except OSError as error:
        return error.errno in (errno.EADDRINUSE, errno.EACCES)  # anything else: no such address
    return False
