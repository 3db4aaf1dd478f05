"""What every reader yields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from annotator.model import ArticleRecord, InputFileError

MEND = "mend it there, or export the file again"
"""What to do about a wrong line of another tool's file."""

AS_TEXT = "save it as UTF-8 text, or leave it out"
"""What to do about what does not look like text."""


class AdvisedError(ValueError):
    """What is wrong with a part of a file, in a sentence that says itself what to do about it."""


def advised(error: ValueError, advice: str = MEND) -> str:
    """Return what is wrong with a part of a file, and what to do about it."""
    return str(error) if isinstance(error, AdvisedError) else f"{error}; {advice}"


def unreadable(error: OSError) -> str:
    """Return why the system does not give a file, and what to do about it."""
    return f"cannot be read: {(error.strerror or str(error)).lower()}; make it readable, or leave it out"


REPORT = '<meta name="generator" content="Annotator report">'
"""By which our own report is known."""
QUOTATIONS = "# Quotations\n"
"""The first line of our own list of quotations in Markdown."""


def written_only(what: str) -> str:
    """Return why a file of ours that is for people to read is not imported."""
    return (
        f"is a {what} of Annotator, for people to read. To bring its articles and annotations in, export the "
        "same project as Annotator JSONL, and import that"
    )


def refuse_wide(path: Path, head: bytes) -> None:
    """Raise ``InputFileError`` where JSON is in UTF-16 or UTF-32: by its mark, or a zero beside a bracket."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or b"\0" in head[:2]:
        wide = head.startswith((b"\xff\xfe\0\0", b"\0\0")) or head[1:4] == b"\0\0\0"
        raise InputFileError(
            path, f"is in UTF-{32 if wide else 16}, and JSON is in UTF-8. Save the file in UTF-8"
        )


@dataclass(frozen=True, slots=True)
class Item:
    """A record read from a file, and its line (from 1) where the file has many.

    ``lost`` names, in the plural, each thing that the file says of the article and that has no place in a
    project ("relations"), once for each time it occurs. ``by_text``: the file gives the article neither an id
    nor metadata, so the one that has its text already is meant. ``file_id``: what the file calls
    an article that the project has under another id; it takes of the file's metadata what it lacks.
    ``lost_if_new`` is ``lost`` too where the project does not have the article. ``alone``: it is all that the
    file says of its article, so that another with the same id repeats it.
    """

    record: ArticleRecord
    line: int | None = None
    lost: tuple[str, ...] = ()
    by_text: bool = False
    file_id: str | None = None
    lost_if_new: tuple[str, ...] = ()
    alone: bool = False
