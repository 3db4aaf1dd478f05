"""What the gazetteer's files say about an actor: its kind and its bloc, for actors that are made."""

from __future__ import annotations

from functools import cache

from annotator.name_files import FOLDER, GazetteerError, read_files
from annotator.resources import resource


def facts(actor: str, label: str | None = None) -> tuple[str | None, str | None]:
    """Return the kind and bloc of an actor of which a mention is labelled ``label`` (None: not known).

    Where the gazetteer does not know it, the kind is ``label``; a person is never what is none by name.
    """
    kinds = _known().get(actor, {})
    if label in kinds:
        return label, kinds[label]
    for kind, bloc in kinds.items():
        if label is None or (kind == "PERSON") == (label == "PERSON"):
            return kind, bloc
    return label, None


@cache
def _known() -> dict[str, dict[str, str | None]]:
    """Return actor -> kind -> bloc: where the actor is listed, else where the one that it is "of" is."""
    folder = resource(FOLDER)
    found: dict[str, dict[str, str | None]] = {}
    try:
        files = read_files(folder)
    except (GazetteerError, OSError):
        return found  # suggesting says what is wrong with them; deciding on actors goes on
    for row in files.rows:
        kinds = found.setdefault(row.actor, {})
        kinds[row.kind] = kinds.get(row.kind) or files.blocs.get(row.actor) or files.blocs.get(row.of)
    return found
