"""Every colour that carries words can be read, in each theme, whatever colours a codebook has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QGroupBox,
    QMenu,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from annotator.project.codebook import default_codebook
from annotator.ui import theme
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py
THEMES = theme.THEMES
LABELS = [label for layer in default_codebook()["layer"] for label in layer["label"]]

each_theme = pytest.mark.parametrize("shown", THEMES, ids=lambda t: t.name)


@pytest.fixture(autouse=True)
def _restore_theme(qtbot: QtBot) -> Iterator[None]:
    yield
    theme.apply("light")


def check(color: str, shown: theme.Theme) -> None:
    shades = theme.shades(color, shown)
    for ground in (QColor(shown.base), QColor(shown.selected), shades.tint):
        assert theme.contrast(shades.text, ground) >= shown.text_contrast, (color, shown.name, ground.name())
    assert theme.contrast(QColor(shown.text), shades.tint) >= shown.text_contrast, (color, shown.name)
    assert theme.contrast(shades.line, QColor(shown.base)) >= shown.line_contrast, (color, shown.name)


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21.0)
    assert theme.contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)


@each_theme
@pytest.mark.parametrize("label", LABELS, ids=lambda label: label["name"])
def test_the_default_labels_can_be_read(label: Any, shown: theme.Theme) -> None:
    check(label["color"], shown)


@each_theme
@given(color=st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_labels_of_any_colour_can_be_read(color: str, shown: theme.Theme) -> None:
    check(color, shown)


@each_theme
def test_what_is_no_colour_is_grey(shown: theme.Theme) -> None:
    assert theme.shades("bluish", shown).text == theme.shades("#808080", shown).text


@each_theme
@pytest.mark.parametrize(
    ("words", "ground"),
    [
        ("text", "base"), ("text", "field"), ("text", "soft"), ("text", "selected"), ("text", "evidence"),
        ("muted", "base"), ("muted", "field"), ("muted", "soft"), ("muted", "selected"),
        ("accent", "base"), ("accent", "selected"), ("on_accent", "accent"), ("accent", "soft"),
    ],
)  # fmt: skip
def test_the_themes_own_words_can_be_read(shown: theme.Theme, words: str, ground: str) -> None:
    assert (
        theme.contrast(QColor(getattr(shown, words)), QColor(getattr(shown, ground))) >= shown.text_contrast
    )


@each_theme
def test_icons_and_bars_can_be_seen(shown: theme.Theme) -> None:
    for name in ("positive", "warning", "accent"):
        assert theme.contrast(QColor(getattr(shown, name)), QColor(shown.base)) >= shown.line_contrast


@each_theme
def test_what_cannot_be_used_looks_so_and_not_by_its_colour_alone(qtbot: QtBot, shown: theme.Theme) -> None:
    disabled = QColor(shown.disabled)
    for ground_ in ("base", "field", "soft"):
        assert theme.contrast(disabled, QColor(getattr(shown, ground_))) >= shown.line_contrast - 0.15
    for words in ("text", "muted"):
        assert theme.contrast(QColor(getattr(shown, words)), disabled) >= 1.6
    theme.apply(shown.name)
    button = QPushButton("Merge into…")
    qtbot.addWidget(button)
    button.resize(160, 36)

    def outlined() -> bool:
        image = button.grab().toImage()
        return bool(image.pixel(80, 0) != image.pixel(80, 4))

    assert outlined()
    button.setEnabled(False)
    assert not outlined()


@each_theme
def test_a_tick_that_cannot_be_changed_is_not_as_bright_as_others(qtbot: QtBot, shown: theme.Theme) -> None:
    theme.apply(shown.name)
    box = QCheckBox("With the articles' texts", checked=True)
    qtbot.addWidget(box)
    box.resize(220, 28)

    def bright() -> bool:
        return any(
            box.grab().toImage().pixelColor(x, y) == QColor(shown.accent)
            for x in range(20)
            for y in range(28)
        )

    assert bright()
    box.setEnabled(False)
    assert not bright()


@each_theme
def test_what_can_be_ticked_in_a_menu_has_a_box_to_see(qtbot: QtBot, shown: theme.Theme) -> None:
    theme.apply(shown.name)
    menu = QMenu()
    qtbot.addWidget(menu)
    tick = menu.addAction("Back up when opening")
    tick.setCheckable(True)
    menu.resize(menu.sizeHint())
    image = menu.grab().toImage()
    place = menu.actionGeometry(tick)
    left = range(place.left() + 4, place.left() + 24)
    assert any(image.pixelColor(x, place.center().y()) == QColor(shown.muted) for x in left)


@each_theme
def test_what_is_chosen_of_several_is_a_ring_as_wide_as_the_others(qtbot: QtBot, shown: theme.Theme) -> None:
    theme.apply(shown.name)
    pictures = []
    for checked in (False, True):
        button = QRadioButton("They stay", autoExclusive=False, checked=checked)
        qtbot.addWidget(button)
        button.resize(120, 28)
        pictures.append(button.grab().toImage())
    ground = QColor(shown.base)
    drawn = [
        {(x, y) for x in range(22) for y in range(28) if theme.contrast(image.pixelColor(x, y), ground) > 1.5}
        for image in pictures
    ]
    edges = [[f(point[axis] for point in each) for f in (min, max) for axis in (0, 1)] for each in drawn]
    assert edges[0] == edges[1]
    left, top = edges[0][:2]
    assert not {(left + x, top + y) for x in range(3) for y in range(3 - x)} & drawn[0], "round, not a box"


@each_theme
def test_the_corner_between_two_scroll_bars_is_the_tables_own_ground(
    qtbot: QtBot, shown: theme.Theme
) -> None:
    theme.apply(shown.name)
    dialog = QDialog()  # where tables have a frame
    qtbot.addWidget(dialog)
    table = QTableWidget(40, 40, dialog)
    table.resize(200, 200)
    image = dialog.grab().toImage()
    frame = image.pixelColor(199, 100)
    assert frame == QColor(shown.line)
    assert image.pixelColor(199, 195) == image.pixelColor(195, 199) == frame
    inside = {image.pixelColor(x, y).name() for x in range(189, 197) for y in range(189, 197)}
    assert inside == {shown.base}


@each_theme
def test_a_bar_shows_where_it_ends_and_has_no_words_on_two_grounds(qtbot: QtBot, shown: theme.Theme) -> None:
    theme.apply(shown.name)
    bar = QProgressBar()
    qtbot.addWidget(bar)
    bar.resize(200, 20)
    bar.setValue(70)
    image = bar.grab().toImage()
    assert not bar.isTextVisible()
    assert image.pixelColor(199, 10) == QColor(shown.line)


def test_high_contrast_is_seven_to_one_with_thicker_lines_and_outlined_fields() -> None:
    high = theme.CONTRAST
    assert (high.text_contrast, high.line_contrast) == (7.0, 4.5)
    assert high.stroke >= 1.5
    assert theme.contrast(QColor(high.line), QColor(high.base)) >= 4.5  # the others' borders are quiet


@each_theme
def test_an_icon_in_a_menu_stands_under_the_boxes_of_what_can_be_ticked(
    qtbot: QtBot, shown: theme.Theme
) -> None:
    theme.apply(shown.name)
    menu = QMenu()
    qtbot.addWidget(menu)
    tick = menu.addAction("Stop at zones too")
    tick.setCheckable(True)
    tick.setChecked(True)
    reject = menu.addAction(theme.icon("reject"), "Reject")
    menu.resize(menu.sizeHint())
    image = menu.grab().toImage()

    def middle(action: QAction) -> float:
        place = menu.actionGeometry(action)
        drawn = [
            x
            for x in range(place.left() + 2, place.left() + 28)
            for y in range(place.top(), place.bottom())
            if image.pixelColor(x, y) != QColor(shown.base)
        ]
        return (min(drawn) + max(drawn)) / 2

    assert abs(middle(tick) - middle(reject)) <= 2


@each_theme
def test_a_group_has_a_frame_to_see(qtbot: QtBot, shown: theme.Theme) -> None:
    theme.apply(shown.name)
    group = QGroupBox("Which field is which")
    qtbot.addWidget(group)
    group.resize(200, 80)
    assert group.grab().toImage().pixelColor(100, 79) == QColor(shown.line)


def test_every_theme_says_a_colour_for_everything() -> None:
    for shown in THEMES:
        for field in fields(shown):
            value = getattr(shown, field.name)
            assert not isinstance(value, str) or field.name == "name" or QColor(value).isValid()
    assert theme.DARK.dark
    assert not theme.LIGHT.dark


def ground(widget: QWidget) -> QColor:
    """The colour that most of a widget's pixels have."""
    image = widget.grab().toImage()
    counts: dict[int, int] = {}
    for y in range(0, image.height(), 3):
        for x in range(0, image.width(), 3):
            pixel = image.pixel(x, y)
            counts[pixel] = counts.get(pixel, 0) + 1
    return QColor(max(counts, key=counts.__getitem__))


