"""The stance panel: choosing, suggestions with their evidence, and texts that nobody trusts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotator.model import Label, Suggestion
from annotator.ui import stance_buttons, theme
from annotator.ui.chips import plain_tip
from annotator.ui.passages_box import PassagesState
from annotator.ui.stance_buttons import QuoteButton
from annotator.ui.stance_panel import StancePanel
from annotator.weighing import weigh

from .conftest import PaintedWords

# The offscreen platform says so of any window with a layout.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

LABELS = (
    Label("stance", "pro-West", "#2f6fde", "W", "Favours the West."),
    Label("stance", "neutral", "#6b7280", "N"),
    Label("stance", "pro-Russia", "#d0393b", "R"),
)
SURE = Suggestion("stance", "pro-West", None, None, "stance", "supportive act → West", 0.78)
UNSURE = Suggestion(
    "stance", None, None, None, "stance", scores={"pro-West": 0.38, "neutral": 0.41, "pro-Russia": 0.21}
)
LONG = "Armenia signed a partnership with the United States, continuing to move away from Russia. " * 6


@pytest.fixture
def panel(qtbot: QtBot) -> StancePanel:
    widget = StancePanel()
    qtbot.addWidget(widget)
    widget.resize(340, 400)
    widget.show()
    return widget


def names(panel: StancePanel) -> list[str]:
    return [button.accessibleName() for button in panel.buttons]


def test_a_click_and_a_key_choose(qtbot: QtBot, panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, None, False, (), None)
    heard: list[str] = []
    panel.chosen.connect(heard.append)
    qtbot.mouseClick(panel.buttons[2], Qt.MouseButton.LeftButton)
    panel.buttons[0].setFocus()
    qtbot.keyClick(panel.buttons[0], Qt.Key.Key_Return)
    qtbot.keyClick(panel.buttons[0], Qt.Key.Key_Space)
    assert heard == ["pro-Russia", "pro-West", "pro-West"]
    assert names(panel) == ["pro-West", "neutral", "pro-Russia"]  # nothing is chosen until the owner says so


def test_pressing_the_chosen_label_clears_it(qtbot: QtBot, panel: StancePanel) -> None:
    panel.show_stance(LABELS, "neutral", None, False, (), None)
    assert names(panel)[1] == "neutral, chosen"
    with qtbot.assertNotEmitted(panel.chosen), qtbot.waitSignal(panel.cleared):
        qtbot.mouseClick(panel.buttons[1], Qt.MouseButton.LeftButton)


def test_suggested_chosen_and_neither_look_different(panel: StancePanel) -> None:
    button_images = []
    for chosen, is_open in ((None, False), (None, True), ("pro-West", False)):
        panel.show_stance(LABELS, chosen, SURE, is_open, (), None)
        button_images.append(
            panel.buttons[0].grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        )
    assert button_images[0] != button_images[1]
    assert button_images[1] != button_images[2]
    assert button_images[0] != button_images[2]


def test_an_open_suggestion_shows_score_sentences_reason_and_keys(panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, ["One.", "Two.", "Three."], None)
    assert panel.headline.text() == "<b>Suggested: pro-West</b> · 0.78 · from 3 sentences"
    assert panel.reason.text() == "supportive act → West"
    assert panel.keys.text() == "W accepts it"
    assert panel.keys.isVisible()
    assert names(panel)[0] == "pro-West, suggested"


def test_no_key_is_named_where_the_stance_may_only_be_read(panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, (), None)
    panel.set_enabled_editing(False)
    assert panel.keys.isHidden()
    panel.set_current("A accepts it")
    assert panel.keys.text() == ""
    panel.set_enabled_editing(True)
    assert panel.keys.text() == "A accepts it"


def test_a_decided_suggestion_offers_no_keys(panel: StancePanel) -> None:
    panel.show_stance(LABELS, "neutral", SURE, False, ["One."], None)
    assert not panel.keys.isVisible()
    assert names(panel) == ["pro-West", "neutral, chosen", "pro-Russia"]


def test_an_unsure_suggestion_lists_scores_from_the_highest(panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, UNSURE, True, (), None)
    assert panel.headline.text() == "<b>Not sure</b>: neutral 0.41, pro-West 0.38, pro-Russia 0.21"
    assert not panel.keys.isVisible()


def test_without_a_suggestion_it_says_why(panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, None, False, (), None)
    assert panel.notice.text() == "No suggestion yet"
    panel.show_stance(LABELS, None, None, False, (), "Suggestions come when the model is ready")
    assert panel.notice.text() == "Suggestions come when the model is ready"
    assert not panel.headline.isVisible()


def test_quotes_are_pressed_by_mouse_and_keyboard(qtbot: QtBot, panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, ["One.", "Two."], None)
    heard: list[int] = []
    panel.evidence_clicked.connect(heard.append)
    qtbot.mouseClick(panel.quotes[1], Qt.MouseButton.LeftButton)
    panel.quotes[0].setFocus()
    qtbot.keyClick(panel.quotes[0], Qt.Key.Key_Return)
    assert heard == [1, 0]


def test_showing_the_same_again_keeps_the_focus(qtbot: QtBot, panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, ["One."], None)
    quote = panel.quotes[0]
    panel.show_stance(list(LABELS), None, SURE, True, ["One."], None)
    assert panel.quotes[0] is quote


def test_a_long_quote_takes_two_lines_and_is_whole_in_its_tooltip(qtbot: QtBot) -> None:
    button = QuoteButton(LONG, 1)
    qtbot.addWidget(button)
    lines = button.lines(250)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert button.toolTip() == plain_tip(LONG)


def test_lines_of_a_quote_with_astral_characters_are_cut_at_words(qtbot: QtBot) -> None:
    text = "🚀🚀 rockets and 🇦🇲 flags are shown over the square in the evening"
    button = QuoteButton(text, 1)
    qtbot.addWidget(button)
    lines = button.lines(240)
    assert len(lines) > 1
    assert " ".join(lines) == f"“{text}”"


def test_a_sentence_with_quotation_marks_gets_no_second_ones(qtbot: QtBot) -> None:
    button = QuoteButton("“We will decide,” she said.", 1)
    qtbot.addWidget(button)
    assert button.lines(900) == ["“We will decide,” she said."]


def test_html_from_outside_is_shown_as_it_stands(panel: StancePanel) -> None:
    evil = "<img src=x> & <b>bold</b>"
    label = Label("stance", evil, "#2f6fde", "W", evil)
    suggestion = Suggestion("stance", evil, None, None, "stance", evil, 0.5)
    panel.show_stance([label], None, suggestion, True, [evil], evil)
    assert "<img" not in panel.headline.text()
    assert "&lt;img src=x&gt; &amp; &lt;b&gt;" in panel.headline.text()
    for shown in (panel.reason, panel.notice):
        assert shown.textFormat() == Qt.TextFormat.PlainText
        assert shown.text() == evil
    assert panel.quotes[0].lines(900) == [f"“{evil}”"]
    for tip in (panel.quotes[0].toolTip(), panel.buttons[0].toolTip()):
        assert "<img" not in tip


def test_no_mnemonic_is_made_of_an_ampersand(panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, ["Research &Development"], None)
    assert panel.quotes[0].shortcut().isEmpty()


def test_editing_can_be_switched_off(qtbot: QtBot, panel: StancePanel) -> None:
    panel.set_enabled_editing(False)
    panel.show_stance(LABELS, None, SURE, True, ["One."], None)
    with qtbot.assertNotEmitted(panel.chosen):
        qtbot.mouseClick(panel.buttons[0], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.evidence_clicked):
        qtbot.mouseClick(panel.quotes[0], Qt.MouseButton.LeftButton)


def test_what_cannot_be_chosen_has_no_outline(panel: StancePanel) -> None:
    def outlined() -> bool:
        panel.show_stance(LABELS, None, SURE, True, ["One."], None)
        image = panel.buttons[1].grab().toImage()
        return image.pixelColor(image.width() // 2, 2) == QColor(theme.current().line)

    assert outlined()
    panel.set_enabled_editing(False)
    assert not outlined()


@pytest.mark.parametrize("width", [240, 400])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_nothing_overlaps_or_is_cut_where_there_is_room(qtbot: QtBot, width: int, scale: float) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    font = window.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    window.setFont(font)
    column = QVBoxLayout(window)
    panel = StancePanel()
    column.addWidget(panel)
    column.addWidget(QWidget(), 1)
    panel.show_stance(LABELS, "neutral", UNSURE, True, [LONG, "Two."], "Made with the small model.")
    window.resize(width, 900)
    window.show()
    qtbot.waitUntil(lambda: panel._scroll.height() >= panel._scroll._height_at(panel._scroll.width()))
    boxes = [button.geometry() for button in panel.buttons]
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    assert all(panel._row.rect().contains(box) for box in boxes)
    assert panel._row.geometry().bottom() < panel._card.geometry().top()
    qtbot.waitUntil(lambda: not panel._scroll.verticalScrollBar().isVisible())
    for quote in panel.quotes:
        assert quote.height() >= quote.heightForWidth(quote.width())


def test_in_a_low_window_it_scrolls(qtbot: QtBot, panel: StancePanel) -> None:
    panel.show_stance(LABELS, None, SURE, True, [LONG] * 5, None)
    panel.resize(260, 200)
    qtbot.waitUntil(panel._scroll.verticalScrollBar().isVisible)
    assert panel._scroll.geometry().bottom() <= panel.height()


def test_tab_goes_from_the_buttons_to_the_evidence_and_then_on(qtbot: QtBot) -> None:
    outside = QWidget()
    qtbot.addWidget(outside)
    column = QVBoxLayout(outside)
    panel, after = StancePanel(), QPushButton("after")
    column.addWidget(panel)
    column.addWidget(after)
    outside.resize(340, 500)
    outside.show()
    panel.show_stance(LABELS, None, SURE, True, ["One.", "Two."], None)
    panel.show_stance(LABELS, None, SURE, True, ["Three.", "Four."], None)
    outside.activateWindow()
    qtbot.waitUntil(outside.isActiveWindow)
    panel.buttons[0].setFocus()
    for widget in (*panel.buttons[1:], *panel.quotes, after):
        qtbot.keyClick(outside.focusWidget(), Qt.Key.Key_Tab)
        assert widget.hasFocus(), widget


@pytest.mark.parametrize(
    ("quote", "seen", "at_right"),
    [
        ("שר החוץ (EU) נפגש ב-2024.", "”.2024-ב שגפנ )EU( ץוחה רש“", True),
        ("The minister said שלום.", "“The minister said םולש.”", False),
    ],
)
def test_a_sentence_from_right_to_left_is_set_as_it_runs(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, quote: str, seen: str, at_right: bool
) -> None:
    button = QuoteButton(quote, 1)
    qtbot.addWidget(button)
    button.resize(500, 40)
    picture = button.grab().toImage()
    inked = [
        x
        for x in range(picture.width())
        if any(picture.pixelColor(x, y) != picture.pixelColor(0, 0) for y in range(picture.height()))
    ]
    assert (min(inked) > picture.width() - 1 - max(inked)) is at_right
    painted: list[PaintedWords] = []

    class Painter(PaintedWords):
        def __init__(self, _: QWidget) -> None:
            super().__init__()
            painted.append(self)

    monkeypatch.setattr(stance_buttons, "QPainter", Painter)
    button.grab()
    assert [painter.words for painter in painted] == [[seen]]


@pytest.mark.parametrize("sure", [True, False])
def test_an_unbroken_name_is_wrapped_and_cuts_nothing_beside_it(
    qtbot: QtBot, panel: StancePanel, sure: bool
) -> None:
    name = "W" * 60
    labels = (*LABELS, Label("stance", name, "#6b7280", "4"))
    suggestion = Suggestion("stance", name, None, None, "stance", f"cues for {name}", 0.78)
    if not sure:
        suggestion = Suggestion("stance", None, None, None, "stance", scores={name: 0.4, "neutral": 0.38})
    panel.show_stance(labels, None, suggestion, True, (LONG,), f"Nobody chose {name}")
    weighed = weigh([(name, None), ("neutral", 3)], [label.name for label in labels])
    panel.passages.show_state(PassagesState(labels, name, None, "", weighed, ((name, 2),)))
    qtbot.wait(10)
    for widget in (*panel.findChildren(QLabel), *panel.buttons, *panel.quotes):
        if widget.isVisible():
            assert widget.mapTo(panel, widget.rect().topRight()).x() < panel.width()
    assert name in panel.headline.text().replace("\u200b", "")
