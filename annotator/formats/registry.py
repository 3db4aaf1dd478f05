"""The file formats: what each is called, how it is recognised, who reads and who writes it.

Whoever adds one writes its module, with a :class:`Format` named ``FORMAT`` (or several: ``FORMATS``), and its
name in ``_MODULES``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from annotator.formats.item import Item
from annotator.model import AnnotatorError, ArticleRecord, Codebook, InputFileError, Status

if TYPE_CHECKING:
    from annotator.project.codebook_file import FileCodebook
    from annotator.project.store import Project

HEAD = 65_536
"""Bytes of a file that are looked at to recognise it."""

Reader = Callable[[Path, Mapping[str, str]], Iterator[Item]]
"""Yields what a file holds; the mapping gives the file's name for a field by ours (see ``Format.fields``)."""


class Writer(Protocol):
    """Writes the records of an export, each article's one after the other, in the project's order.

    One that leaves spans out counts them in ``left_out``, by what they are ("no entity").
    """

    def add(self, record: ArticleRecord) -> None:
        """Take one record, to be written at once or with others."""
        ...

    def close(self) -> Sequence[str]:
        """Complete the file; return a sentence for each thing that it could not hold, with how often.

        Also called, once, where the export failed: what is open must be closed then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a project an export holds: see :func:`annotator.formats.export`."""

    status: Status | None = None
    annotator: str | None = None
    with_suggestions: bool = False
    with_texts: bool = True

    def takes(self, record: ArticleRecord) -> bool:
        """Tell whether a record belongs to it."""
        return self.status in (None, record.progress.status) and self.annotator in (None, record.annotator)


