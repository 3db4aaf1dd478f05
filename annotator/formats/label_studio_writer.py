"""Writing for Label Studio: a folder with ``tasks.json`` and the labelling configuration that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from annotator.formats.left_out import not_held
from annotator.formats.metadata import OWN, about, actor_rows, own_entry
from annotator.model import Annotation, ArticleRecord, Codebook, Label, Layer
from annotator.text import printable

TASKS, CONFIG = "tasks.json", "label_config.xml"
_TEXT = "text"  # of the <Text> tag, and of the text among a task's data
_WHOLE = " (article)"  # ends the name of the control for labels of a whole article


class Writer:
    """Writes a task an article, with an annotation for each annotator; offsets are code points."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._path = path
        self._codebook = codebook
        self._file = (path / TASKS).open("xb", buffering=1 << 20)
        self._file.write(b"[")
        self._waiting: list[ArticleRecord] = []
        self._tasks = 0
        self._rejections = 0
        self._retired: set[tuple[str, str]] = set()
        self._encode = msgspec.json.Encoder().encode

    def add(self, record: ArticleRecord) -> None:
        """Write a record once all of its article's are there."""
        if self._waiting and self._waiting[0].article.uuid != record.article.uuid:
            self._write()
        self._waiting.append(record)

    def close(self) -> Sequence[str]:
        """Complete the tasks, write the configuration; count what Label Studio has no place for."""
        if self._waiting:
            self._write()
        self._file.write(b"\n]\n")
        self._file.close()
        (self._path / CONFIG).write_text(label_config(self._codebook, self._retired), encoding="utf-8")
        return not_held("these files", {"rejections": self._rejections})

    def _write(self) -> None:
        first = self._waiting[0]
        article = first.article
        shown = ("title", "source", "url", "author", "published", "language")
        layers = [layer.name for layer in self._codebook.layers]
        task = {
            "id": self._tasks + 1,
            "data": {
                _TEXT: article.text,
                **{name: value for name in shown if (value := getattr(article, name))},
                OWN: own_entry(
                    first,
                    layers={name + whole: name for name in layers for whole in ("", _WHOLE)},
                ),
            },
            "annotations": [self._annotation(record) for record in self._waiting if record.annotator],
        }
        self._file.write(b",\n" if self._tasks else b"\n")
        self._file.write(self._encode(task))
        self._tasks += 1
        self._waiting.clear()

    def _annotation(self, record: ArticleRecord) -> dict[str, Any]:
        self._rejections += len(record.rejections)
        progress = record.progress
        return {
            # No completed_by: Label Studio refuses a file with one that it does not know.
            OWN: {
                "by": record.annotator,
                "status": progress.status,
                "flagged": progress.flagged,
                "note": progress.note,
                "drawn": progress.drawn,
                "actors": actor_rows(record),
            },
            "was_cancelled": progress.status == "skipped",
            "ground_truth": False,
            "result": [self._result(a) for a in record.annotations],
        }

    def _result(self, a: Annotation) -> dict[str, Any]:
        if self._codebook.label(a.layer, a.label).retired:
            self._retired.add((a.layer, a.label))
        value: dict[str, Any]
        if a.start is None:
            kind, name, value = "choices", a.layer + _WHOLE, {"choices": [a.label]}
        else:
            kind, name = "labels", a.layer
            value = {"start": a.start, "end": a.end, "text": a.quote, "labels": [a.label]}
        result = {
            "id": a.uuid,
            "from_name": name,
            "to_name": _TEXT,
            "type": kind,
            "origin": "manual",
            "value": value,
        }
        if said := about(a):
            note = said.pop("note", None)
            result["meta"] = said if note is None else {"text": [note], **said}
        return result


def label_config(codebook: Codebook, retired: set[tuple[str, str]]) -> str:
    """Return Label Studio's labelling configuration of a codebook, with those retired labels that are used.

    A layer becomes ``<Labels>`` where it takes spans and ``<Choices>`` where it takes whole articles.
    """
    view = ElementTree.Element("View")
    for layer in codebook.layers:
        labels = [x for x in layer.labels if not x.retired or (x.layer, x.name) in retired]
        if layer.scope != "span":
            ElementTree.SubElement(view, "Header", value=_plain(layer.name))
            choices = ElementTree.SubElement(
                view,
                "Choices",
                name=_plain(layer.name + _WHOLE),
                toName=_TEXT,
                choice="single" if layer.exclusive else "multiple",
                showInline="true",
            )
            _labels(choices, "Choice", layer, labels, keys=True)
        if layer.scope != "article":
            control = ElementTree.SubElement(view, "Labels", name=_plain(layer.name), toName=_TEXT)
            # A key does one thing only.
            _labels(control, "Label", layer, labels, keys=layer.scope == "span")
    ElementTree.SubElement(view, "Text", name=_TEXT, value=f"${_TEXT}")
    # Without it spaces and line ends are shown as one space.
    ElementTree.SubElement(view, "Style").text = ".htx-text { white-space: pre-wrap; }"
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _labels(
    control: ElementTree.Element, tag: str, layer: Layer, labels: Sequence[Label], *, keys: bool
) -> None:
    for label in labels:
        entry = ElementTree.SubElement(control, tag, value=_plain(label.name))
        if tag == "Label":
            entry.set("background", label.color)
        if keys and label.key:
            entry.set("hotkey", label.key.lower())
        if label.definition:
            entry.set("hint", _plain(label.definition))


def _plain(text: str) -> str:
    """Return ``text`` without what XML cannot hold, and in one line."""
    return printable(" ".join(text.split()))
