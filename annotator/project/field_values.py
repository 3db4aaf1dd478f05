"""Which values the articles have in a field, with how many of them: what a filter can be chosen from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from annotator.model import NONE, Condition, Field, FieldValue
from annotator.project.conditions import DATED, LANGUAGE, Conditions, in_chunks, known_values

if TYPE_CHECKING:
    from annotator.project.store import Project

_ARTICLES = 500  # a step
_ROWS = 2_000
_ACTORS = 200  # names a step

Values = list[FieldValue]


def field_values(project: Project, field: Field) -> Iterator[Values]:
    """Yield the values of a field, whole each time: at first perhaps without their numbers, then with them.

    A step takes a few milliseconds, whatever the size of the project. The numbers are those of the whole
    project and, of what people decide, of the annotator at work.
    """
    if field in ("status", "flagged", "stance", "alike"):
        return _by_sets(project, field)
    if field == "annotator":
        return _annotators(project)
    if field == "source":
        return _sources(project)
    if field == "published":
        return _dates(project)
    if field == "actor":
        return _actors(project)
    return _in_chunks(project, field)


def _by_sets(project: Project, field: Field) -> Iterator[Values]:
    conditions = Conditions(project, ())
    person = conditions.persons[0]
    values = [*conditions.stances(), NONE] if field == "stance" else list(known_values(field))
    yield [FieldValue(value) for value in values]
    counted = []
    for value in values:
        part = conditions.own(field, value, person)
        query = f"SELECT count(*) FROM articles WHERE {part.text.replace('{id}', 'id')}"
        counted.append(FieldValue(value, project.db.execute(query, list(part.values)).fetchone()[0]))
        yield [*counted, *map(FieldValue, values[len(counted) :])]


def _annotators(project: Project) -> Iterator[Values]:
    conditions = Conditions(project, ())
    counted = []
    for name in (*project.annotators(), NONE):
        part = conditions.touched(name)
        query = f"SELECT count(*) FROM articles WHERE {part.text.replace('{id}', 'id')}"
        counted.append(FieldValue(name, project.db.execute(query).fetchone()[0]))
    yield counted


def _sources(project: Project) -> Iterator[Values]:
    rows = project.db.execute(
        "SELECT coalesce(source, ''), count(*) FROM articles GROUP BY source COLLATE NOCASE "
        "ORDER BY source IS NULL, source COLLATE NOCASE"
    )
    yield [FieldValue(source, number) for source, number in rows]


def _dates(project: Project) -> Iterator[Values]:
    """Yield years, newest first, each followed by its months."""
    years: Counter[str] = Counter()
    months: Counter[str] = Counter()
    last, after, dated = "", 0, 0
    while rows := project.db.execute(
        f"SELECT published, id, {DATED} FROM articles WHERE (published, id) > (?, ?) "
        "ORDER BY published, id LIMIT ?",
        [last, after, _ROWS],
    ).fetchall():
        last, after, _ = rows[-1]
        for published, _, is_date in rows:
            if is_date:
                dated += 1
                years[published[:4]] += 1
                if published[4:]:
                    months[published[:7]] += 1
        yield []
    (every,) = project.db.execute("SELECT count(*) FROM articles").fetchone()
    found = []
    for year in sorted(years, reverse=True):
        found.append(FieldValue(year, years[year]))
        found += [FieldValue(m, months[m]) for m in sorted(months, reverse=True) if m.startswith(year)]
    yield [*found, FieldValue(NONE, every - dated)]


def _actors(project: Project) -> Iterator[Values]:
    """Yield the project's actors first, with what else they are called, then whom the machine names."""
    known = project.actors.all()
    values = [FieldValue(actor.name, None, ", ".join(actor.aliases)) for actor in known]
    taken = {name for actor in known for name in (actor.name, *actor.aliases)}
    yield [*values, FieldValue(NONE)]
    others: Values = []
    last = ""
    next_names = "SELECT DISTINCT actor FROM suggestions WHERE actor > ? ORDER BY actor LIMIT ?"
    while rows := project.db.execute(
        "SELECT actor, count(DISTINCT article) FROM suggestions WHERE actor > ? AND actor <= coalesce("
        f"(SELECT max(actor) FROM ({next_names})), '') GROUP BY actor ORDER BY actor",
        [last, last, _ACTORS],
    ).fetchall():
        last = rows[-1][0]
        others += [FieldValue(name, number) for name, number in rows if name not in taken]
        yield [*values, *others, FieldValue(NONE)]
    others.sort(key=lambda value: -(value.articles or 0))
    conditions = Conditions(project, ())
    counted: Values = []
    for value in values:
        where = conditions.naming(value.value, conditions.persons[0])
        query = f"SELECT count(*) FROM ({where.text})"
        number = project.db.execute(query, list(where.values)).fetchone()[0]
        counted.append(FieldValue(value.value, number, value.also))
        yield []
    yield [*counted, *others, FieldValue(NONE)]


