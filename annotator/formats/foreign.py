"""What other tools' files say, as records: offsets in their unit, labels without a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

import msgspec

from annotator.formats.repair import MisfitError, Ruler, raw_ruler
from annotator.model import (
    Annotation,
    ArticleInput,
    ArticleRecord,
    Codebook,
    Origin,
    Progress,
    Rejection,
    Status,
)
from annotator.project.ordered_ids import ordered_ids
from annotator.text import normalise, sha256

Unit = Literal["code points", "UTF-16 units", "UTF-8 bytes"]
ENTITY, STANCE = "entity", "stance"
SEVERAL = "category"
"""The layer of several labels of one article, which no layer of a new project takes."""
LONGEST_LABEL = 200  # characters; what is longer was written, not chosen
SOMEBODY = ""
"""The annotator of a file that names none: whoever imports it."""


class Label(msgspec.Struct, frozen=True, gc=False):
    """A label on the stretch ``start`` to ``end`` of the raw text, in the file's unit; None: on all of it.

    ``layer`` "" leaves it to the codebook: see :func:`placed`. ``quote`` is what the file says stands there.
    ``when`` is the time that the file gives, ISO 8601 in UTC, and ``uuid`` its id; "" where it gives none.
    """

    label: str
    start: int | None = None
    end: int | None = None
    layer: str = ""
    quote: str | None = None
    actor: str | None = None
    holder: str | None = None
    target: str | None = None
    note: str = ""
    certainty: int | None = None
    when: str = ""
    uuid: str = ""


def foreign_record(
    text: str,
    labels: Iterable[Label],
    *,
    title: str = "",
    annotator: str | None = SOMEBODY,
    status: Status = "done",
    units: Sequence[Unit] = ("code points",),
    as_quoted: Callable[[str], str] = normalise,
    meta: Mapping[str, Any] | None = None,
    **metadata: str | None,
) -> ArticleRecord:
    """Return the record of an article that another tool labelled.

    ``text`` is as it came; it is normalised here, and the offsets go with it. Of ``units`` the first is taken
    in which every label with a quote stands on it, where ``as_quoted`` gives words as quotes say them.
    Where it is not the very first, the spans that it moved are ``repaired``. ``metadata`` are ``source``,
    ``url``, ``author``, ``published``, ``language`` and ``uuid``. Raises ``MisfitError`` where a stretch lies
    outside the text or its quote fits no unit.
    """
    clean = normalise(text)
    labels = list(labels)
    annotations: list[_Decided] = []
    error: MisfitError | None = None
    repaired = 0
    for unit in units:
        try:
            ruler = raw_ruler(text, unit)
            annotations = [
                _annotation(label, uuid, ruler, clean, as_quoted)
                for label, uuid in zip(labels, _new_ids(len(labels)), strict=True)
            ]
        except MisfitError as misfit:
            error = error or misfit
        else:
            error = None
            if unit != units[0]:
                repaired = sum(
                    (label.start, label.end) != (a.start, a.end)
                    for label, a in zip(labels, annotations, strict=True)
                )
            break
    if error is not None:
        raise error
    if not labels:
        annotator = None
    return ArticleRecord(
        ArticleInput(clean, normalise(title), meta=meta or {}, **metadata),
        sha256(clean),
        annotator,
        Progress(status) if labels else Progress(),
        cast("tuple[Annotation, ...]", tuple(annotations)),
        (),
        (),
        repaired=repaired,
    )


def _new_ids(number: int) -> list[str]:
    head, first = ordered_ids()
    return [f"{head}{each:012x}" for each in range(first, first + number)]


def _annotation(
    label: Label, uuid: str, ruler: Ruler, clean: str, as_quoted: Callable[[str], str]
) -> _Decided:
    start = end = quote = None
    if label.start is not None or label.end is not None:
        place = ruler.stretch(label.start, label.end)
        if place is None:
            is_within = None not in (ruler.point(label.start or 0), ruler.point(label.end or 0))
            where = "holds nothing of the text" if is_within else "lies outside the text"
            raise MisfitError(f"the span {label.start} to {label.end} {where}")
        start, end = place
        quote = clean[start:end]
        if label.quote not in (None, quote) and as_quoted(quote) != as_quoted(label.quote or ""):
            raise MisfitError(f"the span {label.start} to {label.end} holds {quote!r}, not {label.quote!r}")
    return _Decided(
        label.uuid or uuid, label.layer, label.label, start, end, quote,
        label.actor, label.holder, label.target, label.certainty, label.note, label.when, label.when,
    )  # fmt: skip


class _Decided(msgspec.Struct, gc=False):
    """What has an annotation's attributes and is made and changed in a fifth of the time: see ``typed``."""

    uuid: str
    layer: str
    label: str
    start: int | None
    end: int | None
    quote: str | None
    actor: str | None
    holder: str | None
    target: str | None
    certainty: int | None
    note: str
    created_at: str
    updated_at: str
    origin: Origin = "imported"
    component: str | None = None
    reason: str = ""
    seen_suggestion: str | None = None
    codebook_version: int = 1
    blind: bool = False
    id: int = 0
    article: int = 0
    annotator: str = ""


def placed(record: ArticleRecord, codebook: Codebook, me: str, when: str) -> ArticleRecord:
    """Return a foreign record with layers, annotator and time: what only the project that it comes to knows.

    A label goes to the layer that has one of its name, whatever its capitals; an unknown one becomes an
    entity's on a stretch, and a stance's on the whole article. Several on one article have a layer of
    their own.
    """
    decided = all(a.layer and a.created_at for a in record.annotations)
    if record.annotator != SOMEBODY and decided and all(r.layer for r in record.rejections):
        return record
    names: dict[tuple[str, bool], tuple[str, str]] = {}
    for layer in reversed(codebook.layers):
        for label in codebook.labels(layer.name):
            for whole in (False, True):
                if layer.scope == "both" or whole == (layer.scope == "article"):
                    names[label.name.casefold(), whole] = layer.name, label.name

    def place(layer: str, label: str, whole: bool) -> tuple[str, str]:
        if layer:
            return layer, label
        return names.get((label.casefold(), whole), (STANCE if whole else ENTITY, label))

    several = SEVERAL if sum(a.start is None and not a.layer for a in record.annotations) > 1 else ""
    annotations = []
    for a in cast("tuple[_Decided, ...]", record.annotations):
        whole = a.start is None
        layer_name, name = place(a.layer or (several if whole else ""), a.label, whole)
        new = msgspec.structs.replace(
            a,
            layer=layer_name,
            label=name,
            codebook_version=codebook.version,
            created_at=a.created_at or when,
            updated_at=a.updated_at or when,
        )
        annotations.append(new)
    return replace(
        record,
        annotator=me if record.annotator == SOMEBODY else record.annotator,
        annotations=cast("tuple[Annotation, ...]", tuple(annotations)),
        rejections=tuple(
            Rejection(*place(r.layer, r.label, r.start is None), r.start, r.end, r.alone)
            for r in record.rejections
        ),
    )
