"""Writing WebAnno TSV 3 (:mod:`annotator.formats.webanno`): a folder with a file an article and annotator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import lt
from pathlib import Path

from annotator.formats.folders import Numbered
from annotator.formats.foreign import ENTITY, STANCE
from annotator.formats.left_out import not_held
from annotator.formats.together import Together
from annotator.formats.token_edges import Numbers, Tokens, tokens_of
from annotator.model import Annotation, ArticleRecord, Codebook

LAYERS = {ENTITY: "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", STANCE: "webanno.custom.Stance"}
FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
# The backslash first, or those before the others would be escaped again.
_ESCAPED = {mark: b"\\" + mark for mark in (b"\\", b"[", b"]", b"|", b"_", b"->", b";", b"*")}
_ESCAPED |= {b"\t": b"\\t", b"\r": b"\\r"}
_WHITE_LINE = re.compile(r"\n([^\S\n]+)(?=\n)")
_WHITE_FIRST = re.compile(r"[^\S\n]+(?=\n)")


def _escaped_lines(text: str) -> list[bytes]:
    """Return the lines of a text, in UTF-8."""
    # One mark after the other: an expression takes twenty times as long, and most lines have none of them.
    words = text.encode()
    for mark, escaped in _ESCAPED.items():
        words = words.replace(mark, escaped)
    return words.split(b"\n")


def _escaped(words: str) -> bytes:
    return b"\\n".join(_escaped_lines(words))


_escaped_name = lru_cache(maxsize=1000)(_escaped)  # of labels: notes are long, and seldom the same


class Writer(Together):
    """Writes a folder, a file an article and annotator; tokens end where spans do, so every edge is exact.

    A file has the layers of its own spans alone, and of their features those that one of them has.
    """

    def __init__(self, path: Path, codebook: Codebook) -> None:
        super().__init__()
        self._files = Numbered(path)
        self._named: dict[str, str] = {}  # our layers by their names
        for layer in codebook.layers:
            name = LAYERS.get(layer.name) or _custom(layer.name)
            while name in self._named:
                name += "X"
            self._named[name] = layer.name
        self._lost: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def write(self, records: Sequence[ArticleRecord]) -> None:
        """Write each annotator's spans of the articles."""
        spans_of = list(map(self._spans, records))
        texts = [record.article.text for record in records]
        edges = [([a.start or 0 for a in spans], [a.end or 0 for a in spans]) for spans in spans_of]
        for record, spans, tokens in zip(records, spans_of, tokens_of(texts, edges), strict=True):
            text = record.article.text
            features = self._features(spans)
            head = "".join(
                f"#T_SP={name}|{'|'.join(features[ours])}\n"
                for name, ours in self._named.items()
                if ours in features
            )
            whole = f"#FORMAT=WebAnno TSV 3.3\n{head}\n".encode() + _lines(text, tokens, spans, features)
            self._files.write(record, {"white": white(text), "layers": self._named}, tsv=whole)

    def _spans(self, record: ArticleRecord) -> list[Annotation]:
        placed = [a for a in record.annotations if a.start is not None]
        self._lost["labels of whole articles"] += len(record.annotations) - len(placed)
        self._lost["rejections"] += len(record.rejections)
        spans = [a for a in placed if a.quote == (a.quote or "").strip()]
        if len(spans) < len(placed):
            self.left_out["white space at its edge"] += len(placed) - len(spans)
        return spans

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
        """Write what waits; return what WebAnno has no place for."""
        try:
            self.write_waiting()
        finally:
            self._files.close()
        return not_held("these files", self._lost)


def white(text: str) -> list[tuple[int, str]]:
    """Return the white space that the files do not say: lines of nothing else, and what ends the text."""
    end = len(text.rstrip())
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    lines = [(m.start(1), m[1]) for m in _WHITE_LINE.finditer(text, 0, end)]
    if first := _WHITE_FIRST.match(text, 0, end):
        lines.insert(0, (0, first[0]))
    return [*lines, (last, text[last:])]


def _lines(
    text: str, tokens: Tokens, spans: Sequence[Annotation], features: Mapping[str, Sequence[str]]
) -> bytes:
    """Return the sentences; ``spans`` are in reading order.

    A text has hundreds of tokens, so what stands in the same part of all lines is made together.
    """
    parts = [b""] * (5 * len(tokens.words))
    parts[0::5] = _numbers(text, tokens)
    parts[1::5] = _FIRST.at(tokens.starts)
    parts[2::5] = _BEHIND.at(tokens.ends)
    parts[3::5] = tokens.words
    parts[4::5] = _columns(spans, tokens, features)
    return b"".join(parts)


