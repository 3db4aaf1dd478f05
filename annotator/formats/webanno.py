r"""WebAnno TSV 3, which WebAnno and INCEpTION write: a token a line, layers in columns, UTF-16 offsets.

After the chapter "WebAnno TSV 3.3" of their user's guide. A value is ``_`` (no annotation), ``*`` (one
without words) or words in which ``\ [ ] | _ -> ; * tab newline`` are escaped; ``[7]`` after it says that
the lines with 7 are one annotation; ``|`` stands between several on one token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.formats.folders import annotator_of, brought_back, entry_of
from annotator.formats.foreign import SOMEBODY, Label, foreign_record
from annotator.formats.item import AdvisedError, Item, advised, unreadable
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError
from annotator.formats.txt import guess_title
from annotator.formats.webanno_writer import LAYERS, Writer
from annotator.model import InputFileError
from annotator.text import LARGEST_TEXT, sha256, too_long

_HEAD = b"#FORMAT=WebAnno TSV 3"
_OURS = {**{name: layer for layer, name in LAYERS.items()}, "webanno.custom.Zone": "zone"}
_LABELS = ("value", "label", "category", "PosValue")  # features that hold the label where they say something
_NO_LABELS = ("actor", "holder", "target", "certainty", "note", "identifier")
_NO_WORDS = re.compile(r"[\d.,+-]+|true|false|\w+://\S+", re.IGNORECASE)  # values of no label
_TOKEN = r"(\d+-\d+(?:\.\d+)?)\t(\d+)-(\d+)\t[^\t\n]*+\t?([^\n]*)"
_LINE = re.compile(_TOKEN)
# The next token with something on it, and before it all that have nothing, as most. None of these is tried
# again in another way.
_NOTHING = r"(?:\d++-\d++(?:\.\d++)?\t\d++-\d++\t[^\t\n]*+(?:\t_)*+\t?\r?\n)*+"
_NEXT = re.compile(f"{_NOTHING}(?:{_TOKEN})?")
_NUMBERED = re.compile(r"((?:\\.|[^\\\[])*)\[(\d+)\]", re.DOTALL)
_VALUE = re.compile(r"(?:\\.|[^\\|])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s]+")  # of a name such as NamedEntity or NELink
_LARGEST = 100_000_000  # bytes of a file, which is one article


@dataclass
class _Layer:
    name: str
    features: list[str]
    kind: str
    first: int  # column, after the word's

    def __post_init__(self) -> None:
        self.width = max(1, len(self.features))


@dataclass(slots=True)
class _Span:
    start: int
    end: int
    values: Mapping[str, str]


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a file; raises ``InputFileError`` with the line."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputFileError(path, f"is larger than {_LARGEST:,} bytes. Export each document by itself")
        whole = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except UnicodeDecodeError as error:
        raise InputFileError(path, "is not in UTF-8, in which WebAnno writes. Export it again") from error
    yield _Reader(path).item(whole)


_Said = tuple[str, str, dict[str, str]]
"""An annotation on a token: its layer, its key (a number, or its place on the token), and its values."""


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._layers: list[_Layer] = []
        self._text: list[str] = []
        self._length = 0  # UTF-16 units
        self._sentence: str | None = None  # whose place its first token tells
        self._spans: dict[tuple[str, str], _Span] = {}  # by layer, and number or token and place
        self._parsed: dict[str, list[_Said]] = {}  # what stood in the columns of all layers
        self._alike: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}  # by what is around one number
        self._lost: Counter[str] = Counter()

    def item(self, whole: str) -> Item:
        if not whole.startswith(_HEAD.decode()):
            raise InputFileError(self._path, "is not of WebAnno TSV 3. Export it again in that format")
        at = 0
        while at < len(whole):
            # Of a sentence its first token tells the place, whatever is on it.
            found = (_NEXT if self._sentence is None else _LINE).match(whole, at)
            if found is not None and found[1] is not None:
                token, start, end, tail = found.groups()
                try:
                    self._add_token(token, int(start), int(end), tail.removesuffix("\r"))
                except ValueError as error:
                    raise self._error(advised(error), whole, found.start(1)) from error
                at = found.end() + 1
                continue
            at = at if found is None else found.end()
            line_end = whole.find("\n", at)
            line_end = len(whole) if line_end < 0 else line_end
            self._add_line(whole[at:line_end].removesuffix("\r"), whole, at)
            at = line_end + 1
        text = "".join(self._text)
        if not text.strip():
            raise InputFileError(self._path, "has no text; leave it out")
        if len(text) > LARGEST_TEXT:
            raise InputFileError(self._path, too_long(len(text)))
        entry = entry_of(self._path)
        text = _with_white(text, entry)
        kept = (entry or {}).get("layers")
        layers = {**_OURS, **kept} if isinstance(kept, dict) else _OURS
        names = {layer.name: self._label_features(layer) for layer in self._layers}
        labels = [self._label(key, span, layers, names[key[0]]) for key, span in self._spans.items()]
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

    def _add_line(self, line: str, whole: str, at: int) -> None:
        """Take in a line that begins ``at``, and is no token's."""
        if line and line[0] != "#":
            reason = "is no token: sentence-token, tab, start-end, tab, word. Export it again"
            raise self._error(reason, whole, at)
        if line.startswith("#Text="):
            words = _unescaped(line[6:])
            # Of a sentence over several lines each has its own #Text; the tokens come after the last.
            self._sentence = words if self._sentence is None else f"{self._sentence}\n{words}"
        elif line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
            self._add_layer(line)

    def _error(self, reason: str, whole: str, at: int) -> InputFileError:
        return InputFileError(self._path, reason, whole.count("\n", 0, at) + 1)

    def _add_layer(self, line: str) -> None:
        name, *features = line[6:].split("|")
        first = self._layers[-1].first + self._layers[-1].width if self._layers else 0
        self._layers.append(_Layer(name, features, line[3:5], first))

    def _add_token(self, token: str, start: int, end: int, tail: str) -> None:
        if self._sentence is not None:
            if start < self._length or start - self._length > LARGEST_TEXT:
                raise AdvisedError(f"begins at {start}, before the last sentence ends. Export it again")
            lead = len(self._sentence) - len(self._sentence.lstrip())
            gap = start - self._length
            # What lies between sentences is not in the file; what a sentence begins with is.
            self._put("\n" * (gap - lead if gap >= lead else gap))
            self._put(self._sentence)
            self._sentence = None
        parsed = self._parsed.get(tail)
        if parsed is None:
            parsed = self._parse(tail)
        if parsed and start >= end:
            raise AdvisedError(f"has no length: {start}-{end}. Export it again")
        for layer, key, values in parsed:
            place = layer, key if key.isdecimal() else token + key
            span = self._spans.get(place)
            if span is None:
                self._spans[place] = _Span(start, end, values)
                continue
            if start < span.start:
                span.start = start
            if end > span.end:
                span.end = end
            if span.values is not values:
                span.values = {**span.values, **values}

    def _parse(self, tail: str) -> list[_Said]:
        """Return what a line says after its word; kept for the next one with the same."""
        # One annotation over several tokens, as most are: others differ from it in the number alone.
        before, _, rest = tail.partition("[")
        number, _, after = rest.partition("]")
        alike = self._alike.get((before, after))
        if alike is not None and number.isdecimal():
            layer_name, values = alike
            self._parsed[tail] = [(layer_name, number, values)]
            return self._parsed[tail]
        found: list[_Said] = []
        cells = tail.split("\t")
        lost = False
        for layer in self._layers:
            columns = cells[layer.first : layer.first + layer.width]
            here: dict[str, dict[str, str]] = {}
            for feature, column in zip(layer.features or [""], columns, strict=False):
                for key, value in _values(column) if column not in ("_", "") else ():
                    values = here.setdefault(key, {})
                    if value not in ("*", "_"):
                        values[feature] = _unescaped(value)
            if layer.kind == "SP":
                found += [(layer.name, key, values) for key, values in here.items()]
            elif here:
                lost = True
                self._lost["relations" if layer.kind == "RL" else "chains"] += 1
        if not lost:  # each is counted
            self._parsed[tail] = found
            if len(found) == 1 and found[0][1] == number and not set(after) & set("[|\\"):
                self._alike[before, after] = found[0][0], found[0][2]
        return found

    def _put(self, words: str) -> None:
        self._text.append(words)
        self._length += len(words.encode("utf-16-le")) // 2

    def _label_features(self, layer: _Layer) -> Sequence[str]:
        """Return the features of a layer that hold its labels: the usual ones, else its first with words."""
        spans = self._spans.items()
        if any(span.values.get(f) for (name, _), span in spans if name == layer.name for f in _LABELS):
            return _LABELS
        said = [span.values for (name, _), span in spans if name == layer.name]
        for feature in layer.features:  # with a point in it, a name is that of another layer: a link to it
            if feature and "." not in feature and feature not in _NO_LABELS:
                words = [values[feature] for values in said if values.get(feature)]
                if words and not all(map(_NO_WORDS.fullmatch, words)):
                    return (feature,)
        return ()

    def _label(
        self, key: tuple[str, str], span: _Span, layers: Mapping[str, Any], names: Sequence[str]
    ) -> Label:
        layer, values = key[0], dict(span.values)
        if len(values) == 1 and values.get("value"):  # as nearly all
            return Label(values["value"], span.start, span.end, str(layers.get(layer, "")))
        name = next((values.pop(f) for f in names if values.get(f)), "") or _plain(layer)
        certainty = values.pop("certainty", "")
        actor, holder, target = (values.pop(feature, None) for feature in ("actor", "holder", "target"))
        note = values.pop("note", "") or values.pop("identifier", "")  # of a knowledge base
        self._lost["further features"] += len(values)
        return Label(
            name, span.start, span.end, str(layers.get(layer, "")), actor=actor, holder=holder, target=target,
            note=note, certainty=int(certainty) if certainty in ("1", "2", "3") else None,
        )  # fmt: skip


