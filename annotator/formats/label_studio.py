"""Label Studio's JSON and JSON_MIN: tasks about text, with regions and choices.

Label Studio has counted code points since version 1.4 and UTF-16 units before: the quotes of the file tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from annotator.formats.foreign import SOMEBODY, Label, Unit, foreign_record
from annotator.formats.item import AdvisedError, Item
from annotator.formats.json_objects import OBJECT, first, holds, items, listed, objects
from annotator.formats.label_studio_min import LOST, is_link, whole_task
from annotator.formats.label_studio_writer import Writer
from annotator.formats.metadata import LEFT_OUT, OWN, lasting_id, own, restored, said, usual
from annotator.formats.registry import Format
from annotator.formats.repair import raw_ruler
from annotator.model import ArticleRecord, Progress
from annotator.text import LARGEST_TEXT, normalise, too_long

_LISTS = ("annotations", "completions", "predictions")
_MIN = re.compile(rb'"(?:was_cancelled|completed_by|annotation_id)"\s*:')
_ASTRAL = re.compile(rb"[\xf0-\xf4]|\\u[dD]8")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_ENOUGH = 1000  # quotes by which one unit leads
_CHOICES = re.compile(rb'"choices"\s*:')
_SEVERAL = re.compile(rb'"choices"\s*:\s*\[\s*"(?:[^"\\]|\\.)*"\s*,')
_PLAIN = frozenset(("start", "end", "text", "labels"))
_KEPT = ("lead_time", "ground_truth", "completed_by", "created_at")
_UNITS: tuple[Unit, ...] = ("code points", "UTF-16 units")


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield a record for each annotator of each task; raises ``InputFileError`` with the task's line."""
    reader = _Reader((mapping or {}).get("text"), several=holds(path, _SEVERAL))
    if not reader.several and holds(path, _CHOICES):
        reader.find_controls(task for _, task in objects(path))
    if holds(path, _ASTRAL):
        # Only where a text has characters that UTF-16 counts twice does it matter which unit it is.
        reader.find_unit(task for _, task in objects(path))
    return items(path, objects(path), reader.items)


def recognises(path: Path, head: bytes) -> bool:
    """Tell a list of tasks by its first one's keys."""
    task = first(head)
    return (
        # doccano has annotations too, beside the text.
        ("text" not in task and any(isinstance(task.get(key, 0), list | None) for key in _LISTS))
        or _has_data(task, alone=OBJECT.match(head) is not None)
        or (bool(task) and _MIN.search(head) is not None)
    )


def _has_data(task: Mapping[str, Any], *, alone: bool) -> bool:
    """Tell the data of a task from a server's answer, which is ``alone`` and has a list of articles."""
    data = task.get("data")
    if not isinstance(data, dict):
        return False
    nested = any(
        isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))
        for value in data.values()
    )
    return not alone or not nested or isinstance(data.get("text"), str)


def columns(path: Path) -> Sequence[str]:
    """Return the names of the first task's data that are texts."""
    for _, task in islice(objects(path), 1):
        data = task.get("data")
        found = data if isinstance(data, dict) else task
        return [name for name, value in found.items() if isinstance(value, str)]
    return []


