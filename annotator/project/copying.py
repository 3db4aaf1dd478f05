"""Copying a project file that may be in use: for backups, "Save a copy" and restoring.

The copy is made through a connection of its own, in a thread, in small steps: a reader that stayed in
the file would keep the window from saving (docs/adr/0009). It grows under a temporary name, reaches the
disk, is looked over, and only then gets its name: a copy that bears its name is whole.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.model import DamagedProjectError, ProjectError, StorageError
from annotator.project.leftovers import refuse_old_journal, remove_leftovers, unfinished
from annotator.project.schema import APPLICATION_ID

PAGES = 256  # a step: 1 MB, the longest that an act can have to wait
BUSY = 0.002  # seconds between two tries while the file is being written to
TURN = 0.005  # seconds between two looks at the thread
COUNTED = ("articles", "annotations", "rejections", "acts")

Step = Callable[[int, int], None]  # pages done, pages in all; what it raises ends the copying


class Stopped(Exception):  # noqa: N818  (nothing went wrong)
    """The copying was called off."""


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How many pages of how many are copied."""

    done: int
    total: int

    @property
    def words(self) -> str:
        """What a person is told: nobody knows what a page is."""
        return f"{self.done / self.total:.0%}" if self.done < self.total else "looking the copy over"


@contextmanager
def copy_errors(source: Path, target: Path) -> Iterator[None]:
    """Turn what reading ``source`` and writing ``target`` may raise into plain sentences."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or str(error).startswith("no such table"):
            raise damaged(source) from error
        raise _not_made(target, str(error)) from error
    except OSError as error:
        raise _not_made(target, str(error.strerror or error)) from error
    except StorageError as error:
        if error.__cause__ is None:
            raise
        # It names what was being written to meanwhile, which nobody knows.
        reason = str(getattr(error.__cause__, "strerror", None) or error.__cause__)
        raise _not_made(target, reason) from error


def _not_made(target: Path, reason: str) -> StorageError:
    return StorageError(
        f"{target.name} was not made in {target.parent}: {reason.rstrip('.').lower()}. Make room there or "
        "choose another folder, then try again."
    )


def damaged(path: Path) -> DamagedProjectError:
    """Return the error that says so, and what to do."""
    return DamagedProjectError(
        f"{path.name} is damaged, so no copy was made. Restore the newest backup (File > Restore), or rescue "
        f"what can be read: annotator salvage {path.name} NEW.annot"
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open a project file for reading; a killed writer's journal is finished first where that may be done."""
    from annotator.project.store import _uri

    connection = sqlite3.connect(_uri(path), uri=True)
    try:
        for pragma in ("trusted_schema = OFF", "query_only = ON", "busy_timeout = 5000"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def copy_pages(source: Path, part: Path, step: Step) -> bool:
    """Copy ``source`` to the new file ``part`` in small steps, to the disk, and look the copy over.

    Begins anew whenever somebody writes to the source. Return whether the source was still the same
    at the end. Raises ``DamagedProjectError`` when the copy is not sound (it is what the source is),
    ``sqlite3.DatabaseError`` and ``OSError``; ``part`` may lie there then.
    """
    with closing(connect(source)) as reader, closing(sqlite3.connect(part)) as writer:
        # A copy that was cut off is thrown away: it needs no journal, and reaches the disk as a whole below.
        writer.execute("PRAGMA journal_mode = OFF")
        writer.execute("PRAGMA synchronous = OFF")
        version = _value(reader, "PRAGMA data_version")
        reader.backup(
            writer,
            pages=PAGES,
            progress=lambda _, remaining, total: step(total - remaining, total),
            sleep=BUSY,
        )
        writer.close()
        to_disk(part)
        last, pages = _value(reader, "SELECT max(id) FROM acts"), int(_value(reader, "PRAGMA page_count"))
        same = bool(_value(reader, "PRAGMA data_version") == version)
    with closing(connect(part)) as copy:
        copy.set_progress_handler(lambda: _called_off(step, pages), 100_000)
        try:
            sound = _is_sound(copy)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise Stopped from None
            raise
        copy.set_progress_handler(None, 0)
        # The counts of large tables are not compared with the source: counting there keeps a writer waiting.
        if same and sound:
            sound = _value(copy, "SELECT max(id) FROM acts") == last
            sound = sound and _value(copy, "PRAGMA page_count") == pages
    if not sound:
        raise damaged(source)
    return same


def _called_off(step: Step, pages: int) -> bool:
    try:
        step(pages, pages)
    except Stopped:
        return True
    return False


def _is_sound(copy: sqlite3.Connection) -> bool:
    """Tell whether SQLite finds the copy in order, it is ours, and the tables that matter can be counted."""
    for table in COUNTED:
        _value(copy, f"SELECT count(*) FROM {table}")
    return bool(
        _value(copy, "PRAGMA application_id") == APPLICATION_ID
        and _value(copy, "PRAGMA quick_check(1)") == "ok"
    )


def _value(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def to_disk(path: Path) -> None:
    """Return once the file is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def folder_to_disk(folder: Path) -> None:
    """Return once the folder's list of names is on the disk, where the system knows such a thing."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # some network drives refuse
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


def copy_project(source: Path, target: Path, *, replace: bool = False) -> Generator[CopyProgress, None, Path]:
    """Copy a project, open or not, to ``target`` (suffix ``.annot`` added), compacted by ``VACUUM INTO``.

    A generator that waits for a thread: it yields a :class:`CopyProgress` every few milliseconds and
    returns the copy's path; closing it calls the copying off and leaves nothing behind. Raises
    ``ProjectError`` where ``target`` exists (``replace``: it is replaced, in one step), ``NotAProjectError``,
    ``DamagedProjectError`` or ``StorageError``.
    """
    from annotator.project.store import SUFFIX, _check_header

    if target.suffix != SUFFIX:
        target = target.with_name(target.name + SUFFIX)
    if os.path.lexists(target):
        if source.exists() and target.exists() and source.samefile(target):
            raise ProjectError(f"{target.name} is the project itself. Choose another name for the copy.")
        if not replace:
            raise ProjectError(f"{target.name} exists already. Choose another name.")
        if os.path.lexists(target.with_name(target.name + ".lock")):
            raise ProjectError(
                f"{target.name} is open in an Annotator. Close it there, or choose another name."
            )
    _check_header(source)
    refuse_old_journal(target, replaced=os.path.lexists(target))
    work = _Copying(source, target)
    work.start()
    try:
        while work.is_alive():
            work.join(TURN)
            yield work.progress
        if work.error is not None:
            raise work.error
        with copy_errors(source, target):
            if replace:
                refuse_old_journal(target, replaced=os.path.lexists(target))
                work.compact.replace(target)
            else:
                give_name(work.compact, target)
            folder_to_disk(target.parent)
    finally:
        work.stop.set()
        work.join()
        for path in (work.part, work.compact):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return target


def give_name(part: Path, target: Path) -> None:
    """Give a finished file its name; never in place of a file that appeared meanwhile, if that can be had."""
    refuse_old_journal(target)
    try:
        os.link(part, target)
    except FileExistsError:
        raise ProjectError(f"{target.name} exists already. Choose another name.") from None
    except (OSError, AttributeError):
        part.rename(target)


class _Copying(threading.Thread):
    """Copies in steps, then compacts the private copy: VACUUM INTO would keep the source's writer waiting."""

    def __init__(self, source: Path, target: Path) -> None:
        super().__init__(name=f"copy {target.name}", daemon=True)
        self._source = source
        self._target = target
        self.part = unfinished(target, "part")
        self.compact = unfinished(target, "new")
        self.stop = threading.Event()
        self.progress = CopyProgress(0, 1)
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with copy_errors(self._source, self._target):
                remove_leftovers(self._target.parent)
                copy_pages(self._source, self.part, self._step)
                with closing(connect(self.part)) as copy:
                    copy.execute("PRAGMA query_only = OFF")
                    copy.set_progress_handler(self.stop.is_set, 100_000)
                    copy.execute("VACUUM INTO ?", [os.fspath(self.compact)])
                to_disk(self.compact)
        except BaseException as error:  # raised again by the thread that waits
            self.error = error

    def _step(self, done: int, total: int) -> None:
        if self.stop.is_set():
            raise Stopped
        self.progress = CopyProgress(done, total)
