"""Exporting a project: streamed beside its target, moved into place when it is whole."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from annotator.formats.importing import STEP_SECONDS
from annotator.formats.registry import Choice, Format, Writer, Written
from annotator.formats.tally import count
from annotator.model import (
    AnnotatorError,
    ArticleRecord,
    DamagedProjectError,
    ProjectError,
    Status,
    StorageError,
)
from annotator.project.check import unreadable_texts
from annotator.project.faults import damaged
from annotator.project.leftovers import remove_leftovers, unfinished

if TYPE_CHECKING:
    from annotator.project.lines import Line
    from annotator.project.store import Project


_NAMED = 5  # articles in a sentence
_BUFFER = 1 << 20  # bytes: a line is longer than Python's own buffer


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far an export is: ``done`` of ``total`` articles."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote: of the ``spans`` that were chosen, ``verified`` are in it and fit their texts."""

    path: Path
    lines: int
    articles: int
    spans: int
    verified: int
    lost: tuple[str, ...] = ()  # a sentence for each thing that the format could not hold
    left_out: tuple[tuple[str, int], ...] = ()  # what the other spans are, and how many

    def summary(self) -> str:
        """Return what was written in plain sentences."""
        target = f"the folder {self.path.name}" if self.path.is_dir() else self.path.name
        return (
            f"{count(self.lines, 'line')} ({count(self.articles, 'article')}) written to {target}.\n"
            + "".join(f"{sentence}\n" for sentence in self.lost)
            + self._spans()
        )

    def _spans(self) -> str:
        if not self.left_out:
            return f"{self.verified} of {self.spans} spans verified"
        why = ", ".join(f"{what} ({number})" for what, number in self.left_out)
        return (
            f"{self.verified} of {self.spans} spans written and verified, "
            f"{self.spans - self.verified} left out: {why}"
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
    choice = Choice(status, annotator, with_suggestions)
    with _beside(project, path) as part, part.open("xb", buffering=_BUFFER) as file:
        written = yield from write_lines(project, file, choice)
    return _report(path, written)


def write_lines(
    project: Project, file: BinaryIO, choice: Choice, line: Callable[[bytes], bytes] | None = None
) -> Generator[ExportProgress, None, Written]:
    """Write the project's lines of JSONL to ``file``, each as ``line`` changes it."""
    total = project.articles.count()
    lines = articles = spans = seen = written = 0
    with closing(_chunks(project, choice.with_suggestions, choice.status, choice.annotator)) as chunks:
        due = time.perf_counter() + STEP_SECONDS
        for number, chunk in chunks:
            seen += number
            for article, verified, text in chunk:
                file.write(text if line is None else line(text))
                file.write(b"\n")
                lines += 1
                spans += verified
                articles += article != written
                written = article
            if time.perf_counter() >= due:
                yield ExportProgress(seen, max(seen, total))
                due = time.perf_counter() + STEP_SECONDS
    return Written(lines, articles, spans)


def refuse_what_cannot_be(format: Format, choice: Choice) -> None:
    """Raise ``AnnotatorError`` where a format has no place for what was chosen, or cannot do without."""
    if not choice.with_texts and not format.leaves_texts:
        raise AnnotatorError(
            f"{format.title} cannot be written without the texts. Choose a publication bundle for that."
        )
    if choice.with_suggestions and not format.holds_suggestions:
        raise AnnotatorError(
            f"{format.title} cannot hold suggestions. Export without them, or choose Annotator JSONL."
        )


def export(
    project: Project,
    path: Path,
    format: Format,
    *,
    status: Status | None = None,
    annotator: str | None = None,
    with_suggestions: bool = False,
    with_texts: bool = True,
) -> Generator[ExportProgress, None, ExportReport]:
    """Write the project in ``format`` to ``path``, a file or a folder: see :func:`export_jsonl`.

    ``with_texts`` False leaves the articles' texts out, where the format can do without. The report says what
    the format could not hold. Raises ``DamagedProjectError`` where a span does not hold its quote.
    """
    choice = Choice(status, annotator, with_suggestions, with_texts)
    refuse_what_cannot_be(format, choice)
    if format.whole is None and format.writer is None:
        return (
            yield from export_jsonl(
                project, path, status=status, annotator=annotator, with_suggestions=with_suggestions
            )
        )
    with _beside(project, path, folder=format.folder) as part:
        if format.whole is not None:
            written = yield from format.whole(project, part, choice)
        else:
            assert format.writer is not None
            written = yield from feed(
                project, format.writer(part, project.codebook.read()), choice, reads_to=format.reads_to
            )
    return _report(path, written)


def feed(
    project: Project, writer: Writer, choice: Choice, *, reads_to: str | None = None
) -> Generator[ExportProgress, None, Written]:
    """Give ``writer`` the records of the project that were chosen, and close it, whatever happens.

    ``reads_to`` as in :func:`annotator.project.record_batches.batches`.
    """
    total = project.articles.count()
    lines = articles = spans = seen = 0
    last = written = ""
    try:
        due = time.perf_counter() + STEP_SECONDS
        for record in _records(project, choice.with_suggestions, reads_to):
            uuid = record.article.uuid or ""
            seen += uuid != last
            last = uuid
            if choice.takes(record):
                spans += verified(record, project.path.name)
                writer.add(record)
                lines += 1
                articles += uuid != written
                written = uuid
            if time.perf_counter() >= due:
                yield ExportProgress(seen, max(seen, total))
                due = time.perf_counter() + STEP_SECONDS
        if seen != total:
            raise ProjectError(_changed(project))
    except BaseException:
        with suppress(Exception):
            writer.close()  # its files are open, and go
        raise
    lost = tuple(writer.close())
    left_out = sorted(getattr(writer, "left_out", {}).items(), key=lambda each: (-each[1], each[0]))
    return Written(lines, articles, spans, lost, tuple(left_out))


def _records(project: Project, with_suggestions: bool, reads_to: str | None) -> Iterator[ArticleRecord]:
    try:
        with project.plain_errors():
            yield from project.records.read(with_suggestions=with_suggestions, reads_to=reads_to)
    except KeyError as error:
        raise ProjectError(_changed(project)) from error


def _changed(project: Project) -> str:
    return f"{project.path.name} was changed while it was being exported. Export it again."


def _report(path: Path, written: Written) -> ExportReport:
    in_it = written.spans - sum(number for _, number in written.left_out)
    return ExportReport(Path(path), *written[:3], in_it, written.lost, written.left_out)


def verified(record: ArticleRecord, name: str) -> int:
    """Return how many spans hold their quotes; raises ``DamagedProjectError`` where one does not."""
    text, number = record.article.text, 0
    for a in record.annotations:
        if a.start is not None:
            if text[a.start : a.end] != a.quote:
                raise damaged(name, f"a span of “{record.article.title}” does not hold its words")
            number += 1
    return number


@contextmanager
def _beside(project: Project, path: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give the place beside ``path`` to write to; it is synced and moved there when all went well."""
    if (act := project.history.unfinished()) is not None:
        raise ProjectError(
            f"“{act.text}” is not finished in {project.path.name}. Wait for it; if it was cut off, open the "
            "project once, which takes it back. Then export."
        )
    target = Path(path).resolve()  # through a symbolic link, not instead of it
    if target.exists() and target.samefile(project.path):
        raise StorageError(f"{target.name} is the project itself. Choose another name for the export.")
    if target.exists() and (folder or not target.is_file()):
        what = "exists already" if folder else "is not a file that can be replaced"
        raise StorageError(f"{target.name} {what}. Choose another name.")
    part = unfinished(target, "folder" if folder else "part")
    with _plain_errors(target), _naming_articles(project), project.plain_errors():
        try:
            remove_leftovers(target.parent)
            if folder:
                part.mkdir()
            yield part
            if folder and hasattr(os, "sync"):
                os.sync()  # one by one, thousands of small files take longer than to write them
            else:
                for each in [part, *part.rglob("*")]:
                    if each.is_file():
                        with each.open("rb+") as file:
                            os.fsync(file.fileno())
            part.replace(target)
        finally:
            if folder:
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


def _chunks(
    project: Project, with_suggestions: bool, status: Status | None, annotator: str | None
) -> Generator[tuple[int, list[Line]], None, None]:
    total, seen = project.articles.count(), 0
    with project.plain_errors():
        try:
            for number, lines in project.lines.chunks(
                with_suggestions=with_suggestions, status=status, annotator=annotator
            ):
                seen += number
                yield number, lines
        except KeyError as error:
            raise ProjectError(_changed(project)) from error
        if seen != total:
            raise ProjectError(_changed(project))


@contextmanager
def _naming_articles(project: Project) -> Iterator[None]:
    """Say which articles cannot be exported where SQLite cannot read on."""
    try:
        yield
    except DamagedProjectError as error:
        # Where SQLite could read it, the sentence names the article already.
        titles = unreadable_texts(project, _NAMED + 1) if error.__cause__ is not None else []
        if not titles:
            raise
        names = ", ".join(f"“{title}”" for title in titles[:_NAMED])
        names += " and others" if titles[_NAMED:] else ""
        name = project.path.name
        raise DamagedProjectError(
            f"{name} is damaged: the text of {names} cannot be read, "
            "so nothing was exported. Go on with a backup (File > Restore); or rescue all articles with what "
            f"can be read of them, and export the new project: annotator salvage {name} NEW.annot"
        ) from error


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
