"""Looking at what an import would do, before it does it: the import itself, with nothing written.

The same way through the files as :mod:`annotator.formats.importing`, into a rehearsal of the project.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats import along, registry
from annotator.formats.files import find
from annotator.formats.importing import (
    STEP_SECONDS,
    File,
    ImportProgress,
    Names,
    Pause,
    Piece,
    checked_work,
    codebooks,
    format_of,
    found_files,
    is_fresh,
    quick_work,
)
from annotator.formats.item import Item
from annotator.formats.registry import Format
from annotator.formats.tally import ImportReport, Tally, count, guessed_encoding
from annotator.model import InputFileError, ProjectError, StorageError
from annotator.project.arrivals import Rehearsal

if TYPE_CHECKING:
    from annotator.project.store import Project

_TITLES = 5  # of a file are shown
_TOGETHER = 32


@dataclass
class FilePreview:
    """What was found in one file.

    ``labels`` counts the annotations by layer and label, as they would come in; ``lost`` what would be left
    out; ``undated`` has the dates of which the day is not certain, ``guessed`` the encodings that were found
    out by statistics alone, one an article that comes in. ``columns`` are the file's own names of
    its fields, where it has some, ``mapping`` which of them would be read as ours. ``failed`` says why
    nothing of it can come in.
    """

    path: Path
    format: Format
    articles: int = 0
    known: int = 0
    twice: int = 0
    spans: int = 0
    repaired: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    undated: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    failed: str | None = None

    def summary(self) -> str:
        """Return what the file is and holds, in plain sentences, a line each; the report has the rest."""
        known = f", {self.known} of them known already" if self.known else ""
        if self.twice:
            known += f", {self.twice} of them twice in the files"
        lines = [f"{self.path.name}: {self.format.title}, {count(self.articles, 'article')}{known}"]
        if self.mapping:
            lines.append(
                "  fields: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in self.mapping.items())
            )
        if self.labels:
            labels = ", ".join(f"{layer}/{name} {n}" for (layer, name), n in self.labels.most_common())
            lines.append(f"  annotations: {labels}")
        if self.undated:
            lines.append(f"  {along.unclear_dates(self.undated)}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would find: the files, and what it would report; ``failed`` are no files to read."""

    files: tuple[FilePreview, ...]
    passed_over: int
    failed: tuple[tuple[str, str], ...]
    report: ImportReport

    def summary(self) -> str:
        """Return all of it in plain sentences."""
        lines = [file.summary() for file in self.files if file.failed is None]
        return "\n".join([*lines, self.report.summary("to import"), "Nothing was written."])


def preview(
    project: Project,
    paths: Sequence[Path],
    *,
    format: Format | None = None,
    mapping: Names | None = None,
) -> Generator[ImportProgress, None, Preview]:
    """Say what an import would do; step the generator until it returns the preview.

    ``format`` and ``mapping`` as for :func:`import_paths`. A step takes about 10 ms.
    """
    tally = Tally(Rehearsal(project))
    pause = Pause(STEP_SECONDS)
    files = yield from found_files(tally, paths, format, mapping or {}, pause)
    failed = tuple(tally.failed)
    again = Tally(Rehearsal(project), passed_over=tally.passed_over, failed=[*tally.failed])
    try:
        seen = yield from _rehearse(tally, files, quick_work(tally, files), pause)
    except (InputFileError, ProjectError) as error:
        if isinstance(error, StorageError):
            raise
        tally = again
        seen = yield from _rehearse(tally, files, checked_work(tally, files), pause)
    reasons = dict(tally.failed[len(failed) :])
    for file in seen:
        file.failed = reasons.get(str(file.path))
    return Preview(tuple(seen), tally.passed_over, failed, tally.report(None))


def _rehearse(
    tally: Tally, files: Sequence[File], work: Iterator[Piece], pause: Pause
) -> Generator[ImportProgress, None, list[FilePreview]]:
    seen = [FilePreview(file.path, file.format) for file in files]
    at = dict(zip(files, seen, strict=True))
    total = sum(file.articles for file in files)
    waiting: list[tuple[FilePreview, Item]] = []
    for done, file, item in work:
        if item is not None:
            waiting.append((at[file], item))
        if (due := pause.is_due()) or item is None or len(waiting) == _TOGETHER:
            _count(tally, waiting)
        if due:
            yield ImportProgress(min(done, total), total, file.name)
    _count(tally, waiting)
    fresh = is_fresh(tally.into.project, files)
    for codebook in codebooks(tally, files):
        tally.codebook = along.take(tally.into, codebook, fresh=fresh) or tally.codebook
    for file in files:
        if file.format.columns is not None:
            with suppress(InputFileError):  # its reader has said it
                at[file].columns = tuple(file.format.columns(file.path))
                mapping, of = file.mapping(), file.format.read_columns
                among = of(file.path, mapping) if of is not None else at[file].columns
                at[file].mapping = registry.mapped(file.format, among, mapping)
    return seen


def _count(tally: Tally, waiting: list[tuple[FilePreview, Item]]) -> None:
    went = tally.add_items([item for _, item in waiting]) if waiting else []
    for (file, item), (record, what) in zip(waiting, went, strict=True):
        file.articles += what is not None
        file.known += what == "known"
        file.twice += what == "twice"
        file.spans += sum(a.start is not None for a in record.annotations)
        file.repaired += record.repaired
        file.labels.update((a.layer, a.label) for a in record.annotations)
        file.lost.update(item.lost)
        if what not in (None, "known", "twice"):
            file.guessed += guessed_encoding(item)
            file.lost.update(item.lost_if_new)
        if along.is_unclear(record.article.published):
            file.undated.append(str(record.article.published))
        if len(file.titles) < _TITLES:
            file.titles.append(record.article.title or record.article.text[:80])
    waiting.clear()


def needs_a_look(paths: Sequence[Path]) -> Generator[ImportProgress, None, bool]:
    """Tell whether there is anything but plain texts and our own files: step until it returns that."""
    due = time.perf_counter() + STEP_SECONDS
    for found in find([Path(path) for path in paths], registry.readable()):
        looked = found.passed_over or found.reason is not None or found.path.suffix.lower() == ".txt"
        if not looked and format_of(found.path).name != "jsonl":
            return True
        if time.perf_counter() >= due:
            yield ImportProgress(0, 0, found.path.name)
            due = time.perf_counter() + STEP_SECONDS
    return False
