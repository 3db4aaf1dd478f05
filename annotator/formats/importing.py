"""Importing: files, folders and pasted text into a project, as one act."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats import along, registry, txt
from annotator.formats.fields import refuse_unknown
from annotator.formats.files import find
from annotator.formats.foreign import SEVERAL
from annotator.formats.item import Item
from annotator.formats.registry import HEAD, Format
from annotator.formats.tally import ImportReport, Tally, count, shown
from annotator.model import (
    AnnotatorError,
    ArticleInput,
    ArticleRecord,
    InputFileError,
    ProjectError,
    StorageError,
)
from annotator.project.arrivals import Arrivals
from annotator.text import LARGEST_TEXT, normalise, too_long

if TYPE_CHECKING:
    from annotator.project.codebook_file import FileCodebook
    from annotator.project.long_act import LongAct
    from annotator.project.store import Project
    from annotator.project.swapping import SwapProgress

# A file that holds one article is whole or wrong. One that holds many is imported as it is read; should a
# line of it be wrong, the import is taken back and begun again, and then each file is read through before
# anything of it comes in, so that only the wrong one is refused. Most are right, and reading takes long.

STEP_SECONDS = 0.010
"""Work between two yields for a window; with search index and commit (syncs of the disk) about 20 ms."""
LONG_STEP_SECONDS = 0.5
"""The same where nobody waits for the next yield: fewer commits."""


_TOGETHER = 32  # articles that are written together
_LONG = 100_000  # characters after which no more are waited for


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: ``done`` of ``total`` articles (0 of 0 while files are looked for).

    Where files are read through first, that is half of the work on each. ``name`` is the file at hand.
    """

    done: int
    total: int
    name: str


Names = Mapping[str, str] | Callable[[Sequence[str]], Mapping[str, str]]
"""The files' names of our fields (ours: theirs; "" for none), or what gives them for a file's columns."""


class File:
    """A file to import; ``articles`` counts them roughly (lines), for the progress alone."""

    def __init__(self, project: Project, path: Path, format: Format, mapping: Names) -> None:
        self.path = path
        self.name = shown(path.name)
        self.format = format
        self.many = format.many
        self.articles = 0 if self.many else 1
        self._project = project
        self._mapping = mapping
        self.codebook = partial(format.codebook, path) if format.codebook else None
        self.companion = format.companion(path) if format.companion else None

    def read(self) -> Iterator[Item]:
        """Yield what the file's reader does; raises ``InputFileError``.

        Articles without text, which nobody could label, are left out, and said so; not those of our own.
        """
        items = self.format.items(self._project, self.path, self.mapping())
        if self.format.holds_suggestions:
            yield from items
            return
        waiting: Item | None = None
        empty = 0
        for item in items:
            text = item.record.article.text
            if not text or text.isspace():
                empty += 1
                continue
            if waiting is not None:
                yield waiting
            waiting = item
        if waiting is not None:
            yield replace(waiting, lost=(*waiting.lost, *("articles without text",) * empty))
        elif empty:
            raise InputFileError(self.path, "has no article with a text; leave it out")

    def mapping(self) -> Mapping[str, str]:
        """Return the file's names of our fields; raises ``InputFileError`` for one that it does not have."""
        if not self._mapping or self.format.columns is None:
            return {}
        columns = tuple(self.format.columns(self.path))
        chosen = self._mapping(columns) if callable(self._mapping) else self._mapping
        refuse_unknown(self.path, self.format.fields or (), columns, chosen)
        return chosen

    def count(self) -> Iterator[None]:
        """Count the lines of a file with many articles, a block a step."""
        if self.many:
            # Whoever reads it next says why it cannot be read.
            with suppress(OSError), self.path.open("rb") as file:
                while block := file.read(1 << 20):
                    self.articles += block.count(b"\n") + (not block.endswith(b"\n") and len(block) < 1 << 20)
                    yield


Piece = tuple[int, File, Item | None]
"""Articles done, the file at hand, and what is to be imported; None: import first what came so far."""