@dataclass(slots=True)
class _Region:
    """A stretch, with its labels and what was said of it."""

    start: int | None = None
    end: int | None = None
    quote: str | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)  # (layer or "", label)
    about: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, text: str | None, *, several: bool) -> None:
        self._text = text
        self.several = several
        """Choices on the article are of several layers, each called as its control."""
        self._units = _UNITS

    def find_controls(self, tasks: Iterator[dict[str, Any]]) -> None:
        """Look whether articles are labelled with several controls, which cannot all be the stance."""
        names: set[str] = set()
        for task in tasks:
            try:
                task = _whole_task(task, self._text)
                if own(task["data"].get(OWN)) is not None:
                    return  # an export of ours says the layers
                for annotation in _annotations(task):
                    names |= _controls(listed(annotation, "result"))
            except ValueError:
                return  # reading it says what is wrong
            if len(names) > 1:
                self.several = True
                return

    def find_unit(self, tasks: Iterator[dict[str, Any]]) -> None:
        """Look at the quotes of the file: UTF-16 comes first where more of them stand by it.

        Only those after a character that UTF-16 counts twice can tell; of them a thousand are enough.
        """
        votes = dict.fromkeys(_UNITS, 0)
        for task in tasks:
            try:
                task = _whole_task(task, self._text)
                text, _ = self._texts(task)
                astral = _BEYOND.search(text)
                if astral is None:
                    continue
                regions = [r for a in _annotations(task) for r in self._regions(a, None, [])[0]]
            except ValueError:
                return  # reading it says what is wrong
            quoted = [r for r in regions if r.quote and r.end is not None and r.end > astral.start()]
            for unit in _UNITS if quoted else ():
                ruler = raw_ruler(text, unit)
                clean = normalise(text)
                for region in quoted:
                    place = ruler.stretch(region.start, region.end)
                    votes[unit] += place is not None and _same(clean[slice(*place)], region.quote)
            if max(votes.values()) - min(votes.values()) >= _ENOUGH:
                break
        if votes["UTF-16 units"] > votes["code points"]:
            self._units = ("UTF-16 units", "code points")

    def items(self, task: dict[str, Any]) -> list[Item]:
        """Return the records of a task; raises ``ValueError`` where it is not about text."""
        task = _whole_task(task, self._text)
        text, columns = self._texts(task)
        if len(text) > LARGEST_TEXT:
            raise AdvisedError(f"the text {too_long(len(text))}")
        ours = own(task["data"].get(OWN))
        lost = ["predictions"] * len(listed(task, "predictions"))
        lost += ["drafts"] * len(listed(task, "drafts"))
        metadata, rest = usual(columns, text)
        rest.pop(OWN, None)
        annotations = _annotations(task)
        kept = {key: [a.get(key) for a in annotations] for key in _KEPT if any(key in a for a in annotations)}
        about = {"task": task["id"]} if "id" in task else {}
        if about or kept:
            rest["label_studio"] = {**about, **kept}
        made = []
        for annotation in (*annotations,) or (None,):
            record = self._record(annotation, text, ours, lost, task.get("id"), rest, metadata)
            if ours is not None:
                record = _ours(record, ours, annotation)
            made.append(Item(record, lost=tuple(lost)))
            lost = []
        return made

    def _record(
        self,
        annotation: dict[str, Any] | None,
        text: str,
        ours: dict[str, Any] | None,
        lost: list[str],
        task: Any,
        rest: dict[str, Any],
        metadata: dict[str, Any],
    ) -> ArticleRecord:
        regions, note = ([], "") if annotation is None else self._regions(annotation, ours, lost)
        quotes = [normalise(text), text]
        labels = []
        for region in regions:
            if not region.labels:
                lost.append("regions without a label")
            for layer, label in region.labels:
                quote = region.quote
                if quote is not None and text[region.start : region.end] != quote:
                    quote = _quote(quote, quotes)
                more = {}
                if region.about or region.notes:
                    notes = [n for n in (region.about.get("note"), *region.notes) if isinstance(n, str) and n]
                    more = said({**region.about, "note": "\n".join(notes)})
                labels.append(Label(label, region.start, region.end, layer, quote, **more))
        record = foreign_record(
            text,
            labels,
            units=self._units,
            uuid=lasting_id("label studio", task, text),
            meta=rest,
            **metadata,
        )
        if annotation is None:
            return record
        skipped = bool(annotation.get("was_cancelled") or annotation.get("skipped"))
        own_part = annotation.get(OWN)
        by = own_part.get("by") if ours and isinstance(own_part, dict) else None
        return replace(
            record,
            annotator=by if isinstance(by, str) and by else _annotator(annotation.get("completed_by")),
            progress=Progress("skipped" if skipped else "done", note=note),
        )

    def _texts(self, task: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the text of a task and the rest of its data; raises ``ValueError`` where it has none."""
        data = dict(task["data"])
        for annotation in _annotations(task):
            for result in listed(annotation, "result"):
                _refuse_other_media(result)
        if self._text is not None and isinstance(data.get(self._text), str):
            return data.pop(self._text), data
        if isinstance(data.get("text"), str):
            if is_link(data["text"].strip()):
                raise AdvisedError(
                    "has the address of a text and not the text itself. Put the texts into the data"
                )
            return data.pop("text"), data
        words = [key for key, value in data.items() if isinstance(value, str) and not is_link(value)]
        if len(words) == 1:
            return data.pop(words[0]), data
        if not words:
            media = ", ".join(key for key in data if key != OWN) or "something else"
            raise AdvisedError(
                f"is a task of Label Studio about {media}, not about a text: Annotator reads texts alone. "
                "Leave it out"
            )
        raise AdvisedError(
            f"does not say which of {', '.join(words)} is the text of a task. Choose it when you "
            "import (on the command line: --map text=NAME)"
        )

    def _regions(
        self, annotation: dict[str, Any], ours: dict[str, Any] | None, lost: list[str]
    ) -> tuple[list[_Region], str]:
        """Return the regions of an annotation, the whole article's as one of them, and the note on it."""
        results = listed(annotation, "result")
        layers = (ours or {}).get("layers")
        layers = layers if isinstance(layers, dict) else {}
        found: dict[Any, _Region] = {}
        notes: list[str] = []
        for number, result in enumerate(results):
            kind, value = result.get("type"), result.get("value") or {}
            if kind == "relation":
                lost.append("relations")
                continue
            if not isinstance(value, dict):
                raise ValueError("the value of a result is no object")
            start, end = value.get("start"), value.get("end")
            if type(start) is not type(end) or type(start) not in (int, type(None)):
                raise ValueError("start or end of a result is no whole number")
            id_ = result.get("id")
            key = id_ if isinstance(id_, str | int) else (number,)
            region = found.get(key) or found.setdefault(key, _Region())
            if start is not None:
                quote = value.get("text")
                region.start, region.end = start, end
                region.quote = quote if isinstance(quote, str) else region.quote
            on_stretch = region.start is not None
            name = result.get("from_name")
            layer = layers.get(name, "") if isinstance(name, str) else ""
            layer = layer if isinstance(layer, str) else ""
            if kind == "choices":
                # What is said of a region beside its label is a layer of its own, called as its control is.
                layer = layer or (str(name) if name and (on_stretch or self.several) else "")
                region.labels += [(layer, label) for label in _strings(value, "choices")]
            elif kind == "textarea":
                (region.notes if on_stretch else notes).extend(_strings(value, "text"))
            elif kind == "labels":
                region.labels += [(layer, label) for label in _strings(value, "labels")]
            else:
                lost.append(LOST.get(str(kind), f"results of the kind {kind!r}"))
            meta = result.get("meta")
            if isinstance(meta, dict):
                region.about.update(meta)
                notes_there = _listed(meta.get("text"))
                region.notes += [n for n in notes_there if isinstance(n, str) and n not in region.notes]
        return [r for r in found.values() if r.labels or r.start is not None], "\n".join(notes)


def _whole_task(task: dict[str, Any], text: str | None) -> dict[str, Any]:
    """Return a task of either export in the form of the longer one."""
    if isinstance(task.get("data"), dict):
        return task
    if any(key in task for key in _LISTS):
        raise AdvisedError(
            "is a task of Label Studio without its data. Export it as JSON, not as annotations alone"
        )
    return whole_task(task, text)


def _controls(results: Sequence[Any]) -> set[str]:
    """Return the names of the controls by which the whole article was labelled."""
    there = [r for r in results if isinstance(r, dict) and isinstance(r.get("value"), dict)]
    stretches = {str(r.get("id")) for r in there if r["value"].get("start") is not None}
    return {
        str(r.get("from_name"))
        for r in there
        if r.get("type") == "choices"
        and r["value"].get("start") is None
        and str(r.get("id")) not in stretches
    }


def _annotations(task: dict[str, Any]) -> list[dict[str, Any]]:
    found = task.get("annotations") or task.get("completions") or []
    if not isinstance(found, list) or not all(isinstance(a, dict) for a in found):
        raise ValueError("annotations is no list of objects")
    return found


def _refuse_other_media(result: Any) -> None:
    """Raise ``ValueError`` for a result that is not about plain text, with its kind."""
    if not isinstance(result, dict):
        raise ValueError("result is no list of objects")
    kind, value = result.get("type"), result.get("value")
    if kind == "labels" and isinstance(value, dict) and _PLAIN.issuperset(value):
        return  # as nearly all
    kind = str(kind)
    value = value if isinstance(value, dict) else {}
    if kind in ("hypertextlabels", "paragraphlabels") or "globalOffsets" in value or "startOffset" in value:
        what = "paragraphs of a dialogue" if kind == "paragraphlabels" else "HTML"
        raise AdvisedError(
            f"has labels on {what} ({kind}), whose offsets are not those of a text. "
            "Annotator reads projects with a <Text> tag. Leave it out"
        )
    if (kind.endswith("labels") and kind != "labels") or any(k in value for k in ("x", "points", "rle")):
        raise AdvisedError(
            f"is a task of Label Studio about “{result.get('to_name')}” ({kind}), an image, sound or film: "
            "Annotator reads texts alone. Leave it out"
        )


def _strings(value: Mapping[str, Any], key: str) -> list[str]:
    entries = _listed(value.get(key))
    for entry in entries:
        if not (isinstance(entry, str) and entry):
            raise ValueError(f"{key} is no list of labels")
    return entries


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _annotator(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    if isinstance(completed_by, str) and completed_by:
        return completed_by
    return f"Label Studio user {completed_by}" if type(completed_by) is int else SOMEBODY


def _ours(record: ArticleRecord, ours: dict[str, Any], annotation: dict[str, Any] | None) -> ArticleRecord:
    """Return a record of an export of ours; where Label Studio has made the annotation, with its status."""
    part = (annotation or {}).get(OWN)
    entry = own({**ours, **part}) if isinstance(part, dict) else None
    if entry is not None:
        return restored(record, entry)
    return replace(restored(record, ours), progress=record.progress)


def _quote(quote: str, texts: list[str]) -> str | None:
    r"""Return a quote as it stands in one of the texts.

    Label Studio writes ``\n`` for a line end, and a browser that shows white space as one space copies one;
    a quote that has been through that is None: it can be compared with nothing.
    """
    if quote in texts[0]:
        return quote
    for words in (quote, quote.replace("\\n", "\n")):
        if any(words in text for text in texts):
            return words
    squeezed = " ".join(quote.replace("\\n", " ").split())
    return None if squeezed in " ".join(texts[0].split()) else quote


def _same(words: str, quote: str | None) -> bool:
    return quote is not None and (
        words == quote or words in (normalise(quote), normalise(quote.replace("\\n", "\n")))
    )


FORMAT = Format(
    "label-studio",
    "Label Studio JSON",
    (".json",),
    read,
    recognises,
    fields={"text": ("text",)},
    columns=columns,
    exports=True,
    reads_to="uuid",
    writer=Writer,
    folder=True,
    cannot_hold=("rejections", *LEFT_OUT),
)
