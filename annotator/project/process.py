"""Which process, on which machine: what a lock or an unfinished file says of its maker, and is it running?"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

_MACHINE_ID = Path("/etc/machine-id")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@cache
def machine() -> str:
    """Return 12 hexadecimal digits that tell this machine from another one of the same host name.

    Where the system has no machine id only the host name counts. The id itself is not given away.
    """
    return sha256(f"annotator {socket.gethostname()} {_read(_MACHINE_ID)}".encode()).hexdigest()[:12]


def started(pid: int) -> str:
    """Return when a process began, in words of the kernel's: the boot and its clock ticks; "" if unknown.

    A process number is given out again; a process number with its beginning is not.
    """
    fields = _stat(pid)
    return f"{_read(_BOOT_ID)[:8]}-{fields[19]}" if len(fields) > 19 else ""


def is_running(pid: int, since: str = "") -> bool:
    """Tell whether a process of this machine still runs; ``since`` is what :func:`started` said of it."""
    # A killed process whose parent has not asked for it yet is listed still, as a zombie (Z) or dead (X).
    if not _exists(pid) or _stat(pid)[:1] in (["Z"], ["X"]):
        return False
    now = started(pid) if since else ""
    return not now or now == since


def _stat(pid: int) -> list[str]:
    """Return the fields that the kernel tells of a process, from its state on; none where it does not."""
    # The second field, the program's name, may hold blanks and brackets: proc(5).
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # no such system, or it does not tell
        return ""


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        # os.kill(pid, 0) would send Ctrl+C there.
        import ctypes

        synchronize, timeout, access_denied = 0x00100000, 0x102, 5
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        if not handle:
            return bool(ctypes.windll.kernel32.GetLastError() == access_denied)  # it is somebody else's
        running = ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == timeout
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(running)
    if pid <= 0:  # to kill(2) these are groups of processes
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
