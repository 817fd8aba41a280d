"""Files that only the user who runs the CRM may read: databases, the queue, `.env`.

They are made with 0600 and their folders with 0700, whatever the umask. Files that an earlier
version left readable get these modes when they are used next.
"""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

# Files that SQLite makes beside a database, with the database's mode.
BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents.

    The mode of an existing folder changes only for `instance` and below it: others may be shared on
    purpose.
    """
    ours = Path("instance").absolute()
    for folder in reversed((path.absolute(), *path.absolute().parents)):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
        elif folder.is_relative_to(ours):
            close(folder)


def make_sqlite_file(path: Path) -> None:
    """Make an empty file, which SQLite takes for a new database; or close an existing one.

    Does nothing without its folder: SQLite then reports what is wrong. An existing file is not
    opened: closing it would release all locks that this process has on it (POSIX), and the next
    process to leave the database would delete the log that this one writes to.
    """
    with suppress(FileExistsError, FileNotFoundError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for ending in BESIDE_SQLITE:
        close(path.with_name(path.name + ending))


def close(path: Path) -> None:
    """Remove all rights of group and others, if the file exists."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)
    except FileNotFoundError:
        return
    except PermissionError:
        log.warning("%s can be read by others, and only its owner can change that.", path)
