"""doccano's JSONL: ``label`` triples, ``entities``, ``relations``, old ``labels``, ``annotations`` by user.

Offsets are code points in what doccano writes today and UTF-16 units in old files; it writes no quotes that
would tell, and old files are few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from annotator.formats.foreign import LONGEST_LABEL, SEVERAL, SOMEBODY, Label, foreign_record
from annotator.formats.item import AdvisedError, Item
from annotator.formats.json_objects import first, holds, items, listed, objects
from annotator.formats.left_out import not_held
from annotator.formats.metadata import (
    LEFT_OUT,
    OWN,
    Names,
    about_rows,
    lasting_id,
    layer_and_label,
    own,
    own_entry,
    restored,
    said_rows,
    usual,
)
from annotator.formats.registry import Format
from annotator.model import ArticleRecord, Codebook, Progress
from annotator.text import LARGEST_TEXT, too_long

_SPAN_KEYS = ("label", "labels", "entities", "annotations")
_STRUCTURE = ("id", "text", "data", *_SPAN_KEYS, "cats", "relations", "Comments", "comments", "meta", OWN)
_SEVERAL = re.compile(rb'"(?:labels?|cats)"\s*:\s*\[\s*"(?:[^"\\]|\\.)*"\s*,')

_Place = tuple[Label, Any]
"""A label, and the number of the user who set it (None where the file does not say)."""


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the records of doccano's lines, one for each user; raises ``InputFileError`` with the line."""
    return items(path, objects(path), partial(_items, several=holds(path, _SEVERAL)))


def recognises(path: Path, head: bytes) -> bool:
    """Tell a line of doccano by a text with a list of labels."""
    line = first(head)
    return ("text" in line or "data" in line) and any(_is_labels(line.get(key)) for key in _SPAN_KEYS)


def _is_labels(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, str)
        or (isinstance(entry, list) and len(entry) == 3 and isinstance(entry[2], str))
        or (isinstance(entry, dict) and "label" in entry)
        for entry in value
    )


def _items(line: dict[str, Any], *, several: bool) -> list[Item]:
    text = line.get("text", line.get("data"))
    if not isinstance(text, str) or not text:
        raise AdvisedError("has no text. Add it, or delete the line: doccano would not take it either")
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(f"the text {too_long(len(text))}")
    meta = line.get("meta")
    meta = dict(meta) if isinstance(meta, Mapping) else {}
    ours = own(line.get(OWN, meta.pop(OWN, None)))  # doccano keeps it in meta, which some exports unfold
    lost = ["relations"] * len(listed(line, "relations"))
    labels = _Labels(ours, several, lost)
    places = [place for key in (*_SPAN_KEYS, "cats") for place in labels.under(line, key)]
    flat = {key: value for key, value in line.items() if key not in _STRUCTURE and value is not None}
    columns, rest = usual({**meta, **flat}, text)
    kept = {"id": line["id"]} if "id" in line else {}
    if labels.texts:
        kept["texts"] = labels.texts
    if kept:
        rest["doccano"] = kept
    note = _comments(line.get("Comments") or line.get("comments"))
    made = []
    for user in dict.fromkeys(user for _, user in places) or [None]:
        mine = [label for label, by in places if by == user]
        record = foreign_record(
            text,
            mine,
            annotator=SOMEBODY if user is None else f"doccano user {user}",
            units=("code points", "UTF-16 units"),
            uuid=lasting_id("doccano", line.get("id"), text),
            meta=rest,
            **columns,
        )
        if mine or note or (ours or {}).get("by"):
            by = SOMEBODY if record.annotator is None else record.annotator
            record = replace(record, annotator=by, progress=Progress("done", note=note))
        made.append(Item(record if ours is None else _ours(record, ours), lost=tuple(lost)))
        lost = []
    return made


