"""Exporting a project as JSONL: streamed beside its target, moved into place when it is whole."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats.importing import STEP_SECONDS, count
from annotator.model import ProjectError, Status, StorageError
from annotator.project.leftovers import remove_leftovers, unfinished

if TYPE_CHECKING:
    from annotator.project.lines import Line
    from annotator.project.store import Project


_BUFFER = 1 << 20  # bytes: a line is longer than Python's own buffer


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far an export is: ``done`` of ``total`` articles."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote: ``verified`` of its ``spans`` were compared with the text."""

    path: Path
    lines: int
    articles: int
    spans: int
    verified: int

    def summary(self) -> str:
        """Return what was written in plain sentences."""
        return (
            f"{count(self.lines, 'line')} ({count(self.articles, 'article')}) written to {self.path.name}.\n"
            f"{self.verified} of {self.spans} spans verified"
        )


def export_jsonl(
    project: Project,
    path: Path,
    *,
    status: Status | None = None,
    annotator: str | None = None,
    with_suggestions: bool = False,
) -> Generator[ExportProgress, None, ExportReport]:
    """Write the project to ``path``; step the generator until it returns the report.

    ``status`` and ``annotator`` keep only the lines that have them. A step takes about 10 ms. Closing the
    generator, or an exception, leaves an older file at ``path`` as it was. Raises ``StorageError``
    where it cannot be written, and ``DamagedProjectError`` where a span or text does not verify.
    """
    if (act := project.history.unfinished()) is not None:
        raise ProjectError(
            f"“{act.text}” is not finished in {project.path.name}. Wait for it; if it was cut off, open the "
            "project once, which takes it back. Then export."
        )
    target = Path(path).resolve()  # through a symbolic link, not instead of it
    if target.exists() and target.samefile(project.path):
        raise StorageError(f"{target.name} is the project itself. Choose another name for the export.")
    if target.exists() and not target.is_file():
        raise StorageError(f"{target.name} is not a file that can be replaced. Choose another name.")
    part = unfinished(target, "part")
    total = project.articles.count()
    lines = articles = spans = seen = written = 0
    with _plain_errors(target):
        try:
            remove_leftovers(target.parent)
            with (
                part.open("xb", buffering=_BUFFER) as file,
                closing(_chunks(project, with_suggestions, status, annotator)) as chunks,
            ):
                due = time.perf_counter() + STEP_SECONDS
                for number, chunk in chunks:
                    seen += number
                    for article, verified, line in chunk:
                        file.write(line)
                        file.write(b"\n")
                        lines += 1
                        spans += verified
                        articles += article != written
                        written = article
                    if time.perf_counter() >= due:
                        yield ExportProgress(seen, max(seen, total))
                        due = time.perf_counter() + STEP_SECONDS
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return ExportReport(Path(path), lines, articles, spans, spans)


def _chunks(
    project: Project, with_suggestions: bool, status: Status | None, annotator: str | None
) -> Generator[tuple[int, list[Line]], None, None]:
    changed = f"{project.path.name} was changed while it was being exported. Export it again."
    total, seen = project.articles.count(), 0
    with project.plain_errors():
        try:
            for number, lines in project.lines.chunks(
                with_suggestions=with_suggestions, status=status, annotator=annotator
            ):
                seen += number
                yield number, lines
        except KeyError as error:
            raise ProjectError(changed) from error
        if seen != total:
            raise ProjectError(changed)


@contextmanager
def _plain_errors(target: Path) -> Iterator[None]:
    """Turn the system's errors into one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOENT: f"there is no folder {target.parent}. Make it, or choose another one.",
            errno.ENOTDIR: f"there is no folder {target.parent}. Make it, or choose another one.",
            errno.ENOSPC: "the disk is full. Make room, or choose another one.",
            errno.EDQUOT: "the disk is full. Make room, or choose another one.",
            errno.EACCES: f"the folder {target.parent} does not let you write. Choose another one.",
            errno.EPERM: f"the folder {target.parent} does not let you write. Choose another one.",
            errno.EROFS: f"the folder {target.parent} does not let you write. Choose another one.",
        }
        cause = f"{(error.strerror or str(error)).lower()}. Try another folder."
        raise StorageError(
            f"{target.name} cannot be written: {hints.get(error.errno or 0, cause)}"
        ) from error
