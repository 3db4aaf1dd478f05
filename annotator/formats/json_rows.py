"""JSON and JSONL of no tool in particular: an object an article, its keys mapped to our fields.

A ``.json`` is an array of objects, one object, or an object with an array of them in it ("articles").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from annotator.formats.fields import CHOICES, FIELDS, Row, articles, chosen
from annotator.formats.item import Item
from annotator.formats.json_objects import ARRAY, OBJECT, Numbered, objects
from annotator.formats.registry import Format

_LOOKED_AT = 100  # objects, for the names of their keys
_TEXTS = frozenset(("text", *FIELDS["text"]))
_LOST = "spans, which are kept as metadata alone"
_DEEPEST = 4  # "a.b.c.d"


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield an article an object; raises ``InputFileError`` with the line."""
    found = chosen(path, columns(path), mapping or {}, "key")
    for item in articles(path, _rows(path, found), found, mapping):
        lost = [_LOST for value in item.record.article.meta.values() if _is_spans(value) for _ in value]
        yield replace(item, lost=(*item.lost, *lost)) if lost else item


def _is_spans(value: Any) -> bool:
    """Tell spans in whatever form: objects with a start, or [start, end, label]."""
    return isinstance(value, list) and any(
        {"start", "start_offset"} & entry.keys()
        if isinstance(entry, dict)
        else isinstance(entry, list) and [type(each) for each in entry] == [int, int, str]
        for entry in value
    )


def columns(path: Path) -> Sequence[str]:
    """Return the keys of the first objects, those within others as "a.b"; raises ``InputFileError``."""
    names: dict[str, None] = {}
    for _, entry in islice(_objects(path), _LOOKED_AT):
        for name in _names(entry):
            names.setdefault(name)
    return list(names)


def _objects(path: Path) -> Iterator[Numbered]:
    found = objects(path)
    begins = list(islice(found, 2))
    for line, entry in chain(begins, found):
        inner = _inner(entry, deep=len(begins) == 1)
        if inner is None:
            yield line, entry
        else:
            yield from ((line, each) for each in inner)


def _inner(entry: dict[str, Any], *, deep: bool) -> list[dict[str, Any]] | None:
    """Return the array of objects that an object without text of its own holds, if ``deep`` in others.

    Of several it is one whose objects have texts, rather than a nested one, and the longest.
    """
    if _has_text(entry, 1):
        return None
    deepest = _DEEPEST if deep and not _has_text(entry, _DEEPEST) else 1
    arrays = list(_arrays(entry, deepest))
    if not arrays:
        return None
    return max(
        arrays,
        key=lambda found: (any(_has_text(each, _DEEPEST) for each in found[1]), found[0], len(found[1])),
    )[1]


def _arrays(entry: dict[str, Any], deepest: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the arrays of objects in an object, each with how many levels further could be looked at."""
    for value in entry.values():
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield deepest, value
        elif isinstance(value, dict) and deepest > 1:
            yield from _arrays(value, deepest - 1)


def _has_text(entry: dict[str, Any], deepest: int) -> bool:
    return any(
        name.casefold() in _TEXTS
        if isinstance(value, str)
        else isinstance(value, dict) and deepest > 1 and _has_text(value, deepest - 1)
        for name, value in entry.items()
    )


def _names(entry: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[str]:
    for name, value in entry.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _names(value, f"{before}{name}.", depth + 1)
        else:
            yield before + name


def _rows(path: Path, found: Mapping[str, str]) -> Iterator[Row]:
    nested = [name for name in found.values() if "." in name]
    for line, entry in _objects(path):
        for name in nested:
            if name not in entry:
                _lift(entry, name)
        yield line, entry


def _lift(entry: dict[str, Any], name: str) -> None:
    """Move the value at "a.b" to the top, under that name; an object that is empty without it goes."""
    *way, last = name.split(".")
    here: Any = entry
    for step in way:
        here = here.get(step) if isinstance(here, dict) else None
    if isinstance(here, dict) and last in here:
        value = here.pop(last)
        if not here:
            _drop(entry, way)
        entry[name] = value


def _drop(entry: dict[str, Any], way: list[str]) -> None:
    *above, last = way
    here = entry
    for step in above:
        here = here[step]
    del here[last]
    if not here and above:
        _drop(entry, above)


def _recognises(path: Path, head: bytes) -> bool:
    return bool(OBJECT.match(head) or ARRAY.match(head))


FORMAT = Format(
    "json",
    "JSON or JSONL, an object an article",
    (".json", ".jsonl", ".ndjson"),
    read,
    _recognises,
    fields=FIELDS,
    columns=columns,
    choices=CHOICES,
)
