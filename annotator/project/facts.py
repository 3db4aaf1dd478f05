"""What the gazetteer's files say about an actor: its kind, its bloc and its names."""

from __future__ import annotations

from functools import cache

from annotator.name_files import FOLDER, GazetteerError, read_files
from annotator.resources import resource


def facts(actor: str, label: str | None = None) -> tuple[str | None, str | None]:
    """Return the kind and bloc of an actor of which a mention is labelled ``label`` (None: not known).

    Where the gazetteer does not know it, the kind is ``label``; a person is never what is none by name.
    """
    kinds = _known()[0].get(actor, {})
    if label in kinds:
        return label, kinds[label]
    for kind, bloc in kinds.items():
        if label is None or (kind == "PERSON") == (label == "PERSON"):
            return kind, bloc
    return label, None


def known_names() -> dict[str, dict[str, None]]:
    """Return every actor of the gazetteer with its other names, in all alphabets; not to be changed."""
    return _known()[1]


@cache
def _known() -> tuple[dict[str, dict[str, str | None]], dict[str, dict[str, None]]]:
    """Return actor -> kind -> bloc, and actor -> its other names, in their order.

    The bloc is where the actor is listed, else where the one that it is "of" is.
    """
    found: dict[str, dict[str, str | None]] = {}
    names: dict[str, dict[str, None]] = {}
    try:
        files = read_files(resource(FOLDER))
    except (GazetteerError, OSError):
        return found, names  # suggesting says what is wrong with them; deciding on actors goes on
    for row in files.rows:
        kinds = found.setdefault(row.actor, {})
        kinds[row.kind] = kinds.get(row.kind) or files.blocs.get(row.actor) or files.blocs.get(row.of)
        names.setdefault(row.actor, {}).update((a.name, None) for a in row.aliases if a.name != row.actor)
    return found, names
