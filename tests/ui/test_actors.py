"""Actors by real keys: the entities panel, the chooser, the dialog of all actors."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.ui.actors_dialog import ActorsDialog
from annotator.ui.actors_model import ARTICLES, BLOC, MENTIONS, NAME
from annotator.ui.choose_dialog import ChooseDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.spans_model import COUNT

from .conftest import Hands

FIRST = "Nikol Pashinyan spoke. Pashinian left 🚀 for Paris. America waited; Paris too."
SECOND = "Pashinian again, and America."
NAMES = {
    FIRST: (
        ("PERSON", "Nikol Pashinyan", "Nikol Pashinyan"),
        ("PERSON", "Pashinian", "Nikol Pashinyan"),
        ("GPE", "Paris", "Paris"),
        ("GPE", "America", "United States"),
    ),
    SECOND: (("PERSON", "Pashinian", "Pashinian"), ("GPE", "America", "America")),
}


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """Two articles with suggestions that name actors."""
    with create_project(tmp_path / "actors.annot", annotator="anna") as project:
        with project.act("imported 2 articles"):
            for text in NAMES:
                project.articles.add(ArticleInput(text, text[:9]))
        batch = []
        for article, (text, names) in enumerate(NAMES.items(), 1):
            found = []
            for label, quote, actor in names:
                at = text.index(quote)
                found.append(Suggestion("entity", label, at, at + len(quote), "ner", "read", actor=actor))
            batch.append((article, found, None))
        project.suggestions.replace(PipelineInfo("by_hand", "1"), batch)
    return tmp_path / "actors.annot"


def panel(window: MainWindow) -> list[tuple[str, str]]:
    model = window.spans.tree.model()
    return [
        (model.index(row, NAME).data(), model.index(row, COUNT).data()) for row in range(model.rowCount())
    ]


def status(window: MainWindow) -> str:
    return window.statusBar().currentMessage()


def actors(project: Project) -> dict[str, tuple[str, ...]]:
    return {actor.name: actor.aliases for actor in project.actors.all()}


def back_to(widget: QWidget, qtbot: QtBot) -> None:
    """Come back from a modal dialog: the offscreen platform activates nothing by itself."""
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)


def answer(hands: Hands, text: str) -> None:
    """Type over what stands in the next dialog's field, and press Enter."""

    def act(dialog: QDialog) -> None:
        field = dialog.findChild(QLineEdit)
        assert field is not None
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    hands.in_dialog(act)


def test_the_panel_gathers_by_actor_and_the_menu_changes_that(hands: Hands, window: MainWindow) -> None:
    assert panel(window) == [("Nikol Pashinyan", "×2"), ("Paris", "×1"), ("United States", "×1")]
    window.actions_["by_actor"].trigger()
    assert [name for name, _ in panel(window)] == ["Nikol Pashinyan", "Pashinian", "Paris", "America"]
    assert window.session.settings.number("by_actor", 1) == 0


def test_c_confirms_the_actor_with_all_its_names_and_the_other_article_follows(
    hands: Hands, window: MainWindow
) -> None:
    hands.focus(window.spans.tree)
    window.spans.tree.setCurrentIndex(window.spans.tree.model().index(0, 0))
    hands.press("C")
    assert actors(hands.project) == {"Nikol Pashinyan": ("Pashinian",)}
    assert status(window) == "Confirmed the actor “Nikol Pashinyan”."
    window.show_article(2)
    assert panel(window)[0] == ("Nikol Pashinyan", "×1")
    hands.press("Ctrl+Z")
    assert actors(hands.project) == {}
    assert panel(window)[0] == ("Pashinian", "×1")


def test_the_key_works_on_the_russian_layout_and_on_the_active_span(hands: Hands, window: MainWindow) -> None:
    hands.activate("America")
    hands.press("С")  # the Cyrillic letter on C
    assert actors(hands.project) == {"United States": ("America",)}


