"""Finding the files that are to be imported."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotator.formats.folders import ARTICLES, BESIDE
from annotator.formats.item import QUOTATIONS, unreadable, written_only

_PAGES = (".html", ".htm", ".xhtml")
_SAVED = (
    "_files",
    ".files",
    "_fichiers",
    "-Dateien",
    "_archivos",
    "_bestanden",
    "_файлы",
    "_soubory",
    "_pliki",
)
# "NAME_files" today, in every language; the others are of older browsers.


DATA, SUMS = "data.jsonl", "SHA256SUMS"
"""The files of a publication bundle by which it is known: its articles and labels, and its check sums."""


def of_bundle(path: Path) -> bool:
    """Tell whether a file is the data of a publication bundle."""
    return path.name == DATA and path.with_name(SUMS).is_file()


@dataclass(frozen=True, slots=True)
class Found:
    """A file to import, or one to pass over; ``reason`` says why it fails."""

    path: Path
    passed_over: bool = False
    reason: str | None = None


def find(paths: Sequence[Path], suffixes: Collection[str], *, any_named: bool = False) -> Iterator[Found]:
    """Yield what there is under ``paths``: files as named, folders recursively, sorted by name.

    Hidden files and folders inside a folder are left out, and so are the folder that a browser saves beside a
    page (frames, advertisements) and what an export of ours keeps beside its articles; other files of unknown
    suffix come as passed over; a *named* file of unknown suffix fails, but where ``any_named`` says that it
    is known what it is. A folder that is met twice (symbolic links) is walked once.
    """
    walked: set[tuple[int, int]] = set()
    for path in paths:
        # A stack of our own: folders may be nested more deeply than Python calls.
        waiting = [iter([path])]
        while waiting:
            here = next(waiting[-1], None)
            if here is None:
                waiting.pop()
                continue
            found = _look(here, suffixes, walked, len(waiting) == 1, any_named)
            if isinstance(found, Found):
                yield found
            else:
                waiting.append(found)


def _look(
    path: Path, suffixes: Collection[str], walked: set[tuple[int, int]], named: bool, any_named: bool
) -> Found | Iterator[Path]:
    """Return what a file is to the import, or what is in a folder."""
    known = path.suffix.lower() in suffixes or (named and any_named)
    try:
        info = path.stat()
    except OSError as error:
        return Found(path, reason=unreadable(error)) if named or known else Found(path, passed_over=True)
    if stat.S_ISDIR(info.st_mode):
        identity = (info.st_dev, info.st_ino)
        if identity in walked:
            return iter(())
        walked.add(identity)
        try:
            names = sorted(os.listdir(path))  # noqa: PTH208 - iterdir() makes a Path of each name first
        except OSError as error:
            return Found(path, reason=unreadable(error))
        if DATA in names and SUMS in names:
            return iter([path / DATA])  # what else is in a bundle tells the same in other forms
        beside = _beside_pages(names) | (BESIDE if ARTICLES in names else set())
        return (path / name for name in names if not name.startswith(".") and name not in beside)
    if not known:
        if named:
            if path.suffix.lower() == ".md" and _is_quotations(path):
                return Found(path, reason=written_only("quotation list"))
            kinds = ", ".join(sorted(suffixes))
            return Found(
                path,
                reason=f"is no kind of file that can be imported ({kinds}); save it as one, or leave it out",
            )
        return Found(path, passed_over=True)
    if not stat.S_ISREG(info.st_mode):
        return Found(path, reason="is not a regular file; leave it out")  # reading a pipe would wait for ever
    return Found(path)


def _is_quotations(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(len(QUOTATIONS)) == QUOTATIONS
    except OSError:
        return False


def _beside_pages(names: Sequence[str]) -> set[str]:
    """Return the names of the folders in which browsers keep what belongs to a saved page."""
    pages = (os.path.splitext(name) for name in names)  # noqa: PTH122 - names, not paths
    return {f"{stem}{end}" for stem, suffix in pages if suffix.lower() in _PAGES for end in _SAVED}
