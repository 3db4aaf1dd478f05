"""The window's keys in a dialog that lies beside it: those that the commands have now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtGui import QShortcut
    from PySide6.QtWidgets import QWidget

    from annotator.ui.actions import Actions


class PresentKeys(QObject):
    """Gives the shortcuts of a dialog (by command) the commands' keys, whenever those change.

    Keys that type a character stay the window's: in a dialog they mean something else.
    """

    def __init__(self, dialog: QWidget, actions: Actions, shortcuts: Mapping[str, QShortcut]) -> None:
        super().__init__(dialog)
        self._actions = actions
        self._shortcuts = dict(shortcuts)
        actions.keys_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        for command, shortcut in self._shortcuts.items():
            shortcut.setKeys(self._actions[command].shortcuts())
