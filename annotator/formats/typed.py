"""Reading right lines of schema ``annotator/1`` fast: msgspec decodes and checks types in C.

:func:`record` answers None for any line that is not right in every way (and for a few rare ones that are,
such as lines with escaped NULs): :func:`annotator.formats.jsonl.from_line` reads those, and it says
in plain words what is wrong. So this module knows no messages, and must only never accept what the other
one refuses or reads differently. Spans and suggestions have the attributes of the model's classes without
being them: making 60 frozen dataclasses takes longer than decoding their line.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, cast

import msgspec

from annotator.model import (
    Actor,
    Annotation,
    ArticleInput,
    ArticleRecord,
    Origin,
    PipelineInfo,
    Progress,
    Rejection,
    Status,
)
from annotator.text import normalise_storable, sha256

_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]
_Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What has exactly these keys; those with a default are not in the oldest exports."""


class _Decision(_Strict, kw_only=True):
    """The columns that a label and a span have in common."""

    id: _Name
    label: _Name
    certainty: _Whole | None
    note: str
    origin: Origin
    component: str | None
    reason: str
    seen_suggestion: str | None
    blind: bool = False
    actor: str | None
    holder: str | None
    target: str | None
    codebook_version: _Whole
    created_at: str
    updated_at: str


class _Span(_Strict, kw_only=True):
    """A span, with the attributes of :class:`annotator.model.Annotation`."""

    uuid: _Name = msgspec.field(name="id")
    layer: _Name
    label: _Name
    start: int
    end: int
    quote: str = msgspec.field(name="text")
    certainty: _Whole | None
    note: str
    origin: Origin
    component: str | None
    reason: str
    seen_suggestion: str | None
    blind: bool = False
    actor: str | None
    holder: str | None
    target: str | None
    codebook_version: _Whole
    created_at: str
    updated_at: str


class _Rejection(_Strict):
    layer: _Name
    label: _Name
    start: int | None
    end: int | None
    alone: bool = False


class _Actor(_Strict):
    id: _Name
    kind: str | None
    bloc: str | None
    aliases: list[str]


class _Suggestion(_Strict, kw_only=True):
    """A suggestion, with the attributes of :class:`annotator.model.Suggestion`."""

    layer: _Name
    label: str | None
    start: int | None
    end: int | None
    score: _Probability | None
    scores: dict[str, int | float] | None
    reason: str
    evidence: list[tuple[int, int]]
    component: str
    actor: str | None = None
    holder: str | None = None
    target: str | None = None


class _Pipeline(_Strict):
    name: str
    version: str


class _Line(_Strict, kw_only=True):
    schema: Literal["annotator/1"]
    id: _Name
    sha256: str
    title: str
    text: str
    meta: msgspec.Raw  # as the other reader takes it: any JSON may be in it
    annotator: _Name | None
    status: Status
    flagged: bool
    note: str
    drawn: str | None = None
    labels: dict[_Name, _Decision | list[_Decision]]
    spans: list[_Span]
    rejections: list[_Rejection]
    actors: dict[str, _Actor]
    suggestions: list[_Suggestion] | msgspec.UnsetType = msgspec.UNSET
    pipeline: _Pipeline | msgspec.UnsetType | None = msgspec.UNSET


_decoder = msgspec.json.Decoder(_Line)


def record(raw: bytes) -> ArticleRecord | None:
    """Return the record of a line, or None where the slower reader has to look at it."""
    if b"\\u0000" in raw:
        return None  # what SQLite cannot hold
    try:
        line = _decoder.decode(raw)  # it refuses halves of surrogate pairs, but in what is taken as it is
        meta = bytes(line.meta)
        if b"\\ud" in meta or b"\\uD" in meta:
            return None
        meta = json.loads(meta)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        return None
    text = normalise_storable(line.text)
    suggestions, pipeline = line.suggestions, line.pipeline
    if (
        sha256(text) != line.sha256
        or (suggestions is msgspec.UNSET) != (pipeline is msgspec.UNSET)
        or not _ranges_fit(line, text)
    ):
        return None
    article = _article(line, text, meta)
    decided = [*_labels(line), *line.spans]
    if article is None or not _decisions_fit(line, decided):
        return None
    return ArticleRecord(
        article=article,
        sha256=line.sha256,
        annotator=line.annotator,
        progress=Progress(line.status, line.flagged, line.note, line.drawn),
        annotations=cast("tuple[Annotation, ...]", tuple(decided)),
        rejections=tuple(Rejection(r.layer, r.label, r.start, r.end, r.alone) for r in line.rejections),
        actors=tuple(
            Actor(actor.id, name, actor.kind, actor.bloc, tuple(actor.aliases))
            for name, actor in line.actors.items()
        ),
        suggestions=None if suggestions is msgspec.UNSET else cast("Any", suggestions),
        pipeline=PipelineInfo(pipeline.name, pipeline.version) if isinstance(pipeline, _Pipeline) else None,
    )


def _ranges_fit(line: _Line, text: str) -> bool:
    length = len(text)
    for span in line.spans:
        start, end = span.start, span.end
        if not 0 <= start < end <= length or text[start:end] != span.quote:
            return False
    for item in line.rejections:
        if not _is_stretch(item.start, item.end, length) or (item.alone and item.start is None):
            return False
    if isinstance(line.suggestions, list):
        for s in line.suggestions:
            first, last = s.start, s.end
            if not (first is last if first is None or last is None else 0 <= first < last <= length):
                return False
            for start, end in s.evidence:
                if not 0 <= start < end <= length:
                    return False
            if s.scores is not None and not all(0 <= value <= 1 for value in s.scores.values()):
                return False
    return True


def _is_stretch(start: int | None, end: int | None, length: int) -> bool:
    if start is None or end is None:
        return start is end
    return 0 <= start < end <= length


def _article(line: _Line, text: str, meta: Any) -> ArticleInput | None:
    names = ("source", "url", "published", "author", "language")
    if type(meta) is not dict or not all(name in meta for name in names):
        return None
    values = {name: meta.pop(name) for name in names}
    if not all(value is None or type(value) is str for value in values.values()):
        return None
    return ArticleInput(text=text, title=line.title, **values, meta=meta, uuid=line.id)


def _labels(line: _Line) -> list[Annotation]:
    return [
        Annotation(
            id=0,
            uuid=entry.id,
            article=0,
            annotator="",
            layer=layer,
            start=None,
            end=None,
            quote=None,
            **{name: getattr(entry, name) for name in entry.__struct_fields__ if name != "id"},
        )
        for layer, entries in line.labels.items()
        for entry in (entries if isinstance(entries, list) else [entries])
    ]


def _decisions_fit(line: _Line, decided: list[Any]) -> bool:
    """Tell whether ids are unique, actors are among the line's, and there is an annotator for it all."""
    if not decided and not line.rejections:
        return True
    named = {name for a in decided for name in (a.actor, a.holder, a.target)} - {None}
    return (
        line.annotator is not None
        and len({a.uuid for a in decided}) == len(decided)
        and named <= line.actors.keys()
    )
