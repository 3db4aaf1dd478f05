"""Texts of word processors: Word (.docx) and OpenDocument (.odt), one file an article.

Paragraphs are lines with a blank one between; rows of tables are lines, with a tab between cells. What
was deleted under tracked changes is left out, comments, footnotes, headers and footers too.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotator.formats import packages
from annotator.formats.item import Item
from annotator.formats.pdf_lines import HYPHENS, LIGATURES, SOFT_HYPHEN, without_ligatures
from annotator.formats.registry import Format
from annotator.formats.txt import guess_title, record
from annotator.model import ArticleInput, InputFileError
from annotator.text import LARGEST_TEXT, normalise, too_long

_LARGEST_PART = 40 * LARGEST_TEXT  # bytes of XML; marking-up takes more than the letters
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
CREATED = "file created"

# Word
_WORD_LOST = {
    _W + "footnoteReference": "footnotes",
    _W + "endnoteReference": "endnotes",
    _W + "commentReference": "comments",
    _W + "delText": "deletions under tracked changes",
    _W + "sym": "signs of symbol fonts",
}
_HIDDEN = "stretches of hidden text"
_WORD_UNSEEN = {*_WORD_LOST, *(_W + name for name in ("del", "moveFrom", "instrText", "pPr", "rPr"))}
_WORD_UNSEEN |= {_MC + "Fallback"}  # the same drawing once more, for older programs
_WORD_SIGNS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "\u2011"}
_DELETED = f".//{_W}delText"
_VANISH = f"{_W}rPr/{_W}vanish"
_OFF = ("0", "false", "off")
# OpenDocument
_OPEN_UNSEEN = {
    *(
        _TEXT + name
        for name in ("tracked-changes", "note", "sequence-decls", "table-of-content", "bibliography")
    ),
    _OFFICE + "annotation",
}


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a file; raises ``InputFileError``."""
    with packages.opened(path) as archive:
        names = set(archive.namelist())
        if "word/document.xml" in names:
            body = _tree(path, archive, "word/document.xml")
            text, unseen = _word_text(body)
            about = _tree(path, archive, "docProps/core.xml") if "docProps/core.xml" in names else None
        elif "content.xml" in names:
            if "META-INF/manifest.xml" in names and b"encryption-data" in _part(
                path, archive, "META-INF/manifest.xml"
            ):
                raise InputFileError(path, "is protected by a password. Save it without one")
            body = _tree(path, archive, "content.xml")
            text, unseen = _open_text(body)
            about = _tree(path, archive, "meta.xml") if "meta.xml" in names else None
        else:
            raise InputFileError(path, "is no Word or OpenDocument text. Save it anew as .docx or .odt")
    text, ligatures = without_ligatures(normalise(text))
    hyphens = text.count(SOFT_HYPHEN)
    text = text.replace(SOFT_HYPHEN, "")
    if not text.strip():
        raise InputFileError(path, "has no text (are its pages pictures?); leave it out")
    if len(text) > LARGEST_TEXT:
        raise InputFileError(path, too_long(len(text)))
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    # When the file was made, or the template that it was made of; not when the article was published.
    created = _about(about, _TERMS + "created", _META + "creation-date")
    found = ((CREATED, created and created[:100]), (HYPHENS, hyphens), (LIGATURES, ligatures))
    article = ArticleInput(
        text,
        _about(about, _DC + "title") or guess_title(text, Path(name).stem),
        author=_about(about, _META + "initial-creator", _DC + "creator"),
        meta={"file": name} | {key: value for key, value in found if value},
    )
    yield Item(record(article), lost=unseen)


