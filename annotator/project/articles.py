"""Articles, their metadata and each annotator's progress with them."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal

from annotator.model import (
    Article,
    ArticleFilter,
    ArticleInput,
    ArticleRow,
    Change,
    Progress,
    ProjectError,
    Status,
)
from annotator.project.article_pages import fitting, pages, sought_words
from annotator.project.history import now
from annotator.project.stored_values import stored_object
from annotator.project.suggestions import IS_OPEN
from annotator.text import normalise, sha256, storable, storable_json

if TYPE_CHECKING:
    from annotator.project.store import Project

NEAR = 500  # articles that are looked at first for one that is still to be done
METADATA = ("title", "source", "url", "author", "published", "language")

Added = Literal["new", "same_text", "known"]


def fingerprint(text_sha256: str, article: ArticleInput) -> str:
    """Return a hash of an article's text and metadata as they came: what a second import meets."""
    parts = [text_sha256, *(getattr(article, name) for name in METADATA), sorted_json(article.meta)]
    return sha256(storable(json.dumps(parts, ensure_ascii=False)))


def sorted_json(value: Any) -> str:
    """Return ``value`` as compact JSON with sorted keys, so that equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Coming:
    """An article on its way in, as it will be stored."""

    article: ArticleInput
    text: str
    sha256: str
    fingerprint: str


class Articles:
    """The articles of a project; their texts never change."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._unindexed: list[int] | None = None
        self.version = 0
        """Counts up when articles come, go or get other metadata; orders are kept by it."""

    @contextmanager
    def indexed_together(self) -> Iterator[None]:
        """Put the articles that come in meanwhile into the search index at the end, all at once.

        To be used within a transaction, so that they are there together. The index writes what it holds
        back whenever a statement begins that may have to be rolled back by itself, as most of ours.
        """
        self._unindexed = []
        try:
            yield
            self.index(self._unindexed)
        finally:
            self._unindexed = None

    def add(self, article: ArticleInput) -> tuple[int, Added]:
        """Put one article in: see :meth:`add_all`."""
        return self.add_all([article])[0]

    def add_all(
        self, articles: Sequence[ArticleInput], digests: Sequence[str] | None = None
    ) -> list[tuple[int, Added]]:
        """Put articles in, within the act that is going on; return (id, what happened) of each.

        ``known``: its id, or its text together with its metadata, is there already, and nothing is
        added. ``same_text``: another article has this text, and this one came in too. Raises
        ``ProjectError`` when its uuid belongs to an article with another text. ``digests`` are the SHA-256
        of the texts where these are known to be normalised, so that neither is done again.
        """
        coming = list(map(coming_in, articles, repeat(None) if digests is None else digests))
        by_uuid = {
            row[0]: (row[1], row[2])
            for row in self._among("uuid, id, sha256", "uuid", [c.article.uuid for c in coming])
        }
        by_print = dict(self._among("fingerprint, id", "fingerprint", [c.fingerprint for c in coming]))
        texts = {row[0] for row in self._among("DISTINCT sha256", "sha256", [c.sha256 for c in coming])}
        # Not the number of one that went: the history speaks of it.
        (last,) = self._db.execute(
            "SELECT max(coalesce((SELECT max(id) FROM articles), 0), "
            "coalesce((SELECT max(article) FROM acts WHERE article IS NOT NULL), 0))"
        ).fetchone()
        added: list[tuple[int, Added]] = []
        new: list[tuple[int, _Coming]] = []
        for c in coming:
            uuid_ = c.article.uuid
            if uuid_ is None and c.fingerprint in by_print:
                added.append((by_print[c.fingerprint], "known"))
                continue
            if uuid_ is not None and uuid_ in by_uuid:
                there, digest = by_uuid[uuid_]
                if digest != c.sha256:
                    raise ProjectError(f"the project has an article with the id {uuid_} but another text")
                added.append((there, "known"))
                continue
            last += 1
            added.append((last, "same_text" if c.sha256 in texts else "new"))
            new.append((last, c))
            texts.add(c.sha256)
            by_print.setdefault(c.fingerprint, last)
            if uuid_ is not None:
                by_uuid[uuid_] = last, c.sha256
        self._insert(new)
        return added

    def known(self, articles: Sequence[ArticleInput]) -> list[bool]:
        """Return of each article whether :meth:`add_all` would call it known; nothing is written."""
        coming = [coming_in(article) for article in articles]
        prints = {r[0] for r in self._among("fingerprint", "fingerprint", [c.fingerprint for c in coming])}
        uuids = {r[0] for r in self._among("uuid", "uuid", [c.article.uuid for c in coming])}
        return [
            c.fingerprint in prints if c.article.uuid is None else c.article.uuid in uuids for c in coming
        ]

    def meant(self, articles: Sequence[tuple[str, ArticleInput]]) -> list[str | None]:
        """Return the uuid of the article that has the text of each: (SHA-256, article without an id).

        Of several the one that came with the same metadata, else the oldest.
        """
        found: dict[str, str] = {}
        rows = self._among("sha256, fingerprint, uuid", "sha256", [digest for digest, _ in articles])
        for digest, print_, uuid_ in rows:
            found.setdefault(digest, uuid_)
            found[print_] = uuid_
        return [found.get(fingerprint(digest, article), found.get(digest)) for digest, article in articles]

    def _among(self, columns: str, column: str, values: Sequence[str | None]) -> sqlite3.Cursor:
        """Return ``columns`` of the articles whose ``column`` is one of ``values``."""
        return self._db.execute(
            f"SELECT {columns} FROM articles WHERE {column} IN (SELECT value FROM json_each(?))",
            [json.dumps(values)],
        )

    def _insert(self, new: list[tuple[int, _Coming]]) -> None:
        """Write articles that are not there yet, each with its id."""
        self.version += 1
        if not new:
            return
        when, many, first = now(), self._project.history.insert_many, new[0][0]
        many(
            "articles",
            [
                (
                    id_,
                    c.article.uuid or str(uuid.uuid4()),
                    c.sha256,
                    c.fingerprint,
                    *(getattr(c.article, name) for name in METADATA),
                    sorted_json(c.article.meta),
                    when,
                )
                for id_, c in new
            ],
            ("id", "uuid", "sha256", "fingerprint", *METADATA, "meta", "imported_at"),
            first,
        )
        many("texts", [(id_, c.text) for id_, c in new], ("id", "text"), first)
        if self._unindexed is None:
            self.index([id_ for id_, _ in new])
        else:
            self._unindexed += [id_ for id_, _ in new]

    def index(self, articles: Sequence[int]) -> None:
        """Put articles into the search index, within the transaction that is going on."""
        self.version += 1
        self._db.execute(
            "INSERT INTO articles_fts(rowid, title, text) SELECT id, title, text FROM article_contents "
            "WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(articles)],
        )

    def unindex(self, articles: Sequence[int]) -> None:
        """Take articles out of the search index; must come before their title or text changes."""
        self.version += 1
        self._db.execute(
            "INSERT INTO articles_fts(articles_fts, rowid, title, text) SELECT 'delete', id, title, text "
            "FROM article_contents WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(articles)],
        )

    def get(self, article: int) -> Article:
        """Return one article; raises ``KeyError``."""
        row = self._db.execute(
            "SELECT articles.id, uuid, sha256, text, title, source, url, author, published, language, meta, "
            "imported_at, (SELECT count(*) - 1 FROM articles same WHERE same.sha256 = articles.sha256) "
            "FROM articles JOIN texts ON texts.id = articles.id WHERE articles.id = ?",
            [article],
        ).fetchone()
        if row is None:
            raise KeyError(article)
        columns: list[Any] = [*row]
        columns[10] = stored_object(row[10])
        return Article(*columns)

    def text(self, article: int) -> str:
        """Return an article's text; raises ``KeyError``."""
        row = self._db.execute("SELECT text FROM texts WHERE id = ?", [article]).fetchone()
        if row is None:
            raise KeyError(article)
        return str(row[0])

    def digest(self, uuid: str) -> str | None:
        """Return the SHA-256 of the text of the article with this uuid, or None."""
        row = self._db.execute("SELECT sha256 FROM articles WHERE uuid = ?", [uuid]).fetchone()
        return str(row[0]) if row else None

    def with_digest(self, sha256: str) -> list[tuple[int, str]]:
        """Return (id, uuid) of the articles whose text has this SHA-256, in import order."""
        return self._db.execute(
            "SELECT id, uuid FROM articles WHERE sha256 = ? ORDER BY id", [sha256]
        ).fetchall()

    def titled(self, words: str) -> list[int]:
        """Return the articles that have ``words`` in their title, in any case, or for their uuid."""
        wanted = words.casefold()
        rows = self._db.execute("SELECT id, title, uuid FROM articles ORDER BY id")
        return [row[0] for row in rows if wanted in row[1].casefold() or row[2] == words]

    def with_title(self, words: str, most: int) -> list[tuple[int, str]]:
        """Return up to ``most`` articles, by id and title, whose title has all of ``words``.

        A word of three letters or more may be the beginning of a longer one.
        """
        match = sought_words(words)
        if not match:
            return []
        found = self._db.execute(
            "SELECT a.id, a.title FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid "
            "WHERE articles_fts MATCH ? LIMIT ?",
            [f"title : ({match})", most],
        )
        return [(int(article), str(title)) for article, title in found]

    def count(self) -> int:
        """Return the number of articles."""
        return int(self._db.execute("SELECT count(*) FROM articles").fetchone()[0])

    def ids(self, wanted: ArticleFilter | None = None) -> list[int]:
        """Return the ids of the articles that ``wanted`` asks for, in its order (default: all)."""
        return [article for page in self.pages(wanted) for article in page]

    def pages(self, wanted: ArticleFilter | None = None) -> Iterator[list[int]]:
        """Yield what :meth:`ids` returns by the page, the first as soon as it is found; one may be empty.

        Between two pages a reading statement stays open: others may read the file, and this project may
        write, but nobody else. What changes meanwhile may be listed as it was, or not at all; raises
        ``ProjectError`` where a transaction that is rolled back meanwhile ends the reading.
        """
        return pages(self._project, wanted or ArticleFilter())

    def fitting(self, articles: Sequence[int], wanted: ArticleFilter) -> set[int]:
        """Return those of a few articles that ``wanted`` asks for; its words are not looked for again."""
        return fitting(self._project, articles, wanted)

    def exists(self, article: int) -> bool:
        """Tell whether an article is (still) there."""
        return self._db.execute("SELECT 1 FROM articles WHERE id = ?", [article]).fetchone() is not None

    def first_todo(self, articles: Sequence[int]) -> int | None:
        """Return the first of ``articles`` that is neither done nor skipped, or None."""
        decided = "SELECT article FROM progress WHERE annotator = ? AND status IN ('done', 'skipped')"
        among = f"{decided} AND article IN (SELECT value FROM json_each(?))"
        me, near = self._project.annotator_id(), list(articles[:NEAR])
        gone = {row[0] for row in self._db.execute(among, [me, json.dumps(near)])}
        found = next((article for article in near if article not in gone), None)
        if found is None and len(articles) > NEAR:  # after so many, all at once: 20 ms for 100,000
            gone = {row[0] for row in self._db.execute(decided, [me])}
            found = next((article for article in articles[NEAR:] if article not in gone), None)
        return found

    def uuids(self, ids: Sequence[int]) -> dict[int, str]:
        """Return the uuid of each of these articles."""
        chosen = "SELECT id, uuid FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(chosen, [json.dumps(list(ids))]).fetchall())

    def rows(self, ids: Sequence[int]) -> list[ArticleRow]:
        """Return what the list shows of these articles (some dozens at a time), in their order."""
        me = self._project.annotator_id()
        sql = (
            "WITH wanted(id, place) AS (SELECT value, key FROM json_each(?)), "
            "layer AS (SELECT id FROM layers WHERE name = 'stance') "
            "SELECT articles.id, title, coalesce(source, json_extract(meta, '$.file')), published, "
            "coalesce(status, 'todo'), coalesce(flagged, 0), "
            "(SELECT labels.name FROM annotations a JOIN labels ON labels.id = a.label "
            " WHERE a.article = articles.id AND a.annotator = :me AND a.layer = (SELECT id FROM layer) "
            " AND a.start IS NULL) AS stance, "
            "(SELECT labels.name FROM suggestions s JOIN labels ON labels.id = s.label "
            " WHERE s.article = articles.id AND s.layer = (SELECT id FROM layer) AND s.start IS NULL "
            f" AND {IS_OPEN} LIMIT 1), "
            "(SELECT count(*) - 1 FROM articles same WHERE same.sha256 = articles.sha256), "
            "(SELECT max(count(*) - 1, 0) FROM near_duplicates alike WHERE alike.leader = "
            " (SELECT leader FROM near_duplicates mine WHERE mine.article = articles.id)) "
            "FROM wanted JOIN articles ON articles.id = wanted.id "
            "LEFT JOIN progress ON progress.article = articles.id AND progress.annotator = :me ORDER BY place"
        ).replace("json_each(?)", "json_each(:ids)")
        return [_article_row(row) for row in self._db.execute(sql, {"ids": json.dumps(list(ids)), "me": me})]

    def counts(self) -> dict[str, int]:
        """Return how many articles each choice of :class:`ArticleFilter` ``show`` would list."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM articles), "
            "(SELECT count(*) FROM progress WHERE annotator = :me AND status = 'done'), "
            "(SELECT count(*) FROM progress WHERE annotator = :me AND status = 'skipped'), "
            "(SELECT count(*) FROM progress WHERE annotator = :me AND flagged = 1)",
            {"me": self._project.annotator_id()},
        ).fetchone()
        return {"all": row[0], "todo": row[0] - row[1] - row[2], "done": row[1], "flagged": row[3]}

    def edit_metadata(self, article: int, **fields: str | None) -> Change:
        """Change metadata: any of title, source, url, author, published, language.

        An empty string becomes None; an empty title is refused. The text cannot be changed.
        Raises ``KeyError`` when the article is gone.
        """
        unknown = set(fields) - set(METADATA)
        if unknown:
            raise TypeError(f"not metadata: {sorted(unknown)}")
        values = {name: storable(value or "").strip() or None for name, value in fields.items()}
        if "title" in values and values["title"] is None:
            raise ProjectError("An article needs a title. Type one.")
        with self._project.act("edited the metadata", article) as act:
            stored = self.get(article)
            changed = {name: value for name, value in values.items() if getattr(stored, name) != value}
            if changed:
                self.unindex([article])
                self._db.execute(
                    f"UPDATE articles SET {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?",
                    [*changed.values(), article],
                )
                self.index([article])
        return act.change

    def lacking(self, other: ArticleInput, guessed: Callable[[str], str]) -> tuple[dict[str, Any], list[str]]:
        """Return (what ``other`` says that the article with its id lacks, what both say differently).

        The first by columns, ``meta`` as JSON. A title that is ``guessed`` (of the name of a file, "" for
        none) counts as lacking. Raises ``KeyError`` where there is no such article.
        """
        row = self._db.execute(
            f"SELECT {', '.join(METADATA)}, meta FROM articles WHERE uuid = ?", [other.uuid]
        ).fetchone()
        if row is None:
            raise KeyError(other.uuid)
        clean = _storable(other)
        stored, ours = dict(zip(METADATA, row[:-1], strict=True)), stored_object(row[-1])
        guesses = (guessed(""), guessed(str(ours.get("file", ""))))
        fills = {
            name: value
            for name in METADATA
            if (value := getattr(clean, name)) not in (None, "", stored[name])
            and (stored[name] in (None, "") or (name == "title" and stored[name] in guesses))
        }
        differ = [
            name
            for name in METADATA
            if name not in fills and getattr(clean, name) not in (None, "", stored[name])
        ]
        differ += [name for name, value in clean.meta.items() if ours.get(name, value) != value]
        if clean.meta.keys() - ours.keys():
            fills["meta"] = sorted_json({**clean.meta, **ours})
        return fills, differ

    def fill(self, uuid: str, values: dict[str, Any]) -> None:
        """Write what :meth:`lacking` found, within the act that is going on."""
        (article,) = self._db.execute("SELECT id FROM articles WHERE uuid = ?", [uuid]).fetchone()
        self.unindex([article])
        self._db.execute(
            f"UPDATE articles SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?",
            [*values.values(), article],
        )
        self.index([article])

    def progress(self, article: int) -> Progress:
        """Return how far the annotator at work is with an article."""
        row = self._db.execute(
            "SELECT status, flagged, note, drawn FROM progress WHERE article = ? AND annotator = ?",
            [article, self._project.annotator_id()],
        ).fetchone()
        return Progress(row[0], bool(row[1]), *row[2:]) if row else Progress()

    def set_status(self, article: int, status: Status) -> Change:
        """Mark an article todo, in_progress, done or skipped."""
        words = {"todo": "reopened", "in_progress": "reopened", "done": "done", "skipped": "skipped"}
        return self._set_progress(article, f"marked {words[status]}", "status", status)

    def set_flagged(self, article: int, flagged: bool) -> Change:
        """Flag an article, or take its flag away."""
        return self._set_progress(article, "flagged" if flagged else "unflagged", "flagged", int(flagged))

    def set_note(self, article: int, note: str) -> Change:
        """Write the annotator's note on an article."""
        return self._set_progress(article, "changed the note", "note", storable(note))

    def _set_progress(self, article: int, text: str, column: str, value: str | int) -> Change:
        with self._project.act(text, article) as act:
            self.write_progress(article, self._project.ensure_annotator(), **{column: value})
        return act.change

    def write_progress(self, article: int, annotator: int, **values: str | int) -> None:
        """Set columns of one annotator's progress within the act that is going on."""
        row = self._db.execute(
            "SELECT status, flagged, note FROM progress WHERE article = ? AND annotator = ?",
            [article, annotator],
        ).fetchone()
        old = dict(zip(("status", "flagged", "note"), row or ("todo", 0, ""), strict=True))
        new = old | values
        if new != old:
            drawn = None if row else self._project.drawing.drawn(article)
            self._db.execute(
                "INSERT INTO progress(article, annotator, status, flagged, note, drawn) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (article, annotator) DO UPDATE SET "
                "status = excluded.status, flagged = excluded.flagged, note = excluded.note",
                [article, annotator, new["status"], new["flagged"], new["note"], drawn],
            )

    def begin_work(self, article: int, annotator: int) -> None:
        """Mark an untouched article in progress, within the act of its first annotation."""
        row = self._db.execute(
            "SELECT status FROM progress WHERE article = ? AND annotator = ?", [article, annotator]
        ).fetchone()
        if row is None or row[0] == "todo":
            self.write_progress(article, annotator, status="in_progress")


def coming_in(article: ArticleInput, digest: str | None = None) -> _Coming:
    """Return an article on its way in, as it will be stored; see :meth:`Articles.add_all`."""
    article, text = _storable(article), article.text
    if digest is None:
        text = normalise(text)
        digest = sha256(text)
    return _Coming(article, text, digest, fingerprint(digest, article))


def _storable(article: ArticleInput) -> ArticleInput:
    """Return ``article`` with metadata that SQLite can keep."""
    given = {name: getattr(article, name) for name in (*METADATA, "uuid")}
    clean: dict[str, Any] = {k: v if v is None else storable(v) for k, v in given.items()}
    if clean == given and not article.meta:
        return article  # as nearly always: making another one takes time
    meta = storable_json(article.meta)
    # What has a column of its own is in an export's ``meta`` already.
    return replace(article, **clean, meta={k: v for k, v in meta.items() if k not in METADATA[1:]})


def _article_row(row: Any) -> ArticleRow:
    id_, title, source, published, status, flagged, stance, suggested, same_text, alike = row
    return ArticleRow(
        id_,
        title,
        source,
        published,
        status,
        bool(flagged),
        stance or suggested,
        stance is None and suggested is not None,
        same_text,
        alike,
    )
