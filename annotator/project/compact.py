"""Compact: give back the room that nobody needs any more. The only thing that makes history shorter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotator.project.store import Project


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
    acts = project.db.execute(f"SELECT count(*) FROM acts WHERE {condition}").fetchone()[0]
    rows = project.db.execute(
        f"SELECT count(*) FROM act_rows WHERE act IN (SELECT id FROM acts WHERE {condition})"
    ).fetchone()[0]
    return acts, rows


def compact(project: Project, wanted: CompactPlan) -> tuple[int, int]:
    """Drop what ``wanted`` says and pack the file; return its size in bytes before and after.

    Packing needs as much room again on the disk as the file takes, and blocks for some seconds in a
    large project. Raises ``ProjectError`` while a long act is going on.
    """
    project.require_writable()
    before = project.path.stat().st_size
    execute = project.db.execute
    with project.history.transaction():
        project.history.refuse_while_open()
        execute("DELETE FROM act_rows WHERE act IN (SELECT id FROM acts WHERE state = 'undone')")
        execute("UPDATE acts SET state = 'dropped' WHERE state = 'undone'")
        if wanted.old_acts:
            execute("DELETE FROM act_rows WHERE act <= ?", [wanted.until])
            execute("DELETE FROM acts WHERE id <= ?", [wanted.until])
    with project.plain_errors():
        execute("VACUUM")
    return before, project.path.stat().st_size


def sizes(before: int, after: int) -> str:
    """Return "12.0 MB before, 8.5 MB now"."""
    return f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now"


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _acts(number: int) -> str:
    return f"{number:,} act{'' if number == 1 else 's'}"