class _Labels:
    """Makes the labels of a line; what has no place in a project is put to ``lost``.

    ``texts`` are those that somebody wrote for the line, in a project of sequence to sequence.
    """

    def __init__(self, ours: dict[str, Any] | None, several: bool, lost: list[str]) -> None:
        self._ours = ours
        self._several = several
        self._lost = lost
        self.texts: list[str] = []
        self._said = said_rows(ours)

    def under(self, line: dict[str, Any], key: str) -> Iterator[_Place]:
        """Yield what stands under a key of the line; raises ``ValueError``."""
        for entry in listed(line, key):
            user = start = end = quote = None
            if isinstance(entry, dict):
                start, end, name = (entry.get(k) for k in ("start_offset", "end_offset", "label"))
                user = entry.get("user")
                if "start" in entry or "end" in entry:  # not of doccano, but said in the same form
                    start, end, quote = (entry.get(k) for k in ("start", "end", "text"))
            elif isinstance(entry, list) and len(entry) == 3:
                start, end, name = entry
            elif isinstance(entry, str):
                name = entry
            else:
                raise ValueError(f"{key} holds something that is no [start, end, label]")
            if not isinstance(user, int | str | None):
                raise ValueError("user is no number")
            whole = start is None and end is None
            if not whole and (type(start) is not int or type(end) is not int):
                raise ValueError(f"start or end in {key} is no whole number")
            name = _named(name, self._lost)
            if whole and len(name) > LONGEST_LABEL and self._ours is None:
                self.texts.append(name)
                self._lost.append("written texts, which are kept as metadata alone")
                continue
            layer, label = layer_and_label(self._ours, name)
            if whole and self._several:
                layer = layer or SEVERAL
            quote = quote if isinstance(quote, str) and not whole else None
            yield Label(label, start, end, layer, quote, **self._said.get((name, start, end), {})), user


def _named(name: Any, lost: list[str]) -> str:
    """Return a label's name; the oldest exports have its number alone."""
    if type(name) is int:
        lost.append("names of labels, of which the file has only the numbers")
        return str(name)
    if not isinstance(name, str) or not name:
        raise ValueError("a label has no name")
    return name


def _comments(comments: Any) -> str:
    if isinstance(comments, str):
        return comments
    found = []
    for comment in comments if isinstance(comments, list) else ():
        words = comment.get("comment", comment.get("text")) if isinstance(comment, dict) else comment
        if isinstance(words, str):
            found.append(words)
    return "\n".join(found)


def _ours(record: ArticleRecord, entry: dict[str, Any]) -> ArticleRecord:
    """Return a record of an export of ours, as it was but for what doccano changed."""
    if record.annotator == SOMEBODY and isinstance(entry.get("by"), str):
        record = replace(record, annotator=entry["by"])
    note, record = record.progress.note, restored(record, entry)
    return replace(record, progress=replace(record.progress, note=note))


class Writer:
    """Writes a line an article and annotator, for a sequence labelling project.

    Labels of the whole article stand in ``cats``, where doccano's intent detection has them.
    """

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._file = path.open("xb", buffering=1 << 20)
        self._names = Names(codebook)
        self._rejections = 0
        self._encode = msgspec.json.Encoder().encode

    def add(self, record: ArticleRecord) -> None:
        """Write a record."""
        names = self._names
        spans = sorted(
            (a.start, a.end, names.of(a.layer, a.label)) for a in record.annotations if a.start is not None
        )
        line: dict[str, Any] = {
            "text": record.article.text,
            "label": spans,
            "cats": [names.of(a.layer, a.label) for a in record.annotations if a.start is None],
            "Comments": [record.progress.note] if record.progress.note else [],
            OWN: own_entry(
                record, by=record.annotator, labels=names.used(record), about=about_rows(record, names)
            ),
        }
        self._rejections += len(record.rejections)
        self._file.write(self._encode(line))
        self._file.write(b"\n")

    def close(self) -> Sequence[str]:
        """Complete the file; count the rejections, for which doccano has no place."""
        self._file.close()
        return not_held("this file", {"rejections": self._rejections})


FORMAT = Format(
    "doccano",
    "doccano JSONL",
    (".jsonl",),
    read,
    recognises,
    exports=True,
    reads_to="note",
    writer=Writer,
    cannot_hold=("rejections", *LEFT_OUT),
)
