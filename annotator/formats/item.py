"""What every reader yields."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.model import ArticleRecord

READABLE = "make it readable, or leave it out"
"""What to do about a file that cannot be read."""

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


@dataclass(frozen=True, slots=True)
class Item:
    """A record read from a file, and its line (from 1) where the file has many.

    ``lost`` names, in the plural, each thing that the file says of the article and that has no place in a
    project ("relations"), once for each time it occurs. ``by_text``: the file gives the article neither an id
    nor metadata, so the one that has its text already is meant.
    """

    record: ArticleRecord
    line: int | None = None
    lost: tuple[str, ...] = ()
    by_text: bool = False
