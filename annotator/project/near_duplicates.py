"""Near-duplicates: wire copies, the same article with another headline; a stance decided on one is offered.

Each article is compared once with those that were before. It belongs to the one that it is most alike to, its
leader, so that a thousand copies make a thousand rows and not a million pairs. All this follows from the
texts and stands outside the history, as suggestions do.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from annotator.model import Step, Suggestion
from annotator.project.drawing import STANCE
from annotator.shingles import ALIKE, bands, share, shingles

if TYPE_CHECKING:
    from array import array

    from annotator.project.store import Project

COMPONENT = "near-duplicate"
STEP_SECONDS = 0.008

_LOOKED_AT = 2_000  # articles of which it is asked at once whether they were compared
_COMPARED = 20  # leaders with the most bands in common that an article is compared with
_REMEMBERED = 200  # leaders whose shingles are kept in memory
_NAMED_ACTS = 2_000  # rows of an act whose articles are looked at one by one
_MEMBERS = (
    "SELECT article FROM near_duplicates "
    "WHERE leader = (SELECT leader FROM near_duplicates WHERE article = ?)"
)
GROUPED = (
    "SELECT article FROM near_duplicates WHERE leader IN "
    "(SELECT leader FROM near_duplicates WHERE article != leader)"
)
"""The articles that are nearly the same as another, in SQL."""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Another article with nearly the same text; ``share`` is how many percent of it.

    ``same_text``: it is exactly the same, headlines and all.
    """

    article: int
    title: str
    source: str | None
    share: int
    same_text: bool = False


