"""The history as people read it: which acts there were, what each changed, and back to one of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from annotator.model import (
    Act,
    ActEntry,
    ActFilter,
    Cancelled,
    Change,
    ProjectError,
    RowChange,
    Step,
)
from annotator.project.row_words import NOUNS, RowWords, count

if TYPE_CHECKING:
    from annotator.project.store import Project

PAGE = 200  # rows of one act that are shown at a time
_ACTS_AT_A_TIME = 2_000
_COUNTED = 20_000  # rows; a larger act is not counted table by table whenever it scrolls by

# The rows that ever belonged to the articles :articles, and the acts that touched one while it did. An act on
# a single article says so itself; the others are found by their rows. Numbers of rows that are gone are used
# again, so each row is asked for its article at that time: in its own image, in the next act's, or now.
_OF_ARTICLES = """
WITH wanted(id) AS (SELECT value FROM json_each(:articles)),
ever(tbl, id) AS (
    SELECT 'articles', id FROM wanted
    UNION SELECT 'progress', id FROM progress WHERE article IN (SELECT id FROM wanted)
    UNION SELECT 'annotations', id FROM annotations WHERE article IN (SELECT id FROM wanted)
    UNION SELECT 'rejections', id FROM rejections WHERE article IN (SELECT id FROM wanted)
    UNION SELECT r.tbl, r."row" FROM acts CROSS JOIN act_rows r ON r.act = acts.id
        WHERE (acts.article IS NULL OR acts.article IN (SELECT id FROM wanted))
        AND r.tbl IN ('progress', 'annotations', 'rejections') AND r.before IS NOT NULL
        AND iif(json_valid(r.before), json_extract(r.before, '$.article'), NULL) IN (SELECT id FROM wanted)
)
SELECT id FROM acts WHERE article IN (SELECT id FROM wanted)
UNION SELECT r.act FROM ever CROSS JOIN act_rows r ON r.tbl = ever.tbl AND r."row" = ever.id
    JOIN acts ON acts.id = r.act AND acts.article IS NULL
    WHERE r.tbl = 'articles' OR coalesce(
        iif(json_valid(r.before), json_extract(r.before, '$.article'), NULL),
        (SELECT iif(json_valid(n.before), json_extract(n.before, '$.article'), NULL) FROM act_rows n
            WHERE n.tbl = r.tbl AND n."row" = r."row" AND n.act > r.act ORDER BY n.act LIMIT 1),
        CASE r.tbl WHEN 'progress' THEN (SELECT article FROM progress WHERE id = r."row")
            WHEN 'annotations' THEN (SELECT article FROM annotations WHERE id = r."row")
            ELSE (SELECT article FROM rejections WHERE id = r."row") END
    ) IN (SELECT id FROM wanted)
