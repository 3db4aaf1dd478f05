"""How the window looks: its theme, the size of the reading font, where its panes ended last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize

from annotator.ui import theme
from annotator.ui.article_view import LARGEST_SIZE, SMALLEST_SIZE

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

USUAL = 13  # points of the reading font


class Appearance(QObject):
    """Changes how a window looks, and keeps it in the settings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._settings = window.session.settings
        window.pane.view.zoom_changed.connect(self._zoomed)

    def restore(self) -> None:
        """Let the window look as it did when it was closed last."""
        window, settings = self._window, self._settings
        if not window.restoreGeometry(settings.state("geometry")):
            window.resize(QSize(1440, 860).boundedTo(window.screen().availableSize()))
        if not window.splitter.restoreState(settings.state("splitter")):
            window.splitter.setSizes([320, 740, 380])
        if not window.panels.splitter.restoreState(settings.state("panels")):
            window.panels.splitter.setSizes([400, 260])
        self._set_reading_font()
        self.apply_theme()

    def remember(self) -> None:
        """Keep where the window and its panes are."""
        window, settings = self._window, self._settings
        settings.set_state("geometry", window.saveGeometry())
        settings.set_state("splitter", window.splitter.saveState())
        settings.set_state("panels", window.panels.splitter.saveState())

    def zoom(self, steps: int) -> None:
        """Make the article's text larger or smaller; 0 gives the usual size."""
        self._zoomed(self._settings.number("text_size", USUAL) + steps if steps else USUAL)
        self._set_reading_font()

    def _zoomed(self, size: int) -> None:
        self._settings.set("text_size", max(SMALLEST_SIZE, min(size, LARGEST_SIZE)))

    def _set_reading_font(self) -> None:
        self._window.pane.view.set_reading_font(None, self._settings.number("text_size", USUAL))

    def choose_theme(self, choice: str) -> None:
        """Show the window light, dark or as the system does, and remember it."""
        self._settings.set("theme", choice)
        view = self._window.pane.view
        place = view.scroll_position()
        theme.apply(choice)
        # Qt sets a widget's font back to its first one when another style sheet comes.
        self._set_reading_font()
        view.set_scroll_position(place)
        self.apply_theme()

    def follow_system(self) -> None:
        """Change with the system's colour scheme, unless the person chose one."""
        if self._settings.text("theme", "system") == "system":
            self.choose_theme("system")

    def apply_theme(self) -> None:
        """Let every part take the theme's colours."""
        window = self._window
        for part in (window.actions_, window.list, window.pane, window.panels, window.notice, window.status):
            part.apply_theme()
        for choice in ("light", "dark", "system"):
            chosen = self._settings.text("theme", "system") == choice
            window.actions_[f"theme/{choice}"].setChecked(chosen)
