"""Compact: give back the room that nobody needs any more. The only thing that makes history shorter."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from annotator.model import Cancelled

if TYPE_CHECKING:
    from annotator.project.store import Project

STEP_SECONDS = 0.010  # of dropping; the commit comes on top
AT_A_TIME = 500  # rows of a large act
INSTRUCTIONS = 10_000  # of SQLite's machine, between two looks whether to stop packing


@dataclass(frozen=True, slots=True)
class CompactPlan:
    """What :func:`compact` would drop: acts (and their rows) that could be redone, and that are old.

    ``old_acts`` is 0 unless an age was given; ``until`` is the last of them.
    """

    redo_acts: int
    redo_rows: int
    old_acts: int
    old_rows: int
    until: int

    def summary(self) -> str:
        """Return it in one or two sentences."""
        redo = f"{_acts(self.redo_acts)} ({_rows(self.redo_rows)} kept for redo) can no longer be redone."
        words = [redo] if self.redo_acts else []
        if self.old_acts:
            words.append(
                f"{_acts(self.old_acts)} ({_rows(self.old_rows)}) will leave the history and can no longer "
                "be undone; what they did stays."
            )
        return " ".join(words) or "The history keeps all of its acts."


def plan(project: Project, older_than: int | None = None) -> CompactPlan:
    """Return what compacting would drop; ``older_than`` in days drops that much of the history, too.

    Only the oldest stretch without a gap goes, so that every act that stays can still be undone in turn.
    """
    until = 0
    if older_than is not None:
        limit = (datetime.now(UTC) - timedelta(days=older_than)).isoformat(timespec="milliseconds")
        until = project.db.execute(
            "SELECT coalesce((SELECT min(id) - 1 FROM acts WHERE created_at >= ?), "
            "(SELECT max(id) FROM acts), 0)",
            [limit.replace("+00:00", "Z")],
        ).fetchone()[0]
    redo_acts, redo_rows = _count(project, "state = 'undone'")
    old_acts, old_rows = _count(project, f"id <= {int(until)} AND state <> 'undone'")
    return CompactPlan(redo_acts, redo_rows, old_acts, old_rows, until)


def _count(project: Project, condition: str) -> tuple[int, int]:
    # What each act notes of itself: counting the rows would take a large project's window away.
    acts, rows = project.db.execute(
        "SELECT count(*), coalesce(sum(CASE state WHEN 'dropped' THEN 0 ELSE \"rows\" END), 0) "
        f"FROM acts WHERE {condition}"
    ).fetchone()
    return acts, rows


@dataclass(frozen=True, slots=True)
class CompactProgress:
    """How many rows of how many are dropped; 0 of 0 while the file is packed."""

    done: int
    total: int


def compact(project: Project, wanted: CompactPlan) -> tuple[int, int]:
    """Do what :func:`compact_in_steps` does, in one go."""
    steps = compact_in_steps(project, wanted)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            before, after = end.value
            return before, after


def compact_in_steps(
    project: Project, wanted: CompactPlan, stop: Callable[[], bool] = lambda: False
) -> Generator[CompactProgress, None, tuple[int, int]]:
    """Drop what ``wanted`` says and pack the file; step until it returns its size in bytes before and after.

    The last step packs the file: it needs as much room again on the disk as the file takes, and some seconds
    in a large project. Meanwhile ``stop`` is asked, from that step's thread; where it says so, ``Cancelled``
    is raised, and the file is as large as it was. What was dropped by then stays so; every act
    that the history still has can be undone, whenever this ends. Raises ``ProjectError`` while a long act is
    going on.
    """
    project.require_writable()
    before = project.path.stat().st_size
    project.history.settle()
    with project.history.transaction():
        project.history.refuse_while_open()
        # First of all: an act that lacks a part of its rows must not be one that can be redone.
        project.db.execute("UPDATE acts SET state = 'dropped' WHERE state = 'undone'")
    until = wanted.until if wanted.old_acts else 0
    left = [
        row[0]
        for row in project.db.execute(
            "SELECT id FROM acts WHERE state = 'dropped' AND id > ? "
            "AND EXISTS (SELECT 1 FROM act_rows WHERE act = acts.id)",
            [until],
        )
    ]
    done, total = 0, wanted.redo_rows + wanted.old_rows
    while True:
        with project.history.transaction():
            number = _drop(project, until, left)
        if not number:
            break
        done += number
        yield CompactProgress(min(done, total), total)
    yield CompactProgress(0, 0)
    _pack(project, stop)
    return before, project.path.stat().st_size


def _pack(project: Project, stop: Callable[[], bool]) -> None:
    connection = project.db.conn
    # SQLite packs into a temporary database, which must not be in memory. Choosing that drops all temporary
    # tables and triggers, the history's too: they are made anew before anybody else gets at the connection.
    project.db.execute("PRAGMA temp_store = FILE")
    connection.set_progress_handler(stop, INSTRUCTIONS)
    try:
        with project.plain_errors():
            project.db.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise Cancelled from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
        project.db.execute("PRAGMA temp_store = MEMORY")
        project.history.install()


def _drop(project: Project, until: int, left: list[int]) -> int:
    """Drop what fits into a step; return how much, 0 at the end.

    Acts up to ``until`` go with their rows, of those that are ``left`` only the rows go.

    The oldest act goes first, so that all that are left can be undone in turn.
    """
    execute, number = project.db.execute, 0
    due = time.perf_counter() + STEP_SECONDS
    while not number or time.perf_counter() < due:
        act = execute("SELECT min(id) FROM acts WHERE id <= ?", [until]).fetchone()[0]
        if act is None and left:
            act = left[-1]
        if act is None:
            break
        last = execute(
            'SELECT tbl, "row" FROM act_rows WHERE act = ? ORDER BY tbl, "row" LIMIT 1 OFFSET ?',
            [act, AT_A_TIME],
        ).fetchone()
        if last is not None:
            execute("UPDATE acts SET state = 'dropped' WHERE id = ?", [act])
            execute('DELETE FROM act_rows WHERE act = ? AND (tbl, "row") < (?, ?)', [act, *last])
            number += AT_A_TIME
            continue
        number += max(1, execute("DELETE FROM act_rows WHERE act = ?", [act]).rowcount)
        if act <= until:
            execute("DELETE FROM acts WHERE id = ?", [act])
        else:
            left.pop()
    return number


def sizes(before: int, after: int) -> str:
    """Return "12.0 MB before, 8.5 MB now"."""
    return f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now"


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _acts(number: int) -> str:
    return f"{number:,} act{'' if number == 1 else 's'}"
