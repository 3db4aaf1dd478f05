"""What every reader yields."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.model import ArticleRecord

READABLE = "make it readable, or leave it out"
"""What to do about a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record read from a file, and its line (from 1) where the file has many.

    ``lost`` names, in the plural, each thing that the file says of the article and that has no place in a
    project ("relations"), once for each time it occurs.
    """

    record: ArticleRecord
    line: int | None = None
    lost: tuple[str, ...] = ()
