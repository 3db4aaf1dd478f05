"""Project memory: what people decided about a name holds for the open suggestions of every article.

A rule follows from everybody's annotations and rejections and is never stored itself: take a decision
back, and what followed from it is gone. Names are exact: whole words, the same capitals.
``docs/suggestions.md`` tells the order in which memory, gazetteer and model are asked.
"""

from __future__ import annotations

import builtins
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from time import perf_counter
from typing import TYPE_CHECKING, Any

from annotator.model import Suggestion

if TYPE_CHECKING:
    from annotator.project.store import Project

COMPONENT = "memory"
LAYER = "entity"
BOILERPLATE = ("zone", "boilerplate")
STEP_SECONDS = 0.008

_LONGEST = 200  # characters of a name
_DECISIONS_AT_A_TIME = 2_000
_ARTICLES_AT_A_TIME = 1_000
_NAMED_ACTS = 2_000  # rows of an act whose names are looked at one by one
_WORD = re.compile(r"\w+")
_SOUGHT_ONE_BY_ONE = 100  # first words; of more, it is quicker to look at each word of the text


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a name: ``label`` is suggested, and what is in ``refused`` is not."""

    label: str | None
    refused: frozenset[str] = frozenset()


def rule_of(accepted: Mapping[str, int], rejected: Mapping[str, int]) -> Rule | None:
    """Return what follows from the numbers of articles with a name's annotations and rejections, by label.

    A label needs three quarters of the decisions: of all annotations and of the rejections of itself.
    A label that was rejected and never given is refused. None where neither is so.
    """
    label = None
    if accepted:
        best = max(accepted, key=lambda name: (accepted[name], name))
        if 4 * accepted[best] >= 3 * (sum(accepted.values()) + rejected.get(best, 0)):
            label = best
    refused = frozenset(name for name in rejected if not accepted.get(name))
    return Rule(label, refused) if label is not None or refused else None


class Rules:
    """The rules of all names, and where in a text names stand that have a label."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._first: dict[str, dict[str, int]] = {}  # first word -> name -> where that word begins in it

    def __len__(self) -> int:
        return len(self._rules)

    def get(self, name: str) -> Rule | None:
        """Return what holds for a name."""
        return self._rules.get(name)

    def set(self, name: str, rule: Rule | None) -> None:
        """Let ``rule`` hold for a name from now on; None: nothing does."""
        word = _WORD.search(name)
        if rule is not None:
            self._rules[name] = rule
        else:
            self._rules.pop(name, None)
        if word is None:
            return
        names = self._first.setdefault(word.group(), {})
        if rule is not None and rule.label is not None:
            names[name] = word.start()
        else:
            names.pop(name, None)
            if not names:
                del self._first[word.group()]

    def differences(self, other: Rules) -> builtins.set[str]:
        """Return the names for which something else holds in ``other``."""
        names = self._rules.keys() | other._rules.keys()
        return {name for name in names if self._rules.get(name) != other._rules.get(name)}

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return (start, end, label) of the labelled names in ``text``: the longest ones, in text order."""
        found: list[tuple[int, int, str]] = []
        past = 0
        for place, word in self._first_words(text):
            longest = 0
            label: str | None = None
            for name, offset in self._first[word].items():
                start = place - offset
                end = start + len(name)
                if (
                    len(name) > longest
                    and start >= past
                    and text.startswith(name, start)
                    and (end == len(text) or not _goes_on(text[end], name[-1]))
                    and (start == 0 or not _goes_on(text[start - 1], name[0]))
                ):
                    longest, label, stretch = len(name), self._rules[name].label, (start, end)
            if label is not None:
                found.append((*stretch, label))
                past = stretch[1]
        return found

    def _first_words(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where in ``text`` a labelled name's first word stands, and the word, in text order."""
        if len(self._first) > _SOUGHT_ONE_BY_ONE:
            for word in _WORD.finditer(text):
                if word.group() in self._first:
                    yield word.start(), word.group()
            return
        places = []
        for sought in self._first:
            at = text.find(sought)
            while at >= 0:
                end = at + len(sought)
                if not _WORD.match(text[at - 1 : at]) and not _WORD.match(text[end : end + 1]):
                    places.append((at, sought))
                at = text.find(sought, end)
        yield from sorted(places)


