"""An act that is being done: in one transaction, or in many that are taken back together."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, TypeVar

from annotator.model import AnnotatorError, Cancelled, Change
from annotator.project.swapping import SwapProgress, take_back_in_steps

if TYPE_CHECKING:
    from annotator.project.history import History

P = TypeVar("P")  # what a step yields: how far it is


class OpenAct:
    """An act that is being done. ``change`` is complete once its ``with`` block has ended."""

    def __init__(self, id: int, text: str, article: int | None) -> None:
        self.id = id
        self.text = text
        self.article = article
        self.change = Change(text, article, frozenset())


class LongAct:
    """An act in many transactions: import, merge, bulk writes.

    Until :meth:`finish` it is marked open in the file: a crash leaves it so, and the next opening
    rolls it back. No other act can begin meanwhile.
    """

    def __init__(self, history: History, act: OpenAct) -> None:
        self._history = history
        self._act = act

    @property
    def id(self) -> int:
        """The act's number."""
        return self._act.id

    @contextmanager
    def step(self, *, checked: bool = True) -> Iterator[None]:
        """Do a part of the act in a transaction of its own.

        Not ``checked``, SQLite does not look up, row by row, whether what a row refers to is there: it takes
        a tenth of the time. For rows that are made of those which they refer to.
        """
        with nullcontext() if checked else self._history.unchecked(), self._history.transaction():
            self._history.record(self._act.id)
            yield
            self._history.record(None)

    def finish(self, text: str) -> Change:
        """Complete the act, described by ``text``; an act that touched nothing leaves no trace."""
        self._act.text = text
        with self._history.transaction():
            return self._history.close(self._act)

    def run(self, steps: Generator[P, None, str]) -> Generator[P | SwapProgress, None, Change]:
        """Step ``steps``, which return the act's text, and complete it; however else they end, take all back.

        Thrown ``Cancelled`` into, it yields on while it takes back in steps, and raises it at the end.
        """
        finished = False
        try:
            try:
                change = self.finish((yield from steps))
                finished = True
            except (Cancelled, AnnotatorError):
                yield from self.cancel_in_steps()
                finished = True
                raise
        finally:
            if not finished:
                self.cancel()
        return change

    def cancel(self) -> None:
        """Undo all steps and forget the act.

        Where that cannot be written now (the disk is full), it raises, and is done before the next act.
        """
        self._history.cancelled = self._act.id
        self._history.finish_cancelling()

    def cancel_in_steps(self) -> Generator[SwapProgress, None, None]:
        """Do what :meth:`cancel` does, in steps. Once begun it is completed, by the next act if need be."""
        yield from take_back_in_steps(self._history.project, self._act.id)
