"""What a file is that is named as if it were plain text or a table: what its beginning says."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from annotator.formats.json_objects import first
from annotator.model import InputFileError

_PAGE = re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_WEBANNO = b"#FORMAT=WebAnno TSV "
_OURS = {b"article", b"title", b"sha256", b"characters"}
_PACKED = {
    "word/document.xml": ("a Word document", ".docx"),
    "xl/workbook.xml": ("an Excel workbook", ".xlsx"),
    "content.xml": ("an OpenDocument text", ".odt"),
    "project.qde": ("a REFI-QDA project", ".qdpx"),
}


def refuse_disguised(path: Path, head: bytes) -> None:
    """Raise ``InputFileError`` where a file's first bytes are of a kind that has another suffix."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(_WEBANNO) and not head.startswith(_WEBANNO + b"3"):
        raise InputFileError(
            path, "is of an older WebAnno. Open it in WebAnno or INCEpTION, and export it as WebAnno TSV 3"
        )
    found = _what(path, head)
    if found is not None:
        what, suffix = found
        raise InputFileError(path, f"is {what}: name it {suffix}, and import it again")


def _what(path: Path, head: bytes) -> tuple[str, str] | None:
    if head.startswith(b"%PDF-"):
        return "a PDF", ".pdf"
    if _PAGE.match(head):
        return "a web page", ".html"
    if head.startswith(b"PK\x03\x04"):
        try:
            with ZipFile(path) as packed:
                names = set(packed.namelist())
        except (BadZipFile, OSError, ValueError, NotImplementedError):
            return None
        return next((found for name, found in _PACKED.items() if name in names), None)
    if head.lstrip()[:1] in (b"{", b"[") and first(head):
        return "JSON", ".json"
    line = head[:1000].replace(b"\0", b"").partition(b"\n")[0]  # also in UTF-16, as spreadsheets write text
    if path.suffix.lower() == ".txt" and set(re.split(rb"\W+", line)) >= _OURS:
        return "a table of articles of Annotator", ".csv"
    return None
