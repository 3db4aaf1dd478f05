"""The conditions of a filter as SQL.

Those whose articles an index names are sets in the one query that lists: SQLite builds each once (at most
some milliseconds for 100,000 articles) and goes along the order's own index. The others are asked of a few
articles at a time, so that no step takes long, unless an index says at once that there are few.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from annotator.dates import date_range
from annotator.model import ALL_OF, NONE, STATUSES, SURENESS, Condition, Field
from annotator.project.drawing import HIDDEN, STANCE
from annotator.project.near_duplicates import GROUPED
from annotator.project.suggestions import IS_OPEN
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

T = TypeVar("T")

FEW = 4_000  # articles that an index names at once
_CHUNK_SECONDS = 0.004
_SMALLEST, _LARGEST = 16, 1_000  # articles that are asked together

_MONTH_BY_DIGITS = ("0[1-9]", "1[0-2]")
# True of a date that sorts among the others: 2024, 2024-02, 2024-02-04 and what follows a day. Whatever else
# a source gave ("4 Feb 2024" that nobody could tell from another date, "last Tuesday") is no known date.
DATED = (
    "(published NOT GLOB '0000*' AND (published GLOB '[0-9][0-9][0-9][0-9]' OR "
    + " OR ".join(
        f"published GLOB '[0-9][0-9][0-9][0-9]-{month}{day}'"
        for month in _MONTH_BY_DIGITS
        for day in ("", "-[0-3][0-9]*")
    )
    + "))"
)
LANGUAGE = "coalesce(articles.language, (SELECT language FROM suggested WHERE article = articles.id))"


class Sql(NamedTuple):
    """An expression and the values of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


def joined(parts: Iterable[Sql], word: str) -> Sql:
    """Return expressions with AND or OR between them, in parentheses."""
    parts = list(parts)
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.values))


