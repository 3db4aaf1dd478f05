"""The publication bundle: a folder with everything that a paper's appendix needs, and its check sums.

``data.jsonl`` is the export itself; the other files tell the same in other forms, or how it came to be. On
the way in the check sums are looked at first, then ``data.jsonl`` is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from annotator.formats import jsonl, texts_apart
from annotator.formats.csv_files import ArticleRows, SpanRows, people_of
from annotator.formats.data_statement import Facts, statement
from annotator.formats.exporting import ExportProgress, feed, write_lines
from annotator.formats.figures import svg
from annotator.formats.files import DATA, SUMS, of_bundle
from annotator.formats.item import Item, unreadable
from annotator.formats.registry import HEAD, Choice, Format, Writer, Written
from annotator.model import ArticleRecord, InputFileError, ProjectError
from annotator.project.codebook_file import FileCodebook, codebook_of, read_codebook, to_toml

if TYPE_CHECKING:
    from annotator.project.overview import Overview
    from annotator.project.stats import Stats
    from annotator.project.store import Project

_BLOCK = 1 << 20  # bytes that are read at once
CODEBOOK = "codebook.toml"
STATEMENT = "DATA_STATEMENT.md"
LARGEST_SUMS = 100_000  # bytes: some dozen lines

# Writing


def write(project: Project, folder: Path, choice: Choice) -> Generator[Any, None, Written]:
    """Fill ``folder``; step the generator until it returns what was written.

    Several passes are made over the project; raises ``ProjectError`` where it was changed between them.
    """
    from annotator.project.overview import overview_steps
    from annotator.project.stats import stats_steps

    before = project.history.mark()
    line = None if choice.with_texts else texts_apart.without_text
    with (folder / DATA).open("xb", buffering=_BLOCK) as file:
        data = yield from write_lines(project, file, choice, line)
    facts = Facts()
    tables = yield from _tables(project, folder, choice, facts)
    numbers = yield from stats_steps(project, choice.annotator)
    overview = yield from overview_steps(project, choice.annotator)
    _statistics(folder, numbers, overview)
    _write(folder / CODEBOOK, _codebook(project, choice))
    _write(folder / STATEMENT, statement(project, choice, facts))
    if project.history.mark() != before:
        raise ProjectError(f"{project.path.name} was changed while it was being exported. Export it again.")
    yield from _sums(folder, data.articles)
    return data._replace(lost=tables.lost)


def _tables(project: Project, folder: Path, choice: Choice, facts: Facts) -> Generator[Any, None, Written]:
    codebook, people = project.codebook.read(), people_of(project, choice)
    with ExitStack() as stack:
        articles = ArticleRows(folder / "articles.csv", codebook, people, with_texts=False)
        stack.callback(articles.close)
        spans = SpanRows(folder / "spans.csv", codebook, with_texts=choice.with_texts)
        stack.pop_all()  # from here on feed() closes them
    # What is suggested has no place in the tables.
    return (
        yield from feed(
            project,
            _Several({"articles.csv": articles, "spans.csv": spans, STATEMENT: facts}),
            replace(choice, with_suggestions=False),
        )
    )


class _Several:
    """Gives each record to several writers."""

    def __init__(self, writers: Mapping[str, Writer]) -> None:
        """``writers`` by the name of the file that each writes."""
        self._writers = writers

    def add(self, record: ArticleRecord) -> None:
        """Give a record to each."""
        for writer in self._writers.values():
            writer.add(record)

    def close(self) -> Sequence[str]:
        """Close all of them, whatever happens to one."""
        lost: list[str] = []
        with ExitStack() as stack:
            for name, writer in self._writers.items():
                stack.callback(_close, name, writer, lost)
        return lost


def _close(name: str, writer: Writer, lost: list[str]) -> None:
    lost += [f"{name}: {sentence}" for sentence in writer.close()]


def _statistics(folder: Path, numbers: Stats, overview: Overview) -> None:
    told = {"statistics": numbers.as_dict(), "overview": overview.as_dict()}
    _write(folder / "statistics.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    _write(folder / "statistics.csv", "\ufeff" + overview.csv())
    figures = folder / "figures"
    figures.mkdir()
    for chart in overview.charts:
        if chart.rows:
            _write(figures / f"{chart.key}.svg", svg(chart) + "\n")


def _codebook(project: Project, choice: Choice) -> str:
    codebook = codebook_of(project)
    if not choice.with_texts:  # an example from an article is a piece of its text
        codebook = replace(
            codebook,
            layers=tuple(
                replace(
                    layer,
                    labels=tuple(
                        replace(label, examples=tuple(e for e in label.examples if e.article is None))
                        for label in layer.labels
                    ),
                )
                for layer in codebook.layers
            ),
        )
    return to_toml(codebook, project.codebook.version())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


def _sums(folder: Path, total: int) -> Generator[ExportProgress, None, None]:
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while block := file.read(_BLOCK):
                digest.update(block)
                yield ExportProgress(total, total)
        lines.append(f"{digest.hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    _write(folder / SUMS, "".join(lines))


# Reading


def _read_into(
    project: Project | None, path: Path, mapping: Mapping[str, str] | None = None
) -> Iterator[Item]:
    check(path)
    yield from items(project, path, path)


def _read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    return _read_into(None, path, mapping)


def items(project: Project | None, data: Path, bundle: Path) -> Iterator[Item]:
    """Yield what a bundle's data hold; ``bundle`` is beside what the texts are where they are apart."""
    try:
        with data.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise InputFileError(data, unreadable(error)) from error
    if texts_apart.SCHEMA.encode() in head.partition(b"\n")[0]:
        return texts_apart.read_into(project, data, beside=bundle)
    return jsonl.read(data)


