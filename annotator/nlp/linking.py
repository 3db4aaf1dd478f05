"""Who is behind a name: the names of one article gathered under actors, each with the reason.

In this order: what the project decided; what the article itself says (a surname after the full name, an
acronym after its expansion); the gazetteer; another spelling. A name that fits nothing is an actor of its
own. Names are compared as :mod:`annotator.nlp.spelling` folds them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from annotator.model import Actor, Suggestion
from annotator.nlp.spelling import (
    alike,
    alike_names,
    fold,
    generation_after,
    is_other_script,
    stems,
    without_generation,
)

PERSON, NORP, EVENT = "PERSON", "NORP", "EVENT"

_ACRONYM = re.compile(r"[A-Z][A-Za-z&]{0,3}[A-Z]{1,5}")
_YEAR = re.compile(r" (19|20)\d\d")
_OPENING = re.compile(r"\s?\(")
_SMALL = frozenset(["of", "the", "and", "for", "in", "on", "to", "a", "de", "des", "du", "la", "et"])


class Entry(Protocol):
    """What the gazetteer knows about an actor."""

    @property
    def actor(self) -> str:
        """The actor's name."""

    @property
    def kind(self) -> str:
        """The entity label."""


class Gazetteer(Protocol):
    """Where entries are looked up by any of their names."""

    def entry(self, name: str) -> Entry | None:
        """Return the entry that has the name, or None."""

    @property
    def entries(self) -> Iterable[Entry]:
        """All entries."""


@dataclass(slots=True)
class _Name:
    """One name of the article in one group of labels, with everything that is known of it.

    ``why`` is the reason for ``actor``; where ``full`` is given, a reason that ends with the distance of
    each mention from the nearest mention of that name.
    """

    text: str
    label: str
    folded: str
    words: list[str]
    starts: list[int] = field(default_factory=list)
    actor: str | None = None
    why: str = ""
    full: _Name | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """An actor that is known before the article is read. ``decided``: the project says so."""

    name: str
    kind: str | None
    decided: bool


