"""Prodigy's JSONL: a task a line, with spans, a choice, and what the annotator answered.

``answer`` is what people did with the task: accepted, its spans and its choice are annotations; rejected,
they are rejections; ignored, the article is skipped. Offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from annotator.formats.foreign import SEVERAL, SOMEBODY, Label, Unit, foreign_record
from annotator.formats.item import AdvisedError, Item
from annotator.formats.json_objects import beginning, holds, items, listed, objects
from annotator.formats.metadata import (
    LEFT_OUT,
    OWN,
    USUAL,
    lasting_id,
    layer_and_label,
    own,
    restored,
    said,
    usual,
)
from annotator.formats.prodigy_writer import KEPT, Writer
from annotator.formats.registry import Format
from annotator.formats.repair import raw_ruler
from annotator.model import Progress, Rejection, Status
from annotator.text import LARGEST_TEXT, normalise, too_long

_UNITS: tuple[Unit, ...] = ("code points", "UTF-16 units", "UTF-8 bytes")
_MANY_ACCEPTED = re.compile(rb'"accept"\s*:\s*\[\s*(?:"(?:[^"\\]|\\.)*"|[^\s\]",]+)\s*,')
_OTHER_MEDIA = ("image", "audio", "video", "html")
_STATUS: dict[str, Status] = {"accept": "done", "reject": "done", "ignore": "skipped"}
_WHOLE_VIEWS = ("classification", "choice")
_SPAN_VIEWS = ("ner", "ner_manual", "spans", "spans_manual", "pos", "pos_manual")


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the records of Prodigy's annotations; raises ``InputFileError`` with the line."""
    several = holds(path, _MANY_ACCEPTED)
    return items(path, objects(path), partial(_items, several=several))


def recognises(path: Path, head: bytes) -> bool:
    """Tell tasks or patterns of Prodigy by the keys of one of the first."""
    return any(map(_is_task, beginning(head)))


def _is_task(task: dict[str, Any]) -> bool:
    if "_task_hash" in task or "_input_hash" in task or ("pattern" in task and "label" in task):
        return True
    spans = task.get("spans")
    marked = isinstance(spans, list) and all(isinstance(s, dict) and "start" in s for s in spans)
    return "text" in task and (marked or "tokens" in task or str(task.get("answer")) in _STATUS)


def _items(task: dict[str, Any], *, several: bool) -> list[Item]:
    text = task.get("text")
    if not isinstance(text, str):
        raise AdvisedError(_no_text(task))
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(f"the text {too_long(len(text))}")
    ours = own(task.get(OWN))
    answer = str(task.get("answer"))
    lost: list[str] = ["relations"] * len(listed(task, "relations"))
    labels = [*_spans(task, ours, lost), *_whole(task, ours, several)]
    if answer == "ignore" and ours is None:
        lost += ["labels of ignored tasks"] * len(labels)
        labels = []
    columns, meta = usual(_metadata(task), text)
    kept = {key: task[key] for key in KEPT if task.get(key) is not None}
    record = foreign_record(
        text,
        labels,
        units=_units(task, text),
        uuid=lasting_id("prodigy", task.get("_input_hash"), text),
        meta={**meta, "prodigy": kept} if kept else meta,
        **columns,
    )
    if answer in _STATUS:
        record = replace(record, annotator=_annotator(task), progress=Progress(_STATUS[answer]))
    elif labels:
        record = replace(record, progress=Progress("in_progress"))  # set by a program; nobody has answered
    if answer == "reject":
        rejected = tuple(Rejection(a.layer, a.label, a.start, a.end) for a in record.annotations)
        record = replace(record, annotations=(), rejections=rejected)
    return [Item(record if ours is None else restored(record, ours), lost=tuple(lost))]