def test_another_theme_repaints_everything(hands: Hands, window: MainWindow) -> None:
    parts: list[QWidget] = [
        window.list, window.list.table, window.pane, window.pane.view, window.stance, window.spans,
        window.spans.tree, window.note, window.menuBar(), window.tool_bar, window.statusBar(),
    ]  # fmt: skip
    # The panels are painted after the text.
    hands.qtbot.waitUntil(lambda: all(part.updatesEnabled() for part in parts))
    window.appearance.choose_theme("light")
    assert all(not ground(part).lightness() < 128 for part in parts)
    icon = window.actions_["undo"].icon().pixmap(20, 20).toImage()
    window.warn("Something.")
    window.appearance.choose_theme("dark")
    bright = [part.objectName() or type(part).__name__ for part in parts if ground(part).lightness() > 128]
    assert bright == []
    assert ground(window.notice).lightness() < 128
    assert window.actions_["undo"].icon().pixmap(20, 20).toImage() != icon
    assert window.actions_["theme/dark"].isChecked()
    assert not window.actions_["theme/light"].isChecked()


def test_the_system_is_followed_until_a_theme_is_chosen(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "system_is_dark", lambda: True)
    window.appearance.choose_theme("system")
    assert theme.current() is theme.DARK
    monkeypatch.setattr(theme, "system_is_dark", lambda: False)
    window.appearance.follow_system()
    assert theme.current() is theme.LIGHT
    monkeypatch.setattr(theme, "system_wants_contrast", lambda: True)
    window.appearance.follow_system()
    assert theme.current() is theme.CONTRAST
    window.appearance.choose_theme("dark")
    window.appearance.follow_system()
    assert theme.current() is theme.DARK