class _Decision(NamedTuple):
    article: int
    annotator: str
    label: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing found: articles nearly the same as an earlier one, and all that are in their groups."""

    found: tuple[int, ...]
    grouped: tuple[int, ...]


def in_words(found: int) -> str:
    """Return in a sentence how many articles are nearly the same as one before."""
    words = "1 near-duplicate" if found == 1 else f"{found:,} near-duplicates"
    return f"{words} found: nearly the same text as an article before."


class NearDuplicates:
    """Which articles of a project are nearly the same."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._known: OrderedDict[int, array[int]] = OrderedDict()

    def pending(self) -> int:
        """Return how many articles have not been compared yet."""
        row = self._db.execute(
            "SELECT count(*) FROM articles WHERE id NOT IN (SELECT article FROM near_duplicates)"
        ).fetchone()
        return int(row[0])

    def compare(self, seconds: float = STEP_SECONDS) -> Generator[Step, None, Compared]:
        """Compare the articles that have not been; return what was found.

        In steps of ``seconds``, each a transaction. What was decided on one is then offered on the others.
        """
        self._project.require_writable()
        waiting: list[int] = []
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
        for first in range(1, last + 1, _LOOKED_AT):
            rows = self._db.execute(
                "SELECT id FROM articles WHERE id BETWEEN ? AND ? "
                "AND NOT EXISTS (SELECT 1 FROM near_duplicates WHERE article = id) ORDER BY id",
                [first, first + _LOOKED_AT - 1],
            ).fetchall()
            waiting += [article for (article,) in rows]
            yield Step(0, 0)
        found: list[int] = []
        done = 0
        while done < len(waiting):
            until = perf_counter() + seconds
            with self._project.history.transaction():
                while done < len(waiting):
                    if self._compare(waiting[done]):
                        found.append(waiting[done])
                    done += 1
                    if perf_counter() > until:
                        break
            yield Step(done, len(waiting))
        leaders = dict.fromkeys(self._leader(article) for article in found)
        grouped = tuple(member for leader in leaders for member in self.group(leader))
        offered = 0
        while offered < len(grouped):
            offered += self.refresh(grouped[offered : offered + 1_000], seconds)[1]
            yield Step(done, len(waiting))
        return Compared(tuple(found), grouped)

    def _compare(self, article: int) -> bool:
        row = self._db.execute("SELECT text FROM texts WHERE id = ?", [article]).fetchone()
        if row is None:
            return False  # taken back meanwhile
        mine = shingles(row[0])
        own = bands(mine)
        best, leader = 0, article
        for candidate in self._candidates(own):
            theirs = self._shingles(candidate)
            common = share(mine, theirs) if theirs is not None else 0
            if common >= ALIKE and common > best:
                best, leader = common, candidate
        self._db.execute(
            "INSERT OR IGNORE INTO near_duplicates(article, leader, share) VALUES (?, ?, ?)",
            [article, leader, best or 100],
        )
        if leader != article:
            return True
        self._remember(article, mine)
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO near_duplicate_bands(band, article) VALUES (?, ?)",
            [(band, article) for band in own],
        )
        return False

    def _candidates(self, own: list[int]) -> list[int]:
        """Return the leaders with a band in common: most of them first, of equal ones the earlier."""
        rows = self._db.execute(
            f"SELECT article FROM near_duplicate_bands WHERE band IN ({', '.join('?' * len(own))}) "
            f"GROUP BY article ORDER BY count(*) DESC, article LIMIT {_COMPARED}",
            own,
        )
        return [row[0] for row in rows]

    def _shingles(self, article: int) -> array[int] | None:
        known = self._known.get(article)
        if known is not None:
            self._known.move_to_end(article)
            return known
        row = self._db.execute("SELECT text FROM texts WHERE id = ?", [article]).fetchone()
        if row is None:
            return None
        known = shingles(row[0])
        self._remember(article, known)
        return known

    def _remember(self, article: int, found: array[int]) -> None:
        self._known[article] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, articles: str) -> None:
        """Forget articles that are gone (a query), within the transaction that is going on.

        Those that had one of them for their leader are compared anew.
        """
        self._known.clear()
        for column in ("article", "leader"):
            self._db.execute(f"DELETE FROM near_duplicates WHERE {column} IN ({articles})")
        self._db.execute(f"DELETE FROM near_duplicate_bands WHERE article IN ({articles})")

    def group(self, article: int) -> list[int]:
        """Return the articles that are nearly the same as this one and itself, in import order."""
        return sorted(row[0] for row in self._db.execute(_MEMBERS, [article]))

    def of(self, article: int, most: int = 5) -> list[NearDuplicate]:
        """Return up to ``most`` other articles that are nearly the same, the most alike first."""
        rows = self._db.execute(
            "SELECT others.article, title, coalesce(source, json_extract(meta, '$.file')), "
            "sha256 = (SELECT sha256 FROM articles WHERE id = :article) FROM ("
            "SELECT other.article FROM near_duplicates mine JOIN near_duplicates other "
            "ON other.leader = mine.leader AND other.article != mine.article WHERE mine.article = :article "
            "ORDER BY min(mine.share, other.share) DESC, other.article LIMIT :most"
            ") others JOIN articles ON articles.id = others.article",
            {"article": article, "most": most},
        ).fetchall()
        found = [
            NearDuplicate(other, title, source, self._share(article, other), bool(same))
            for other, title, source, same in rows
        ]
        return sorted(found, key=lambda each: (-each.share, each.article))

    def _share(self, one: int, other: int) -> int:
        """Return how many percent of two articles of a group are the same."""
        if not (self._leads(one) or self._leads(other)):
            mine, theirs = self._shingles(one), self._shingles(other)
            return share(mine, theirs) if mine is not None and theirs is not None else 0
        row = self._db.execute(
            "SELECT min(share) FROM near_duplicates WHERE article IN (?, ?)", [one, other]
        ).fetchone()
        return int(row[0] or 0)

    def _leads(self, article: int) -> bool:
        return self._leader(article) == article

    def _leader(self, article: int) -> int:
        row = self._db.execute("SELECT leader FROM near_duplicates WHERE article = ?", [article]).fetchone()
        return int(row[0]) if row else article

    # What is offered

    def beside(self, act: int) -> list[int]:
        """Return the articles to which an act's decisions on stances may be offered, or no longer be."""
        (rows,) = self._db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM act_rows WHERE act = ? LIMIT ?)", [act, _NAMED_ACTS + 1]
        ).fetchone()
        if rows > _NAMED_ACTS:
            return self.grouped()
        touched = self._db.execute(
            "SELECT json_extract(before, '$.article') FROM act_rows WHERE act = :act AND tbl = 'annotations' "
            "AND json_extract(before, '$.start') IS NULL AND before IS NOT NULL "
            'UNION SELECT article FROM annotations WHERE "start" IS NULL AND id IN '
            "(SELECT \"row\" FROM act_rows WHERE act = :act AND tbl = 'annotations')",
            {"act": act},
        ).fetchall()
        # The articles themselves, too: what was decided anew may have been offered once.
        return list(dict.fromkeys(member for (article,) in touched for member in self.group(article)))

    def grouped(self) -> list[int]:
        """Return all articles that are nearly the same as another."""
        return [row[0] for row in self._db.execute(f"{GROUPED} ORDER BY article")]

    def refresh(self, articles: Iterable[int], seconds: float | None = None) -> tuple[list[int], int]:
        """Let the stance suggested for articles follow; return (those that changed, how many were done).

        One transaction; it ends after ``seconds``.
        """
        began, changed, done = perf_counter(), [], 0
        decisions: dict[int, list[_Decision]] = {}  # by leader: of many copies they are read once
        with self._project.history.transaction():
            for article in articles:
                leader = self._leader(article)
                if leader not in decisions:
                    decisions[leader] = self._decisions(leader)
                if self._refresh(article, decisions[leader]):
                    changed.append(article)
                done += 1
                if seconds is not None and perf_counter() - began > seconds:
                    break
        return changed, done

    def _refresh(self, article: int, decisions: Sequence[_Decision]) -> bool:
        if any(decision.article == article for decision in decisions):
            return False  # what was suggested where somebody decided stays as it was
        store = self._project.suggestions
        stored = store.of_whole(article, STANCE)
        ours = [s for s in stored if s.component == COMPONENT]
        if not ours and (not decisions or store.is_pending(article)):
            return False  # the pipeline comes first
        wanted = self._offer(article, decisions)
        hidden = store.of_whole(article, STANCE, "covered")
        theirs = [s for s in stored if s.component != COMPONENT]
        same = [
            s for s in ours if wanted is not None and (s.label, s.reason) == (wanted.label, wanted.reason)
        ]
        drop = {s.id for s in ours if s not in same[:1]}
        add = [wanted] if wanted is not None and not same else []
        cover = {s.id for s in theirs} if wanted is not None else set()
        # What the pipeline has said since takes the place of what was covered.
        stale = {s.id for s in hidden} if theirs else set()
        uncover = {s.id for s in hidden} if wanted is None and not theirs else set()
        if not (drop or add or cover or stale or uncover):
            return False
        if stale:
            self._db.execute(
                "DELETE FROM covered WHERE article = ? AND id IN (SELECT value FROM json_each(?))",
                [article, json.dumps(sorted(stale))],
            )
        store.rearrange(article, cover=cover, uncover=uncover, drop=drop, add=add)
        self._project.drawing.suggested_anew([article])
        return True

    def _offer(self, article: int, decisions: Sequence[_Decision]) -> Suggestion | None:
        """Return the stance that at least three quarters of the decisions on the others are for."""
        if not decisions:
            return None
        numbers = Counter(decision.label for decision in decisions)
        label, most = max(numbers.items(), key=lambda item: (item[1], item[0]))
        if 4 * most < 3 * len(decisions):
            return None
        chosen = list(dict.fromkeys(d.article for d in decisions if d.label == label))
        shares = {other: self._share(article, other) for other in chosen[:_COMPARED]}
        nearest = min(shares, key=lambda other: (-shares[other], other))
        title, source = self._db.execute(
            "SELECT title, coalesce(source, json_extract(meta, '$.file')) FROM articles WHERE id = ?",
            [nearest],
        ).fetchone()
        people = [d.annotator for d in decisions if d.article == nearest and d.label == label]
        words = "the same text" if shares[nearest] == 100 else f"a text that is {shares[nearest]} % the same"
        where = f"“{title}” ({source})" if source else f"“{title}”"
        more = f", and {len(chosen) - 1} more like it" if len(chosen) > 1 else ""
        reason = f"{' and '.join(people)} labelled {words} {label}: {where}{more}"
        return Suggestion(STANCE, label, None, None, COMPONENT, reason)

    def _decisions(self, leader: int) -> list[_Decision]:
        """Return what was decided on the stances of whole articles in a group."""
        rows = self._db.execute(
            "SELECT n.article, annotators.name, labels.name FROM near_duplicates n "
            'CROSS JOIN annotations a ON a.article = n.article AND a."start" IS NULL '
            "JOIN annotators ON annotators.id = a.annotator JOIN labels ON labels.id = a.label "
            "JOIN layers ON layers.id = a.layer "
            "WHERE n.leader = ? AND layers.name = ? AND labels.retired = 0 ORDER BY n.article, 2",
            [leader, STANCE],
        )
        return [_Decision(*row) for row in rows]