class Conditions:
    """The conditions of one listing, for the persons that they speak of."""

    def __init__(self, project: Project, wanted: Sequence[Condition]) -> None:
        self._project = project
        self._db = project.db
        self._labels = label_numbers(project)
        row = self._db.execute("SELECT id FROM layers WHERE name = ?", [STANCE]).fetchone()
        self._stance = int(row[0]) if row else -1
        named = [c.value for c in wanted if c.field == "annotator"]
        self.persons = [self._person(name) for name in named if name != NONE] or [project.annotator_id()]
        self.sets: list[Sql] = []
        """True of ``articles.id``; answered within the query that lists."""
        self.tests: list[Sql] = []
        """True of a row of ``articles``; to be asked of a few articles at a time."""
        self.few: set[int] | None = None
        """The only articles in question, where an index says that they are few."""
        by_field: dict[Field, list[str]] = {}
        for condition in wanted:
            by_field.setdefault(condition.field, []).append(storable(condition.value))
        for field, values in by_field.items():
            groups = [[value] for value in values] if field in ALL_OF else [values]
            for group in groups:
                self._add(field, group)

    def _add(self, field: Field, values: list[str]) -> None:
        if field == "annotator":
            self.sets.append(self.touched(values[0]))
        elif field in ("source", "published"):
            test = joined(map(_source if field == "source" else _published, values), "OR")
            undated = field == "published" and NONE in values  # of which no index knows
            select = Sql(f"SELECT id FROM articles WHERE {test.text}", test.values)
            self._test(test, [None if undated else select])
        elif field in ("status", "flagged", "stance", "alike"):
            for person in self.persons:
                self.sets.append(joined((self.own(field, value, person) for value in values), "OR"))
        elif field == "language":
            self._test(joined(map(_language, values), "OR"), [self._speaking(value) for value in values])
        elif field in ("open", "suggested", "sureness"):
            one = {"open": self._open, "suggested": self._suggested, "sureness": self._sure}[field]
            for person in self.persons:
                found = [one(value, person) for value in values]
                self._test(joined((test for test, _ in found), "OR"), [where for _, where in found])
        else:
            for person in self.persons:
                ask = self._labelled if field == "label" else self._naming
                test, where = ask(values[0], person)
                self._test(test, [where])

    def _test(self, test: Sql, where: Sequence[Sql | None]) -> None:
        """Take a test in; ``where`` select the articles that pass it, None where no index knows."""
        self.tests.append(test)
        found: set[int] = set()
        for select in where:
            if select is None or len(found) > FEW:
                return
            rows = self._db.execute(f"{select.text} LIMIT {2 * FEW + 1}", list(select.values)).fetchall()
            found.update(row[0] for row in rows)
            if len(rows) > 2 * FEW:
                return
        if where and len(found) <= FEW:
            self.few = found if self.few is None else self.few & found

    # What an index answers

    def touched(self, name: str) -> Sql:
        """Return the articles that an annotator has worked on; those that nobody has, for no name."""
        if name == NONE:
            return Sql("{id} NOT IN (SELECT article FROM progress)")
        return Sql(f"{{id}} IN (SELECT article FROM progress WHERE annotator = {self._person(name)})")

    def own(self, field: Field, value: str, person: int) -> Sql:
        """Return the articles with this status, flag or stance for a person, or with near-duplicates."""
        if field == "status":
            if value == "todo":  # nobody writes that down before they begin
                select = f"SELECT article FROM progress WHERE annotator = {person} AND status <> 'todo'"
                return Sql(f"{{id}} NOT IN ({select})")
            select = f"SELECT article FROM progress WHERE annotator = {person} AND status = ?"
            return Sql(f"{{id}} IN ({select})", (value,))
        if field == "flagged":
            select = f"SELECT article FROM progress WHERE annotator = {person} AND flagged = 1"
            return Sql(f"{{id}} {'IN' if value == 'yes' else 'NOT IN'} ({select})")
        if field == "alike":
            return Sql(f"{{id}} {'IN' if value == 'yes' else 'NOT IN'} ({GROUPED})")
        if value == NONE:
            return Sql(f"{{id}} NOT IN ({self._decided(person)})")
        return Sql(f"{{id}} IN ({self._decided(person)} AND label = {self.label_of_stance(value)})")

    def open_stances(self, person: int) -> Sql:
        """Return what is true of a row ``s`` of suggestions that is a whole article's stance and open."""
        text = (
            f's.layer = {self._stance} AND s."start" IS NULL AND s.article NOT IN ({self._decided(person)})'
        )
        rejected = (
            f"SELECT 1 FROM rejections r WHERE r.annotator = {person} AND r.layer = {self._stance} "
            'AND r."start" IS NULL'
        )
        if self._db.execute(f"{rejected} LIMIT 1").fetchone():
            text += f" AND NOT EXISTS ({rejected} AND r.label = s.label AND r.article = s.article)"
        if self._project.drawing.blind_share:
            hidden = json.dumps(self._project.drawing.blind_to(person))
            return Sql(text + " AND s.article NOT IN (SELECT value FROM json_each(?))", (hidden,))
        return Sql(text)

    def stances(self) -> list[str]:
        """Return the labels of stances by their codebook order, also those that are retired."""
        rows = self._db.execute(
            "SELECT name FROM labels WHERE layer = ? ORDER BY position, id", [self._stance]
        )
        return [row[0] for row in rows]

    def _decided(self, person: int) -> str:
        return (
            f"SELECT article FROM annotations WHERE annotator = {person} AND layer = {self._stance} "
            'AND "start" IS NULL'
        )

    # What is asked of a few articles at a time: (the test, what selects them, if an index can)

    def _suggested(self, value: str, person: int) -> tuple[Sql, Sql | None]:
        if value == NONE:
            return Sql(f"NOT {self._open_stance('s.label NOT NULL', person)}"), None
        label = f"s.label = {self.label_of_stance(value)}"
        return Sql(self._open_stance(label, person)), self._stance_suggested(label)

    def _sure(self, value: str, person: int) -> tuple[Sql, Sql | None]:
        low, high = SURENESS.get(value, (2.0, 2.0))
        sure = "s.label IS NULL"
        if low is not None:
            sure = f"s.label NOT NULL AND s.score >= {low} AND s.score < {high}"
        # "+": of one article, or SQLite goes through all with such a score.
        test = self._open_stance(sure.replace("s.score", "+s.score"), person)
        return Sql(test), self._stance_suggested(sure)

    def _open_stance(self, which: str, person: int) -> str:
        """Return whether a stance of the whole article is suggested and open, as IS_OPEN says."""
        decided = (
            f"SELECT 1 FROM annotations a WHERE a.article = articles.id AND a.annotator = {person} "
            f'AND a.layer = {self._stance} AND a."start" IS NULL'
        )
        rejected = (
            f"SELECT 1 FROM rejections r WHERE r.article = articles.id AND r.annotator = {person} "
            f'AND r.layer = {self._stance} AND r.label = s.label AND r."start" IS NULL'
        )
        hidden = HIDDEN.replace(":me", str(person)) if self._project.drawing.blind_share else "0"
        return (
            f"(NOT EXISTS ({decided}) AND EXISTS (SELECT 1 FROM suggestions s WHERE s.article = articles.id "
            f'AND +s.layer = {self._stance} AND s."start" IS NULL AND {which} '
            f"AND NOT EXISTS ({rejected}) AND NOT {hidden}))"
        )

    def _stance_suggested(self, which: str) -> Sql:
        return Sql(
            f"SELECT s.article FROM suggestions s WHERE s.layer = {self._stance} "
            f'AND s."start" IS NULL AND {which}'
        )

    def _open(self, value: str, person: int) -> tuple[Sql, None]:
        any_open = (
            "EXISTS (SELECT 1 FROM suggestions s WHERE s.article = articles.id AND s.label NOT NULL "
            f"AND {IS_OPEN.replace(':me', str(person))})"
        )
        if not self._project.drawing.blind_share:  # most articles are as the machine left them
            any_open = (
                f"CASE WHEN {untouched(person)} THEN EXISTS (SELECT 1 FROM suggestions s "
                f"WHERE s.article = articles.id AND s.label NOT NULL) ELSE {any_open} END"
            )
        return Sql(any_open if value == "yes" else f"NOT ({any_open})"), None

    def _labelled(self, value: str, person: int) -> tuple[Sql, Sql | None]:
        mine = f"SELECT 1 FROM annotations a WHERE a.article = articles.id AND a.annotator = {person}"
        if value == NONE:
            return Sql(f"NOT EXISTS ({mine})"), None
        layer, label = self._labels.get(value, (-1, -1))
        return (
            Sql(f"EXISTS ({mine} AND a.layer = {layer} AND a.label = {label})"),
            # By the label alone: that names the articles, and the test sorts out whose they are.
            Sql(f"SELECT article FROM annotations WHERE label = {label}"),
        )

    def _naming(self, value: str, person: int) -> tuple[Sql, Sql | None]:
        mine = f"SELECT 1 FROM annotations a WHERE a.article = articles.id AND a.annotator = {person}"
        if value == NONE:
            named = "coalesce(a.actor, a.holder, a.target) NOT NULL"
            machine = "SELECT 1 FROM suggestions s WHERE s.article = articles.id AND s.actor NOT NULL"
            return Sql(f"NOT EXISTS ({mine} AND {named}) AND NOT EXISTS ({machine})"), None
        actor, names = self._actor(value)
        places = ", ".join("?" * len(names))
        mine += f" AND {actor} IN (a.actor, a.holder, a.target)"
        machine = f"SELECT 1 FROM suggestions s WHERE s.actor IN ({places}) AND s.article = articles.id"
        anywhere = " UNION ALL ".join(
            f"SELECT article FROM annotations WHERE {column} = {actor}"
            for column in ("actor", "holder", "target")
        )
        return (
            Sql(f"(EXISTS ({mine}) OR EXISTS ({machine}))", names),
            Sql(f"{anywhere} UNION ALL SELECT article FROM suggestions WHERE actor IN ({places})", names),
        )

    def naming(self, name: str, person: int) -> Sql:
        """Return the articles that name an actor, from the indexes alone."""
        actor, names = self._actor(name)
        columns = [
            f"SELECT article FROM annotations WHERE {column} = {actor} AND annotator = {person}"
            for column in ("actor", "holder", "target")
        ]
        places = ", ".join("?" * len(names))
        columns.append(f"SELECT article FROM suggestions WHERE actor IN ({places})")
        return Sql(" UNION ".join(columns), names)

    def _speaking(self, value: str) -> Sql | None:
        if value == NONE:
            return None
        return Sql(
            "SELECT id FROM articles WHERE language = ? UNION ALL "
            "SELECT article FROM suggested WHERE language = ?",
            (value, value),
        )

    # Names

    def _person(self, name: str) -> int:
        row = self._db.execute("SELECT id FROM annotators WHERE name = ?", [storable(name)]).fetchone()
        return int(row[0]) if row else -1

    def label_of_stance(self, name: str) -> int:
        """Return the number of a stance's label, -1 for one that there is not."""
        return self._labels.get(f"{STANCE}/{name}", (-1, -1))[1]

    def _actor(self, name: str) -> tuple[int, tuple[str, ...]]:
        """Return an actor's number (-1: the project has none) and names; an alias leads there too."""
        behind = self._project.actors.behind([name]).actor(name)
        row = self._db.execute("SELECT id, name FROM actors WHERE name = ?", [behind]).fetchone()
        if row is None:
            return -1, (name,)
        aliases = self._db.execute(
            "SELECT alias FROM aliases WHERE actor = ? "
            "AND alias NOT IN (SELECT alias FROM aliases WHERE actor <> ?) ORDER BY alias",
            [row[0], row[0]],
        )
        return int(row[0]), (row[1], *(alias for (alias,) in aliases))

    # Asking

    def tested(self, pages: Iterable[list[int]]) -> Iterator[list[int]]:
        """Yield of each page the articles that pass the tests; a page may be empty then."""
        if not self.tests:
            yield from pages
            return
        tests = joined(self.tests, "AND")
        query = (
            "SELECT articles.id FROM json_each(?) chosen "
            "CROSS JOIN articles ON articles.id = chosen.value "
            f"WHERE {tests.text} ORDER BY chosen.key"
        )

        def ask(part: list[int]) -> list[int]:
            return [row[0] for row in self._db.execute(query, [json.dumps(part), *tests.values])]

        yield from in_chunks(pages, ask)


