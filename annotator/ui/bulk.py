"""Acts on the whole project that take their time: accepting all suggestions, undoing large acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from annotator.model import Act, Change
from annotator.ui.chips import cut, menu_text, sentence

if TYPE_CHECKING:
    from annotator.project.bulk import OpenSuggestions
    from annotator.ui.main_window import MainWindow

_MANY = 20  # articles that one undo takes out of the project without a question


class BulkActs(QObject):
    """Runs large acts step by step, with progress."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def accept_all(self) -> None:
        """Count what is open in the project, ask, and accept it as one act."""
        from annotator.project.bulk import count_open

        project = self._window.session.project
        if project is None:
            return
        self._window.note.flush()
        task = self._window.files.run("Counting suggestions", count_open(project))
        if task is not None:
            task.finished.connect(self._ask)

    def _ask(self, found: OpenSuggestions) -> None:
        from annotator.project.bulk import accept_all_open

        window = self._window
        if not found.suggestions:
            window.notify("No suggestion is open in this project.")
            return
        spans = f"{found.suggestions:,} suggestion{'' if found.suggestions == 1 else 's'}"
        places = f"{found.articles:,} article{'' if found.articles == 1 else 's'}"
        answer = QMessageBox.question(
            window,
            "Accept all in the project",
            f"Accept {spans} in {places}? Nobody will have looked at them. The stances of whole articles are "
            "left for you to decide. One undo takes all of it back.",
        )
        project = window.session.project
        if answer == QMessageBox.StandardButton.Yes and project is not None:
            task = window.files.run("Accepting", accept_all_open(project), is_act=True)
            if task is not None:
                task.finished.connect(self._accepted)
                task.cancelled.connect(self._accept_cancelled)

    def _accepted(self, change: Change) -> None:
        self._window.session.changed.emit(change)
        self._window.status.say(sentence(change.text))

    def _accept_cancelled(self) -> None:
        self._window.notify("Cancelled: no suggestion was accepted.")

    def step(self, direction: Literal["undo", "redo"]) -> None:
        """Take a step through the history, with the article on the screen that it is about.

        A large act is stepped, so that the window stays awake.
        """
        window = self._window
        project = window.session.project
        half_done = project is not None and project.history.half_done() is not None
        if not half_done:  # else it is completed before anything new
            window.note.flush()
        project = window.session.project
        if project is None or project.read_only:
            return
        history = project.history
        act = history.last() if direction == "undo" else history.next()
        if act is None or (direction == "undo" and not half_done and not self._may_undo(act)):
            return
        project = window.session.project  # the question ran the event loop
        if project is None:
            return
        article = act.article if not half_done else None  # it is on the screen since the first attempt
        if article not in (None, window.labelling.article) and project.articles.exists(article):
            window.show_article(article)
        if not history.takes_steps(act):
            before = window.labelling.decisions()
            change = window.session.perform(
                lambda project: project.undo() if direction == "undo" else project.redo()
            )
            if change is not None and change.article is not None:
                window.labelling.reveal_difference(before)
            self._stepped(direction, change)
            return
        window.session.check_outside()
        steps = history.undo_in_steps() if direction == "undo" else history.redo_in_steps()
        task = window.files.run("Undoing" if direction == "undo" else "Doing again", steps, is_act=True)
        if task is not None:
            task.forbid_cancel()  # it is whole or not at all, and the way back takes as long
            task.finished.connect(window.session.announce)
            task.finished.connect(self._undone if direction == "undo" else self._redone)

    def _may_undo(self, act: Act) -> bool:
        """Ask before articles are taken out again: many, or by one undo too many."""
        project = self._window.session.project
        number = project.history.brought(act.id) if project is not None else 0
        if project is None or not number or (number <= _MANY and project.history.next() is None):
            return True
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Undo")
        box.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
        box.setText(f"Undo “{cut(act.text, 100)}”?")
        box.setInformativeText(
            f"This takes {number:,} article{'' if number == 1 else 's'} out of the project again. "
            "Redo brings them back."
        )
        box.setStandardButtons(buttons.Yes | buttons.No)
        box.setDefaultButton(buttons.No)
        answer = box.exec()
        box.deleteLater()
        return answer == buttons.Yes

    def _undone(self, change: Change | None) -> None:
        self._stepped("undo", change)

    def _redone(self, change: Change | None) -> None:
        self._stepped("redo", change)

    def _stepped(self, direction: Literal["undo", "redo"], change: Change | None) -> None:
        if change is None:
            return
        if self._window.list.current() is None:
            self._window.listing.follow()  # the article on the screen may fit again
        self._window.status.say(f"{'Undone' if direction == 'undo' else 'Done again'}: {change.text}")
        if direction == "redo" and change.article is None:
            self._window.session.suggest_pending()  # articles that came back have no suggestions any more

    def name_steps(self) -> None:
        """Name in the menu what would be undone and redone, and by whom it was done."""
        session = self._window.session
        project = session.project if session.writable else None
        last = project.history.last() if project is not None else None
        following = project.history.next() if project is not None else None
        for name, word, act in (("undo", "Undo", last), ("redo", "Redo", following)):
            action = self._window.actions_[name]
            action.setEnabled(act is not None)
            what = ""
            if act is not None:
                # Acts are undone in their order, also those of a colleague: their name must stand there.
                by = f" (by {act.annotator})" if act.annotator != session.annotator else ""
                what = f": {act.text}{by}"
            action.setText(f"&{word}{menu_text(what, 160)}")
            action.setIconText(word)
            words = f"{word}{what}" if what else f"Nothing to {word.lower()}"
            action.setToolTip(self._window.actions_.tip(words, name))
