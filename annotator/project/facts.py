"""What the gazetteer's files say about an actor: its kind and its bloc, for actors that are made.

The files are read here by their first columns alone; finding names in a text is the business of
:mod:`annotator.nlp.gazetteer`, which the project may not know.
"""

from __future__ import annotations

import tomllib
from functools import cache

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
    folder = resource("gazetteer")
    if not folder.is_dir():
        return {}
    members: dict[str, list[str]] = tomllib.loads(folder.joinpath("blocs.toml").read_text(encoding="utf-8"))
    blocs = {actor: bloc for bloc, actors in members.items() for actor in actors}
    found: dict[str, dict[str, str | None]] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".tsv"):
            for line in file.read_text(encoding="utf-8").splitlines()[1:]:
                actor, kind, of, *_ = [*line.split("\t"), "", ""]
                if actor and not actor.startswith("#"):
                    kinds = found.setdefault(actor, {})
                    kinds[kind] = kinds.get(kind) or blocs.get(actor) or blocs.get(of)
    return found
