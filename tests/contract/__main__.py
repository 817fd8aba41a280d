"""`make contract`: tries on a real tenant what docs/vendor.md says of the vendor.

Ends with what was confirmed, refuted and not tried, and with the change of docs/vendor.md.
"""

import os
import sys

import pytest

from tests.contract.facts import REAL

FILES = ("test_facts_read", "test_facts_of_a_dial", "test_client_against_simulator")


def main(*options: str) -> int:
    """Run the suite on the simulator and on the tenant that the environment names.

    options: pytest's own.
    """
    missing = [name for name in REAL if not os.environ.get(name)]
    if missing:
        print(
            "CCS_TENANT (the full host), CCS_APP_TOKEN and CCS_AGENT (an agent's e-mail address) "
            f"name a tenant to try it on. Missing: {', '.join(missing)}. More: docs/vendor.md.",
            file=sys.stderr,
        )
        return 2
    paths = [f"tests/contract/{name}.py" for name in FILES]
    return pytest.main(["-p", "no:xdist", "--quiet", "--tb=short", *options, *paths])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
