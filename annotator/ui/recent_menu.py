"""The menu of the projects that were open lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from annotator.ui.settings import Settings


class RecentMenu(QMenu):
    """Lists the recent projects that still exist each time it is opened."""

    chosen = Signal(object)  # Path

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self._settings = settings
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_triggered)

    def fill(self) -> None:
        """Read the list anew."""
        self.clear()
        for path, _ in self._settings.recent():
            if path.exists():
                self.addAction(f"{path.stem}   {path.parent}".replace("&", "&&")).setData(str(path))
        if self.isEmpty():
            self.addAction("No recent projects").setEnabled(False)

    def _on_triggered(self, action: QAction) -> None:
        if path := action.data():
            self.chosen.emit(Path(path))
