"""One writer a project file: a lock file beside it that says who has it."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from annotator.model import LockedProjectError, ReadOnlyProjectError, StorageError


class ProjectLock:
    """The lock file ``NAME.annot.lock``, created exclusively and removed on release.

    A lock is stale when it was made on this host by a process that no longer runs.
    """

    def __init__(self, project: Path) -> None:
        # Beside the file itself: two links to one project are one project.
        project = project.resolve()
        self.path = project.with_name(project.name + ".lock")
        self._written = ""

    def acquire(self) -> None:
        """Take the lock; raises ``LockedProjectError`` naming the holder."""
        for _ in range(2):
            try:
                descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                self._refuse_or_clear()
                continue
            except OSError as error:
                raise ReadOnlyProjectError(
                    f"The folder of {self.path.stem} cannot be written to, so the project can only be read. "
                    "Copy it to a folder of your own to change it."
                ) from error
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    self._written = json.dumps(_me())
                    file.write(self._written)
            except OSError as error:
                self.path.unlink(missing_ok=True)
                raise StorageError(
                    f"The folder of {self.path.stem} cannot be written to: {error.strerror}. "
                    "Make room there first."
                ) from error
            return
        raise LockedProjectError(f"{self.path.stem} is open elsewhere. Close it there first.", "somebody")

    def release(self) -> None:
        """Give the lock back; harmless when it is not held, or was deleted and taken by another."""
        written, self._written = self._written, ""
        with contextlib.suppress(OSError):
            if written and self.path.read_text(encoding="utf-8") == written:
                self.path.unlink()

    def _refuse_or_clear(self) -> None:
        try:
            holder = json.loads(self.path.read_text(encoding="utf-8"))
            user, host, pid = str(holder["user"]), str(holder["host"]), int(holder["pid"])
            since = str(holder["since"])
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, OSError):
            # Its maker may be between creating and writing it, or died there: nobody can tell.
            raise LockedProjectError(
                f"{self.path.stem} is open elsewhere. If no Annotator is running, delete {self.path.name}.",
                "somebody",
            ) from None
        if host == socket.gethostname() and not _is_running(pid):
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            return
        where = "on this computer" if host == socket.gethostname() else f"on {host}"
        raise LockedProjectError(
            f"{self.path.stem} is open in another Annotator: {user}, {where}, since {since} (process {pid}). "
            f"Close it there first; if it is not running any more, delete {self.path.name}.",
            f"{user} {where}",
        )


def _me() -> dict[str, str | int]:
    return {
        "user": user_name(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def user_name() -> str:
    """Return the name that this person logs in with (``annotator`` where the system has none)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "annotator"


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        # os.kill(pid, 0) would send Ctrl+C there.
        import ctypes

        synchronize, timeout = 0x00100000, 0x102
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        if not handle:
            return False
        running = ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == timeout
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(running)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
