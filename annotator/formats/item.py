"""What every reader yields."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.model import ArticleRecord


@dataclass(frozen=True, slots=True)
class Item:
    """A record read from a file, and its line (from 1) where the file has many."""

    record: ArticleRecord
    line: int | None = None
