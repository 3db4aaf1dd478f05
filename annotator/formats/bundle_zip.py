"""The publication bundle as one zip file: written from the folder, read without unpacking but its data."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from annotator.formats import bundle
from annotator.formats.exporting import ExportProgress
from annotator.formats.files import DATA, SUMS
from annotator.formats.item import Item, unreadable
from annotator.formats.packages import ENCRYPTED
from annotator.formats.registry import Choice, Format, Written
from annotator.model import InputFileError
from annotator.project.codebook_file import LARGEST, FileCodebook, read_codebook
from annotator.project.leftovers import unfinished

if TYPE_CHECKING:
    from annotator.project.store import Project

_BLOCK = 1 << 20  # bytes that are copied at once
_MOST_FILES = 1000
_LARGEST = 64_000_000_000  # bytes unpacked
_SMALL, _DENSEST = (
    50_000_000,
    100,
)  # more bytes than that are not packed a hundredfold: that is made to fill a disk


def _write(project: Project, path: Path, choice: Choice) -> Generator[Any, None, Written]:
    folder = unfinished(path, "folder")
    try:
        folder.mkdir()
        written = yield from bundle.write(project, folder, choice)
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(file for file in folder.rglob("*") if file.is_file()):
                name = file.relative_to(folder).as_posix()
                with file.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                    while block := source.read(_BLOCK):
                        target.write(block)
                        yield ExportProgress(written.articles, written.articles)
        return written
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_into(
    project: Project | None, path: Path, mapping: Mapping[str, str] | None = None
) -> Iterator[Item]:
    with tempfile.TemporaryDirectory(prefix="annotator-") as folder:
        data = Path(folder) / DATA
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(path, archive, data)
        except OSError as error:
            raise InputFileError(path, unreadable(error)) from error
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            EOFError,
            ValueError,
        ) as error:
            raise InputFileError(path, f"is damaged, or no zip file ({error}); copy it again") from error
        try:
            yield from bundle.items(project, data, path)
        except InputFileError as error:
            raise InputFileError(path, error.reason, error.line) from error


def _read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    return _read_into(None, path, mapping)


def _codebook(path: Path) -> FileCodebook | None:
    """Return the codebook of a bundle, None where it was taken out; raises ``InputFileError``."""
    with (
        suppress(zipfile.BadZipFile, OSError),
        tempfile.TemporaryDirectory(prefix="annotator-") as folder,
        zipfile.ZipFile(path) as archive,
    ):
        for file in archive.infolist():
            name = PurePosixPath(file.filename)
            if name.name == bundle.CODEBOOK and len(name.parts) <= 2 and file.file_size <= LARGEST:
                target = Path(folder) / bundle.CODEBOOK
                target.write_bytes(archive.read(file))
                return read_codebook(target)
    return None


def _unpack(path: Path, archive: zipfile.ZipFile, data: Path) -> None:
    """Check every file of the bundle, and put its data where they can be read."""
    files = archive.infolist()  # zipfile reads no more of a file than this says that it has
    if any(file.flag_bits & ENCRYPTED for file in files):
        raise InputFileError(path, "is protected by a password. Make a zip file without one of its folder")
    names = [PurePosixPath(file.filename) for file in files]
    if any(
        name.is_absolute() or ".." in name.parts or "\\" in str(name) or ":" in str(name) for name in names
    ):
        raise InputFileError(
            path, "has files that would be unpacked outside its folder; do not trust it, leave it out"
        )
    packed, unpacked = sum(f.compress_size for f in files), sum(f.file_size for f in files)
    if (
        len(files) > _MOST_FILES
        or unpacked > _LARGEST
        or (unpacked > _SMALL and unpacked > _DENSEST * packed)
    ):
        raise InputFileError(
            path, f"unpacks to {unpacked:,} bytes in {len(files):,} files; do not trust it, leave it out"
        )
    found = [
        name.parent for name in names if name.name == SUMS and len(name.parts) <= 2
    ]  # zipped by hand: a folder
    if not found:
        raise InputFileError(
            path, f"is no publication bundle: it has no {SUMS}. Unpack it and import what is in it"
        )
    with archive.open(str(found[0] / SUMS)) as file:
        wanted = bundle.sums(path, file.read(bundle.LARGEST_SUMS + 1))
    for name, digest in wanted.items():
        member = str(found[0] / name)
        if member not in archive.NameToInfo:
            raise InputFileError(
                path, f"lacks {name}, which is part of the bundle; copy the whole bundle again"
            )
        with archive.open(member) as source:
            bundle.compare(path, name, source, digest)
    with archive.open(str(found[0] / DATA)) as source, data.open("wb") as target:
        shutil.copyfileobj(source, target, _BLOCK)


FORMAT = Format(
    "bundle-zip",
    "Publication bundle, a zip file",
    (".zip",),
    _read,
    read_into=_read_into,
    exports=True,
    holds_suggestions=True,
    whole=_write,
    leaves_texts=True,
    cannot_hold=("the history",),
    codebook=_codebook,
)
