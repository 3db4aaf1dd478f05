"""Office files are zip archives of XML: what is checked before anything in them is read."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from annotator.formats.item import unreadable
from annotator.model import InputFileError

LARGEST_UNPACKED = 512_000_000
"""Bytes of all parts together; archives that unpack to far more are made to fill a disk."""
ENCRYPTED = 0x1
"""The bit of a zip archive's part that says that it is."""
_MOST_PARTS = 20_000
_HEAD = 65_536
_OLE = b"\xd0\xcf\x11\xe0"
# No office program writes a DTD, the one place where entities can be declared, or another encoding.
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>)?(?:\s|<!--.{0,4000}?-->|<\?(?!xml\s)[^>]{0,400}\?>)*"
    rb"<[A-Za-z_]",
    re.DOTALL,
)


def opened(path: Path) -> zipfile.ZipFile:
    """Return an office file's archive, for a ``with``; raises ``InputFileError`` where it may do harm."""
    try:
        with path.open("rb") as file:
            begins = file.read(8)
        if begins.startswith(_OLE):
            raise InputFileError(
                path,
                "is protected by a password, or of an office program of before 2007. "
                "Save it anew, without a password, in today's format",
            )
        archive = zipfile.ZipFile(path)
        try:
            _check(path, archive)
        except BaseException:
            archive.close()
            raise
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except InputFileError:
        raise
    except Exception as error:  # each way of packing has errors of its own
        raise InputFileError(
            path, f"is damaged, or no {path.suffix[1:]} file: {error}. Save it anew"
        ) from error
    return archive


def _check(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS:
        raise InputFileError(
            path, f"has {len(parts):,} parts; no office program writes so many. Save it anew"
        )
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise InputFileError(path, "is protected by a password. Save it without one")
    size = sum(part.file_size for part in parts)  # zipfile reads no more than it says of each
    if size > LARGEST_UNPACKED:
        raise InputFileError(
            path, f"unpacks to {size:,} bytes, of {LARGEST_UNPACKED:,} allowed. Divide it into several files"
        )
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                if not _BEGINNING.match(file.read(_HEAD)):
                    raise InputFileError(
                        path,
                        f"holds {part.filename!r}, no XML as office programs write it. Save it anew",
                    )
