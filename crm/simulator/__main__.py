"""`python -m crm.simulator`: the stand-in for Call Center Studio without the CRM.

Needs Flask and the folders `crm/simulator` and `crm/__init__.py`, nothing else. SIMULATOR_PORT is
where it listens, 5001 by default. `flask simulator` is the same with a word on this CRM's commands.
"""

import os
from argparse import ArgumentParser
from pathlib import Path

from crm.simulator import server
from crm.simulator.scenario_files import ScenarioError
from crm.simulator.seed import TENANTS


def main() -> None:
    """Say what a CRM needs to know, and run until Ctrl-C."""
    parser = ArgumentParser("python -m crm.simulator")
    parser.add_argument("--scenarios", metavar="DIR", type=Path, help="a folder of your own ones")
    scenarios = parser.parse_args().scenarios
    port = os.environ.get("SIMULATOR_PORT") or "5001"
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        raise SystemExit(f"SIMULATOR_PORT={port} is not a port.")
    origin = f"http://127.0.0.1:{port}"
    print(f"Simulator's console:   {origin}/  (Ctrl-C stops it)")
    print(f"API:                   {origin}/api/")
    print(f"Softphone's page:      {origin}/generic/sso/")
    for tenant in TENANTS:
        print(f"\nTenant {tenant.host}, times of {tenant.timezone}")
        print(f"  app token: {tenant.app_token}")
        print(f"  agents:    {', '.join(agent.email for agent in tenant.agents)}", flush=True)
    try:
        server.run(int(port), scenarios=scenarios)
    except ScenarioError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
