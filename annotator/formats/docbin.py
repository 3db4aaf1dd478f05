"""spaCy's DocBin: reading ``ents``, ``spans`` and ``cats``, and exactly what we wrote in ``user_data``."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotator.formats.docbin_unpacking import Document, TooLargeError, unpacked
from annotator.formats.docbin_writer import Check, Writer
from annotator.formats.foreign import SEVERAL, SOMEBODY, Label, foreign_record
from annotator.formats.item import AdvisedError, Item, advised
from annotator.formats.json_objects import plain_errors
from annotator.formats.metadata import (
    LEFT_OUT,
    OWN,
    lasting_id,
    layer_and_label,
    own,
    restored,
    said_rows,
    usual,
)
from annotator.formats.registry import Format
from annotator.model import InputFileError, Progress
from annotator.text import LARGEST_TEXT, too_long

LARGEST = 1_000_000_000  # bytes, unpacked, on the disk; a file of a few bytes may claim any number
_YES = 0.5  # a category's score from which on it holds


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield a record for each document; raises ``InputFileError``."""
    with plain_errors(path):
        if not path.stat().st_size:
            raise InputFileError(path, "is empty; leave it out")
    number = 0
    with closing(_documents(path)) as documents:  # and the files with it
        for number, (document, several) in enumerate(documents, 1):
            try:
                yield _item(document, several)
            except ValueError as error:
                raise InputFileError(path, f"document {number}: {advised(error)}") from error
    if not number:
        raise InputFileError(path, "has no documents; leave it out")


def recognises(path: Path, head: bytes) -> bool:
    """Tell a DocBin by its suffix and the first byte of what zlib packs."""
    return path.suffix.lower() == ".spacy" and head.startswith(b"\x78")


def _documents(path: Path) -> Generator[tuple[Document, bool]]:
    """Yield each document, and whether some document of the file has several categories."""
    try:
        with plain_errors(path), unpacked(path, LARGEST) as file:
            several = any(len(_chosen(cats)) > 1 for cats in file.cats())
            for document in file.documents():
                yield document, several
    except InputFileError:
        raise
    except TooLargeError as error:
        raise InputFileError(
            path, f"unpacks to more than {LARGEST:,} bytes. Split it into several files"
        ) from error
    except zlib.error as error:
        raise InputFileError(
            path, "is no DocBin of spaCy 3: it cannot be unpacked. Save it anew with doc_bin.to_disk()"
        ) from error
    # Whatever msgpack and numpy raise at bytes that somebody else has written.
    except Exception as error:
        raise InputFileError(
            path, "is no DocBin of spaCy 3, or is damaged. Save it anew with doc_bin.to_disk()"
        ) from error


def _item(document: Document, several: bool) -> Item:
    text = document.text
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(f"the text {too_long(len(text))}")
    ours = own(_entry(document.user_data.get(OWN)))
    exact = _exact(ours)
    places: dict[tuple[int, int, str], None] = {}
    lost: list[str] = []
    for span in document.spans:
        start, end, name = span
        if not name:
            lost.append("spans without a label")
        elif end > start:
            places[span] = None
    about = said_rows(ours)
    labels = []
    for start, end, name in places:
        for first, last in exact.get((start, end, name), [(start, end)]):
            layer, label = layer_and_label(ours, name)
            labels.append(Label(label, first, last, layer, **about.get((name, first, last), {})))
    for name in _chosen(document.cats):
        layer, label = layer_and_label(ours, name)
        layer = layer or (SEVERAL if several else "")
        labels.append(Label(label, layer=layer, **about.get((name, None, None), {})))
    meta: dict[str, Any] = {}
    for key, value in document.user_data.items():
        if isinstance(key, str) and key != OWN:
            if _is_json(value):
                meta[key] = value
            else:
                lost.append("values of user_data that are no JSON")
    columns, rest = usual(meta, text)
    record = foreign_record(text, labels, uuid=lasting_id("spacy", text), meta=rest, **columns)
    if ours is not None:
        by = ours.get("by")
        progress = Progress("done")
        record = replace(record, annotator=by if isinstance(by, str) and by else None, progress=progress)
        if record.annotator is None and record.annotations:
            record = replace(record, annotator=SOMEBODY)
        record = restored(record, ours)
    return Item(record, lost=tuple(lost))


def _entry(entry: Any) -> Any:
    try:
        return json.loads(entry) if isinstance(entry, str) else None
    except (ValueError, RecursionError):
        return None


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):  # arrays, bytes
        return False
    return True


def _chosen(cats: Mapping[str, Any]) -> list[str]:
    return [name for name, score in cats.items() if isinstance(score, int | float) and score >= _YES]


def _exact(ours: dict[str, Any] | None) -> dict[tuple[int, int, str], list[tuple[int, int]]]:
    """Return where spans really stand, by where spaCy has them and their name."""
    found: dict[tuple[int, int, str], list[tuple[int, int]]] = {}
    for entry in _rows((ours or {}).get("exact"), (int, int, str, int, int)):
        wide_start, wide_end, name, start, end = entry
        found.setdefault((wide_start, wide_end, name), []).append((start, end))
    return found


def _rows(value: Any, types: tuple[type, ...]) -> Iterator[Any]:
    for row in value if isinstance(value, list | tuple) else ():
        if isinstance(row, list | tuple) and tuple(map(type, row)) == types:
            yield row


FORMAT = Format(
    "spacy",
    "spaCy DocBin",
    (".spacy",),
    read,
    recognises,
    exports=True,
    writer=Writer,
    check=Check,
    folder=True,
    cannot_hold=("rejections", *LEFT_OUT),
)
