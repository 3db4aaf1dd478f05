"""Names for files that are not whole yet, and what killed programs left beside and under such names.

A file is written under such a name beside its target and moved into place when it is whole. A killed
process leaves it behind; whoever writes into that folder next, or opens a project there, takes it away.
"""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from annotator.model import ProjectError
from annotator.project.process import is_running, machine, started

_PREFIX = ".annotator-"
_NAME = re.compile(
    r"\.annotator-(?P<machine>[0-9a-f]{12})-(?P<pid>\d{1,10})-(?P<since>[0-9a-f-]*)-[0-9a-f]{32}"
    r"\.(part|new|folder)(-journal)?"
)
_OTHERS_AGE = 7 * 24 * 3600  # seconds; nobody can ask another machine whether its process still runs


def unfinished(target: Path, kind: str) -> Path:
    """Return a name beside ``target`` that nobody else uses; ``kind`` is ``part``, ``new`` or ``folder``."""
    pid = os.getpid()
    name = f"{_PREFIX}{machine()}-{pid}-{started(pid)}-{uuid.uuid4().hex}.{kind}"
    return target.with_name(name)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file: all of it, or it stays as it was; raises ``OSError``."""
    target = path.resolve()  # through a symbolic link, not instead of it
    part = unfinished(target, "part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove from ``folder`` what dead processes of this program left unfinished there.

    Of another machine's only what nobody has touched for a week. What cannot be removed stays.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and (match := _NAME.fullmatch(entry.name)):
                with suppress(OSError):
                    if match["machine"] == machine():
                        dead = not is_running(int(match["pid"]), match["since"])
                    else:
                        dead = time.time() - entry.stat().st_mtime > _OTHERS_AGE
                    if dead and entry.is_file(follow_symlinks=False):
                        Path(entry.path).unlink()
                    elif dead and entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)


def refuse_old_journal(target: Path, *, replaced: bool = False) -> None:
    """Raise ``ProjectError`` where SQLite would write what a killed program left into a new ``target``.

    The journal of a file that was moved away stays under its name. Where ``target`` is to be ``replaced``
    only one that holds something counts.
    """
    for ending in ("-journal", "-wal"):
        journal = target.with_name(target.name + ending)
        if not os.path.lexists(journal) or (replaced and not _holds_something(journal)):
            continue
        if replaced:
            raise ProjectError(
                f"{target.name} was being written to when its program ended: {journal.name} holds the rest. "
                f"Open {target.name} once, which finishes that, or choose another name."
            )
        raise ProjectError(
            f"{journal.name} is left of another file that was called {target.name}, and would damage a new "
            f"one. Move it to where that file went, under that file's name with {ending} behind it, or "
            "choose another name."
        )


def _holds_something(journal: Path) -> bool:
    """Tell whether SQLite would look into it: https://www.sqlite.org/fileformat.html, 3."""
    with journal.open("rb") as file:
        return file.read(1) not in (b"", b"\0")
