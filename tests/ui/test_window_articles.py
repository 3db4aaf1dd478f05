"""Going through articles: done, skipped, flagged, notes, metadata, undo, and what the list shows."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit
from pytestqt.qtbot import QtBot

from annotator.model import ArticleFilter, ArticleInput, ArticleRow
from annotator.project import create_project, open_project
from annotator.ui.article_delegate import ROW_ROLE
from annotator.ui.date_hint import DateHint
from annotator.ui.main_window import MainWindow
from annotator.ui.suggester import SuggestProgress
from annotator.ui.tasks import wait_for_step

Hands = Any  # the class is in conftest.py


def row(window: MainWindow, article: int) -> ArticleRow:
    """What the list shows of an article."""
    wait_for_step()  # a row is painted empty, and anew, rather than wait for one
    model = window.list.table.model()
    shown: ArticleRow = model.index(window.list.ids().index(article), 0, QModelIndex()).data(ROW_ROLE)
    return shown


def test_ctrl_enter_goes_on_to_the_next_articles_first_suggestion(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+Return")
    assert hands.project.articles.progress(1).status == "done"
    assert window.labelling.article == window.list.current() == 2
    assert hands.active == ("GPE", "Gyumri", True)
    assert window.status.text.startswith("1 of 4 done")


def test_done_passes_over_done_articles_and_says_when_none_is_left(hands: Hands, window: MainWindow) -> None:
    window.show_article(2)
    hands.focus(window.pane.view)
    hands.press("Ctrl+Return")
    window.show_article(1)
    hands.press("Ctrl+Return")
    assert window.labelling.article == 3
    hands.press("Ctrl+Return", "Ctrl+Return")
    assert window.notice.text.startswith("Every article in this list is done")
    assert hands.project.articles.counts()["done"] == 4


def test_done_goes_back_to_an_article_left_behind(hands: Hands, window: MainWindow) -> None:
    window.show_article(4)
    window.panels.done_button.click()
    assert window.labelling.article == 1


def test_space_skips_and_f_flags(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("F")
    assert hands.project.articles.progress(1).flagged
    assert row(window, 1).flagged
    hands.press("F")
    assert not hands.project.articles.progress(1).flagged
    hands.press("Space")
    assert hands.project.articles.progress(1).status == "skipped"
    assert window.labelling.article == 2


def test_j_and_k_go_through_the_list_and_stop_at_its_ends(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    seen = []
    for key in "JJJJKKKK":
        hands.press(key)
        seen.append(window.labelling.article)
    assert seen == [2, 3, 4, 4, 3, 2, 1, 1]


# The note


def test_a_note_is_saved_once_a_pause(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.caret(0)
    hands.press("M")
    hands.type("because")
    assert hands.project.articles.progress(1).note == ""
    qtbot.waitUntil(lambda: hands.project.articles.progress(1).note == "because", timeout=3000)
    assert [act.text for act in hands.project.history.acts()].count("changed the note") == 1


def test_a_note_is_saved_on_going_to_another_article(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.note.edit)
    hands.type("one")
    window.list.table.selectRow(1)
    assert window.labelling.article == 2
    assert hands.project.articles.progress(1).note == "one"
    assert window.note.note() == ""
    window.show_article(1)
    assert window.note.note() == "one"


def test_a_note_is_saved_on_done_and_on_closing(hands: Hands, window: MainWindow, project_file: Path) -> None:
    hands.focus(window.note.edit)
    hands.type("one")
    hands.press("Ctrl+Return")
    assert hands.project.articles.progress(1).note == "one"
    hands.focus(window.note.edit)
    hands.type("two")
    window.close()
    with open_project(project_file, annotator="anna") as project:
        assert [project.articles.progress(i).note for i in (1, 2)] == ["one", "two"]


def test_a_note_that_is_being_typed_stays_with_its_project(
    hands: Hands, window: MainWindow, tmp_path: Path, project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.focus(window.note.edit)
    hands.type("mine")
    other = tmp_path / "other.annot"
    assert window.session.create(other)
    assert window.note.note() == ""
    window.close()
    with open_project(project_file, annotator="anna") as project:
        assert project.articles.progress(1).note == "mine"


# Metadata


def test_f2_edits_metadata_and_empties_to_none(hands: Hands, window: MainWindow) -> None:
    def edit(dialog: Any) -> None:
        assert dialog.windowTitle() == "Metadata"
        dialog.findChild(QLineEdit, "title").setText("Rocket & café")
        dialog.findChild(QLineEdit, "source").setText("  ")
        dialog.accept()

    hands.caret(0)
    hands.in_dialog(edit)
    hands.press("F2")
    article = hands.project.articles.get(1)
    assert (article.title, article.source, article.published) == ("Rocket & café", None, "2024-02-04")
    assert window.pane.title.text() == row(window, 1).title == "Rocket & café"
    window.activateWindow()  # there is no window manager here to do it
    hands.qtbot.waitUntil(window.isActiveWindow)
    hands.press("Ctrl+Z")
    assert hands.project.articles.get(1).source == "b.example"


def test_a_date_that_is_none_is_said_and_can_be_put_right_or_kept(hands: Hands, window: MainWindow) -> None:
    seen: list[tuple[bool, str]] = []

    def edit(dialog: Any) -> None:
        date, hint = dialog.findChild(QLineEdit, "published"), dialog.findChild(DateHint)
        for words in ("2024-02", "4 Feb 2024", "4 փետրվարի 2024", "04/02/2024", "early spring", ""):
            date.setText(words)
            shown = [button.text() for button in hint.buttons if button.isVisible()]
            seen.append((hint.isVisible(), ", ".join(shown)))
        date.setText("04/02/2024")
        hint.buttons[1].click()
        seen.append((hint.isVisible(), date.text()))
        date.setText("4 Feb 2024")
        hint.buttons[0].click()
        seen.append((hint.isVisible(), date.text()))
        dialog.accept()

    hands.caret(0)
    hands.in_dialog(edit)
    hands.press("F2")
    assert seen == [
        (False, ""),
        (True, "Use 2024-02-04"),
        (True, "Use 2024-02-04"),
        (True, "Use 2024-02-04, Use 2024-04-02"),
        (True, ""),
        (False, ""),
        (False, "2024-04-02"),
        (False, "2024-02-04"),
    ]

    def keep(dialog: Any) -> None:
        dialog.findChild(QLineEdit, "published").setText("early spring")
        dialog.accept()

    hands.in_dialog(keep)
    window.dialogs.edit_metadata()
    assert hands.project.articles.get(1).published == "early spring"


def test_a_title_cannot_be_emptied(hands: Hands, window: MainWindow) -> None:
    def edit(dialog: Any) -> None:
        ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
        dialog.findChild(QLineEdit, "title").setText(" ")
        enabled.append(ok.isEnabled())
        dialog.reject()

    enabled: list[bool] = []
    hands.caret(0)
    hands.in_dialog(edit)
    hands.press("F2")
    assert enabled == [False]
    assert hands.project.articles.get(1).title == "Rocket"


# Undo


def test_undo_and_redo_say_what_they_would_do(hands: Hands, window: MainWindow) -> None:
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    assert undo.text() == "&Undo: imported 4 articles"
    assert not redo.isEnabled()
    hands.activate("Armenia")
    hands.press("A")
    assert undo.text() == "&Undo: accepted GPE for “Armenia”"
    hands.press("Ctrl+Z")
    assert redo.isEnabled()
    assert redo.text() == "&Redo: accepted GPE for “Armenia”"
    hands.press("Ctrl+Shift+Z")
    assert not redo.isEnabled()
    assert hands.labelled() == [("GPE", "Armenia", "accepted")]


def test_undo_jumps_to_the_article_of_the_act(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W", "J", "J", "Ctrl+Z")
    assert window.labelling.article == window.list.current() == 1
    assert hands.labelled() == []
    hands.press("J", "Ctrl+Y")
    assert window.labelling.article == 1
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_undoing_the_import_leaves_an_empty_window_that_still_works(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    hands.caret(0)
    hands.press("Ctrl+Z")
    assert window.labelling.article == 0
    assert window.list.ids() == []
    assert window.pane.view.text == window.pane.title.text() == ""
    assert window.pane.view.said_instead == ""  # there is no article that could lack a text
    assert not window.actions_["accept"].isEnabled()
    assert not window.actions_["undo"].isEnabled()
    assert window.status.text.startswith("0 of 0")
    hands.press("Ctrl+Y")
    assert window.list.ids() == [1, 2, 3, 4]
    qtbot.waitUntil(lambda: window.labelling.article == 1)
    assert window.actions_["accept"].isEnabled()


# The list


def test_chips_and_search_list_the_right_articles(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.caret(0)
    hands.press("F", "Ctrl+Return")  # 1 flagged and done
    chips = {chip.text().rpartition(" ")[0]: chip for chip in window.list._chips.values()}
    listed = {}
    for name in ("Done", "Flagged", "To do", "All"):
        chips[name].click()
        listed[name] = window.list.ids()
    assert listed == {"Done": [1], "Flagged": [1], "To do": [2, 3, 4], "All": [1, 2, 3, 4]}
    assert [chip.text() for chip in chips.values()] == ["All 4", "To do 3", "Done 1", "Flagged 1"]
    hands.press("Ctrl+L")
    assert window.list.search_field.hasFocus()
    hands.type("mosc")
    qtbot.waitUntil(lambda: window.list.ids() == [2])
    assert window.labelling.article == 2  # the open article stays, whatever is listed


def test_sorting_orders_the_list(hands: Hands, window: MainWindow) -> None:
    listed = {}
    for action in window.list.sort_button.menu().actions()[:4]:
        action.trigger()
        listed[action.text()] = window.list.ids()
    assert listed == {
        "Import order": [1, 2, 3, 4],
        "Title": [3, 2, 4, 1],
        "Source": [2, 1, 4, 3],
        "Date": [4, 2, 1, 3],
    }


def test_the_stance_chip_is_dashed_while_only_suggested(hands: Hands, window: MainWindow) -> None:
    assert (row(window, 1).stance, row(window, 1).stance_suggested) == ("pro-West", True)
    hands.caret(0)
    hands.press("W")
    assert (row(window, 1).stance, row(window, 1).stance_suggested) == ("pro-West", False)
    assert row(window, 1).status == "in_progress"
    hands.press("Ctrl+Z")
    assert row(window, 1).stance_suggested
    assert row(window, 3).stance is None


def test_arrows_in_the_list_open_articles_and_enter_goes_to_the_text(
    hands: Hands, window: MainWindow
) -> None:
    hands.focus(window.list.table)
    hands.press("Down", "Down")
    assert window.labelling.article == 3
    hands.press("Return")
    assert window.pane.view.hasFocus()


def test_done_in_a_filtered_list_stays_in_it(hands: Hands, window: MainWindow) -> None:
    window.list.set_filter(ArticleFilter(search="Moscow"))
    window.list.filter_changed.emit()
    window.show_article(2)
    hands.focus(window.pane.view)
    hands.press("Ctrl+Return")
    assert window.labelling.article == 2
    assert window.notice.text.startswith("Every article in this list")


def test_done_where_nothing_fits_the_filter_says_that(hands: Hands, window: MainWindow) -> None:
    window.list.set_filter(ArticleFilter(search="Reykjavik"))
    window.list.filter_changed.emit()
    assert window.list.ids() == []
    hands.focus(window.pane.view)
    hands.press("Ctrl+Return")
    words = "No article fits the filter, so there is none to go on to. Shift+P shows all articles."
    assert window.notice.text == words


# The panels


def test_a_click_on_evidence_shows_it_in_the_article(hands: Hands, window: MainWindow) -> None:
    view = window.pane.view
    assert [q.text() for q in window.stance.quotes] == ["“A rocket 🚀 flew over Armenia.”"]
    window.stance.quotes[0].click()
    assert view._focus is not None


def test_a_mention_in_the_panel_becomes_active_in_the_article(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.spans.tree)
    hands.press("Home", "Return")
    assert hands.active[1] == hands.text[hands.window.pane.view.active.start : window.pane.view.active.end]
    assert window.spans.tree.active == window.pane.view.active.key


# Other programs


def test_what_another_program_wrote_is_shown_on_coming_back(
    hands: Hands, window: MainWindow, project_file: Path, qtbot: QtBot
) -> None:
    other = sqlite3.connect(project_file)
    with other:
        other.execute("UPDATE articles SET title = 'Changed elsewhere' WHERE id = 1")
    other.close()
    wait_for_step()
    window.session.check_outside()
    assert window.pane.title.text() == row(window, 1).title == "Changed elsewhere"


def test_coming_back_to_the_window_looks_for_changes(
    hands: Hands, window: MainWindow, project_file: Path, qtbot: QtBot
) -> None:
    other = sqlite3.connect(project_file)
    with other:
        other.execute("UPDATE articles SET title = 'Elsewhere' WHERE id = 1")
    other.close()
    dialog = QLineEdit()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.pane.title.text() == "Elsewhere")


def test_looking_at_a_note_changes_nothing(hands: Hands, window: MainWindow) -> None:
    note = "see p.\u00a012 and\u2028next\r\nline"
    window.session.perform(lambda project: project.articles.set_note(2, note))
    window.session.perform(lambda project: project.articles.set_flagged(2, True))
    window.undo()
    for article in (1, 2, 1, 2):
        window.show_article(article)
    assert hands.project.articles.progress(2).note == note
    assert hands.project.history.next() is not None, "redo is still there"


def test_closing_asks_before_a_note_that_cannot_be_saved_is_lost(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = window.session.project
    assert project is not None
    work = project.long_act("something long")  # no other act can begin
    window.note.edit.setPlainText("important")
    answers = iter([False, True])
    monkeypatch.setattr(window.dialogs, "may_lose_note", lambda: next(answers))
    assert not window.close()
    assert window.note.note() == "important"
    work.cancel()
    assert window.close(), "it could be saved now, nobody is asked"
    assert list(answers) == [True]


def test_a_note_that_cannot_be_saved_never_lands_in_another_project(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.annot"
    with create_project(other, annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("A text.", "Another"))
    assert window.session.project is not None
    window.session.project.long_act("something long")  # no other act can begin
    window.note.edit.setPlainText("important")
    answers = iter([False, True])
    monkeypatch.setattr(window.dialogs, "may_lose_note", lambda: next(answers))
    assert not window.open(other)
    assert window.note.note() == "important"
    assert window.open(other)
    assert list(answers) == []
    window.note.flush()
    assert window.session.project is not None
    assert window.session.project.articles.progress(1).note == ""


def test_what_was_done_leaves_the_to_do_list_when_the_person_goes_on(
    hands: Hands, window: MainWindow
) -> None:
    window.list.set_filter(ArticleFilter(show="todo"))
    window._relist()
    window.show_article(2)
    hands.caret(0)
    hands.press("Ctrl+Return")
    assert window.labelling.article == 3
    assert window.list.ids() == [1, 3, 4]


def test_undo_goes_to_the_span_that_it_was_about(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Tab", "A")
    hands.press("Esc")
    window.show_article(2)
    window.undo()
    assert window.labelling.article == 1
    active = window.pane.view.active
    assert active is not None
    assert window.labelling.text[active.start : active.end] == "Armenia"
    assert window.statusBar().currentMessage().startswith("Undone")
    hands.press("W")
    assert "Undone" not in window.statusBar().currentMessage(), "it speaks of the last act no more"


def test_enter_in_the_search_field_opens_the_first_match(hands: Hands, window: MainWindow) -> None:
    hands.press("Ctrl+L")
    hands.type("gyumri")
    hands.press("Return")
    assert window.labelling.article == 2
    assert window.pane.view.hasFocus()


def test_the_status_bar_tells_time_left_and_stops_the_suggestions(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    stopped: list[bool] = []
    window.session.suggester.progressed.emit(SuggestProgress(2, 12, 2.0))
    assert window.status._words.text() == "Suggesting 2 of 12 · 2 articles/s · 5 s left"
    window.status.cancelled.connect(lambda: stopped.append(True))
    qtbot.mouseClick(window.status._cancel, Qt.MouseButton.LeftButton)
    assert stopped
    assert not window.status._cancel.isVisible(), "the suggester was stopped and said so"
