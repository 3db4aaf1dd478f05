"""The window's part in models: the dialog, the question about a project's pipeline, what is said once."""

from __future__ import annotations

import sys
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox

from annotator.model import Change
from annotator.ui.model_dialog import ModelDialog
from annotator.ui.model_download import ModelDownload
from annotator.ui.tasks import is_stepping

if TYPE_CHECKING:
    from annotator.nlp.models import InstalledModel
    from annotator.ui.main_window import MainWindow

AFTERWARDS = 50  # ms after a project was opened
_SAID = "said_old_python"


class Models(QObject):
    """Begins the suggesting of a project, and owns the dialog and its download."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: ModelDialog | None = None
        self.download = ModelDownload(self)
        self.download.finished.connect(self._downloaded)
        self._timer = QTimer(self, singleShot=True, interval=AFTERWARDS)
        self._timer.timeout.connect(self.begin)
        self._reading: Thread | None = None

    def begin_soon(self) -> None:
        """Do :meth:`begin` once the article is on the screen and it is known what is installed."""
        self._reading = None
        self._timer.start()

    def show(self) -> None:
        """Show the dialog beside the window."""
        if self.dialog is None:
            self.dialog = ModelDialog(self._window.session, self.download, self._window)
        self.dialog.show()
        self.dialog.activateWindow()

    def begin(self) -> None:
        """Settle which pipelines may be loaded for the project that was opened; then suggest."""
        if self._reading is None:
            self._reading = Thread(target=self._window.session.models.read, name="pipelines", daemon=True)
            self._reading.start()
        if self._reading.is_alive() or is_stepping():  # asking for the project would wait for the step
            self._timer.start()
            return
        window = self._window
        session, project = window.session, window.session.project
        if project is None:
            return
        if session.writable:
            if project.model_choices.read():
                for language, model in session.models.questions(project):
                    session.models.remember(model.name, self._ask(language, model))
                self._say_what_is_missing()
            self._say_once()
        session.suggest_pending()

    def stop(self) -> None:
        """End a download: the window is about to close."""
        self.download.stop()

    def _ask(self, language: str, model: InstalledModel) -> bool:
        from annotator.nlp.languages import language_name

        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("A pipeline that the project names")
        box.setText(
            f"This project wants {model.name} {model.version} for articles in {language_name(language)}. "
            "It is installed on this machine. Use it?"
        )
        box.setInformativeText(
            "Loading a spaCy pipeline runs code from its package. Say no if you do not know where the "
            "package came from; Tools > Models can change it later. You are asked once."
        )
        box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
        box.setDefaultButton(QMessageBox.StandardButton.No)
        answer = QMessageBox.StandardButton(box.exec())
        box.deleteLater()
        return answer == QMessageBox.StandardButton.Yes

    def _say_what_is_missing(self) -> None:
        from annotator.nlp.languages import language_name

        project = self._window.session.project
        missing = self._window.session.models.missing(project) if project is not None else []
        if missing:
            names = ", ".join(f"{name[:80]} for {language_name(code)}" for code, name in missing)
            self._window.notify(
                f"This project wants spaCy pipelines that are not installed here ({names}): suggestions are "
                "made without them. Tools > Models tells how to get one."
            )

    def _say_once(self) -> None:
        """Say once on an old Python what that means; not over another message, nor to an empty project."""
        settings = self._window.session.settings
        said = settings.number(_SAID, 0)
        if (
            sys.version_info < (3, 12)
            and not said
            and self._window.labelling.article
            and not self._window.notice.text
        ):
            from annotator.nlp.models import OLD_PYTHON

            settings.set(_SAID, 1)
            self._window.notify(OLD_PYTHON)

    def _downloaded(self, name: str, why: str) -> None:
        session = self._window.session
        visible = self.dialog is not None and self.dialog.isVisible()
        if why:
            if not visible:
                self._window.warn(why)
            return
        session.models.read()
        session.models.remember(name, True)  # whoever gets a pipeline wants it
        if not visible:
            self._window.notify(f"{name} is installed. Its articles get suggestions now.")
        session.use_models()
        session.changed.emit(Change(f"installed {name}", None, frozenset({"suggestions"})))