"""


class ActLog:
    """Reads the history; works on a project that is open for reading, too."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def ids(self, wanted: ActFilter | None = None) -> list[int]:
        """Return the ids of the acts that ``wanted`` asks for, newest first (default: all)."""
        return [id_ for page in self.pages(wanted) for id_ in page]

    def pages(self, wanted: ActFilter | None = None) -> Iterator[list[int]]:
        """Yield what :meth:`ids` returns, some milliseconds' worth at a time."""
        wanted = wanted or ActFilter()
        conditions, values = ["id < :before"], {}
        if wanted.annotator is not None:
            conditions.append("annotator = :annotator")
            values["annotator"] = wanted.annotator
        if wanted.articles is not None:
            found = self._db.execute(_OF_ARTICLES, {"articles": json.dumps(wanted.articles)})
            conditions.append("id IN (SELECT value FROM json_each(:among))")
            values["among"] = json.dumps([row[0] for row in found])
        words = wanted.search.casefold().split()
        for number, word in enumerate(words):
            if word.isascii():
                conditions.append(f"instr(lower(text || ' ' || annotator), :word{number})")
                values[f"word{number}"] = word
        columns = "id, text, annotator" if words else "id"
        query = (
            f"SELECT {columns} FROM acts WHERE {' AND '.join(conditions)} AND id >= :from ORDER BY id DESC"
        )
        (before,) = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM acts").fetchone()
        while before > 1:
            part = values | {"before": before, "from": before - _ACTS_AT_A_TIME}
            rows = self._db.execute(query, part).fetchall()
            before -= _ACTS_AT_A_TIME
            # Words in other alphabets are looked for here: SQLite's lower() knows none but ASCII letters.
            yield [
                row[0]
                for row in rows
                if not words or all(word in f"{row[1]} {row[2]}".casefold() for word in words)
            ]

    def annotators(self) -> list[str]:
        """Return the names of all who did anything."""
        return sorted({name for names in self.annotators_in_steps() for name in names})

    def annotators_in_steps(self) -> Iterator[list[str]]:
        """Yield the names, again and again, of those who did so many of the acts after another."""
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM acts").fetchone()
        for first in range(1, last + 1, 5 * _ACTS_AT_A_TIME):
            part = [first, first + 5 * _ACTS_AT_A_TIME - 1]
            rows = self._db.execute("SELECT DISTINCT annotator FROM acts WHERE id BETWEEN ? AND ?", part)
            yield [row[0] for row in rows]

    def get(self, act: int) -> Act | None:
        """Return one act, None when there is no such act (any more)."""
        rows = self.rows([act])
        return rows[0].act if rows else None

    def rows(self, ids: Sequence[int]) -> list[ActEntry]:
        """Return these acts (some dozens at a time), in their order; those that are gone are left out."""
        found = self._db.execute(
            "WITH wanted(id, place) AS (SELECT value, key FROM json_each(?)) "
            'SELECT acts.id, annotator, text, article, created_at, state, "rows", '
            "(SELECT title FROM articles WHERE articles.id = acts.article) "
            "FROM wanted JOIN acts ON acts.id = wanted.id ORDER BY place",
            [json.dumps(list(ids))],
        ).fetchall()
        small = [row[0] for row in found if row[6] <= _COUNTED]
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        for act, table, number in self._db.execute(
            "SELECT act, tbl, count(*) FROM act_rows WHERE act IN (SELECT value FROM json_each(?)) "
            "GROUP BY act, tbl",
            [json.dumps(small)],
        ):
            if table in NOUNS:
                counts[act][table] = number
        entries = []
        for *columns, title in found:
            act = Act(*columns)
            what = self._what_of_large(act) if act.rows > _COUNTED else _what(act, counts[act.id])
            entries.append(ActEntry(act, what, title))
        return entries

    def _what_of_large(self, act: Act) -> str:
        tables = [
            table
            for table in NOUNS
            if self._db.execute(
                "SELECT 1 FROM act_rows WHERE act = ? AND tbl = ? LIMIT 1", [act.id, table]
            ).fetchone()
        ]
        if len(tables) == 1:
            return count(tables[0], act.rows)
        names = ", ".join(NOUNS[table][1] for table in tables)
        return f"{act.rows:,} rows" + (f": {names}" if names else "")

    def changes(self, act: int, limit: int = PAGE, offset: int = 0) -> list[RowChange]:
        """Return ``limit`` of the rows that an act touched, before and after it, in words.

        The texts of articles, which never change, are left out. Of an act that was dropped nothing is
        kept.
        """
        found = self.get(act)
        if found is None:
            return []
        words = RowWords(self._project)
        changes = []
        for table, row, image in self._db.execute(
            "SELECT tbl, \"row\", before FROM act_rows WHERE act = ? AND tbl <> 'texts' "
            'ORDER BY tbl, "row" LIMIT ? OFFSET ?',
            [act, limit, offset],
        ).fetchall():
            if table not in NOUNS:  # a name from the file never becomes SQL
                continue
            other = self._other_side(found, table, row)
            # What an undone act keeps is what redoing it would put back: its after.
            before, after = (other, image) if found.state == "undone" else (image, other)
            changes.append(words.change(table, before, after))
        return changes

    def _other_side(self, act: Act, table: str, row: int) -> str | None:
        """Return the image that ``act`` does not keep itself: its neighbour's, or the present row's."""
        if act.state == "undone":
            neighbour = "r.act < ? AND acts.state = 'undone' ORDER BY r.act DESC"
        else:
            neighbour = "r.act > ? AND acts.state IN ('done', 'open') ORDER BY r.act"
        kept = self._db.execute(
            'SELECT r.before FROM act_rows r JOIN acts ON acts.id = r.act WHERE r.tbl = ? AND r."row" = ? '
            f"AND {neighbour} LIMIT 1",
            [table, row, act.id],
        ).fetchone()
        if kept is None:
            image = self._project.history.image(table, table)
            kept = self._db.execute(f"SELECT {image} FROM {table} WHERE id = ?", [row]).fetchone()
        return kept[0] if kept is not None else None

    def first_article(self, act: int) -> int | None:
        """Return the article that an act was about, or the first that its rows belong to; None if gone."""
        row = self._db.execute("SELECT article FROM acts WHERE id = ?", [act]).fetchone()
        article = row[0] if row else None
        if article is None:
            article = next((c.article for c in self.changes(act, limit=20) if c.article is not None), None)
        there = self._db.execute("SELECT 1 FROM articles WHERE id = ?", [article]).fetchone()
        return article if there else None

    def steps_back_to(self, act: int) -> int:
        """Return how many times to undo until ``act`` is undone; 0 when it is not there to be undone."""
        row = self._db.execute(
            "SELECT count(*) FROM acts WHERE state = 'done' AND id >= ? "
            "AND EXISTS (SELECT 1 FROM acts WHERE id = ? AND state = 'done')",
            [act, act],
        ).fetchone()
        return int(row[0])

    def undo_to(self, act: int) -> Generator[Step, None, Change]:
        """Undo one act after another until ``act`` is undone; each step is durable when it is yielded.

        Closing the generator stops there: the acts that were undone stay so, and can be redone.
        """
        self._project.history.settle()
        total = self.steps_back_to(act)
        if not total:
            raise ProjectError("This act is undone already. Choose another one.")
        tables: frozenset[str] = frozenset()
        done = 0
        # Asked each time: between two steps a person may undo or do something, too.
        stands = "SELECT 1 FROM acts WHERE id = ? AND state = 'done'"
        while self._db.execute(stands, [act]).fetchone():
            last = self._project.history.last()
            if last is not None and self._project.history.takes_steps(last):
                change = yield from self._undo_large(Step(min(done, total), total))
            else:
                change = self._project.undo()
            if change is None:
                break
            tables |= change.tables
            done += 1
            yield Step(min(done, total), total)
        return Change(f"{done:,} acts" if done > 1 else "1 act", None, tables)

    def _undo_large(self, at: Step) -> Generator[Step, None, Change | None]:
        """Undo the last act in steps. Where ``Cancelled`` is thrown into it, it is completed before."""
        cancelled: Cancelled | None = None
        steps = self._project.history.undo_in_steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                if cancelled is not None:
                    raise cancelled from None
                change: Change | None = end.value
                return change
            try:
                yield at
            except Cancelled as thrown:
                cancelled = thrown


def _what(act: Act, counts: dict[str, int]) -> str:
    """Return the rows of an act in words, what people care for first."""
    order = ("annotations", "rejections", "articles", "progress")
    tables = sorted(counts, key=lambda table: order.index(table) if table in order else len(order))
    words: list[Any] = [count(table, counts[table]) for table in tables if table != "texts"]
    return ", ".join(words) or f"{act.rows:,} row{'' if act.rows == 1 else 's'}"
