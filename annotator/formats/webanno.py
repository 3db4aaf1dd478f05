r"""WebAnno TSV 3, which WebAnno and INCEpTION write: a token a line, layers in columns, UTF-16 offsets.

After the chapter "WebAnno TSV 3.3" of their user's guide. A value is ``_`` (no annotation), ``*`` (one
without words) or words in which ``\ [ ] | _ -> ; * tab newline`` are escaped; ``[7]`` after it says that
the lines with 7 are one annotation; ``|`` stands between several on one token.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from operator import add
from pathlib import Path
from typing import Any

from annotator.formats.folders import Numbered, annotator_of, brought_back, entry_of
from annotator.formats.foreign import ENTITY, SOMEBODY, STANCE, Label, foreign_record
from annotator.formats.item import Item, unreadable
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError
from annotator.formats.txt import guess_title
from annotator.model import Annotation, ArticleRecord, Codebook, InputFileError
from annotator.text import IN_WORD, LARGEST_TEXT, sha256, too_long

_HEAD = b"#FORMAT=WebAnno TSV 3"
_NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_LAYERS = {ENTITY: _NAMED_ENTITY, STANCE: "webanno.custom.Stance"}
_OURS = {**{name: layer for layer, name in _LAYERS.items()}, "webanno.custom.Zone": "zone"}
_FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
_LABELS = ("value", "label", "category", "PosValue")  # features that may hold the label
_PLACE = re.compile(r"(\d+)-(\d+)(\.\d+)?")
_STRETCH = re.compile(r"(\d+)-(\d+)")
_NUMBERED = re.compile(r"((?:\\.|[^\\\[])*)\[(\d+)\]", re.DOTALL)
_VALUE = re.compile(r"(?:\\.|[^\\|])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s]+")  # of a name such as NamedEntity or NELink
_RESERVED = ("[", "]", "|", "_", "->", ";", "*")  # and the backslash
_TOKEN = re.compile(rf"({IN_WORD}+|[^\s])(\s*)")
_INSIDE = re.compile(rf"(?<={IN_WORD}){IN_WORD}")
_LARGEST = 100_000_000  # bytes of a file, which is one article


@dataclass
class _Layer:
    name: str
    features: list[str]
    kind: str
    first: int  # column

    @property
    def width(self) -> int:
        return max(1, len(self.features))


@dataclass
class _Span:
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a file; raises ``InputFileError`` with the line."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputFileError(path, f"is larger than {_LARGEST:,} bytes. Export each document by itself")
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except UnicodeDecodeError as error:
        raise InputFileError(path, "is not in UTF-8, in which WebAnno writes. Export it again") from error
    yield _Reader(path).item(lines)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._layers: list[_Layer] = []
        self._text: list[str] = []
        self._length = 0  # UTF-16 units
        self._sentence: str | None = None  # whose place its first token tells
        self._spans: dict[tuple[str, str], _Span] = {}
        self._lost: Counter[str] = Counter()

    def item(self, lines: Sequence[str]) -> Item:
        if not lines[0].startswith(_HEAD.decode()):
            raise InputFileError(self._path, "is not of WebAnno TSV 3. Export it again in that format")
        for number, line in enumerate(lines, 1):
            line = line.removesuffix("\r")
            if line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
                self._add_layer(line)
            elif line.startswith("#Text="):
                words = _unescaped(line[6:])
                # Of a sentence over several lines each has its own #Text; the tokens come after the last.
                self._sentence = words if self._sentence is None else f"{self._sentence}\n{words}"
            elif line and not line.startswith("#"):
                self._add_token(line.split("\t"), number)
        text = "".join(self._text)
        if not text.strip():
            raise InputFileError(self._path, "has no text; leave it out")
        if len(text) > LARGEST_TEXT:
            raise InputFileError(self._path, too_long(len(text)))
        entry = entry_of(self._path)
        text = _with_white(text, entry)
        kept = (entry or {}).get("layers")
        layers = {**_OURS, **kept} if isinstance(kept, dict) else _OURS
        labels = [self._label(key, span, layers) for key, span in self._spans.items()]
        title = guess_title(text, self._path.stem)
        meta = {"file": self._path.name}
        try:
            record = foreign_record(
                text,
                labels,
                title=title,
                annotator=annotator_of(self._path) or SOMEBODY,
                units=("UTF-16 units",),
                meta=meta,
            )
        except MisfitError as error:
            raise InputFileError(
                self._path, f"does not fit its own text: {error}. Export it again"
            ) from error
        known = brought_back(record, self._path, entry)
        return Item(known or record, lost=tuple(self._lost.elements()), by_text=known is None)

    def _add_layer(self, line: str) -> None:
        name, *features = line[6:].split("|")
        first = self._layers[-1].first + self._layers[-1].width if self._layers else 3
        self._layers.append(_Layer(name, features, line[3:5], first))

    def _add_token(self, cells: list[str], number: int) -> None:
        place = _PLACE.fullmatch(cells[0])
        stretch = _STRETCH.fullmatch(cells[1]) if len(cells) > 2 else None
        if place is None or stretch is None:
            raise InputFileError(
                self._path, "is no token: sentence-token, tab, start-end, tab, word. Export it again", number
            )
        start, end = int(stretch[1]), int(stretch[2])
        if self._sentence is not None:
            if start < self._length or start - self._length > LARGEST_TEXT:
                raise InputFileError(
                    self._path, f"begins at {start}, before the last sentence ends. Export it again", number
                )
            lead = len(self._sentence) - len(self._sentence.lstrip())
            gap = start - self._length
            # What lies between sentences is not in the file; what a sentence begins with is.
            self._put("\n" * (gap - lead if gap >= lead else gap))
            self._put(self._sentence)
            self._sentence = None
        for layer in self._layers:
            self._add_values(layer, cells, place[0], start, end, number)

    def _put(self, words: str) -> None:
        self._text.append(words)
        self._length += len(words.encode("utf-16-le")) // 2

    def _add_values(
        self, layer: _Layer, cells: list[str], token: str, start: int, end: int, number: int
    ) -> None:
        columns = [cells[c] if c < len(cells) else "_" for c in range(layer.first, layer.first + layer.width)]
        if all(column in ("_", "") for column in columns):
            return
        if layer.kind != "SP":
            self._lost["relations" if layer.kind == "RL" else "chains"] += 1
            return
        if start >= end:
            raise InputFileError(self._path, f"has no length: {start}-{end}. Export it again", number)
        for feature, column in zip(layer.features or [""], columns, strict=True):
            for place, value in enumerate(_VALUE.findall(column)):
                numbered = _NUMBERED.fullmatch(value)
                if numbered:
                    value, key = numbered[1], numbered[2]
                else:
                    key = f"{token}/{place}"
                span = self._spans.setdefault((layer.name, key), _Span(start, end))
                span.start, span.end = min(span.start, start), max(span.end, end)
                if value not in ("*", "_"):
                    span.values[feature] = _unescaped(value)

    def _label(self, key: tuple[str, str], span: _Span, layers: Mapping[str, Any]) -> Label:
        layer, values = key[0], dict(span.values)
        name = next((values.pop(f) for f in _LABELS if values.get(f)), "") or _plain(layer)
        certainty = values.pop("certainty", "")
        actor, holder, target = (values.pop(feature, None) for feature in ("actor", "holder", "target"))
        note = values.pop("note", "") or values.pop("identifier", "")  # of a knowledge base
        self._lost["further features"] += len(values)
        return Label(
            name, span.start, span.end, str(layers.get(layer, "")), actor=actor, holder=holder, target=target,
            note=note, certainty=int(certainty) if certainty in ("1", "2", "3") else None,
        )  # fmt: skip


def _white(text: str) -> list[tuple[int, str]]:
    """Return the white space that the files do not say: lines of nothing else, and what ends the text."""
    end = len(text.rstrip())
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    lines = [(m.start(), m[0]) for m in re.finditer(r"[^\n]+", text[:end]) if not m[0].strip()]
    return [*lines, (last, text[last:])]


def _with_white(text: str, entry: Mapping[str, Any] | None) -> str:
    """Return the text with what :func:`_white` kept of it, where that gives the one that was exported."""
    kept = (entry or {}).get("white")
    pieces, at = [], 0
    for part in kept if isinstance(kept, list) else ():
        if not (isinstance(part, list) and [type(each) for each in part] == [int, str]):
            return text
        pieces += [text[at : part[0]], part[1]]
        at = part[0] + len(part[1])
    whole = "".join([*pieces, text[at:]])
    return whole if entry is not None and sha256(whole) == entry["sha256"] else text


def _plain(layer: str) -> str:
    """Return a layer's name in words, for an annotation that says no more: "Named entity"."""
    first, *words = _WORD.findall(layer.rpartition(".")[2]) or [layer]
    return " ".join([first, *(word if word.isupper() else word.lower() for word in words)])


def _unescaped(words: str) -> str:
    return _ESCAPED.sub(lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), words)


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
            name = _LAYERS.get(layer.name) or _custom(layer.name)
            while name in layers:
                name += "X"
            layers[name] = layer.name
        self._head = "".join(
            [
                "#FORMAT=WebAnno TSV 3.3\n",
                *(f"#T_SP={name}|{'|'.join(_FEATURES)}\n" for name in layers),
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
        kept = {"white": _white(text), "layers": self._named}
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
        nothing = "_\t" * len(_FEATURES)
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
            columns += map("|".join, zip(*there, strict=True)) if there else "_" * len(_FEATURES)
        return "\t{}\t\n".format("\t".join(columns))

    def _cells(self, place: int) -> list[str]:
        """Return the cells of a span, in the order of ``_FEATURES``."""
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


FORMAT = Format(
    "webanno",
    "WebAnno TSV 3",
    (".tsv",),
    read,
    lambda path, head: head.removeprefix(b"\xef\xbb\xbf").startswith(_HEAD),
    many=False,
    exports=True,
    writer=Writer,
    folder=True,
    cannot_hold=(
        "labels of whole articles",
        "rejections and suggestions",
        "who annotated when",
    ),
)
