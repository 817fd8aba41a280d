"""Files that nobody but the user who runs the CRM may read: databases, the queue, `.env`.

Whatever the umask says they are made with 0600 and their folder with 0700, and what an earlier
version left open is closed when it is used next.
"""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

# What SQLite keeps beside a database. It makes them with the mode that the database has.
BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")


def make_folder(path: Path) -> None:
    """Make a folder, and what is missing above it. One that is there is left as it is, unless it is
    `instance` or in it: another may be shared on purpose.
    """
    ours = Path("instance").absolute()
    for folder in reversed((path.absolute(), *path.absolute().parents)):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
        elif folder.is_relative_to(ours):
            close(folder)


def make_sqlite_file(path: Path) -> None:
    """Make an empty file, which SQLite takes for a new database, or close the one that is there.

    Does nothing without its folder: SQLite itself says what is wrong then. A file that is there is
    not opened: closing it again would take away all locks that this process has on it (POSIX), and
    the next process to leave the database would delete the log that this one writes into.
    """
    with suppress(FileExistsError, FileNotFoundError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for ending in BESIDE_SQLITE:
        close(path.with_name(path.name + ending))


def close(path: Path) -> None:
    """Take everybody else's rights away, if there is such a file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)
    except FileNotFoundError:
        return
    except PermissionError:
        log.warning("%s can be read by others, and only its owner can change that.", path)
