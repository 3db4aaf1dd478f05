"""brat standoff: NAME.txt beside NAME.ann, a line of which is a span, a note, an attribute or a reference.

After http://brat.nlplab.org/standoff.html. Offsets are code points of the text. A span over a line end is
written in fragments, as brat does itself, and read as one where nothing but white space lies between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from annotator.formats.folders import LABELS, Numbered, annotator_of, brought_back, entry_of
from annotator.formats.foreign import SOMEBODY, Label, foreign_record
from annotator.formats.item import Item, unreadable
from annotator.formats.left_out import not_held
from annotator.formats.metadata import Names, layer_and_label
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError
from annotator.formats.txt import decode_file
from annotator.model import Annotation, ArticleInput, ArticleRecord, Codebook, InputFileError
from annotator.text import sha256

_PLACES = re.compile(r"(\S+)((?: \d+ \d+;?|;\d+ \d+)+)$")
_NUMBER = re.compile(r"\d+")
_LINE_END = re.compile(r"\r\n?|\n")
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_CERTAINTY = "Certainty"
_ACTOR = "actor:"  # before the number of a reference to what only has a name
_LARGEST = 64_000_000  # bytes of a file of annotations
_LOST = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "*": "equivalences",
    "N": "references",
    "#": "notes on what was left out",
}


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of NAME.ann and the NAME.txt beside it; raises ``InputFileError``."""
    beside = text_of(path)
    try:
        data = beside.read_bytes()
    except OSError:
        raise InputFileError(path, f"needs its text: put {beside.name} beside it") from None
    entry = entry_of(path)
    ours = _exported(data, entry)
    article = decode_file(beside, data) if ours is None else ArticleInput(ours, "")
    try:
        if path.stat().st_size > _LARGEST:
            raise InputFileError(
                path, f"is larger than {_LARGEST:,} bytes. Divide it, with its text, into several files"
            )
        # Not splitlines(): a quote or a note may hold other ends of lines, which are none of the file's.
        lines = _LINE_END.split(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except UnicodeDecodeError as error:
        raise InputFileError(path, "is not in UTF-8, in which brat writes. Save it in UTF-8") from error
    labels, lost = _labels(
        path, lines, entry, data.decode(errors="replace").removeprefix("\ufeff"), is_ours=ours is not None
    )
    try:
        record = foreign_record(
            data.decode() if article.meta.get("encoding") is None else article.text,
            labels,
            title=article.title,
            annotator=annotator_of(path) or SOMEBODY,
            units=("code points", "UTF-8 bytes", "UTF-16 units"),
            as_quoted=_line,
            meta=article.meta,
        )
    except MisfitError as error:
        raise InputFileError(
            path, f"does not fit {beside.name}: {error}. Put the text beside it that it was made of"
        ) from error
    known = brought_back(record, path, entry)
    yield Item(known or record, lost=tuple(lost), by_text=known is None)


def _exported(data: bytes, entry: Mapping[str, Any] | None) -> str | None:
    """Return the text where it is the one that was exported, whatever stands in it."""
    text = data.decode(errors="replace")
    return text if entry is not None and sha256(text) == entry["sha256"] else None


def _labels(
    path: Path, lines: Sequence[str], entry: Mapping[str, Any] | None, text: str, *, is_ours: bool
) -> tuple[list[Label], list[str]]:
    labels: dict[str, Label] = {}
    lost: list[str] = []
    names: dict[str, tuple[str, str]] = {}  # to layer and label
    later: list[tuple[int, list[str]]] = []
    flat = _line(text)  # as quotes have it: what would end a line or a cell is a space
    flat = flat if flat != text.replace("\n", " ") else ""
    edges = entry.get("edges") if is_ours and entry is not None else None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if cells[0][:1] != "T":
            later.append((number, cells))
            continue
        place = _PLACES.fullmatch(cells[1]) if len(cells) > 1 else None
        if place is None:
            raise InputFileError(
                path,
                "is no span: ID, tab, label, start, end, tab, text. Mend the line, or take it out",
                number,
            )
        points = list(map(int, _NUMBER.findall(place[2])))
        gaps = ""
        if len(points) > 2:
            gaps = "".join(text[a:b] for a, b in zip(points[1:-1:2], points[2::2], strict=True))
        if gaps.strip():
            lost.append("discontinuous spans")
            continue
        quote = cells[2] if len(cells) > 2 and len(points) == 2 else None
        if flat and quote is not None and quote not in text and quote in flat:
            quote = None
        name = place[1]
        if name not in names:
            names[name] = layer_and_label(entry, name)
        layer, label = names[name]
        if cells[0] in labels:
            raise InputFileError(
                path, f"gives {cells[0][:20]} to a second span. Give each span an ID of its own", number
            )
        start, end = _with_line_ends(edges, cells[0], points[0], points[-1], text)
        if (start, end) != (points[0], points[-1]):
            quote = None
        labels[cells[0]] = Label(label, start, end, layer, quote)
    for number, cells in later:
        kind = cells[0][:1]
        words = cells[1].split(" ") if len(cells) > 1 else []
        about = words[1] if len(words) > 1 else ""
        if kind == "#" and len(cells) > 2 and about in labels:
            labels[about] = _noted(labels[about], "\t".join(cells[2:]))
        elif kind == "N" and len(words) > 2 and about in labels:
            name, known = "\t".join(cells[2:]), words[2]
            if known.startswith(_ACTOR) and entry is not None:  # made up by us
                known = ""
            if name and labels[about].actor is None:
                labels[about] = replace(labels[about], actor=name)
                name = ""
            if said := " ".join(filter(None, (known, name))):
                labels[about] = _noted(labels[about], said)
        elif kind in "AM" and about in labels and words in ([_CERTAINTY, about, sure] for sure in "123"):
            labels[about] = replace(labels[about], certainty=int(words[2]))
        elif kind in _LOST:
            lost.append(_LOST[kind])
        else:
            raise InputFileError(
                path,
                f"begins with {cells[0][:20]!r}, which brat does not know. Mend the line, or take it out",
                number,
            )
    return list(labels.values()), lost


def _noted(label: Label, words: str) -> Label:
    """Return the label with more words in its note."""
    return replace(label, note=f"{label.note}\n{words}" if label.note else words)


def _with_line_ends(edges: Any, id_: str, start: int, end: int, text: str) -> tuple[int, int]:
    """Return a stretch with the line ends at its edges that it had when it was exported, if it still can."""
    kept = edges.get(id_) if isinstance(edges, dict) else None
    if isinstance(kept, list) and len(kept) == 2 and all(type(place) is int for place in kept):
        first, last = kept
        around = text[max(first, 0) : start] + text[end:last]
        if 0 <= first <= start and end <= last <= len(text) and not around.strip("\n"):
            return first, last
    return start, end


def text_of(path: Path) -> Path:
    """Return the text that belongs to a file of annotations."""
    return path.with_suffix(".txt")


class Writer:
    """Writes a folder that brat opens: the texts, the annotations, and its ``annotation.conf``."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        names = Names(codebook)
        self._names: dict[tuple[str, str], str] = {}
        for layer in codebook.layers:
            for each in layer.labels:
                name = _name(names.of(layer.name, each.name))
                while name in self._names.values():
                    name += "_"
                self._names[layer.name, each.name] = name
        used = [self._names[x.name, each.name] for x in codebook.layers for each in codebook.labels(x.name)]
        lines = ["[entities]", *used, "[relations]", "[events]", "[attributes]"]
        lines += [f"{_CERTAINTY} Arg:<ENTITY>, Value:1|2|3", ""]
        (path / LABELS).write_text("\n".join(lines), "utf-8")
        self._files = Numbered(path)
        self._lost: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write one annotator's annotations of an article beside its text."""
        text = record.article.text
        lines: list[str] = []
        edges: dict[str, tuple[int, int]] = {}
        number = 0
        for a in record.annotations:
            if a.start is not None:
                number += 1
                lines += self._lines(number, a, text, edges)
        pairs = {(a.layer, a.label) for a in record.annotations if a.start is not None}
        labels = {self._names[pair]: [*pair] for pair in sorted(pairs)}
        kept = {"labels": labels, "edges": edges} if edges else {"labels": labels}
        self._files.write(record, kept, txt=text.encode(), ann="".join(lines).encode())
        self._lost["labels of whole articles"] += len(record.annotations) - number
        self._lost["rejections"] += len(record.rejections)

    def _lines(
        self, number: int, a: Annotation, text: str, edges: dict[str, tuple[int, int]]
    ) -> Iterator[str]:
        """Yield the lines of a span; ``edges`` takes its own where line ends at them are not written."""
        assert a.start is not None
        assert a.end is not None
        assert a.quote is not None
        if "\n" in a.quote:
            found = re.finditer(r"[^\n]+", a.quote)
            pieces = [(m.start() + a.start, m.end() + a.start) for m in found]
            if not pieces:
                self.left_out["line ends alone"] += 1
                return
            if (pieces[0][0], pieces[-1][1]) != (a.start, a.end):
                edges[f"T{number}"] = a.start, a.end
            places = ";".join(f"{start} {end}" for start, end in pieces)
            words = " ".join(_line(text[start:end]) for start, end in pieces)
        else:
            places, words = f"{a.start} {a.end}", _line(a.quote)
        name = self._names[a.layer, a.label]
        if a.holder is not None or a.target is not None:
            self._lost["holders or targets"] += 1
        yield f"T{number}\t{name} {places}\t{words}\n"
        if a.certainty is not None:
            yield f"A{number}\t{_CERTAINTY} T{number} {a.certainty}\n"
        if a.actor is not None:
            yield f"N{number}\tReference T{number} {_ACTOR}{number}\t{_line(a.actor)}\n"
        if a.note:
            self._lost["line ends in notes"] += _line(a.note) != a.note
            yield f"#{number}\tAnnotatorNotes T{number}\t{_line(a.note)}\n"

    def close(self) -> Sequence[str]:
        """Return what brat has no place for."""
        self._files.close()
        return not_held("these files", self._lost)


@cache
def _name(label: str) -> str:
    """Return a label as brat takes it: no white space, and no sign of its own in its configuration."""
    return re.sub(r"[\s\[\]<>|,:#!]", "_", label) or "_"


def _line(text: str) -> str:
    return text if text.isprintable() else _BREAKS.sub(" ", text)


FORMAT = Format(
    "brat",
    "brat standoff",
    (".ann",),
    read,
    many=False,
    companion=text_of,
    exports=True,
    reads_to="note",
    writer=Writer,
    folder=True,
    cannot_hold=(
        "labels of whole articles",
        "holder and target",
        "spans of line ends alone",
        "rejections and suggestions",
        "who annotated when",
    ),
)
