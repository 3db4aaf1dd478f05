"""Backups: verified copies in ``backups/`` beside the project, ``NAME-YYYYMMDDTHHMMSSZ.annot``.

``docs/adr/0009`` says why so. A backup has its project's modification time, by which the next opening
sees that nothing has changed since.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from annotator.model import AnnotatorError
from annotator.project.copying import Stopped, connect, copy_errors, copy_pages, folder_to_disk
from annotator.project.leftovers import remove_leftovers, unfinished

FOLDER = "backups"
LAST = 5
DAYS = 7
WEEKS_OF_DAYS = 31  # days for which one backup a week is kept
RESTARTS = 3  # of one try, before it waits for quiet
QUIET = 5.0  # seconds

_STAMP = "%Y%m%dT%H%M%SZ"
_NAMED = re.compile(r".+-\d{8}T\d{6}Z\.annot")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup and what is in it; ``last_act`` is the text of the last act, "" where there is none."""

    path: Path
    made: datetime
    size: int
    articles: int
    done: int
    annotations: int
    last_act: str


def to_delete(times: Iterable[datetime], now: datetime) -> set[datetime]:
    """Return which backups may go: not the last 5, the last of each of 7 days, nor of each week of a month.

    All times in UTC. Whatever claims to be newer than ``now`` stays, and takes no other's place: the
    clock was set back, and nobody knows which of them hold the latest work.
    """
    past = sorted((time for time in times if time <= now), reverse=True)
    keep = set(past[:LAST])
    days: set[object] = set()
    weeks: set[object] = set()
    for time in past:  # newest first: the first of a day or week is its last backup
        age = now - time
        if age < timedelta(days=DAYS) and time.date() not in days:
            days.add(time.date())
            keep.add(time)
        if age < timedelta(days=WEEKS_OF_DAYS) and time.isocalendar()[:2] not in weeks:
            weeks.add(time.isocalendar()[:2])
            keep.add(time)
    return set(past) - keep


def is_backup(path: Path) -> bool:
    """Tell whether a file lies where backups do and bears the name of one."""
    path = path.resolve()
    return path.parent.name == FOLDER and _NAMED.fullmatch(path.name) is not None


def backup_files(project: Path) -> dict[datetime, Path]:
    """Return the project's backups by the time that they were made (UTC), newest first."""
    project = project.resolve()
    pattern = re.compile(re.escape(project.stem) + r"-(\d{8}T\d{6}Z)" + re.escape(project.suffix))
    found = {}
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in (project.parent / FOLDER).iterdir():
            if match := pattern.fullmatch(path.name):
                with suppress(ValueError):  # 99999999T999999Z is no time
                    found[datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)] = path
    return dict(sorted(found.items(), reverse=True))


def newest_backup(project: Path) -> str:
    """Say which backup is the newest and how to restore it, in a sentence; "" where there is none."""
    for made, path in backup_files(project).items():
        shown = project.with_name(FOLDER) / path.name
        return (
            f"Its newest backup is {FOLDER}/{path.name}, made {made:%Y-%m-%d %H:%M} UTC (File > Restore a "
            f"backup, or: annotator copy {shown} NEW.annot)."
        )
    return ""


def list_backups(project: Path) -> list[Backup]:
    """Return the backups that can be read, newest first."""
    found = (read_backup(made, path) for made, path in backup_files(project).items())
    return [backup for backup in found if backup is not None]


def read_backup(made: datetime, path: Path) -> Backup | None:
    """Return what is in a backup, None where it cannot be read; a second for a million annotations."""
    with suppress(sqlite3.Error, OSError), closing(connect(path)) as db:
        row = db.execute(
            "SELECT (SELECT count(*) FROM articles), "
            "(SELECT count(DISTINCT article) FROM progress WHERE status = 'done'), "
            "(SELECT count(*) FROM annotations), "
            "coalesce((SELECT text FROM acts WHERE state = 'done' ORDER BY id DESC LIMIT 1), '')"
        ).fetchone()
        return Backup(path, made, path.stat().st_size, *row)
    return None


class CountingThread(threading.Thread):
    """Reads the backups of a project one after another; ``found`` grows, newest first."""

    def __init__(self, project: Path) -> None:
        super().__init__(name="counting", daemon=True)
        self._files = backup_files(project)
        self._stopped = False
        self.found: list[Backup] = []

    @property
    def files(self) -> int:
        """How many there are to be read."""
        return len(self._files)

    def stop(self) -> None:
        """Read no further one; what is being read is not waited for."""
        self._stopped = True

    def run(self) -> None:
        """Read them all, unless it is stopped."""
        for made, path in self._files.items():
            if self._stopped:
                return
            backup = read_backup(made, path)
            if backup is not None:
                self.found.append(backup)


