"""Looking at what an import would do, before it does it: nothing is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats import along, registry
from annotator.formats.files import find
from annotator.formats.foreign import placed
from annotator.formats.importing import (
    STEP_SECONDS,
    ImportProgress,
    count,
    format_of,
)
from annotator.formats.item import Item
from annotator.formats.registry import Format
from annotator.model import InputFileError

if TYPE_CHECKING:
    from annotator.project.store import Project

_TITLES = 5  # of a file are shown
_TOGETHER = 32


@dataclass
class FilePreview:
    """What was found in one file.

    ``labels`` counts the annotations by layer and label, as they would come in; ``lost`` what would be left
    out; ``undated`` has the dates of which the day is not certain. ``columns`` are the file's own names of
    its fields, where it has some, ``mapping`` which of them would be read as ours. ``failed`` says why
    nothing of it can come in.
    """

    path: Path
    format: Format
    articles: int = 0
    known: int = 0
    spans: int = 0
    repaired: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    undated: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    failed: str | None = None

    def summary(self) -> str:
        """Return what the file is and holds, in plain sentences, a line each."""
        if self.failed is not None:
            return f"{self.path.name}: {self.format.title}; cannot be imported: {self.failed}"
        known = f", {self.known} of them known already" if self.known else ""
        lines = [f"{self.path.name}: {self.format.title}, {count(self.articles, 'article')}{known}"]
        if self.mapping:
            lines.append(
                "  fields: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in self.mapping.items())
            )
        if self.labels:
            labels = ", ".join(f"{layer}/{name} {n}" for (layer, name), n in self.labels.most_common())
            lines.append(f"  annotations: {labels}")
        if self.spans:
            lines.append(f"  {self.spans} of {self.spans} spans verified")
        if self.repaired:
            lines.append(f"  {count(self.repaired, 'span')} to be repaired: counted in other units")
        if self.lost:
            lost = ", ".join(f"{number} {what}" for what, number in self.lost.most_common())
            lines.append(f"  left out: {lost}")
        if self.undated:
            lines.append(f"  {along.unclear_dates(self.undated)}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would find: the files, and (path, reason) of those that cannot be looked at."""

    files: tuple[FilePreview, ...]
    passed_over: int
    failed: tuple[tuple[str, str], ...]

    def summary(self) -> str:
        """Return all of it in plain sentences."""
        lines = [file.summary() for file in self.files]
        lines += [f"{path}: {reason}" for path, reason in self.failed]
        if self.passed_over:
            lines.append(f"{count(self.passed_over, 'file')} of other kinds passed over.")
        new = sum(file.articles - file.known for file in self.files if file.failed is None)
        return "\n".join([*lines, f"{count(new, 'article')} to import. Nothing was written."])


def preview(
    project: Project,
    paths: Sequence[Path],
    *,
    format: Format | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Generator[ImportProgress, None, Preview]:
    """Read files and folders through and say what an import would do; step until it returns the preview.

    ``format`` and ``mapping`` as for :func:`import_paths`. A step takes about 10 ms.
    """
    files: list[FilePreview] = []
    passed_over, failed = 0, []
    due = time.perf_counter() + STEP_SECONDS
    suffixes = format.suffixes if format is not None else registry.readable()
    for found in find([Path(path) for path in paths], suffixes):
        if found.passed_over:
            passed_over += 1
        elif found.reason is not None:
            failed.append((str(found.path), found.reason))
        else:
            files.append(FilePreview(found.path, format or format_of(found.path)))
        if time.perf_counter() >= due:
            yield ImportProgress(0, 0, found.path.name)
            due = time.perf_counter() + STEP_SECONDS
    companions = {file.format.companion(file.path) for file in files if file.format.companion}
    files = [file for file in files if file.path not in companions]
    for number, file in enumerate(files):
        waiting: list[Item] = []
        try:
            if file.format.columns is not None:
                file.columns = tuple(file.format.columns(file.path))
                file.mapping = registry.mapped(file.format, file.columns, mapping or {})
            for item in file.format.items(project, file.path, mapping or {}):
                waiting.append(item)
                if len(waiting) == _TOGETHER or time.perf_counter() >= due:
                    _count(project, file, waiting)
                    yield ImportProgress(number, len(files), file.path.name)
                    due = time.perf_counter() + STEP_SECONDS
            _count(project, file, waiting)
        except InputFileError as error:
            where = f"line {error.line}: " if error.line is not None else ""
            file.failed = where + error.reason
    return Preview(tuple(files), passed_over, tuple(failed))


def _count(project: Project, file: FilePreview, items: list[Item]) -> None:
    codebook = project.codebook.read()
    file.known += sum(project.articles.known([item.record.article for item in items]))
    for item in items:
        record = placed(item.record, codebook, project.annotator, "")
        file.articles += 1
        file.spans += sum(a.start is not None for a in record.annotations)
        file.repaired += record.repaired
        file.labels.update((a.layer, a.label) for a in record.annotations)
        file.lost.update(item.lost)
        if along.is_unclear(record.article.published):
            file.undated.append(str(record.article.published))
        if len(file.titles) < _TITLES:
            file.titles.append(record.article.title or record.article.text[:80])
    items.clear()


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
