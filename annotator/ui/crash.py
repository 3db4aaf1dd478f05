"""What happens when the program is wrong: a log, and a dialog that says so and can be copied."""

from __future__ import annotations

import faulthandler
import sys
import traceback
from collections.abc import Callable
from functools import cache, partial
from types import TracebackType
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
)

import annotator
from annotator.ui.settings import log_folder

if TYPE_CHECKING:
    import logging

_fault_file: IO[str] | None = None


def install(explain: Callable[[BaseException], bool]) -> None:
    """Catch Python's uncaught exceptions and Qt's messages: both go to the log, the first kind is shown.

    ``explain`` may say an exception in plain words instead (the drive is gone while a view reads).
    """
    qInstallMessageHandler(_qt_message)
    sys.excepthook = partial(show, explain)


@cache
def log() -> logging.Logger:
    """Return the log, opened when it is first asked for: the window does not wait for it.

    Hard faults (of Qt, of SQLite) go to a file beside it.
    """
    global _fault_file
    import logging
    from logging.handlers import RotatingFileHandler

    folder = log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / "annotator.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8"
        )
        _fault_file = (folder / "faults.log").open("a", encoding="utf-8")
        faulthandler.enable(_fault_file)
    except OSError:
        handler = logging.StreamHandler()  # a home that cannot be written to must not stop the work
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("annotator")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.info("Annotator %s starts", annotator.__version__)
    return logger


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
        log().info("Qt: %s", message)
        return
    log().warning("Qt: %s", message)
    if sys.stderr is not None:
        sys.stderr.write(f"Qt: {message}\n")


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return what a person should send us: versions and the traceback, no article text."""
    import platform

    versions = (
        f"Annotator {annotator.__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"{platform.platform()}"
    )
    return versions + "\n\n" + "".join(traceback.format_exception(kind, error, trace))


def show(
    explain: Callable[[BaseException], bool],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Log an exception that nobody caught, and show it."""
    text = report(kind, error, trace)
    log().error("%s", text)
    if sys.stderr is not None:
        sys.stderr.write(text)
    if not explain(error) and QApplication.activeModalWidget() is None:
        CrashDialog(text).exec()


class CrashDialog(QDialog):
    """Says that the program made a mistake, and lets the details be copied."""

    def __init__(self, text: str) -> None:
        super().__init__(QApplication.activeWindow())
        self.setWindowTitle("Annotator made a mistake")
        layout = QVBoxLayout(self)
        words = QLabel(
            "Something went wrong that should not have. Everything you had labelled is saved; "
            "you can go on. Please copy the details and send them to the authors of the program."
        )
        words.setWordWrap(True)
        details = QPlainTextEdit(text)
        details.setReadOnly(True)
        details.setAccessibleName("Details")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        for widget in (words, details, buttons):
            layout.addWidget(widget)
        self._text = text
        self.resize(680, 420)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text)
