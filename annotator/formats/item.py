"""What every reader yields."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.model import ArticleRecord


@dataclass(frozen=True, slots=True)
class Item:
    """A record read from a file; ``done`` counts the bytes read so far, ``line`` from 1."""

    record: ArticleRecord
    done: int
    line: int | None = None