def _in_chunks(project: Project, field: Field) -> Iterator[Values]:
    """Yield labels, languages, or what is suggested and open, counted by a few articles at a time."""
    first = _uncounted(project, field)
    yield [FieldValue(value) for value in first]
    person = project.annotator_id()
    if field == "label":
        none = Conditions(project, [Condition(field, NONE)]).tests[0].text
        query = (
            "SELECT layers.name || '/' || labels.name, count(*) FROM (SELECT DISTINCT article, label "
            f"FROM annotations WHERE article BETWEEN :first AND :last AND annotator = {person}) "
            "JOIN labels ON labels.id = label JOIN layers ON layers.id = labels.layer GROUP BY 1 "
            f"UNION ALL SELECT '{NONE}', count(*) FROM articles WHERE id BETWEEN :first AND :last AND {none}"
        )
    elif field == "language":
        query = (
            f"SELECT coalesce({LANGUAGE}, ''), count(*) FROM articles "
            "WHERE id BETWEEN :first AND :last GROUP BY 1"
        )
    else:
        tests = [Conditions(project, [Condition(field, value)]).tests[0].text for value in first]
        cases = "".join(f" WHEN {test} THEN {n}" for n, test in enumerate(tests))
        query = f"SELECT CASE{cases} END, count(*) FROM articles WHERE id BETWEEN :first AND :last GROUP BY 1"
    found = yield from _counted(project, query)
    if field == "label":
        yield [FieldValue(value, found[value]) for value in first]
    elif field == "language":
        yield [
            FieldValue(value, n) for value, n in sorted(found.items(), key=lambda v: (v[0] == NONE, -v[1]))
        ]
    else:
        yield [FieldValue(value, found[n]) for n, value in enumerate(first)]


def _uncounted(project: Project, field: Field) -> list[str]:
    if field == "suggested":
        return [*Conditions(project, ()).stances(), NONE]
    if field != "label":
        return list(known_values(field))
    rows = project.db.execute(
        "SELECT layers.name || '/' || labels.name FROM labels JOIN layers ON layers.id = labels.layer "
        "ORDER BY layers.position, layers.id, labels.position, labels.id"
    )
    return [*(row[0] for row in rows), NONE]


def _counted(project: Project, query: str) -> Generator[Values, None, Counter[Any]]:
    """Add up what ``query`` tells of the articles ``:first`` to ``:last``: values, and how many have them."""
    found: Counter[Any] = Counter()

    def ids() -> Iterator[list[int]]:
        last = 0
        while rows := project.db.execute(
            "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES]
        ).fetchall():
            last = rows[-1][0]
            yield [row[0] for row in rows]

    def ask(part: list[int]) -> list[Any]:
        return project.db.execute(query, {"first": part[0], "last": part[-1]}).fetchall()

    for rows in in_chunks(ids(), ask):
        for value, number in rows:
            found[value] += number
        yield []
    return found
