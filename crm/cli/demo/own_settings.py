"""The demo's settings. Its files are under `instance/demo`, apart from a real installation.

It reads only PORT and SIMULATOR_PORT from the environment, so it never uses the database that the
`.env` of a real installation names.
"""

import os
import secrets
from pathlib import Path

from dotenv import dotenv_values

from crm import private_files
from crm.cli.ports import read_ports
from crm.settings import Settings

FOLDER = Path("instance/demo").absolute()
DATABASE = FOLDER / "crm.db"
SEED = FOLDER / "seed.db"  # what a reset brings back
ENV_FILE = FOLDER / "demo.env"


def demo_settings(database: Path = DATABASE) -> Settings:
    """The demo's settings; its SECRET_KEY is made at the first start and kept in `demo.env`."""
    port = read_ports()
    return Settings(
        secret_key=_secret_key(),
        database_url=f"sqlite:///{database}",
        public_url=f"http://127.0.0.1:{port.crm}",
        port=port.crm,
        simulator_port=port.simulator,
        queue_path=FOLDER / "queue.db",
    )


def _secret_key() -> str:
    private_files.make_folder(FOLDER)
    private_files.close(ENV_FILE)
    kept = dotenv_values(ENV_FILE).get("SECRET_KEY") if ENV_FILE.exists() else None
    if kept:
        return kept
    key = secrets.token_urlsafe(48)
    with os.fdopen(os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("# The demo's key. Without it the demo's tenants lose their app tokens.\n")
        file.write(f"SECRET_KEY={key}\n")
    return key
