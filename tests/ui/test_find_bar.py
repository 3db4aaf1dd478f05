"""Ctrl+F in the article, by real keys."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from annotator.text import Utf16Map
from annotator.ui import find_bar, theme
from annotator.ui.main_window import MainWindow

from .conftest import Hands


def selected(hands: Hands) -> str:
    start, end = hands.window.pane.view.raw_selection()
    return hands.text[start:end]


def places(hands: Hands) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in hands.window.pane.view._hits.spans]


def find(hands: Hands, words: str) -> None:
    hands.press("Ctrl+F")
    hands.type(words)
    hands.qtbot.waitUntil(lambda: not hands.window.pane.find_bar._waiting.isActive())


def said(hands: Hands) -> str:
    return hands.window.pane.find_bar.words.text()


def test_hits_are_counted_and_walked_by_enter_and_f3_round_and_round(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    find(hands, "e")
    every = [n for n, char in enumerate(hands.text) if char in "eE"]
    assert [start for start, _ in places(hands)] == every
    assert said(hands) == f"1 of {len(every)}"
    hands.press("Return")  # into the article, to the hit that is shown
    assert window.pane.view.hasFocus()
    assert window.pane.view.raw_selection() == (every[0], every[0] + 1)
    hands.press("Return", "F3")
    assert window.pane.view.raw_selection()[0] == every[2]
    assert said(hands) == f"3 of {len(every)}"
    hands.press("Shift+Return", "Shift+F3", "Shift+F3")
    assert said(hands) == f"{len(every)} of {len(every)}"
    hands.press("F3")
    assert said(hands) == f"1 of {len(every)}"


def test_a_hit_behind_an_emoji_is_labelled_at_once_and_the_next_one_follows(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    find(hands, "Russia")
    hands.press("Return", "3")
    assert hands.labelled() == [("GPE", "Russia", "corrected")]
    assert hands.text.startswith("A rocket 🚀")
    hands.press("Return")  # the only one: round to itself
    assert selected(hands) == "Russia"
    hands.press("Ctrl+Z")
    assert hands.labelled() == []


def test_a_part_of_a_word_is_labelled_as_it_was_found(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    find(hands, "ashinya")
    hands.press("Return", "1")
    assert hands.labelled()[0][:2] == ("PERSON", "ashinya")


def test_after_labelling_enter_goes_on(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    find(hands, "A")
    every = [n for n, char in enumerate(hands.text) if char in "aA"]
    hands.press("Return", "Return", "2", "Return")
    assert window.pane.view.raw_selection()[0] == every[2]


def test_capitals_are_a_choice(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    find(hands, "russia")
    assert len(places(hands)) == 1
    window.pane.find_bar.case.click()
    assert places(hands) == []
    assert said(hands) == "Not in this article"
    assert not window.pane.find_bar.next.isEnabled()


def test_a_regular_expression_finds_and_a_wrong_one_says_why(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+F")
    window.pane.find_bar.expression.click()
    find(hands, r"\b[A-Z]\w+ia\b")
    assert [hands.text[a:b] for a, b in places(hands)] == ["Armenia", "Russia"]
    find(hands, "(oops")
    assert places(hands) == []
    assert said(hands).startswith("This is no regular expression: ")
    hands.press("Return", "F3")
    assert said(hands).startswith("This is no regular expression: ")


def test_esc_closes_the_bar_and_keeps_the_hit_selected(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    find(hands, "Yerevan")
    assert window.pane.find_bar.field.hasFocus()
    hands.press("Esc")
    assert window.pane.find_bar.isHidden()
    assert window.pane.view.hasFocus()
    assert selected(hands) == "Yerevan"
    assert places(hands) == []
    hands.press("Return")  # the bar is closed: nothing moves
    assert selected(hands) == "Yerevan"
    hands.press("Esc")
    assert selected(hands) == ""
    hands.press("F3")  # once more, from the caret on
    assert selected(hands) == "Yerevan"


def test_what_is_selected_is_sought(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.pane.view)
    start = hands.text.index("Armenia")
    window.pane.view.select(start, start + 7)
    hands.press("Ctrl+F")
    assert window.pane.find_bar.field.text() == "Armenia"
    assert said(hands) == "1 of 1"


def test_another_article_is_searched_at_once(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    find(hands, "yerevan")
    hands.press("Return", "J")
    assert window.labelling.article == 2
    assert said(hands) == "Not in this article"
    hands.press("K")
    assert said(hands) == "1 found"
    window.pane.find_bar.close_button.click()
    hands.press("J")
    assert places(hands) == []


def test_very_many_hits_are_cut(hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_bar, "MOST", 3)
    hands.caret(0)
    find(hands, "e")
    assert said(hands) == "1 of 3+"


def test_hits_are_painted_where_they_stand(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.caret(0)
    view = window.pane.view

    def frames() -> int:
        image: QImage = view.viewport().grab().toImage()
        ground = QColor(theme.current().selected).rgb()
        return sum(
            image.pixel(x, y) == ground for x in range(0, image.width(), 2) for y in range(image.height())
        )

    before = frames()
    view.set_hits([(hands.text.index("rocket"), hands.text.index("rocket") + 6)])
    assert frames() > before + 100
    page = view._page(0, view.viewport().height())
    (fragment,) = page.hits
    cursor = view.textCursor()
    cursor.setPosition(Utf16Map(hands.text).to_utf16(hands.text.index("rocket")))
    assert abs(fragment.left - view.cursorRect(cursor).left()) < 3
    view.set_hits(())
    assert frames() == before


def test_the_keys_need_an_article(hands: Hands, window: MainWindow) -> None:
    window.show_article(0)
    assert not window.actions_["find"].isEnabled()
    assert window.pane.find_bar.isHidden()
    assert not window.actions_["find_next"].isEnabled()
