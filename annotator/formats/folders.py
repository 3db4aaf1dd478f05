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
        self._people: dict[str | None, str] = {None: _UNTOUCHED}

    def stem(self, record: ArticleRecord) -> Path:
        """Return the path, without suffix, for an annotator's file of an article; its folder is there."""
        if record.article.uuid != self._last or self._last is None:
            self._number += 1
            self._last = record.article.uuid
        person = self._people.get(record.annotator)
        if person is None:
            person = _UNFIT.sub("_", record.annotator or "").strip("._")[:60] or "annotator"
            while person.casefold() in {known.casefold() for known in self._people.values()}:
                person += "_"
            self._people[record.annotator] = person
            with (self._folder / PEOPLE).open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{person}\t{printable(record.annotator or '')}\n")
        folder = self._folder / person
        folder.mkdir(exist_ok=True)
        return folder / f"{self._number:06d}"
