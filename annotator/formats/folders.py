"""Exports that are folders with a file an article, in a folder an annotator."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from annotator.formats.metadata import own, own_entry, restored
from annotator.model import ArticleRecord
from annotator.text import printable

_UNTOUCHED = "unlabelled"
_UNFIT = re.compile(r"[^\w.-]+")


PEOPLE = "annotators.cfg"  # beside the folders: which is whose, a line each
ARTICLES = "articles.cfg"  # and what the files have no place for: id, metadata, progress, a line a file
LABELS = "annotation.conf"  # the labels that brat offers
BESIDE = frozenset((PEOPLE, ARTICLES, LABELS))  # what is no article of such a folder
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_LONGEST = 64_000_000  # bytes of such a line


def annotator_of(path: Path) -> str | None:
    """Return whose annotations a file of such a folder holds; None where nothing says so."""
    kept = path.parent.parent / PEOPLE
    with suppress(OSError, ValueError):
        info = kept.stat()
        return _people(kept, info.st_mtime_ns, info.st_size).get(path.parent.name)
    return None


def entry_of(path: Path) -> dict[str, Any] | None:
    """Return what an export of ours kept of a file's article: see :func:`annotator.formats.metadata.own`."""
    kept = path.parent.parent / ARTICLES
    with suppress(OSError, ValueError):
        info = kept.stat()
        place = _places(kept, info.st_mtime_ns, info.st_size).get(_name(path))
        if place is not None:
            with kept.open("rb") as file:
                file.seek(place)
                return own(msgspec.json.decode(file.readline(_LONGEST).partition(b"\t")[2]))
    return None


@lru_cache(maxsize=2)
def _people(path: Path, changed: int, size: int) -> dict[str, str]:
    """Return whose each folder is; see :func:`_places`."""
    lines = path.read_text("utf-8").splitlines()
    return {line.partition("\t")[0]: line.partition("\t")[2] for line in lines}


@lru_cache(maxsize=2)
def _places(path: Path, changed: int, size: int) -> dict[bytes, int]:
    """Return where the line of each file begins; with its time and size, to be read again when it changes."""
    found: dict[bytes, int] = {}
    place = 0
    with path.open("rb") as file:
        while line := file.readline(_LONGEST):
            found[line.partition(b"\t")[0]] = place
            place += len(line)
    return found


def _name(path: Path) -> bytes:
    return f"{path.parent.name}/{path.stem}".encode(errors="replace")


def brought_back(record: ArticleRecord, path: Path, entry: dict[str, Any] | None) -> ArticleRecord | None:
    """Return a record with what was kept of its article, None where that is not known or has another text."""
    if entry is None or entry["sha256"] != record.sha256:
        return None
    by = annotator_of(path)
    if by is not None:
        return restored(replace(record, annotator=by), entry)
    return replace(restored(record, entry), progress=record.progress)  # whoever labelled it there


class Numbered:
    """Gives each article a number and each annotator a folder: names that every system takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._last: str | None = None
        self._people: dict[str | None, str] = {}  # their folders
        self._taken = {_UNTOUCHED}
        self._kept: BinaryIO = (folder / ARTICLES).open("xb", buffering=1 << 20)
        self._encode = msgspec.json.Encoder().encode

    def write(self, record: ArticleRecord, kept: Mapping[str, Any], **files: bytes) -> None:
        """Write an annotator's files of an article, each with its suffix.

        ``kept`` is what :func:`entry_of` shall return beside metadata and progress.
        """
        if record.article.uuid != self._last or self._last is None:
            self._number += 1
            self._last = record.article.uuid
        folder = self._people.get(record.annotator) or self._begin(record.annotator)
        for suffix, data in files.items():
            _write(f"{folder}/{self._number:06d}.{suffix}", data)
        name = f"{os.path.basename(folder)}/{self._number:06d}"  # noqa: PTH119 - a string, and many
        self._kept.write(b"%s\t%s\n" % (name.encode(), self._encode(own_entry(record, **kept))))

    def close(self) -> None:
        """Complete what is kept of the articles."""
        self._kept.close()

    def _begin(self, annotator: str | None) -> str:
        """Make an annotator's folder; return its path."""
        name = _UNTOUCHED
        if annotator is not None:
            name = _UNFIT.sub("_", annotator).strip("._")[:60] or "annotator"
            while name.casefold() in self._taken:
                name += "_"
            self._taken.add(name.casefold())
            with (self._folder / PEOPLE).open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{name}\t{printable(annotator)}\n")
        folder = self._folder / name
        folder.mkdir()
        self._people[annotator] = str(folder)
        return self._people[annotator]


def _write(path: str, data: bytes) -> None:
    """Write a new file. Nothing between here and the system: an article has little, and there are many."""
    file = os.open(path, _NEW, 0o666)
    try:
        while data := data[os.write(file, data) :]:  # a disk that is nearly full takes a part
            pass
    finally:
        os.close(file)
