"""G, Shift+G, Ctrl+Shift+F and an actor's names: the list of every occurrence, by real keys."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import create_project
from annotator.project.occurrences import Found, Occurrence
from annotator.text import normalise
from annotator.ui import occurrence_search, occurrences_dialog
from annotator.ui.main_window import MainWindow
from annotator.ui.occurrences_dialog import OccurrencesDialog
from annotator.ui.occurrences_model import AFTER, ARTICLE, BEFORE, QUOTE, STATE

from .conftest import Hands, as_seen

FIRST = "Russia 🚀 spoke.\r\nRussia, and russia again.\n\nThen Russia left. Paris stayed."
SECOND = "The Bank of Russia. Russia’s envoy.\n\nRead more about Russia"
THIRD = "רוסיה ואיראן. רוסיה"


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """Three articles; the first name of the first is suggested; in the second a longer name is."""
    with create_project(tmp_path / "every.annot", annotator="anna") as project:
        with project.act("imported 3 articles"):
            for title, text in (("One", FIRST), ("Two", SECOND), ("Three", THIRD)):
                project.articles.add(ArticleInput(text, title))
        more, paris = len(SECOND), normalise(FIRST).index("Paris")
        batch = [
            (
                1,
                [
                    Suggestion("entity", "GPE", 0, 6, "ner"),
                    Suggestion("entity", "GPE", paris, paris + 5, "ner"),
                ],
                None,
            ),
            (
                2,
                [
                    Suggestion("entity", "ORG", 4, 18, "ner"),
                    Suggestion("zone", "boilerplate", SECOND.index("Read"), more, "zones"),
                ],
                None,
            ),
        ]
        project.suggestions.replace(PipelineInfo("by_hand", "1"), batch)
    return tmp_path / "every.annot"


def status(window: MainWindow) -> str:
    return window.statusBar().currentMessage()


def listed(window: MainWindow) -> OccurrencesDialog:
    dialog = window.occurrences._dialog
    assert dialog is not None
    return dialog


def wait(hands: Hands) -> OccurrencesDialog:
    """Wait until the list stands there whole, with the keyboard."""
    dialog = listed(hands.window)
    hands.qtbot.waitUntil(lambda: not dialog.search.running and not dialog._pending())
    dialog.activateWindow()
    hands.qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def rows(dialog: OccurrencesDialog) -> list[tuple[str, str, str, str]]:
    """(tick, article, name, state) of each row."""
    model, found = dialog.model, []
    for number in range(model.rowCount()):
        check = model.index(number, ARTICLE).data(Qt.ItemDataRole.CheckStateRole)
        tick = {None: " ", Qt.CheckState.Checked: "x", Qt.CheckState.Unchecked: "-"}[check]
        found.append((tick, *(model.index(number, column).data() for column in (ARTICLE, QUOTE, STATE))))
    return found


def settle(hands: Hands) -> None:
    hands.qtbot.waitUntil(lambda: hands.window.files._task is None)


def quotes(hands: Hands, article: int) -> list[tuple[int | None, str | None, str]]:
    return [(a.start, a.quote, a.label) for a in hands.project.annotations.of(article)]


def test_g_labels_all_in_the_article_at_once_and_one_undo_takes_it_back(
    hands: Hands, window: MainWindow
) -> None:
    hands.activate("Russia")
    hands.press("G")
    text = hands.text
    places = [0, text.index("Russia", 5), text.rindex("Russia")]
    assert quotes(hands, 1) == [(start, "Russia", "GPE") for start in places]
    assert status(window) == "Labelled 3 places GPE. Ctrl+Z takes it back."
    assert hands.active == ("GPE", "Russia", False)  # the suggestion is among them
    assert window.occurrences._dialog is None
    hands.press("G")
    assert status(window) == "“Russia” is GPE everywhere in this article."
    window.show_article(2)
    hands.press("Ctrl+Z")
    assert window.labelling.article == 1, "undo goes to what it undid"
    assert quotes(hands, 1) == []
    hands.press("Ctrl+Shift+Z")
    assert len(quotes(hands, 1)) == 3


def test_a_key_right_after_g_is_heard(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("G", "2")
    assert [label for _, _, label in quotes(hands, 1)] == ["ORG", "GPE", "GPE"]
    assert "still running" not in window.notice.text


def test_g_leaves_what_stands_in_boilerplate_and_says_so(hands: Hands, window: MainWindow) -> None:
    start = hands.text.rindex("Russia")
    hands.project.annotations.add(1, "zone", "boilerplate", hands.text.index("Then"), len(hands.text))
    window.labelling.reload()
    hands.activate("Russia")
    hands.press("G")
    assert [at for at, _, label in quotes(hands, 1) if label == "GPE"] == [0, hands.text.index("Russia", 5)]
    assert start not in [at for at, _, _ in quotes(hands, 1)]
    assert status(window) == (
        "Labelled 2 places GPE. 1 in boilerplate left: Shift+G lists them. Ctrl+Z takes it back."
    )


def test_g_works_on_the_russian_layout_and_without_a_span_says_what_to_do(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    hands.press("G")
    assert status(window).startswith("Go to a span first, or select some text")
    hands.press("Shift+G")
    assert status(window).startswith("Go to a span first, or select some text")
    hands.activate("Paris")
    hands.press("П")
    assert status(window) == "“Paris” stands nowhere else in this article."
    hands.activate("Russia")
    hands.press("П")
    settle(hands)
    assert len(quotes(hands, 1)) == 3


def test_g_lists_first_where_something_else_was_decided(hands: Hands, window: MainWindow) -> None:
    second = hands.text.index("Russia", 5)
    hands.project.annotations.add(1, "entity", "ORG", second, second + 6)
    window.labelling.reload()
    hands.activate("Russia")
    hands.press("G")
    dialog = wait(hands)
    assert rows(dialog) == [
        ("x", "One", "Russia", ""),
        ("-", "One", "Russia", "is ORG"),
        ("x", "One", "Russia", ""),
    ]
    assert dialog.label_button.text() == "Label 2 of 3"
    hands.press("Return")
    settle(hands)
    assert dialog.isHidden()
    assert [label for _, _, label in quotes(hands, 1)] == ["GPE", "ORG", "GPE"]


def test_shift_g_lists_the_project_and_enter_labels_what_is_ticked(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    assert dialog.table.hasFocus()
    assert rows(dialog) == [
        ("x", "One", "Russia", ""),
        ("x", "One", "Russia", ""),
        ("x", "One", "Russia", ""),
        ("-", "Two", "Russia", "in Bank of Russia"),
        ("x", "Two", "Russia", ""),
        ("-", "Two", "Russia", "boilerplate"),
    ]
    assert dialog.label_button.text() == "Label 4 of 6"
    before = hands.project.history.last()
    hands.press("Down", "Space")
    assert dialog.label_button.text() == "Label 3 of 6"
    hands.press("Return")
    settle(hands)
    assert status(window) == "Labelled 3 places GPE. Ctrl+Z takes it back."
    assert [start for start, _, _ in quotes(hands, 1)] == [0, hands.text.rindex("Russia")]
    assert quotes(hands, 2) == [(20, "Russia", "GPE")]
    assert dialog.isHidden()
    window.activateWindow()
    hands.qtbot.waitUntil(window.pane.view.hasFocus)
    hands.press("Ctrl+Z")
    assert quotes(hands, 1) == quotes(hands, 2) == []
    assert hands.project.history.last() == before


def test_ctrl_a_ticks_all_and_none_and_what_is_labelled_stays_grey(hands: Hands, window: MainWindow) -> None:
    hands.project.annotations.add(1, "entity", "GPE", 0, 6)
    window.labelling.reload()
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    assert rows(dialog)[0] == (" ", "One", "Russia", "GPE already")
    grey = dialog.model.index(0, QUOTE).data(Qt.ItemDataRole.ForegroundRole)
    assert grey == dialog.model.index(0, STATE).data(Qt.ItemDataRole.ForegroundRole)
    assert dialog.model.index(1, QUOTE).data(Qt.ItemDataRole.ForegroundRole) is None
    hands.press("Ctrl+A")
    assert dialog.label_button.text() == "Label 5 of 6"
    hands.press("Ctrl+A")
    assert dialog.label_button.text() == "Label 0 of 6"
    hands.press("Space")  # nothing can be ticked in the first row
    hands.press("Return")
    assert dialog.words.text() == "Nothing is ticked. Space ticks a line."
    assert len(quotes(hands, 1)) == 1


def test_typing_narrows_and_only_what_is_shown_is_labelled(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    hands.press("e")
    assert dialog.filter.hasFocus()
    hands.type("nvoy")
    wait(hands)
    assert dialog.filter.text() == "envoy"
    hands.press("Return")
    assert dialog.table.hasFocus()
    shown = [row for row in rows(dialog) if row[0] == "x"]
    assert [row[1] for row in shown] == ["Two"]
    hands.press("Return")
    settle(hands)
    assert quotes(hands, 1) == []
    assert quotes(hands, 2) == [(20, "Russia", "GPE")]


def test_ctrl_enter_and_a_double_click_open_the_article_and_label_nothing(
    hands: Hands, window: MainWindow
) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    hands.press("End", "Ctrl+Return")
    assert window.labelling.article == 2
    assert window.pane.view.raw_selection() == (len(SECOND) - 6, len(SECOND))
    assert dialog.isVisible()
    rect = dialog.table.visualRect(dialog.model.index(0, QUOTE))
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    QTest.mouseDClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert window.labelling.article == 1
    assert window.pane.view.raw_selection() == (0, 6)
    assert quotes(hands, 1) == quotes(hands, 2) == []


def test_the_mouse_ticks_too(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    rect = dialog.table.visualRect(dialog.model.index(1, ARTICLE))
    spot = QPoint(rect.left() + 10, rect.center().y())
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert dialog.label_button.text() == "Label 3 of 6"


def test_labelling_can_be_cancelled_and_leaves_nothing(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    hands.press("Return")
    assert window.files._task is not None
    window.files._task.cancel()
    assert window.notice.text == "Cancelled: nothing was labelled."
    assert quotes(hands, 1) == quotes(hands, 2) == []
    assert dialog.isVisible()


def test_choices_look_anew(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    dialog.case.click()
    wait(hands)
    assert len(rows(dialog)) == 7
    dialog.scope.setCurrentIndex(0)
    dialog.scope.activated.emit(0)
    wait(hands)
    assert {row[1] for row in rows(dialog)} == {"One"}
    hands.focus(dialog.field)
    dialog.field.selectAll()
    QApplication.clipboard().setText("PARIS; רוסיה")
    hands.press("Ctrl+V")
    wait(hands)
    assert [row[2] for row in rows(dialog)] == ["Paris"]
    dialog.scope.setCurrentIndex(1)
    dialog.scope.activated.emit(1)
    wait(hands)
    assert [row[2] for row in rows(dialog)] == ["Paris", "רוסיה", "רוסיה"]


def test_right_to_left_lines_are_turned_round(hands: Hands, window: MainWindow) -> None:
    window.show_article(3)
    window.pane.view.select(0, 5)
    hands.focus(window.pane.view)
    hands.press("G")
    dialog = wait(hands)
    assert dialog.chosen_label() is None, "nobody said what it is"
    cell = dialog.model.index(0, BEFORE).data(), dialog.model.index(0, AFTER).data()
    assert cell == ("ואיראן. רוסיה", "")


def test_a_line_runs_as_most_of_its_letters_do_and_is_cut_far_from_the_name(window: MainWindow) -> None:
    """A name in Latin letters does not turn a Hebrew line round, nor a Hebrew one an English line."""
    dialog = OccurrencesDialog(window.session, window)
    lines = (("ב-2023 דיווחה ", "Reuters", " כי הפגישה נמשכה."), ("The minister said ", "שלום", " and left."))
    cells = []
    for before, quote, after in lines:
        found = Occurrence(1, "שלום (EU)?", 0, 7, quote, before, after)
        dialog.model.begin(None, keep=False)
        dialog.model.add([found])
        for column in (BEFORE, AFTER):
            index, option = dialog.model.index(0, column), QStyleOptionViewItem()
            dialog.table.itemDelegateForIndex(index).initStyleOption(option, index)
            shown = as_seen(option.text, option.direction)
            cut_at_its_beginning = option.textElideMode == Qt.TextElideMode.ElideLeft
            assert option.displayAlignment & Qt.AlignmentFlag.AlignAbsolute
            cells.append((shown, cut_at_its_beginning))
    assert cells == [
        (".הכשמנ השיגפה יכ", False),
        ("החוויד 2023-ב", True),
        ("The minister said", True),
        ("and left.", False),
    ]
    index, option = dialog.model.index(0, ARTICLE), QStyleOptionViewItem()
    dialog.table.itemDelegateForIndex(index).initStyleOption(option, index)
    assert as_seen(option.text) == "?)EU( םולש"
    assert index.data() == "שלום (EU)?"
    assert "שלום (EU)?" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    dialog.deleteLater()


def test_searching_the_project_opens_the_article_at_the_hit(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+Shift+F")
    dialog = listed(window)
    hands.qtbot.waitUntil(dialog.field.hasFocus)
    hands.type("RUSSIA")
    hands.press("Return")
    wait(hands)
    assert [row[:3] for row in rows(dialog)][3:5] == [(" ", "One", "Russia"), (" ", "Two", "Russia")]
    assert dialog.label_button.isHidden()
    hands.press("End", "Return")
    assert window.labelling.article == 2
    assert window.pane.view.raw_selection() == (len(SECOND) - 6, len(SECOND))
    assert dialog.isVisible()
    window.activateWindow()
    hands.qtbot.waitUntil(window.isActiveWindow)
    hands.focus(window.pane.view)
    hands.press("2")  # a hit can be labelled at once
    assert quotes(hands, 2)[-1][1:] == ("Russia", "ORG")


def test_hits_of_a_search_are_labelled_once_a_label_is_chosen_and_the_list_follows(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    hands.press("Ctrl+Shift+F")
    dialog = listed(window)
    hands.qtbot.waitUntil(dialog.field.hasFocus)
    hands.type("russia")
    hands.press("Return")
    wait(hands)
    dialog.label.setCurrentText("NORP")
    dialog.label.activated.emit(dialog.label.currentIndex())
    wait(hands)
    assert dialog.label_button.text() == "Label 5 of 7"
    dialog.label_button.click()
    settle(hands)
    wait(hands)
    assert dialog.isVisible()
    assert [row[3] for row in rows(dialog)].count("NORP already") == 5
    assert dialog.label_button.text() == "Label 0 of 7"
    hands.focus(dialog.table)
    hands.press("Ctrl+Z")
    wait(hands)
    assert dialog.label_button.text() == "Label 5 of 7"


def test_an_act_in_the_article_is_followed_and_ticks_stay(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    hands.press("Down", "Space")
    window.session.perform(lambda project: project.annotations.add(1, "entity", "GPE", 0, 6))
    assert [row[0] for row in rows(dialog)] == [" ", "-", "x", "-", "x", "-"]
    assert dialog.table.currentIndex().row() == 1
    window.session.rename_annotator("bob")  # what anna labelled is not bob's
    wait(hands)
    assert [row[0] for row in rows(dialog)] == ["x", "-", "x", "-", "x", "-"]


@pytest.mark.parametrize("sought", ["Russia", ""])
def test_a_label_that_is_renamed_meanwhile_is_not_given(
    hands: Hands, window: MainWindow, sought: str
) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    if not sought:
        dialog.field.clear()
        dialog._typed()
    assert dialog.chosen_label() == ("entity", "GPE")
    window.session.perform(lambda project: project.codebook_editing.edit_label("entity", "NORP", name="FOLK"))
    assert dialog.chosen_label() == ("entity", "GPE"), "another label's name changes no choice"
    window.session.perform(lambda project: project.codebook_editing.edit_label("entity", "GPE", name="STATE"))
    assert dialog.chosen_label() is None
    assert dialog.label.findText("STATE") > 0
    assert dialog.label.findText("GPE") < 0
    wait(hands)
    dialog.apply()
    settle(hands)
    assert [place for article in (1, 2, 3) for place in quotes(hands, article)] == []


def test_the_names_of_an_actor_are_listed_with_its_kind(hands: Hands, window: MainWindow) -> None:
    hands.project.actors.confirm("Paris", ["Russia", "רוסיה"], "GPE")
    window.actions_["actors"].trigger()
    actors = window.actors._dialog
    assert actors is not None
    hands.qtbot.waitUntil(actors.isActiveWindow)
    actors.occurrences_button.click()
    dialog = wait(hands)
    assert dialog.field.text() == "Paris; Russia; רוסיה"
    assert dialog.chosen_label() == ("entity", "GPE")
    assert [row[2] for row in rows(dialog)] == [*["Russia"] * 3, "Paris", *["Russia"] * 3, "רוסיה", "רוסיה"]
    dialog.label_button.click()
    settle(hands)
    labelled = [a.actor for article in (1, 2, 3) for a in hands.project.annotations.of(article)]
    assert labelled == ["Paris"] * 7


def _slowly(*_: object) -> Iterator[Found]:
    for number in range(1, 1000):
        time.sleep(0.01)
        place = Occurrence(1, "One", number, number + 1, "x", "", "")
        yield Found([place], number, 1000)


def test_a_long_search_shows_what_it_found_and_can_be_stopped(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.occurrences.occurrences", _slowly)
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = listed(window)
    hands.qtbot.waitUntil(lambda: dialog.model.found > 3)
    assert dialog.words.text().startswith("Searching… ")
    assert dialog.bar.isVisible()
    assert 0 < dialog.bar.value() < dialog.bar.maximum() == 1000
    dialog.activateWindow()
    hands.qtbot.waitUntil(dialog.table.hasFocus)
    hands.press("Return")  # not before all is found
    assert "Still searching" in dialog.words.text()
    assert window.files._task is None
    dialog.stop_button.click()
    found = dialog.model.found
    QTest.qWait(60)
    assert dialog.model.found == found < 999
    assert dialog.label_button.isEnabled()
    assert not dialog.bar.isVisible()


def test_the_list_has_an_end_and_says_so(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occurrences_dialog, "MOST", 4)
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    assert len(rows(dialog)) == 4
    assert dialog.words.text().startswith("The first 4 places")


def test_closing_the_project_ends_the_search_and_closes_the_list(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("annotator.project.occurrences.occurrences", _slowly)
    monkeypatch.setattr(occurrence_search, "SLICE", 0.0)
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = listed(window)
    qtbot.waitUntil(lambda: dialog.model.found > 0)
    window.session.close()
    assert not dialog.search.running
    assert dialog.isHidden()


def test_g_with_a_label_that_another_program_has_just_renamed_is_one_sentence(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    hands.activate("Russia")
    with closing(sqlite3.connect(project_file)) as other:
        other.execute("UPDATE labels SET name = 'COUNTRY', former = '[\"GPE\"]' WHERE name = 'GPE'")
        other.commit()
    hands.press("G")
    assert "no label GPE in the layer entity any more" in window.notice.text
    assert hands.labelled() == []
    hands.press("G")
    assert {label for label, _, _ in hands.labelled()} == {"COUNTRY"}


def test_the_list_gives_no_label_that_another_program_has_just_renamed(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    hands.activate("Russia")
    hands.press("Shift+G")
    dialog = wait(hands)
    assert dialog.model.ticked()
    with closing(sqlite3.connect(project_file)) as other:
        other.execute("UPDATE labels SET name = 'COUNTRY', former = '[\"GPE\"]' WHERE name = 'GPE'")
        other.commit()
    dialog.apply()
    settle(hands)
    assert "no label GPE in the layer entity any more" in window.notice.text
    wait(hands)
    assert dialog.isVisible()
    assert hands.labelled() == []
    dialog.label.setCurrentText("COUNTRY")
    dialog.label.activated.emit(dialog.label.currentIndex())
    wait(hands)
    dialog.apply()
    settle(hands)
    assert {label for label, _, _ in hands.labelled()} == {"COUNTRY"}


def test_nothing_found_says_what_may_be_too_strict(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+Shift+F")
    dialog = listed(window)
    hands.qtbot.waitUntil(dialog.field.hasFocus)
    assert dialog._empty.text().startswith("Type what to look for")
    hands.type("Russ")
    wait(hands)
    assert dialog._empty.text() == "Not found. Whole words, case or variants may be too strict."
    dialog.whole.click()
    wait(hands)
    assert len(rows(dialog)) == 7
    hands.press("Esc")
    hands.qtbot.waitUntil(dialog.isHidden)
    assert QApplication.activeModalWidget() is None


def test_a_project_for_reading_can_be_searched_but_not_labelled(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands.project, "read_only", True)
    window.enable()
    assert not window.actions_["everywhere"].isEnabled()
    window.actions_["find_project"].trigger()
    dialog = listed(window)
    assert dialog.label.count() == 1
    assert not dialog.label.isEnabled()
