"""One writer a project file: a lock file beside it that says who has it."""

from __future__ import annotations

import contextlib
import errno
import getpass
import json
import os
import socket
import stat
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from annotator.model import LockedProjectError, ReadOnlyProjectError, StorageError
from annotator.project.leftovers import unfinished
from annotator.project.process import is_running, machine, started

_LARGEST = 4096  # bytes of a lock
_ATTEMPTS = 50  # of those who race for one dead lock, each waits for a turn of some milliseconds


class ProjectLock:
    """The lock file ``NAME.annot.lock``, created exclusively and removed on release.

    A lock is stale when it was made on this machine by a process that no longer runs; that another
    process has its number now makes no difference where the system tells when a process began.
    """

    def __init__(self, project: Path) -> None:
        # Beside the file itself: two links to one project are one project.
        project = project.resolve()
        self.path = project.with_name(project.name + ".lock")
        self._written = ""

    def acquire(self) -> None:
        """Take the lock; raises ``LockedProjectError`` naming the holder."""
        for _ in range(_ATTEMPTS):
            if self._create():
                return
            self._refuse_or_clear()
        raise LockedProjectError(
            f"{self.path.stem} is open elsewhere. Close it there first; if no Annotator is running, delete "
            f"{self.path.name}.",
            "somebody",
        )

    def _create(self) -> bool:
        """Make the lock file; False where there is one.

        It appears with its content: a process killed in between leaves no lock that nobody can read.
        """
        temporary = unfinished(self.path, "new")
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._no_room(error) from error
            raise ReadOnlyProjectError(
                f"The folder of {self.path.stem} cannot be written to, so the project can only be read. "
                "Copy it to a folder of your own to change it."
            ) from error
        written = json.dumps(_me())
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(written)
            _publish(temporary, self.path, written)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._no_room(error) from error
        finally:
            temporary.unlink(missing_ok=True)
        self._written = written
        return True

    def _no_room(self, error: OSError) -> StorageError:
        return StorageError(
            f"The folder of {self.path.stem} cannot be written to: {error.strerror}. Make room there first."
        )

    def release(self) -> None:
        """Give the lock back; harmless when it is not held, or was deleted and taken by another."""
        written, self._written = self._written, ""
        with contextlib.suppress(OSError, ValueError):
            if written and self._read() == written:
                self.path.unlink()

    def _read(self) -> str:
        """Return what the lock says; raises ``OSError`` or ``ValueError`` for what is no lock of ours."""
        if not stat.S_ISREG(self.path.lstat().st_mode):  # reading a pipe would wait for ever
            raise ValueError
        with self.path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError
        return content.decode("utf-8")

    def _refuse_or_clear(self) -> None:
        try:
            text = self._read()
            holder = json.loads(text)
            user, host, pid = str(holder["user"])[:100], str(holder["host"])[:100], int(holder["pid"])
            since = datetime.fromisoformat(str(holder["since"])).astimezone().strftime("%Y-%m-%d %H:%M")
            # Not in the locks of programs and systems that do not know them.
            began, there = str(holder.get("started", "")), str(holder.get("machine", machine()))
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, OSError):
            # Where there are no links its maker may be between creating and writing it: nobody can tell.
            raise LockedProjectError(
                f"{self.path.stem} is open elsewhere. If no Annotator is running, delete {self.path.name}.",
                "somebody",
            ) from None
        # Also the name: clones and containers share the machine's id, and nobody can ask for their processes.
        here = host == socket.gethostname() and there == machine()
        if here and not is_running(pid, began):
            self._clear(text)
            return
        where = "on this computer" if here else f"on {host}"
        raise LockedProjectError(
            f"{self.path.stem} is open in another Annotator: {user}, {where}, since {since} (process {pid}). "
            f"Close it there first; if it is not running any more, delete {self.path.name}.",
            f"{user} {where}",
        )

    def _clear(self, stale: str) -> None:
        """Remove the lock of a dead process, unless another has just done so and made its own."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                if self.path.read_text(encoding="utf-8") == stale:
                    self.path.unlink()
                return
            import fcntl

            with self.path.open(encoding="utf-8") as file:
                try:
                    # Those who found the same dead lock take turns; the second one then finds another file.
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.01)
                    return
                except OSError:  # a file system that knows no such thing
                    pass
                same = os.fstat(file.fileno()).st_ino == self.path.stat().st_ino
                if same and file.read() == stale:
                    self.path.unlink()


def _me() -> dict[str, str | int]:
    return {
        "user": user_name(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": started(os.getpid()),
        "machine": machine(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def user_name() -> str:
    """Return the name that this person logs in with (``annotator`` where the system has none)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "annotator"


def _publish(temporary: Path, path: Path, content: str) -> None:
    """Give ``temporary`` the name ``path`` in one move; raises ``FileExistsError`` where that is taken."""
    if sys.platform == "win32":
        temporary.rename(path)  # refuses to replace a file there
        return
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
