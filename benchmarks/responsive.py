"""The longest time for which the window does not answer while it imports, searches, undoes and exports.

    python3 benchmarks/responsive.py [--articles N | --full]

A timer ticks every 2 ms in the real window (offscreen); a gap is the time between two ticks. Two rows each:
the longest gap, and the one that 1 in 100 is longer than.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared import place, row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
LONGEST = 50  # ms


class Ticker:
    """Notes the times between two turns of the event loop."""

    def __init__(self, app: Any) -> None:
        from PySide6.QtCore import QTimer

        self._app = app
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._gaps: list[float] = []

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gaps.append(now - self._last)
        self._last = now

    def measure(self, name: str, begin: Callable[[], object], is_over: Callable[[], bool]) -> None:
        """Do something that goes on in the event loop, and print the gaps."""
        self._gaps.clear()
        self._last = time.perf_counter()
        self._timer.start(2)
        began = time.perf_counter()
        begin()
        while not is_over():
            self._app.processEvents()
        for _ in range(20):
            self._app.processEvents()
        took = time.perf_counter() - began
        self._tick()
        self._timer.stop()
        gaps = sorted(self._gaps)
        p99 = gaps[min(len(gaps) - 1, int(len(gaps) * 0.99))]
        row(f"{name}: longest gap, ms", f"{took:.2f} s", f"p99 {p99 * 1000:.0f} ms", gaps[-1] * 1000, LONGEST)


def main() -> None:
    """Print the gaps."""
    here = place(__doc__)
    lines = here.corpus()
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(here.folder / "home")
    from PySide6.QtWidgets import QApplication, QMessageBox

    from annotator.ui import theme
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    app = QApplication([])
    theme.apply("light")
    Session.suggest_pending = lambda self: None  # type: ignore[method-assign]  # spaCy is another process
    QMessageBox.question = lambda *_: QMessageBox.StandardButton.Yes  # type: ignore[method-assign,assignment]
    session = Session(Settings())
    window = MainWindow(session)
    window.show()
    target = Path(here.folder / "window.annot")
    target.unlink(missing_ok=True)
    assert session.create(target)
    import annotator.formats  # loading modules happens once, before
    import annotator.project.bulk  # noqa: F401

    project = session.project
    assert project is not None
    ticker = Ticker(app)

    def idle() -> bool:
        return window.files._task is None

    def acts(number: int) -> Callable[[], bool]:
        return lambda: idle() and len(project.history.acts()) == number

    ticker.measure("import", lambda: window.files.import_paths([lines]), idle)
    title = project.articles.get(1).title
    for words in (title.split()[0], title.split()[0][:2], ""):
        ticker.measure(
            f"search “{words}”",
            lambda words=words: window.list.search_field.setText(words),  # type: ignore[misc]
            lambda words=words: window.list.filter().search == words,  # type: ignore[misc]
        )
    ticker.measure("accept all", window.bulk.accept_all, acts(2))
    ticker.measure("undo", window.undo, lambda: idle() and project.history.next() is not None)
    ticker.measure("redo", window.redo, lambda: idle() and project.history.next() is None)
    ticker.measure("done, next article", window.walk.done, idle)
    out = here.folder / "window.jsonl"
    ticker.measure("export", lambda: window.files.export_to(out, {"with_suggestions": True}), out.exists)
    window.close()


if __name__ == "__main__":
    main()
