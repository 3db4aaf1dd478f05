"""Importing: files, folders and pasted text into a project, as one act."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats import along, registry, txt
from annotator.formats.files import find
from annotator.formats.foreign import placed
from annotator.formats.item import Item
from annotator.formats.registry import HEAD, Format
from annotator.model import (
    AnnotatorError,
    ArticleInput,
    ArticleRecord,
    Change,
    InputFileError,
    ProjectError,
    StorageError,
)
from annotator.project.history import now
from annotator.text import LARGEST_TEXT, normalise, printable, too_long

if TYPE_CHECKING:
    from annotator.project.history import LongAct
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


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    ``new`` articles came in, and so did ``same_text`` ones, whose text another article has;
    ``known`` ones were there already. ``annotations`` came in, ``known_annotations`` were there;
    ``verified`` spans were compared with their text, of them ``repaired`` after their offsets, counted in
    other units, were put right. ``failed`` gives (path, reason); ``passed_over``
    counts files in folders that are of no kind we read. ``change`` is None when nothing changed.
    """

    new: int = 0
    same_text: int = 0
    known: int = 0
    annotations: int = 0
    known_annotations: int = 0
    verified: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    passed_over: int = 0
    change: Change | None = None
    repaired: int = 0
    guessed: tuple[str, ...] = ()  # encodings that were found out by statistics alone
    lost: tuple[tuple[str, int], ...] = ()  # what was left out, and how often it came
    undated: tuple[str, ...] = ()  # dates that say no day in only one way
    codebook: str = ""  # what became of the one that came along

    @property
    def imported(self) -> int:
        """The number of articles that came in."""
        return self.new + self.same_text

    def summary(self) -> str:
        """Return what happened in plain sentences; the files that failed, one a line, at the end."""
        parts = [f"{count(self.imported, 'article')} imported"]
        if self.same_text:
            parts.append(f"{self.same_text} with the same text as another")
        if self.known:
            parts.append(f"{self.known} known already and skipped")
        lines = [", ".join(parts) + "."]
        if self.annotations or self.known_annotations:
            known = f", {self.known_annotations} known already" if self.known_annotations else ""
            lines.append(f"{count(self.annotations, 'annotation')} imported{known}.")
        if self.verified:
            lines.append(f"{self.verified} of {self.verified} spans verified.")
        if self.repaired:
            lines.append(
                f"{count(self.repaired, 'span')} repaired: the offsets counted other units than characters, "
                "and were moved to where their quotes stand."
            )
        if self.guessed:
            kinds = ", ".join(f"{n} as {name}" for name, n in sorted(Counter(self.guessed).items()))
            lines.append(f"Not in UTF-8: {kinds}. Look whether their accents and letters came out right.")
        if self.lost:
            lines.append("Left out: " + ", ".join(f"{number} {what}" for what, number in self.lost) + ".")
        if self.codebook:
            lines.append(self.codebook)
        if self.undated:
            lines.append(along.unclear_dates(self.undated))
        if self.passed_over:
            lines.append(f"{count(self.passed_over, 'file')} of other kinds passed over.")
        if self.failed:
            lines.append(f"{count(len(self.failed), 'file')} could not be imported:")
            lines += [f"  {path}: {reason}" for path, reason in self.failed]
            them = "it" if len(self.failed) == 1 else "them"
            lines.append(f"Mend {them} and import again: what is in the project already is passed over.")
        return "\n".join(lines)


