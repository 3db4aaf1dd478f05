"""Start the program: the window first, the project a moment later, spaCy in its own process."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from threading import Thread

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

import annotator
from annotator.ui import crash, theme
from annotator.ui.garbage import GarbageCollection
from annotator.ui.main_window import MainWindow
from annotator.ui.session import Session
from annotator.ui.settings import Settings, projects_folder

SAMPLE = "Sample.annot"
LATER = 2000  # milliseconds after the first picture: whoever opened the window waits for nothing any more


def run(path: Path | None) -> int:
    """Open the window, with ``path`` or else the last project, and return the exit code.

    At the first start of all the sample project is made and opened.
    """
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Annotator")
    app.setApplicationVersion(annotator.__version__)
    app.setStyle("Fusion")
    garbage = GarbageCollection(app)
    settings = Settings()
    session = Session(settings)
    crash.install(session.explain)
    theme.apply(settings.text("theme", "system"))
    window = MainWindow(session)
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(window.appearance.follow_system)
    if hasattr(hints, "accessibility"):  # Qt 6.10 and newer
        hints.accessibility().contrastPreferenceChanged.connect(window.appearance.follow_system)
    # Python's own handler would wait for the next event; there is nothing unsaved to wait for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window.painted.connect(partial(open_first, window, path))
    window.painted.connect(crash.log)
    window.painted.connect(garbage.settle)
    window.painted.connect(partial(QTimer.singleShot, LATER, window, load_late))
    window.show()
    code = app.exec()
    session.close()
    return code


def open_first(window: MainWindow, path: Path | None) -> None:
    """Open the project that was asked for, the last one, or the sample."""
    if path is not None:
        window.open(path)
        return
    for recent, _ in window.session.settings.recent():
        if recent.exists() and (window.open(recent) or window.session.called_off or not window.isVisible()):
            return
    sample = projects_folder() / SAMPLE
    if sample.exists():
        window.open(sample)
    elif window.session.create(sample):
        from annotator.resources import resource

        window.files.import_paths([Path(str(resource("sample")))])
        once = Qt.ConnectionType.SingleShotConnection
        window.files.imported.connect(partial(welcome, window), once)


def welcome(window: MainWindow, _: object) -> None:
    """Greet whoever starts for the first time; undo goes back to this, not to an empty window."""
    window.session.perform(lambda project: project.history.begin_here())
    window.welcome()


def load_late() -> None:
    """Import beside the window what its first use would wait for: formats, spelling, an editor."""
    Thread(target=_load, name="imports", daemon=True).start()


def _load() -> None:
    import rapidfuzz.fuzz  # noqa: F401

    from annotator.formats.registry import formats

    formats()
    from annotator.ui import codebook_dialog  # noqa: F401
