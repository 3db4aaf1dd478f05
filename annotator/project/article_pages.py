"""Which articles a filter asks for, in its order, by the page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from annotator.model import STATUSES, ArticleFilter, Field, ProjectError, Sort
from annotator.project.conditions import LANGUAGE, Conditions, Sql, in_chunks, untouched
from annotator.project.drawing import DRAWN
from annotator.project.suggestions import IS_OPEN
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

PAGE = 500  # ids: more than fit on any screen, and 1 ms

_COLUMNS: dict[Sort, str] = {  # each has an index of its own
    "title": "articles.title COLLATE NOCASE",
    "source": "articles.source COLLATE NOCASE",
    "published": "articles.published",
}
_BY_VALUE: tuple[Field, ...] = ("status", "flagged", "stance", "suggested")
_SHOW = {
    "all": "1",
    "todo": "coalesce(progress.status, 'todo') IN ('todo', 'in_progress')",
    "done": "progress.status = 'done'",
    "flagged": "progress.flagged = 1",
}
_FOUND = "articles.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"


def pages(project: Project, wanted: ArticleFilter) -> Iterator[list[int]]:
    """Yield the ids of articles by the page: see :meth:`annotator.project.articles.Articles.pages`."""
    found = _Listing(project, wanted)
    try:
        yield from found.pages()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_ABORT:
            raise ProjectError("The articles changed while they were listed. List them again.") from error
        raise


def fitting(project: Project, articles: Sequence[int], wanted: ArticleFilter) -> set[int]:
    """Return those of a few articles that ``wanted`` asks for; its words are not looked for again."""
    found = _Listing(project, ArticleFilter(show=wanted.show, conditions=wanted.conditions))
    return found.among(articles)


class _Listing:
    """One filter, ready to be asked."""

    def __init__(self, project: Project, wanted: ArticleFilter) -> None:
        self._project = project
        self._db = project.db
        self._wanted = wanted
        self._conditions = Conditions(project, wanted.conditions)
        self._person = self._conditions.persons[0]
        self._order = "DESC" if wanted.descending else "ASC"
        self._join, self._join_values = "", list[Any]()
        if wanted.show != "all":
            self._join = " LEFT JOIN progress ON progress.article = articles.id AND progress.annotator = ?"
            self._join_values = [project.annotator_id()]
        self._match = sought_words(wanted.search)

    def pages(self) -> Iterator[list[int]]:
        """Yield all of them."""
        sort = self._wanted.sort
        if sort in DRAWN:
            yield from self._conditions.tested(self._drawn(sort))
        elif sort in ("labels", "actors", "open", "annotators", "language"):
            yield from self._keyed(self._conditions.tested(self._read([self._select("articles.id")])))
        elif sort in _BY_VALUE or sort == "sureness":
            queries = self._by_suggestion(sort) if sort in ("suggested", "sureness") else self._by_value(sort)
            # What no value has listed comes last.
            queries.append(self._select("articles.id"))
            yield from self._conditions.tested(_once(self._read(queries)))
        else:
            yield from self._conditions.tested(self._read(self._by_column(sort)))

    def among(self, articles: Sequence[int]) -> set[int]:
        """Return those of ``articles`` that are asked for."""
        chosen = Sql("articles.id IN (SELECT value FROM json_each(?))", (json.dumps(list(articles)),))
        listed = self._read([self._select("articles.id", chosen)])
        return {article for page in self._conditions.tested(listed) for article in page}

    # Queries

    def _where(self, sets_by: str, *more: Sql) -> Sql:
        """Return the conditions of the query that lists; ``sets_by`` is what their sets are asked for."""
        conditions = self._conditions
        parts = [Sql(_SHOW[self._wanted.show])]
        if self._match:
            parts.append(Sql(_FOUND, (self._match,)))
        if conditions.few is not None:
            parts.append(
                Sql("articles.id IN (SELECT value FROM json_each(?))", (json.dumps(sorted(conditions.few)),))
            )
            sets_by = "+articles.id"
        parts += [Sql(part.text.replace("{id}", sets_by), part.values) for part in conditions.sets]
        parts += more
        text = " AND ".join(part.text for part in parts)
        return Sql(text, tuple(value for part in parts for value in part.values))

    def _select(self, order: str, *more: Sql, source: str = "articles", sets_by: str = "articles.id") -> Sql:
        where = self._where(sets_by, *more)
        return Sql(
            f"SELECT articles.id FROM {source}{self._join} WHERE {where.text} ORDER BY {order}",
            (*self._join_values, *where.values),
        )

    def _by_column(self, sort: Sort) -> list[Sql]:
        order = self._order
        if sort == "imported":
            if self._match and not self._wanted.conditions and self._wanted.show == "all":
                # The index has them in this order; asking for each article takes several times as long.
                text = f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid {order}"
                return [Sql(text, (self._match,))]
            return [self._select(f"articles.id {order}")]
        by = f"{_COLUMNS[sort]} {order}, articles.id {order}"
        # "+": along the order's index, whatever a set may hold; to sort what is in it takes longer.
        if sort == "title":
            return [self._select(by, sets_by="+articles.id")]
        # Those without stand last. Sorting by IS NULL, or NULLS LAST, would cost SQLite the index.
        column = f"articles.{sort}"
        return [
            self._select(by, Sql(f"{column} IS NOT NULL"), sets_by="+articles.id"),
            self._select("articles.id", Sql(f"{column} IS NULL"), sets_by="+articles.id"),
        ]

    def _by_value(self, field: Sort) -> list[Sql]:
        """Return a query for each value."""
        assert field in _BY_VALUE
        values: list[str]
        if field == "status":
            values = [*STATUSES]
        elif field == "flagged":
            values = ["yes", "no"]
        else:
            values = self._conditions.stances()
        if self._wanted.descending:
            values.reverse()
        return [self._select("articles.id", self._in_articles(field, value)) for value in values]

    def _in_articles(self, field: Field, value: str) -> Sql:
        part = self._conditions.own(field, value, self._person)
        return Sql(part.text.replace("{id}", "articles.id"), part.values)

    def _by_suggestion(self, sort: Sort) -> list[Sql]:
        """Return queries for suggested stances that are open: by label, or the least sure first."""
        is_open = self._conditions.open_stances(self._person)
        if sort == "sureness":
            which, by = [""], f"s.score {self._order}, s.article {self._order}"
        else:
            labels = self._conditions.stances()
            if self._wanted.descending:
                labels.reverse()
            which = [f" AND s.label = {self._conditions.label_of_stance(label)}" for label in labels]
            by = "s.article"
        return [
            self._select(
                by,
                Sql(is_open.text + label, is_open.values),
                source="suggestions s CROSS JOIN articles ON articles.id = s.article",
                sets_by="s.article",
            )
            for label in which
        ]

    def _read(self, queries: Sequence[Sql]) -> Iterator[list[int]]:
        page: list[int] = []
        for query in queries:
            with closing(self._db.execute(query.text, list(query.values))) as cursor:
                while rows := cursor.fetchmany(PAGE - len(page)):
                    page += [row[0] for row in rows]
                    if len(page) == PAGE:
                        yield page
                        page = []
        if page:
            yield page

    # Orders that no index has

    def _drawn(self, sort: Sort) -> Iterator[list[int]]:
        steps = self._project.drawing.order_in_steps(sort)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                order: list[int] = end.value
                break
            yield []  # it takes its time: whoever waits for the project need not wait for all of it
        if self._wanted.narrows:
            listed = {article for page in self._read([self._select("articles.id")]) for article in page}
            order = [article for article in order if article in listed]
        yield from _in_pages(order)

    def _keyed(self, listed: Iterator[list[int]]) -> Iterator[list[int]]:
        """Yield by a number or word that each article is asked for; empty pages until all are asked."""
        key = self._key()
        by_key: dict[Any, list[int]] = {}
        query = (
            f"SELECT articles.id, {key} FROM json_each(?) chosen "
            "CROSS JOIN articles ON articles.id = chosen.value ORDER BY chosen.key"
        )
        for rows in in_chunks(listed, lambda part: self._db.execute(query, [json.dumps(part)]).fetchall()):
            for article, value in rows:
                by_key.setdefault(value, []).append(article)
            yield []
        without = by_key.pop(None, [])
        for value in sorted(by_key, reverse=self._wanted.descending):
            yield from _in_pages(by_key[value])
        yield from _in_pages(without)

    def _key(self) -> str:
        person = self._person
        mine = f"FROM annotations a WHERE a.article = articles.id AND a.annotator = {person}"
        if self._wanted.sort == "labels":
            return f"(SELECT count(*) {mine})"
        if self._wanted.sort == "actors":
            return (
                "(SELECT count(*) FROM (SELECT actors.name FROM annotations a JOIN actors "
                "ON actors.id IN (a.actor, a.holder, a.target) "
                f"WHERE a.article = articles.id AND a.annotator = {person} "
                "UNION SELECT s.actor FROM suggestions s WHERE s.article = articles.id AND s.actor NOT NULL))"
            )
        if self._wanted.sort == "annotators":
            return "(SELECT count(*) FROM progress WHERE progress.article = articles.id)"
        if self._wanted.sort == "language":
            return LANGUAGE
        suggested = "SELECT count(*) FROM suggestions s WHERE s.article = articles.id AND s.label NOT NULL"
        still = f"({suggested} AND {IS_OPEN.replace(':me', str(person))})"
        if self._project.drawing.blind_share:
            return still
        return f"CASE WHEN {untouched(person)} THEN ({suggested}) ELSE {still} END"


def _in_pages(articles: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(articles), PAGE):
        yield articles[begin : begin + PAGE]


def _once(listed: Iterator[list[int]]) -> Iterator[list[int]]:
    """Yield each article where it comes first: of a layer that is not exclusive it may have two labels."""
    seen: set[int] = set()
    for page in listed:
        new = [article for article in dict.fromkeys(page) if article not in seen]
        seen.update(new)
        yield new


def sought_words(search: str) -> str:
    """Return what to ask the index for, all of these words; "" where it is no word."""
    words = [word.replace('"', " ") for word in storable(search).split()]
    return " ".join(_sought(word) for word in words if any(c.isalnum() for c in word))


def _sought(word: str) -> str:
    """Return what to ask the index for: quoted, nothing in a word is an operator.

    It may be the beginning of a longer one, unless it is very short: with two letters so many begin that
    finding them takes a second in a large project, and whoever writes EU or US means just that. (A sign of
    the Chinese and Japanese scripts is a word.)
    """
    return f'"{word}"' if len(word) < 3 and word < "\u2e80" else f'"{word}"*'
