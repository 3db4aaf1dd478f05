"""Writing workbooks (.xlsx): rows of words and numbers, which go to the disk as they come.

An XLSX file is a zip archive of a few pages of XML, and rows alone need only the plainest of it. openpyxl,
which reads them for us, makes three objects of each cell and takes six times as long.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

LONGEST = 32_767
"""Characters of a cell, as a workbook counts them: UTF-16 units."""
LARGEST = 1_048_576
"""Rows of a sheet."""

_CANNOT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REMEMBERED = 10_000  # cells that are the same in many rows
_FLUSH = 1 << 18  # characters
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_STYLES = (  # 0: plain, 1: bold
    f"{_XML}<styleSheet {_MAIN}>"
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Workbook:
    """A workbook with the same heads on each sheet; where one is full, the next begins.

    ``lost`` counts, in words, what cells could not hold. At most 26 columns.
    """

    def __init__(self, path: Path, title: str, heads: Sequence[str], widths: Sequence[int]) -> None:
        self.lost: Counter[str] = Counter()
        self._title = title
        self._heads = heads
        self._widths = widths
        self._columns = [chr(ord("A") + number) for number in range(len(heads))]
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._sheet: IO[bytes] | None = None
        self._sheets = 0
        self._row = 0  # the last that was written
        self._waiting: list[str] = []
        self._length = 0
        self._known: dict[str, str] = {}
        self._page("[Content_Types].xml", _TYPES)

    def append(self, values: Sequence[str | int | None]) -> None:
        """Write a row. Words stay words, also where they begin with ``=``."""
        if self._sheet is None or self._row == LARGEST:
            self._begin()
        self._put(values)

    def close(self) -> None:
        """Complete the file."""
        try:
            if not self._sheets:
                self._begin()
            self._end()
            self._page("xl/styles.xml", _STYLES)
            names = [self._title, *(f"{self._title}{number}" for number in range(1, self._sheets))]
            relations = [("styles", "styles.xml")]
            sheets = ""
            for number, name in enumerate(names, 1):
                relations.append(("worksheet", f"worksheets/sheet{number}.xml"))
                sheets += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number + 1}"/>'
            self._page(
                "xl/workbook.xml",
                f'{_XML}<workbook {_MAIN} xmlns:r="{_RELATION}"><sheets>{sheets}</sheets></workbook>',
            )
            self._relate("xl/_rels/workbook.xml.rels", relations)
            self._relate("_rels/.rels", [("officeDocument", "xl/workbook.xml")])
        finally:
            self._zip.close()

    def _begin(self) -> None:
        self._end()
        self._sheets += 1
        self._row = 0
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
            for number, width in enumerate(self._widths, 1)
        )
        self._waiting.append(
            f'{_XML}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
        )
        self._put(self._heads, ' s="1"')

    def _put(self, values: Sequence[str | int | None], style: str = "") -> None:
        self._row += 1
        row = self._row
        cells = [
            f'<c r="{column}{row}"{style}{self._cell(value)}</c>'
            for column, value in zip(self._columns, values, strict=True)
            if value is not None
        ]
        words = f'<row r="{row}">{"".join(cells)}</row>'
        self._waiting.append(words)
        self._length += len(words)
        if self._length > _FLUSH:
            self._flush()

    def _cell(self, value: str | int) -> str:
        """Return a cell from the end of its place and style on."""
        if not isinstance(value, str):
            return f"><v>{value}</v>"
        known = self._known.get(value)
        if known is not None:
            return known
        lost = self.lost.total()
        clean, number = _CANNOT.subn("\ufffd", value)
        if number:
            self.lost["control characters"] += 1
        if len(clean) > LONGEST // 2 and len(clean.encode("utf-16-le")) // 2 > LONGEST:
            clean = clean[: LONGEST // 2 - 1] + "…"
            self.lost["ends of cells of more than 32,767 characters"] += 1
        made = f' t="inlineStr"><is><t xml:space="preserve">{escape(clean, {chr(13): "&#13;"})}</t></is>'
        if lost == self.lost.total():  # else it is to be counted again
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[value] = made
        return made

    def _end(self) -> None:
        if self._sheet is not None:
            self._waiting.append("</sheetData></worksheet>")
            self._flush()
            self._sheet.close()
            self._sheet = None

    def _flush(self) -> None:
        assert self._sheet is not None
        self._sheet.write("".join(self._waiting).encode())
        self._waiting.clear()
        self._length = 0

    def _page(self, name: str, words: str) -> None:
        self._zip.writestr(name, words)

    def _relate(self, name: str, targets: Sequence[tuple[str, str]]) -> None:
        relations = "".join(
            f'<Relationship Id="rId{number}" Type="{_RELATION}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, 1)
        )
        self._page(name, f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>')