def overlap(stretches: Iterable[tuple[int, int]]) -> Callable[[int, int], bool]:
    """Return a function that tells whether ``[start, end)`` overlaps any of ``stretches``."""
    in_order = sorted(stretches)
    starts = [start for start, _ in in_order]
    reach = list(accumulate((end for _, end in in_order), max))  # how far those up to each one go

    def any_overlaps(start: int, end: int) -> bool:
        before = bisect_left(starts, end)
        return before > 0 and reach[before - 1] > start

    return any_overlaps


def apply(
    text: str,
    suggestions: Sequence[Suggestion],
    rules: Rules,
    decided: Collection[tuple[int, int]] = (),
    zones: Collection[tuple[int, int]] = (),
) -> tuple[list[Suggestion], list[Suggestion]]:
    """Return what is to be suggested by ``rules``, and the suggestions that are covered by that.

    What the rules change nothing about stays the very object. What memory suggests itself has no reason
    yet. A longer name that holds one with a rule is a name of its own; within ``zones`` nothing is added.
    Stretches that somebody has ``decided`` on are left as they are.
    """
    if not len(rules):
        return list(suggestions), []
    is_decided, in_zone = overlap(decided), overlap(zones)
    found = [place for place in rules.find(text) if not is_decided(*place[:2])]
    kept, covered = [], []
    taken: dict[int, Suggestion | None] = {}  # number in found -> whose place it takes, None: stays as it is
    wanted = set(range(len(found)))
    starts, ends = [start for start, _, _ in found], [end for _, end, _ in found]
    for s in suggestions:
        if s.layer != LAYER or s.start is None or s.end is None or (s.start, s.end) in decided:
            kept.append(s)
            continue
        rule = rules.get(text[s.start : s.end])
        touched = range(bisect_right(ends, s.start), bisect_left(starts, s.end))
        inside = [n for n in touched if s.start <= found[n][0] and found[n][1] <= s.end]
        exact = [n for n in inside if found[n][:2] == (s.start, s.end)]
        if exact and found[exact[0]][2] == s.label:
            kept.append(s)
            wanted.discard(exact[0])
        elif rule is not None and s.label in rule.refused and not exact:
            covered.append(s)
        elif touched and (exact or len(inside) < len(touched)):
            covered.append(s)
            if exact:
                taken[exact[0]] = s
        else:
            kept.append(s)
            wanted.difference_update(inside)
    for number in sorted(wanted):
        start, end, label = found[number]
        if not in_zone(start, end):
            about = taken.get(number)
            actor = about.actor if about is not None else None
            kept.append(Suggestion(LAYER, label, start, end, COMPONENT, actor=actor))
    return kept, covered


