"""Spans whose edges lie inside a token, where another tool can only hold whole ones."""

from __future__ import annotations

from annotator.model import Annotation, ArticleRecord
from annotator.text import printable

_NAMED = 20  # in a report; the rest is counted


class Unaligned:
    """Those of an export, to be named at its end."""

    def __init__(self) -> None:
        self.number = 0
        self._named: list[str] = []

    def add(self, record: ArticleRecord, annotation: Annotation) -> str:
        """Note one; return it in words."""
        self.number += 1
        words = printable(f"“{annotation.quote}” ({annotation.label}) in “{record.article.title}”", keep="")
        if len(self._named) < _NAMED:
            self._named.append(words)
        return words

    def sentences(self, what: str) -> list[str]:
        """Return what to say of them, nothing where there are none.

        ``what`` are the spans and what became of them, in the plural; number and names follow.
        """
        if not self.number:
            return []
        more = self.number - len(self._named)
        names = "; ".join(self._named) + (f"; and {more} more" if more else "")
        return [f"{what} ({self.number}): {names}."]
