"""Writing WebAnno TSV 3 (:mod:`annotator.formats.webanno`): a folder with a file an article and annotator."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count, repeat
from operator import add
from pathlib import Path

from annotator.formats.folders import Numbered
from annotator.formats.foreign import ENTITY, STANCE
from annotator.formats.left_out import not_held
from annotator.formats.words import words_of
from annotator.model import Annotation, ArticleRecord, Codebook
from annotator.text import IN_WORD

LAYERS = {ENTITY: "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", STANCE: "webanno.custom.Stance"}
FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
_RESERVED = ("[", "]", "|", "_", "->", ";", "*")  # and the backslash
_TOKEN = re.compile(rf"{IN_WORD}+|\S")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")  # what UTF-16 counts twice


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

    A text has hundreds of tokens and each line six parts, so what stands in the same part of all lines
    is made together.
    """
    words, starts, ends = _tokens(text, spans)
    parts = [""] * (6 * len(words))
    parts[0::6], parts[1::6] = _sentences(text, starts)
    parts[4::6] = words
    parts[5::6] = _columns(spans, starts, ends, features)
    beyond = [] if text.isascii() else [match.start() for match in _BEYOND.finditer(text)]
    if beyond:
        starts, ends = _utf16(starts, beyond), _utf16(ends, beyond)
    parts[2::6] = map(_FIRST.__getitem__, starts)
    parts[3::6] = map(_BEHIND.__getitem__, ends)
    return parts


def _tokens(text: str, spans: Sequence[Annotation]) -> tuple[list[str], list[int], list[int]]:
    """Return the tokens of a text, their starts and their ends; words are cut in two at the spans' edges."""
    words, starts = words_of(text, _TOKEN)
    ends = list(map(add, starts, map(len, words)))
    # An edge that is no token's is inside a word: there is no white space at it.
    cuts = {a.start or 0 for a in spans}.difference(starts) | {a.end or 0 for a in spans}.difference(ends)
    for edge in cuts:
        token = bisect_left(starts, edge) - 1
        word, cut = words[token], edge - starts[token]
        words[token : token + 1] = word[:cut], word[cut:]
        starts.insert(token + 1, edge)
        ends.insert(token, edge)
    return words, starts, ends


def _sentences(text: str, starts: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return the number of each token's sentence, the first with the sentence before it, and its own."""
    sentences: list[str] = []
    numbers: list[str] = []
    count, end = 0, -1
    for line in _escaped(text, "\n").split("\n"):
        end = text.find("\n", end + 1)
        place = len(sentences)
        number = (bisect_left(starts, end, place) if end >= 0 else len(starts)) - place
        if number:
            count += 1
            sentences += [f"{count}-"] * number
            sentences[place] = f"\n#Text={line}\n{count}-"
            numbers += map(_COUNT.__getitem__, range(1, number + 1))
    return sentences, numbers


def _utf16(places: list[int], beyond: Sequence[int]) -> list[int]:
    """Return places in UTF-16 units; ``beyond`` is where the text has characters of two."""
    moved: list[int] = []
    for ahead, place in enumerate(beyond):
        behind = bisect_right(places, place, len(moved))
        moved += map(add, places[len(moved) : behind], repeat(ahead))
    return [*moved, *map(add, places[len(moved) :], repeat(len(beyond)))]


def _columns(
    spans: Sequence[Annotation],
    starts: Sequence[int],
    ends: Sequence[int],
    features: Mapping[str, Sequence[str]],
) -> list[str]:
    """Return the columns of each token, with the tabs around them and the line's end."""
    widths = list(map(len, features.values()))
    columns = ["\t{}\n".format("_\t" * sum(widths))] * len(starts)
    around = {
        layer: ("\t" + "_\t" * sum(widths[:place]), "\t" + "_\t" * sum(widths[place + 1 :]) + "\n")
        for place, layer in enumerate(features)
    }
    begins, behind = dict(zip(starts, count())), dict(zip(ends, count(1)))
    here: dict[int, int] = {}  # the first span on a token
    stacked: dict[int, list[int]] = {}  # all of them where there are several
    alone: dict[tuple[str, str], str] = {}  # for a label on one token, with nothing else to be said
    marks: list[str] = []  # a number tells which lines, and which of those on one, are the same span
    for number, a in enumerate(spans):
        first, last = begins[a.start or 0], behind[a.end or 0]
        mark = "" if last - first == 1 else f"[{number + 1}]"
        marks.append(mark)
        named = a.layer, a.label
        column = None if mark else alone.get(named)
        if column is None:
            names = features[a.layer]
            before, after = around[a.layer]
            column = before + "\t".join(_cells(a, names, mark)) + after
            if not mark and len(names) == 1:
                alone[named] = column
        for token in range(first, last):
            columns[token] = column
            if here.setdefault(token, number) != number:
                stacked.setdefault(token, [here[token]]).append(number)
    for token, numbers in stacked.items():
        cells: list[str] = []
        for layer, names in features.items():
            there = [n for n in numbers if spans[n].layer == layer]
            each = [_cells(spans[n], names, f"[{n + 1}]" if there[1:] else marks[n]) for n in there]
            cells += map("|".join, zip(*each, strict=True)) if each else "_" * len(names)
        columns[token] = "\t{}\t\n".format("\t".join(cells))
    return columns


def _cells(a: Annotation, features: Sequence[str], number: str) -> list[str]:
    values = [getattr(a, name) for name in features[1:]]
    others = [("*" if value in (None, "") else _escaped(str(value))) + number for value in values]
    return [_escaped_name(a.label) + number, *others]


class _Numbers(dict[int, str]):
    """Numbers as they stand in a line: those of most texts are kept, since to make them takes long."""

    def __init__(self, form: str) -> None:
        self._form = form

    def __missing__(self, number: int) -> str:
        text = self._form.format(number)
        if number < _KEPT:
            self[number] = text
        return text


_KEPT = 20_000
_FIRST, _BEHIND, _COUNT = _Numbers("\t{}-"), _Numbers("{}\t"), _Numbers("{}")


def _custom(layer: str) -> str:
    name = re.sub(r"\W", "", layer.title())
    return f"webanno.custom.{name or 'Layer'}"
