"""Reading JSONL of schema ``annotator/1``: one line an article and annotator (docs/jsonl.md).

Lines are written by :mod:`annotator.project.lines`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, get_args

from annotator.formats.checked import (
    integer,
    is_probability,
    items,
    mapping,
    maybe_string,
    non_empty,
    one_of,
    require_keys,
    stretch,
    string,
    typed,
)
from annotator.formats.files import of_bundle
from annotator.formats.item import AdvisedError, Item, advised, refuse_wide, unreadable
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError, repaired
from annotator.formats.typed import record as typed_record
from annotator.model import (
    STATUSES,
    Actor,
    Annotation,
    ArticleInput,
    ArticleRecord,
    InputFileError,
    Origin,
    PipelineInfo,
    Progress,
    Rejection,
    Suggestion,
)
from annotator.project.lines import DECISION_KEYS
from annotator.text import LARGEST_TEXT, normalise, sha256, storable_json, too_long

SCHEMA = "annotator/1"
MEND = "mend the line as docs/jsonl.md describes, or take it out"
AT_ONCE = 1 << 20  # bytes that are read together: in what is read already a line's end is found quickly
LONGEST_LINE = 64_000_000  # bytes; a file of one endless line is not read into memory

METADATA = ("source", "url", "published", "author", "language")
_LINE = (
    "schema",
    "id",
    "sha256",
    "title",
    "text",
    "meta",
    "annotator",
    "status",
    "flagged",
    "note",
    "drawn",
    "labels",
    "spans",
    "rejections",
    "actors",
)
_WITH_SUGGESTIONS = ("suggestions", "pipeline")
_LABEL = ("id", "label", *DECISION_KEYS)
_SPAN = ("id", "layer", "label", "start", "end", "text", *DECISION_KEYS)
_REJECTION = ("layer", "label", "start", "end", "alone")
_ACTOR = ("id", "kind", "bloc", "aliases")
_ABOUT = ("actor", "holder", "target")
_SUGGESTION = (
    "layer",
    "label",
    "start",
    "end",
    "score",
    "scores",
    "reason",
    "evidence",
    "component",
    *_ABOUT,
)
_PIPELINE = ("name", "version")
# What the oldest exports do not have.
_LATER_IN_LINE = {"drawn": None}
_LATER_IN_DECISION = {"blind": False}
_LATER_IN_SUGGESTION = dict.fromkeys(_ABOUT)
_ONLY_WHERE_SO = {"alone": False}  # in a rejection


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the record of each line; raises ``InputFileError`` with the line.

    Everything is checked: JSON, schema, types, offsets, that each quote fits its offsets and the
    text its SHA-256. A byte order mark, CRLF and empty lines are accepted.
    """
    try:
        with path.open("rb", AT_ONCE) as file:
            lines = 0
            for number, raw in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), 1):
                if len(raw) > LONGEST_LINE:
                    raise InputFileError(path, f"is longer than {LONGEST_LINE:,} bytes; {MEND}", number)
                if number == 1:
                    refuse_wide(path, raw)
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                if not raw.strip():
                    continue
                lines += 1
                try:
                    record = typed_record(raw) or from_line(raw)
                except ValueError as error:
                    raise InputFileError(path, advised(error, MEND), number) from error
                yield Item(record, number)
            if not lines:
                raise InputFileError(path, "is empty; leave it out")
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error


def from_line(raw: bytes) -> ArticleRecord:
    """Return the record of one line; raises ``ValueError`` with the cause in plain words."""
    try:
        line = json.loads(raw.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start + 1} of the line)") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} (character {error.colno})") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    # Only an escape can bring what neither UTF-8 nor SQLite can hold into a string.
    if b"\\ud" in raw or b"\\uD" in raw or b"\\u0000" in raw:
        line = storable_json(line)
    if not isinstance(line, dict):
        raise ValueError("is no JSON object")
    if line.get("schema") != SCHEMA:
        refuse_newer(line)
        raise ValueError(f'is no line of Annotator\'s, since it lacks "schema": "{SCHEMA}"')
    with_suggestions = any(key in line for key in _WITH_SUGGESTIONS)
    keys = (*_LINE, *_WITH_SUGGESTIONS) if with_suggestions else _LINE
    require_keys(line, keys, "the line", _LATER_IN_LINE)
    return _record(line, with_suggestions)