def test_without_an_entity_it_says_what_to_do(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("C")
    assert status(window) == "Go to an entity first: click it, or press Tab."


def test_a_zone_is_no_actor(hands: Hands, window: MainWindow) -> None:
    hands.project.annotations.add(1, "zone", "boilerplate", 0, 22)
    window.labelling.reload()
    window.article_state.show()
    hands.focus(window.spans.tree)
    model = window.spans.tree.model()
    for index in (
        model.index(model.rowCount() - 1, 0),
        model.index(0, 0, model.index(model.rowCount() - 1, 0)),
    ):
        window.spans.tree.setCurrentIndex(index)
        window.status.clear()
        hands.press("C")
        assert status(window) == "Go to an entity first: click it, or press Tab."
    assert actors(hands.project) == {}


def test_shift_f2_renames(hands: Hands, window: MainWindow) -> None:
    hands.activate("America")
    answer(hands, "USA")
    hands.press("Shift+F2")
    assert actors(hands.project) == {"USA": ("United States",)}
    assert ("USA", "×1") in panel(window)
    assert status(window) == "Renamed the actor “United States” “USA”."


def test_a_name_that_is_taken_is_said_and_nothing_happens(hands: Hands, window: MainWindow) -> None:
    hands.activate("Paris")
    hands.press("C")
    hands.activate("America")
    answer(hands, "Paris")
    hands.press("Shift+F2")
    assert "Merge the two instead" in window.notice.text
    assert actors(hands.project) == {"Paris": ()}


def test_shift_m_merges_into_an_actor_found_by_a_few_letters(hands: Hands, window: MainWindow) -> None:
    hands.activate("Nikol Pashinyan")
    hands.press("C")
    window.show_article(2)
    hands.activate("America")
    seen = []

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, ChooseDialog)
        QTest.keyClicks(dialog.field, "niko")
        seen.extend(dialog.list.item(row).text() for row in range(dialog.list.count()))
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)

    hands.in_dialog(act)
    hands.press("Shift+M")
    assert seen == ["Nikol Pashinyan", "New: niko"]
    assert actors(hands.project)["Nikol Pashinyan"] == ("America",)
    assert status(window) == "Merged the actor “America” into “Nikol Pashinyan”."


def test_the_chooser_moves_with_arrows_and_takes_new_names(qtbot: QtBot) -> None:
    dialog = ChooseDialog("t", "Who?", [("Anna", "Ann"), ("Boris", ""), ("Susanna", "")], None, new=True)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.field, "an")
    assert dialog.chosen() == "Anna"
    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.chosen() == "Susanna"
    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.chosen() == "an"
    dialog.field.setText("zzz")
    assert dialog.chosen() == "zzz"


def test_the_chooser_says_what_the_arrows_come_to(qtbot: QtBot, said: list[str]) -> None:
    dialog = ChooseDialog("t", "Who?", [("Anna", "Ann"), ("Boris", "")], None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.field.hasFocus)
    said.clear()
    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    QTest.keyClick(dialog.field, Qt.Key.Key_Up)
    assert said == ["Boris", "Anna (Ann)"]
    QTest.keyClicks(dialog.field, "b")
    assert said[2:] == ["Boris"]


def test_the_chooser_offers_nothing_where_nothing_fits(qtbot: QtBot) -> None:
    dialog = ChooseDialog("t", "Who?", [("Anna", "")], None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.field, "zzz")
    assert dialog.chosen() is None
    assert not dialog._ok.isEnabled()
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_shift_s_splits_the_mentions_name_off(hands: Hands, window: MainWindow) -> None:
    hands.activate("Nikol Pashinyan")
    hands.press("Shift+A")
    hands.activate("Pashinian")
    answer(hands, "Another one")
    hands.press("Shift+S")
    assert ("Another one", "×1") in panel(window)
    assert ("Nikol Pashinyan", "×1") in panel(window)
    assert status(window) == "Split “Another one” off the actor “Nikol Pashinyan”."
    back_to(window, hands.qtbot)
    hands.press("Ctrl+Z")
    assert ("Nikol Pashinyan", "×2") in panel(window)


def test_there_is_nothing_to_split_off_an_actor_with_one_name(hands: Hands, window: MainWindow) -> None:
    hands.activate("Paris")
    hands.press("Shift+S")
    assert status(window) == "Paris has no other name here that could be split off."


def test_shift_b_goes_through_the_blocs(hands: Hands, window: MainWindow) -> None:
    hands.activate("Pashinian")
    said = []
    for _ in range(3):
        hands.press("Shift+B")
        said.append(hands.project.actors.blocs(["Nikol Pashinyan"])["Nikol Pashinyan"])
    assert said == ["West", "Russia", None]


def test_shift_c_assigns_one_annotation_or_a_suggested_name(hands: Hands, window: MainWindow) -> None:
    hands.activate("Paris")
    answer(hands, "City of Paris")
    hands.press("Shift+C")  # a suggestion: the name, wherever it stands
    assert "There is an actor" not in window.notice.text
    assert actors(hands.project) == {"City of Paris": ("Paris",)}
    back_to(window, hands.qtbot)
    hands.press("A")
    hands.activate("Paris")
    answer(hands, "Paris Hilton")
    hands.press("Shift+C")  # an annotation: this one alone
    assert [a.actor for a in hands.project.annotations.of(1)] == ["Paris Hilton"]
    assert actors(hands.project)["City of Paris"] == ("Paris",)


@pytest.fixture
def dialog(hands: Hands, window: MainWindow, qtbot: QtBot) -> ActorsDialog:
    """The dialog of all actors, with the first article accepted."""
    hands.caret(0)
    hands.press("Shift+A")
    hands.activate("Pashinian")
    hands.press("C")
    hands.press("Ctrl+Shift+L")
    shown = window.actors._dialog
    assert shown is not None
    qtbot.waitUntil(shown.isVisible)
    return shown


