"""Drawing articles: orders at random by a stored seed, by uncertainty, and the blind share.

All of it follows from one number for a purpose, the project's seed and an article's uuid: the first
eight bytes, big-endian, of the SHA-256 of ``purpose:seed:uuid``. So an order is the same after a restart
and on any machine, and anybody can compute it again (docs/suggestions.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from hashlib import sha256
from heapq import merge
from typing import TYPE_CHECKING, Any

from annotator.model import ArticleFilter, Change, ProjectError, Sort
from annotator.project.stored_values import stored_scores

if TYPE_CHECKING:
    from annotator.project.store import Project

DRAWN: dict[Sort, str] = {
    "random": "random",
    "by_source": "stratified by source",
    "by_month": "stratified by month",
    "uncertainty": "uncertainty",
}
"""What an export says of articles that came up in one of the drawn orders."""
FIFTH = "every fifth at random"
"""What it says of those among the least certain that were drawn at random."""

STANCE = "stance"
"""The layer whose suggestions a blind share hides."""

_EVERY = 5
_AT_A_TIME = 2_000  # articles in a step
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_NO_SUGGESTION = 2.0  # more than any margin


_Steps = Generator[None, None, list[int]]


def draw(purpose: str, seed: str, uuid: str) -> int:
    """Return the number below 2**64 that decides for an article: see the module."""
    return int.from_bytes(sha256(f"{purpose}:{seed}:{uuid}".encode()).digest()[:8], "big")


def is_blind(uuid: str, seed: str | None, share: str | None) -> bool:
    """Tell whether an article is of the blind share (in percent): the SQL function of this name."""
    percent = _percent(share)
    return percent > 0 and draw("blind", seed or "0", uuid) * 100 < percent << 64


# For a suggestion ``s`` and an annotator ``:me``: it is a stance that they may not see yet. What was
# seen once (``revealed``) stays seen, whatever is undone.
HIDDEN = (
    "(s.layer = (SELECT id FROM layers WHERE name = 'stance') AND is_blind("
    "(SELECT uuid FROM articles WHERE id = s.article), (SELECT value FROM settings WHERE key = 'seed'), "
    "(SELECT value FROM settings WHERE key = 'blind_share')) "
    "AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.article = s.article AND a.annotator = :me "
    'AND a.layer = s.layer AND a."start" IS NULL) '
    "AND NOT EXISTS (SELECT 1 FROM revealed WHERE revealed.article = s.article "
    "AND revealed.annotator IN (SELECT name FROM annotators WHERE id = :me)))"
)
_HIDDEN_FROM = HIDDEN.replace(  # undoing their first act takes an annotator's row away, but not what they saw
    "WHERE id = :me)))", "WHERE id = :me UNION ALL SELECT :name WHERE :me = 0)))"
)


class Drawing:
    """The seed, the orders that follow from it, and which stance suggestions are hidden."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._db.conn.create_function("is_blind", 3, is_blind, deterministic=True)
        self.on: Sort | None = None
        """The drawn order that the person works along now; None: another one, or what a search found."""
        self._orders: dict[str, tuple[object, list[int]]] = {}
        self._margins: dict[int, float] | None = None
        self._meanwhile: set[int] = set()  # articles with other suggestions, while the margins are being read

    # Settings

    @property
    def seed(self) -> str:
        """The project's seed, drawn when the project was made."""
        return self._setting("seed") or "0"

    @property
    def blind_share(self) -> int:
        """On how many of a hundred articles the stance suggestion is hidden until one has chosen."""
        return _percent(self._setting("blind_share"))

    def change(self, *, seed: str, blind_share: int) -> Change:
        """Set both, as one act. Raises ``ProjectError`` where one of them is none."""
        if not re.fullmatch(r"[0-9]{1,18}", seed):
            raise ProjectError("The seed is a whole number of up to 18 digits. Type digits only.")
        if not 0 <= blind_share <= 100:
            raise ProjectError("The blind share is between 0 and 100 percent. Type a number between them.")
        words = f"set the blind share to {blind_share}% and the seed to {seed}"
        with self._project.act(words) as act:
            for key, old, value in (
                ("seed", self.seed, seed),
                ("blind_share", str(self.blind_share), str(blind_share)),
            ):
                if value != old:
                    self._db.execute(
                        "INSERT INTO settings(key, value) VALUES (?, ?) "
                        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        [key, value],
                    )
        return act.change

    def _setting(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
        return str(row[0]) if row else None

    # The blind share

    def hidden(self, articles: Iterable[int], annotator: int | None = None) -> set[int]:
        """Return those of ``articles`` whose stance suggestions an annotator (id) may not see yet."""
        if not self.blind_share:
            return set()
        me = self._project.annotator_id() if annotator is None else annotator
        rows = self._db.execute(
            "WITH s(article, layer) AS (SELECT value, (SELECT id FROM layers WHERE name = 'stance') "
            f"FROM json_each(:ids)) SELECT article FROM s WHERE {_HIDDEN_FROM}",
            {"ids": json.dumps(list(articles)), "me": me, "name": self._project.annotator},
        )
        return {row[0] for row in rows}

    def blind_to(self, annotator: int) -> list[int]:
        """Return the articles of the blind share that an annotator (id) has not been shown the stance of."""
        share = str(self.blind_share)

        def make() -> _Steps:
            seed, found = self.seed, list[int]()
            for rows in self._articles("uuid"):
                found += [id_ for id_, uuid in rows if is_blind(uuid, seed, share)]
                yield
            return found

        blind = _whole(self._kept(f"blind {share}", make)) if self.blind_share else []
        seen = self._db.execute(
            "SELECT article FROM revealed WHERE annotator IN (SELECT name FROM annotators WHERE id = :me "
            "UNION ALL SELECT :name WHERE :me = 0)",
            {"me": annotator, "name": self._project.annotator},
        )
        revealed = {row[0] for row in seen}
        return [article for article in blind if article not in revealed]

    def reveal(self, article: int) -> None:
        """Show the annotator at work what was hidden, within the act of their choice."""
        self._db.execute(
            "INSERT INTO revealed(article, annotator) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [article, self._project.annotator],
        )

    # The orders

    def work_along(self, wanted: ArticleFilter) -> None:
        """Let the person go through the articles as ``wanted`` lists them.

        What a search, a flag or a condition picked out has not been drawn, whatever its order.
        """
        picked = wanted.search or wanted.conditions or wanted.show not in ("all", "todo")
        drawn = wanted.sort in DRAWN and not picked
        self.on = wanted.sort if drawn else None

    def order(self, sort: Sort) -> list[int]:
        """Return all articles in a drawn order."""
        return _whole(self.order_in_steps(sort))

    def order_in_steps(self, sort: Sort) -> _Steps:
        """Do what :meth:`order` does in steps: one of 100,000 takes 0.3 s the first time."""
        if sort == "uncertainty":
            return (yield from self._by_uncertainty())
        drawn = yield from self._drawn("order")
        if sort == "random":
            return list(drawn)
        return (yield from self._kept(sort, lambda: self._stratified(drawn, sort)))

    def drawn(self, article: int) -> str | None:
        """Return what is to be kept of an article that is touched first now: how it came up, or None."""
        if self.on != "uncertainty":
            return DRAWN[self.on] if self.on is not None else None
        row = self._db.execute("SELECT uuid FROM articles WHERE id = ?", [article]).fetchone()
        return FIFTH if row and self._is_fifth(row[0], self.seed) else DRAWN["uncertainty"]

    def suggested_anew(self, articles: Sequence[int]) -> None:
        """Hear that articles have other suggestions now."""
        if self._margins is None:
            self._meanwhile.update(articles)
        else:
            self._margins.update(dict.fromkeys(articles, _NO_SUGGESTION))
            self._margins.update(
                self._read_margins(
                    "AND s.article IN (SELECT value FROM json_each(?))", [json.dumps(articles)]
                )
            )

    def forget(self) -> None:
        """Read everything anew: another program changed the file."""
        self._orders.clear()
        self._margins = None
        self._meanwhile.clear()

    @staticmethod
    def _is_fifth(uuid: str, seed: str) -> bool:
        return draw("fifth", seed, uuid) % _EVERY == 0

    def _articles(self, column: str) -> Generator[list[tuple[int, Any]], None, None]:
        """Yield (id, ``column``) of all articles, some milliseconds' worth at a time."""
        last = 0
        while rows := self._db.execute(
            f"SELECT id, {column} FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _AT_A_TIME]
        ).fetchall():
            last = rows[-1][0]
            yield rows

    def _kept(self, name: str, make: Callable[[], _Steps]) -> _Steps:
        """Return what ``make()`` does, made anew only where articles or the seed have changed."""
        state = (self._project.articles.version, self.seed)
        known = self._orders.get(name)
        if known is None or known[0] != state:
            self._orders[name] = known = (state, (yield from make()))
        return known[1]

    def _drawn(self, purpose: str) -> _Steps:
        """Return all articles by their number for ``purpose``."""
        seed = self.seed

        def make() -> _Steps:
            numbered: list[list[tuple[int, int]]] = []  # sorted part by part: in one go it would be felt
            for rows in self._articles("uuid"):
                numbered.append(sorted((draw(purpose, seed, uuid), id_) for id_, uuid in rows))
                yield
            found: list[int] = []
            for _, id_ in merge(*numbered):
                found.append(id_)
                if len(found) % _AT_A_TIME == 0:
                    yield
            return found

        return (yield from self._kept(purpose, make))

    def _stratified(self, drawn: list[int], sort: Sort) -> _Steps:
        """Return ``drawn`` so that each source or month has its turn: the first of each, the second, ..."""
        column, stratum = ("source", _fold) if sort == "by_source" else ("published", _month)
        strata: dict[int, str] = {}
        for rows in self._articles(column):
            strata.update((id_, stratum(value)) for id_, value in rows)
            yield
        drawn = [article for article in drawn if article in strata]  # another program may take some out
        seen: dict[str, int] = {}
        rounds: list[list[int]] = []
        for number, article in enumerate(drawn):
            if number % _AT_A_TIME == 0:
                yield
            turn = seen.get(strata[article], 0)
            seen[strata[article]] = turn + 1
            if turn == len(rounds):
                rounds.append([])
            rounds[turn].append(article)
        return [article for part in rounds for article in part]

    def _by_uncertainty(self) -> _Steps:
        """Return what was begun, in the order of that, then the least certain, each fifth at random.

        A fifth of the articles, drawn in advance, comes up at random only: whatever the machine is sure
        of, those of them that are labelled are a random sample of the project.
        """
        begun: list[int] = []
        places = 0
        for article, drawn in self._db.execute(
            "SELECT article, drawn FROM progress WHERE annotator = ? AND status <> 'todo' ORDER BY id",
            [self._project.annotator_id()],
        ):
            begun.append(article)
            places += drawn in (FIFTH, DRAWN["uncertainty"])
        gone = set(begun)
        fifth = yield from self._kept("fifths", self._fifths)
        fifths = set(fifth)
        others = [a for a in (yield from self._drawn("order")) if a not in fifths and a not in gone]
        if self._margins is None:
            yield from self._read_all_margins()
        margins = self._margins or {}
        hidden: set[int] = set()
        for begin in range(0, len(others), _AT_A_TIME):
            hidden |= self.hidden(others[begin : begin + _AT_A_TIME])
            yield
        if hidden:
            margins = {article: margin for article, margin in margins.items() if article not in hidden}
        yield
        others.sort(key=lambda a: margins.get(a, _NO_SUGGESTION))  # of equal ones, the order at random
        yield
        at_random, uncertain = iter([a for a in fifth if a not in gone]), iter(others)
        result = begun
        while True:
            places += 1
            first, second = (at_random, uncertain) if places % _EVERY == 0 else (uncertain, at_random)
            article = next(first, None) or next(second, None)
            if article is None:
                return result
            result.append(article)
            if len(result) % _AT_A_TIME == 0:
                yield

    def _fifths(self) -> _Steps:
        seed, chosen = self.seed, set[int]()
        for rows in self._articles("uuid"):
            chosen.update(id_ for id_, uuid in rows if self._is_fifth(uuid, seed))
            yield
        return [article for article in (yield from self._drawn("order")) if article in chosen]

    def _read_all_margins(self) -> Generator[None, None, None]:
        """Read the margins of all articles; those that change meanwhile are read again."""
        (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
        margins: dict[int, float] = {}
        for begin in range(0, last + 1, _AT_A_TIME):
            margins.update(
                self._read_margins("AND s.article BETWEEN ? AND ?", [begin, begin + _AT_A_TIME - 1])
            )
            yield
        self._margins = margins
        changed, self._meanwhile = list(self._meanwhile), set()
        self.suggested_anew(changed)

    def _read_margins(self, condition: str, values: Sequence[Any]) -> dict[int, float]:
        """Return by how much the likeliest stance leads, below 0 where the machine is not sure."""
        rows = self._db.execute(
            'SELECT s.article, s.label, s.scores FROM suggestions s WHERE s."start" IS NULL '
            # Not by an index of the layer: only some articles are asked for.
            f"AND +s.layer = (SELECT id FROM layers WHERE name = 'stance') {condition}",
            list(values),
        )
        return {article: _margin(scores) - (label is None) for article, label, scores in rows}


def _whole(steps: _Steps) -> list[int]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: list[int] = end.value
            return found


def _margin(scores: str | None) -> float:
    best = sorted(stored_scores(scores).values())[-2:] if scores else []
    return best[1] - best[0] if len(best) == 2 else 1.0


def _percent(value: str | None) -> int:
    """Return a share between 0 and 100; a file may hold anything."""
    return min(int(value), 100) if value and value.isdecimal() and len(value) < 4 else 0


def _fold(source: str | None) -> str:
    return (source or "").casefold()


def _month(published: str | None) -> str:
    found = _MONTH.match(published or "")
    return found.group() if found else ""
