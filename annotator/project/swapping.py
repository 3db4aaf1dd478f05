"""Undoing and redoing large acts in steps, so that a window stays awake; cut off, they are finished later.

An act of 100,000 rows takes seconds to undo: too long for one transaction in a window. Here each step
is one. While it goes on the act is marked open, and its images stand in ``swap_rows``, from where each
step takes some. Whatever interrupts that (a crash, a full disk), the next opening or the next act goes
on with what is left there: an undo that began is always completed, and nothing else comes in between. Only
where another program has put rows in its way is it taken back instead (:func:`_turning_back`).

A long act that is cancelled is taken back in the same way (:func:`take_back_in_steps`). It was never
complete, by which it is known (its ``rows`` are 0), so nothing is kept for a redo and the act is forgotten.

First the suggestions of labels go that are not offered any more then: there may be a million. Then the
rows go that were not there before and that no others refer to, then the others come back, parents first,
and last go those that others may have referred to until then, children before their parents: so that the
file is sound after each step. Should a row be in the way of another all the same (two that change places),
or refer to one that comes later, what is left is put back in one transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from annotator.model import Act, Change, ProjectError, RowsInTheWayError
from annotator.project.putting_back import put_images_back
from annotator.project.schema import HUMAN_TABLES
from annotator.project.stored_values import readable_image
from annotator.project.suggested_labels import images_of

if TYPE_CHECKING:
    from annotator.project.long_act import LongAct
    from annotator.project.store import Project

_COUNTED = '"rows" = (SELECT count(*) FROM act_rows WHERE act = acts.id)'
STEP_SECONDS = 0.025  # of work; the commit comes on top: 3 ms and more, which shorter steps would mostly be
_LOOKED_AT = 5_000  # images at a time: some milliseconds
_FIRST_STEP = 64  # rows; an article costs a hundred times as much as an annotation
_SUGGESTIONS = "suggestions"
# The two of ``gone`` lead SQLite to the few rows of the codebook among millions.
_LABELS_TO_COME = 'SELECT tbl, "row" AS id, before FROM swap_rows WHERE gone IN (0, 1)'
_LEAST_STEP = 8  # rows
_LARGE = frozenset({"articles", "texts", "progress", "annotations", "rejections"})
_PARENTS = ("annotators", "articles", "layers", "labels", "actors")  # what rows of human tables refer to
_ORDER = (
    *((1, table) for table in reversed(HUMAN_TABLES) if table not in _PARENTS),
    *((0, table) for table in HUMAN_TABLES),
    *((1, table) for table in reversed(_PARENTS)),
)


@dataclass(frozen=True, slots=True)
class SwapProgress:
    """How far an undo or redo is: ``done`` of ``total`` rows."""

    done: int
    total: int


def swap_in_steps(
    project: Project, act: Act, target: Literal["undone", "done"]
) -> Generator[SwapProgress, None, Change]:
    """Undo (``target`` undone) or redo ``act``; step the generator until it returns the change."""
    tables = project.history.tables(act.id)
    for done in readable_images(project, act.id):
        yield SwapProgress(done, 2 * act.rows)
    with project.history.transaction():
        project.history.refuse_while_open()
        project.db.execute("UPDATE acts SET state = 'open' WHERE id = ?", [act.id])
        project.db.execute("DELETE FROM swap_rows")  # of a reverting that was cut off
        project.db.execute("INSERT INTO swaps(act, target, moved) VALUES (?, ?, 0)", [act.id, target])
    yield from _steps(project, 2 * act.rows + _to_withdraw(project, images_of(act.id)), 0, _next)
    return Change(act.text, act.article, tables, act.id)


def readable_images(project: Project, act: int) -> Generator[int, None, None]:
    """Look whether all images of an act can be read, before the first is put back; yield now and then.

    What began is completed by the next opening, and one of them would be in its way for ever: one that is no
    JSON object, or lacks what its table needs. Raises ``DamagedProjectError``.
    """
    table, row = "", 0
    fits = readable_image(project.db.execute)
    with project.plain_errors():
        while rows := project.db.execute(
            f'SELECT tbl, "row", {fits} FROM act_rows WHERE act = ? AND (tbl, "row") > (?, ?) '
            'ORDER BY tbl, "row" LIMIT ?',
            [act, table, row, _LOOKED_AT],
        ).fetchall():
            if not all(does_fit for _, _, does_fit in rows):
                raise sqlite3.DatabaseError("malformed JSON")
            table, row, _ = rows[-1]
            if len(rows) < _LOOKED_AT:
                return
            yield 0


def go_on_in_steps(project: Project, act: Act) -> Generator[SwapProgress, None, None]:
    """Complete the undo or redo of ``act`` that was cut off; step the generator until it ends."""
    (left,) = project.db.execute("SELECT count(*) FROM swap_rows").fetchone()
    (moved,) = project.db.execute("SELECT moved FROM swaps").fetchone()
    yield from _steps(project, 2 * act.rows, 2 * act.rows - left if moved else left, _next)


def half_done_tables(project: Project, act: Act) -> frozenset[str]:
    """Return the tables in which ``act``, whose undo or redo was cut off, changed rows."""
    left = "SELECT 1 FROM swap_rows WHERE gone IN (0, 1) AND tbl = ? LIMIT 1"
    return frozenset(
        table
        for table in HUMAN_TABLES
        if _has_rows(project, act.id, table) or project.db.execute(left, [table]).fetchone()
    )


def take_back_in_steps(project: Project, act: int) -> Generator[SwapProgress, None, None]:
    """Take back and forget a long act that is still open; step the generator until it ends.

    Where rows of another program rest on what it added, it is kept as far as it went.
    """
    if _others_rest_on(project, act):
        keep_cut_off(project, act)
        return
    rows = project.db.execute("SELECT count(*) FROM act_rows WHERE act = ?", [act]).fetchone()[0]
    total = 2 * rows + _to_withdraw(project, images_of(act))
    with project.history.transaction():
        project.db.execute("DELETE FROM swap_rows")  # of a reverting that is taken back
        project.db.execute("INSERT INTO swaps(act, target, moved) VALUES (?, 'undone', 0)", [act])
    yield from _steps(project, total, 0, _next)


def references(project: Project) -> list[tuple[str, str, str]]:
    """Return (table, column, table that the column refers to) for all human tables."""
    return [
        (table, row[3], row[2])
        for table in HUMAN_TABLES
        for row in project.db.execute(f"PRAGMA foreign_key_list({table})")
    ]


def _others_rest_on(project: Project, act: int) -> bool:
    """Tell whether rows that are not of ``act`` refer to rows that it added."""
    for table, column, parent in references(project):
        added = 'SELECT "row" FROM act_rows WHERE act = :act AND tbl = :parent AND before IS NULL'
        values = {"act": act, "table": table, "parent": parent}
        if project.db.execute(f"{added} LIMIT 1", values).fetchone() is None:
            continue
        resting = (
            f'SELECT 1 FROM {table} WHERE "{column}" IN ({added}) AND NOT EXISTS (SELECT 1 FROM act_rows '
            f'WHERE act = :act AND tbl = :table AND "row" = {table}.id) LIMIT 1'
        )
        if project.db.execute(resting, values).fetchone():
            return True
    return False


def keep_cut_off(project: Project, act: int) -> None:
    """Complete an act that was cut off as far as it went: it cannot be taken back."""
    with project.history.transaction():
        project.db.execute("DELETE FROM swap_rows")
        project.history.drop_undone()
        project.db.execute(
            f"UPDATE acts SET state = 'done', text = text || ' (cut off)', {_COUNTED} WHERE id = ?", [act]
        )


def put_back_in_steps(project: Project, into: LongAct) -> Generator[SwapProgress, None, None]:
    """Make rows what the table ``images`` says, as a part of the long act ``into``.

    What else may be in ``swap_rows`` was left by a long act that was itself taken back, and is thrown away
    first.
    """
    execute = project.db.execute
    (rows,) = execute("SELECT count(*) FROM images").fetchone()
    total = 2 * rows + _to_withdraw(project, "SELECT tbl, id, before FROM images")
    with project.history.transaction():
        execute("DELETE FROM swap_rows")
        execute("INSERT INTO swap_rows SELECT before IS NULL, tbl, id, before FROM images")
    yield SwapProgress(rows, total)
    yield from _steps(project, total, rows, partial(_next_row, into.id))


def _steps(
    project: Project, total: int, done: int, following: Callable[[Project], _Work | None]
) -> Generator[SwapProgress, None, None]:
    sizes: dict[str, int] = {}  # by kind of work: a row of one may take a hundred times as long
    while True:
        began = time.perf_counter()
        work = None
        try:
            with project.history.transaction():
                work = following(project)
                if work is None:
                    return
                size = sizes.get(work.kind, _FIRST_STEP)
                number = _do(project, work, size)
                elapsed = time.perf_counter() - began
        except sqlite3.IntegrityError:  # of a key at once, of a reference at the commit
            if work is None:
                raise
            with _turning_back(project), project.history.transaction():
                done += _put_all_back(project, work.act)
            yield SwapProgress(min(done, total), total)
            continue
        done += number
        yield SwapProgress(min(done, total), total)
        fits = int(size * STEP_SECONDS / max(elapsed, 1e-6))
        sizes[work.kind] = max(_LEAST_STEP, min(2 * size, fits, 20_000))


def _to_withdraw(project: Project, images: str) -> int:
    """Return in how many articles suggestions go when ``images`` (a query) are put back."""
    labels = project.suggestions.labels
    return labels.articles(labels.offered_no_more(images))


def finish_swap(project: Project) -> bool:
    """Complete an undo or redo that was cut off, in one transaction; tell whether there was one."""
    if project.db.execute("SELECT 1 FROM swaps").fetchone() is None:
        return False
    with _turning_back(project), project.history.transaction():
        while (work := _next(project)) is not None:
            if work.table in ("", _SUGGESTIONS):
                _do(project, work, 1 << 40)
            else:
                _put_all_back(project, work.act)
    return True


@contextmanager
def _turning_back(project: Project) -> Iterator[None]:
    """Where an undo or redo cannot be completed, make all as it was before it, and raise ``ProjectError``.

    That is so when another program has put rows in its way. The rows that were put back so far are
    exchanged for those that they replaced, which the act's images are then.
    """
    try:
        yield
    except sqlite3.IntegrityError as error:
        swap = project.db.execute(
            'SELECT act, target, moved, text, article, "rows" FROM swaps JOIN acts ON acts.id = act'
        ).fetchone()
        if swap is None:
            raise
        act, target, moved, text, article, rows = swap
        if not rows:  # a cancelled act, of which nothing is kept
            raise ProjectError(_stuck(project, text, "was cancelled, and", "be taken back")) from error
        try:
            _turn_back(project, act, target, moved)
        except sqlite3.IntegrityError:
            what = "its undo was cut off, and" if target == "undone" else "its redo was cut off, and"
            raise ProjectError(_stuck(project, text, what, "go on, nor be taken back")) from error
        raise in_the_way(Change(text, article, frozenset(HUMAN_TABLES), act), target) from error


def _stuck(project: Project, text: str, what: str, how: str) -> str:
    return (
        f"“{text}”: {what} rows that another program added or changed do not let it {how}. Take them out "
        f"with that program: until then {project.path.name} can be read, but not changed."
    )


def _turn_back(project: Project, act: int, target: str, moved: int) -> None:
    execute, history = project.db.execute, project.history
    with history.transaction():
        if moved:
            tables = history.load_images(act)
            execute("DELETE FROM act_rows WHERE act = ?", [act])
            history.record(act)
            put_images_back(project, tables)
            history.record(None)
            execute("DELETE FROM images")
        execute('INSERT OR REPLACE INTO act_rows SELECT ?, tbl, "row", before FROM swap_rows', [act])
        execute("DELETE FROM swap_rows")
        execute("DELETE FROM swaps")
        before = "done" if target == "undone" else "undone"
        execute(f"UPDATE acts SET state = ?, {_COUNTED} WHERE id = ?", [before, act])


def in_the_way(change: Change, target: str) -> RowsInTheWayError:
    """Return what to say where rows of another program keep an act, by its ``change``, from ``target``."""
    return RowsInTheWayError(
        f"“{change.text}” cannot be {'undone' if target == 'undone' else 'done again'}: rows that another "
        "program added or changed are in its way. Nothing was changed: take them out with that program, or "
        "go on from here.",
        change,
    )


def _has_rows(project: Project, act: int, table: str) -> bool:
    query = "SELECT 1 FROM act_rows WHERE act = ? AND tbl = ? LIMIT 1"
    return project.db.execute(query, [act, table]).fetchone() is not None


@dataclass(frozen=True, slots=True)
class _Work:
    """What to do next for ``act``: put rows of ``table`` back that are ``gone`` or not.

    '' moves images; ``suggestions`` are deleted.
    """

    act: int
    table: str
    gone: int

    @property
    def kind(self) -> str:
        return f"{self.table} {self.gone}"


def _next(project: Project) -> _Work | None:
    """Return what to do next within a transaction; None, and the act is complete, when that is nothing."""
    execute = project.db.execute
    swap = execute("SELECT act, target, moved FROM swaps").fetchone()
    if swap is None:
        return None
    act, target, moved = swap
    if not moved:
        return _Work(act, "", 0)
    if (work := _next_row(act, project)) is not None:
        return work
    execute("DELETE FROM swaps")
    execute('DELETE FROM acts WHERE id = ? AND "rows" = 0', [act])
    execute("UPDATE acts SET state = ? WHERE id = ?", [target, act])
    return None


def _next_row(act: int, project: Project) -> _Work | None:
    """Return which rows to put back next, None when there are none left."""
    labels = project.suggestions.labels
    if labels.are_many(labels.offered_no_more(_LABELS_TO_COME), 0):
        return _Work(act, _SUGGESTIONS, 1)
    for gone, table in _ORDER:
        if project.db.execute(
            "SELECT 1 FROM swap_rows WHERE gone = ? AND tbl = ? LIMIT 1", [gone, table]
        ).fetchone():
            return _Work(act, table, gone)
    return None


def _do(project: Project, work: _Work, size: int) -> int:
    """Do up to ``size`` rows of ``work`` within a transaction; return how many were done."""
    if not work.table:
        return _move(project, work.act, size)
    if work.table == _SUGGESTIONS:
        labels = project.suggestions.labels
        return labels.withdraw(labels.offered_no_more(_LABELS_TO_COME), size)
    part = f"gone = {work.gone} AND tbl = '{work.table}'"
    if work.table in _LARGE:
        # An article that replaces another comes after it, and goes before it.
        order, within = ("DESC", ">=") if work.gone else ("ASC", "<=")
        last = project.db.execute(
            f'SELECT "row" FROM swap_rows WHERE {part} ORDER BY "row" {order} LIMIT 1 OFFSET ?', [size - 1]
        ).fetchone()
        part += f' AND "row" {within} {last[0]}' if last else ""
    return _exchange(project, work.act, part, frozenset({work.table}))


def _put_all_back(project: Project, act: int) -> int:
    """Put all rows that are left back within a transaction; return how many there were."""
    return _exchange(project, act, "1", frozenset(HUMAN_TABLES))


def _move(project: Project, act: int, size: int) -> int:
    """Take images from the act, which will be given those for the way back."""
    execute = project.db.execute
    row = execute(
        'SELECT tbl, "row" FROM act_rows WHERE act = ? ORDER BY tbl, "row" LIMIT 1 OFFSET ?', [act, size - 1]
    ).fetchone()
    part, values = ('act = ? AND (tbl, "row") <= (?, ?)', [act, *row]) if row else ("act = ?", [act])
    execute(
        f'INSERT INTO swap_rows SELECT before IS NULL, tbl, "row", before FROM act_rows WHERE {part}', values
    )
    number = execute(f"DELETE FROM act_rows WHERE {part}", values).rowcount
    if row is None:
        execute("UPDATE swaps SET moved = 1")
    return number


def _exchange(project: Project, act: int, part: str, tables: frozenset[str]) -> int:
    execute, history = project.db.execute, project.history
    execute("DELETE FROM images")
    number = execute(f'INSERT INTO images SELECT tbl, "row", before FROM swap_rows WHERE {part}').rowcount
    execute(f"DELETE FROM swap_rows WHERE {part}")
    # Not a join: SQLite might begin with the acts, which are many.
    forgotten = execute('SELECT 1 FROM acts WHERE id = (SELECT act FROM swaps) AND "rows" = 0').fetchone()
    history.record(None if forgotten else act)
    put_images_back(project, tables)
    history.record(None)
    execute("DELETE FROM images")
    return number
