"""Writing WebAnno TSV 3 (:mod:`annotator.formats.webanno`): a folder with a file an article and annotator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from annotator.formats.folders import Numbered
from annotator.formats.foreign import ENTITY, STANCE
from annotator.formats.left_out import not_held
from annotator.formats.token_edges import Numbers, Tokens
from annotator.model import Annotation, ArticleRecord, Codebook

LAYERS = {ENTITY: "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", STANCE: "webanno.custom.Stance"}
FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
_RESERVED = ("[", "]", "|", "_", "->", ";", "*")  # and the backslash


def _escaped(words: str, keep: str = "") -> str:
    # One after the other: an expression takes twenty times as long, and most lines have none of them.
    words = words.replace("\\", "\\\\")
    for mark in _RESERVED:
        words = words.replace(mark, f"\\{mark}")
    words = words.replace("\t", "\\t").replace("\r", "\\r")
    return words if keep else words.replace("\n", "\\n")


_escaped_name = lru_cache(maxsize=1000)(_escaped)


class Writer:
    """Writes a folder, a file an article and annotator; tokens end where spans do, so every edge is exact.

    A file has the layers of its own spans alone, and of their features those that one of them has.
    """

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._files = Numbered(path)
        self._named: dict[str, str] = {}  # our layers by their names
        for layer in codebook.layers:
            name = LAYERS.get(layer.name) or _custom(layer.name)
            while name in self._named:
                name += "X"
            self._named[name] = layer.name
        self._ours = frozenset(self._named.values())
        self._lost: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write one annotator's spans of an article."""
        text = record.article.text
        spans = [
            a for a in record.annotations if a.start is not None and a.layer in self._ours and self._fits(a)
        ]
        self._lost["labels of whole articles"] += sum(a.start is None for a in record.annotations)
        self._lost["rejections"] += len(record.rejections)
        kept = {"white": white(text), "layers": self._named}
        features = self._features(spans)
        head = [
            f"#T_SP={name}|{'|'.join(features[ours])}\n"
            for name, ours in self._named.items()
            if ours in features
        ]
        whole = "".join(["#FORMAT=WebAnno TSV 3.3\n", *head, "\n", *_lines(text, spans, features)])
        self._files.write(record, kept, tsv=whole.encode())

    def _fits(self, a: Annotation) -> bool:
        if a.quote != (a.quote or "").strip():
            self.left_out["white space at its edge"] += 1
            return False
        return True

    def _features(self, spans: Sequence[Annotation]) -> dict[str, list[str]]:
        """Return the features of each layer that has spans, in the order of the codebook."""
        used: dict[str, set[str]] = {}
        for a in spans:
            names = used.get(a.layer) or used.setdefault(a.layer, {"value"})
            if a.certainty is not None or a.actor or a.holder or a.target or a.note:
                names.update(name for name in FEATURES[1:] if getattr(a, name) not in (None, ""))
        return {
            layer: [name for name in FEATURES if name in used[layer]]
            for layer in self._named.values()
            if layer in used
        }

    def close(self) -> Sequence[str]:
        """Return what WebAnno has no place for."""
        self._files.close()
        return not_held("these files", self._lost)


def white(text: str) -> list[tuple[int, str]]:
    """Return the white space that the files do not say: lines of nothing else, and what ends the text."""
    end = len(text.rstrip())
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    lines = [(m.start(), m[0]) for m in re.finditer(r"[^\n]+", text[:end]) if not m[0].strip()]
    return [*lines, (last, text[last:])]