@pytest.mark.skipif(not hasattr(Qt, "ContrastPreference"), reason="Qt tells since 6.10")
def test_the_systems_high_contrast_is_asked_for_where_qt_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hints:
        def __init__(self, preference: Qt.ContrastPreference) -> None:
            self.preference = preference

        def accessibility(self) -> Hints:
            return self

        def contrastPreference(self) -> Qt.ContrastPreference:  # noqa: N802 (Qt's name)
            return self.preference

    for preference in Qt.ContrastPreference:
        monkeypatch.setattr(theme.QGuiApplication, "styleHints", lambda p=preference: Hints(p))
        assert theme.system_wants_contrast() is (preference == Qt.ContrastPreference.HighContrast)
    monkeypatch.setattr(theme.QGuiApplication, "styleHints", lambda: object())
    assert theme.system_wants_contrast() is False


def test_selected_words_can_be_read(window: MainWindow) -> None:
    for each in THEMES:
        shown = theme.apply(each.name)
        palette = QApplication.palette()
        ratio = theme.contrast(palette.highlight().color(), palette.highlightedText().color())
        assert ratio >= shown.text_contrast
        assert palette.window().color() == QColor(shown.base)


def test_icons_are_drawn_in_the_colour_that_is_asked_for(qtbot: QtBot) -> None:
    image = theme.icon("accept", "#ff0000").pixmap(32, 32).toImage()
    colors = {image.pixelColor(x, y).name() for x in range(32) for y in range(32)
              if image.pixelColor(x, y).alpha() == 255}  # fmt: skip
    assert colors == {"#ff0000"}


def test_another_theme_keeps_the_text_size_and_place(hands: Hands, window: MainWindow) -> None:
    view = window.pane.view
    view.show_article("\n".join(f"This is line {number} of a long article." for number in range(300)))
    window.appearance.zoom(4)
    view.set_scroll_position(5000)
    place = view.scroll_position()
    assert place > 0
    for choice in ("dark", "contrast", "light"):
        window.appearance.choose_theme(choice)
        assert view.font().pointSize() == 17
        assert view.scroll_position() == place
