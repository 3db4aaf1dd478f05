"""Label Studio's JSON_MIN: data, the task's id, what was said (by control) and by whom, all in one object.

Nothing in it tells data from what was said but their order and their looks: where the data has an ``id`` of
its own, the task's takes its place, and further data stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotator.formats.fields import FIELDS
from annotator.formats.metadata import USUAL

LOST = {
    "rating": "ratings",
    "number": "numbers",
    "datetime": "dates",
    "taxonomy": "taxonomy choices",
    "pairwise": "comparisons",
    "ranker": "rankings",
}
"""What has no place in a project, by the kind of a result, with its name in the plural."""

_END = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
_METADATA = frozenset(name for names in USUAL.values() for name in names)
_NOTES = ("comment", "comments", "note", "notes", "remark", "remarks", "reason", "rationale", "explanation")
_LONGEST_CHOICE = 80  # characters
_PROSE = re.compile(r".*\s.*[.!?…։]\W*|\d{4}-\d\d-\d\d.*|\w+://.*")  # also dates and links
_LINK = re.compile(r"(?:https?|s3|gs|file|azure-blob)://\S+$|/data/\S+$|data:\w+/")


def is_link(value: str) -> bool:
    """Tell whether a task's data is a file to show, not words."""
    return _LINK.match(value) is not None


def whole_task(task: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    """Return a task in the form of the longer export; ``text`` is the chosen key of its text, if any."""
    order = list(task)
    keys = [key for key in order if key not in _END]
    told = "id" in task and order != sorted(order)  # where another program sorted them, it tells nothing
    data = [key for key in order[: order.index("id")] if key in keys] if told else []
    strings = [key for key in keys if isinstance(task[key], str)]
    text = _text(task, strings, data, text)
    own_id = text is not None and text not in data  # the data's, and data stands behind it
    if text is not None and own_id:
        data = keys[: keys.index(text) + 1] if told else [text]
    # Without a text to be sure of, words are left to be asked about, but where the task is about a file.
    unsure = text is None and not any(_is_file(key, task[key]) for key in strings)
    results: list[dict[str, Any]] = []
    for key in keys:
        if key in data:
            continue
        found = [] if unsure and key in strings else list(_results(key, task[key], free=not own_id))
        results += found
        if not found and task[key] not in (None, []):
            data.append(key)
    annotation = {key: task[key] for key in ("created_at", "lead_time") if key in task}
    return {
        "id": task.get("id"),
        "data": {key: task[key] for key in data},
        "annotations": [{**annotation, "completed_by": task.get("annotator"), "result": results}],
    }


def _text(
    task: Mapping[str, Any], strings: Sequence[str], data: Sequence[str], chosen: str | None
) -> str | None:
    """Return the key of the text: the chosen one, ``text``, a usual one, or the only words among the data."""
    for name in (chosen, "text"):
        if name in strings:
            return name
    usual = [key for key in strings if key.casefold() in FIELDS["text"]]
    if len(usual) != 1:
        usual = [
            key
            for key in data
            if key in strings and key.casefold() not in _METADATA and not is_link(task[key])
        ]
    return usual[0] if len(usual) == 1 else None


def _is_file(key: str, value: str) -> bool:
    return is_link(value) and key.casefold() not in _METADATA


def _results(name: str, value: Any, *, free: bool) -> Iterator[dict[str, Any]]:
    """Yield what a value says as results, nothing where it does not look like any.

    ``free``: words that are no choice were written into a field of the task's, and are no data.
    """
    entries = value if isinstance(value, list) else [value]
    if all(isinstance(entry, str) for entry in entries):
        if name.casefold() in _METADATA or any(map(is_link, entries)):
            return
        noted = name.casefold() in _NOTES
        if noted or not all(
            len(e) <= _LONGEST_CHOICE and not _PROSE.match(e) and "\n" not in e for e in entries
        ):
            if noted or free:
                yield {"id": name, "from_name": name, "type": "textarea", "value": {"text": entries}}
            return
    kinds = ["choices" if isinstance(entry, str) else _kind(entry) for entry in entries]
    if not all(kinds):
        return
    for number, (entry, kind) in enumerate(zip(entries, kinds, strict=True)):
        said = {"choices": [entry]} if isinstance(entry, str) else entry
        yield {"id": f"{name}-{number}", "from_name": name, "type": kind, "value": said}


def _kind(entry: Any) -> str:
    """Return what kind of result an object is, "" where it is none."""
    if not isinstance(entry, dict):
        return ""
    if isinstance(entry.get("choices"), list):
        return "choices"
    if isinstance(entry.get("text"), list):
        return "textarea"
    named = next((key for key in entry if key.endswith("labels")), "")
    named = named or next((key for key in LOST if key in entry), "")
    return named or ("labels" if any(key in entry for key in ("start", "x", "points", "rle")) else "")