def import_paths(
    project: Project,
    paths: Sequence[Path],
    *,
    format: Format | None = None,
    mapping: Names | None = None,
    step_seconds: float | None = None,
) -> Generator[ImportProgress | SwapProgress, None, ImportReport]:
    """Import files and folders as one act; step the generator until it returns the report.

    A step works for ``step_seconds`` (10 ms; a single article of a megabyte longer) and commits: about 20 ms
    by itself, for a window; who need not stay awake saves commits with ``LONG_STEP_SECONDS``. Closing the
    generator, or an exception, takes back the whole import; ``Cancelled``, thrown into it, does so in steps.
    A file that cannot be read fails alone; a JSONL with a wrong line fails whole. ``format`` is what the
    files are, where they shall not be looked at to find out; ``mapping`` has their names of our fields.
    Raises ``ProjectError`` where the project cannot be written, and ``AnnotatorError`` for a field of which
    no file has another name.
    """
    project.require_writable()
    tally = Tally(Arrivals(project))
    step_seconds = STEP_SECONDS if step_seconds is None else step_seconds
    files = yield from found_files(tally, paths, format, mapping or {}, Pause(step_seconds))
    again = Tally(tally.into, passed_over=tally.passed_over, failed=[*tally.failed])
    try:
        return (yield from _import_files(tally, files, step_seconds, check_first=False))
    except (InputFileError, ProjectError) as error:
        if isinstance(error, StorageError):
            raise
    return (yield from _import_files(again, files, step_seconds, check_first=True))


def found_files(
    tally: Tally, paths: Sequence[Path], format: Format | None, mapping: Names, pause: Pause
) -> Generator[ImportProgress, None, list[File]]:
    """Find the files to import; note what is passed over, and what is no file to read, in the tally."""
    files: list[File] = []
    suffixes = registry.readable() if format is None else registry.suffixes_of(format)
    for found in find([Path(path) for path in paths], suffixes, any_named=format is not None):
        if found.passed_over:
            tally.passed_over += 1
        elif found.reason is not None:
            tally.failed.append((str(found.path), found.reason))
        else:
            files.append(File(tally.into.project, found.path, format or format_of(found.path), mapping))
        if pause.is_due():
            yield ImportProgress(0, 0, shown(found.path.name))
    if not callable(mapping):
        fields = {field for file in files for field in (*(file.format.fields or ()), *file.format.choices)}
        for field in mapping:
            if files and field not in fields:
                there = f"Those that there are: {', '.join(sorted(fields))}" if fields else "They have none"
                raise AnnotatorError(
                    f"None of the files has a field {field} that can be chosen. {there}. Leave it out."
                )
    companions = {file.companion for file in files}
    files = [file for file in files if file.path not in companions]
    for file in files:
        for _ in file.count():
            if pause.is_due():
                yield ImportProgress(0, 0, file.name)
    return files


def format_of(path: Path) -> Format:
    """Return the format of a file whose suffix is known; its reader says why it cannot be read."""
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(HEAD)
    return registry.recognise(path, head)


def import_text(project: Project, text: str, title: str | None = None) -> ImportReport:
    """Import one pasted text as one act; without ``title`` its first line serves.

    Raises ``AnnotatorError`` for a text of nothing but white space.
    """
    text = normalise(text)
    if not text.strip():
        raise AnnotatorError("There is no text to import. Type or paste one first.")
    if len(text) > LARGEST_TEXT:
        raise AnnotatorError(f"The pasted text {too_long(len(text))}.")
    title = (title or "").strip() or txt.guess_title(text, "")
    tally = Tally(Arrivals(project))
    with project.act("imported a pasted text") as act:
        tally.add_items([Item(txt.record(ArticleInput(text, normalise(title))))])
    return tally.report(act.change)


def _import_files(
    tally: Tally, files: list[File], step_seconds: float, *, check_first: bool
) -> Generator[ImportProgress | SwapProgress, None, ImportReport]:
    project = tally.into.project
    act = project.long_act("importing articles")
    fresh = is_fresh(project, files)
    work = checked_work(tally, files) if check_first else quick_work(tally, files)
    total = sum(file.articles for file in files)
    change = yield from act.run(_import_work(tally, act, work, total, step_seconds, files, fresh=fresh))
    return tally.report(change)


def _import_work(
    tally: Tally,
    act: LongAct,
    work: Iterator[Piece],
    total: int,
    step_seconds: float,
    files: Sequence[File],
    *,
    fresh: bool,
) -> Generator[ImportProgress, None, str]:
    piece = next(work, None)
    while piece is not None:
        with act.step(), tally.into.project.articles.indexed_together():
            pause, due = Pause(step_seconds), False
            while piece is not None and not due:
                items: list[Item] = []
                size = 0
                # Written some at a time, an article costs half as much.
                while piece is not None and not due and len(items) < _TOGETHER and size < _LONG:
                    done, file, item = piece
                    if item is None and items:
                        break  # the next file is checked against what these become
                    if item is not None:
                        items.append(item)
                        size += len(item.record.article.text)
                    piece = next(work, None)
                    due = pause.is_due()
                if items:
                    tally.add_items(items)
                due = due or pause.is_due()
        yield ImportProgress(min(done, total), total, file.name)
    for codebook in codebooks(tally, files):
        with act.step():
            tally.codebook = along.take(tally.into, codebook, fresh=fresh) or tally.codebook
    return f"imported {count(tally.new + tally.same_text, 'article')}"


