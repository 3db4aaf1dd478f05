"""The dialogs that the window's commands open, and what follows from their answers."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QInputDialog, QMessageBox

from annotator.model import Change
from annotator.ui.compact_dialog import CompactDialog
from annotator.ui.dialogs import AboutDialog, MetadataDialog
from annotator.ui.evaluation_dialog import EvaluationDialog
from annotator.ui.history_panel import HistoryDialog
from annotator.ui.opening import Opening, OpeningDialog
from annotator.ui.project_settings import ProjectSettingsDialog
from annotator.ui.settings import log_folder

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow
    from annotator.ui.overview_dialog import OverviewDialog


class WindowDialogs(QObject):
    """Asks and tells, over a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._history: HistoryDialog | None = None
        self._evaluation: EvaluationDialog | None = None
        self._overview: OverviewDialog | None = None

    def edit_metadata(self) -> None:
        """Edit the open article's metadata."""
        session, article = self._window.session, self._window.labelling.article
        if session.project is None or not article or not session.writable:
            return
        dialog = MetadataDialog(session.project.articles.get(article), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            values = dialog.values()
            before = dialog.language
            session.perform(lambda project: project.articles.edit_metadata(article, **values))
            if values["language"].strip() != before:  # another pipeline reads it now
                session.suggester.schedule([article])
        dialog.deleteLater()

    def edit_project_settings(self) -> None:
        """Set the blind share and the seed of the drawn orders, as one act."""
        window = self._window
        project = window.session.project
        if project is None:
            return
        dialog = ProjectSettingsDialog(
            project.drawing.blind_share, project.drawing.seed, window.session.writable, window
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            share, seed = dialog.values()
            window.session.perform(lambda project: project.drawing.change(seed=seed, blind_share=share))
        dialog.deleteLater()

    def choose_annotator(self) -> None:
        """Ask for the name under which this person annotates, and go on under it."""
        session = self._window.session
        words = "Your name, as it stands beside what you label:"
        name, accepted = QInputDialog.getText(self._window, "Your name", words, text=session.annotator)
        if accepted and name.strip():
            self._window.note.flush()
            session.rename_annotator(name.strip())

    def show_history(self) -> None:
        """Show what happened, beside the window: it stays open while the work goes on."""
        window = self._window
        if self._history is None:
            self._history = HistoryDialog(window.session, self._open_article, window)
            self._history.changing.connect(window.note.flush)
            self._history.article_wanted.connect(self._go_to)
        window.note.flush()
        self._history.open_beside()

    def show_evaluation(self) -> None:
        """Tell how good the suggestions are, beside the window."""
        if self._evaluation is None:
            self._evaluation = EvaluationDialog(self._window.session, self._window)
        self._window.note.flush()
        self._evaluation.open_beside()

    def show_overview(self) -> None:
        """Show how far the work is, as charts, beside the window."""
        from annotator.ui.overview_dialog import OverviewDialog

        if self._overview is None:
            self._overview = OverviewDialog(self._window.session, self._window)
        self._window.note.flush()
        self._overview.open_beside()

    def _open_article(self) -> int:
        return self._window.labelling.article

    def _go_to(self, article: int) -> None:
        self._window.show_article(article)
        self._window.activateWindow()
        self._window.focus_article()

    def compact(self) -> None:
        """Say what making the file smaller would drop, and do it."""
        window = self._window
        if not window.session.writable:
            return
        window.note.flush()
        dialog = CompactDialog(window.session, window)
        accepted, wanted = dialog.exec() == QDialog.DialogCode.Accepted, dialog.plan()
        dialog.deleteLater()
        project = window.session.project
        if accepted and project is not None and wanted is not None:
            from annotator.project.compact import compact_in_steps

            stop = Event()
            steps = compact_in_steps(project, wanted, stop.is_set)
            task = window.files.run("Compacting", steps, appears=0, interrupt=stop.set)
            if task is not None:
                window.listing.give_way()
                task.finished.connect(self._compacted)
                task.cancelled.connect(self._compact_cancelled)
                task.refused.connect(self._tell_history)  # nothing can be redone any more all the same

    def _compacted(self, sizes_: tuple[int, int]) -> None:
        from annotator.project.compact import sizes

        session = self._window.session
        self._tell_history()
        if session.project is not None:
            self._window.notify(f"{session.project.name} is compact: {sizes(*sizes_)}.")

    def _compact_cancelled(self) -> None:
        self._tell_history()
        self._window.notify("Cancelled: the file was not packed. Everything in it is as it was.")

    def _tell_history(self) -> None:
        """Tell every view that the history is shorter, and all else as it was."""
        self._window.session.changed.emit(Change("compact", None, frozenset()))

    def show_opening(self, opening: Opening) -> None:
        """Show a project's opening until it has ended."""
        OpeningDialog(opening, self._window)

    def may_lose_note(self) -> bool:
        """Ask whether to leave the project although the note could not be saved."""
        answer = QMessageBox.question(
            self._window,
            "The note is not saved",
            "The note on this article could not be saved. Go on all the same and lose what was typed?",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return answer == QMessageBox.StandardButton.Discard

    def show_keys(self) -> None:
        """Show all keys, and let them be changed."""
        from annotator.ui.keys_dialog import KeysDialog  # late: the window does not wait for it

        window = self._window
        self._show(KeysDialog(window.actions_, window.session.settings.remember_keymap, window))

    def about(self) -> None:
        """Say what this program is."""
        self._show(AboutDialog(self._window.session.settings.file, str(log_folder()), self._window))

    def _show(self, dialog: QDialog) -> None:
        dialog.exec()
        dialog.deleteLater()
