"""Acts, undo and redo: before-images of rows, written by triggers.

Each connection makes TEMP triggers on every human table. Within an act they write one
``act_rows(act, tbl, row, before)`` for each row it touches: the row's JSON image before the act,
NULL where it was absent; the first image wins. Undoing puts the images back under the same act, so
that the same triggers record what redo needs. No method can forget its history.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from annotator.model import LARGE_ACT, Act, Change, FinishedFirstError, ProjectError, RowsInTheWayError
from annotator.project.long_act import LongAct, OpenAct
from annotator.project.many_rows import MANY, insert_rows
from annotator.project.putting_back import put_images_back
from annotator.project.schema import HUMAN_TABLES
from annotator.project.suggested_labels import images_of
from annotator.project.swapping import (
    SwapProgress,
    finish_swap,
    go_on_in_steps,
    half_done_tables,
    in_the_way,
    keep_cut_off,
    readable_images,
    swap_in_steps,
)

if TYPE_CHECKING:
    from annotator.project.store import Project


def now() -> str:
    """Return the time as ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


FORGOTTEN_AT_ONCE = 2_000  # rows


class History:
    """The acts of a project, in order: the undo and redo stacks in one table."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._columns: dict[str, list[str]] = {}
        self.cancelled: int | None = None  # a long act that could not be taken back yet
        self._dropped: list[int] = []  # acts whose images are still to be deleted

    def install(self) -> None:
        """Make this connection's triggers; to be called once the schema is current."""
        self._db.execute("CREATE TEMP TABLE current_act (act INTEGER)")
        self._dropped = [
            row[0]
            for row in self._db.execute(
                "SELECT id FROM acts WHERE state = 'dropped' "
                "AND EXISTS (SELECT 1 FROM act_rows WHERE act = acts.id)"
            )
        ]
        self._db.execute(
            "CREATE TEMP TABLE images (tbl TEXT, id INTEGER, before TEXT, PRIMARY KEY (tbl, id))"
        )
        for table in HUMAN_TABLES:
            for event in ("INSERT", "UPDATE", "DELETE"):
                self._make_trigger(table, event)

    def _make_trigger(self, table: str, event: str) -> None:
        row, before = ("new.id", "NULL") if event == "INSERT" else ("old.id", self.image(table, "old"))
        # Not OR IGNORE: a statement with a conflict clause of its own (an upsert) overrides it here.
        self._db.execute(
            f"CREATE TEMP TRIGGER history_{table}_{event} AFTER {event} ON main.{table} "
            "WHEN EXISTS (SELECT 1 FROM current_act) BEGIN "
            f'INSERT INTO act_rows(act, tbl, "row", before) '
            f"SELECT act, '{table}', {row}, {before} FROM current_act AS c "
            "WHERE NOT EXISTS (SELECT 1 FROM act_rows r "
            f"WHERE r.act = c.act AND r.tbl = '{table}' AND r.\"row\" = {row}); "
            "END"
        )

    def columns(self, table: str) -> list[str]:
        """Return the names of a human table's columns."""
        if table not in self._columns:
            rows = self._db.execute(f"PRAGMA table_info({table})")
            self._columns[table] = [row[1] for row in rows]
        return self._columns[table]

    def image(self, table: str, row: str) -> str:
        """Return the SQL for the image of ``row`` (an alias of ``table``) as the triggers write it."""
        return "json_object(" + ", ".join(f"'{c}', {row}.\"{c}\"" for c in self.columns(table)) + ")"

    @property
    def project(self) -> Project:
        """The project whose acts these are."""
        return self._project

    @contextmanager
    def transaction(self, *, waits: bool = True) -> Iterator[None]:
        """One durable transaction; SQLite's errors become plain sentences.

        It ``waits`` while another program writes, and is begun for writing to this end: what was read before
        might be changed by then. One that most often only reads, and comes again, need not.
        """
        connection = self._db.conn
        with self._project.plain_errors():
            if connection.in_transaction:
                with self._db.atomic():
                    yield
                return
            connection.execute("BEGIN IMMEDIATE" if waits else "BEGIN")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()  # does nothing where the error has ended the transaction
                raise

    def record(self, act: int | None) -> None:
        """Let the triggers write under ``act``, or stop them (None)."""
        self._db.execute("DELETE FROM current_act")
        if act is not None:
            self._db.execute("INSERT INTO current_act VALUES (?)", [act])

    def insert_many(
        self, table: str, rows: Sequence[tuple[Any, ...]], columns: Sequence[str], first: int
    ) -> None:
        """Insert ``rows`` into a human table, within the act that is going on; with ids from ``first`` on."""
        with self.inserting(table, first, len(rows)):
            insert_rows(self._db.conn, table, rows, columns)

    @contextmanager
    def inserting(self, table: str, first: int, number: int) -> Iterator[None]:
        """Within the block ``number`` rows are inserted into a human table, with ids from ``first`` on.

        That they were absent is noted for all of them at once: the trigger takes as long as the insertion.
        """
        act = self._db.execute("SELECT act FROM current_act").fetchone()
        if act is None:
            yield
            return
        self.record(None)
        with self._without_trigger(table) if number >= MANY else nullcontext():
            yield
        # Or ignore: the first image wins, of a row that had the number before and went within the act.
        self._db.execute(
            f"INSERT OR IGNORE INTO act_rows SELECT ?, '{table}', id, NULL FROM {table} "
            "WHERE id BETWEEN ? AND ?",
            [act[0], first, first + number - 1],
        )
        self.record(act[0])

    @contextmanager
    def unchecked(self) -> Iterator[None]:
        """Do without foreign keys around a transaction; within one SQLite leaves them as they are."""
        self._db.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            self._db.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def _without_trigger(self, table: str) -> Iterator[None]:
        """Do without the trigger of insertions, which is felt even when it has nothing to do.

        It is made anew whatever happens; rolling back would bring it back as well.
        """
        self._db.execute(f"DROP TRIGGER temp.history_{table}_INSERT")
        try:
            yield
        finally:
            self._make_trigger(table, "INSERT")

    @contextmanager
    def act(self, text: str, article: int | None = None) -> Iterator[OpenAct]:
        """Do one act in one transaction, durable when the block ends; roll back on any exception."""
        self._project.require_writable()
        self.settle()
        with self.transaction():
            act = self._open(text, article)
            yield act
            self.close(act)

    def long_act(self, text: str, article: int | None = None) -> LongAct:
        """Begin an act in many transactions; ``article`` is the one that it is about, where it is one."""
        self._project.require_writable()
        self.settle()
        with self.transaction():
            act = self._open(text, article)
            self.record(None)
        return LongAct(self, act)

    def _open(self, text: str, article: int | None) -> OpenAct:
        self.refuse_while_open()
        cursor = self._db.execute(
            "INSERT INTO acts(annotator, text, article, created_at, state) VALUES (?, ?, ?, ?, 'open')",
            [self._project.annotator, text, article, now()],
        )
        assert cursor.lastrowid is not None
        self.record(cursor.lastrowid)
        return OpenAct(cursor.lastrowid, text, article)

    def settle(self) -> None:
        """Complete what was cut off, so that something new can be done.

        Raises ``FinishedFirstError`` where that was an undo or redo: who pressed the key has not seen yet
        what it does, and a new act would take the way back from them.
        """
        self.finish_cancelling()
        act = None if self._db.conn.in_transaction else self.half_done()
        if act is not None:
            finish_swap(self._project)
            word = "undo" if self._is(act, "undone") else "redo"
            raise FinishedFirstError(
                f"The {word} of “{act.text}” was not complete. It is now, and nothing else was done: look at "
                "it, then do this step again.",
                self._changed_by(act),
            )

    def refuse_while_open(self) -> None:
        """Raise ``ProjectError`` while a long act goes on; an undo that was cut off is finished first."""
        finish_swap(self._project)
        if self._db.execute("SELECT 1 FROM acts WHERE state = 'open'").fetchone():
            raise ProjectError("Another long step is still running. Wait for it or cancel it first.")

    def close(self, act: OpenAct) -> Change:
        """Complete ``act`` within the open transaction and return what it changed."""
        self.record(None)
        tables = self.tables(act.id)
        if tables:
            # An act that changed something makes what was undone unreachable; any other leaves it be.
            self.drop_undone()
            self._forget_dropped()
            self._db.execute(
                "UPDATE acts SET state = 'done', text = ?, \"rows\" = "
                "(SELECT count(*) FROM act_rows WHERE act = acts.id) WHERE id = ?",
                [act.text, act.id],
            )
        else:
            self._db.execute("DELETE FROM acts WHERE id = ?", [act.id])
        act.change = Change(act.text, act.article, tables, act.id)
        return act.change

    def drop_undone(self) -> None:
        """Let nothing that was undone be redone any more."""
        self._dropped += [row[0] for row in self._db.execute("SELECT id FROM acts WHERE state = 'undone'")]
        self._db.execute("UPDATE acts SET state = 'dropped' WHERE state = 'undone'")

    def _forget_dropped(self) -> None:
        """Delete images that nothing can reach any more: a part at each act, so that none is felt."""
        left = FORGOTTEN_AT_ONCE
        while self._dropped and left > 0:
            act = self._dropped[-1]
            state = self._db.execute("SELECT state FROM acts WHERE id = ?", [act]).fetchone()
            deleted = 0
            if state == ("dropped",):  # not when the transaction that dropped it was rolled back
                last = self._db.execute(
                    'SELECT tbl, "row" FROM act_rows WHERE act = ? ORDER BY tbl, "row" LIMIT 1 OFFSET ?',
                    [act, left - 1],
                ).fetchone()
                part, values = (' AND (tbl, "row") <= (?, ?)', [act, *last]) if last else ("", [act])
                deleted = self._db.execute(f"DELETE FROM act_rows WHERE act = ?{part}", values).rowcount
            left -= deleted
            if left > 0:
                self._dropped.pop()

    def tables(self, act: int) -> frozenset[str]:
        """Return the tables in which an act changed rows."""
        # Looked up table by table: an act may have millions of rows.
        query = "SELECT 1 FROM act_rows WHERE act = ? AND tbl = ? LIMIT 1"
        return frozenset(t for t in HUMAN_TABLES if self._db.execute(query, [act, t]).fetchone())

    def begin_here(self) -> Change:
        """Let the history begin now: what was done so far stays, and can no longer be undone."""
        self._project.require_writable()
        self.settle()
        with self.transaction():
            self.refuse_while_open()
            self._db.execute("DELETE FROM act_rows")
            self._db.execute("DELETE FROM acts")
        return Change("the history begins", None, frozenset({"acts"}))

    def last(self) -> Act | None:
        """Return the act that undo would take back, or None; one that is half done is undone wholly."""
        return self.half_done() or self._one("state = 'done' ORDER BY id DESC")

    def next(self) -> Act | None:
        """Return the act that redo would do again, or None; one that is half done is done wholly."""
        return self.half_done() or self._one("state = 'undone' ORDER BY id")

    def half_done(self) -> Act | None:
        """Return the act whose undo or redo is going on, or was cut off (by a full disk, say); or None."""
        with self._project.plain_errors():
            return self._one("state = 'open' AND \"rows\" > 0 AND id = (SELECT act FROM swaps)")

    def half_done_change(self) -> Change | None:
        """Return what is changing of the act that is half done, for the views; or None."""
        with self._project.plain_errors():
            act = self.half_done()
            if act is None:
                return None
            return Change(act.text, act.article, half_done_tables(self._project, act), act.id)

    def _changed_by(self, act: Act) -> Change:
        return Change(act.text, act.article, self.tables(act.id), act.id)

    def unfinished(self) -> Act | None:
        """Return the long act that is going on, here or elsewhere, or was cut off by a crash; or None."""
        return self._one("state = 'open'")

    def mark(self) -> tuple[int, ...]:
        """Return numbers that any act, undo or redo changes: for who reads the project in several passes."""
        counted = (
            "count(*), coalesce(max(id), 0), sum(state = 'undone'), sum(state = 'dropped'), sum(\"rows\")"
        )
        return tuple(self._db.execute(f"SELECT {counted} FROM acts").fetchone())

    def brought(self, act: int) -> int:
        """Return how many articles an act brought into the project."""
        query = "SELECT count(*) FROM act_rows WHERE act = ? AND tbl = 'articles' AND before IS NULL"
        return int(self._db.execute(query, [act]).fetchone()[0])

    def acts(self, limit: int = 100) -> list[Act]:
        """Return the latest acts, newest first."""
        return [Act(*row) for row in self._select(f"1 ORDER BY id DESC LIMIT {int(limit)}")]

    def _one(self, condition: str) -> Act | None:
        row = self._select(condition + " LIMIT 1").fetchone()
        return Act(*row) if row else None

    def _select(self, condition: str) -> sqlite3.Cursor:
        return self._db.execute(
            f'SELECT id, annotator, text, article, created_at, state, "rows" FROM acts WHERE {condition}'
        )

    def undo(self) -> Change | None:
        """Take the last act back; return what changed, or None when there is nothing to undo."""
        return self._swap_act("undone")

    def redo(self) -> Change | None:
        """Do the act that was undone last again; return what changed, or None."""
        return self._swap_act("done")

    def _swap_act(self, state: Literal["undone", "done"]) -> Change | None:
        self._project.require_writable()
        self.finish_cancelling()
        half = self.half_done()
        if half is not None:
            finish_swap(self._project)
            if self._is(half, state):
                return self._changed_by(half)
        act = self.last() if state == "undone" else self.next()
        if act is None:
            return None
        deque(readable_images(self._project, act.id), maxlen=0)
        try:
            with self.transaction():
                self.refuse_while_open()
                tables = self._swap(act.id)
                self._db.execute("UPDATE acts SET state = ? WHERE id = ?", [state, act.id])
        except sqlite3.IntegrityError as error:
            raise in_the_way(Change(act.text, act.article, frozenset(HUMAN_TABLES), act.id), state) from error
        return Change(act.text, act.article, tables, act.id)

    def _is(self, act: Act, state: str) -> bool:
        return bool(self._db.execute("SELECT state FROM acts WHERE id = ?", [act.id]).fetchone() == (state,))

    def undo_in_steps(self) -> Generator[SwapProgress, None, Change | None]:
        """Take the last act back in steps; returns what :meth:`undo` does."""
        return (yield from self._swap_act_in_steps("undone"))

    def redo_in_steps(self) -> Generator[SwapProgress, None, Change | None]:
        """Do the act that was undone last again in steps; returns what :meth:`redo` does."""
        return (yield from self._swap_act_in_steps("done"))

    def _swap_act_in_steps(
        self, state: Literal["undone", "done"]
    ) -> Generator[SwapProgress, None, Change | None]:
        """Complete first what was cut off; where that is the way that is asked for, it is the whole of it."""
        self._project.require_writable()
        self.finish_cancelling()
        half = self.half_done()
        if half is not None:
            yield from go_on_in_steps(self._project, half)
            if self._is(half, state):
                return self._changed_by(half)
        act = self.last() if state == "undone" else self.next()
        return None if act is None else (yield from swap_in_steps(self._project, act, state))

    def roll_back_open(self, act_id: int | None = None) -> Act | None:
        """Undo and forget an act that a crash or a cancel left open (default: any); return it, or None.

        An undo, redo or taking back that a crash cut off is finished instead. Where rows of another program
        are in the way, the act is kept as far as it went, and returned as done; an undo or redo is taken
        back, and its act returned as it was before.
        """
        try:
            finish_swap(self._project)
        except RowsInTheWayError as error:
            return self._one(f"id = {error.change.act}")
        act = self._one("state = 'open'" if act_id is None else f"state = 'open' AND id = {int(act_id)}")
        if act is None:
            return None
        try:
            with self.transaction():
                self._db.execute("DELETE FROM swap_rows")  # it may have been reverting another act
                self._swap(act.id)
                self._db.execute("DELETE FROM act_rows WHERE act = ?", [act.id])
                self._db.execute("DELETE FROM acts WHERE id = ?", [act.id])
        except sqlite3.IntegrityError:
            keep_cut_off(self._project, act.id)
            return self._one(f"id = {act.id}")
        return act

    def finish_cancelling(self) -> bool:
        """Take back what is left of a long act that was cancelled; tell whether there was any."""
        if self.cancelled is None:
            return False
        in_steps = finish_swap(self._project)  # it was at it already
        act = self.roll_back_open(self.cancelled)
        self.cancelled = None
        return in_steps or act is not None

    def _swap(self, act: int) -> frozenset[str]:
        """Put the images of ``act`` back; its triggers record the rows that they replace."""
        tables = self.load_images(act)
        self._db.execute("DELETE FROM act_rows WHERE act = ?", [act])
        self.record(act)
        put_images_back(self.project, tables)
        self.record(None)
        self._db.execute("DELETE FROM images")
        return tables

    def load_images(self, act: int) -> frozenset[str]:
        """Fill the table ``images`` with what ``act`` keeps of its rows; return their tables."""
        self._db.execute("DELETE FROM images")
        self._db.execute('INSERT INTO images SELECT tbl, "row", before FROM act_rows WHERE act = ?', [act])
        return self.tables(act)

    def takes_steps(self, act: Act) -> bool:
        """Tell whether undoing, redoing or reverting ``act`` takes so long that it is to be done in steps."""
        labels = self._project.suggestions.labels
        return act.rows > LARGE_ACT or labels.are_many(labels.offered_no_more(images_of(act.id)))
