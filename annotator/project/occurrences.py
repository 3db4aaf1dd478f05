"""Every place where names stand, in an article or in the whole project, and what is decided there.

Found in steps of some milliseconds: nothing stays open between two of them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from annotator.matching import Sought

if TYPE_CHECKING:
    from annotator.project.store import Project

State = Literal["free", "labelled", "otherwise", "part", "rejected", "boilerplate"]
"""Nothing is decided; it has the label already; another one, or something across it; it is part of a longer
name; the label was rejected here; or it stands in boilerplate."""

CONTEXT = 60  # characters on either side
_ARTICLES_AT_A_TIME = 32


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place ``[start, end)`` of an article, with the text around it and what the annotator decided there.

    ``about`` names the label or the longer text that ``state`` speaks of.
    """

    article: int
    title: str
    start: int
    end: int
    quote: str
    before: str
    after: str
    state: State = "free"
    about: str = ""

    @property
    def place(self) -> tuple[int, int, int]:
        """What it is known by, and what is labelled."""
        return self.article, self.start, self.end


class Found(NamedTuple):
    """What a step found, with the number of the last article looked at and of the last there is."""

    places: list[Occurrence]
    done: int
    total: int


def occurrences(
    project: Project, sought: Sought, label: tuple[str, str] | None = None, article: int | None = None
) -> Iterator[Found]:
    """Find ``sought`` in an article (default: in all), in the order in which they were imported.

    ``label`` is the (layer, label) that the places may get: their state is told by it.
    """
    if not sought.folded():
        return
    find = sought.finder()
    (total,) = project.db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    pages = iter([[article]]) if article is not None else _candidates(project, sought)
    for page in pages:
        rows = project.db.execute(
            "SELECT texts.id, articles.title, texts.text FROM texts JOIN articles ON articles.id = texts.id "
            "WHERE texts.id IN (SELECT value FROM json_each(?)) ORDER BY texts.id",
            [json.dumps(page)],
        ).fetchall()
        for id_, title, text in rows:
            places = list(find(text))
            if places:
                states = _States(project, id_, text, label)
                found = [
                    Occurrence(
                        id_,
                        title,
                        start,
                        end,
                        text[start:end],
                        text[max(0, start - CONTEXT) : start],
                        text[end : end + CONTEXT],
                        *states.of(start, end),
                    )
                    for start, end in places
                ]
                yield Found(found, id_, total)
        yield Found([], page[-1], total)


def _candidates(project: Project, sought: Sought) -> Iterator[list[int]]:
    """Yield the articles in which ``sought`` may stand, some at a time."""
    names, query = sought.folded(), None
    # The index knows beginnings of words, all cases, and accents on Latin letters, and nothing else.
    indexed = all(any(char.isalnum() for char in name) for name in names)
    if sought.whole and indexed and (not sought.variants or all(name.isascii() for name in names)):
        query = "text : (" + " OR ".join('"' + name.replace('"', " ") + '"' for name in names) + ")"
    last = 0
    while True:
        if query is None:
            rows = project.db.execute(
                "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES_AT_A_TIME]
            ).fetchall()
        else:
            rows = project.db.execute(
                "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ? "
                "ORDER BY rowid LIMIT ?",
                [query, last, _ARTICLES_AT_A_TIME],
            ).fetchall()
        if not rows:
            return
        yield [row[0] for row in rows]
        last = rows[-1][0]


class _Stretches:
    """Stretches (start, end, label) of one article, found by place."""

    def __init__(self, stretches: Iterable[tuple[int, int, str]]) -> None:
        self._all = sorted(stretches)
        self._starts = [start for start, _, _ in self._all]
        self._longest = max((end - start for start, end, _ in self._all), default=0)

    def over(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Return those that share text with ``[start, end)``."""
        first, last = bisect_left(self._starts, start - self._longest), bisect_left(self._starts, end)
        return [stretch for stretch in self._all[first:last] if stretch[1] > start]


class _States:
    """What the annotator at work decided in one article, as far as it concerns a label."""

    def __init__(self, project: Project, article: int, text: str, label: tuple[str, str] | None) -> None:
        self._text, self._label = text, label
        zones = project.suggestions.zones_in_force(article)
        self._boilerplate = _Stretches(zone for zone in zones if zone[2] == "boilerplate")
        self._decided = self._suggested = _Stretches(())
        self._rejected: set[tuple[int, int]] = set()
        if label is None:
            return
        layer, name = label
        if layer == "zone":
            self._boilerplate = _Stretches(())
        self._decided = _Stretches(
            (a.start, a.end, a.label)
            for a in project.annotations.of(article)
            if a.layer == layer and a.start is not None and a.end is not None
        )
        self._suggested = _Stretches(
            (s.start, s.end, s.label or "")
            for s in project.suggestions.open(article)
            if s.layer == layer and s.start is not None and s.end is not None
        )
        self._rejected = {
            (r.start, r.end)
            for r in project.annotations.rejections(article)
            if (r.layer, r.label) == (layer, name) and r.start is not None and r.end is not None
        }

    def of(self, start: int, end: int) -> tuple[State, str]:
        """Return the state of a place, and what it is about."""
        decided = self._decided.over(start, end)
        exact = [label for a, b, label in decided if (a, b) == (start, end)]
        if exact:
            same = self._label is not None and self._label[1] in exact
            return ("labelled", "") if same else ("otherwise", exact[0])
        for a, b, _ in (*decided, *self._suggested.over(start, end)):
            if a <= start and end <= b and (a, b) != (start, end):
                return "part", self._text[a:b]
        if decided:
            return "otherwise", decided[0][2]
        if (start, end) in self._rejected:
            return "rejected", ""
        if self._boilerplate.over(start, end):
            return "boilerplate", ""
        return "free", ""
