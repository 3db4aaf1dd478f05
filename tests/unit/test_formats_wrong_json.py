"""Whatever stands under the keys of other tools' JSON, a reader takes it or says what is wrong."""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.formats import registry
from annotator.formats.json_objects import elements, first, holds, lines
from annotator.model import InputFileError

KEYS = [
    "text", "data", "meta", "spans", "tokens", "answer", "accept", "options", "label", "labels", "entities",
    "relations", "annotations", "completions", "predictions", "drafts", "result", "value", "type", "id",
    "from_name", "start", "end", "start_offset", "end_offset", "user", "cats", "Comments", "choices", "title",
    "completed_by", "was_cancelled", "annotator", "form", "sha256", "status", "note", "flagged", "about",
    "layers", "exact", "by", "_input_hash", "_task_hash", "_annotator_id", "_timestamp", "_view_id", "url",
    "annotation_id", "lead_time", "globalOffsets",
]  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.just(2**70)
    | st.sampled_from(
        ["", "Kyiv.", "accept", "reject", "ignore", "labels", "choices", "textarea", "\0", "\ud800"]
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=12,
)
LABELS = st.lists(
    st.dictionaries(st.sampled_from(["start", "end", "label", "id", "text", "value"]), VALUES), max_size=2
)
OBJECTS = st.builds(
    lambda more, text, spans: {**more, "text": text, **spans},
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
    st.just("Kyiv.") | VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "spans": LABELS,
            "label": LABELS,
            "entities": LABELS,
            "annotations": st.lists(st.fixed_dictionaries({"result": LABELS}), max_size=2),
            "data": st.just({"text": "Kyiv."}) | VALUES,
        },
    ),
)


@pytest.mark.parametrize("name", ["prodigy", "doccano", "label-studio"])
@settings(max_examples=100)
@given(objects=st.lists(OBJECTS, min_size=1, max_size=2))
def test_any_json_is_taken_or_refused(name: str, objects: list[dict[str, Any]]) -> None:
    format = registry.named(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{format.suffixes[0]}"
        made = [json.dumps(each) for each in objects]
        words = "\n".join(made) if name != "label-studio" else f"[{','.join(made)}]"
        path.write_text(words, encoding="utf-8")
        format.recognises(path, path.read_bytes())
        assert format.read is not None
        with suppress(InputFileError):
            for item in format.read(path, {}):
                for a in item.record.annotations:
                    assert a.label
                    assert a.start is None or item.record.article.text[a.start : a.end] == a.quote


@given(objects=st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), max_size=4))
def test_elements_and_lines_are_the_objects_of_a_file(objects: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(json.dumps(objects, indent=1), encoding="utf-8-sig")
        assert [found for _, found in elements(path)] == objects
        path.write_text("\r\n".join(json.dumps(each) for each in objects), encoding="utf-8-sig", newline="")
        if objects:
            assert [found for _, found in lines(path)] == objects
            assert first(path.read_bytes()) == objects[0]


@pytest.mark.parametrize(
    ("cut", "found"),
    [(0, {}), (5, {}), (14, {"text": None}), (22, {"text": "a b"}), (36, {"text": "a b", "spans": None})],
)
def test_the_first_keys_are_read_from_what_is_there(cut: int, found: dict[str, Any]) -> None:
    head = b'[{"text": "a b", "spans": [1, 2, 3, 4, 5]}]'
    assert first(head[:cut]) == found
    assert first(head) == {"text": "a b", "spans": [1, 2, 3, 4, 5]}


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_elements_may_lie_across_what_is_read_at_once(tmp_path: Path, monkeypatch: Any, chunk: int) -> None:
    monkeypatch.setattr("annotator.formats.json_objects._CHUNK", chunk)
    path = tmp_path / "a.json"
    path.write_text('[\n{"a": "x, ] }"}\n,\n{"b": [1, {"c": "é🚀"}]}]\n', encoding="utf-8")
    assert list(elements(path)) == [(2, {"a": "x, ] }"}), (4, {"b": [1, {"c": "é🚀"}]})]


def test_an_endless_element_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotator.formats.json_objects.LONGEST_OBJECT", 1000)
    monkeypatch.setattr("annotator.formats.json_objects._CHUNK", 100)
    path = tmp_path / "a.json"
    path.write_text('[{"a": "' + "x" * 5000 + '"}]', encoding="utf-8")
    with pytest.raises(InputFileError, match="is longer than 1,000 characters"):
        list(elements(path))
    with pytest.raises(InputFileError, match="is longer than 1,000 bytes"):
        list(lines(path))


@pytest.mark.parametrize("before", [90, 95, 99, 100, 190])
def test_a_place_across_what_is_read_at_once_is_found(before: int, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotator.formats.json_objects._CHUNK", 100)
    path = tmp_path / "a.json"
    path.write_bytes(b" " * before + b"wanted" + b" " * 300)
    assert holds(path, re.compile(rb"wa?nted"))
    assert not holds(path, re.compile(rb"unwanted"))
    path.write_bytes(b"")
    assert not holds(path, re.compile(rb"wanted"))


def test_an_object_of_several_lines_after_some_of_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[\n{"a": 1},\n{"a": "\\ud800"} ,\n{\n"a": 3},{"a": 4},\n{"a": NaN}]', "utf-8")
    found = elements(path)
    assert [next(found) for _ in "1234"] == [
        (2, {"a": 1}), (3, {"a": "\ud800"}), (4, {"a": 3}), (5, {"a": 4}),
    ]  # fmt: skip
    with pytest.raises(InputFileError, match="line 6: holds NaN"):
        next(found)