def _units(task: dict[str, Any], text: str) -> Sequence[Unit]:
    """Return the units that the offsets may count in: first the one in which the last token stands.

    All that comes before it has moved it. A token says the same as a quote, which few files have.
    """
    tokens = None if text.isascii() else task.get("tokens")
    last = tokens[-1] if isinstance(tokens, list) and tokens else None
    if not isinstance(last, dict) or not isinstance(last.get("text"), str):
        return _UNITS
    clean, words = normalise(text), normalise(last["text"])
    for unit in _UNITS:
        place = raw_ruler(text, unit).stretch(last.get("start"), last.get("end"))
        if place is not None and clean[slice(*place)] == words:
            return (unit, *(other for other in _UNITS if other != unit))
    return _UNITS


def _metadata(task: dict[str, Any]) -> Any:
    """Return the metadata of a task, those that stand beside the text with it."""
    meta = task.get("meta")
    beside = {key: task[key] for names in USUAL.values() for key in names if isinstance(task.get(key), str)}
    more = meta if isinstance(meta, dict) else {} if meta is None else {"meta": meta}
    return {**beside, **more}


def _no_text(task: dict[str, Any]) -> str:
    if "pattern" in task:
        return (
            "is a file of match patterns for Prodigy: it says what to look for and holds no articles. "
            "Import the annotations themselves, which “prodigy db-out” writes"
        )
    for medium in _OTHER_MEDIA:
        if medium in task:
            return (
                f"is a task of Prodigy about {medium}: Annotator reads tasks about text alone. Leave it out"
            )
    return "is a task of Prodigy without a text. Add it, or delete the line"


def _spans(task: dict[str, Any], ours: Any, lost: list[str]) -> list[Label]:
    found = []
    when = _time(task.get("_timestamp"))
    spans = listed(task, "spans")
    if not all(isinstance(span, dict) for span in spans):
        raise ValueError("spans is no list of objects")
    if ours is None and task.get("_view_id") == "classification":
        lost += ["highlighted spans"] * len(spans)  # the question was about the whole text
        return []
    for span in spans:
        name, quote = span.get("label"), span.get("text")
        if not isinstance(name, str) or not name:
            lost.append("spans without a label")
            continue
        start, end = span.get("start"), span.get("end")
        if type(start) is not int or type(end) is not int:
            raise ValueError(f"a span of {name!r} has no start or end")
        layer, label = layer_and_label(ours, name)
        quote = quote if isinstance(quote, str) else None
        found.append(Label(label, start, end, layer, quote, when=when, **said(span.get(OWN))))
    return found


def _whole(task: dict[str, Any], ours: Any, several: bool) -> list[Label]:
    """Return the labels of the whole text: those of a choice, and the one that a binary task asks about."""
    names: list[Any] = []
    accepted, label = task.get("accept"), task.get("label")
    accepted = [accepted] if isinstance(accepted, str) and accepted else accepted
    if isinstance(accepted, list):
        texts = {
            option.get("id"): option.get("text")
            for option in listed(task, "options")
            if isinstance(option, dict) and isinstance(option.get("id"), str | int)
        }
        names += [texts.get(n) or str(n) if isinstance(n, int) else n for n in accepted]
    elif isinstance(label, str) and label and task.get("_view_id") not in _SPAN_VIEWS:
        spans = task.get("spans") or []
        if task.get("_view_id") in _WHOLE_VIEWS or all(span.get("label") != label for span in spans):
            names.append(label)
    entries = (ours or {}).get("about")
    when = _time(task.get("_timestamp"))
    found = []
    for name in names:
        if not isinstance(name, str) or not name:
            raise ValueError("accept holds something that is no label")
        layer, label = layer_and_label(ours, name)
        layer = layer or (SEVERAL if several and accepted else "")
        entry = said(entries.get(name)) if isinstance(entries, dict) else {}
        found.append(Label(label, layer=layer, when=when, **entry))
    return found


def _annotator(task: dict[str, Any]) -> str:
    for key in ("_annotator_id", "_session_id"):
        if isinstance(task.get(key), str) and task[key]:
            return str(task[key])
    return SOMEBODY


def _time(seconds: Any) -> str:
    if type(seconds) not in (int, float) or not 0 < seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


FORMAT = Format(
    "prodigy",
    "Prodigy JSONL",
    (".jsonl",),
    read,
    recognises,
    exports=True,
    reads_to="updated_at",
    writer=Writer,
    cannot_hold=LEFT_OUT,
)
