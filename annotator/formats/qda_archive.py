"""The archive of a REFI-QDA project: ``project.qde`` (XML) and the folder ``sources``.

Nothing is unpacked to the disk: a path in the XML is only ever looked up among the archive's own names, so
that none leads out of it. XML with a DTD, where entities could be declared, is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from annotator.formats.item import unreadable
from annotator.formats.txt import decode
from annotator.model import InputFileError
from annotator.text import LARGEST_TEXT, too_long

NAMESPACE = "urn:QDA-XML:project:1.0"
INTERNAL = "internal://"

_LARGEST = 2_000_000_000  # bytes of the XML
_MOST_PARTS = 1_000_000
_MOST_ELEMENTS = 2_000_000  # in one source, code or note
_DEEPEST = 100
_CHUNK = 1 << 16
# The XML is packed to a thirtieth at best and texts to a third; what unpacks to far more fills memories.
_RATIO, _HARMLESS = 200, 100_000_000
_GROUPS = ("Users", "Codes", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs")
_WORDS = {"Description", "PlainTextContent"}
_WORDS |= {f"{kind}Value" for kind in ("Text", "Boolean", "Integer", "Float", "Date", "DateTime")}
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Archive:
    """A project's archive, open; its errors are ``InputFileError``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise self.wrong(unreadable(error)) from error
        except _DAMAGED as error:
            raise self.wrong("is damaged, or no REFI-QDA project (.qdpx). Export it again") from error
        try:
            self._parts = self._checked()
            self._qde = self._find_qde()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def wrong(self, reason: str) -> InputFileError:
        """Return the error that says what is wrong with the file."""
        return InputFileError(self._path, reason)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        parts = self._zip.infolist()
        size, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
        if len(parts) > _MOST_PARTS or (size > _HARMLESS and size > _RATIO * max(packed, 1)):
            raise self.wrong(
                f"unpacks to {size:,} bytes, many times its own size: no program exports that. Leave it out"
            )
        return {part.filename.replace("\\", "/").casefold(): part for part in parts}

    def _find_qde(self) -> zipfile.ZipInfo:
        found = [part for name, part in self._parts.items() if name.endswith(".qde") and "/" not in name]
        if len(found) != 1:
            raise self.wrong("holds no project.qde, so it is no REFI-QDA project. Export it again")
        if found[0].file_size > _LARGEST:
            raise self.wrong(f"holds a project.qde of more than {_LARGEST:,} bytes. Divide the project")
        return found[0]

    def text(self, address: str, name: str) -> str:
        """Return the text at an address in the XML as it came, without a byte order mark.

        ``name`` is that of the source it belongs to, for the errors.
        """
        if not address.startswith(INTERNAL):
            raise self.wrong(
                f"keeps the text of “{name}” outside, at {address}. Export it again with its sources inside"
            )
        part = self._parts.get(f"sources/{address.removeprefix(INTERNAL)}".casefold())
        if part is None:
            raise self.wrong(
                f"lacks the text of “{name}” ({address}). Export it again, together with its sources"
            )
        if part.file_size > 4 * LARGEST_TEXT:  # bytes: no encoding takes more for a character
            raise self.wrong(f"holds a text, “{name}”, that {too_long(part.file_size, 'bytes')}")
        try:
            with self._zip.open(part) as file:
                data = file.read(4 * LARGEST_TEXT)
        except (OSError, *_DAMAGED) as error:
            raise self._damaged(error) from error
        try:
            text, _ = decode(data, is_text=True)
        except ValueError as error:
            raise self.wrong(f"holds a text, “{name}”, that {error}. Export it again") from error
        return text.removeprefix("\ufeff")

    def _damaged(self, error: BaseException) -> InputFileError:
        if isinstance(error, RuntimeError) and "password" in str(error):
            return self.wrong("is protected by a password. Export it again without one")
        return self.wrong("is damaged. Export it again")

    def elements(self) -> Iterator[tuple[str, Element]]:
        """Yield the parts of the project as they are read, each with the group that it stands in.

        Users, codes, variables, sources, notes and so on; the project's own attributes come first, in an
        element without children, with the group "".
        """
        try:
            with self._zip.open(self._qde) as file:
                yield from _Reader().elements(file)
        except expat.ExpatError as error:
            raise self.wrong(
                f"holds a {self._qde.filename} that is not whole XML: {error}. Export it again"
            ) from error
        except _StrangeError as error:
            raise self.wrong(f"holds a {self._qde.filename} that {error}. Export it again") from error
        except (OSError, *_DAMAGED) as error:
            raise self._damaged(error) from error


class _StrangeError(Exception):
    """What no program writes into such a file."""


class _Reader:
    def __init__(self) -> None:
        self._open: list[str] = []
        self._names: dict[str, str] = {}  # without their namespace
        self._tree: TreeBuilder | None = None
        self._depth = self._elements = 0  # of the tree that is being built
        self._done: list[tuple[str, Element]] = []
        self._parser = expat.ParserCreate(namespace_separator="}")

    def elements(self, file: IO[bytes]) -> Iterator[tuple[str, Element]]:
        parser = self._parser
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from self._done
            self._done.clear()
        parser.Parse(b"", True)

    def _refuse(self, *declaration: object) -> None:
        raise _StrangeError("declares a document type, where entities could be declared")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, tag.rpartition("}")[2])
        above = self._open
        if self._tree is not None:
            self._elements += 1
            if self._elements > _MOST_ELEMENTS:
                raise _StrangeError(f"has more than {_MOST_ELEMENTS:,} elements in one of its sources")
            self._tree.start(name, attributes)
        elif not above:
            if tag != f"{NAMESPACE}}}Project":
                raise _StrangeError(f"begins with {name!r} and not with a Project of REFI-QDA 1.0")
            self._done.append(("", Element(name, attributes)))
        elif above[-1] in _GROUPS:
            self._tree, self._depth, self._elements = TreeBuilder(), len(above), 1
            self._tree.start(name, attributes)
        if name in _WORDS:  # elsewhere there are line ends alone
            self._parser.CharacterDataHandler = self._data
        above.append(name)
        if len(above) > _DEEPEST:
            raise _StrangeError(f"is nested more than {_DEEPEST} deep")

    def _end(self, tag: str) -> None:
        name = self._open.pop()
        if name in _WORDS:
            self._parser.CharacterDataHandler = None
        if self._tree is not None:
            self._tree.end(name)
            if len(self._open) == self._depth:
                self._done.append((self._open[-1], self._tree.close()))
                self._tree = None

    def _data(self, words: str) -> None:
        if self._tree is not None:
            self._tree.data(words)
