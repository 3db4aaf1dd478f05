"""PDF: the text layer, in paragraphs. Pages that are pictures are told, not guessed at."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from annotator.formats.item import Item, unreadable
from annotator.formats.pdf_lines import HYPHENS, LIGATURES, Line, joined, without_ligatures, without_running
from annotator.formats.registry import Format
from annotator.formats.txt import guess_title, record
from annotator.model import ArticleInput, InputFileError
from annotator.text import LARGEST_TEXT, normalise, too_long

LARGEST_STREAM = 256_000_000
"""Bytes to which one part of a PDF may unpack."""
_LARGEST = 256_000_000  # bytes of a file
_MOST_PAGES = 2_000
_NO_TITLE = re.compile(
    r"microsoft word\b.*|untitled.*|\S+\.(docx?|odt|indd|qxd|pdf|html?|tex)", re.IGNORECASE
)
_NOBODY = frozenset(("anonymous", "unknown", "user", "admin", "administrator"))
_UNKNOWN = re.compile(r"\(cid:\d+\)")
_SPACE = re.compile(r"[ \t\u00a0\n\r\f\v]+")
_RUNNING = "page headers, footers and page numbers"


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a PDF; raises ``InputFileError``.

    Its text is what stands on the pages with words at line ends put together again; offsets are of that.
    """
    try:
        with path.open("rb") as file:
            if path.stat().st_size > _LARGEST:
                raise InputFileError(path, f"is larger than {_LARGEST:,} bytes. Divide it into several files")
            pages, pictures, lines, about = _look(path, file)
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    if not lines:
        if pictures:
            raise InputFileError(path, f"has no text layer: {_which(pictures, pages)}; run OCR first")
        raise InputFileError(path, "has no text; leave it out")
    letters = "".join(line.text for line in lines)
    if len("".join(_UNKNOWN.findall(letters))) > len(letters) / 10:
        raise InputFileError(
            path, "does not say which letters its signs are (its fonts have no table); run OCR first"
        )
    ligatures = 0
    for number, line in enumerate(lines):
        words, there = without_ligatures(line.text)
        if there:
            lines[number] = replace(line, text=words)
            ligatures += there
    kept, dropped = without_running(lines)
    text, hyphens = joined(kept or lines)
    text = normalise(text)
    if len(text) > LARGEST_TEXT:
        raise InputFileError(path, too_long(len(text)))
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    meta: dict[str, Any] = {"file": name, "pages": pages}
    meta |= {key: n for key, n in ((HYPHENS, hyphens), (LIGATURES, ligatures)) if n}
    title, author = about.get("Title", ""), about.get("Author", "")
    article = ArticleInput(
        text,
        title if title and not _NO_TITLE.fullmatch(title) else guess_title(text, Path(name).stem),
        author=author if author and author.casefold() not in _NOBODY else None,
        meta=meta,
    )
    lost = [_RUNNING] * dropped if kept else []
    if pictures:
        lost.append(f"scanned parts without a text layer ({_which(pictures, pages)}; run OCR first)")
    yield Item(record(article), lost=tuple(lost))


def _look(path: Path, file: Any) -> tuple[int, list[int], list[Line], dict[str, str]]:
    """Return the number of pages, those (from 1) that are pictures without text, the lines, the metadata."""
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it warns of every liberty that a program took
    from pdfminer import pdftypes
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    from annotator.formats.pdf_layout import Aggregator

    pdftypes.zlib = _Bounded  # type: ignore[assignment,attr-defined]  # there is no other place to set a limit
    pictures: list[int] = []
    lines: list[Line] = []
    number = size = 0
    try:
        document = PDFDocument(PDFParser(file))
        manager = PDFResourceManager()
        device = Aggregator(manager, laparams=LAParams(all_texts=True, boxes_flow=None))
        interpreter = PDFPageInterpreter(manager, device)
        for number, page in enumerate(PDFPage.create_pages(document), 1):
            if number > _MOST_PAGES:
                raise InputFileError(
                    path, f"has more than {_MOST_PAGES:,} pages. Divide it into an article a file"
                )
            interpreter.process_page(page)
            found = list(_lines(device.get_result(), number - 1))
            if not found and _has_picture(device.get_result()):
                pictures.append(number)
            lines += found
            size += sum(len(line.text) for line in found)
            if size > LARGEST_TEXT:
                raise InputFileError(path, too_long(size))
        if not number:
            raise ValueError("no pages")
        about = {key: _words(value) for info in document.info for key, value in info.items()}
    except InputFileError:
        raise
    except PDFEncryptionError:
        raise InputFileError(path, "is protected by a password. Save it without one") from None
    except _TooLargeError:
        raise InputFileError(
            path, f"has a part that unpacks to more than {LARGEST_STREAM:,} bytes. Print it to a new PDF"
        ) from None
    except (Exception, RecursionError) as error:  # pdfminer raises whatever a wrong file leads it to
        where = f" (page {number})" if number else ""
        raise InputFileError(
            path, f"is damaged, or no PDF{where}. Open it in another program and print it to a new PDF"
        ) from error
    return number, pictures, lines, about


class _TooLargeError(Exception):
    pass


class _Bounded:
    """zlib as pdfminer uses it, with a limit: a few bytes can be made to unpack to all of the memory."""

    error = zlib.error
    decompressobj = staticmethod(zlib.decompressobj)

    @staticmethod
    def decompress(data: bytes) -> bytes:
        """Return the data unpacked; raises ``zlib.error`` as zlib does where they are cut off."""
        unpacking = zlib.decompressobj()
        made = unpacking.decompress(data, LARGEST_STREAM)
        if unpacking.unconsumed_tail:
            raise _TooLargeError
        if not unpacking.eof:
            raise zlib.error("incomplete or truncated stream")
        return made


def _lines(layout: Any, page: int) -> Iterator[Line]:
    from pdfminer.layout import LTChar, LTContainer, LTTextLine

    waiting = [iter(layout)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif isinstance(element, LTTextLine):
            words = _SPACE.sub(" ", element.get_text()).strip()
            sizes = [char.size for char in element if isinstance(char, LTChar)]
            middle = (element.y0 + element.y1) / 2
            if words and sizes and 0 <= middle <= layout.height:  # what is beyond the edge nobody sees
                yield Line(
                    words, page, element.x0, element.x1, element.y0, element.y1,
                    max(median(sizes), 0.1), layout.height,
                )  # fmt: skip
        elif isinstance(element, LTContainer):
            waiting.append(iter(element))


def _has_picture(layout: Any) -> bool:
    from pdfminer.layout import LTContainer, LTImage

    waiting = [layout]
    while waiting:
        for element in waiting.pop():
            if isinstance(element, LTImage):
                return True
            if isinstance(element, LTContainer):
                waiting.append(element)
    return False


def _words(value: Any) -> str:
    """Return an entry of a PDF's metadata: UTF-16 with its mark, or one byte a letter."""
    from pdfminer.utils import decode_text

    if not isinstance(value, bytes):
        return ""
    return " ".join(normalise(decode_text(value)).split())


def _which(pictures: list[int], pages: int) -> str:
    """Return "page 3 is a picture", "pages 3 and 5 are pictures"."""
    if len(pictures) == 1:
        return f"page {pictures[0]} is a picture"
    if len(pictures) == pages:
        return "its pages are pictures"
    numbers = [str(number) for number in pictures[:10]]
    more = f" and {len(pictures) - 10} more" if len(pictures) > 10 else f" and {numbers.pop()}"
    return f"pages {', '.join(numbers)}{more} are pictures"


FORMAT = Format("pdf", "PDF with a text layer", (".pdf",), read, many=False)
