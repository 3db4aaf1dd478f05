"""Exports that are folders with a file an article, in a folder an annotator."""

from __future__ import annotations

import re
from pathlib import Path

from annotator.model import ArticleRecord
from annotator.text import printable

_UNTOUCHED = "unlabelled"
_UNFIT = re.compile(r"[^\w.-]+")


PEOPLE = "annotators.cfg"  # beside the folders: which is whose, a line each


def annotator_of(path: Path) -> str | None:
    """Return whose annotations a file of such a folder holds; None where nothing says so."""
    try:
        lines = (path.parent.parent / PEOPLE).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return dict(line.partition("\t")[::2] for line in lines).get(path.parent.name)


class Numbered:
    """Gives each article a number and each annotator a folder: names that every system takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._last: str | None = None
        self._people: dict[str | None, str] = {}  # their folders
        self._taken = {_UNTOUCHED}

    def write(self, record: ArticleRecord, **files: bytes) -> None:
        """Write an annotator's files of an article, each with its suffix."""
        if record.article.uuid != self._last or self._last is None:
            self._number += 1
            self._last = record.article.uuid
        folder = self._people.get(record.annotator) or self._begin(record.annotator)
        for suffix, data in files.items():
            # Nothing between here and the system: an article has little, and there are many.
            with open(f"{folder}/{self._number:06d}.{suffix}", "wb", buffering=0) as file:  # noqa: PTH123
                file.write(data)

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
