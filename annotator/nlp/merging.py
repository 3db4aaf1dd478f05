"""One answer from model, gazetteer and rules: which stretches are names, with which label and why.

The order in which they vote is written down in docs/suggestions.md ("How names are found").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial

from spacy.tokens import Doc

from annotator.model import Suggestion
from annotator.nlp.edges import clean_edges
from annotator.nlp.entities import KINDS, MAPPED, MEANINGS
from annotator.nlp.gazetteer import Match
from annotator.nlp.head_words import named_by_head, said_by_next
from annotator.nlp.name_rules import (
    Name,
    acronyms,
    credits,
    kinds_said,
    state_organisations,
    titled_people,
    within,
)
from annotator.nlp.votes import kept_of_model, one_label_a_name, repeated, surnames
from annotator.nlp.words import Words
from annotator.nlp.zones import boilerplate

_COMPONENTS = {"ner": "ner", "gazetteer": "gazetteer", "rule": "rules", "surname": "surname"}
_RANKS = {"gazetteer": 0, "rule": 1, "surname": 2, "ner": 3}


def merged_names(doc: Doc, text: str, model: str | None, labels: Collection[str]) -> list[Suggestion]:
    """Return one suggestion a name in text order, only of ``labels``, none inside another.

    ``text`` is the text of ``doc``; ``model`` is the pipeline's name for the reasons, or None where there is
    no model for the language: then only the gazetteer speaks. Nothing inside a boilerplate zone is suggested.
    """
    skipped = boilerplate(doc._.zones or ())

    def outside(name: Name | Match) -> bool:
        return not skipped.touch(name.start, name.end)

    languages = {(e.start_char, e.end_char) for e in doc.ents if e.label_ == "LANGUAGE"}
    known = [m for m in map(partial(_bare, text), doc._.gazetteer) if outside(m)]
    known = [m for m in known if m.label != "NORP" or not _language(text, m, languages)]
    names = [Name(m.start, m.end, m.label, "gazetteer", entry=m.entry) for m in known]
    marked = _marked(doc, text, {(m.start, m.end) for m in known})
    if model is not None:
        if doc.lang_ == "en":
            words = Words.of(text)
            doubtful = list(filter(outside, doc._.gazetteer_doubtful))
            names = _english(words, list(filter(outside, marked)), known, doubtful)
        else:
            names = without_overlaps([*names, *marked])
    names = list(filter(outside, names))
    readings = {(name.start, name.end): name.why for name in marked}
    return _suggestions(text, names, readings, model or "", labels)


def _bare(text: str, match: Match) -> Match:
    """Return ``match`` without the article that some names are only known by ("The Hague")."""
    if text.startswith(("The ", "the ", "THE "), match.start) and match.end - match.start > 4:
        return replace(match, start=match.start + 4)
    return match


def _language(text: str, match: Match, languages: Collection[tuple[int, int]]) -> bool:
    """Tell whether "Russian" is the language here: those are not annotated."""
    return (match.start, match.end) in languages or text.startswith((" language", "-language"), match.end)


def _marked(doc: Doc, text: str, known: Collection[tuple[int, int]]) -> list[Name]:
    """Return what the model marks, with clean edges; ``why`` is its own label."""
    marked = []
    for entity in doc.ents:
        span: tuple[int, int] | None = entity.start_char, entity.end_char
        if span not in known:
            span = clean_edges(text, entity.start_char, entity.end_char)
        if span is not None:
            label = MAPPED.get(entity.label_, entity.label_)
            marked.append(Name(*span, label, "ner", entity.label_))
    return marked


def _english(
    words: Words, marked: Sequence[Name], known: Sequence[Match], doubtful: Sequence[Match]
) -> list[Name]:
    sure = [Name(m.start, m.end, m.label, "gazetteer", entry=m.entry) for m in known]
    model = kept_of_model(words, marked, known, doubtful)
    people = {n.start for n in (*sure, *model) if n.label == "PERSON"}
    rules = [*state_organisations(words, known), *credits(words), *kinds_said(words)]
    rules += [*named_by_head(words, known), *said_by_next(words, model, known, doubtful)]
    # The model sees better where a person's name ends; the rule is for those that it misses.
    rules += [
        n
        for n in titled_people(words)
        if n.start not in people and not _breaks(n, within(sure, n.start, n.end))
    ]
    others = without_overlaps([*sure, *rules])
    model = [n for n in model if not _is_list(words.text, n, within(others, n.start, n.end))]
    names = without_overlaps([*sure, *model, *rules])
    short = list(acronyms(words, names))
    if short:
        first = [n for n in names if n.source == "gazetteer"]
        names = without_overlaps([*first, *short, *names], given=True)
    names = one_label_a_name(words, names)
    return without_overlaps([*names, *surnames(words, names), *repeated(words, names)], given=True)


def _is_list(text: str, name: Name, others: Sequence[Name]) -> bool:
    """Tell whether ``name`` is two or more ``others`` with nothing but commas and "and" between them."""
    between, at = "", name.start
    for other in others:
        between += text[at : other.start]
        at = other.end
    between += text[at : name.end]
    return (
        len(others) > 1
        and all(map(name.covers, others))
        and re.fullmatch(r"(?:[\s,;/–—-]|\band\b|\bor\b|\bthe\b|&)*", between) is not None
    )


def _breaks(name: Name, sure: Iterable[Name]) -> bool:
    """Tell whether ``name`` has a known name in it that is no person's."""
    return any(other.label != "PERSON" or other.covers(name) for other in sure)


def without_overlaps(names: Iterable[Name], *, given: bool = False) -> list[Name]:
    """Return the names in text order; of those that meet the longest, of equals the better source.

    With ``given`` the earlier in ``names`` wins among equals.
    """
    ranked = sorted(names, key=lambda n: (n.start - n.end, 0 if given else _RANKS[n.source]))
    taken = bytearray(max((name.end for name in ranked), default=0))
    kept = []
    for name in ranked:
        if taken.find(1, name.start, name.end) < 0:
            taken[name.start : name.end] = b"\1" * (name.end - name.start)
            kept.append(name)
    return sorted(kept, key=lambda name: name.start)


def _suggestions(
    text: str,
    names: Sequence[Name],
    readings: dict[tuple[int, int], str],
    model: str,
    labels: Collection[str],
) -> list[Suggestion]:
    keys = [" ".join(text[n.start : n.end].casefold().split()) for n in names]
    times = Counter(key for key, name in zip(keys, names, strict=True) if name.source == "ner")
    made = []
    for key, name in zip(keys, names, strict=True):
        if name.label in labels:
            read = readings.get((name.start, name.end))
            reason = _reason(name, read, model, times[key])
            component = _COMPONENTS[name.source]
            actor = name.entry.actor if name.entry is not None else None
            made.append(
                Suggestion("entity", name.label, name.start, name.end, component, reason, actor=actor)
            )
    return made


def _reason(name: Name, read: str | None, model: str, times: int) -> str:
    """Return in plain words why ``name`` is suggested; ``read`` is the label that the model gave it."""
    other = f"; {model} read {read}" if read is not None and MAPPED.get(read, read) != name.label else ""
    if name.source == "gazetteer" and name.entry is not None:
        return f"gazetteer: {name.entry.actor}, {KINDS.get(name.label, name.label)}{other}"
    if name.source != "ner":
        return name.why + other
    if read is None or name.why != read:
        return name.why + other
    meaning = f": {MEANINGS[name.label]}" if name.label in MEANINGS else ""
    often = f"; it marks this name {times} times in this article" if times > 1 else ""
    return f"{model} reads this as {read}{meaning}{often}"
