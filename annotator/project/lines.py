"""The lines of an export, made by SQLite: faster than any serializer that Python would have to feed.

This is the one writer of schema ``annotator/1`` (docs/jsonl.md). Objects in a line are ordered by names
and texts, never by ids, so that its bytes do not depend on the order in which a project came to know
its labels and people. Texts and quotes are verified in Python: SQLite counts code points from the
text's beginning for each quote, which for many spans in a long text never ends.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from operator import lt
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from annotator.model import DamagedProjectError, Status
from annotator.project.behind import Behind
from annotator.project.drawing import HIDDEN
from annotator.project.suggestions import IS_OPEN
from annotator.text import sha256

if TYPE_CHECKING:
    from annotator.project.store import Project

_CHUNK_SECONDS = 0.008

DECISION_KEYS = (  # of an annotation, in a line's order; they are its columns too
    "certainty",
    "note",
    "origin",
    "component",
    "reason",
    "seen_suggestion",
    "blind",
    "actor",
    "holder",
    "target",
    "codebook_version",
    "created_at",
    "updated_at",
)
_NAMES = ("actor", "holder", "target")
_COLUMNS = ", ".join(
    f"'{column}', "
    + (
        "json(CASE a.blind WHEN 1 THEN 'true' ELSE 'false' END)"
        if column == "blind"
        else f"CASE WHEN a.{column} IS NOT NULL THEN (SELECT name FROM actors WHERE id = a.{column}) END"
        if column in _NAMES
        else f"a.{column}"
    )
    for column in DECISION_KEYS
)
_MINE = (
    "FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label "
    "WHERE a.article = articles.id AND a.annotator = person.id"
)
_BETWEEN = "',' || char(0)"  # entries that are to be sorted: JSON has no NUL, and has to have the comma

# Each is the text of an array or object, put together of entries that are sorted as texts: sorting rows of
# twenty columns takes longer, and SQLite would read JSON that comes out of a subquery anew. What can be many
# is sorted in Python (:func:`_in_order`): mostly it comes in its order, and SQLite would copy it all the
# same. A layer that allows several labels an article has a list where it has several.
_LABELS = f"""(
    SELECT '{{' || coalesce(group_concat(json_quote(layer) || ':' || CASE number WHEN 1 THEN entries
        ELSE '[' || entries || ']' END), '') || '}}' FROM (
        SELECT layer, count(*) AS number, group_concat(entry) AS entries FROM (
            SELECT layers.name AS layer, json_object('id', a.uuid, 'label', labels.name, {_COLUMNS}) AS entry
            {_MINE} AND a.start IS NULL ORDER BY layers.name, labels.name, a.uuid
        ) GROUP BY layer ORDER BY layer
    ))"""
_REJECTIONS = """(
    SELECT '[' || coalesce(group_concat(entry), '') || ']' FROM (
        SELECT CASE WHEN r.start IS NOT NULL AND r.quote IS NULL
            THEN json_object('layer', layers.name, 'label', labels.name, 'start', r.start, 'end', r.end,
                'alone', json('true'))
            ELSE json_object('layer', layers.name, 'label', labels.name, 'start', r.start, 'end', r.end)
            END AS entry
        FROM rejections r JOIN layers ON layers.id = r.layer JOIN labels ON labels.id = r.label
        WHERE r.article = articles.id AND r.annotator = person.id
        ORDER BY r.start, r.end, layers.name, labels.name
    ))"""
_NAMED = "SELECT a.{} FROM annotations a WHERE a.article = articles.id AND a.annotator = person.id"
_ACTORS = f"""(
    SELECT json_group_object(name, json_object('id', uuid, 'kind', kind, 'bloc', bloc, 'aliases', json((
        SELECT json_group_array(alias) FROM (SELECT alias FROM aliases WHERE actor = number ORDER BY alias)
    )))) FROM (
        SELECT id AS number, uuid, name, kind, bloc FROM actors WHERE id IN (
            {" UNION ALL ".join(_NAMED.format(column) for column in _NAMES)}
        ) ORDER BY name
    ))"""
# Where the project has decided on actors, open suggestions speak of whom it says.
_MACHINE_SAYS = "'actor', s.actor, 'holder', s.holder, 'target', s.target"
_PROJECT_SAYS = (
    "'actor', actor_behind(s.article, layers.name, labels.name, s.start, s.end, s.actor), "
    "'holder', actor_named(s.holder), 'target', actor_named(s.target)"
)
_SUGGESTIONS = f"""coalesce((
    SELECT json_group_array(coalesce(s.start, -1)) || char(0) || group_concat(json_object(
            'layer', layers.name, 'label', labels.name, 'start', s.start, 'end', s.end,
            'score', CASE WHEN score IS NOT NULL THEN json(json_number(score)) END, 'scores', json(scores),
            'reason', reason, 'evidence', json(evidence), 'component', component,
            {_MACHINE_SAYS}), {_BETWEEN})
        FROM suggestions s JOIN layers ON layers.id = s.layer LEFT JOIN labels ON labels.id = s.label
        WHERE s.article = articles.id AND (person.id NOT NULL OR NOT {HIDDEN.replace(":me", "0")})
            AND (person.id IS NULL OR ({IS_OPEN.replace(":me", "person.id")}))
    ), '')"""
_PIPELINE = """coalesce((
    SELECT json_object('name', runs.name, 'version', version)
    FROM suggested JOIN runs ON runs.id = suggested.run WHERE suggested.article = articles.id
    ), 'null')"""
_META = """'source', source, 'url', url, 'published', published, 'author', author, 'language', language"""
# The text, which is most of a line and read to be verified anyway, stands between these two.
_HEAD = (
    "rtrim(json_object('schema', 'annotator/1', 'id', articles.uuid, 'sha256', sha256, 'title', title), '}')"
)
_PROGRESS = f"""trim(json_object(
    'meta', json(CASE meta WHEN '{{}}' THEN json_object({_META})
        ELSE rtrim(json_object({_META}), '}}') || ',' || substr(meta, 2) END),
    'annotator', person.name, 'status', coalesce(status, 'todo'),
    'flagged', json(CASE flagged WHEN 1 THEN 'true' ELSE 'false' END), 'note', coalesce(note, ''),
    'drawn', drawn), '{{}}')"""
_ACTORS_THERE = (
    f"CASE WHEN EXISTS ({_NAMED.format('id')} AND coalesce(a.actor, a.holder, a.target) "
    f"IS NOT NULL) THEN {_ACTORS} ELSE '{{}}' END"
)
_PARTS = (_HEAD, _PROGRESS, _LABELS, _REJECTIONS, _ACTORS_THERE)
_LINE = b'%s,"text":%s,%s,"labels":%s,"spans":[%s],"rejections":%s,"actors":%s'
_SUGGESTED = b',"suggestions":[%s],"pipeline":%s'

_CHUNK = "(SELECT id FROM articles WHERE id > :after ORDER BY id LIMIT :size)"
# Whoever touched an article has a line of it; an article that nobody touched has one without annotator.
_QUERY = f"""
WITH touched(article, annotator) AS (
    SELECT article, annotator FROM progress WHERE article IN {_CHUNK}
    UNION SELECT article, annotator FROM annotations WHERE article IN {_CHUNK}
    UNION SELECT article, annotator FROM rejections WHERE article IN {_CHUNK}
)
SELECT articles.id, person.name, person.id, %s
FROM articles
LEFT JOIN touched ON touched.article = articles.id
LEFT JOIN annotators person ON person.id = touched.annotator
LEFT JOIN progress ON progress.article = articles.id AND progress.annotator = person.id
WHERE articles.id IN {_CHUNK}
    AND (:status IS NULL OR coalesce(status, 'todo') = :status)
    AND (:annotator IS NULL OR person.name = :annotator)
