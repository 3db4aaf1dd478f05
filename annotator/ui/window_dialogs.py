"""The dialogs that the window's commands open, and what follows from their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QInputDialog, QMessageBox

from annotator.ui.dialogs import AboutDialog, KeysDialog, MetadataDialog
from annotator.ui.settings import log_folder

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class WindowDialogs(QObject):
    """Asks and tells, over a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def edit_metadata(self) -> None:
        """Edit the open article's metadata."""
        session, article = self._window.session, self._window.labelling.article
        if session.project is None or not article or not session.writable:
            return
        dialog = MetadataDialog(session.project.articles.get(article), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            values = dialog.values()
            session.perform(lambda project: project.articles.edit_metadata(article, **values))
        dialog.deleteLater()

    def choose_annotator(self) -> None:
        """Ask for the name under which this person annotates, and go on under it."""
        session = self._window.session
        words = "Your name, as it stands beside what you label:"
        name, accepted = QInputDialog.getText(self._window, "Your name", words, text=session.annotator)
        if accepted and name.strip():
            self._window.note.flush()
            session.rename_annotator(name.strip())

    def may_lose_note(self) -> bool:
        """Ask whether to close although the note could not be saved."""
        answer = QMessageBox.question(
            self._window,
            "The note is not saved",
            "The note on this article could not be saved. Close all the same and lose what was typed?",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return answer == QMessageBox.StandardButton.Discard

    def show_keys(self) -> None:
        """Show all keys."""
        self._show(KeysDialog(self._window.actions_.commands.values(), self._window))

    def about(self) -> None:
        """Say what this program is."""
        self._show(AboutDialog(self._window.session.settings.file, str(log_folder()), self._window))

    def _show(self, dialog: QDialog) -> None:
        dialog.exec()
        dialog.deleteLater()