def in_chunks(pages: Iterable[list[int]], ask: Callable[[list[int]], T]) -> Iterator[T]:
    """Ask something of the articles in ``pages``, of so many at once as take a few milliseconds."""
    size = _SMALLEST
    for page in pages:
        begin = 0
        if not page:
            yield ask(page)  # whoever steps us may do something else in between
        while begin < len(page):
            began = time.perf_counter()
            part = page[begin : begin + size]
            found = ask(part)
            begin += len(part)
            fits = len(part) * _CHUNK_SECONDS / max(time.perf_counter() - began, 1e-6)
            size = max(_SMALLEST, min(int(fits), 2 * size, _LARGEST))
            yield found


def untouched(person: int) -> str:
    """Return what is true of a row of articles on which a person has decided nothing."""
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} d WHERE d.article = articles.id AND d.annotator = {person})"
        for table in ("annotations", "rejections")
    )


def label_numbers(project: Project) -> dict[str, tuple[int, int]]:
    """Return (layer, label) by ``layer/label``, then also by names that labels had before."""
    found = {
        f"{layer_name}/{name}": (layer, label)
        for layer, layer_name, label, name in project.db.execute(
            "SELECT layers.id, layers.name, labels.id, labels.name "
            "FROM labels JOIN layers ON layers.id = labels.layer"
        )
    }
    for (layer_name, former), name in project.codebook.former_names().items():
        found.setdefault(f"{layer_name}/{former}", found[f"{layer_name}/{name}"])
    return found


def _source(value: str) -> Sql:
    return Sql("source IS NULL") if value == NONE else Sql("source = ? COLLATE NOCASE", (value,))


def _language(value: str) -> Sql:
    return Sql(f"{LANGUAGE} IS NULL") if value == NONE else Sql(f"{LANGUAGE} = ?", (value,))


def _published(value: str) -> Sql:
    if value == NONE:
        return Sql(f"(published IS NULL OR NOT {DATED})")
    if (bounds := date_range(value)) is None:
        return Sql("0")
    return Sql(f"(published >= ? AND published < ? AND {DATED})", bounds)


def known_values(field: Field) -> tuple[str, ...]:
    """Return the values of a field that are the same in every project; none where it takes names."""
    if field == "status":
        return STATUSES
    if field in ("flagged", "open", "alike"):
        return "yes", "no"
    return tuple(SURENESS) if field == "sureness" else ()
