r"""WebAnno TSV 3, which WebAnno and INCEpTION write: a token a line, layers in columns, UTF-16 offsets.

After the chapter "WebAnno TSV 3.3" of their user's guide. A value is ``_`` (no annotation), ``*`` (one
without words) or words in which ``\ [ ] | _ -> ; * tab newline`` are escaped; ``[7]`` after it says that
the lines with 7 are one annotation; ``|`` stands between several on one token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotator.formats.folders import Numbered, annotator_of
from annotator.formats.foreign import ENTITY, SOMEBODY, STANCE, Label, foreign_record
from annotator.formats.item import Item
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError
from annotator.formats.txt import guess_title
from annotator.model import Annotation, ArticleRecord, Codebook, InputFileError
from annotator.text import IN_WORD, LARGEST_TEXT, Utf16Map, too_long

_HEAD = b"#FORMAT=WebAnno TSV 3"
_NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_LAYERS = {ENTITY: _NAMED_ENTITY, STANCE: "webanno.custom.Stance"}
_OURS = {**{name: layer for layer, name in _LAYERS.items()}, "webanno.custom.Zone": "zone"}
_FEATURES = ("value", "actor", "holder", "target", "certainty", "note")
_LABELS = ("value", "label", "category", "PosValue", "identifier")  # features that may hold the label
_PLACE = re.compile(r"(\d+)-(\d+)(\.\d+)?")
_STRETCH = re.compile(r"(\d+)-(\d+)")
_NUMBERED = re.compile(r"((?:\\.|[^\\\[])*)\[(\d+)\]", re.DOTALL)
_VALUE = re.compile(r"(?:\\.|[^\\|])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_RESERVED = re.compile(r"->|[\\\[\]|_;*\t\n\r]")
_TOKEN = re.compile(rf"{IN_WORD}+|[^\s]")
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
            raise InputFileError(path, f"is larger than {_LARGEST:,} bytes")
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise InputFileError(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
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
            raise InputFileError(self._path, "has no text")
        if len(text) > LARGEST_TEXT:
            raise InputFileError(self._path, too_long(len(text)))
        labels = [self._label(key, span) for key, span in self._spans.items()]
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
        return Item(record, lost=tuple(self._lost.elements()))

    def _add_layer(self, line: str) -> None:
        name, *features = line[6:].split("|")
        first = self._layers[-1].first + self._layers[-1].width if self._layers else 3
        self._layers.append(_Layer(name, features, line[3:5], first))

    def _add_token(self, cells: list[str], number: int) -> None:
        place = _PLACE.fullmatch(cells[0])
        stretch = _STRETCH.fullmatch(cells[1]) if len(cells) > 2 else None
        if place is None or stretch is None:
            raise InputFileError(self._path, "is no token: sentence-token, tab, start-end, tab, word", number)
        start, end = int(stretch[1]), int(stretch[2])
        if self._sentence is not None:
            if start < self._length or start - self._length > LARGEST_TEXT:
                raise InputFileError(self._path, f"begins at {start}, before the last sentence ends", number)
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
            raise InputFileError(self._path, f"has no length: {start}-{end}", number)
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

    def _label(self, key: tuple[str, str], span: _Span) -> Label:
        layer, values = key[0], dict(span.values)
        name = next((values.pop(f) for f in _LABELS if values.get(f)), "") or layer.rpartition(".")[2]
        certainty = values.pop("certainty", "")
        actor, holder, target = (values.pop(feature, None) for feature in ("actor", "holder", "target"))
        note = values.pop("note", "")
        self._lost["further features"] += len(values)
        return Label(
            name, span.start, span.end, _OURS.get(layer, ""), actor=actor, holder=holder, target=target,
            note=note, certainty=int(certainty) if certainty in ("1", "2", "3") else None,
        )  # fmt: skip


def _unescaped(words: str) -> str:
    return _ESCAPED.sub(lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), words)


def _escaped(words: str) -> str:
    return _RESERVED.sub(lambda m: {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(m[0], "\\" + m[0]), words)


class Writer:
    """Writes a folder, a file an article and annotator; tokens end where spans do, so every edge is exact."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._files = Numbered(path)
        self._layers = [
            (layer.name, _LAYERS.get(layer.name) or _custom(layer.name)) for layer in codebook.layers
        ]
        self._lost: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write one annotator's spans of an article."""
        text, stem = record.article.text, self._files.stem(record)
        spans = [a for a in record.annotations if a.start is not None and a.end is not None]
        known = {name for name, _ in self._layers}
        spans = [a for a in spans if a.layer in known and self._fits(a)]
        self._lost["label of a whole article"] += sum(a.start is None for a in record.annotations)
        self._lost["line end at the end of a text"] += text.endswith("\n")
        self._lost["rejection"] += len(record.rejections)
        self._lost["note on an article"] += bool(record.progress.note)
        with stem.with_name(f"{stem.name}.tsv").open("w", encoding="utf-8", newline="\n") as file:
            file.write("#FORMAT=WebAnno TSV 3.3\n")
            for _, name in self._layers:
                file.write(f"#T_SP={name}|{'|'.join(_FEATURES)}\n")
            file.write("\n")
            file.writelines(self._lines(text, spans))

    def _fits(self, a: Annotation) -> bool:
        if a.quote != (a.quote or "").strip():
            self._lost["span that begins or ends with white space"] += 1
            return False
        return True

    def _lines(self, text: str, spans: list[Annotation]) -> Iterator[str]:
        to_utf16 = Utf16Map(text).to_utf16 if not text.isascii() else int
        # Each span's cells are the same on all of its tokens, and most tokens have none.
        cells = [
            [self._cell(a, feature, number) for feature in _FEATURES] for number, a in enumerate(spans, 1)
        ]
        nothing = "\t".join("_" * len(_FEATURES) * len(self._layers))
        edges = sorted({edge for a in spans for edge in (a.start or 0, a.end or 0)})
        waiting = sorted(range(len(spans)), key=lambda n: (spans[n].start or 0, n))
        here: list[int] = []
        columns = nothing
        place = edge = sentence = 0
        for line in re.finditer(r"[^\n]+", text):
            if not line[0].strip():
                self._lost["line of white space alone"] += 1
                continue
            sentence += 1
            yield f"\n#Text={_escaped(line[0])}\n"
            number = 0
            for token in _TOKEN.finditer(text, line.start(), line.end()):
                start, last = token.span()
                while start < last:
                    if edge < len(edges) and edges[edge] <= start:  # what lies here changes at edges alone
                        while edge < len(edges) and edges[edge] <= start:
                            edge += 1
                        while place < len(waiting) and (spans[waiting[place]].start or 0) <= start:
                            here.append(waiting[place])
                            place += 1
                        here = [n for n in here if (spans[n].end or 0) > start]
                        columns = self._columns(spans, cells, here) if here else nothing
                    end = min(edges[edge], last) if edge < len(edges) else last
                    number += 1
                    stretch = f"{to_utf16(start)}-{to_utf16(end)}"
                    yield f"{sentence}-{number}\t{stretch}\t{text[start:end]}\t{columns}\t\n"
                    start = end

    def _columns(self, spans: list[Annotation], cells: list[list[str]], here: list[int]) -> str:
        """Return the columns of all layers for a token on which the spans ``here`` lie."""
        columns: list[str] = []
        for layer, _ in self._layers:
            there = [cells[n] for n in here if spans[n].layer == layer]
            columns += (
                ("|".join(values) for values in zip(*there, strict=True)) if there else "_" * len(_FEATURES)
            )
        return "\t".join(columns)

    @staticmethod
    def _cell(a: Annotation, feature: str, number: int) -> str:
        given = a.label if feature == "value" else getattr(a, feature)
        return f"{_escaped(str(given)) if given not in (None, '') else '*'}[{number}]"

    def close(self) -> Sequence[str]:
        """Return what WebAnno has no place for."""
        return [f"Not in these files: {what}, {n} times." for what, n in self._lost.items() if n]


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
        "metadata",
        "progress, rejections and suggestions",
        "who annotated when",
    ),
)