class Memory:
    """The rules of a project, kept in memory, and the suggestions that follow them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._rules: Rules | None = None
        self._coming: Rules | None = None  # while they are being read
        self._reasons: dict[tuple[str, str], str] = {}

    def load(self) -> Generator[None, None, set[str]]:
        """Read the rules in steps of some milliseconds; return the names for which something else holds now.

        Until then those that were known hold.
        """
        before, coming = self._rules, Rules()
        self._coming = coming
        votes: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
        for which, table in enumerate(("annotations", "rejections")):
            for label, label_name in self._labels():
                # By rows, not by names: one name may stand in every article.
                last: tuple[str, int] | None = "", 0
                while last is not None:
                    rows = self._db.execute(
                        "SELECT quote, count(DISTINCT article), max(article), count(*) FROM "
                        f"(SELECT quote, article FROM {table} WHERE label = ? "
                        "AND (quote, article) > (?, ?) ORDER BY quote, article LIMIT ?) "
                        "GROUP BY quote ORDER BY quote",
                        [label, *last, _DECISIONS_AT_A_TIME],
                    ).fetchall()
                    for name, number, _, _ in rows:
                        if len(name) <= _LONGEST:
                            numbers = votes.setdefault(name, ({}, {}))[which]
                            numbers[label_name] = numbers.get(label_name, 0) + number
                    yield
                    full = sum(row[3] for row in rows) == _DECISIONS_AT_A_TIME
                    last = (rows[-1][0], rows[-1][2]) if full else None
        for number, (name, (accepted, rejected)) in enumerate(votes.items(), 1):
            coming.set(name, rule_of(accepted, rejected))
            if number % 1000 == 0:
                yield
        if self._coming is not coming:
            return set()  # overtaken by another reading
        self._rules, self._coming = coming, None
        self._reasons.clear()
        return coming.differences(before) if before is not None else set()

    @property
    def rules(self) -> Rules:
        """The rules; read at once where that has not been done."""
        if self._rules is None:
            for _ in self.load():
                pass
        assert self._rules is not None
        return self._rules

    def forget(self) -> None:
        """Read the rules anew when they are asked for next."""
        self._rules = self._coming = None
        self._reasons.clear()

    def recount(self, names: Iterable[str]) -> set[str]:
        """Count the decisions on some names again; return those for which something else holds now.

        All of them where nothing was known before.
        """
        if self._rules is None:
            assert self.rules is not None  # read with what has just changed
            return {name for name in names if name}
        rules, changed = self._rules, set()
        labels = self._labels()
        for name in names:
            if not 0 < len(name) <= _LONGEST:
                continue
            counts = []
            for table in ("annotations", "rejections"):
                query = f"SELECT count(DISTINCT article) FROM {table} WHERE label = ? AND quote = ?"
                found = {label: self._db.execute(query, [id_, name]).fetchone()[0] for id_, label in labels}
                counts.append({label: number for label, number in found.items() if number})
            rule = rule_of(*counts)
            for label in [label for key, label in self._reasons if key == name]:
                del self._reasons[name, label]
            if rule != rules.get(name):
                rules.set(name, rule)
                changed.add(name)
        return changed

    def takes_along(self, name: str, label: str) -> bool:
        """Tell whether rejecting a label for a name takes it from the name everywhere: nobody gave it yet."""
        given = (
            "SELECT 1 FROM annotations a JOIN labels ON labels.id = a.label JOIN layers "
            "ON layers.id = labels.layer WHERE a.quote = ? AND layers.name = ? AND labels.name = ? LIMIT 1"
        )
        return len(name) <= _LONGEST and not self._db.execute(given, [name, LAYER, label]).fetchone()

    def names_of(self, act: int) -> set[str] | None:
        """Return the names that an act's decisions are about; None where there are too many of them."""
        (rows,) = self._db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM act_rows WHERE act = ? LIMIT ?)", [act, _NAMED_ACTS + 1]
        ).fetchone()
        if rows > _NAMED_ACTS:
            return None
        touched = "SELECT \"row\" FROM act_rows WHERE act = :act AND tbl = '{}'"
        found = self._db.execute(
            "SELECT json_extract(before, '$.quote') FROM act_rows WHERE act = :act "
            "AND tbl IN ('annotations', 'rejections') "
            f"UNION SELECT quote FROM annotations WHERE id IN ({touched.format('annotations')}) "
            f"UNION SELECT quote FROM rejections WHERE id IN ({touched.format('rejections')})",
            {"act": act},
        )
        return {name for (name,) in found if name}

    def articles_with(self, name: str) -> Iterator[list[int]]:
        """Yield the articles in which a name may stand, some milliseconds' worth at a time."""
        words, last = " ".join(_WORD.findall(name)), 0
        while words:
            rows = self._db.execute(
                "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid > ? "
                "ORDER BY rowid LIMIT ?",
                [f'"{words}"', last, _ARTICLES_AT_A_TIME],
            ).fetchall()
            yield [row[0] for row in rows]
            if len(rows) < _ARTICLES_AT_A_TIME:
                return
            last = rows[-1][0]

    def applied(
        self, article: int, text: str, suggestions: Sequence[Suggestion]
    ) -> tuple[list[Suggestion], list[Suggestion]]:
        """Return what is suggested for an article by the rules, with reasons, and what is covered by that."""
        if not len(self.rules):
            return list(suggestions), []
        zones = self._stretches("annotations", article, BOILERPLATE)
        refused = self._stretches("rejections", article, BOILERPLATE)
        for s in suggestions:
            if (s.layer, s.label) == BOILERPLATE and s.start is not None and s.end is not None:
                zones |= {(s.start, s.end)} - refused
        kept, covered = apply(text, suggestions, self.rules, self._decided(article), zones)
        reasoned = [
            replace(s, reason=self.reason(text[s.start : s.end], s.label))
            if s.component == COMPONENT and not s.reason and s.label is not None
            else s
            for s in kept
        ]
        return reasoned, covered

    def _decided(self, article: int) -> set[tuple[int, int]]:
        """Return the stretches of entities that somebody has decided on.

        What was suggested there stays as it was: undoing finds it again, a colleague sees the same.
        """
        return self._stretches("annotations", article, (LAYER, None)) | self._stretches(
            "rejections", article, (LAYER, None)
        )

    def _stretches(self, table: str, article: int, what: tuple[str, str | None]) -> set[tuple[int, int]]:
        """Return where an article's annotations or rejections of a layer and label (None: any) stand."""
        return set(
            self._db.execute(
                f'SELECT "start", "end" FROM {table} d JOIN layers ON layers.id = d.layer '
                "JOIN labels ON labels.id = d.label WHERE d.article = ? AND layers.name = ? "
                'AND labels.name = coalesce(?, labels.name) AND d."start" IS NOT NULL',
                [article, *what],
            )
        )

    def reason(self, name: str, label: str) -> str:
        """Return who labelled a name so, and in how many articles."""
        if (name, label) not in self._reasons:
            rows = self._db.execute(
                "SELECT annotators.name, article FROM annotations a "
                "JOIN annotators ON annotators.id = a.annotator WHERE a.quote = ? AND a.label = "
                "(SELECT labels.id FROM labels JOIN layers ON layers.id = labels.layer "
                "WHERE layers.name = ? AND labels.name = ?)",
                [name, LAYER, label],
            ).fetchall()
            articles = len({article for _, article in rows})
            who = _several(sorted({person for person, _ in rows}))
            where = f"{articles:,} articles" if articles != 1 else "1 article"
            self._reasons[name, label] = f"{who} labelled {name} {label} in {where}"
        return self._reasons[name, label]

    def refresh(
        self, articles: Iterable[int], seconds: float | None = None, *, reasons: bool = False
    ) -> tuple[list[int], int]:
        """Let the suggestions of articles follow the rules; return (those that changed, how many were done).

        One transaction; it ends after ``seconds``. ``reasons``: where only a reason's numbers have grown,
        too, which is worth the writing for what somebody looks at.
        """
        began, changed, done = perf_counter(), [], 0
        with self._project.history.transaction(waits=False):
            for article in articles:
                if self._refresh(article, reasons):
                    changed.append(article)
                done += 1
                if seconds is not None and perf_counter() - began > seconds:
                    break
        return changed, done

    def _refresh(self, article: int, reasons: bool) -> bool:
        store = self._project.suggestions
        if store.is_pending(article):
            return False  # the pipeline comes first
        stored, hidden = store.stored(article), store.stored(article, "covered")
        hidden = [s for s in hidden if s.layer == LAYER]  # a stance is near_duplicates' to uncover
        if not stored and not hidden and not len(self.rules):
            return False
        try:
            text = self._project.articles.text(article)
        except KeyError:
            return False
        answered = self._decided(article)
        fixed = [s for s in stored if s.component == COMPONENT and (s.start, s.end) in answered]
        by_fixed = overlap((s.start, s.end) for s in fixed if s.start is not None and s.end is not None)
        still = {
            s.id for s in hidden if s.start is not None and s.end is not None and by_fixed(s.start, s.end)
        }
        own = [s for s in stored if s.component != COMPONENT] + fixed
        own += [s for s in hidden if s.id not in still]
        kept, covered = self.applied(article, text, sorted(own, key=lambda s: s.id))
        ours = {(s.start, s.end, s.label): s for s in stored if s.component == COMPONENT}
        fresh, same = [], set()
        for s in kept:
            if s.id == 0:
                old = ours.get((s.start, s.end, s.label))
                if old is not None and (not reasons or old.reason == s.reason):
                    same.add(old.id)
                else:
                    fresh.append(replace(s, id=old.id) if old is not None else s)
        same.update(s.id for s in fixed)
        stale = [s.id for s in stored if s.component == COMPONENT and s.id not in same]
        before, after = {s.id for s in hidden}, {s.id for s in covered} | still
        if not fresh and not stale and before == after:
            return False
        store.rearrange(article, cover=after - before, uncover=before - after, drop=stale, add=fresh)
        return True

    def _labels(self) -> list[tuple[int, str]]:
        """Return (id, name) of the entity labels that are in use."""
        rows: list[Any] = self._db.execute(
            "SELECT labels.id, labels.name FROM labels JOIN layers ON layers.id = labels.layer "
            "WHERE layers.name = ? AND labels.retired = 0",
            [LAYER],
        ).fetchall()
        return rows


def _several(people: Sequence[str]) -> str:
    if len(people) < 3:
        return " and ".join(people)
    return f"{people[0]}, {people[1]} and {len(people) - 2} more"


def _goes_on(beside: str, edge: str) -> bool:
    """Tell whether a word that has ``edge`` at its end goes on with the character ``beside`` it."""
    return (beside.isalnum() or beside == "_" or unicodedata.combining(beside) > 0) and (
        edge.isalnum() or edge == "_" or unicodedata.combining(edge) > 0
    )