def _with_white(text: str, entry: Mapping[str, Any] | None) -> str:
    """Return the text with the white space that was kept of it, where that gives what was exported."""
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


def _values(column: str) -> list[tuple[str, str]]:
    """Return the keys and values in a column; a key is the value's number, else its place."""
    if "|" not in column and "\\" not in column and column.endswith("]"):  # as nearly always
        value, _, number = column[:-1].rpartition("[")
        if number.isdecimal() and "[" not in value:
            return [(number, value)]
    found = []
    for place, value in enumerate(_VALUE.findall(column)):
        numbered = _NUMBERED.fullmatch(value)
        found.append((numbered[2], numbered[1]) if numbered else (f"/{place}", value))
    return found


def _unescaped(words: str) -> str:
    if "\\" not in words:
        return words
    return _ESCAPED.sub(lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), words)


FORMAT = Format(
    "webanno",
    "WebAnno TSV 3",
    (".tsv",),
    read,
    lambda path, head: head.removeprefix(b"\xef\xbb\xbf").startswith(_HEAD),
    many=False,
    exports=True,
    reads_to="note",
    writer=Writer,
    folder=True,
    cannot_hold=(
        "labels of whole articles",
        "spans with white space at an edge",
        "rejections and suggestions",
        "who annotated when",
    ),
)
