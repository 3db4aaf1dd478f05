"""Where records of an import go: into the project, or, in a rehearsal, nowhere, with the same answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotator.model import ArticleInput, ArticleRecord, Codebook, Label, Layer, ProjectError
from annotator.project.articles import Added, coming_in
from annotator.project.codebook import GREY
from annotator.project.codebook_import import preview, restore_codebook
from annotator.project.known_ids import Held, KnownIds, held
from annotator.project.records import Numbers, RecordAdded, added_record
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.codebook_file import FileCodebook
    from annotator.project.store import Project

# What came before in a rehearsal is kept as hashes of 64 bits in a database without a name: SQLite has it in
# memory, and on the disk where it becomes large.
_SCHEMA = """
CREATE TABLE decisions(hash INTEGER PRIMARY KEY);
CREATE TABLE ids(hash INTEGER PRIMARY KEY, owner INTEGER, place INTEGER, whole INTEGER);
CREATE TABLE articles(name TEXT PRIMARY KEY, id INTEGER, sha256 TEXT, uuid TEXT) WITHOUT ROWID;
"""


class Arrivals:
    """The project as an import needs it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._last_annotation = project.records.last_annotation()

    def codebook(self) -> Codebook:
        """Return the layers and labels as they are by now."""
        return self.project.codebook.read()

    def ensure(self, layer: str, label: str, *, whole_article: bool) -> bool:
        """Make a label known; tell whether its layer takes one label an article."""
        return self.project.codebook.ensure(layer, label, whole_article=whole_article)[2]

    def digest(self, uuid: str) -> str | None:
        """Return the SHA-256 of the text of the article with this uuid, or None."""
        return self.project.articles.digest(uuid)

    def meant(self, articles: Sequence[tuple[str, ArticleInput]]) -> list[str | None]:
        """Return the uuid of the article that has the text of each: (SHA-256, article without an id)."""
        return self.project.articles.meant(articles)

    def fill(self, uuid: str, values: dict[str, Any]) -> None:
        """Give an article metadata: see :meth:`annotator.project.articles.Articles.fill`."""
        self.project.articles.fill(uuid, values)

    def add_all(self, records: Sequence[ArticleRecord]) -> list[RecordAdded]:
        """Put records in: see :meth:`annotator.project.records.Records.add_all`."""
        return self.project.records.add_all(records, self._last_annotation)

    def restore(self, codebook: FileCodebook) -> None:
        """Make the codebook of a project that is new what ``codebook`` says."""
        restore_codebook(self.project, codebook)

    def lacks(self, codebook: FileCodebook) -> bool:
        """Tell whether importing ``codebook`` would change the project's own as it is by now."""
        return bool(preview(self.project, codebook, self.codebook()))