@dataclass
class _Tally:
    """The report while it grows."""

    project: Project
    new: int = 0
    same_text: int = 0
    known: int = 0
    annotations: int = 0
    known_annotations: int = 0
    verified: int = 0
    passed_over: int = 0
    repaired: int = 0
    suggestions: bool = False
    guessed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)  # an article has a line for each annotator
    labels: set[tuple[str, str]] = field(default_factory=set)
    lost: Counter[str] = field(default_factory=Counter)
    undated: list[str] = field(default_factory=list)
    codebook: str = ""

    def add_items(self, items: Sequence[Item]) -> None:
        """Put what was read into the project, within the step that is going on."""
        codebook, when = self.project.codebook.read(), now()
        self.add_all([placed(item.record, codebook, self.project.annotator, when) for item in items])
        for item in items:
            self.lost.update(item.lost)

    def add_all(self, records: Sequence[ArticleRecord]) -> None:
        """Put records into the project, within the step that is going on."""
        for record in records:
            for s in record.suggestions or ():
                if s.label is not None and (s.layer, s.label) not in self.labels:
                    self.labels.add((s.layer, s.label))
                    self.project.codebook.ensure(s.layer, s.label, whole_article=s.start is None)
        for record, added in zip(records, self.project.records.add_all(records), strict=True):
            article = record.article.uuid
            encoding = str(record.article.meta.get("encoding", "utf-8"))
            if article is None and added.article != "known" and not encoding.startswith("utf"):
                self.guessed.append(encoding)  # by its letters' frequencies: a person should look
            if article is None or hash(article) not in self.seen:
                self.new += added.article == "new"
                self.same_text += added.article == "same_text"
                self.known += added.article == "known"
                if added.article != "known" and along.is_unclear(record.article.published):
                    self.undated.append(str(record.article.published))
                if article is not None:
                    self.seen.add(hash(article))
            self.annotations += added.annotations
            self.known_annotations += added.known
            self.verified += sum(1 for a in record.annotations if a.start is not None)
            self.repaired += record.repaired
            self.suggestions = self.suggestions or record.suggestions is not None

    def fail(self, file: _File, error: InputFileError) -> None:
        """Note that a file is not imported, and why."""
        where = f"line {error.line}: " if error.line is not None else ""
        self.failed.append((str(file.path), where + error.reason))

    def report(self, change: Change | None) -> ImportReport:
        if change is not None and self.suggestions:
            # They stand outside the history, but views show them.
            change = Change(change.text, change.article, change.tables | {"suggestions"})
        return ImportReport(
            self.new,
            self.same_text,
            self.known,
            self.annotations,
            self.known_annotations,
            self.verified,
            tuple((_shown(path), reason) for path, reason in self.failed),
            self.passed_over,
            change if change is not None and change.tables else None,
            self.repaired,
            tuple(self.guessed),
            tuple(self.lost.most_common()),
            tuple(self.undated),
            self.codebook,
        )


def import_paths(
    project: Project,
    paths: Sequence[Path],
    *,
    format: Format | None = None,
    mapping: Mapping[str, str] | None = None,
    step_seconds: float | None = None,
) -> Generator[ImportProgress | SwapProgress, None, ImportReport]:
    """Import files and folders as one act; step the generator until it returns the report.

    A step works for ``step_seconds`` (10 ms; a single article of a megabyte longer) and commits: about 20 ms
    by itself, for a window; who need not stay awake saves commits with ``LONG_STEP_SECONDS``. Closing the
    generator, or an exception, takes back the whole import; ``Cancelled``, thrown into it, does so in steps.
    A file that cannot be read fails alone; a JSONL with a wrong line fails whole. ``format`` is what the
    files are, where they shall not be looked at to find out; ``mapping`` has their names of our fields.
    Raises ``ProjectError`` where the project cannot be written.
    """
    project.require_writable()
    tally = _Tally(project)
    files: list[_File] = []
    step_seconds = STEP_SECONDS if step_seconds is None else step_seconds
    pause = _Pause(step_seconds)
    suffixes = format.suffixes if format is not None else registry.readable()
    for found in find([Path(path) for path in paths], suffixes):
        if found.passed_over:
            tally.passed_over += 1
        elif found.reason is not None:
            tally.failed.append((str(found.path), found.reason))
        else:
            files.append(_File(project, found.path, format or format_of(found.path), mapping or {}))
        if pause.is_due():
            yield ImportProgress(0, 0, _shown(found.path.name))
    companions = {file.companion for file in files}
    files = [file for file in files if file.path not in companions]
    for file in files:
        for _ in file.count():
            if pause.is_due():
                yield ImportProgress(0, 0, file.name)
    again = _Tally(project, passed_over=tally.passed_over, failed=[*tally.failed])
    try:
        return (yield from _import_files(tally, files, step_seconds, check_first=False))
    except (InputFileError, ProjectError) as error:
        if isinstance(error, StorageError):
            raise
    return (yield from _import_files(again, files, step_seconds, check_first=True))


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
    tally = _Tally(project)
    with project.act("imported a pasted text") as act:
        tally.add_all([txt.record(ArticleInput(text, normalise(title)))])
    return tally.report(act.change)


def _import_files(
    tally: _Tally, files: list[_File], step_seconds: float, *, check_first: bool
) -> Generator[ImportProgress | SwapProgress, None, ImportReport]:
    act = tally.project.long_act("importing articles")
    project = tally.project
    fresh = len(files) == 1 and not project.articles.count() and project.codebook.version() == 1
    work = _checked_work(tally, files) if check_first else _work(tally, files)
    total = sum(file.articles for file in files)
    change = yield from act.run(_import_work(tally, act, work, total, step_seconds, files, fresh=fresh))
    return tally.report(change)


_Piece = tuple[int, str, Item | None]
"""Articles done, the name of the file at hand, and what is to be imported if there is something."""


