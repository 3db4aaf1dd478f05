"""How the window looks: its theme, how the text is set, where its panes ended last time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QObject, QSize

from annotator.ui import reading, theme
from annotator.ui.panes import Panes
from annotator.ui.reading import Reading
from annotator.ui.reading_dialog import ReadingDialog

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class Appearance(QObject):
    """Changes how a window looks, and keeps it in the settings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._settings = window.session.settings
        self.panes = Panes(window)
        window.pane.view.zoom_changed.connect(self._zoomed)

    def restore(self) -> None:
        """Let the window look as it did when it was closed last."""
        window, settings = self._window, self._settings
        if not window.restoreGeometry(settings.state("geometry")):
            window.resize(QSize(1440, 860).boundedTo(window.screen().availableSize()))
        if not window.splitter.restoreState(settings.state("splitter")):
            window.splitter.setSizes([320, 740, 380])
        window.panels.moved = window.panels.splitter.restoreState(settings.state("panels"))
        self._set_text()
        self.panes.restore()
        self.apply_theme()

    def remember(self) -> None:
        """Keep where the window and its panes are."""
        window, settings = self._window, self._settings
        self.panes.leave()
        settings.set_state("geometry", window.saveGeometry())
        settings.set_state("splitter", window.splitter.saveState())
        if window.panels.moved:
            settings.set_state("panels", window.panels.splitter.saveState())

    def zoom(self, steps: int) -> None:
        """Make the article's text larger or smaller; 0 gives the usual size."""
        self._zoomed(self.reading.size + steps if steps else Reading().size)
        self._set_text()

    def _zoomed(self, size: int) -> None:
        reading.keep(self._settings, replace(self.reading, size=reading.within(size)))

    @property
    def reading(self) -> Reading:
        """How the article's text is set."""
        return reading.read(self._settings)

    def _set_text(self) -> None:
        self._window.pane.view.set_reading(self.reading)

    def choose_text(self) -> None:
        """Choose font, size and lines of the article's text, which shows them at once."""
        dialog = ReadingDialog(self.reading, self._window)
        dialog.changed.connect(self._set)
        dialog.exec()
        dialog.deleteLater()

    def _set(self, chosen: Reading) -> None:
        reading.keep(self._settings, chosen)
        self._set_text()

    def choose_theme(self, choice: str) -> None:
        """Show the window in a theme, or as the system does, and remember it."""
        self._settings.set("theme", choice)
        view = self._window.pane.view
        place = view.scroll_position()
        theme.apply(choice)
        # Qt sets a widget's font back to its first one when another style sheet comes.
        self._set_text()
        view.set_scroll_position(place)
        self.apply_theme()

    def follow_system(self) -> None:
        """Change with the system's colours and contrast, unless the person chose a theme."""
        if self._settings.text("theme", "system") == "system":
            self.choose_theme("system")

    def apply_theme(self) -> None:
        """Let every part take the theme's colours."""
        window = self._window
        for part in (window.actions_, window.list, window.pane, window.panels, window.notice, window.status):
            part.apply_theme()
        for choice in get_args(theme.Choice):
            chosen = self._settings.text("theme", "system") == choice
            window.actions_[f"theme/{choice}"].setChecked(chosen)
