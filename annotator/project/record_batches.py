"""Reading records for exports: the articles of a batch together, by one statement a table.

What was decided on an article comes as one JSON array of rows that SQLite makes and msgspec decodes:
columns that sqlite3 turns into a tuple take as long again, and so does a dataclass made of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from operator import lt
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from annotator.model import Actor, Annotation, ArticleInput, ArticleRecord, Progress, Rejection
from annotator.project.stored_values import stored_object

if TYPE_CHECKING:
    from annotator.project.store import Project

_BATCH_SECONDS = 0.008
_MOST = 32  # articles in a batch

_ARTICLES = (
    "SELECT articles.id, sha256, text, title, source, url, author, published, language, meta, uuid "
    "FROM articles LEFT JOIN texts ON texts.id = articles.id WHERE articles.id > ? "
    "ORDER BY articles.id LIMIT ?"
)
_PROGRESS = (
    "SELECT article, annotator, status, flagged, note, drawn FROM progress WHERE article BETWEEN ? AND ?"
)
_REJECTIONS = (
    'SELECT r.article, r.annotator, layers.name, labels.name, r."start", r."end", '
    'r."start" IS NOT NULL AND r.quote IS NULL FROM rejections r '
    "JOIN layers ON layers.id = r.layer JOIN labels ON labels.id = r.label WHERE r.article BETWEEN ? AND ? "
    'ORDER BY r.article, r."start", r."end", layers.position, labels.position'
)
_LABELS = (
    "SELECT labels.id, layers.name, labels.name, layers.position, labels.position "
    "FROM labels JOIN layers ON layers.id = labels.layer"
)


class Decided(msgspec.Struct, gc=False, array_like=True):
    """What has an annotation's attributes and is made in a tenth of the time.

    As SQLite gives it, annotator, label, actor, holder and target are ids, and ``blind`` may be None.
    """

    annotator: Any
    label: Any
    start: int | None
    end: int | None
    quote: str | None
    actor: Any
    holder: Any
    target: Any
    certainty: int | None
    note: str
    # Most formats have no place for the rest, and then it is not read: see ``reads_to`` of ``batches``. What
    # more of them ask for comes first.
    updated_at: str = ""
    uuid: str = ""
    id: int = 0
    article: int = 0
    origin: str = ""
    component: str | None = None
    reason: str = ""
    seen_suggestion: str | None = None
    codebook_version: int = 0
    created_at: str = ""
    blind: Any = False
    layer: str = ""  # by its label


_COLUMNS = Decided.__struct_fields__[:-1]
_ANNOTATIONS = (
    "SELECT article, CAST(json_group_array(json_array({})) AS BLOB) FROM annotations "
    "WHERE article BETWEEN ? AND ? GROUP BY article"
)
_decode = msgspec.json.Decoder(list[Decided]).decode


class _Mine(NamedTuple):
    """What one annotator did with an article."""

    progress: list[Progress]  # one or none
    annotations: list[Decided]
    rejections: list[Rejection]
    actors: set[int]


def batches(
    project: Project, *, reads_to: str | None = None
) -> Iterator[list[tuple[int, int | None, ArticleRecord]]]:
    """Yield records, without suggestions, some at a time, each with the ids of its article and annotator.

    An article has one for each annotator who touched it, by their names, or one without. A batch is read in
    about 8 ms, as it is at one moment, and nothing is held open between two. ``reads_to`` is the last column
    of :class:`Decided` that is read, None for all; each takes its time. Annotations of one label at one place
    stand in the order of their uuids, or, where these are not read, of their ids. Raises ``KeyError`` where
    an article has lost its text.
    """
    after, size = 0, 1
    while True:
        began = time.perf_counter()
        with project.db.atomic():  # another program may write between two statements
            articles = project.db.execute(_ARTICLES, [after, size]).fetchall()
            if not articles:
                return
            batch = _Batch(project, articles[0][0], articles[-1][0], reads_to)
        records = [found for row in articles for found in batch.records(row)]
        after = articles[-1][0]
        fits = size * _BATCH_SECONDS / max(time.perf_counter() - began, 1e-6)
        size = max(1, min(int(fits), size * 2, _MOST))
        del articles, batch
        yield records
        del records  # or there would be two while the next is read


class _Batch:
    """What people did with the articles of a batch."""

    def __init__(self, project: Project, first: int, last: int, reads_to: str | None) -> None:
        db, among = project.db, (first, last)
        self._people: dict[int, str] = dict(db.execute("SELECT id, name FROM annotators").fetchall())
        self._done: dict[int, dict[int, _Mine]] = {}
        for article, person, status, flagged, note, drawn in db.execute(_PROGRESS, among):
            self._of(article, person).progress.append(Progress(status, bool(flagged), note, drawn))
        for article, person, layer, label, start, end, alone in db.execute(_REJECTIONS, among):
            rejection = Rejection(layer, label, start, end, bool(alone))
            self._of(article, person).rejections.append(rejection)
        wanted = _COLUMNS if reads_to is None else _COLUMNS[: _COLUMNS.index(reads_to) + 1]
        columns = ", ".join(f'"{name}"' for name in wanted)
        annotations = db.execute(_ANNOTATIONS.format(columns), among)
        decided = {article: _decode(rows) for article, rows in annotations}
        labels = {id_: (layer, label, place) for id_, layer, label, *place in db.execute(_LABELS)}
        self._acting: list[tuple[Decided, _Mine]] = []  # what names actors
        for article, rows in decided.items():
            self._add(article, rows, labels)
        self._actors = _actors(project, (a for a, _ in self._acting))
        for a, mine in self._acting:
            for column in ("actor", "holder", "target"):
                if (actor := getattr(a, column)) is not None:
                    mine.actors.add(actor)
                    setattr(a, column, self._actors[actor].name)

    def _of(self, article: int, person: int) -> _Mine:
        people = self._done.setdefault(article, {})
        if person not in people:
            people[person] = _Mine([], [], [], set())
        return people[person]

    def _add(self, article: int, rows: list[Decided], labels: dict[int, tuple[str, str, list[int]]]) -> None:
        """Give an article's annotations to their annotators, in reading order, with names for ids."""
        starts = [-1 if a.start is None else a.start for a in rows]
        if not all(map(lt, starts, starts[1:])):  # they have mostly been made in this order
            rows.sort(
                key=lambda a: (
                    -1 if a.start is None else a.start,
                    -1 if a.end is None else a.end,
                    labels[a.label][2],
                    a.uuid,
                )
            )
        person, mine, name = -1, _Mine([], [], [], set()), ""
        for a in rows:
            if a.annotator != person:
                person, mine = a.annotator, self._of(article, a.annotator)
                name = self._people[person]
            a.annotator = name
            a.layer, a.label, _ = labels[a.label]
            a.blind = bool(a.blind)
            if a.actor is not None or a.holder is not None or a.target is not None:
                self._acting.append((a, mine))
            mine.annotations.append(a)

    def records(self, row: Sequence[Any]) -> Iterator[tuple[int, int | None, ArticleRecord]]:
        """Yield the records of an article, a row of ``_ARTICLES``."""
        id_, digest, text, title, source, url, author, published, language, meta, uuid = row
        if text is None:
            raise KeyError(id_)
        article = ArticleInput(
            text, title, source, url, author, published, language, stored_object(meta), uuid
        )
        people = self._done.get(id_)
        if not people:
            yield id_, None, ArticleRecord(article, digest, None, Progress(), (), (), ())
            return
        for person, mine in sorted(people.items(), key=lambda item: self._people[item[0]]):
            actors = sorted((self._actors[actor] for actor in mine.actors), key=lambda actor: actor.name)
            yield (
                id_,
                person,
                ArticleRecord(
                    article,
                    digest,
                    self._people[person],
                    mine.progress[0] if mine.progress else Progress(),
                    cast("tuple[Annotation, ...]", tuple(mine.annotations)),
                    tuple(mine.rejections),
                    tuple(actors),
                ),
            )


def _actors(project: Project, acting: Iterable[Decided]) -> dict[int, Actor]:
    """Return the actors that annotations name, by their ids."""
    wanted = {id_ for a in acting for id_ in (a.actor, a.holder, a.target)} - {None}
    if not wanted:
        return {}
    among = "IN (SELECT value FROM json_each(?))"
    values = [json.dumps(sorted(wanted))]
    aliases: dict[int, list[str]] = {}
    for actor, alias in project.db.execute(
        f"SELECT actor, alias FROM aliases WHERE actor {among} ORDER BY alias", values
    ):
        aliases.setdefault(actor, []).append(alias)
    return {
        id_: Actor(uuid, name, kind, bloc, tuple(aliases.get(id_, ())))
        for id_, uuid, name, kind, bloc in project.db.execute(
            f"SELECT id, uuid, name, kind, bloc FROM actors WHERE id {among}", values
        )
    }