class Rehearsal(Arrivals):
    """Answers as :class:`Arrivals` does after the same calls, and leaves the project as it is."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._layers = {layer.name: layer for layer in project.codebook.read().layers}
        self._labels = {(layer.name, label.name) for layer in self._layers.values() for label in layer.labels}
        self._version = project.codebook.read().version
        (self._last,) = project.db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
        self._first_new = self._last + 1
        self._people = {name: id_ for id_, name in project.db.execute("SELECT id, name FROM annotators")}
        self._came = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._came.executescript(_SCHEMA)
        self._came.execute("BEGIN")  # for good: nobody reads it afterwards

    def codebook(self) -> Codebook:
        """Return the layers and labels as they would be by now."""
        return Codebook(self._version, tuple(self._layers.values()))

    def ensure(self, layer: str, label: str, *, whole_article: bool) -> bool:
        """Take a label for known; tell whether its layer takes one label an article."""
        layer, label = storable(layer), storable(label)
        there = self._layers.get(layer)
        if there is None:
            there = self._layers[layer] = Layer(layer, "both", whole_article, "", ())
        if (layer, label) not in self._labels:
            self._labels.add((layer, label))
            self._layers[layer] = replace(there, labels=(*there.labels, Label(layer, label, GREY)))
        return there.exclusive

    def restore(self, codebook: FileCodebook) -> None:
        """Leave the project as it is."""

    def digest(self, uuid: str) -> str | None:
        """Return the SHA-256 of the text of the article with this uuid, or None."""
        row = self._came.execute("SELECT sha256 FROM articles WHERE name = ?", [f"id {uuid}"]).fetchone()
        return str(row[0]) if row else super().digest(uuid)

    def meant(self, articles: Sequence[tuple[str, ArticleInput]]) -> list[str | None]:
        """Return the uuid of the article that has the text of each; one that came here has a word for it."""
        texts = json.dumps([f"text {digest}" for digest, _ in articles])
        came = dict(
            self._came.execute(
                "SELECT sha256, uuid FROM articles WHERE name IN (SELECT value FROM json_each(?))", [texts]
            )
        )
        return [
            uuid or came.get(digest)
            for uuid, (digest, _) in zip(super().meant(articles), articles, strict=True)
        ]

    def fill(self, uuid: str, values: dict[str, Any]) -> None:
        """Leave it as it is."""

    def add_all(self, records: Sequence[ArticleRecord]) -> list[RecordAdded]:
        """Return what would become of each record."""
        articles = self._articles([record.article for record in records])
        keys = [
            self._keys(record, article) if record.annotator is not None else []
            for record, (article, _) in zip(records, articles, strict=True)
        ]
        known = self._known(keys)
        ids = _RehearsedIds(self.project.db, records, self._last_annotation, self._came)
        numbers = []
        added: list[int] = []
        for record, (article, _), mine in zip(records, articles, keys, strict=True):
            found = Numbers()
            numbers.append(found)
            if record.annotator is None:
                continue
            if article < self._first_new and record.annotations:
                known.update(self._stored(record.annotator, article))
            for a, both in zip(record.annotations, mine, strict=True):
                exclusive = self.ensure(a.layer, a.label, whole_article=a.start is None)
                place, label = both
                there = (place if a.start is None and exclusive else label) in known
                if there and label not in known:
                    found.differing += 1
                    continue
                uuid = ids.uuid_for(a, article, record, there)
                if uuid is None:
                    found.other_ids += 1
                elif not there and uuid not in ids:
                    found.new += 1
                    found.own_ids += uuid != storable(a.uuid)
                    known.update(both)
                    added += both
                    ids.add(uuid, a, article, record.annotator)
            for r in record.rejections:
                self.ensure(r.layer, r.label, whole_article=r.start is None)
        self._came.executemany("INSERT OR IGNORE INTO decisions VALUES (?)", ((key,) for key in added))
        ids.keep()
        return [
            added_record(record, article, what, found)
            for record, (article, what), found in zip(records, articles, numbers, strict=True)
        ]

    def _articles(self, articles: Iterable[ArticleInput]) -> list[tuple[int, Added]]:
        """Return which article each would be, and what would happen, as ``Articles.add_all`` decides it."""
        coming = [coming_in(article) for article in articles]
        of_project = self.project.db.execute
        names = [
            name
            for c in coming
            for name in (f"id {c.article.uuid}", f"print {c.fingerprint}", f"text {c.sha256}")
        ]
        came: dict[str, tuple[int, str]] = {
            name: (id_, digest)
            for name, id_, digest in self._came.execute(
                "SELECT name, id, sha256 FROM articles WHERE name IN (SELECT value FROM json_each(?))",
                [json.dumps(names)],
            )
        }
        for column, kind in (("uuid", "id"), ("fingerprint", "print"), ("sha256", "text")):
            for name, id_, digest in of_project(
                f"SELECT '{kind} ' || {column}, id, sha256 FROM articles WHERE {column} IN "
                "(SELECT value FROM json_each(?))",
                [json.dumps([getattr(c.article if column == "uuid" else c, column) for c in coming])],
            ):
                came[name] = id_, digest
        found: list[tuple[int, Added]] = []
        for c in coming:
            name = f"print {c.fingerprint}" if c.article.uuid is None else f"id {c.article.uuid}"
            if name in came:
                there, digest = came[name]
                if digest != c.sha256:
                    raise ProjectError(
                        f"the project has an article with the id {c.article.uuid} but another text. "
                        "Give the one that comes in another id"
                    )
                found.append((there, "known"))
                continue
            self._last += 1
            found.append((self._last, "same_text" if f"text {c.sha256}" in came else "new"))
            uuid = c.article.uuid or f"came {self._last}"
            new = [f"id {uuid}", f"print {c.fingerprint}", f"text {c.sha256}"]
            for each in new:
                came.setdefault(each, (self._last, c.sha256))
            self._came.executemany(
                "INSERT OR IGNORE INTO articles VALUES (?, ?, ?, ?)",
                [(each, self._last, c.sha256, uuid) for each in new],
            )
        return found

    @staticmethod
    def _keys(record: ArticleRecord, article: int) -> list[tuple[int, int]]:
        """Return, of each annotation, the hashes of its place and of its label there."""
        person = storable(record.annotator or "")
        return [
            (
                place := hash((article, person, storable(a.layer), a.start, a.end)),
                hash((place, storable(a.label))),
            )
            for a in record.annotations
        ]

    def _stored(self, annotator: str, article: int) -> Iterable[int]:
        """Yield such hashes of what the project has of an annotator on an article."""
        person = storable(annotator)
        rows = self.project.db.execute(
            'SELECT layers.name, a."start", a."end", labels.name FROM annotations a '
            "JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label "
            "WHERE a.article = ? AND a.annotator = ?",
            [article, self._people.get(person)],
        )
        for layer, start, end, label in rows:
            place = hash((article, person, layer, start, end))
            yield place
            yield hash((place, label))

    def _known(self, keys: Sequence[Sequence[tuple[int, int]]]) -> set[int]:
        """Return those of the keys that came before."""
        every = json.dumps([key for mine in keys for both in mine for key in both])
        return {
            row[0]
            for row in self._came.execute(
                "SELECT hash FROM decisions WHERE hash IN (SELECT value FROM json_each(?))", [every]
            )
        }


class _RehearsedIds(KnownIds):
    """Also those that came before in a rehearsal, of which the project knows nothing."""

    def __init__(
        self, db: Any, records: Sequence[ArticleRecord], last: int, came: sqlite3.Connection
    ) -> None:
        self._came = came
        self._earlier: dict[str, Held] = {}
        super().__init__(db, records, last)

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._earlier or super().__contains__(uuid)

    def keep(self) -> None:
        """Remember those that were added for the batches that follow."""
        self._came.executemany(
            "INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)",
            ((hash(uuid), *held(*new)[1:]) for uuid, new in self._new.items()),
        )

    def _of(self, uuid: str) -> Held | None:
        return self._earlier.get(uuid) or super()._of(uuid)

    def _read(self, uuids: Sequence[str]) -> None:
        super()._read(uuids)
        names = {hash(uuid): uuid for uuid in uuids}
        rows = self._came.execute(
            "SELECT * FROM ids WHERE hash IN (SELECT value FROM json_each(?))", [json.dumps([*names])]
        )
        self._earlier.update((names[key], Held(True, *those)) for key, *those in rows)
