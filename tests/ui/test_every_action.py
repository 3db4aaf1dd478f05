"""Every action of the menus, triggered in a real window on a real project, with a look at what it did.

``CHECKS`` has one for each; an action without one fails ``test_every_action_of_the_menus_has_a_check``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QMenu,
    QMenuBar,
    QMessageBox,
)
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput
from annotator.project import open_project
from annotator.resources import resource
from annotator.ui import theme
from annotator.ui.choose_dialog import ChooseDialog
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.reading_dialog import ReadingDialog
from annotator.ui.settings import Settings
from annotator.ui.spans_model import COUNT
from annotator.ui.suggester import Suggester

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # pop-ups, on the offscreen platform
Hands = Any  # the class is in conftest.py


def menu_actions(menu: QMenu | QMenuBar) -> Iterator[QAction]:
    """The actions of a menu and of those within it; recent projects come and go and have no id."""
    for action in menu.actions():
        within = action.menu()
        if isinstance(within, QMenu):
            yield from menu_actions(within)
        elif action.objectName():
            yield action


class Scene:
    """A window on the article Rocket, and the action that is to be looked at."""

    def __init__(
        self,
        name: str,
        hands: Hands,
        window: MainWindow,
        qtbot: QtBot,
        monkeypatch: pytest.MonkeyPatch,
        folder: Path,
        scheduled: list[list[int]],
    ) -> None:
        self.name, self.hands, self.window, self.qtbot = name, hands, window, qtbot
        self.monkeypatch, self.folder, self.scheduled = monkeypatch, folder, scheduled

    @property
    def project(self) -> Any:
        return self.hands.project

    def do(self) -> None:
        """Trigger the action, as a click on its menu entry does."""
        action = next(a for a in menu_actions(self.window.menuBar()) if a.objectName() == self.name)
        assert action.isEnabled()
        action.trigger()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def answer(self, act: Callable[[Any], object]) -> None:
        """Do this on the dialog that the action opens, which is closed in any case."""

        def then(dialog: QDialog) -> None:
            try:
                act(dialog)
            finally:
                if dialog.isVisible():
                    dialog.reject()

        self.hands.in_dialog(then)

    def choose(self, name: str) -> None:
        """Choose a name in the dialog that the action opens."""

        def act(dialog: QDialog) -> None:
            assert isinstance(dialog, ChooseDialog)
            dialog.field.setText(name)
            dialog.accept()

        self.answer(act)

    def type(self, name: str) -> None:
        """Type a name where the action asks for one."""
        self.monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (name, True))

    def actors(self) -> dict[str, tuple[str, ...]]:
        return {actor.name: actor.aliases for actor in self.project.actors.all()}

    def shows(self, dialog: QDialog | None) -> None:
        assert dialog is not None
        assert dialog.isVisible()
        dialog.close()


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    project_file: Path,
    new_window: Any,
    tmp_path: Path,
) -> Scene:
    from tests.ui import conftest

    scheduled: list[list[int]] = []
    monkeypatch.setattr(Suggester, "schedule", lambda self, ids, *_, **__: scheduled.append(list(ids)))
    window = new_window(project_file)
    hands = conftest.Hands(qtbot)
    hands.window = window
    hands.caret(0)
    return Scene(request.param, hands, window, qtbot, monkeypatch, tmp_path, scheduled)


# File


def new(s: Scene) -> None:
    s.monkeypatch.setattr("annotator.ui.files.ask_where_to_save", lambda *_: s.folder / "fresh.annot")
    s.do()
    assert s.project.path == s.folder / "fresh.annot"
    assert s.project.articles.count() == 0


def open_(s: Scene) -> None:
    path = s.project.path
    assert s.window.session.create(s.folder / "other.annot")
    s.monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    s.do()
    assert s.project.path == path


def import_(s: Scene) -> None:
    file = s.folder / "Dzvin.txt"
    file.write_text("Bells rang in Lviv.", encoding="utf-8")
    s.monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))
    s.do()
    s.wait(lambda: len(s.window.list.ids()) == 5)
    assert s.project.articles.text(5) == "Bells rang in Lviv."


def import_folder(s: Scene) -> None:
    folder = s.folder / "news" / "below"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("One.", encoding="utf-8")
    (folder.parent / "b.txt").write_text("Two.", encoding="utf-8")
    s.monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder.parent))
    s.do()
    s.wait(lambda: len(s.window.list.ids()) == 6)


def paste(s: Scene) -> None:
    QApplication.clipboard().setText("Pasted words.")
    s.answer(lambda dialog: dialog.accept())
    s.do()
    s.wait(lambda: s.project.articles.count() == 5)
    assert s.project.articles.text(5) == "Pasted words."


def export(s: Scene) -> None:
    s.monkeypatch.setattr("annotator.ui.files.ask_where_to_save", lambda *_: s.folder / "out.jsonl")
    s.answer(lambda dialog: dialog.accept())
    s.do()
    s.wait(lambda: "out.jsonl" in s.window.notice.text)
    assert len((s.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def bundle(s: Scene) -> None:
    s.monkeypatch.setattr("annotator.ui.files.ask_where_to_save", lambda *_: s.folder / "paper")
    s.answer(lambda dialog: dialog.accept())
    s.do()
    s.wait(lambda: "written to the folder paper" in s.window.notice.text)
    assert len((s.folder / "paper" / "data.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    assert (s.folder / "paper" / "SHA256SUMS").is_file()


def cite(s: Scene) -> None:
    s.window.pane.view.select(*_place(s, "Yerevan"))
    s.do()
    assert QApplication.clipboard().text().startswith("“Yerevan” (“Rocket”, b.example")


def copy(s: Scene) -> None:
    s.monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(s.folder / "copy.annot"), ""))
    s.do()
    s.wait(lambda: s.window.notice.text.startswith("Copied to"))
    with open_project(s.folder / "copy.annot") as project:
        assert project.articles.count() == 4


def restore(s: Scene) -> None:
    seen: list[str] = []
    s.answer(lambda dialog: seen.append(dialog.windowTitle()))
    s.do()
    assert seen == ["Restore a backup"]


def quit_(s: Scene) -> None:
    s.do()
    assert not s.window.isVisible()
    assert s.window.session.project is None


# Edit


def undo(s: Scene) -> None:
    s.hands.press("W")
    s.do()
    assert s.hands.labelled() == []


def redo(s: Scene) -> None:
    s.hands.press("W", "Ctrl+Z")
    s.do()
    assert s.hands.labelled() == [("pro-West", None, "accepted")]


def history(s: Scene) -> None:
    s.do()
    dialog = s.window.dialogs._history
    assert dialog is not None
    assert dialog.acts_model.rowCount() == 1
    s.shows(dialog)


def metadata(s: Scene) -> None:
    def act(dialog: Any) -> None:
        dialog._edits["title"].setText("Another title")
        dialog.accept()

    s.answer(act)
    s.do()
    assert s.project.articles.get(1).title == "Another title"
    assert s.window.pane.title.text() == "Another title"


def find(s: Scene) -> None:
    s.do()
    assert s.window.pane.find_bar.field.hasFocus()
    s.hands.type("Armenia")
    s.wait(lambda: s.window.pane.view.raw_selection() == _place(s, "Armenia"))


def _place(s: Scene, quote: str, nth: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(nth + 1):
        start = s.hands.text.index(quote, start + 1)
    return start, start + len(quote)


def _found(s: Scene, words: str) -> None:
    s.hands.press("Ctrl+F")
    s.hands.type(words)
    s.wait(lambda: s.window.pane.view.raw_selection() == _place(s, words))


def find_next(s: Scene) -> None:
    _found(s, "en")
    s.hands.press("F3")  # stays at the first hit, which the typing found
    s.do()
    assert s.window.pane.view.raw_selection() == _place(s, "en", 1)


def find_previous(s: Scene) -> None:
    _found(s, "en")
    s.hands.press("F3", "F3")
    assert s.window.pane.view.raw_selection() == _place(s, "en", 1)
    s.do()
    assert s.window.pane.view.raw_selection() == _place(s, "en")


def find_project(s: Scene) -> None:
    s.window.pane.view.select(*_place(s, "Yerevan"))
    s.do()
    dialog = s.window.occurrences._dialog
    assert dialog is not None
    s.wait(lambda: len(dialog.model.rows) == 1)
    s.shows(dialog)


def search(s: Scene) -> None:
    s.do()
    assert s.window.list.search_field.hasFocus()


# Annotate


def filter_(s: Scene) -> None:
    s.do()
    assert s.window.list.chooser.isVisible()
    s.hands.press("Esc")


def show_all(s: Scene) -> None:
    s.window.list.set_filter(replace(s.window.list.filter(), show="done"))
    s.window.listing.ask(at_once=True)
    s.wait(lambda: s.window.list.ids() == [])
    s.do()
    s.wait(lambda: len(s.window.list.ids()) == 4)


def next_suggestion(s: Scene) -> None:
    s.do()
    assert s.hands.active == ("GPE", "Armenia", True)


def previous_suggestion(s: Scene) -> None:
    s.hands.press("Tab", "Tab")
    s.do()
    assert s.hands.active == ("GPE", "Armenia", True)


def visit_zones(s: Scene) -> None:
    before = s.window.labelling.visits_zones
    s.do()
    assert s.window.labelling.visits_zones is not before
    assert s.window.actions_["visit_zones"].isChecked() is not before


def accept(s: Scene) -> None:
    s.hands.activate("Yerevan")
    s.do()
    assert s.hands.labelled() == [("GPE", "Yerevan", "accepted")]


def reject(s: Scene) -> None:
    s.hands.activate("Yerevan")
    s.do()
    assert "Yerevan" not in s.hands.open_suggestions()
    assert s.hands.labelled() == []


def accept_mentions(s: Scene) -> None:
    s.hands.activate("Yerevan")
    s.do()
    assert s.hands.labelled() == [("GPE", "Yerevan", "accepted")]


def reject_alone(s: Scene) -> None:
    s.hands.activate("Yerevan")
    s.do()
    assert "Yerevan" not in s.hands.open_suggestions()
    assert not s.hands.project.memory.rules.get("Yerevan")  # nothing follows for other mentions


def accept_all(s: Scene) -> None:
    s.do()
    assert len(s.hands.labelled()) == 4
    assert s.hands.open_suggestions() == []


def accept_project(s: Scene) -> None:
    s.monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    s.do()
    s.wait(lambda: len(s.hands.labelled(4)) == 1)
    assert len(s.hands.labelled(1)) == 4


def remove(s: Scene) -> None:
    s.hands.activate("Yerevan")
    s.hands.press("A")
    s.hands.activate("Yerevan")
    s.do()
    assert s.hands.labelled() == []


def _names_again(s: Scene) -> None:
    """An article with a name three times, and one with it once more."""
    with s.project.act("imported"):
        s.project.articles.add(ArticleInput("Lviv, Lviv and Lviv.", "Thrice"))
        s.project.articles.add(ArticleInput("To Lviv.", "Once"))
    s.window.show_article(5)
    s.window.pane.view.select(0, 4)
    s.hands.press("3")
    s.hands.activate("Lviv")


def everywhere_here(s: Scene) -> None:
    _names_again(s)
    s.do()
    s.wait(lambda: [quote for _, quote, _ in s.hands.labelled()] == ["Lviv"] * 3)


def everywhere(s: Scene) -> None:
    _names_again(s)
    s.do()
    dialog = s.window.occurrences._dialog
    assert dialog is not None
    s.wait(lambda: len(dialog.model.rows) == 4)
    s.shows(dialog)


def edge(s: Scene, quote: str, after: str) -> None:
    s.hands.activate(quote)
    s.do()
    assert s.hands.labelled()[0][1] == after


def _caret(s: Scene) -> int:
    view = s.window.pane.view
    return view.caret


def caret_goes(s: Scene, before: int, words: str) -> None:
    s.hands.caret(before)
    s.do()
    assert _caret(s) == s.hands.text.index(words)


def selects(s: Scene, before: int, words: str) -> None:
    s.hands.caret(before)
    s.do()
    start, end = s.window.pane.view.raw_selection()
    assert s.hands.text[start:end] == words


def spans_here(s: Scene) -> None:
    s.hands.caret(s.hands.text.index("Armenia") + 2)
    s.do()
    assert s.hands.active == ("GPE", "Armenia", True)


def split(s: Scene) -> None:
    s.hands.activate("Nikol Pashinyan")
    s.hands.press("A")
    s.hands.activate("Nikol Pashinyan")
    s.hands.press("Ctrl+Right")  # by the keyboard, which leaves the span active
    s.do()
    assert [quote for _, quote, _ in s.hands.labelled()] == ["Nikol", "Pashinyan"]


def join(s: Scene) -> None:
    s.hands.activate("Armenia")
    s.hands.press("A")
    s.hands.activate("Armenia")
    s.do()
    assert [quote for _, quote, _ in s.hands.labelled()] == ["Armenia. Russia"]


def label_mode(s: Scene) -> None:
    s.do()
    assert s.window.label_mode.bar.isVisible()
    s.hands.press("Esc")
    assert not s.window.label_mode.bar.isVisible()


def accept_done(s: Scene) -> None:
    s.do()
    assert len(s.hands.labelled(1)) == 4
    assert s.project.articles.progress(1).status == "done"
    assert s.window.labelling.article == 2


def confirm_actor(s: Scene) -> None:
    s.hands.activate("Armenia")
    s.do()
    assert s.actors() == {"Armenia": ()}


def rename_actor(s: Scene) -> None:
    confirm(s, "Armenia")
    s.type("Republic of Armenia")
    s.do()
    assert s.actors() == {"Republic of Armenia": ("Armenia",)}


def confirm(s: Scene, quote: str) -> None:
    """Have an actor of the project, with its span active."""
    s.hands.activate(quote)
    s.hands.press("A")
    s.hands.activate(quote)
    s.hands.press("C")


def merge_actor(s: Scene) -> None:
    confirm(s, "Yerevan")
    confirm(s, "Armenia")
    s.choose("Yerevan")
    s.do()
    assert s.actors() == {"Yerevan": ("Armenia",)}


def split_actor(s: Scene) -> None:
    merge_actor_by_key(s)
    s.type("Armenia")
    s.do()
    assert s.actors() == {"Yerevan": (), "Armenia": ()}


def merge_actor_by_key(s: Scene) -> None:
    confirm(s, "Yerevan")
    confirm(s, "Armenia")
    s.choose("Yerevan")
    s.window.actions_["merge_actor"].trigger()
    s.window.activateWindow()
    s.wait(s.window.isActiveWindow)
    s.hands.activate("Armenia")


def assign_actor(s: Scene) -> None:
    confirm(s, "Armenia")
    s.choose("Hayastan")
    s.do()
    assert {a.actor for a in s.project.annotations.of(1)} == {"Hayastan"}


def next_bloc(s: Scene) -> None:
    confirm(s, "Armenia")
    before = s.project.actors.all()[0].bloc
    s.do()
    assert s.project.actors.all()[0].bloc != before


def example(s: Scene, fits: bool) -> None:
    s.hands.activate("Armenia")
    s.do()
    examples = s.project.codebook_editing.examples("entity", "GPE")
    assert [(e.quote, e.fits) for e in examples] == [("Armenia", fits)]


def passage(s: Scene) -> Any:
    """Have a stance passage active."""
    s.window.pane.view.select(*_place(s, "Russia denied it."))
    s.hands.press("W")
    return lambda: next(a for a in s.project.annotations.of(1) if a.layer == "stance")


def claim(s: Scene, aspect: str) -> None:
    stored = passage(s)
    s.do()
    assert s.window.claims.names.isVisible()
    s.hands.type("Yere")
    s.hands.press("Return")
    assert getattr(stored(), aspect) == "Yerevan"


def certainty(s: Scene) -> None:
    stored = passage(s)
    before = stored().certainty
    s.do()
    assert stored().certainty != before


def span_note(s: Scene) -> None:
    stored = passage(s)
    s.do()
    s.hands.type("why")
    s.window.claims.flush()
    assert stored().note == "why"


def derive(s: Scene) -> None:
    passage(s)
    s.do()
    assert s.window.labelling.stance() == "pro-West"


def flag(s: Scene) -> None:
    s.do()
    assert s.project.articles.progress(1).flagged


def note(s: Scene) -> None:
    s.do()
    assert s.window.note.edit.hasFocus()


def done(s: Scene) -> None:
    s.do()
    assert s.project.articles.progress(1).status == "done"
    assert s.window.labelling.article == 2


def skip(s: Scene) -> None:
    s.do()
    assert s.project.articles.progress(1).status == "skipped"
    assert s.window.labelling.article == 2


def next_article(s: Scene) -> None:
    s.do()
    assert s.window.labelling.article == 2


def previous_article(s: Scene) -> None:
    s.hands.press("J", "J")
    s.do()
    assert s.window.labelling.article == 2


def label(s: Scene, layer: str, name: str) -> None:
    if layer == "stance":
        s.do()
        assert [(found, quote) for found, quote, _ in s.hands.labelled()] == [(name, None)]
    else:
        s.window.pane.view.select(*_place(s, "rocket"))
        s.do()
        assert s.hands.labelled() == [(name, "rocket", "manual")]


# View


def text_size(s: Scene, before: str, direction: int) -> None:
    if before:
        s.window.actions_[before].trigger()
    size = s.window.pane.view.font().pointSize()
    s.do()
    change = s.window.pane.view.font().pointSize() - size
    assert change * direction > 0
    assert Settings().number("text_size", 0) == size + change


def show_theme(s: Scene, choice: str) -> None:
    s.window.actions_["theme/dark" if choice != "dark" else "theme/light"].trigger()
    s.do()
    assert Settings().text("theme") == choice
    assert theme.current() is theme.wanted(choice)
    assert choice == "system" or theme.current().name == choice
    assert s.window.actions_[f"theme/{choice}"].isChecked()


def choose_text(s: Scene) -> None:
    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, ReadingDialog)
        dialog.size_.setValue(17)
        dialog.accept()

    s.answer(act)
    s.do()
    assert s.window.pane.view.font().pointSize() == 17


def hide_pane(s: Scene, name: str) -> None:
    part = {"list": s.window.list, "panels": s.window.panels}[name]
    s.do()
    assert not part.isVisible()
    s.do()
    assert part.isVisible()


def text_alone(s: Scene) -> None:
    s.do()
    assert not s.window.menuBar().isVisible()
    assert s.window.pane.view.isVisible()
    s.window.escape()
    assert s.window.menuBar().isVisible()


def by_actor(s: Scene) -> None:
    assert s.window.spans._model.by_actor
    s.do()
    assert not s.window.spans._model.by_actor
    assert Settings().number("by_actor", 1) == 0


def by_count(s: Scene) -> None:
    panel = s.window.spans
    s.do()
    assert panel._model.by_count
    assert s.window.actions_["by_count"].isChecked()
    panel._on_header(COUNT)
    assert not s.window.actions_["by_count"].isChecked(), "the header is the same choice"
    panel._on_header(COUNT)
    s.do()
    assert not panel._model.by_count
    s.hands.focus(panel.tree)
    s.hands.press("Shift+F10")
    menu = s.window.context.menu
    assert menu is not None
    assert s.window.actions_["by_count"] in menu.actions()
    menu.close()


def next_pane(s: Scene) -> None:
    s.do()
    assert s.window.spans.tree.hasFocus()


def menu_here(s: Scene) -> None:
    s.hands.activate("Armenia")
    s.do()
    menu = s.window.context.menu
    assert menu is not None
    assert s.window.actions_["accept"] in menu.actions()
    menu.close()


def escape(s: Scene) -> None:
    s.hands.focus(s.window.list.search_field)
    s.do()
    assert s.window.pane.view.hasFocus()


# Tools


def suggest(s: Scene) -> None:
    s.wait(lambda: not s.window.listing.running)
    s.project.suggestions.forget_runs()
    s.scheduled.clear()
    s.do()
    s.wait(lambda: sorted(article for page in s.scheduled for article in page) == [1, 2, 3, 4])


def stop(s: Scene) -> None:
    ended: list[bool] = []
    s.monkeypatch.setattr(s.window.session.suggester, "stop", lambda: ended.append(True))
    s.window.session._pending = iter([[1], [2]])
    s.do()
    assert ended
    assert next(s.window.session._pending, None) is None
    s.monkeypatch.undo()


def models(s: Scene) -> None:
    s.do()
    s.shows(s.window.models.dialog)


def actors(s: Scene) -> None:
    confirm(s, "Armenia")
    s.do()
    dialog = s.window.actors._dialog
    assert dialog is not None
    assert dialog.model.rowCount() == 1
    s.shows(dialog)


def evaluate(s: Scene) -> None:
    s.do()
    s.shows(s.window.dialogs._evaluation)


def overview(s: Scene) -> None:
    s.do()
    s.shows(s.window.dialogs._overview)


def codebook(s: Scene) -> None:
    s.do()
    dialog = s.window.codebook._dialog
    assert dialog is not None
    s.qtbot.waitUntil(dialog.isVisible)
    s.shows(dialog)


def compact(s: Scene) -> None:
    s.hands.press("W", "Ctrl+Z")
    s.answer(lambda dialog: dialog.go.click())
    s.do()
    s.wait(lambda: s.window.notice.text.startswith("news is compact: "))
    assert not s.window.actions_["redo"].isEnabled()


def project_settings(s: Scene) -> None:
    before = s.project.drawing.blind_share

    def act(dialog: Any) -> None:
        dialog.fifth.click()
        dialog.accept()

    s.answer(act)
    s.do()
    assert s.project.drawing.blind_share != before


def annotator(s: Scene) -> None:
    s.type("bela")
    s.do()
    assert s.project.annotator == "bela"
    assert Settings().text("annotator") == "bela"


def backups(s: Scene) -> None:
    assert s.window.backups.wanted
    s.do()
    assert not s.window.backups.wanted
    assert not s.window.actions_["backups"].isChecked()


# Help


def palette(s: Scene) -> None:
    s.do()
    assert s.window.palette_.isVisible()
    assert s.window.palette_.field.hasFocus()


def rule(s: Scene) -> None:
    s.hands.activate("Armenia")
    s.do()
    assert s.window.pane.rule.isVisible()
    assert s.window.pane.rule.heading.text().startswith("GPE")


def keys(s: Scene) -> None:
    seen: list[QDialog] = []
    s.answer(seen.append)
    s.do()
    assert isinstance(seen[0], KeysDialog)


def hints(s: Scene) -> None:
    s.wait(lambda: s.window.hints.bar.isVisible())
    s.window.hints.bar.close_button.click()
    assert Settings().text("hints")
    s.do()
    assert not Settings().text("hints")
    assert s.window.hints.bar.isVisible()


def hide_hint(s: Scene) -> None:
    s.wait(lambda: s.window.hints.bar.isVisible())
    shown = s.window.hints.shown
    assert shown is not None
    s.do()
    assert shown.name in Settings().text("hints")
    assert s.window.hints.shown is not shown


def about(s: Scene) -> None:
    seen: list[str] = []
    s.answer(lambda dialog: seen.append(dialog.windowTitle()))
    s.do()
    assert seen == ["About Annotator"]


CHECKS: dict[str, Callable[[Scene], None]] = {
    "new": new,
    "open": open_,
    "import": import_,
    "import_folder": import_folder,
    "paste": paste,
    "export": export,
    "bundle": bundle,
    "cite": cite,
    "copy": copy,
    "restore": restore,
    "quit": quit_,
    "undo": undo,
    "redo": redo,
    "history": history,
    "metadata": metadata,
    "find": find,
    "find_next": find_next,
    "find_previous": find_previous,
    "find_project": find_project,
    "search": search,
    "filter": filter_,
    "show_all": show_all,
    "next_suggestion": next_suggestion,
    "previous_suggestion": previous_suggestion,
    "visit_zones": visit_zones,
    "accept": accept,
    "reject": reject,
    "accept_mentions": accept_mentions,
    "reject_alone": reject_alone,
    "accept_all": accept_all,
    "accept_project": accept_project,
    "remove": remove,
    "everywhere_here": everywhere_here,
    "everywhere": everywhere,
    "end_right": partial(edge, quote="Nikol Pashinyan", after="Nikol Pashinyan spoke"),
    "end_left": partial(edge, quote="Nikol Pashinyan", after="Nikol"),
    "start_right": partial(edge, quote="Nikol Pashinyan", after="Pashinyan"),
    "start_left": partial(edge, quote="Armenia", after="over Armenia"),
    "end_on": partial(edge, quote="Armenia", after="Armenia."),
    "end_back": partial(edge, quote="Armenia", after="Armeni"),
    "start_on": partial(edge, quote="Armenia", after="rmenia"),
    "start_back": partial(edge, quote="Armenia", after="r Armenia"),
    "next_sentence": partial(caret_goes, before=2, words="Russia"),
    "previous_sentence": partial(caret_goes, before=40, words="Russia"),
    "select_sentence": partial(selects, before=0, words="A rocket 🚀 flew over Armenia. "),
    "select_sentence_before": partial(selects, before=29, words="A rocket 🚀 flew over Armenia."),
    "widen": partial(selects, before=3, words="rocket"),
    "next_name": partial(selects, before=60, words="Subscribe"),
    "previous_name": partial(selects, before=10, words="A"),
    "spans_here": spans_here,
    "split": split,
    "join": join,
    "label_mode": label_mode,
    "accept_done": accept_done,
    "confirm_actor": confirm_actor,
    "rename_actor": rename_actor,
    "merge_actor": merge_actor,
    "split_actor": split_actor,
    "assign_actor": assign_actor,
    "next_bloc": next_bloc,
    "example": partial(example, fits=True),
    "counter_example": partial(example, fits=False),
    "holder": partial(claim, aspect="holder"),
    "target": partial(claim, aspect="target"),
    "certainty": certainty,
    "span_note": span_note,
    "derive": derive,
    "flag": flag,
    "note": note,
    "done": done,
    "skip": skip,
    "next_article": next_article,
    "previous_article": previous_article,
    "larger": partial(text_size, before="", direction=1),
    "smaller": partial(text_size, before="", direction=-1),
    "usual": partial(text_size, before="larger", direction=-1),
    "theme/light": partial(show_theme, choice="light"),
    "theme/dark": partial(show_theme, choice="dark"),
    "theme/contrast": partial(show_theme, choice="contrast"),
    "text": choose_text,
    "pane/list": partial(hide_pane, name="list"),
    "pane/panels": partial(hide_pane, name="panels"),
    "alone": text_alone,
    "theme/system": partial(show_theme, choice="system"),
    "by_actor": by_actor,
    "by_count": by_count,
    "next_pane": next_pane,
    "menu_here": menu_here,
    "escape": escape,
    "suggest": suggest,
    "suggest_again": suggest,
    "stop": stop,
    "models": models,
    "actors": actors,
    "evaluate": evaluate,
    "overview": overview,
    "codebook": codebook,
    "compact": compact,
    "project_settings": project_settings,
    "annotator": annotator,
    "backups": backups,
    "palette": palette,
    "rule": rule,
    "keys": keys,
    "hide_hint": hide_hint,
    "hints": hints,
    "about": about,
}


def labels() -> dict[str, Callable[[Scene], None]]:
    """A check for each label of the codebook that a new project has."""
    import tomllib

    found = tomllib.loads(resource("codebook.toml").read_text(encoding="utf-8"))
    names = [(layer["name"], one["name"]) for layer in found["layer"] for one in layer["label"]]
    return {f"label/{layer}/{name}": partial(label, layer=layer, name=name) for layer, name in names}


CHECKS |= labels()


def test_every_action_of_the_menus_has_a_check(window: MainWindow) -> None:
    actions = {action.objectName() for action in menu_actions(window.menuBar())}
    assert actions - CHECKS.keys() == set(), "a new action of the menus needs its check in this file"
    assert CHECKS.keys() - actions == set()
    assert actions == set(window.actions_.commands)


@pytest.mark.parametrize("scene", list(CHECKS), indirect=True)
def test_action(scene: Scene) -> None:
    CHECKS[scene.name](scene)
