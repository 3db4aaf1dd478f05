"""Which panes are seen: the list and the panels can be hidden; the focus mode leaves the text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

from annotator.ui import theme
from annotator.ui.chips import cut, elided

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_LEAVE = "{alone} or {escape}: back to the window"
_BETWEEN = "   ·   "
_EDGES = 40  # pixels beside the words below the text


class Panes(QObject):
    """Shows and hides the parts around a window's article, and remembers it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._settings = window.session.settings
        self._wanted = {
            name: self._settings.text(f"pane/{name}", "shown") != "hidden" for name in self._parts()
        }
        self.alone = False
        """Whether only the text is shown."""
        self.line = QLabel()
        """In the focus mode it says what the panels and the status bar would."""
        self.line.setProperty("muted", True)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.line.setContentsMargins(0, 4, 0, 6)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        window.status.changed.connect(self.tell)
        window.pane.add_below(self.line)
        self.line.hide()

    def _parts(self) -> dict[str, QWidget]:
        return {"list": self._window.list, "panels": self._window.panels}

    def restore(self) -> None:
        """Show what was shown when the window was closed last."""
        self._show()

    def toggle(self, name: str) -> None:
        """Hide a pane ("list" or "panels"), or show it again; remembered."""
        self._set(name, not self._parts()[name].isVisible())

    def reveal(self, name: str) -> None:
        """Show a pane because the keyboard is to go there."""
        if not self._parts()[name].isVisible():
            self._set(name, True)

    def _set(self, name: str, shown: bool) -> None:
        if self.alone:
            self.leave()
        self._wanted[name] = shown
        self._settings.set(f"pane/{name}", "shown" if shown else "hidden")
        self._show()

    def toggle_alone(self) -> None:
        """Leave the text alone on the screen, or bring everything back."""
        if not self.leave():
            self.alone = True
            self._show()
            self._window.focus_article()

    def leave(self) -> bool:
        """End the focus mode; tell whether there was one."""
        was, self.alone = self.alone, False
        if was:
            self._show()
        return was

    def _show(self) -> None:
        window, around = self._window, not self.alone
        focus = QApplication.focusWidget()
        changed = self._keep_widths(around)
        for name, part in self._parts().items():
            shown = around and self._wanted[name]
            if not shown and focus is not None and part.isAncestorOf(focus):
                window.focus_article()  # or the keyboard would be nowhere
            _set_shown(part, shown)
            window.actions_[f"pane/{name}"].setChecked(self._wanted[name])
        for bar in (window.menuBar(), window.tool_bar, window.statusBar(), window.pane.head):
            _set_shown(bar, around)
        self.line.setVisible(self.alone)
        if changed:
            self._give_widths(*changed)
        window.actions_["alone"].setChecked(self.alone)
        self.tell()

    def _keep_widths(self, around: bool) -> tuple[list[int], set[str]] | None:
        """Return the present widths and which parts are about to come; None where nothing comes or goes."""
        splitter, parts = self._window.splitter, self._parts()
        shown = {name for name, part in parts.items() if not part.isHidden()}
        to_show = {name for name in parts if around and self._wanted[name]}
        if shown == to_show or not splitter.isVisible():
            return None
        for name in shown - to_show:
            self._settings.set(f"pane/{name}/width", parts[name].width())
        return splitter.sizes(), to_show - shown

    def _give_widths(self, sizes: list[int], coming: set[str]) -> None:
        """Let the article alone take and give the room: Qt would share it out among all panes."""
        splitter = self._window.splitter
        for name, part in self._parts().items():
            place = splitter.indexOf(part)
            if part.isHidden():
                sizes[place] = 0
            elif name in coming:  # Qt knows how wide it was only until the window is closed
                sizes[place] = self._settings.number(f"pane/{name}/width", 0) or part.sizeHint().width()
        middle = splitter.indexOf(self._window.pane)
        handles = splitter.handleWidth() * sum(not part.isHidden() for part in self._parts().values())
        sizes[middle] = max(0, splitter.width() - handles - sum(sizes) + sizes[middle])
        splitter.setSizes(sizes)

    def tell(self) -> None:
        """Say in the focus mode what a key did, what was decided on the article and what is left.

        What is not saved is said as long as it is not.
        """
        if not self.alone:
            return
        status = self._window.status
        parts = self._about_article()
        if status.trouble:
            parts.insert(0, status.trouble)
        if not status.message:
            parts.append(self._window.actions_.words(_LEAVE))
        else:
            taken = self.line.fontMetrics().horizontalAdvance(_BETWEEN.join([*parts, ""]))
            room = self._window.width() - _EDGES - taken
            parts.insert(bool(status.trouble), elided(status.message, self.line.font(), room))
        self.line.setText(_BETWEEN.join(parts))
        self.line.setStyleSheet(f"color: {theme.current().warning};" if status.trouble else "")

    def _about_article(self) -> list[str]:
        labelling = self._window.labelling
        stance, left = labelling.stance(), labelling.open_count()
        parts = [cut(stance, 40)] if stance else []
        parts += [f"{left:,} suggestion{'s' if left != 1 else ''} left"] if labelling.article else []
        return parts


def _set_shown(part: QWidget, shown: bool) -> None:
    """Show or hide ``part``, if it is not so already: Qt would lay out a window that has no size yet."""
    if part.isHidden() == shown:
        part.setVisible(shown)
