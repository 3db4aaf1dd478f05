"""Looking at what an export would leave out or change, before anything is written."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats.exporting import ExportProgress, feed, refuse_what_cannot_be
from annotator.formats.registry import Choice, Format
from annotator.formats.tally import count
from annotator.model import ArticleRecord, Status

if TYPE_CHECKING:
    from annotator.project.store import Project


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What an export would go through; ``said`` is what it would lose, ``spans`` those it would not keep.

    ``left_out`` of the ``verified`` spans would not be written.
    """

    lines: int
    articles: int
    verified: int
    said: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    left_out: int = 0

    def summary(self) -> str:
        """Return all of it, the spans a line each."""
        return "\n".join(
            [
                f"{count(self.lines, 'line')} ({count(self.articles, 'article')}) to write, "
                f"{self.verified - self.left_out} of {self.verified} spans verified"
                f"{f', {self.left_out} would be left out' if self.left_out else ''}.",
                *self.said,
                *(f"  {words}" for words in self.spans),
                "Nothing was written.",
            ]
        )


class _Nothing:
    """Takes records and does nothing."""

    def add(self, record: ArticleRecord) -> None:
        pass

    def close(self) -> Sequence[str]:
        return ()


def check_export(
    project: Project,
    format: Format,
    *,
    status: Status | None = None,
    annotator: str | None = None,
    with_suggestions: bool = False,
    with_texts: bool = True,
) -> Generator[ExportProgress, None, ExportCheck]:
    """Say what an export would not hold as it is; step the generator until it returns that.

    Where the format has no check of its own, what writes it does, into a place that is thrown away. What
    :func:`annotator.formats.export` refuses is refused here too.
    """
    choice, codebook = Choice(status, annotator, with_suggestions, with_texts), project.codebook.read()
    refuse_what_cannot_be(format, choice)
    if format.check is not None:
        written = yield from feed(project, format.check(codebook), choice)
        return ExportCheck(*written[:3], written.lost[:1], written.lost[1:])
    if format.writer is None and format.whole is None:
        written = yield from feed(project, _Nothing(), choice)
        return ExportCheck(*written[:3])
    with tempfile.TemporaryDirectory(prefix="annotator-") as folder:
        place = Path(folder) / "out"
        if format.folder:
            place.mkdir()
        if format.whole is not None:
            written = yield from format.whole(project, place, choice)
        else:
            assert format.writer is not None
            written = yield from feed(project, format.writer(place, codebook), choice)
    left_out = ", ".join(f"{what} ({number})" for what, number in written.left_out)
    said = (*written.lost, f"Spans left out: {left_out}.") if left_out else written.lost
    return ExportCheck(*written[:3], tuple(said), left_out=sum(number for _, number in written.left_out))
