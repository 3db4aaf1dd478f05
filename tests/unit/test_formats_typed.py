"""The fast reader of JSONL never accepts what the checked one refuses, and reads the same from the rest."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from annotator.formats import jsonl, typed
from annotator.text import sha256

TEXT = "🚀 Kyiv and Armenia."
DECISION: dict[str, Any] = {
    "certainty": 3,
    "note": "n",
    "origin": "manual",
    "component": None,
    "reason": "",
    "seen_suggestion": None,
    "blind": True,
    "actor": "Kyiv",
    "holder": None,
    "target": None,
    "codebook_version": 1,
    "created_at": "2026",
    "updated_at": "2026",
}
LINE: dict[str, Any] = {
    "schema": "annotator/1",
    "id": "u1",
    "sha256": sha256(TEXT),
    "title": "T",
    "text": TEXT,
    "meta": {
        "source": None,
        "url": "u",
        "published": None,
        "author": None,
        "language": "en",
        "x": [1.5, None],
    },
    "annotator": "anna",
    "status": "done",
    "flagged": True,
    "note": "",
    "drawn": "random",
    "labels": {"stance": {"id": "a1", "label": "neutral", **DECISION}},
    "spans": [
        {"id": "a2", "layer": "entity", "label": "GPE", "start": 2, "end": 6, "text": "Kyiv", **DECISION}
    ],
    "rejections": [
        {"layer": "entity", "label": "ORG", "start": 11, "end": 18},
        {"layer": "entity", "label": "GPE", "start": 11, "end": 18, "alone": True},
    ],
    "actors": {"Kyiv": {"id": "k", "kind": "GPE", "bloc": None, "aliases": ["Kiev"]}},
    "suggestions": [
        {
            "layer": "stance",
            "label": None,
            "start": None,
            "end": None,
            "score": 0.5,
            "scores": {"neutral": 1, "x": 0.25},
            "reason": "r",
            "evidence": [[0, 6]],
            "component": "stance",
            "actor": "Kyiv",
            "holder": None,
            "target": "x",
        }
    ],
    "pipeline": {"name": "p", "version": "1"},
}


def plain(value: Any) -> Any:
    """Return a record as plain values, whatever classes it is made of."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def attributes(record: Any) -> Any:
    """Return what of a record imports read, of the model's classes and of the fast reader's alike."""
    spans = [
        [getattr(a, name) for name in ("uuid", "layer", "label", "start", "end", "quote", *DECISION)]
        for a in record.annotations
    ]
    suggestions = [
        [plain(getattr(s, name)) for name in ("layer", "label", "start", "end", "score", "scores", "reason")]
        + [plain(s.evidence), s.component, s.actor, s.holder, s.target]
        for s in record.suggestions or ()
    ]
    rest = [
        record.article,
        record.sha256,
        record.annotator,
        record.progress,
        record.rejections,
        record.actors,
    ]
    return plain([*rest, record.pipeline]), spans, suggestions


def raw(line: Any) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode()


def test_both_read_the_same_from_a_right_line() -> None:
    fast = typed.record(raw(LINE))
    assert fast is not None
    assert attributes(fast) == attributes(jsonl.from_line(raw(LINE)))
    without = {key: value for key, value in LINE.items() if key not in ("suggestions", "pipeline")}
    fast = typed.record(raw(without))
    assert fast is not None
    assert fast.suggestions is None
    assert attributes(fast) == attributes(jsonl.from_line(raw(without)))


def test_the_whole_article_is_no_one_mention() -> None:
    line = deepcopy(LINE)
    line["rejections"][1] |= {"start": None, "end": None}
    assert typed.record(raw(line)) is None
    with pytest.raises(ValueError, match="of one mention alone"):
        jsonl.from_line(raw(line))


def test_both_read_the_oldest_exports_which_have_fewer_keys() -> None:
    line = deepcopy(LINE)
    del line["drawn"]
    for entry in (line["labels"]["stance"], *line["spans"]):
        del entry["blind"]
    for name in ("actor", "holder", "target"):
        del line["suggestions"][0][name]
    fast, checked = typed.record(raw(line)), jsonl.from_line(raw(line))
    assert fast is not None
    assert attributes(fast) == attributes(checked)
    assert [checked.progress.drawn, *(a.blind for a in checked.annotations)] == [None, False, False]
    assert checked.suggestions is not None
    assert checked.suggestions[0].actor is None


ODD = (
    "",
    None,
    True,
    -1,
    0,
    1.0,
    0.5,
    2**63,
    10**30,
    "x",
    [],
    {},
    [[0, 99]],
    [[1.0, 2]],
    {"a": 2},
    {"a": True},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@pytest.mark.parametrize("place", [place for place in places(LINE) if place], ids=str)
def test_what_the_checked_reader_refuses_the_fast_one_leaves_to_it(place: tuple[Any, ...]) -> None:
    for odd in (*ODD, "missing", "unknown"):
        line = deepcopy(LINE)
        holder = line
        for key in place[:-1]:
            holder = holder[key]
        if odd == "missing":
            del holder[place[-1]]
        elif odd == "unknown" and isinstance(holder[place[-1]], dict):
            holder[place[-1]]["unknown"] = 1
        else:
            holder[place[-1]] = odd
        fast = typed.record(raw(line))
        if fast is not None:
            assert attributes(fast) == attributes(jsonl.from_line(raw(line))), odd


@pytest.mark.parametrize("note", [r'"\ud83d"', r'"a\u0000b"', "NaN", "[1", '"\xff"'], ids=ascii)
def test_what_no_file_of_ours_holds_is_left_to_the_checked_reader(note: str) -> None:
    line = raw(LINE).replace(b'"note": ""', b'"note": ' + note.encode("latin-1"))
    assert line != raw(LINE)
    assert typed.record(line) is None
