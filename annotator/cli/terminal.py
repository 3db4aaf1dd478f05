"""How far a command is, shown on a terminal, and Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import typer

from annotator.model import AnnotatorError

PATIENCE = 0.5  # seconds without a bar


class Bar(Protocol):
    """Shows how far something is."""

    def show(self, done: int, total: int) -> None: ...  # noqa: D102


class NoBar:
    """Shows nothing."""

    def show(self, done: int, total: int) -> None:
        """Show nothing: nobody is looking."""


class TerminalBar:
    """Appears when the work takes longer than :data:`PATIENCE`."""

    def __init__(self, label: str, shown: ExitStack) -> None:
        self._label = label
        self._shown = shown
        self._bar: Any = None
        self._began = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Show ``done`` of ``total``; a total of 0 is not known yet."""
        if self._bar is None and time.monotonic() - self._began >= PATIENCE:
            bar: Any = typer.progressbar(length=1, label=self._label, file=sys.stderr)
            self._bar = self._shown.enter_context(bar)
        if self._bar is not None and total:
            self._bar.length = total
            self._bar.update(done - self._bar.pos)


@contextmanager
def progress(label: str) -> Iterator[Bar]:
    """Show a bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield NoBar()
        return
    with ExitStack() as shown:
        yield TerminalBar(label, shown)


def finish(steps: Generator[Any, None, Any], bar: Bar, stopped: str) -> Any:
    """Step a generator to its end, showing how far it is; return its result. Ctrl-C closes it."""
    try:
        while True:
            step = next(steps)
            bar.show(step.done, step.total)
    except StopIteration as end:
        return end.value
    except KeyboardInterrupt:
        steps.close()
        raise AnnotatorError(stopped) from None