def rows(dialog: ActorsDialog) -> list[tuple[str, str, str]]:
    model = dialog.model
    cell = [
        [model.index(row, c).data() for c in (NAME, MENTIONS, ARTICLES)] for row in range(model.rowCount())
    ]
    return [(name, mentions, articles) for name, mentions, articles in cell]


def test_the_dialog_lists_actors_with_their_numbers(dialog: ActorsDialog) -> None:
    assert rows(dialog) == [("Nikol Pashinyan", "2", "1"), ("Paris", "1", "1"), ("United States", "1", "1")]
    current = dialog.current()
    assert current is not None
    assert current.name == "Nikol Pashinyan"
    assert dialog.alias() == "Pashinian"


def test_typing_filters_by_name_and_alias(dialog: ActorsDialog, qtbot: QtBot) -> None:
    QTest.keyClicks(dialog.search, "pashinian")
    qtbot.waitUntil(lambda: len(rows(dialog)) == 1)
    assert rows(dialog)[0][0] == "Nikol Pashinyan"
    dialog.search.setText("zzz")
    qtbot.waitUntil(lambda: not rows(dialog))
    assert dialog._empty.isVisible()
    assert dialog._empty.text() == "No actor fits. Clear the search."
    assert not dialog.rename_button.isEnabled()


def test_the_dialogs_acts_are_done_said_and_taken_back(
    dialog: ActorsDialog, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    def type_name(asked: QDialog) -> None:
        assert isinstance(asked, QInputDialog)
        asked.setTextValue("N. Pashinyan")
        asked.accept()

    hands.in_dialog(type_name)
    QTest.keyClick(dialog, Qt.Key.Key_F2)
    assert rows(dialog)[0][0] == "N. Pashinyan"
    assert dialog.words.text().startswith("Renamed the actor")
    assert ("N. Pashinyan", "×2") in panel(window)
    back_to(dialog, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows(dialog)[0][0] == "Nikol Pashinyan"

    dialog.bloc.setCurrentIndex(dialog.bloc.findData("West"))
    dialog.bloc.activated.emit(dialog.bloc.currentIndex())
    assert dialog.model.index(0, BLOC).data() == "West"
    dialog.kind.setCurrentIndex(dialog.kind.findData("ORG"))
    dialog.kind.activated.emit(dialog.kind.currentIndex())
    assert hands.project.actors.named("Nikol Pashinyan").kind == "ORG"  # type: ignore[union-attr]

    dialog.aliases.setFocus()
    QTest.keyClick(dialog.aliases, Qt.Key.Key_Delete)
    assert actors(hands.project)["Nikol Pashinyan"] == ()
    assert not dialog.remove_button.isEnabled()


def test_merging_and_splitting_in_the_dialog(dialog: ActorsDialog, hands: Hands, qtbot: QtBot) -> None:
    def choose_states(asked: QDialog) -> None:
        assert isinstance(asked, ChooseDialog)
        QTest.keyClicks(asked.field, "states")
        QTest.keyClick(asked.field, Qt.Key.Key_Return)

    dialog.table.selectRow(1)
    hands.in_dialog(choose_states)
    QTest.mouseClick(dialog.merge_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows(dialog) == [("Nikol Pashinyan", "2", "1"), ("United States", "2", "1")])
    current = dialog.current()
    assert current is not None
    assert (current.name, dialog.alias()) == ("United States", "Paris")

    hands.in_dialog(lambda asked: asked.accept())
    QTest.mouseClick(dialog.split_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("Paris", "1", "1") in rows(dialog))


def test_sorting_by_mentions(dialog: ActorsDialog) -> None:
    dialog.table.sortByColumn(MENTIONS, Qt.SortOrder.DescendingOrder)
    assert rows(dialog)[0][0] == "Nikol Pashinyan"
    dialog.table.sortByColumn(NAME, Qt.SortOrder.DescendingOrder)
    assert rows(dialog)[0][0] == "United States"


def test_an_error_is_said_in_the_dialog_too(dialog: ActorsDialog, hands: Hands) -> None:
    def type_taken(asked: QDialog) -> None:
        assert isinstance(asked, QInputDialog)
        asked.setTextValue("Paris")
        asked.accept()

    hands.in_dialog(type_taken)
    QTest.mouseClick(dialog.rename_button, Qt.MouseButton.LeftButton)
    assert "Merge the two instead" in dialog.words.text()


def test_the_dialog_closes_with_the_project(dialog: ActorsDialog, window: MainWindow) -> None:
    window.session.close()
    assert not dialog.isVisible()
    assert QApplication.activeModalWidget() is None