def _lines(text: str, spans: Sequence[Annotation], features: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the sentences, in parts to be joined; ``spans`` are in reading order.

    A text has hundreds of tokens, so what stands in the same part of all lines is made together. A line has
    four parts: the columns of the token before with its own number, its start, its end, and the token.
    """
    tokens = Tokens(text, [a.start or 0 for a in spans], [a.end or 0 for a in spans])
    empty = "\t{}\n".format("_\t" * sum(map(len, features.values())))
    parts = [""] * (4 * len(tokens.words) + 1)
    parts[0:-1:4] = _numbers(text, tokens, empty)
    parts[-1] = empty
    starts, ends = tokens.in_utf16()
    parts[1::4] = _FIRST.at(starts)
    parts[2::4] = _BEHIND.at(ends)
    parts[3::4] = tokens.words
    for token, column in _columns(spans, tokens, features).items():
        parts[4 * token + 4] = column + parts[4 * token + 4][len(empty) :]
    return parts


def _numbers(text: str, tokens: Tokens, empty: str) -> list[str]:
    """Return the number of each token behind the columns of the one before, as if these were ``empty``.

    Before the first of a sentence stands the sentence.
    """
    numbers: list[str] = []
    count = 0
    lines = _escaped(text, "\n").split("\n")
    for line, behind in zip(lines, [*tokens.before_lines, len(tokens.words)], strict=True):
        place = len(numbers)
        if behind > place:
            count += 1
            numbers += _numbered(empty, count, behind - place)
            numbers[place] = f"{empty if place else ''}\n#Text={line}\n{count}-1"
    return numbers


def _columns(
    spans: Sequence[Annotation], tokens: Tokens, features: Mapping[str, Sequence[str]]
) -> dict[int, str]:
    """Return the columns of the tokens that spans are on, with the tabs around them and the line's end."""
    widths = list(map(len, features.values()))
    around = {
        layer: ("\t" + "_\t" * sum(widths[:place]), "\t" + "_\t" * sum(widths[place + 1 :]) + "\n")
        for place, layer in enumerate(features)
    }
    columns: dict[int, str] = {}
    labels: dict[tuple[str, str], tuple[str, str]] = {}  # with nothing else to be said: around the mark
    furthest, overlap = 0, False
    for number, (a, first, behind) in enumerate(zip(spans, tokens.first, tokens.behind, strict=True)):
        mark = _mark(number) if behind - first > 1 else ""
        label = labels.get((a.layer, a.label))
        if label is not None:
            column = label[0] + mark + label[1]
        else:
            (before, after), names = around[a.layer], features[a.layer]
            column = before + "\t".join(_cells(a, names, mark)) + after
            if len(names) == 1:
                labels[a.layer, a.label] = before + _escaped_name(a.label), after
        for token in range(first, behind):
            columns[token] = column
        if first < furthest:
            overlap = True
        if behind > furthest:
            furthest = behind
    if overlap:
        columns |= _stacked(spans, tokens, features)
    return columns


def _stacked(
    spans: Sequence[Annotation], tokens: Tokens, features: Mapping[str, Sequence[str]]
) -> dict[int, str]:
    """Return the columns of the tokens that several spans are on."""
    here: dict[int, list[int]] = {}
    for number, (first, behind) in enumerate(zip(tokens.first, tokens.behind, strict=True)):
        for token in range(first, behind):
            here.setdefault(token, []).append(number)
    columns: dict[int, str] = {}
    for token, numbers in here.items():
        if numbers[1:]:
            cells: list[str] = []
            for layer, names in features.items():
                there = [n for n in numbers if spans[n].layer == layer]
                each = [
                    _cells(
                        spans[n],
                        names,
                        _mark(n) if there[1:] or tokens.behind[n] - tokens.first[n] > 1 else "",
                    )
                    for n in there
                ]
                cells += map("|".join, zip(*each, strict=True)) if each else "_" * len(names)
            columns[token] = "\t{}\t\n".format("\t".join(cells))
    return columns


def _mark(number: int) -> str:
    """Return what tells which lines, and which spans of those on one, are the same."""
    return f"[{number + 1}]"


def _cells(a: Annotation, features: Sequence[str], number: str) -> list[str]:
    values = [getattr(a, name) for name in features[1:]]
    others = [("*" if value in (None, "") else _escaped(str(value))) + number for value in values]
    return [_escaped_name(a.label) + number, *others]


_FIRST, _BEHIND = Numbers("\t{}-"), Numbers("{}\t")
_SENTENCES, _WORDS = 100, 500  # sentences of a text, and tokens of one, whose numbers are kept as well


def _numbered(empty: str, sentence: int, number: int) -> list[str]:
    """Return the numbers of the first ``number`` tokens of a sentence, each behind ``empty``."""
    if sentence > _SENTENCES or number > _WORDS:
        return [f"{empty}{sentence}-{token}" for token in range(1, number + 1)]
    kept = _kept_numbers(empty, sentence)
    for token in range(len(kept) + 1, number + 1):
        kept.append(f"{empty}{sentence}-{token}")
    return kept[:number]


@lru_cache(maxsize=_SENTENCES)
def _kept_numbers(empty: str, sentence: int) -> list[str]:
    """Return the list that keeps them."""
    return []


def _custom(layer: str) -> str:
    name = re.sub(r"\W", "", layer.title())
    return f"webanno.custom.{name or 'Layer'}"
