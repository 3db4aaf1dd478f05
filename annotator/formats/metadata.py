"""Metadata in other tools' files: theirs under the usual names, and ours as our own exports carry it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotator.dates import from_words
from annotator.formats.txt import guess_title
from annotator.model import STATUSES, Actor, Annotation, ArticleRecord, Codebook, Progress
from annotator.text import normalise, storable

OWN = "annotator"
"""The key of what an export of ours says that the tool itself has no place for: see :func:`own_entry`."""

LEFT_OUT = ("suggestions", "where annotations came from", "when each was made")
"""What no other tool's file has a place for, our own entry included."""

USUAL = {
    "title": ("title", "headline"),
    "source": ("source", "publisher", "newspaper"),
    "url": ("url", "link"),
    "author": ("author", "byline"),
    "published": ("published", "date"),
    "language": ("language", "lang"),
}
"""Columns of an article, with the names that they have in other tools' files."""
_FORM = 1  # of the own entry
_ABOUT = ("actor", "holder", "target", "certainty", "note")
_NAMESPACE = uuid.UUID("6f1f6a52-6d0c-4c1e-9a8e-0b6c7d0f3a11")


def usual(meta: Any, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (columns of an article, the rest) of metadata with the usual names; a title is guessed.

    ``columns`` has ``title``, always, and those of the others that are there. A date in words becomes one of
    ISO 8601 where it can only mean one.
    """
    rest = dict(meta) if isinstance(meta, Mapping) else {} if meta is None else {"meta": meta}
    columns: dict[str, Any] = {}
    for name, usual_names in USUAL.items():
        for key in usual_names:
            if isinstance(rest.get(key), str) and rest[key].strip():
                columns[name] = rest.pop(key)
                if name == "published":
                    words = columns[name]
                    columns[name], is_all = from_words(" ".join(words.split()))
                    if not is_all:
                        rest[key] = words
                break
    columns.setdefault("title", guess_title(normalise(text), ""))
    return columns, rest


def lasting_id(tool: str, *parts: Any) -> str:
    """Return the id of an article that another tool's file names by ``parts``, the same at each import."""
    return str(uuid.uuid5(_NAMESPACE, storable("\0".join([tool, *map(str, parts)])).replace("\0", "\n")))


def own_entry(record: ArticleRecord, **more: Any) -> dict[str, Any]:
    """Return what a record holds beside text, annotator and annotations, as JSON, with ``more``."""
    article = record.article
    return {
        "form": _FORM,
        "id": article.uuid,
        "sha256": record.sha256,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "author": article.author,
        "published": article.published,
        "language": article.language,
        "meta": dict(article.meta),
        "status": record.progress.status,
        "flagged": record.progress.flagged,
        "note": record.progress.note,
        "drawn": record.progress.drawn,
        "actors": actor_rows(record),
        **more,
    }


def actor_rows(record: ArticleRecord) -> list[list[Any]]:
    """Return the actors that a record's annotations name: id, name, kind, bloc, other names."""
    return [[actor.uuid, actor.name, actor.kind, actor.bloc, actor.aliases] for actor in record.actors]


def _actors(rows: Any, annotations: Sequence[Annotation]) -> tuple[Actor, ...]:
    """Return the actors of :func:`actor_rows` that are still named; what is of another type is left out."""
    named = {name for a in annotations for name in (a.actor, a.holder, a.target)}
    found: dict[str, Actor] = {}
    for row in rows if isinstance(rows, list) and named != {None} else ():
        if not isinstance(row, list) or len(row) != 5:
            continue
        uuid_, name, kind, bloc, aliases = row
        is_one = type(uuid_) is str and uuid_ and type(name) is str and name in named
        about = all(value is None or type(value) is str for value in (kind, bloc))
        if is_one and about and isinstance(aliases, list) and all(type(alias) is str for alias in aliases):
            found[name] = Actor(uuid_, name, kind, bloc, tuple(aliases))
    return tuple(found.values())


_NAMES = {"id", "source", "url", "author", "published", "language", "drawn"}


def own(entry: Any) -> dict[str, Any] | None:
    """Return the entry of an export of ours, None where a file has none, or none that is whole."""
    if not isinstance(entry, dict) or entry.get("form") != _FORM:
        return None
    strings = (entry.get(name) for name in ("sha256", "title", "status", "note"))
    maybe = (entry.get(n) for n in ("id", "source", "url", "author", "published", "language", "drawn"))
    if (
        all(type(value) is str for value in strings)
        and all(value is None or type(value) is str for value in maybe)
        and isinstance(entry.get("meta"), dict)
        and type(entry.get("flagged")) is bool
        and entry["status"] in STATUSES
        and entry.keys() >= _NAMES
    ):
        return entry
    return None


def restored(record: ArticleRecord, entry: dict[str, Any]) -> ArticleRecord:
    """Return ``record`` with the metadata of its :func:`own_entry`, and its id where the text is the same."""
    names = ("title", "source", "url", "author", "published", "language", "meta")
    article = replace(
        record.article,
        **{name: entry[name] for name in names},
        uuid=entry["id"] if entry["sha256"] == record.sha256 else record.article.uuid,
    )
    progress = record.progress
    if record.annotator is not None:
        progress = Progress(entry["status"], entry["flagged"], entry["note"], entry["drawn"])
    actors = _actors(entry.get("actors"), record.annotations)
    return replace(record, article=article, progress=progress, actors=actors)


def about(annotation: Annotation) -> dict[str, Any]:
    """Return what an annotation says beside its label and stretch, without what it leaves open."""
    a = annotation
    if a.certainty is None and not (a.actor or a.holder or a.target or a.note):
        return {}  # most of them
    return {name: value for name in _ABOUT if (value := getattr(annotation, name)) not in (None, "")}


def said(entry: Any) -> dict[str, Any]:
    """Return what :func:`about` gave, to make a label of; what is of another type is left out.

    So is a certainty of another scale than ours, which other tools may call the same.
    """
    if not isinstance(entry, dict) or not entry:
        return {}
    return {
        name: entry[name]
        for name in _ABOUT
        if type(entry.get(name)) is (int if name == "certainty" else str) and entry[name] != ""
        if name != "certainty" or entry[name] in (1, 2, 3)
    }


def about_rows(record: ArticleRecord, names: Names) -> list[dict[str, Any]]:
    """Return :func:`about` of the annotations that say something, each with its name and stretch."""
    return [
        {"name": names.of(a.layer, a.label), "start": a.start, "end": a.end, **more}
        for a in record.annotations
        if (more := about(a))
    ]


def said_rows(entry: Mapping[str, Any] | None) -> dict[tuple[Any, Any, Any], dict[str, Any]]:
    """Return what :func:`about_rows` gave in our entry's ``about``, by name, start and end."""
    rows = (entry or {}).get("about")
    return {
        (row.get("name"), row.get("start"), row.get("end")): said(row)
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
        and isinstance(row.get("name"), str)
        and all(isinstance(row.get(key), int | None) for key in ("start", "end"))
    }


class Names:
    """What labels are called where a file has no layers: by their name, with the layer where two have it."""

    def __init__(self, codebook: Codebook) -> None:
        every = [(label.layer, label.name) for layer in codebook.layers for label in layer.labels]
        count = Counter(name for _, name in every)
        self._names: dict[tuple[str, str], str] = {}
        for layer, label in every:
            name = label if count[label] == 1 else f"{layer}/{label}"
            while name in self._names.values() or (count[name] and name != label):
                name += "'"
            self._names[layer, label] = name

    def of(self, layer: str, label: str) -> str:
        """Return what a label is called."""
        return self._names[layer, label]

    def whole(self, codebook: Codebook) -> list[str]:
        """Return the labels, those in use, that a whole article may have."""
        layers = [layer.name for layer in codebook.layers if layer.scope != "span"]
        return [self.of(layer, label.name) for layer in layers for label in codebook.labels(layer)]

    def used(self, record: ArticleRecord) -> dict[str, list[str]]:
        """Return the layer and label of each name that a record needs, for the own entry's ``labels``."""
        pairs = {(a.layer, a.label) for a in record.annotations}
        pairs |= {(r.layer, r.label) for r in record.rejections}
        return {self.of(*pair): [*pair] for pair in sorted(pairs)}


def layer_and_label(entry: Mapping[str, Any] | None, name: str) -> tuple[str, str]:
    """Return what :class:`Names` called ``name``, by our entry; else no layer, and the name itself."""
    labels = (entry or {}).get("labels")
    pair = labels.get(name) if isinstance(labels, dict) else None
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) and part for part in pair):
        return pair[0], pair[1]
    return "", name