def is_current(project: Path) -> bool:
    """Tell whether nothing has changed in the project since its newest backup."""
    now = project.stat()
    for path in backup_files(project).values():
        then = path.stat()
        if (then.st_mtime_ns, then.st_size) == (now.st_mtime_ns, now.st_size):
            return True
    return False


def make_backup(
    project: Path, step: Callable[[int, int], None] = lambda done, total: None, now: datetime | None = None
) -> Path | None:
    """Back the project up unless nothing has changed; return the backup, or None where none was needed.

    ``step`` hears how many pages of how many are copied; what it raises ends the work. To be called
    by whoever has the project open for writing. Raises ``DamagedProjectError`` or ``StorageError``; no
    older backup is touched then.
    """
    project = project.resolve()  # beside the file itself, not beside a link to it
    folder = project.parent / FOLDER
    target = _name(project, now or datetime.now(UTC))
    with copy_errors(project, target):
        if is_current(project):
            return None
        folder.mkdir(exist_ok=True)
        remove_leftovers(folder)
        part = unfinished(target, "part")
        try:
            before = project.stat()
            if copy_pages(project, part, step):
                os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
            # Named by when it is whole: acts in between are in it.
            now = made = now or datetime.now(UTC)
            while (target := _name(project, made)).exists():
                made += timedelta(seconds=1)
            part.rename(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        folder_to_disk(folder)
        _delete_old(project, target, now)
    return target


def _name(project: Path, made: datetime) -> Path:
    return project.parent / FOLDER / f"{project.stem}-{made.strftime(_STAMP)}{project.suffix}"


def _delete_old(project: Path, newest: Path, now: datetime) -> None:
    """Delete what need not be kept, but nothing of another project that once had the same name.

    Nor what somebody works on, or has worked on since: an older program opened backups for writing.
    """
    files = backup_files(project)
    ours, _ = _whose(newest)
    for made in to_delete(files, now):
        path = files[made]
        if path == newest or ours is None or any(map(os.path.lexists, (f"{path}.lock", f"{path}-journal"))):
            continue
        whose, last_act = _whose(path)
        # Stamps are in whole seconds.
        if whose == ours and last_act < (made + timedelta(seconds=1)).isoformat():
            path.unlink()


def _whose(path: Path) -> tuple[str | None, str]:
    """Return the id of the project that a backup is of, and when the last act in it was (ISO 8601, UTC)."""
    with suppress(sqlite3.Error), closing(connect(path)) as db:
        row = db.execute(
            "SELECT value, coalesce((SELECT max(created_at) FROM acts), '') FROM settings WHERE key = 'uuid'"
        ).fetchone()
        return (str(row[0]), str(row[1])) if row else (None, "")
    return None, ""


class BackupThread(threading.Thread):
    """Makes a backup beside the work on the project: begun at its opening, called off at its closing.

    Each act begins the copying anew. After a few times it waits until the file is left in peace.
    """

    def __init__(self, project: Path) -> None:
        super().__init__(name="backup", daemon=True)
        self._project = project
        self._stop_event = threading.Event()
        self._restarts = 0
        self._pages = 0
        self.made: Path | None = None
        self.error: AnnotatorError | None = None

    def stop(self) -> None:
        """Call it off and wait until it has ended: some milliseconds."""
        self._stop_event.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Try until it is done, there is nothing to do, it cannot be done, or :meth:`stop` is called."""
        while not self._stop_event.is_set():
            self._restarts = self._pages = 0
            try:
                self.made = make_backup(self._project, self._step)
                return
            except Stopped:
                self._wait_for_quiet()
            except AnnotatorError as error:
                self.error = error
                return

    def _step(self, done: int, total: int) -> None:
        if done < self._pages:
            self._restarts += 1
        self._pages = done
        if self._stop_event.is_set() or self._restarts > RESTARTS:
            raise Stopped

    def _wait_for_quiet(self) -> None:
        changed: int | None = None
        while not self._stop_event.wait(QUIET):
            try:
                seen = self._project.stat().st_mtime_ns
            except OSError:
                return  # the next try says what is wrong
            if seen == changed:
                return
            changed = seen
