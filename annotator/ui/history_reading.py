"""What the history reads of a project, some at a time: on a slow disk each part takes a while."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from annotator.model import Act, RowChange

if TYPE_CHECKING:
    from annotator.project.acts import ActLog

SHOWN = 60  # rows of one act, each as high as its words; a bulk act has many more
_TOGETHER = 10  # of them, that are read at once


def changes(acts: ActLog, act: Act) -> Generator[None, None, tuple[Act, list[RowChange]]]:
    """Return an act and its first rows, some at a time: on a slow disk each takes a while."""
    rows: list[RowChange] = []
    for offset in range(0, SHOWN, _TOGETHER):
        found = acts.changes(act.id, limit=_TOGETHER, offset=offset)
        if not found:
            break
        rows += found
        yield
    return act, rows


def annotators(acts: ActLog) -> Generator[None, None, list[str]]:
    """Return who did anything, by name."""
    found: set[str] = set()
    for names in acts.annotators_in_steps():
        found.update(names)
        yield
    return sorted(found)


def gathered(pages: Iterable[list[int]]) -> Generator[None, None, list[int]]:
    """Return what is on all ``pages``, page by page."""
    found: list[int] = []
    for page in pages:
        found += page
        yield
    return found