def refuse_newer(line: dict[str, Any]) -> None:
    """Raise ``AdvisedError`` for a line of a schema of ours that only a later version knows."""
    schema = line.get("schema")
    match = _ANY_SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if match and int(match[1]) > 1:
        raise AdvisedError(
            f'is of the schema "{schema}", of a newer Annotator than this one, which reads "{SCHEMA}". '
            "Update Annotator, and import it again"
        )


def _record(line: dict[str, Any], with_suggestions: bool) -> ArticleRecord:
    text = normalise(string(line, "text"))
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(f"the text {too_long(len(text))}")
    digest = sha256(text)
    if digest != line["sha256"]:
        raise ValueError("the text does not fit its sha256: it was changed outside Annotator")
    try:
        return _checked(line, text, digest, with_suggestions)
    except MisfitError:
        better = repaired(line, line["text"], text)
        if better is None:
            raise
    return replace(_checked(better[0], text, digest, with_suggestions), repaired=better[1])


def _checked(line: dict[str, Any], text: str, digest: str, with_suggestions: bool) -> ArticleRecord:
    """Return the record of a line whose ``text`` is right; ``MisfitError``: a quote stands elsewhere."""
    labels = mapping(line, "labels")
    if "" in labels:
        raise ValueError("a layer has no name")
    annotations = [
        _annotation(entry, layer, None)
        for layer, entries in labels.items()
        for entry in (entries if isinstance(entries, list) else [entries])
    ]
    annotations += [_annotation(entry, None, text) for entry in items(line, "spans")]
    ids = {a.uuid for a in annotations}
    if len(ids) < len(annotations):
        raise ValueError("two annotations have the same id")
    actors = tuple(_actor(name, entry) for name, entry in mapping(line, "actors").items())
    names = {actor.name for actor in actors}
    for a in annotations:
        for name in (a.actor, a.holder, a.target):
            if name is not None and name not in names:
                raise ValueError(f"the actor {name!r} is not among the line's actors")
    rejections = tuple(_rejection(entry, len(text)) for entry in items(line, "rejections"))
    annotator = maybe_string(line, "annotator")
    if annotator is None and (annotations or rejections):
        raise ValueError("annotations and rejections need an annotator")
    if annotator == "":
        raise ValueError("annotator is empty")
    return ArticleRecord(
        article=_article(line, text),
        sha256=digest,
        annotator=annotator,
        progress=Progress(
            one_of(line, "status", STATUSES),
            typed(line, "flagged", bool, "true or false"),
            string(line, "note"),
            maybe_string(line, "drawn"),
        ),
        annotations=tuple(annotations),
        rejections=rejections,
        actors=actors,
        suggestions=(
            tuple(_suggestion(entry, len(text)) for entry in items(line, "suggestions"))
            if with_suggestions
            else None
        ),
        pipeline=_pipeline(line["pipeline"]) if with_suggestions else None,
    )


def _article(line: dict[str, Any], text: str) -> ArticleInput:
    meta = mapping(line, "meta")
    for name in METADATA:
        if name not in meta:
            raise ValueError(f"meta lacks {name!r}")
    uuid = string(line, "id")
    if not uuid:
        raise ValueError("id is empty")
    return ArticleInput(
        text=text,
        title=string(line, "title"),
        **{name: maybe_string(meta, name) for name in METADATA},
        meta={name: value for name, value in meta.items() if name not in METADATA},
        uuid=uuid,
    )