def codebook(data: Path) -> FileCodebook | None:
    """Return the codebook of a bundle, None where it was taken out; raises ``InputFileError``."""
    path = data.with_name(CODEBOOK)
    return read_codebook(path) if path.is_file() else None


def check(data: Path) -> None:
    """Compare a bundle's files with their sums; raises ``InputFileError`` where one is not as written."""
    folder = data.parent
    try:
        with (folder / SUMS).open("rb") as file:
            wanted = sums(data, file.read(LARGEST_SUMS + 1))
        for name, digest in wanted.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise InputFileError(
                    data,
                    f"comes with a {SUMS} that names {name!r}, outside its folder; leave it out",
                )
            with path.open("rb") as file:
                compare(data, name, file, digest)
    except OSError as error:
        name = Path(error.filename).name if error.filename else "a file"
        raise InputFileError(
            data, f"{name}, which is part of its bundle, {unreadable(error)}; copy the whole bundle again"
        ) from error


def sums(path: Path, raw: bytes) -> dict[str, str]:
    """Return the SHA-256 of each file that is named in a bundle's sums; raises ``InputFileError``."""
    wanted: dict[str, str] = {}
    lines = raw.decode(errors="replace").splitlines() if len(raw) <= LARGEST_SUMS else [""]
    for line in lines:
        digest, _, name = line.partition("  ")
        pure = PurePosixPath(name)
        right = len(digest) == 64 and name and not pure.is_absolute() and ".." not in pure.parts
        if not right or "\\" in name or ":" in name:
            raise InputFileError(
                path, f"comes with a {SUMS} that Annotator did not write; copy the bundle again"
            )
        wanted[name] = digest
    if DATA not in wanted:
        raise InputFileError(path, f"comes with a {SUMS} that lacks {DATA}; copy the whole bundle again")
    return wanted


def compare(path: Path, name: str, file: BinaryIO | Any, digest: str) -> None:
    """Raise ``InputFileError`` where a file has not the SHA-256 that it had when it was written."""
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    if found.hexdigest() != digest:
        raise InputFileError(
            path,
            f"belongs to a bundle whose {name} was changed after it was written: copy the bundle again, or "
            f"take {SUMS} away to import {DATA} as it is now",
        )


FORMAT = Format(
    "bundle",
    "Publication bundle, a folder",
    (".jsonl",),
    _read,
    lambda path, head: of_bundle(path),
    read_into=_read_into,
    exports=True,
    holds_suggestions=True,
    whole=write,
    folder=True,
    leaves_texts=True,
    cannot_hold=("the history",),
    codebook=codebook,
)