class Linker:
    """Fills ``Suggestion.actor``; ``actors`` are those that the project decided on."""

    def __init__(self, actors: Iterable[Actor] = (), gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer
        self._decided: dict[str, list[_Known]] = {}
        self._persons: dict[str, list[tuple[list[str], _Known]]] = {}  # by the surname's first two letters
        names: set[str] = set()
        for actor in actors:
            known = _Known(actor.name, actor.kind, True)
            names.add(fold(actor.name))
            for alias in dict.fromkeys(map(fold, (actor.name, *actor.aliases))):
                if alias:
                    self._decided.setdefault(alias, []).append(known)
            if actor.kind in (PERSON, None):
                self._add_person(actor.name, known)
        for entry in gazetteer.entries if gazetteer is not None else ():
            if entry.kind == PERSON and fold(entry.actor) not in names:
                self._add_person(entry.actor, _Known(entry.actor, PERSON, False))

    def _add_person(self, name: str, known: _Known) -> None:
        words = fold(name).split()
        if len(words) > 1:
            surname = without_generation(words)[0][-1]
            self._persons.setdefault(surname[:2], []).append((words, known))

    def link(
        self, text: str, sentences: Sequence[int], suggestions: Sequence[Suggestion]
    ) -> list[Suggestion]:
        """Return ``suggestions`` with the actor of each entity, and the reason for it added to theirs.

        ``sentences`` are the code points of ``text`` where sentences begin, in order. The order of
        ``suggestions`` stays; what is no entity stays as it is. ``actor`` is None where two actors are
        as likely.
        """
        names: dict[tuple[str, str], _Name] = {}
        forms: dict[tuple[str, str], _Name] = {}  # as they stand in the text: folded once each
        of: list[_Name | None] = []
        for s in suggestions:
            name = None
            if s.layer == "entity" and s.label is not None and s.start is not None and s.end is not None:
                form = (text[s.start : s.end], s.label)
                if s.label == PERSON and (generation := generation_after(text, s.start, s.end)):
                    form = (f"{form[0]} {generation}", s.label)
                name = forms.get(form) or forms.setdefault(form, _named(form, s.actor, names))
                name.starts.append(s.start)
            of.append(name)
        self._resolve(text, list(names.values()))
        return [
            s if name is None else _with_actor(s, name, sentences)
            for s, name in zip(suggestions, of, strict=True)
        ]

    def _resolve(self, text: str, names: list[_Name]) -> None:
        persons: list[_Name] = []
        parts: list[_Name] = []
        others: list[_Name] = []
        for name in names:
            if not name.words:
                name.actor = name.actor or name.text
            elif name.label != PERSON:
                others.append(name)
            elif (
                len(without_generation(name.words)[0]) > 1
                and len(name.words[0]) > 1
                and not name.text[0].islower()
            ):
                persons.append(name)
            else:  # one word, an initial, or the particle of a surname comes first
                parts.append(name)
        for name in others:
            self._resolve_other(text, name, others)
        fulls: list[_Name] = []
        for name in persons:
            self._resolve_full(name, fulls)
            fulls.append(name)
        for name in parts:
            self._resolve_part(name, fulls)

    # What is known before

    def _known(self, name: _Name) -> bool:
        """Take the project's decision on a name, or else the gazetteer's entry; tell whether there is one."""
        return self._decide(name) or self._look_up(name)

    def _decide(self, name: _Name) -> bool:
        for stem in stems(name.text) if is_other_script(name.text) else (name.folded,):
            found = [k for k in self._decided.get(stem, ()) if _kinds_agree(name.label, k.kind)]
            if len({known.name for known in found}) == 1:
                name.actor = found[0].name
                same = stem == fold(name.actor)
                name.why = "an actor of this project" if same else f"{name.actor} in this project"
                return True
        return False

    def _look_up(self, name: _Name) -> bool:
        entry = self._gazetteer.entry(name.text) if self._gazetteer is not None else None
        if entry is None or not _kinds_agree(name.label, entry.kind):
            return False
        # Where the suggestion comes from the gazetteer, its reason names the actor already.
        if entry.actor != name.actor and fold(entry.actor) != name.folded:
            name.why = f"a name of {entry.actor}"
        name.actor = entry.actor
        return True

    # Organisations, places, peoples

    def _resolve_other(self, text: str, name: _Name, others: list[_Name]) -> None:
        if self._decide(name):
            return
        if _ACRONYM.fullmatch(name.text) and (long := _expansion(text, name, others)) is not None:
            if long.actor is None:
                long.actor = long.text
            name.actor, name.full = long.actor, long
            name.why = f"short for {long.text}"
            return
        if self._look_up(name) or name.actor is not None:
            return
        name.actor = name.text
        if name.label == NORP and name.folded.endswith("s"):
            single = next((n for n in others if n.label == NORP and n.folded + "s" == name.folded), None)
            if single is not None:
                name.actor = single.actor or single.text
                name.why = f"plural of {single.text}"

    # Persons

    def _resolve_full(self, name: _Name, fulls: list[_Name]) -> None:
        """Resolve a person's full name; ``fulls`` are those before it in the article."""
        if self._known(name):
            return
        for other in fulls:
            likeness = _likeness(name.words, other.words)
            if likeness and other.actor:
                name.actor = other.actor
                name.why = _variant(name, other.text, likeness)
                return
        best, known = 0.0, None
        words = name.words
        for candidate, actor in self._persons.get(without_generation(words)[0][-1][:2], ()):
            likeness = _likeness(words, candidate)
            if likeness > best:
                best, known = likeness, actor
        if known is not None:
            name.actor = known.name
            name.why = _variant(name, known.name, best)
            return
        name.actor = name.actor or name.text

    def _resolve_part(self, name: _Name, fulls: list[_Name]) -> None:
        """Resolve what may be a part of a full name: a surname, a first name, an initial and a surname."""
        found = [(part, full) for full in fulls if (part := _part_of(name.words, full.words))]
        if not found:
            found = [
                (f"spelling variant, {likeness:.2f}, of the surname", full)
                for full in fulls
                if len(name.words) == 1
                and (likeness := alike(name.folded, without_generation(full.words)[0][-1]))
            ]
        if all(without_generation(full.words)[1] in ("jr", "sr") for _, full in found) and self._known(name):
            return  # "Trump" in an article about Donald Trump Jr. is his father
        actors = list(dict.fromkeys(full.actor for _, full in found if full.actor))
        if len(actors) > 1:
            name.actor = None
            name.why = f"{_and(actors)} are both called so here: not linked"
            if len(actors) > 2:
                name.why = f"{_and(actors)} are all called so here: not linked"
            return
        if actors:
            # Who is named in full here is meant, whoever else in the project has that surname.
            part, name.full = found[0]
            name.actor = actors[0]
            name.why = f"{part} of {name.actor}"
            return
        if self._known(name):
            return
        near = self._surname(name)
        if near:
            name.actor, name.why = near
            return
        name.actor = name.actor or name.text

    def _surname(self, name: _Name) -> tuple[str, str] | None:
        """Return the one known person whose surname this is, or nearly is, and the reason."""
        last, generation = without_generation(name.words)
        if generation:
            return None  # whose son that is, nobody says
        for word in stems(last[-1] if not is_other_script(name.text) else name.text):
            exact: set[str] = set()
            near: dict[str, float] = {}
            for words, known in self._persons.get(word[:2], ()):
                surname = without_generation(words)[0][-1]
                if surname == word and known.decided:
                    exact.add(known.name)
                elif (likeness := alike(word, surname)) and (known.decided or likeness < 1):
                    near[known.name] = likeness
            if len(exact) == 1:
                actor = exact.pop()
                return actor, f"surname of {actor}, an actor of this project"
            if not exact and len(near) == 1:
                actor, likeness = near.popitem()
                return actor, f"spelling variant, {likeness:.2f}, of the surname of {actor}"
        return None


def _named(form: tuple[str, str], actor: str | None, names: dict[tuple[str, str], _Name]) -> _Name:
    """Return the name among ``names`` that is spelt like ``form`` (quote, label), added where it is new."""
    quote, label = form
    folded = fold(quote)
    if label == EVENT:
        folded = _YEAR.sub("", folded)  # Eagle Partner 2024 is an Eagle Partner
    key = (folded, label if label in (PERSON, NORP) else "")
    if label == PERSON and is_other_script(quote):
        key = (folded, "in other letters")
    if key not in names:
        names[key] = _Name(" ".join(quote.split()), label, folded, folded.split(), actor=actor)
    return names[key]


def _kinds_agree(label: str, kind: str | None) -> bool:
    """Tell whether a name read as ``label`` may be of an actor of ``kind``: people are no places."""
    return kind is None or (label == PERSON) == (kind == PERSON)


def _likeness(a: list[str], b: list[str]) -> float:
    """Return how alike two full names are; middle names and initials of one may be missing in the other.

    Father and son are not: Donald Trump Jr. is nobody's other spelling but a Jr.'s.
    """
    (a, one), (b, other) = without_generation(a), without_generation(b)
    if one != other:
        return 0.0
    if len(a) != len(b) and min(len(a), len(b)) == 2:
        a, b = [a[0], a[-1]], [b[0], b[-1]]
    if len(a) == len(b) and len(a[0]) > 1 and len(b[0]) > 1:
        return alike_names(a, b)
    return 0.0


def _part_of(words: list[str], full: list[str]) -> str:
    """Return which part of the name ``full`` the ``words`` are; "" where they are none.

    A part without "Jr." may be one of the name with it, if only that is in the article.
    """
    (words, generation), (full, of) = without_generation(words), without_generation(full)
    if generation and generation != of:
        return ""
    if len(words) >= len(full) and not (len(words) == 2 and len(full) == 2):
        return ""
    if (
        len(words) > 1
        and len(words[0]) == 1
        and words[0] == full[0][0]
        and words[1:] == full[-len(words) + 1 :]
    ):
        return "initial and surname"
    if len(words) < len(full) and words == full[-len(words) :]:
        return "surname"
    if len(words) < len(full) and words == full[: len(words)]:
        return "first name"
    return ""


def _expansion(text: str, name: _Name, others: list[_Name]) -> _Name | None:
    """Return the longer name in the article that the acronym ``name`` stands for, or None.

    It stands before the acronym in brackets, or its initials are the acronym and it comes first.
    """
    for other in others:
        if len(other.words) < 2 or other is name:
            continue
        if name.folded in _initials(other.words) and min(other.starts) < min(name.starts):
            return other
        for start in name.starts:
            before = _OPENING.match(text, start - 2) or _OPENING.match(text, start - 1)
            if before is None or before.end() != start or other.folded[0] != name.folded[0]:
                continue
            if any(_ends_at(text, begin, other, before.start()) for begin in other.starts if begin < start):
                return other
    return None


def _ends_at(text: str, start: int, name: _Name, end: int) -> bool:
    return fold(text[start:end]) == name.folded


def _initials(words: list[str]) -> tuple[str, str]:
    """Return the initials of a name, without its small words and with them."""
    return "".join(w[0] for w in words if w not in _SMALL), "".join(w[0] for w in words)


def _variant(name: _Name, of: str, likeness: float) -> str:
    if likeness == 1 and is_other_script(name.text) != is_other_script(of):
        return f"{of} in other letters"
    if likeness == 1:
        return f"another form of {of}"
    return f"spelling variant of {of}, {likeness:.2f}"


def _and(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _with_actor(s: Suggestion, name: _Name, sentences: Sequence[int]) -> Suggestion:
    why = name.why
    if name.full is not None and s.start is not None:
        why += f", {_distance(s.start, name.full.starts, sentences)}"
    reason = s.reason
    if why:
        reason = f"{reason}; {why}" if reason else why
    elif s.actor == name.actor:
        return s
    # dataclasses.replace() takes three times as long, more than all the rest of linking.
    return Suggestion(
        s.layer, s.label, s.start, s.end, s.component, reason, s.score, s.scores, s.evidence, s.id,
        name.actor, s.holder, s.target,
    )  # fmt: skip


def _distance(start: int, places: list[int], sentences: Sequence[int]) -> str:
    """Say where the nearest of ``places`` is: the last one before ``start``, else the first behind it."""
    number = bisect_right(places, start)
    other = places[number - 1] if number else places[0]
    sentence = bisect_right(sentences, start)
    apart = sentence - bisect_right(sentences, other)
    if apart == 0:
        return "in the same sentence"
    return f"{abs(apart)} sentence{'' if abs(apart) == 1 else 's'} {'above' if apart > 0 else 'below'}"
