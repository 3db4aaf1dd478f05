"""Asking for a key by having it pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.ui import theme
from annotator.ui.actions import native
from annotator.ui.chips import plain_label, scaled
from annotator.ui.commands import Command, plain
from annotator.ui.keymap import normal, refusal

_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_PRESS = "Press the new key"


class KeyField(QLabel):
    """Takes whatever is pressed, also Tab and Space; Esc and Enter stay with the dialog."""

    pressed = Signal(str)  # a key by its normal name

    def __init__(self) -> None:
        super().__init__(_PRESS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(scaled(self.font(), 1.4, bold=True))
        self.setMinimumHeight(70)
        self.setAccessibleName(_PRESS)
        colors = theme.current()
        self.setStyleSheet(
            f"QLabel {{ border: 2px solid {colors.line}; border-radius: 8px; background: {colors.soft}; }}"
            f"QLabel:focus {{ border-color: {colors.accent}; }}"
        )

    def event(self, event: QEvent) -> bool:
        """Take keys before mnemonics and the focus do."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
                event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            ):
                event.ignore()  # the dialog's
                return False
            if event.key() not in _MODIFIERS:
                modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
                sequence = QKeySequence(int(event.key()) | modifiers.value)
                name = normal(sequence.toString(QKeySequence.SequenceFormat.PortableText))
                if name:
                    self.pressed.emit(name)
            return True
        return super().event(event)


class NewKeyDialog(QDialog):
    """Shows what is pressed and who has that key already; ``owner`` finds them."""

    def __init__(
        self, what: str, present: Sequence[str], owner: Callable[[str], Command | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._owner = owner
        self._present = tuple(present)
        self._key = ""
        self._none = False
        self.setWindowTitle("Change a key")
        words = plain_label(f"Press the key for “{what}”. Esc leaves it as it is.")
        self.field = KeyField()
        self.field.pressed.connect(self._pressed)
        self.said = plain_label()
        self.said.setMinimumHeight(self.said.fontMetrics().height() * 3)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        shown = " and ".join(map(native, present))
        self.beside = QCheckBox("&Keep {} too".format(shown.replace("&", "&&")))
        self.beside.setVisible(bool(present))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok: QPushButton = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Use it")
        self.ok.setEnabled(False)
        self.no_key = QPushButton("No key")
        self.no_key.setAutoDefault(False)
        self.no_key.setEnabled(bool(present))
        self.no_key.clicked.connect(self._without)
        buttons.addButton(self.no_key, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (words, self.field, self.said, self.beside, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(460)
        self.field.setFocus()

    def _pressed(self, key: str) -> None:
        self._key = key
        self.field.setText(native(key))
        self.field.setAccessibleName(native(key))
        self.ok.setText("Use it")
        if why := refusal(key):
            self._key = ""
            self._say(f"{native(key)} stays as it is: {why}. Press another key.")
        elif (owner := self._owner(key)) is None:
            self._say("The key is free.")
        elif owner.id.startswith("label/"):
            self.ok.setText("Take it")
            self._say(
                f"It is the key of the label “{plain(owner.text)}” in this codebook, which would have none "
                "then. Another key for the label: Tools > Codebook."
            )
        else:
            self.ok.setText("Take it")
            self._say(f"It is the key of “{plain(owner.text)}”, which would lose it. Or press another key.")
        self.ok.setEnabled(bool(self._key))

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.field.setAccessibleDescription(words)

    def _without(self) -> None:
        self._none = True
        self.accept()

    def keys(self) -> tuple[str, ...] | None:
        """Return the keys that were chosen, none for "No key"; None where nothing was pressed."""
        if self._none:
            return ()
        if not self._key:
            return None
        kept = self._present if self.beside.isChecked() else ()
        return tuple(dict.fromkeys((*kept, self._key)))
