"""spaCy's DocBin: reading ``ents``, ``spans`` and ``cats``, and exactly what we wrote in ``user_data``."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.formats.docbin_writer import Writer
from annotator.formats.foreign import SOMEBODY, Label, foreign_record
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
from annotator.formats.prodigy import SEVERAL
from annotator.formats.registry import Format
from annotator.model import InputFileError, Progress
from annotator.text import LARGEST_TEXT, too_long

if TYPE_CHECKING:
    from spacy.tokens import Doc

LARGEST = 1_000_000_000  # bytes, unpacked: some 20,000 articles; a file of a few bytes may claim any number
_YES = 0.5  # a category's score from which on it holds


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield a record for each document; raises ``InputFileError``."""
    with plain_errors(path):
        if path.stat().st_size > LARGEST:
            raise InputFileError(path, f"is larger than {LARGEST:,} bytes. Split it into several files")
        packed = path.read_bytes()
    if not packed:
        raise InputFileError(path, "is empty; leave it out")
    _refuse_bombs(path, packed)
    for number, (document, several) in enumerate(_documents(path, packed), 1):
        try:
            yield _item(document, several)
        except ValueError as error:
            raise InputFileError(path, f"document {number}: {advised(error)}") from error


def recognises(path: Path, head: bytes) -> bool:
    """Tell a DocBin by its suffix and the first byte of what zlib packs."""
    return path.suffix.lower() == ".spacy" and head.startswith(b"\x78")


def _refuse_bombs(path: Path, packed: bytes) -> None:
    unpacker, size, rest = zlib.decompressobj(), 0, packed
    try:
        while rest and not unpacker.eof:
            size += len(unpacker.decompress(rest, 1 << 24))
            rest = unpacker.unconsumed_tail
            if size > LARGEST:
                raise InputFileError(
                    path, f"unpacks to more than {LARGEST:,} bytes. Split it into several files"
                )
    except zlib.error as error:
        raise InputFileError(
            path, "is no DocBin of spaCy 3: it cannot be unpacked. Save it anew with doc_bin.to_disk()"
        ) from error


def _documents(path: Path, packed: bytes) -> Iterator[tuple[Doc, bool]]:
    """Yield each document, and whether some document of the file has several categories."""
    import spacy
    from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
    from spacy.tokens import DocBin

    try:
        found = DocBin().from_bytes(packed)
        # Words and entities alone: wrong heads of a parse would be followed in C.
        wanted = [n for n, attribute in enumerate(found.attrs) if attribute in (ORTH, ENT_IOB, ENT_TYPE)]
        found.attrs = [found.attrs[n] for n in wanted]
        found.tokens = [tokens[:, wanted] for tokens in found.tokens]
        several = any(len(_chosen(cats)) > 1 for cats in found.cats)
        for document in found.get_docs(spacy.blank("xx").vocab):
            yield document, several
    # Whatever msgpack, numpy and spaCy raise at bytes that somebody else has written.
    except Exception as error:
        raise InputFileError(
            path, "is no DocBin of spaCy 3, or is damaged. Save it anew with doc_bin.to_disk()"
        ) from error


def _item(document: Doc, several: bool) -> Item:
    text = document.text
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(f"the text {too_long(len(text))}")
    ours = own(_entry(document.user_data.get(OWN)))
    exact = _exact(ours)
    places: dict[tuple[int, int, str], None] = {}
    lost: list[str] = []
    for span in [*document.ents, *(s for group in document.spans.values() for s in group)]:
        if not span.label_:
            lost.append("spans without a label")
        elif span.end_char > span.start_char:
            places[span.start_char, span.end_char, span.label_] = None
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
    columns, rest = usual(
        {k: v for k, v in document.user_data.items() if isinstance(k, str) and k != OWN}, text
    )
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
    folder=True,
    cannot_hold=("rejections", *LEFT_OUT),
)