def _import_work(
    tally: _Tally,
    act: LongAct,
    work: Iterator[_Piece],
    total: int,
    step_seconds: float,
    files: Sequence[_File],
    *,
    fresh: bool,
) -> Generator[ImportProgress, None, str]:
    piece = next(work, None)
    while piece is not None:
        with act.step(), tally.project.articles.indexed_together():
            pause, due = _Pause(step_seconds), False
            while piece is not None and not due:
                items: list[Item] = []
                size = 0
                # Written some at a time, an article costs half as much.
                while piece is not None and not due and len(items) < _TOGETHER and size < _LONG:
                    done, name, item = piece
                    if item is not None:
                        items.append(item)
                        size += len(item.record.article.text)
                    piece = next(work, None)
                    due = pause.is_due()
                if items:
                    tally.add_items(items)
                due = due or pause.is_due()
        yield ImportProgress(min(done, total), total, name)
    failed = {path for path, _ in tally.failed}
    for file in files:
        if file.codebook is not None and str(file.path) not in failed:
            with act.step():
                tally.codebook = along.take(tally.project, file.codebook, fresh=fresh)
    return f"imported {count(tally.new + tally.same_text, 'article')}"


def _work(tally: _Tally, files: list[_File]) -> Iterator[_Piece]:
    """Yield the records of files as they are read.

    Raises ``InputFileError`` where one is wrong of which records came already.
    """
    before = 0
    for file in files:
        number = 0
        try:
            for number, item in enumerate(file.read(), 1):
                if file.many:
                    _refuse_several(tally.project, file, item)
                yield before + number, file.name, item
        except InputFileError as error:
            if number:
                raise
            tally.fail(file, error)
            yield before, file.name, None
        before += file.articles


def _checked_work(tally: _Tally, files: list[_File]) -> Iterator[_Piece]:
    """Yield the records of the files that are right; none while a file is read through."""
    before = 0
    for file in files:
        try:
            if file.many:
                for number, _ in enumerate(_check(tally.project, file), 1):
                    yield before + number // 2, file.name, None
                items = file.read()
            else:
                items = iter(list(file.read()))
        except InputFileError as error:
            tally.fail(file, error)
            yield before, file.name, None
        else:
            for number, item in enumerate(items, 1):
                done = (file.articles + number) // 2 if file.many else number
                yield before + done, file.name, item
        before += file.articles


class _File:
    """A file to import; ``articles`` counts them roughly (lines), for the progress alone."""

    def __init__(self, project: Project, path: Path, format: Format, mapping: Mapping[str, str]) -> None:
        self.path = path
        self.name = _shown(path.name)
        self.many = format.many
        self.articles = 0 if self.many else 1
        self._read = partial(format.items, project, path, mapping)
        self.codebook = partial(format.codebook, path) if format.codebook else None
        self.companion = format.companion(path) if format.companion else None

    def read(self) -> Iterator[Item]:
        """Yield what the file's reader does."""
        return self._read()

    def count(self) -> Iterator[None]:
        """Count the lines of a file with many articles, a block a step."""
        if self.many:
            # Whoever reads it next says why it cannot be read.
            with suppress(OSError), self.path.open("rb") as file:
                while block := file.read(1 << 20):
                    self.articles += block.count(b"\n") + (not block.endswith(b"\n") and len(block) < 1 << 20)
                    yield


def _check(project: Project, file: _File) -> Iterator[None]:
    """Yield after each line; raises ``InputFileError`` for what must not come in.

    A layer that takes several labels an article is made known to the project in passing.
    """
    digests: dict[str, str] = {}
    several: dict[str, str] = {}
    exclusive = {layer.name: layer.exclusive for layer in project.codebook.read().layers}
    for item in file.read():
        record = item.record
        uuid = record.article.uuid
        if uuid is not None:
            there = digests.get(uuid) or project.articles.digest(uuid)
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
            several[layer] = next(a.label for a in record.annotations if a.layer == layer)
        yield
    for layer, label in several.items():
        project.codebook.ensure(layer, label, whole_article=False)


def _several(record: ArticleRecord) -> set[str]:
    """Return the layers of which the whole article has several labels."""
    whole = [a.layer for a in record.annotations if a.start is None]
    return {name for name in whole if whole.count(name) > 1} if len(whole) > 1 else set()


def _refuse_several(project: Project, file: _File, item: Item) -> None:
    """Raise ``InputFileError`` where a layer is not known to take several labels an article."""
    if several := _several(item.record):
        exclusive = {layer.name: layer.exclusive for layer in project.codebook.read().layers}
        for layer in several:
            if exclusive.get(layer, True):
                raise InputFileError(
                    file.path, f"the layer {layer!r} takes one label an article; keep one of them", item.line
                )


class _Pause:
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


def _shown(path: Path | str) -> str:
    """Return a path that can be printed: on Linux a name may hold line ends and bytes that are no UTF-8."""
    return printable(str(path).encode(errors="surrogateescape").decode(errors="replace"))


def count(number: int, noun: str) -> str:
    """Return "1 article", "2 articles"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
