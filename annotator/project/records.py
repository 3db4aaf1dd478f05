"""Articles with one annotator's decisions, as they leave the project and come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from annotator.model import (
    Annotation,
    ArticleRecord,
    Progress,
    ProjectError,
)
from annotator.project.articles import Added
from annotator.project.known_ids import KnownIds, with_uuid
from annotator.project.record_batches import batches
from annotator.project.whole_annotations import insert_annotations
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project


@dataclass(frozen=True, slots=True)
class RecordAdded:
    """What became of a record: its article, and how many of its annotations came in or were there.

    ``differing`` labels of the whole article were left out for another one that is there, ``other_ids``
    labels for others that have their ids; ``own_ids`` labels came in under ids of their own.
    """

    article: Added
    annotations: int
    known: int
    differing: int = 0
    other_ids: int = 0
    own_ids: int = 0
    id: int = field(default=0, compare=False)  # of the article


@dataclass(slots=True)
class Numbers:
    """How many annotations of a record are new, and what keeps others out: see :class:`RecordAdded`."""

    new: int = 0
    differing: int = 0
    other_ids: int = 0
    own_ids: int = 0


class Records:
    """Reads records for exports and writes those of imports."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def read(self, *, with_suggestions: bool = False, reads_to: str | None = None) -> Iterator[ArticleRecord]:
        """Yield a record for each article and annotator who touched it, in import order.

        An article that nobody touched gives one record without annotator. ``reads_to`` as in ``batches``.
        Raises ``KeyError`` where an article has lost its text.
        """
        for batch in batches(self._project, reads_to=reads_to):
            for article, person, record in batch:
                if not with_suggestions:
                    yield record
                    continue
                suggestions = self._project.suggestions
                yield replace(
                    record,
                    suggestions=tuple(suggestions.open(article, person or 0)),
                    pipeline=suggestions.pipeline(article),
                )

    def last_annotation(self) -> int:
        """Return the id of the last annotation, 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM annotations").fetchone()[0])

    def add_all(self, records: Sequence[ArticleRecord], last: int | None = None) -> list[RecordAdded]:
        """Put records in, within the act that is going on; return what became of each.

        Annotations whose uuid is there already, and labels of the whole article or of a stretch that
        the annotator has decided on, are left as they are and counted as known, or as differing. ``last`` was
        the :meth:`last_annotation` when the import began; None: it begins now. Raises ``ProjectError`` when a
        quote does not fit its offsets.
        """
        last = self.last_annotation() if last is None else last
        articles = self._project.articles.add_all(
            [record.article for record in records], [record.sha256 for record in records]
        )
        new = {
            article: len(record.article.text)
            for record, (article, added) in zip(records, articles, strict=True)
            if added != "known"
        }
        decisions = _Decisions(self._project, frozenset(new), records, last)
        numbers = [
            decisions.add(record, article) for record, (article, _) in zip(records, articles, strict=True)
        ]
        decisions.write()
        # Last: they may use labels that came with the decisions.
        self._project.suggestions.merge(
            [
                (record.pipeline, article, record.suggestions)
                for record, (article, _) in zip(records, articles, strict=True)
                if record.suggestions is not None and record.pipeline is not None
            ],
            new,
        )
        return [
            added_record(record, article, added, found)
            for record, (article, added), found in zip(records, articles, numbers, strict=True)
        ]


def added_record(record: ArticleRecord, article: int, added: Added, found: Numbers) -> RecordAdded:
    """Return what became of a record."""
    every = len(record.annotations) if record.annotator is not None else 0
    known = every - found.new - found.differing - found.other_ids
    return RecordAdded(added, found.new, known, found.differing, found.other_ids, found.own_ids, article)


class _Decisions:
    """What people decided on the articles of a batch, on its way in."""

    def __init__(
        self, project: Project, new: frozenset[int], records: Sequence[ArticleRecord], last: int
    ) -> None:
        """``new`` are articles that nobody had touched before the batch."""
        self._project = project
        self._db = project.db
        self._new = new
        self._touched: set[tuple[int, int]] = set()  # (article, annotator) of the batch
        self._people: dict[str, int] = {}
        self._actors: dict[str, int] = {}
        self._labels: dict[tuple[str, str], tuple[int, int, bool]] = {}
        self._waiting: list[tuple[int, int, Annotation, tuple[int, int, bool]]] = []
        self._ids = KnownIds(project.db, records, last)

    def write(self) -> None:
        """Write the annotations that wait for it."""
        insert_annotations(self._project, self._waiting, self._actors)
        self._waiting.clear()

    def add(self, record: ArticleRecord, article: int) -> Numbers:
        """Write what was decided in ``record``; return how many annotations are new, and how many are not."""
        if record.annotator is None:
            return Numbers()
        person = self._people.get(record.annotator)
        if person is None:
            person = self._people[record.annotator] = self._project.ensure_annotator(record.annotator)
        untouched = article in self._new and (article, person) not in self._touched
        self._touched.add((article, person))
        if not untouched:
            self.write()  # to be compared with
        self._add_progress(record.progress, article, person, untouched)
        for actor in record.actors:
            if self._actors.get(actor.name) is None or actor.aliases:
                self._actors[actor.name] = self._project.actors.ensure(actor)
        new, numbers = self._new_annotations(record, article, person, untouched)
        for a, _ in new:
            for name in (a.actor, a.holder, a.target):
                if name is not None and name not in self._actors:
                    self._actors[name] = self._project.actors.called(name)
        self._waiting += [(article, person, a, ids) for a, ids in new]
        for r in record.rejections:
            self._project.codebook.ensure(r.layer, r.label, whole_article=r.start is None)
        self._project.annotations.insert_rejections(article, person, record.rejections)
        return numbers

    def _add_progress(self, progress: Progress, article: int, person: int, untouched: bool) -> None:
        if (
            not untouched
            and self._db.execute(
                "SELECT 1 FROM progress WHERE article = ? AND annotator = ?", [article, person]
            ).fetchone()
        ):
            return
        self._db.execute(
            "INSERT INTO progress(article, annotator, status, flagged, note, drawn) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                article,
                person,
                progress.status,
                int(progress.flagged),
                storable(progress.note),
                progress.drawn and storable(progress.drawn),
            ],
        )

    def _new_annotations(
        self, record: ArticleRecord, article: int, person: int, untouched: bool
    ) -> tuple[list[tuple[Annotation, tuple[int, int, bool]]], Numbers]:
        """Return the annotations that are not there yet, each with the ids of its layer and label."""
        numbers = Numbers()
        if not record.annotations:
            return [], numbers
        text = record.article.text
        labelled: set[tuple[Any, ...]] = set()
        if not untouched:
            labelled.update(
                self._db.execute(
                    'SELECT layer, "start", "end", label FROM annotations '
                    "WHERE article = ? AND annotator = ?",
                    [article, person],
                )
            )
        decided = {row[:3] for row in labelled}
        new = []
        for a in record.annotations:
            if a.start is not None or a.end is not None:
                # -1: one offset without the other is none
                start = -1 if a.start is None else a.start
                end = -1 if a.end is None else a.end
                if not 0 <= start < end <= len(text) or text[start:end] != a.quote:
                    raise ProjectError(
                        f"the span {a.start} to {a.end} does not hold {a.quote!r}; mend its offsets"
                    )
            names = (a.layer, a.label)
            if names not in self._labels:
                self._labels[names] = self._project.codebook.ensure(*names, whole_article=a.start is None)
            layer, label, exclusive = self._labels[names]
            key = (layer, a.start, a.end)
            same = (*key, label) in labelled
            there = key in decided if a.start is None and exclusive else same
            if there and not same:
                numbers.differing += 1
                continue
            uuid = self._ids.uuid_for(a, article, record, there)
            if uuid is None:
                numbers.other_ids += 1
            elif not there and uuid not in self._ids:
                if uuid != storable(a.uuid):
                    a = with_uuid(a, uuid)
                    numbers.own_ids += 1
                new.append((a, self._labels[names]))
                self._ids.add(uuid, a, article, record.annotator or "")
                decided.add(key)
                labelled.add((*key, label))
        numbers.new = len(new)
        return new, numbers