def is_fresh(project: Project, files: Sequence[File]) -> bool:
    """Tell whether the codebook that comes along with the only file shall be a project's own."""
    return len(files) == 1 and not project.articles.count() and project.codebook.version() == 1


def codebooks(tally: Tally, files: Sequence[File]) -> Iterator[Callable[[], FileCodebook | None]]:
    """Yield what reads the codebook of each file that has one and came in."""
    failed = {path for path, _ in tally.failed}
    for file in files:
        if file.codebook is not None and str(file.path) not in failed:
            yield file.codebook


def quick_work(tally: Tally, files: list[File]) -> Iterator[Piece]:
    """Yield the records of files as they are read.

    Raises ``InputFileError`` where one is wrong of which records came already.
    """
    before = 0
    for file in files:
        number = 0
        try:
            for number, item in enumerate(file.read(), 1):
                if file.many:
                    _refuse_several(tally.into, file, item)
                yield before + number, file, item
        except InputFileError as error:
            if number:
                raise
            tally.fail(file.path, error)
            yield before, file, None
        before += file.articles


def checked_work(tally: Tally, files: list[File]) -> Iterator[Piece]:
    """Yield the records of the files that are right; none before and while a file is read through."""
    before = 0
    for file in files:
        yield before, file, None
        try:
            if file.many:
                for number, _ in enumerate(_check(tally.into, file, file.read()), 1):
                    yield before + number // 2, file, None
                items = file.read()
            else:
                few = list(file.read())
                deque(_check(tally.into, file, few), maxlen=0)
                items = iter(few)
        except InputFileError as error:
            tally.fail(file.path, error)
            yield before, file, None
        else:
            for number, item in enumerate(items, 1):
                done = (file.articles + number) // 2 if file.many else number
                yield before + done, file, item
        before += file.articles


def _check(into: Arrivals, file: File, items: Iterable[Item]) -> Iterator[None]:
    """Yield after each line; raises ``InputFileError`` for what must not come in.

    A layer that takes several labels an article is made known to the project in passing.
    """
    digests: dict[str, str] = {}
    several: dict[str, str] = {}
    exclusive = {layer.name: layer.exclusive for layer in into.codebook().layers}
    for item in items:
        record = item.record
        uuid = record.article.uuid
        if uuid is not None:
            there = digests.get(uuid) or into.digest(uuid)
            if there not in (None, record.sha256):
                raise InputFileError(
                    file.path,
                    f"the id {uuid} belongs to an article with another text; give the line another",
                    item.line,
                )
            digests[uuid] = record.sha256
        for layer in _several(record):
            if exclusive.get(layer):
                raise InputFileError(
                    file.path, f"the layer {layer!r} takes one label an article; keep one of them", item.line
                )
            several[layer] = next(
                a.label for a in record.annotations if a.start is None and (a.layer or SEVERAL) == layer
            )
        yield
    for layer, label in several.items():
        into.ensure(layer, label, whole_article=False)


def _several(record: ArticleRecord) -> set[str]:
    """Return the layers of which the whole article has several labels."""
    whole = [a.layer or SEVERAL for a in record.annotations if a.start is None]
    return {name for name in whole if whole.count(name) > 1} if len(whole) > 1 else set()


def _refuse_several(into: Arrivals, file: File, item: Item) -> None:
    """Raise ``InputFileError`` where a layer is not known to take several labels an article."""
    if several := _several(item.record):
        exclusive = {layer.name: layer.exclusive for layer in into.codebook().layers}
        for layer in several:
            if exclusive.get(layer, True):
                raise InputFileError(
                    file.path, f"the layer {layer!r} takes one label an article; keep one of them", item.line
                )


class Pause:
    """Tells when it is time to let the caller breathe."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due = time.perf_counter() + seconds

    def is_due(self) -> bool:
        """Tell it once, then again after the same time."""
        now = time.perf_counter()
        if now < self._due:
            return False
        self._due = now + self._seconds
        return True
