"""The title above the article: two lines at most, whole in the tool-tip, in any width and size of letters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotator.ui.title_label import TitleLabel

LONG = (
    "The ministers of the three republics met their counterparts of the union in the capital and agreed " * 2
)


@pytest.fixture
def label(qtbot: QtBot) -> Iterator[TitleLabel]:
    """A title in a row beside nothing, which gives it the height it asks for."""
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    label = TitleLabel()
    row.addWidget(label)
    page.resize(420, 400)
    page.show()
    qtbot.waitExposed(page)
    yield label
    page.close()


def lines(label: TitleLabel) -> float:
    return label.heightForWidth(label.width()) / label.fontMetrics().lineSpacing()


@pytest.mark.parametrize("size", [11, 16, 24])
@pytest.mark.parametrize("title", [LONG, "endless" * 40, "🚀 длинное заглавие " * 12, "بيان طويل جدا " * 20])
def test_a_long_title_takes_two_lines_and_is_whole_in_the_tip(
    label: TitleLabel, size: int, title: str
) -> None:
    label.setFont(QFont(label.font().family(), size))
    label.show_title(title)
    assert label.text().endswith("…")
    assert "\n" in label.text()
    assert 1 < lines(label) < 2.5
    assert label.text().replace("\n", " ").replace("\u200b", "")[:12] == title[:12]
    assert " ".join(title.split())[-20:-1].replace("<", "&lt;") in " ".join(label.toolTip().split())
    assert label.accessibleName() == title


def test_a_wider_window_shows_more_again(label: TitleLabel, qtbot: QtBot) -> None:
    title = LONG[: len(LONG) // 2].strip()
    label.show_title(title)
    label.window().resize(250, 400)
    qtbot.waitUntil(lambda: label.text().endswith("…"))
    label.window().resize(1600, 400)
    qtbot.waitUntil(lambda: label.text() == title)
    assert label.toolTip() == ""
    label.window().resize(250, 400)
    qtbot.waitUntil(lambda: label.text().endswith("…"))


def test_a_short_title_stands_as_it_is(label: TitleLabel) -> None:
    label.show_title("Rocket & café")
    assert label.text() == "Rocket & café"
    assert label.toolTip() == ""
    assert lines(label) < 1.5