"""
# One row an article: one a span takes longer to fetch than to compare. They come as they are stored.
_SPANS = f"""
SELECT a.article, min(a.annotator), max(a.annotator), json_group_array(a.start), json_group_array(a.end),
    group_concat(quote, char(0)), CAST(group_concat(json_object('id', a.uuid, 'layer', layers.name,
        'label', labels.name, 'start', a.start, 'end', a.end, 'text', quote, {_COLUMNS}), {_BETWEEN}) AS BLOB)
FROM annotations a CROSS JOIN layers ON layers.id = a.layer CROSS JOIN labels ON labels.id = a.label
WHERE a.article IN %s AND a.annotator %s AND a.start IS NOT NULL
    AND (:status IS NULL OR :status = coalesce((
        SELECT status FROM progress WHERE article = a.article AND annotator = a.annotator), 'todo'))
    AND (:annotator IS NULL OR :annotator = (SELECT name FROM annotators WHERE id = a.annotator))
GROUP BY a.article
"""


class Line(NamedTuple):
    """A line of UTF-8 without its end; ``spans`` is the number of those in it, all of them verified."""

    article: int
    spans: int
    text: bytes


class Lines:
    """Writes articles with their decisions as lines of schema ``annotator/1``."""

    def __init__(self, project: Project) -> None:
        self._db = project.db
        self._actors = project.actors
        self._behind = Behind((), ())
        self._texts: dict[int, tuple[str, bytes]] = {}  # of the chunk
        self._db.conn.create_function("actor_behind", 6, self._actor_behind)
        self._db.conn.create_function("actor_named", 1, self._actor_named)
        # Whatever SQLite makes of a REAL, in an export a number is what Python reads back as the same one.
        self._db.conn.create_function("json_number", 1, _json_number, deterministic=True)

    def chunks(
        self, *, with_suggestions: bool = False, status: Status | None = None, annotator: str | None = None
    ) -> Iterator[tuple[int, list[Line]]]:
        """Yield (articles looked at, their lines) for a few articles at a time, in import order.

        ``status`` and ``annotator`` keep only the lines that have them. A chunk takes about 8 ms, and
        nothing is held open between two. Raises ``DamagedProjectError`` where a text does not fit its
        SHA-256 or a span its text, and ``KeyError`` where an article has lost its text.
        """
        behind = self._actors.behind() if with_suggestions else Behind((), ())
        parts, template = list(_PARTS), _LINE
        if with_suggestions:
            said = _SUGGESTIONS.replace(_MACHINE_SAYS, _PROJECT_SAYS) if behind else _SUGGESTIONS
            parts += said, _PIPELINE
            template += _SUGGESTED
        template += b"}"
        # As bytes: making text of them only to encode it again would take as long as reading them.
        query = _QUERY % ", ".join(f"CAST({part} AS BLOB)" for part in parts)
        values: dict[str, Any] = {"after": 0, "size": 1, "status": status, "annotator": annotator}
        while True:
            began = time.perf_counter()
            with self._db.atomic():  # another program may write between two statements
                texts = self._verified(values)
                if not texts:
                    return
                spans = dict(self._spans(_SPANS % (_CHUNK, "NOT NULL"), values, texts))
                self._behind, self._texts = behind, texts
                found = self._db.execute(query, values).fetchall()
            self._texts = {}
            # Sorted here: SQLite would carry whole lines through its sorter.
            found.sort(key=lambda row: (row[0], row[1] or ""))
            lines = []
            for article, _, person, head, progress, labels, rejections, actors, *suggested in found:
                number, entries = spans.get((article, person), (0, b""))
                if suggested and suggested[0]:
                    starts, _, some = suggested[0].partition(b"\0")
                    suggested[0] = _in_order(msgspec.json.decode(starts), some)
                line = head, texts[article][1], progress, labels, entries, rejections, actors, *suggested
                lines.append(Line(article, number, template % line))
            yield len(texts), lines
            values["after"] = max(texts)
            fits = values["size"] * _CHUNK_SECONDS / max(time.perf_counter() - began, 1e-6)
            values["size"] = max(1, min(int(fits), values["size"] * 2, 1000))

    def _actor_behind(
        self,
        article: int,
        layer: str,
        label: str | None,
        start: int | None,
        end: int | None,
        actor: str | None,
    ) -> str | None:
        if layer != "entity" or start is None:
            return self._behind.actor(actor)
        return self._behind.of_mention(self._texts[article][0][start:end], label, actor)

    def _actor_named(self, name: str | None) -> str | None:
        return self._behind.actor(name)

    def _verified(self, values: dict[str, Any]) -> dict[int, tuple[str, bytes]]:
        """Return the texts of a chunk as they are and in JSON."""
        texts: dict[int, tuple[str, bytes]] = {}
        for article, digest, text in self._db.execute(
            "SELECT articles.id, sha256, text FROM articles LEFT JOIN texts ON texts.id = articles.id "
            f"WHERE articles.id IN {_CHUNK}",
            values,
        ):
            if text is None:
                raise KeyError(article)
            texts[article] = text, _quoted(text)  # first this, which keeps its UTF-8 for the hash
            if sha256(text) != digest:
                self._refuse(article)
        return texts

    def _spans(
        self, query: str, values: dict[str, Any], texts: Mapping[int, tuple[str, bytes]]
    ) -> Iterator[tuple[tuple[int, int], tuple[int, bytes]]]:
        """Yield article and annotator, and how many spans they have and those in JSON; all are verified."""
        for article, one, other, starts, ends, quotes, entries in self._db.execute(query, values).fetchall():
            begins = msgspec.json.decode(starts)
            stretches = map(slice, begins, msgspec.json.decode(ends))
            if "\0".join(map(texts[article][0].__getitem__, stretches)) != quotes:
                self._refuse(article)
            if one == other:
                yield (article, one), (len(begins), _in_order(begins, entries))
                continue
            for (person,) in self._db.execute(
                "SELECT DISTINCT annotator FROM annotations WHERE article = ?", [article]
            ).fetchall():
                yield from self._spans(_SPANS % (f"({article})", f"= {person}"), values, texts)

    def _refuse(self, article: int) -> None:
        (title,) = self._db.execute("SELECT title FROM articles WHERE id = ?", [article]).fetchone()
        raise DamagedProjectError(
            f"The article “{title}” is damaged: a span or its text does not verify. "
            "Nothing was written; `annotator check` tells more, and `annotator salvage` makes a new project "
            "of all that can be read."
        )


def _json_number(value: float | None) -> str | None:
    return None if value is None else json.dumps(value)


class _Named(msgspec.Struct):
    """What of an entry tells its place among those that begin where it does."""

    layer: str
    label: str | None
    end: int | None
    id: str = ""  # of a span
    component: str | None = None  # of a suggestion

    def place(self) -> tuple[Any, ...]:
        return self.end or 0, self.layer, self.label or "", self.id, self.component or ""


_named = msgspec.json.Decoder(_Named).decode
_quoted = msgspec.json.Encoder().encode


def _in_order(begins: Sequence[int], entries: bytes) -> bytes:
    """Return an array's entries, which come with ``_BETWEEN`` between, by start, end, layer and label."""
    if all(map(lt, begins, begins[1:])):  # as nearly always; to take them apart takes longer than to look
        return entries.replace(b"\0", b"")
    each = entries.split(b",\0")
    places = [_named(entry).place() for entry in each]
    placed = sorted(zip(begins, places, range(len(each)), each, strict=True))  # stable
    return b",".join([entry for *_, entry in placed])