def _part(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST_PART:
        raise InputFileError(
            path, f"holds more than {_LARGEST_PART:,} bytes of text. Cut it into several files"
        )
    try:
        return archive.read(name)
    except Exception as error:  # each way of packing has errors of its own
        raise InputFileError(path, f"is damaged: {error}. Save it anew") from error


def _tree(path: Path, archive: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(_part(path, archive, name), parser)
    except etree.XMLSyntaxError as error:
        raise InputFileError(path, f"is damaged: {name}: {error.msg}. Save it anew") from error


def _about(tree: Any, *names: str) -> str | None:
    """Return the first of the properties that is there and not empty."""
    for name in names if tree is not None else ():
        for element in tree.iter(name):
            if element.text and (words := " ".join(normalise(element.text).split())):
                return words
    return None


class _Lines:
    """Paragraphs and rows of tables as they come, joined at the end."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._row_before = False
        self.cells: list[list[str]] | None = None  # of the row at hand

    def paragraph(self, words: str) -> None:
        """Add a paragraph, to the cell at hand where there is one."""
        if not words.strip():
            return
        if self.cells:
            self.cells[-1].append(" ".join(words.split()))
        else:
            self._add(words.strip("\n"), is_row=False)

    def end_row(self) -> None:
        """Add the row at hand as a line."""
        cells = [" ".join(cell) for cell in self.cells or []]
        self.cells = None
        if any(cells):
            self._add("\t".join(cells).rstrip("\t"), is_row=True)

    def _add(self, line: str, *, is_row: bool) -> None:
        if self._made:
            self._made.append("\n" if is_row and self._row_before else "\n\n")
        self._made.append(line)
        self._row_before = is_row

    def text(self) -> str:
        """Return all of it."""
        return "".join(self._made)


def _is_hidden(run: Any) -> bool:
    """Tell whether a run of a Word file is written as hidden, which nobody sees who reads or prints it."""
    vanish = run.find(_VANISH)
    return vanish is not None and vanish.get(_W + "val") not in _OFF


def _word_text(tree: Any) -> tuple[str, tuple[str, ...]]:
    lines, lost = _Lines(), []
    waiting: list[list[str]] = []  # of the paragraphs at hand: one with a text box holds others
    rows = 0
    unseen: Any = None
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag
        if unseen is not None:
            if event == "end" and element is unseen:
                unseen = None
            continue
        if event == "start":
            if tag in _WORD_UNSEEN:
                unseen = element
                # A row's properties may have a "del" that holds no words.
                said = _W + "delText" if tag == _W + "del" and element.find(_DELETED) is not None else tag
                if said in _WORD_LOST:
                    lost.append(_WORD_LOST[said])
            elif tag == _W + "r" and _is_hidden(element):
                unseen = element
                if element.find(_W + "t") is not None:
                    lost.append(_HIDDEN)
            elif tag == _W + "p":
                waiting.append([])
            elif tag == _W + "tr":
                rows += 1
                if rows == 1:
                    lines.cells = []
            elif tag == _W + "tc" and rows == 1 and lines.cells is not None:
                lines.cells.append([])
            elif waiting and tag == _W + "t":
                waiting[-1].append(element.text or "")
            elif waiting and tag in _WORD_SIGNS:
                waiting[-1].append(_WORD_SIGNS[tag])
        elif tag == _W + "p":
            lines.paragraph("".join(waiting.pop()))
        elif tag == _W + "tr":
            rows -= 1
            if rows == 0:
                lines.end_row()
    return lines.text(), tuple(lost)


def _open_text(tree: Any) -> tuple[str, tuple[str, ...]]:
    lines, lost = _Lines(), []
    waiting: list[list[str]] = []
    rows = 0
    unseen: Any = None
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag
        if unseen is not None:
            if event == "end" and element is unseen:
                unseen = None
                if waiting:
                    waiting[-1].append(_collapsed(element.tail))
            continue
        if event == "start":
            if tag in _OPEN_UNSEEN:
                unseen = element
                if tag == _TEXT + "note":
                    lost.append("endnotes" if element.get(_TEXT + "note-class") == "endnote" else "footnotes")
                elif tag == _OFFICE + "annotation":
                    lost.append("comments")
                lost += ["deletions under tracked changes"] * len(list(element.iter(_TEXT + "deletion")))
            elif tag in (_TEXT + "p", _TEXT + "h"):
                waiting.append([_collapsed(element.text)])
            elif tag == _TABLE + "table-row":
                rows += 1
                if rows == 1:
                    lines.cells = []
            elif tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                if rows == 1 and lines.cells is not None:
                    lines.cells.append([])
            elif waiting:
                if tag == _TEXT + "s":
                    count = element.get(_TEXT + "c", "1")
                    waiting[-1].append(" " * min(int(count), 1000) if count.isdecimal() else " ")
                elif tag == _TEXT + "tab":
                    waiting[-1].append("\t")
                elif tag == _TEXT + "line-break":
                    waiting[-1].append("\n")
                waiting[-1].append(_collapsed(element.text))
            continue
        if tag in (_TEXT + "p", _TEXT + "h"):
            lines.paragraph("".join(waiting.pop()))
        elif tag == _TABLE + "table-row":
            rows -= 1
            if rows == 0:
                lines.end_row()
        if waiting:
            waiting[-1].append(_collapsed(element.tail))
    return lines.text(), tuple(lost)


def _collapsed(words: str | None) -> str:
    return re.sub(r"[ \t\n\r]+", " ", words) if words else ""


FORMAT = Format(
    "office",
    "Word or OpenDocument text",
    (".docx", ".docm", ".odt"),
    read,
    many=False,
)
