"""Drawn orders, the blind share and the project's settings, at the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot

from annotator.model import ArticleFilter
from annotator.project import open_project
from annotator.ui.article_state import BLIND
from annotator.ui.main_window import MainWindow
from annotator.ui.project_settings import ProjectSettingsDialog

Hands = Any  # the class is in conftest.py


def choose(window: MainWindow, text: str) -> None:
    """Choose an entry of the sort menu."""
    next(a for a in window.list.sort_button.menu().actions() if a.text() == text).trigger()


def settings(hands: Hands, act: Callable[[ProjectSettingsDialog], None], ok: bool = True) -> None:
    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, ProjectSettingsDialog)
        act(dialog)
        standard = QDialogButtonBox.StandardButton
        dialog._buttons.button(standard.Ok if ok else standard.Cancel).click()

    hands.in_dialog(answer)
    hands.window.actions_["project_settings"].trigger()
    hands.window.activateWindow()  # offscreen leaves nothing active after a modal dialog
    hands.qtbot.waitUntil(hands.window.isActiveWindow)


@pytest.fixture
def blind(hands: Hands) -> Hands:
    """All articles are blind; article 1 is open."""
    settings(hands, lambda dialog: dialog.share.setValue(100))
    return hands


# Orders


def test_a_drawn_order_lists_and_marks_and_is_there_again_next_time(
    hands: Hands, window: MainWindow, new_window: Callable[..., MainWindow], project_file: Path
) -> None:
    choose(window, "At random")
    order = window.list.ids()
    assert order == hands.project.articles.ids(ArticleFilter(sort="random"))
    window.show_article(order[0])
    hands.focus(window.pane.view)
    hands.press("W")
    assert hands.project.articles.progress(order[0]).drawn == "random"
    window.close()
    again = new_window(project_file)
    assert again.list.ids() == order
    assert again.list.filter().sort == "random"
    hands.window = again
    again.show_article(order[1])
    hands.focus(again.pane.view)
    hands.press("F")
    assert hands.project.articles.progress(order[1]).drawn == "random"


def test_every_drawn_order_can_be_chosen_and_explains_itself(hands: Hands, window: MainWindow) -> None:
    texts = {
        "At random": "random",
        "At random, sources in turn": "by_source",
        "At random, months in turn": "by_month",
        "Least sure stance first": "uncertainty",
    }
    for text, sort in texts.items():
        choose(window, text)
        assert window.list.filter().sort == sort
        assert window.list.ids() == hands.project.articles.ids(ArticleFilter(sort=sort))
        action = next(a for a in window.list.sort_button.menu().actions() if a.text() == text)
        assert len(action.toolTip()) > 60


def test_what_is_searched_for_is_not_marked_as_drawn(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    choose(window, "At random")
    hands.focus(window.list.search_field)
    hands.type("Kyiv")
    hands.press("Return")
    assert window.labelling.article == 4
    hands.press("W")
    assert hands.project.articles.progress(4).drawn is None
    window.list.show_all()
    window.show_article(1)
    hands.focus(window.pane.view)
    hands.press("W")
    assert hands.project.articles.progress(1).drawn == "random"


# The blind share


def test_nothing_tells_the_hidden_stance_before_it_is_chosen(blind: Hands, window: MainWindow) -> None:
    assert window.stance.notice.text() == BLIND
    assert window.stance.headline.isHidden()
    assert not window.stance.reason.text()
    assert window.stance.quotes == []
    assert not window.stance.keys.text()
    assert not window.pane.view._evidence
    row = window.list._model.row(0)
    assert row is not None
    assert (row.stance, row.stance_suggested) == (None, False)
    blind.caret(0)
    blind.press("A", "X", "Shift+A")
    assert {a.layer for a in blind.project.annotations.of(1)} == {"entity"}
    assert window.stance.notice.text() == BLIND


def test_choosing_shows_it_and_keeps_that_the_choice_was_blind(blind: Hands, window: MainWindow) -> None:
    blind.caret(0)
    blind.press("N")
    assert window.stance.notice.text() != BLIND
    assert "pro-West" in window.stance.headline.text()
    (chosen,) = (a for a in blind.project.annotations.of(1) if a.layer == "stance")
    assert (chosen.label, chosen.blind, chosen.seen_suggestion) == ("neutral", True, None)
    blind.press("Ctrl+Z")
    assert "pro-West" in window.stance.headline.text()  # seen is seen
    blind.press("W")
    (chosen,) = (a for a in blind.project.annotations.of(1) if a.layer == "stance")
    assert (chosen.label, chosen.blind, chosen.origin) == ("pro-West", False, "accepted")


def test_it_is_hidden_again_after_a_restart_until_chosen(
    blind: Hands, window: MainWindow, new_window: Callable[..., MainWindow], project_file: Path
) -> None:
    window.close()
    again = new_window(project_file)
    assert again.stance.notice.text() == BLIND
    again.session.suggestions_changed.emit([1])  # as after another run
    assert again.stance.notice.text() == BLIND


# The dialog


def test_the_settings_are_one_act(hands: Hands, window: MainWindow) -> None:
    def act(dialog: ProjectSettingsDialog) -> None:
        dialog.fifth.click()
        dialog.seed.selectAll()
        hands.focus(dialog.seed)
        hands.type("12x3")  # only digits get in

    settings(hands, act)
    assert (hands.project.drawing.blind_share, hands.project.drawing.seed) == (20, "123")
    hands.caret(0)
    hands.press("Ctrl+Z")
    assert hands.project.drawing.blind_share == 0
    assert hands.project.drawing.seed != "123"


def test_cancelling_changes_nothing_and_no_seed_is_no_answer(hands: Hands, window: MainWindow) -> None:
    settings(hands, lambda dialog: dialog.share.setValue(50), ok=False)
    assert hands.project.drawing.blind_share == 0

    def act(dialog: ProjectSettingsDialog) -> None:
        ok = dialog._buttons.button(QDialogButtonBox.StandardButton.Ok)
        dialog.seed.clear()
        assert not ok.isEnabled()
        dialog.new_seed.click()
        assert ok.isEnabled()
        dialog.share.setValue(100)

    settings(hands, act)
    assert hands.project.drawing.blind_share == 100


def test_the_sort_menu_leads_to_the_seed(hands: Hands, window: MainWindow) -> None:
    seen = []
    hands.in_dialog(lambda dialog: (seen.append(dialog.windowTitle()), dialog.reject()))
    choose(window, "Seed and blind share…")
    assert seen == ["Project settings"]
    assert window.list.filter().sort == "imported"


def test_they_can_be_read_but_not_changed_in_a_project_open_for_reading(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None, hands: Hands
) -> None:
    hands.window.close()
    with open_project(project_file, annotator="bob"):
        window = new_window(project_file)
        hands.window = window
        assert not window.session.writable

        def act(dialog: ProjectSettingsDialog) -> None:
            assert dialog.seed.text() == window.session.project.drawing.seed  # type: ignore[union-attr]
            assert not dialog.share.isEnabled()
            assert not dialog._buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()

        settings(hands, act, ok=False)
