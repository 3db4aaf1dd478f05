"""Taking one act back from the middle of the history, as a new act that can itself be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from annotator.model import Act, Change, RevertError, RowChange
from annotator.project.putting_back import put_images_back
from annotator.project.row_words import RowWords, count
from annotator.project.schema import HUMAN_TABLES, LATER_COLUMNS
from annotator.project.swapping import SwapProgress, put_back_in_steps, references

if TYPE_CHECKING:
    from annotator.project.store import Project

_SHOWN = 100  # differing rows that are told; nobody reads more

# A row of ``images`` (what the act keeps) whose next act changed it: ``left`` is the image that the act left.
_TOUCHED_SINCE = (
    'FROM images i JOIN act_rows n ON n.tbl = i.tbl AND n."row" = i.id AND n.act = ('
    'SELECT r.act FROM act_rows r JOIN acts ON acts.id = r.act WHERE r.tbl = i.tbl AND r."row" = i.id '
    "AND r.act > :act AND acts.state = 'done' ORDER BY r.act LIMIT 1) "
)


def revert(project: Project, act: int) -> Change:
    """Take ``act`` back though others came after it; what it touched becomes what it was before.

    What came with it only in passing (its annotator, actors, that work on an article began) stays where later
    acts use it.

    Raises ``RevertError``, and leaves all as it is, when a row is no longer as the act left it, when
    rows of other acts rest on one that would go, or when something else stands where a row would
    come back.
    """
    project.require_writable()
    found, name = _to_revert(project, act)
    with _in_the_way(name), project.act(f"reverted: {found.text}", found.article) as reverting:
        tables = _load(project, act, name)
        put_images_back(project, tables)
        _refuse_if_taken(project, name)
        project.db.execute("DELETE FROM images")
    return reverting.change


def revert_in_steps(project: Project, act: int) -> Generator[SwapProgress, None, Change]:
    """Do what :func:`revert` does in steps, as one act; step the generator until it returns the change.

    The rows are looked at before any is touched, and after: that takes a second for a million, within one
    step. Closing the generator, or an error, leaves all as it was; ``Cancelled``, thrown into it, does so in
    steps.
    """
    project.require_writable()
    found, name = _to_revert(project, act)
    reverting = project.long_act(f"reverting: {found.text}")

    def steps() -> Generator[SwapProgress, None, str]:
        yield SwapProgress(0, 0)
        with project.history.transaction():
            _load(project, act, name)
        yield SwapProgress(0, 0)
        with _in_the_way(name):
            yield from put_back_in_steps(project, reverting)
        with project.history.transaction():
            project.history.load_images(act)
            _refuse_if_taken(project, name)
            project.db.execute("DELETE FROM images")
        return f"reverted: {found.text}"

    return (yield from reverting.run(steps()))


def _to_revert(project: Project, act: int) -> tuple[Act, str]:
    """Return the act and how an error names it; raises ``RevertError`` where it is not done."""
    found = project.acts.get(act)
    if found is None or found.state != "done":
        raise RevertError(_why_not(found))
    return found, f"“{found.text}” cannot be taken back by itself"


def _load(project: Project, act: int, name: str) -> frozenset[str]:
    """Fill ``images`` with what is to be put back of ``act``, unless that cannot be; return the tables."""
    tables = project.history.load_images(act)
    _refuse_if_changed_since(project, act, tables, name)
    _leave_what_came_in_passing(project, act, tables)
    _refuse_if_needed(project, tables, name)
    _refuse_if_homeless(project, tables, name)
    return tables


@contextmanager
def _in_the_way(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise RevertError(
            f"{name}: something else stands now where it would put a row back, for instance a newer label. "
            "Remove that first."
        ) from error


def _why_not(act: Act | None) -> str:
    if act is None:
        return "This act is no longer in the history."
    if act.state == "open":
        return "This act is still going on."
    return f"“{act.text}” is undone already."


def _refuse_if_changed_since(project: Project, act: int, tables: frozenset[str], name: str) -> None:
    words, rows, total = RowWords(project), list[RowChange](), 0
    for table in HUMAN_TABLES:
        if table not in tables:
            continue
        image = project.history.image(table, "t")
        if later := LATER_COLUMNS.get(table):
            # What an old image says nothing of cannot have changed since. One migration added all of them.
            without = ", ".join(f"'$.{column}'" for column in later)
            image = (
                f"CASE WHEN json_type(n.before, '$.{later[0]}') IS NULL "
                f"THEN json_remove({image}, {without}) ELSE {image} END"
            )
        present = f"CASE WHEN t.id IS NULL THEN NULL ELSE {image} END"
        differing = (
            f"{_TOUCHED_SINCE} LEFT JOIN {table} t ON t.id = i.id WHERE i.tbl = :table "
            f"AND n.before IS NOT {present}"
        )
        values = {"act": act, "table": table}
        number = project.db.execute(f"SELECT count(*) {differing}", values).fetchone()[0]
        total += number
        if number and len(rows) < _SHOWN:
            shown = project.db.execute(
                f"SELECT n.before, {present} {differing} LIMIT :limit",
                {**values, "limit": _SHOWN - len(rows)},
            ).fetchall()
            rows += [words.change(table, left, now) for left, now in shown]
    if total:
        of = project.db.execute("SELECT count(*) FROM images").fetchone()[0]
        many = "its row" if of == 1 else f"{total:,} of its {of:,} rows"
        raise RevertError(
            f"{name}: {many} {'was' if total == 1 else 'were'} changed since. "
            "Take the later changes back first.",
            tuple(rows),
            total,
        )


def _leave_what_came_in_passing(project: Project, act: int, tables: frozenset[str]) -> None:
    """Take out of ``images`` what no act is about, came with this one and is used by later acts.

    That is an annotator; and, where decisions were added, that work on the article began, and new actors.
    """
    execute = project.db.execute
    decided = "SELECT 1 FROM images WHERE tbl IN ('annotations', 'rejections') AND before IS NULL LIMIT 1"
    if execute(decided).fetchone():
        # CROSS JOIN keeps the order in which rows are looked up: from an image to its article's decisions and
        # their acts. Left to itself, SQLite goes through all rows of the history for each image.
        later = " OR ".join(
            f"EXISTS (SELECT 1 FROM progress p CROSS JOIN {table} d CROSS JOIN act_rows n CROSS JOIN acts "
            "WHERE p.id = images.id AND d.article = p.article AND d.annotator = p.annotator "
            f"AND NOT EXISTS (SELECT 1 FROM images i WHERE i.tbl = '{table}' AND i.id = d.id) "
            f"AND n.tbl = '{table}' AND n.\"row\" = d.id AND n.act > :act AND n.before IS NULL "
            "AND acts.id = n.act AND acts.state = 'done')"
            for table in ("annotations", "rejections")
        )
        execute(
            f"DELETE FROM images WHERE tbl = 'progress' AND before IS NULL AND ({later})",
            {"act": act},
        )
        about = "SELECT 1 FROM images WHERE tbl IN ('actors', 'aliases') AND before IS NOT NULL LIMIT 1"
        if not execute(about).fetchone():
            _leave_used(project, "actors", tables)
            execute(
                "DELETE FROM images WHERE tbl = 'aliases' AND id IN (SELECT aliases.id FROM aliases "
                "JOIN act_rows n ON n.act = ? AND n.tbl = 'actors' AND n.\"row\" = aliases.actor "
                "WHERE NOT EXISTS (SELECT 1 FROM images i WHERE i.tbl = 'actors' AND i.id = aliases.actor))",
                [act],
            )
    _leave_used(project, "annotators", tables)


def _leave_used(project: Project, parent: str, tables: frozenset[str]) -> None:
    """Take those rows of ``parent`` out of ``images`` that the act added and others refer to."""
    going = "SELECT id FROM images WHERE tbl = :parent AND before IS NULL"
    for table, column, of in references(project):
        if of == parent and parent in tables:
            project.db.execute(
                "DELETE FROM images WHERE tbl = :parent AND before IS NULL AND id IN ("
                f'SELECT "{column}" FROM {table} WHERE "{column}" IN ({going}) AND NOT EXISTS '
                f"(SELECT 1 FROM images i WHERE i.tbl = :table AND i.id = {table}.id))",
                {"parent": parent, "table": table},
            )


def _refuse_if_needed(project: Project, tables: frozenset[str], name: str) -> None:
    """Refuse to take rows away that rows of other acts refer to."""
    needing: dict[str, int] = {}
    for table, column, parent in references(project):
        going = "SELECT id FROM images WHERE tbl = :parent AND before IS NULL"
        values = {"table": table, "parent": parent}
        if parent in tables and project.db.execute(f"{going} LIMIT 1", values).fetchone():
            number = project.db.execute(
                f'SELECT count(*) FROM {table} WHERE "{column}" IN ({going}) '
                "AND NOT EXISTS (SELECT 1 FROM images WHERE tbl = :table AND images.id = "
                f"{table}.id)",
                values,
            ).fetchone()[0]
            if number:
                needing[table] = max(needing.get(table, 0), number)
    if needing:
        rest = " and ".join(count(table, number) for table, number in needing.items())
        raise RevertError(
            f"{name}: {rest} of other acts rest{'s' if sum(needing.values()) == 1 else ''} on what it added. "
            "Take those back first."
        )


def _refuse_if_homeless(project: Project, tables: frozenset[str], name: str) -> None:
    """Refuse to put rows back that refer to something that is gone, and does not come back with them."""
    for table, column, parent in references(project):
        if table in tables:
            wanted = f"json_extract(i.before, '$.{column}')"
            row = project.db.execute(
                f"SELECT 1 FROM images i WHERE i.tbl = ? AND {wanted} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {wanted}) "
                f"AND NOT EXISTS (SELECT 1 FROM images b WHERE b.tbl = ? AND b.id = {wanted} "
                "AND b.before IS NOT NULL) LIMIT 1",
                [table, parent],
            ).fetchone()
            if row:
                raise RevertError(
                    f"{name}: the {count(parent, 1).removeprefix('1 ')} of what it would put back is gone. "
                    "Bring that back first."
                )


# Pairs that no person makes: two labels of a layer on one stretch, a decision for and against one label.
_ON_ONE_PLACE = (
    "b.article = a.article AND b.annotator = a.annotator AND b.layer = a.layer "
    'AND b."start" IS a."start" AND b."end" IS a."end"'
)
_BACK = "FROM images i JOIN {0} a ON a.id = i.id JOIN {1} b ON " + _ON_ONE_PLACE + " WHERE i.tbl = '{0}'"
_TAKEN = (
    _BACK.format("annotations", "annotations")
    + ' AND b.id <> a.id AND (a."start" IS NOT NULL OR b.label = a.label)',
    _BACK.format("annotations", "rejections") + " AND b.label = a.label",
    _BACK.format("rejections", "annotations") + " AND b.label = a.label",
    _BACK.format("rejections", "rejections") + " AND b.id <> a.id AND b.label = a.label",
)


def _refuse_if_taken(project: Project, name: str) -> None:
    """Refuse to put a decision back beside a newer one that contradicts or repeats it."""
    for pairs in _TAKEN:
        if project.db.execute(f"SELECT 1 {pairs} LIMIT 1").fetchone():
            raise RevertError(f"{name}: there is a newer decision about the same text. Remove that first.")
