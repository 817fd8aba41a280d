"""The processes of a run: nginx, two machines with a CRM and a worker each, and the vendor."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from crm.private_files import make_folder
from crm.settings import Settings
from crm.simulator.seed import Tenant
from tests.cluster.proxy import DEBIANS_CONNECTIONS, RAISED, Proxy
from tests.soak import installation
from tests.soak.crm import Crm
from tests.soak.processes import Program, environment, free_port
from tests.soak.vendor import Vendor

MANY_AGENTS = 300  # more need more connections than Debian's nginx allows
SWITCHES = {"cdr_delay": 1.0, "key_after": 0.1, "far_side_answers_after": None}


class Cluster:
    """The processes. machines: each a CRM and a worker in a folder of its own."""

    def __init__(self, folder: Path, database_url: str, agents: int) -> None:
        ports = (free_port(), free_port())
        connections = DEBIANS_CONNECTIONS if agents <= MANY_AGENTS else RAISED
        self.proxy = Proxy(folder, ports, connections)
        self.settings = Settings(
            secret_key=installation.SECRET_KEY,
            database_url=database_url,
            public_url=f"https://localhost:{self.proxy.port}",
            trusted_proxies=1,
        )
        self.machines = [self._machine(folder / f"machine-{port}", port) for port in ports]
        port = free_port()
        self.vendor = Vendor(port)
        trusts = {"SSL_CERT_FILE": str(self.proxy.certificate)}
        command = (sys.executable, "-m", "tests.soak.vendor", str(port), str(agents))
        self.simulator = Program("simulator", command, folder, environment(**trusts), port)

    def _machine(self, folder: Path, port: int) -> Crm:
        make_folder(folder)
        return Crm(replace(self.settings, port=port), folder)

    @contextlib.contextmanager
    def running(self, tenants: tuple[Tenant, ...]) -> Iterator[None]:
        """All of it, until the block ends."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.simulator.stop)
            self.simulator.start()
            installation.move_in(self.settings, self.vendor, tenants)
            self.vendor.post("switches", **SWITCHES)
            for machine in self.machines:
                stack.enter_context(machine.running())
            stack.callback(self.proxy.program.stop)
            self.proxy.start()
            yield