class Written(NamedTuple):
    """What was gone through: records, their articles and spans (all verified); sentences on what was lost.

    ``left_out`` says how many of the spans were not written, and what they are.
    """

    lines: int
    articles: int
    spans: int
    lost: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    ``name`` is what the command line calls it, ``title`` what people do. ``recognises(path, head)`` tells
    from a file's first ``HEAD`` bytes whether it is one. ``many``: a file holds many articles; it is read
    through before anything of it comes in should a line be wrong. ``fields`` are those of ours that may have
    another name in the file, with the names that are tried by themselves; ``columns(path)`` gives the names
    that a file has, ``read_columns(path, mapping)`` those that are read where they are not all.
    ``choices`` are other things that a mapping may say, with what each may be.
    ``companion(path)`` is a file that is read with it, and not by itself.
    ``exports``: it can be written, by ``writer(path, codebook)``, which begins a file, or a
    folder where ``folder`` says so (Annotator's own has a quicker way). ``reads_to``: the last column of
    :class:`annotator.project.record_batches.Decided` that it asks for, None for all. Where more than records
    is needed, by ``whole(project, path, choice)``, which is stepped until it returns what was written.
    ``leaves_texts``: it can be written without the articles' texts; ``holds_suggestions``: with those that
    are open.
    ``read_into(project, path, mapping)`` reads what is complete
    only together with the project that it comes to. ``cannot_hold`` are the things of ours that it has no
    place for. ``check(codebook)`` is a writer that writes nothing: it says which spans the format would not
    hold as they are, a sentence and then a line each. ``codebook(path)`` is the one that comes along with
    what was labelled by it.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    read: Reader | None = None
    recognises: Callable[[Path, bytes], bool] = lambda path, head: True
    many: bool = True
    fields: Mapping[str, tuple[str, ...]] | None = None
    columns: Callable[[Path], Sequence[str]] | None = None
    read_columns: Callable[[Path, Mapping[str, str]], Sequence[str]] | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    companion: Callable[[Path], Path] | None = None
    exports: bool = False
    writer: Callable[[Path, Codebook], Writer] | None = None
    whole: Callable[[Project, Path, Choice], Generator[Any, None, Written]] | None = None
    reads_to: str | None = None
    folder: bool = False
    leaves_texts: bool = False
    holds_suggestions: bool = False
    read_into: Callable[[Project, Path, Mapping[str, str]], Iterator[Item]] | None = None
    cannot_hold: tuple[str, ...] = ()
    codebook: Callable[[Path], FileCodebook | None] | None = None
    check: Callable[[Codebook], Writer] | None = None

    def items(self, project: Project, path: Path, mapping: Mapping[str, str]) -> Iterator[Item]:
        """Read a file on its way into ``project``; raises ``InputFileError`` whatever is wrong with it."""
        if self.read_into is not None:
            return self.read_into(project, path, mapping)
        if self.read is None:
            raise AnnotatorError(f"{self.title} is only written, not read. Export as JSONL to bring it back.")
        return self._read(self.read, path, mapping)

    @staticmethod
    def _read(read: Reader, path: Path, mapping: Mapping[str, str]) -> Iterator[Item]:
        try:
            yield from read(path, mapping)
        except (AnnotatorError, MemoryError):
            raise
        except Exception as error:  # one odd file must not keep the others out
            logging.exception("%s could not be read", path)
            raise InputFileError(
                path,
                f"cannot be read: Annotator is at a loss with it ({error!r}); leave it out, and report it",
            ) from error


_JSON = frozenset((".json", ".jsonl", ".ndjson"))

# In the order in which they are asked whether a file is theirs: who knows its own by a word first.
_MODULES = (
    "jsonl",
    "texts_apart",
    "bundle",
    "bundle_zip",
    "prodigy",
    "label_studio",
    "doccano",
    "docbin",
    "refi_qda",
    "brat",
    "webanno",
    "conll",
    "txt",
    "csv_files",
    "tables",
    "workbooks",
    "json_rows",
    "pages",
    "office",
    "pdf",
    "quotations",
    "report",
)


@cache
def formats() -> tuple[Format, ...]:
    """Return every format, in the order in which files are recognised."""
    found: list[Format] = []
    for name in _MODULES:
        module = import_module(f"annotator.formats.{name}")
        found += getattr(module, "FORMATS", None) or (module.FORMAT,)
    return tuple(found)


def named(name: str) -> Format:
    """Return the format called ``name``; raises ``AnnotatorError`` with the names that there are."""
    for each in formats():
        if each.name == name:
            return each
    names = ", ".join(each.name for each in formats())
    raise AnnotatorError(f"There is no format {name!r}. Those that there are: {names}.")


def readable() -> frozenset[str]:
    """Return the suffixes of the files that can be read."""
    return frozenset(suffix for each in formats() if each.read for suffix in each.suffixes)


def suffixes_of(format: Format) -> frozenset[str]:
    """Return the suffixes of the files in a folder that may be of a format."""
    return frozenset(format.suffixes) | (_JSON if _JSON.intersection(format.suffixes) else frozenset())


def possible(suffixes: Collection[str]) -> list[Format]:
    """Return the formats that files of these suffixes may be; the suffixes of JSON stand for each other."""
    return [each for each in formats() if each.read and suffixes_of(each).intersection(suffixes)]


def recognise(path: Path, head: bytes) -> Format:
    """Return whose file this is by its suffix, which must be one of :func:`readable`, and its first bytes.

    Where no format knows it, the first of its suffix has to say what is wrong with it.
    """
    suffix = path.suffix.lower()
    found = next((each for each in possible({suffix}) if each.recognises(path, head)), None)
    return found or next(each for each in formats() if each.read and suffix in each.suffixes)


def mapped(format: Format, columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return which of a file's ``columns`` is read as which field of ours.

    What ``mapping`` says (ours: theirs; "" for none) goes before the names that are tried by themselves,
    whatever their capitals.
    """
    known = {column.strip().casefold(): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for ours, names in (format.fields or {}).items():
        chosen = mapping.get(ours)
        if chosen is not None and chosen in columns:
            found[ours] = chosen
            continue
        if chosen == "":
            continue
        for name in (ours, *names):
            if name.casefold() in known:
                found[ours] = known[name.casefold()]
                break
    return found