def _numbers(text: str, tokens: Tokens) -> list[bytes]:
    """Return the number of each token; before the first of a sentence stands the sentence."""
    numbers: list[bytes] = []
    count = 0
    for line, behind in zip(_escaped_lines(text), [*tokens.before_lines, len(tokens.words)], strict=True):
        place = len(numbers)
        if behind > place:
            count += 1
            numbers += _numbered(count, behind - place)
            numbers[place] = b"\n#Text=%b\n%d-1" % (line, count)
    return numbers


def _columns(
    spans: Sequence[Annotation], tokens: Tokens, features: Mapping[str, Sequence[str]]
) -> list[bytes]:
    """Return the columns of each token, with the tabs around them and the line's end."""
    widths = list(map(len, features.values()))
    columns = [b"\t%b\n" % (b"_\t" * sum(widths))] * len(tokens.words)
    around = {
        layer: (b"\t" + b"_\t" * sum(widths[:place]), b"\t" + b"_\t" * sum(widths[place + 1 :]) + b"\n")
        for place, layer in enumerate(features)
    }
    labels: dict[tuple[str, str], tuple[bytes, bytes, bytes]] = {}  # all, and what is around the mark
    for number, (a, first, behind) in enumerate(zip(spans, tokens.first, tokens.behind, strict=True)):
        label = labels.get((a.layer, a.label))
        if label is None:
            (before, after), names = around[a.layer], features[a.layer]
            mark = _mark(number) if behind - first > 1 else b""
            column = before + b"\t".join(_cells(a, names, mark)) + after
            if not names[1:]:  # with nothing else to be said, all of this label are alike
                name = before + _escaped_name(a.label)
                labels[a.layer, a.label] = name + after, name, after
        elif behind - first == 1:
            columns[first] = label[0]
            continue
        else:
            column = b"%b[%d]%b" % (label[1], number + 1, label[2])
        for token in range(first, behind):
            columns[token] = column
    if any(map(lt, tokens.first[1:], tokens.behind)):  # one begins before the one ahead of it is over
        for token, column in _stacked(spans, tokens, features).items():
            columns[token] = column
    return columns


def _stacked(
    spans: Sequence[Annotation], tokens: Tokens, features: Mapping[str, Sequence[str]]
) -> dict[int, bytes]:
    """Return the columns of the tokens that several spans are on."""
    here: dict[int, list[int]] = {}
    for number, (first, behind) in enumerate(zip(tokens.first, tokens.behind, strict=True)):
        for token in range(first, behind):
            here.setdefault(token, []).append(number)
    columns: dict[int, bytes] = {}
    for token, numbers in here.items():
        if numbers[1:]:
            cells: list[bytes] = []
            for layer, names in features.items():
                there = [n for n in numbers if spans[n].layer == layer]
                each = [
                    _cells(
                        spans[n],
                        names,
                        _mark(n) if there[1:] or tokens.behind[n] - tokens.first[n] > 1 else b"",
                    )
                    for n in there
                ]
                cells += map(b"|".join, zip(*each, strict=True)) if each else [b"_"] * len(names)
            columns[token] = b"\t%b\t\n" % b"\t".join(cells)
    return columns


def _mark(number: int) -> bytes:
    """Return what tells which lines, and which spans of those on one, are the same."""
    return b"[%d]" % (number + 1)


def _cells(a: Annotation, features: Sequence[str], mark: bytes) -> list[bytes]:
    values = [getattr(a, name) for name in features[1:]]
    others = [(b"*" if value in (None, "") else _escaped(str(value))) + mark for value in values]
    return [_escaped_name(a.label) + mark, *others]


_FIRST, _BEHIND = Numbers(b"\t%d-"), Numbers(b"%d\t")
_SENTENCES, _WORDS = 100, 500  # sentences of a text, and tokens of one, whose numbers are kept as well


def _numbered(sentence: int, number: int) -> list[bytes]:
    """Return the numbers of the first ``number`` tokens of a sentence."""
    if sentence > _SENTENCES or number > _WORDS:
        return [b"%d-%d" % (sentence, token) for token in range(1, number + 1)]
    kept = _kept_numbers(sentence)
    for token in range(len(kept) + 1, number + 1):
        kept.append(b"%d-%d" % (sentence, token))
    return kept[:number]


@lru_cache(maxsize=_SENTENCES)
def _kept_numbers(sentence: int) -> list[bytes]:
    """Return the list that keeps them."""
    return []


def _custom(layer: str) -> str:
    name = re.sub(r"\W", "", layer.title())
    return f"webanno.custom.{name or 'Layer'}"
