"""The files of known names (``resources/gazetteer``), read line by line.

The format is explained in the README beside the files. The project asks them who an actor is, the pipeline
how its names are written.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from annotator.model import PipelineError

FOLDER = "gazetteer"
LANGUAGES = ("english", "russian", "armenian")


class GazetteerError(PipelineError):
    """A gazetteer file that a person has edited cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write a name. Matched as written, and in capitals unless ``exact``.

    ``doubtful``: also a common word or another's name, so it counts only where the model sees a name too.
    """

    name: str
    language: str = "english"
    exact: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: an actor, its kind, whom it belongs to, and its names in the three languages."""

    actor: str
    kind: str
    of: str
    aliases: tuple[Alias, ...]


def read_rows(name: str, text: str) -> Iterator[Row]:
    """Yield the rows of a file; raises :class:`GazetteerError` with the line that is wrong."""
    for number, line in enumerate(text.splitlines(), 1):
        if number == 1 or not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 6 or not columns[0] or not columns[1].isupper():
            raise GazetteerError(
                f"Line {number} of the gazetteer's {name} is not “actor, kind, of, English, Russian, "
                "Armenian” with tabs between them; mend that line."
            )
        actor, kind, of, *names = columns
        aliases = [_alias(n, lang) for lang, cell in zip(LANGUAGES, names, strict=True)
                   for n in cell.split("; ") if n]  # fmt: skip
        if actor not in [alias.name for alias in aliases if alias.language == "english"]:
            aliases.insert(0, Alias(actor))
        yield Row(actor, kind, of, tuple(aliases))


def _alias(name: str, language: str) -> Alias:
    return Alias(name.lstrip("=?"), language, exact=name[0] == "=", doubtful=name[0] == "?")


@dataclass(frozen=True, slots=True)
class NameFiles:
    """All rows in the order of the files' names, actor -> bloc, and a hash of what was read."""

    rows: tuple[Row, ...]
    blocs: dict[str, str]
    sha256: str


def read_files(folder: Traversable) -> NameFiles:
    """Read the files in ``folder``; raises :class:`GazetteerError` where one cannot be read."""
    digest = hashlib.sha256()
    texts = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".tsv", ".toml")):
            texts[file.name] = file.read_text(encoding="utf-8")
            digest.update(texts[file.name].encode())
    try:
        members: dict[str, list[str]] = tomllib.loads(texts.get("blocs.toml", ""))
    except tomllib.TOMLDecodeError as error:
        raise GazetteerError(
            f"The gazetteer's blocs.toml cannot be read ({error}); mend that line."
        ) from error
    rows = (row for name, text in texts.items() if name.endswith(".tsv") for row in read_rows(name, text))
    blocs = {actor: bloc for bloc, actors in members.items() for actor in actors}
    return NameFiles(tuple(rows), blocs, digest.hexdigest())
