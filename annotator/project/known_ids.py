"""Labels that come in under ids that other labels have.

An id says which label it is. Where the same annotator has another label under it on the same article, the
file holds another state of that label, and the project's is kept. On another article, of another annotator or
twice in one import it cannot be the same label: some program copied lines with their ids. To refuse such a
file would cost all its labels, and to skip them some; so they get ids of their own, always the same ones, by
which the next import knows them.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

import msgspec

from annotator.model import Annotation, ArticleRecord
from annotator.text import storable

_NAMESPACE = uuid.UUID("1d8e1b0c-5f0a-4b7e-9d57-6c1f3a0b2e94")

_QUERY = (
    'SELECT a.uuid, a.id, a.article, annotators.name, layers.name, labels.name, a."start", a."end", '
    "actor.name, holder.name, target.name, a.certainty, a.note FROM annotations a "
    "JOIN annotators ON annotators.id = a.annotator "
    "JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label "
    "LEFT JOIN actors actor ON actor.id = a.actor LEFT JOIN actors holder ON holder.id = a.holder "
    "LEFT JOIN actors target ON target.id = a.target "
    "WHERE a.uuid IN (SELECT value FROM json_each(?))"
)


class Held(NamedTuple):
    """What stands under an id; hashes of 64 bits, since an import may bring millions."""

    came: bool  # with this import
    owner: int  # article and annotator
    place: int  # these, and which label is where
    whole: int  # this, and what is said of it


class KnownIds:
    """The ids that the annotations of a batch bring, as far as they are taken."""

    def __init__(self, db: Any, records: Sequence[ArticleRecord], last: int) -> None:
        """``last`` is the id of the project's last annotation when the import began."""
        self._db = db
        self._last = last
        self._new: dict[str, tuple[Annotation, int, str]] = {}
        self._stored: dict[str, tuple[Any, ...]] = {}  # annotation ids with what they are
        self._read([storable(a.uuid) for record in records for a in record.annotations])

    def __contains__(self, uuid_: str) -> bool:
        return uuid_ in self._new or uuid_ in self._stored

    def add(self, uuid_: str, a: Annotation, article: int, annotator: str) -> None:
        """Note that an annotation comes in under an id."""
        self._new[uuid_] = a, article, annotator

    def uuid_for(self, a: Annotation, article: int, record: ArticleRecord, there: bool) -> str | None:
        """Return the id of an annotation, or the one that it gets; None where it is left out for another.

        ``there``: its annotator has this label on this stretch already, under whatever id.
        """
        given = storable(a.uuid)
        if given not in self:
            return given
        content = _content(a, article, record.annotator or "")
        if self._stored.get(given, ())[1:] == content:  # by far the most, where there are any
            return given
        held, mine = self._of(given), _held(False, content)
        assert held is not None
        if held.whole == mine.whole:
            return given
        if held.place == mine.place:
            return None
        if there:
            return given
        own = str(uuid.uuid5(_NAMESPACE, _spelt(given, a, record)))
        if own not in self:
            self._read([own])
        other = self._of(own)
        if other is not None:
            return own if other.whole == mine.whole else None
        return own if held.came or held.owner != mine.owner else None

    def _of(self, uuid_: str) -> Held | None:
        if (new := self._new.get(uuid_)) is not None:
            return _held(True, _content(*new))
        stored = self._stored.get(uuid_)
        return None if stored is None else _held(stored[0] > self._last, stored[1:])

    def _read(self, uuids: Sequence[str]) -> None:
        """Learn what stands under those of the ids that are taken."""
        rows: sqlite3.Cursor = self._db.execute(_QUERY, [json.dumps(uuids)])
        self._stored.update((row[0], row[1:]) for row in rows)


def with_uuid(a: Any, uuid_: str) -> Annotation:
    """Return an annotation, or one of the structs that readers make for speed, with another id."""
    structs = isinstance(a, msgspec.Struct)
    changed: Any = msgspec.structs.replace(a, uuid=uuid_) if structs else replace(a, uuid=uuid_)
    return cast("Annotation", changed)


def held(a: Annotation, article: int, annotator: str) -> Held:
    """Return what stands under the id of an annotation that came in."""
    return _held(True, _content(a, article, annotator))


def _held(came: bool, content: tuple[Any, ...]) -> Held:
    return Held(came, hash(content[:2]), hash(content[:6]), hash(content))


def _content(a: Annotation, article: int, annotator: str) -> tuple[Any, ...]:
    return (
        article,
        storable(annotator),
        storable(a.layer),
        storable(a.label),
        a.start,
        a.end,
        a.actor and storable(a.actor),
        a.holder and storable(a.holder),
        a.target and storable(a.target),
        a.certainty,
        storable(a.note),
    )


def _spelt(given: str, a: Annotation, record: ArticleRecord) -> str:
    article = record.article.uuid or record.sha256
    parts = (given, article, record.annotator, a.layer, a.label, a.start, a.end)
    return storable(json.dumps(parts))
