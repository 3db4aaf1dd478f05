"""Writing WebAnno TSV 3 (:mod:`annotator.formats.webanno`): a folder with a file an article and annotator."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import add
from pathlib import Path

from annotator.formats.folders import Numbered
from annotator.formats.foreign import ENTITY, STANCE
from annotator.model import Annotation, ArticleRecord, Codebook
from annotator.text import IN_WORD

LAYERS = {ENTITY: "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", STANCE: "webanno.custom.Stance"}
FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
_RESERVED = ("[", "]", "|", "_", "->", ";", "*")  # and the backslash
_TOKEN = re.compile(rf"({IN_WORD}+|[^\s])(\s*)")
_INSIDE = re.compile(rf"(?<={IN_WORD}){IN_WORD}")


def _escaped(words: str, keep: str = "") -> str:
    # One after the other: an expression takes twenty times as long, and most lines have none of them.
    words = words.replace("\\", "\\\\")
    for mark in _RESERVED:
        words = words.replace(mark, f"\\{mark}")
    words = words.replace("\t", "\\t").replace("\r", "\\r")
    return words if keep else words.replace("\n", "\\n")


_escaped_name = lru_cache(maxsize=1000)(_escaped)


class Writer:
    """Writes a folder, a file an article and annotator; tokens end where spans do, so every edge is exact."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._files = Numbered(path)
        layers: dict[str, str] = {}  # theirs: ours
        for layer in codebook.layers:
            name = LAYERS.get(layer.name) or _custom(layer.name)
            while name in layers:
                name += "X"
            layers[name] = layer.name
        self._head = "".join(
            [
                "#FORMAT=WebAnno TSV 3.3\n",
                *(f"#T_SP={name}|{'|'.join(FEATURES)}\n" for name in layers),
                "\n",
            ]
        )
        self._layers = [*layers.values()]
        self._named = layers
        self._lost: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write one annotator's spans of an article."""
        text = record.article.text
        spans = [
            a for a in record.annotations if a.start is not None and a.layer in self._layers and self._fits(a)
        ]
        self._lost["label of a whole article"] += sum(a.start is None for a in record.annotations)
        self._lost["rejection"] += len(record.rejections)
        kept = {"white": white(text), "layers": self._named}
        self._files.write(record, kept, tsv=(self._head + self._lines(text, spans)).encode())

    def _fits(self, a: Annotation) -> bool:
        if a.quote != (a.quote or "").strip():
            self.left_out["white space at its edge"] += 1
            return False
        return True

    def _lines(self, text: str, spans: list[Annotation]) -> str:
        """Return the sentences; ``spans`` are in reading order.

        A text has hundreds of tokens and each line six parts, so what stands in the same part of all lines
        is made together.
        """
        words, starts, ends = _tokens(text, spans)
        parts = [""] * (6 * len(words))
        parts[0::6], parts[1::6] = self._sentences(text, starts)
        units, behind = starts, ends  # UTF-16
        if not text.isascii() and len(text.encode("utf-16-le")) > 2 * len(text):
            # White space has no character of two units: the count gets ahead at words alone.
            more = [0 if word.isascii() else len(word.encode("utf-16-le")) // 2 - len(word) for word in words]
            ahead = list(accumulate(more, initial=0))
            units, behind = list(map(add, starts, ahead)), list(map(add, ends, ahead[1:]))
        parts[2::6] = map(_FIRST.__getitem__, units)
        parts[3::6] = map(_BEHIND.__getitem__, behind)
        parts[4::6] = words
        parts[5::6] = self._columns(spans, starts)
        return "".join(parts)

    def _sentences(self, text: str, starts: list[int]) -> tuple[list[str], list[str]]:
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
                numbers += _COUNT.up_to(number)
        return sentences, numbers

    def _columns(self, spans: list[Annotation], starts: list[int]) -> list[str]:
        """Return the columns of each token; what lies on it changes at the spans' edges alone."""
        columns = _Columns(self._layers, spans)
        here: list[int] = []
        found: list[str] = []
        changes: dict[int, list[int]] = {}  # at an edge: which spans begin there (number), or end (~number)
        for number, a in enumerate(spans):
            changes.setdefault(a.start or 0, []).append(number)
            changes.setdefault(a.end or 0, []).append(~number)
        shown = columns.on(here)
        for edge in sorted(changes):
            token = len(found)
            found += [shown] * (bisect_left(starts, edge, token) - token)
            for change in changes[edge]:
                if change < 0:
                    here.remove(~change)
                else:
                    here.append(change)
            shown = columns.on(here)
        return found + [shown] * (len(starts) - len(found))

    def close(self) -> Sequence[str]:
        """Return what WebAnno has no place for."""
        self._files.close()
        return [f"Not in these files: {what}, {n} times." for what, n in self._lost.items() if n]


def white(text: str) -> list[tuple[int, str]]:
    """Return the white space that the files do not say: lines of nothing else, and what ends the text."""
    end = len(text.rstrip())
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    lines = [(m.start(), m[0]) for m in re.finditer(r"[^\n]+", text[:end]) if not m[0].strip()]
    return [*lines, (last, text[last:])]


def _tokens(text: str, spans: list[Annotation]) -> tuple[Sequence[str], list[int], list[int]]:
    """Return the tokens of a text, their starts and their ends; words are cut in two at the spans' edges."""
    found = _TOKEN.findall(text)
    words, starts, ends = _places(text, found)
    edges = {edge for a in spans for edge in (a.start or 0, a.end or 0)}.difference(starts, ends)
    cuts = sorted(edge for edge in edges if _INSIDE.match(text, edge))  # most spans are of whole words
    if not cuts:
        return words, starts, ends
    found, start = [], 0
    for edge in [*cuts, len(text)]:
        found += _TOKEN.findall(text, start, edge)
        start = edge
    return _places(text, found)


def _places(text: str, found: list[tuple[str, str]]) -> tuple[Sequence[str], list[int], list[int]]:
    """Return the words, starts and ends of tokens that come with the white space after them."""
    if not found:
        return (), [], []
    words, gaps = zip(*found, strict=True)
    lengths = list(map(len, words))
    lead = len(text) - len(text.lstrip())
    starts = list(accumulate(map(add, lengths, map(len, gaps)), initial=lead))
    del starts[-1]
    return words, starts, list(map(add, starts, lengths))


class _Columns:
    """What stands in the columns of all layers, with the tabs around it and the line's end."""

    def __init__(self, layers: Sequence[str], spans: list[Annotation]) -> None:
        self._layers = layers
        self._spans = spans
        nothing = "_\t" * len(FEATURES)
        count = len(layers)
        self._nothing = f"\t{nothing * count}\n"
        self._around = {
            name: (f"\t{nothing * place}", f"\t{nothing * (count - place - 1)}\n")
            for place, name in enumerate(layers)
        }

    def on(self, here: list[int]) -> str:
        """Return the columns of a token on which the spans of these numbers lie."""
        if not here:
            return self._nothing
        if len(here) == 1:
            before, after = self._around[self._spans[here[0]].layer]
            return before + "\t".join(self._cells(here[0])) + after
        columns: list[str] = []
        for layer in self._layers:
            there = [self._cells(n) for n in here if self._spans[n].layer == layer]
            columns += map("|".join, zip(*there, strict=True)) if there else "_" * len(FEATURES)
        return "\t{}\t\n".format("\t".join(columns))

    def _cells(self, place: int) -> list[str]:
        """Return the cells of a span, in the order of ``FEATURES``."""
        a, number = self._spans[place], f"[{place + 1}]"
        label, nothing = _escaped_name(a.label) + number, "*" + number
        if not (a.actor or a.holder or a.target or a.note) and a.certainty is None:
            return [label, nothing, nothing, nothing, nothing, nothing]
        return [
            label,
            *(_escaped_name(name) + number if name else nothing for name in (a.actor, a.holder, a.target)),
            nothing if a.certainty is None else f"{a.certainty}{number}",
            _escaped(a.note) + number if a.note else nothing,
        ]


class _Numbers(dict[int, str]):
    """Numbers as they stand in a line: those of most texts are kept, since to make them takes long."""

    def __init__(self, form: str) -> None:
        self._form = form

    def up_to(self, most: int) -> list[str]:
        """Return the numbers from 1 on."""
        return list(map(self.__getitem__, range(1, most + 1)))

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
