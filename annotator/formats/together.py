"""Writers that take several articles at once: what is looked for in all of them together takes less time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from annotator.model import ArticleRecord

_CHARACTERS = 32_000  # articles are written as soon as they have more


class Together(ABC):
    """Gathers articles, and has them written when there is enough of them."""

    def __init__(self) -> None:
        self._waiting: list[ArticleRecord] = []
        self._characters = 0

    def add(self, record: ArticleRecord) -> None:
        """Take a record, to be written with others."""
        self._waiting.append(record)
        self._characters += len(record.article.text)
        if self._characters > _CHARACTERS:
            self.write_waiting()

    def write_waiting(self) -> None:
        """Write what waits for it."""
        records, self._waiting, self._characters = self._waiting, [], 0
        if records:
            self.write(records)

    @abstractmethod
    def write(self, records: Sequence[ArticleRecord]) -> None:
        """Write records, one or more."""
