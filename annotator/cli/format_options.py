"""What the command line says of file formats: --format and --map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from annotator import formats


def mapping_of(pairs: Sequence[str]) -> dict[str, str]:
    """Return which of a file's fields is which of ours; raises ``BadParameter`` for what is none of ours."""
    known = {field for each in formats.registry.formats() for field in each.fields or {}}
    choices = {what: may for each in formats.registry.formats() for what, may in each.choices.items()}
    for pair in pairs:
        if "=" not in pair:
            raise typer.BadParameter(f"{pair!r} is not OURS=THEIRS, as in title=headline")
    mapping = dict(pair.split("=", 1) for pair in pairs)
    for field in mapping.keys() - known - choices.keys():
        raise typer.BadParameter(
            f"{field!r} is none of our fields: {', '.join(sorted(known | choices.keys()))}"
        )
    for field in mapping.keys() & choices.keys():
        if mapping[field] not in choices[field]:
            raise typer.BadParameter(f"{field} is one of: {', '.join(choices[field])}")
    return mapping


def export_format(name: str | None, out: Path) -> formats.Format:
    """Return the format to write: the one named, or the first that writes files of this suffix."""
    possible = [each for each in formats.registry.formats() if each.exports]
    if name is None:  # a folder is made only for who names its format
        possible = [each for each in possible if out.suffix.lower() in each.suffixes]
        possible.sort(key=lambda each: each.folder)
    else:
        possible = [each for each in possible if each.name == name]
    if not possible:
        names = ", ".join(each.name for each in formats.registry.formats() if each.exports)
        raise typer.BadParameter(f"{name or out.name!r} tells no format that is written: {names}")
    return possible[0]
