"""A PDF as a real program prints it: embedded fonts, several pages, two alphabets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFontDatabase, QPageSize, QPdfWriter, QTextDocument
from pytestqt.qtbot import QtBot

from annotator.formats import pdf

PARAGRAPHS = (
    "Armenia signed a partnership pact with the European Union on Sunday, said the prime minister, after "
    "months of negotiations in Brussels and in Yerevan that were office-internal and difficult.",
    "Премьер-министр Никол Пашинян подписал соглашение о партнёрстве с Европейским союзом в воскресенье, "
    "сообщила его пресс-служба, после нескольких месяцев переговоров.",
    "Short one.",
)


def test_a_printed_text_comes_back_paragraph_by_paragraph(qtbot: QtBot, tmp_path: Path) -> None:
    if not QFontDatabase.families():
        pytest.skip("there are no fonts to print with")
    path = tmp_path / "printed.pdf"
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A5))
    writer.setResolution(72)
    writer.setTitle("Armenia signs")
    printed = QTextDocument()
    paragraphs = [paragraph for _ in range(8) for paragraph in PARAGRAPHS]
    printed.setHtml("".join(f"<p style='margin-bottom: 10px'>{words}</p>" for words in paragraphs))
    printed.setPageSize(QSizeF(writer.width(), writer.height()))
    printed.print_(writer)
    del writer
    (item,) = pdf.read(path)
    article = item.record.article
    assert article.title == "Armenia signs"
    assert article.meta["pages"] > 1
    assert article.text.split("\n\n") == paragraphs
