"""How the window looks, as the person chose it: light or dark, and the size of the article's text."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from annotator.ui import theme
from annotator.ui.article_view import ArticleView
from annotator.ui.settings import Settings

SMALLEST, USUAL, LARGEST = 8, 13, 40  # points of the reading font
THEMES = ("light", "dark", "system")


class Appearance(QObject):
    """Applies and remembers the theme and the text size."""

    changed = Signal()  # another theme: every part takes its colours

    def __init__(self, settings: Settings, view: ArticleView, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._view = view
        view.zoom_changed.connect(self._remember_size)

    @property
    def theme(self) -> str:
        """What was chosen: one of ``THEMES``."""
        chosen = self._settings.text("theme", "system")
        return chosen if chosen in THEMES else "system"

    def choose_theme(self, choice: str) -> None:
        """Show the window light, dark or as the system does, and remember it."""
        self._settings.set("theme", choice)
        theme.apply(choice)
        self.changed.emit()

    def follow_system(self) -> None:
        """Change with the system's colour scheme, unless the person chose one."""
        if self.theme == "system":
            self.choose_theme("system")

    def restore_size(self) -> None:
        """Show the article's text in the size that was chosen last."""
        self._view.set_reading_font(None, _bounded(self._settings.number("text_size", USUAL)))

    def zoom(self, steps: int) -> None:
        """Make the article's text larger or smaller by points; 0 gives the usual size."""
        size = self._settings.number("text_size", USUAL) + steps if steps else USUAL
        self._remember_size(size)
        self.restore_size()

    def _remember_size(self, size: int) -> None:
        self._settings.set("text_size", _bounded(size))


def _bounded(size: int) -> int:
    return max(SMALLEST, min(size, LARGEST))
