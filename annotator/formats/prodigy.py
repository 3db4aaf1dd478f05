"""Prodigy's JSONL: a task a line, with spans, a choice, and what the annotator answered.

``answer`` is what people did with the task: accepted, its spans and its choice are annotations; rejected,
they are rejections; ignored, the article is skipped. Offsets are code points.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from operator import add, ne
from pathlib import Path
from typing import Any

import msgspec

from annotator.formats.foreign import SEVERAL, SOMEBODY, Label, Unit, foreign_record
from annotator.formats.item import AdvisedError, Item
from annotator.formats.json_objects import beginning, holds, items, listed, objects
from annotator.formats.metadata import (
    LEFT_OUT,
    OWN,
    USUAL,
    Names,
    about,
    lasting_id,
    layer_and_label,
    own,
    own_entry,
    restored,
    said,
    usual,
)
from annotator.formats.registry import Format
from annotator.formats.repair import raw_ruler
from annotator.formats.unaligned import Unaligned
from annotator.formats.words import words_of
from annotator.model import Annotation, ArticleRecord, Codebook, Progress, Rejection, Status
from annotator.text import IN_WORD, LARGEST_TEXT, normalise, too_long

_UNITS: tuple[Unit, ...] = ("code points", "UTF-16 units", "UTF-8 bytes")
_MANY_ACCEPTED = re.compile(rb'"accept"\s*:\s*\[\s*(?:"(?:[^"\\]|\\.)*"|[^\s\]",]+)\s*,')
_OTHER_MEDIA = ("image", "audio", "video", "html")
_STATUS: dict[str, Status] = {"accept": "done", "reject": "done", "ignore": "skipped"}
_WHOLE_VIEWS = ("classification", "choice")
_SPAN_VIEWS = ("ner", "ner_manual", "spans", "spans_manual", "pos", "pos_manual")
_KEPT = ("_input_hash", "_task_hash", "_view_id", "_is_binary")
_TOKEN = re.compile(rf"{IN_WORD}+|\s+|.", re.DOTALL)
_TOKEN_AND_SPACE = re.compile(rf"({_TOKEN.pattern})( ?)", re.DOTALL)


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
    kept = {key: task[key] for key in _KEPT if task.get(key) is not None}
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


class _Token(msgspec.Struct, gc=False):
    text: str
    start: int
    end: int
    id: int
    ws: bool


_UNSET = msgspec.UNSET


class _Span(msgspec.Struct, gc=False):
    start: int
    end: int
    token_start: int | msgspec.UnsetType
    token_end: int | msgspec.UnsetType
    label: str
    own: dict[str, Any] | msgspec.UnsetType = msgspec.field(name=OWN)


class Tokens:
    """The tokens of a text as Prodigy has them: words, marks, and white space but for single spaces.

    They cover all of it: each is followed by a space where its ``ws`` says so, and by the next one.
    """

    def __init__(self, text: str) -> None:
        # What is one list through and through is made in a third of the time that one by one takes.
        if "  " in text or text.startswith(" "):  # some are tokens themselves
            found = _TOKEN_AND_SPACE.findall(text)
            words = [word for word, _ in found]
            starts = list(accumulate((len(word) + len(space) for word, space in found), initial=0))[:-1]
        else:
            words, starts = words_of(text, _TOKEN)
        ends = list(map(add, starts, map(len, words)))
        numbers = range(len(words))
        followed = map(ne, ends, [*starts[1:], len(text)])
        self.all = list(map(_Token, words, starts, ends, numbers, followed))
        self._starts, self._ends = starts, ends

    def numbers(self, start: int, end: int) -> tuple[int, int] | tuple[msgspec.UnsetType, msgspec.UnsetType]:
        """Return which token begins and which ends a stretch, nothing where one of them does not."""
        first, last = bisect_left(self._starts, start), bisect_left(self._ends, end)
        if first <= last < len(self._ends) and self._starts[first] == start and self._ends[last] == end:
            return first, last
        return _UNSET, _UNSET


class Writer:
    """Writes a line an article and annotator, and one more for what they rejected."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._file = path.open("xb", buffering=1 << 20)
        self._names = Names(codebook)
        self._options = [{"id": name, "text": name} for name in self._names.whole(codebook)]
        self._unaligned = Unaligned()
        self._encode = msgspec.json.Encoder().encode

    def add(self, record: ArticleRecord) -> None:
        """Write a record."""
        tokens = Tokens(record.article.text)
        whole = [a for a in record.annotations if a.start is None]
        spans = self._spans(record, record.annotations, tokens)
        task = self._task(record, tokens)
        touched = record.annotator is not None
        answer = {"answer": "ignore" if record.progress.status == "skipped" else "accept"} if touched else {}
        accepted = {self._names.of(a.layer, a.label): about(a) for a in whole}
        if entries := {name: entry for name, entry in accepted.items() if entry}:
            task[OWN]["about"] = entries
        choice = {"options": self._options, "accept": list(accepted)} if self._options or whole else {}
        self._write({**task, "spans": spans, **choice, **self._time(record), **answer})
        if spans := self._spans(record, record.rejections, tokens):
            self._write({**task, "spans": spans, "answer": "reject"})
        for r in record.rejections:
            if r.start is None:
                name = self._names.of(r.layer, r.label)
                self._write({**task, "spans": [], "label": name, "answer": "reject"})

    def close(self) -> Sequence[str]:
        """Complete the file; name the spans without token numbers."""
        self._file.close()
        return self._unaligned.sentences("Spans with an edge inside a word, written without token numbers")

    def _write(self, task: dict[str, Any]) -> None:
        self._file.write(self._encode(task))
        self._file.write(b"\n")

    def _task(self, record: ArticleRecord, tokens: Tokens) -> dict[str, Any]:
        article = record.article
        shown = {
            name: value for name in ("title", "source", "published") if (value := getattr(article, name))
        }
        kept = article.meta.get("prodigy")
        kept = {k: v for k, v in kept.items() if k in _KEPT} if isinstance(kept, Mapping) else {}
        who = {"_annotator_id": record.annotator, "_session_id": record.annotator} if record.annotator else {}
        return {
            "text": article.text,
            "meta": shown,
            **kept,
            **who,
            OWN: own_entry(record, labels=self._names.used(record)),
            "tokens": tokens.all,
        }

    def _spans(
        self, record: ArticleRecord, decided: Sequence[Annotation] | Sequence[Rejection], tokens: Tokens
    ) -> list[_Span]:
        spans, names = [], self._names.of
        for d in decided:
            start, end = d.start, d.end
            if start is None or end is None:
                continue
            name = names(d.layer, d.label)
            said = _UNSET if isinstance(d, Rejection) else about(d) or _UNSET
            first, last = tokens.numbers(start, end)
            spans.append(_Span(start, end, first, last, name, said))
            if first is _UNSET and not isinstance(d, Rejection):
                self._unaligned.add(record, d)
        return spans

    @staticmethod
    def _time(record: ArticleRecord) -> dict[str, int]:
        try:
            last = max(map(datetime.fromisoformat, {a.updated_at for a in record.annotations}))
            return {"_timestamp": int(last.timestamp())}
        except (ValueError, TypeError):  # no annotations, or not our handwriting
            return {}


FORMAT = Format(
    "prodigy",
    "Prodigy JSONL",
    (".jsonl",),
    read,
    recognises,
    exports=True,
    plain=True,
    writer=Writer,
    cannot_hold=LEFT_OUT,
)