def _annotation(entry: Any, layer: str | None, text: str | None) -> Annotation:
    """Return an entry of ``spans`` (``text`` given) or of ``labels`` (``layer`` given)."""
    start = end = quote = None
    if text is None:
        what = f"the {layer} label"
        require_keys(entry, _LABEL, what, _LATER_IN_DECISION)
    else:
        what = "a span"
        require_keys(entry, _SPAN, what, _LATER_IN_DECISION)
        quote = string(entry, "text")
        start, end = stretch(entry, len(text), what)
        if start is None or text[start:end] != quote:
            raise MisfitError(f"the span {start} to {end} does not hold {_short(quote)!r}")
    return Annotation(
        id=0,
        uuid=non_empty(entry, "id"),
        article=0,
        annotator="",
        layer=non_empty(entry, "layer") if layer is None else layer,
        label=non_empty(entry, "label"),
        start=start,
        end=end,
        quote=quote,
        actor=maybe_string(entry, "actor"),
        holder=maybe_string(entry, "holder"),
        target=maybe_string(entry, "target"),
        certainty=None if entry["certainty"] is None else integer(entry, "certainty"),
        note=string(entry, "note"),
        origin=one_of(entry, "origin", get_args(Origin)),
        component=maybe_string(entry, "component"),
        reason=string(entry, "reason"),
        seen_suggestion=maybe_string(entry, "seen_suggestion"),
        codebook_version=integer(entry, "codebook_version"),
        created_at=string(entry, "created_at"),
        updated_at=string(entry, "updated_at"),
        blind=typed(entry, "blind", bool, "true or false"),
    )


def _rejection(entry: Any, length: int) -> Rejection:
    what = "a rejection"
    require_keys(entry, _REJECTION, what, _ONLY_WHERE_SO)
    start, end = stretch(entry, length, what)
    alone = typed(entry, "alone", bool, "true or false")
    if alone and start is None:
        raise ValueError("a rejection is of one mention alone, and has no start and end")
    return Rejection(non_empty(entry, "layer"), non_empty(entry, "label"), start, end, alone)


def _actor(name: str, entry: Any) -> Actor:
    what = f"the actor {name!r}"
    require_keys(entry, _ACTOR, what)
    aliases = items(entry, "aliases")
    if not all(isinstance(alias, str) for alias in aliases):
        raise ValueError(f"the aliases of {what} are no list of strings")
    return Actor(
        non_empty(entry, "id"), name, maybe_string(entry, "kind"), maybe_string(entry, "bloc"), tuple(aliases)
    )


def _suggestion(entry: Any, length: int) -> Suggestion:
    what = "a suggestion"
    require_keys(entry, _SUGGESTION, what, _LATER_IN_SUGGESTION)
    start, end = stretch(entry, length, what)
    score, scores = entry["score"], entry["scores"]
    if score is not None and not is_probability(score):
        raise ValueError("the score of a suggestion is no number from 0 to 1")
    if scores is not None and not (
        isinstance(scores, dict) and all(is_probability(value) for value in scores.values())
    ):
        raise ValueError("the scores of a suggestion are no object of numbers from 0 to 1")
    evidence = []
    for item in items(entry, "evidence"):
        if not (isinstance(item, list) and len(item) == 2 and all(type(n) is int for n in item)):
            raise ValueError("the evidence of a suggestion is no list of [start, end]")
        if not 0 <= item[0] < item[1] <= length:
            raise ValueError(f"the evidence {item[0]} to {item[1]} lies outside the text")
        evidence.append((item[0], item[1]))
    return Suggestion(
        layer=non_empty(entry, "layer"),
        label=maybe_string(entry, "label"),
        start=start,
        end=end,
        component=string(entry, "component"),
        reason=string(entry, "reason"),
        score=score,
        scores=scores,
        evidence=tuple(evidence),
        actor=maybe_string(entry, "actor"),
        holder=maybe_string(entry, "holder"),
        target=maybe_string(entry, "target"),
    )


def _pipeline(entry: Any) -> PipelineInfo | None:
    if entry is None:
        return None
    require_keys(entry, _PIPELINE, "the pipeline")
    return PipelineInfo(string(entry, "name"), string(entry, "version"))


def _short(quote: str) -> str:
    return quote if len(quote) <= 60 else quote[:59] + "…"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is no JSON")


_ANY_SCHEMA = re.compile(r"annotator/(\d{1,9})( without texts)?")
_OURS = re.compile(rb'"schema"\s*:\s*"annotator/\d+"')

FORMAT = Format(
    "jsonl",
    "Annotator JSONL",
    (".jsonl",),
    read,
    lambda path, head: _OURS.search(head) is not None and not of_bundle(path),
    exports=True,
    holds_suggestions=True,
)
