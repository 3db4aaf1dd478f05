"""One label, or one layer, of the codebook as fields; what is typed is handed out when a field is left."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)

from annotator.model import Codebook, Label, Layer
from annotator.ui import theme
from annotator.ui.chips import cut, level_labels, plain_label
from annotator.ui.color_vision import PALETTE, alike
from annotator.ui.commands import from_russian, same_keys

_OTHER = "other"
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class KeyField(QLineEdit):
    """Takes the next key that is pressed, if a label can have it; Backspace takes it away."""

    refused = Signal(str)  # why a key was not taken

    def __init__(self) -> None:
        super().__init__()
        self.refusal: Callable[[str], str] = lambda key: ""  # why a label cannot have a key
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # nothing is pasted here
        self.setAcceptDrops(False)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Write down the key, on the Russian layout the one of the same place."""
        none = Qt.KeyboardModifier.NoModifier
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._put("")
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
        elif event.text().isprintable() and event.text() and not modifiers & ~_SHIFT:
            pressed = QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText)
            pressed = from_russian(pressed)
            shift = modifiers != none and pressed.isalnum()  # of any other sign Shift is a part
            key = f"Shift+{pressed}" if shift else pressed
            if why := self.refusal(key):
                self.refused.emit(why)
            else:
                self._put(key)
        else:
            event.ignore()  # Enter, Esc and the like are the dialog's

    def _put(self, key: str) -> None:
        """Write a key in place of what stands there, as a step that undo takes back."""
        self.selectAll()
        self.insert(key)


class ShadePreview(QWidget):
    """A label's name as it looks in each theme."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.color = "", "#808080"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The label in the light, the dark and the high-contrast theme")

    def sizeHint(self) -> QSize:
        """Return the height of a line with some room."""
        return QSize(160, self.fontMetrics().height() + 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name once for each theme."""
        painter = QPainter(self)
        part = self.width() / len(theme.THEMES)
        for number, each in enumerate(theme.THEMES):
            ground = QRectF(number * part, 0, part, self.height())
            painter.fillRect(ground, QColor(each.base))
            shades = theme.shades(self.color, each)
            name = self.fontMetrics().elidedText(self.name, Qt.TextElideMode.ElideRight, int(part) - 28)
            width = self.fontMetrics().horizontalAdvance(name) + 12
            box = QRectF(ground.left() + 8, 5, width, self.height() - 10)
            painter.fillRect(box, shades.tint)
            painter.fillRect(QRectF(box.left(), box.bottom() - 2, width, 2), shades.line)
            painter.setPen(shades.text)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), name)
        painter.setPen(QColor(theme.current().line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


def color_words(label: Label, codebook: Codebook, color: str) -> str:
    """Return the contrasts of a colour, and which labels of the layer it looks like."""
    ratios = []
    for each in theme.THEMES:
        shades = theme.shades(color, each)
        grounds = (QColor(each.base), QColor(each.selected), shades.tint)
        name = "high contrast" if each is theme.CONTRAST else each.name
        ratios.append(f"{min(theme.contrast(shades.text, ground) for ground in grounds):.1f}:1 {name}")
    words = f"Contrast {', '.join(ratios)}."
    others = [o.name for o in codebook.labels(label.layer) if o.name != label.name and alike(color, o.color)]
    if others:
        words += f" To some eyes it looks like {cut(', '.join(others), 80)}."
    return words


def key_refusal(key: str, taken: dict[str, str]) -> str:
    """Return in words why no label can have a key; "" where one can. ``taken``: the program's own keys."""
    own = next((taken[each] for each in same_keys(key) if each in taken), None)
    if own is not None:
        return f"{key} is the program's: {own}. Press another key."
    if len(key.removeprefix("Shift+")) != 1:
        return f"{key} cannot be a label's key. Press a letter, a digit or a sign."
    return ""


def key_conflicts(codebook: Codebook, layer: str, name: str, key: str, taken: dict[str, str]) -> str:
    """Return in words who else has a label's key; "" where nobody has. ``taken``: the program's own keys."""
    if not key:
        return ""
    mine = same_keys(key)
    own = next((taken[each] for each in mine if each in taken), None)
    if own is not None:
        return f"{key} is the program's: {own}. The label cannot be set by it."
    before = True
    for other_layer in codebook.layers:
        for other in other_layer.labels:
            if (other.layer, other.name) == (layer, name):
                before = False
            elif other.key and not other.retired and not mine.isdisjoint(same_keys(other.key)):
                whose = other.name if before else name
                return f"{key} is the key of {other.name}, too. It sets {whose}."
    return ""


class LabelForm(QWidget):
    """The fields of a label; of a layer only name and definition."""

    edited = Signal(object)  # what changed: a dictionary of field and value

    def __init__(self) -> None:
        super().__init__()
        self._label: Label | None = None
        self._layer: Layer | None = None
        self._codebook = Codebook(0, ())
        self.taken: Callable[[], dict[str, str]] = dict
        self.name, self.key = QLineEdit(), KeyField()
        self.color = QComboBox()
        self.definition, self.rule = QPlainTextEdit(), QPlainTextEdit()
        self.preview = ShadePreview()
        self.contrast, self.conflict = plain_label(muted=True), plain_label()
        self.conflict.setObjectName("conflict")
        for field, lines in ((self.definition, 2), (self.rule, 4)):
            field.setTabChangesFocus(True)
            field.setMinimumHeight(self.fontMetrics().lineSpacing() * lines + 14)
        self.definition.setMaximumHeight(self.fontMetrics().lineSpacing() * 4 + 14)
        self.key.setPlaceholderText("Press a key")
        self.rule.setPlaceholderText("How to decide in doubt")
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("&Name", self.name),
            ("&Key", self.key),
            ("", self.conflict),
            ("C&olour", self.color),
            ("", self.preview),
            ("", self.contrast),
            ("De&finition", self.definition),
            ("R&ule", self.rule),
        )
        for words, widget in rows:
            self.form.addRow(words, widget)
            if words:
                widget.setAccessibleName(words.replace("&", ""))
                label = self.form.labelForField(widget)
                assert isinstance(label, QLabel)
                label.setBuddy(widget)
        level_labels(self.form)
        self._of_labels = (self.key, self.color, self.preview, self.contrast, self.rule)
        for watched in (self.name, self.key, self.definition, self.rule):
            watched.installEventFilter(self)
        self.name.returnPressed.connect(self.commit)
        self.key.textChanged.connect(self._show_conflict)
        self.key.refusal = lambda key: key_refusal(key, self.taken())
        self.key.refused.connect(self._say_at_key)
        self.color.activated.connect(self._color_chosen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand out what was typed when a field is left; let Esc give it up, and undo go by :meth:`step`."""
        if event.type() == QEvent.Type.FocusOut:
            self.commit()
        elif isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                steps = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
                if any(event.matches(key) for key in steps):  # Qt's fields would keep them for themselves
                    event.ignore()
                    return True
            elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                return self._give_up()
        return False

    def step(self, which: Literal["undo", "redo"], otherwise: Callable[[], None]) -> None:
        """Take back or type again what was typed in the field with the keyboard.

        Where nothing is left of that, or no field has the keyboard, do ``otherwise``: step over an act.
        """
        field = next((field for field in self._fields().values() if field.hasFocus()), None)
        if field is not None and _has_step(field, which):
            (field.undo if which == "undo" else field.redo)()
        else:
            otherwise()

    def _fields(self) -> dict[str, QLineEdit | QPlainTextEdit]:
        fields: dict[str, QLineEdit | QPlainTextEdit] = {"name": self.name, "definition": self.definition}
        return fields if self._label is None else fields | {"key": self.key, "rule": self.rule}

    # Showing

    def show_label(self, label: Label, codebook: Codebook, *, keep: bool = False) -> None:
        """Show a label's fields; ``keep``: where it is shown already, what was typed in them stays."""
        before = self._label
        same = before is not None and (before.layer, before.name) == (label.layer, label.name)
        typed = self._changed() if keep and same else {}
        self._label, self._layer, self._codebook = label, None, codebook
        self._show_rows(label=True)
        self._fill(label, typed)
        self._fill_colors(label.color)
        self._show_conflict()

    def show_layer(self, layer: Layer | None, *, keep: bool = False) -> None:
        """Show a layer's fields, in the same way; None shows empty ones."""
        before = self._layer
        same = before is not None and layer is not None and before.name == layer.name
        typed = self._changed() if keep and same else {}
        self._label, self._layer = None, layer
        self._show_rows(label=False)
        self._fill(layer, typed)

    def _fill(self, shown: Label | Layer | None, typed: Collection[str]) -> None:
        for name, field in self._fields().items():
            text = getattr(shown, name) if shown is not None else ""
            if name in typed:
                continue  # it would be lost, and no undo could bring it back
            if isinstance(field, QLineEdit):
                if field.text() != text:
                    field.setText(text)
            elif field.toPlainText() != text:
                field.setPlainText(text)

    def _show_rows(self, *, label: bool) -> None:
        for widget in self._of_labels:
            self.form.setRowVisible(widget, label)
        self.form.setRowVisible(self.conflict, label and bool(self.conflict.text()))

    def _fill_colors(self, color: str) -> None:
        self.color.clear()
        for name, value in PALETTE:
            self.color.addItem(swatch(value), name, value)
        if self.color.findData(color) < 0:
            self.color.insertItem(0, swatch(color), f"Own colour {color}", color)
        self.color.addItem("Another colour…", _OTHER)
        self.color.setCurrentIndex(self.color.findData(color))
        assert self._label is not None
        self.preview.name, self.preview.color = self._label.name, color
        self.preview.update()
        words = color_words(self._label, self._codebook, color)
        self.contrast.setText(words)
        self.color.setAccessibleDescription(words)

    def _show_conflict(self) -> None:
        words = ""
        if self._label is not None:
            label = self._label
            words = key_conflicts(self._codebook, label.layer, label.name, self.key.text(), self.taken())
        self._say_at_key(words)

    def _say_at_key(self, words: str) -> None:
        self.conflict.setText(words)
        self.conflict.setStyleSheet(f"color: {theme.current().warning}")
        self.key.setAccessibleDescription(words)
        self.form.setRowVisible(self.conflict, bool(words))
        if words and self.key.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.key, words))

    # What was typed

    def commit(self) -> None:
        """Hand out what differs from the label or layer that is shown."""
        changed = self._changed()
        if changed:
            fields = self._fields()
            self.edited.emit(changed)
            for name in changed:  # undo is of the act now
                _forget_steps(fields[name])

    def _changed(self) -> dict[str, str]:
        """Return what was typed and is not what the label or layer has."""
        shown: Label | Layer | None = self._label or self._layer
        if shown is None or not self.isEnabled():
            return {}
        typed = {
            "name": " ".join(self.name.text().split()),
            "definition": self.definition.toPlainText().strip(),
        }
        if self._label is not None:
            typed |= {"key": self.key.text(), "rule": self.rule.toPlainText().strip()}
        return {field: value for field, value in typed.items() if value != getattr(shown, field).strip()}

    def _give_up(self) -> bool:
        """Put what is stored in place of what was typed, as a step of its own; tell whether that was any."""
        shown, fields = self._label or self._layer, self._fields()
        changed = self._changed()
        for name in changed:
            field = fields[name]
            field.selectAll()
            stored = getattr(shown, name)
            if isinstance(field, QLineEdit):
                field.insert(stored)
            else:
                field.insertPlainText(stored)
        return bool(changed)

    def _color_chosen(self, index: int) -> None:
        label = self._label
        if label is None:
            return
        chosen = self.color.itemData(index)
        if chosen == _OTHER:
            picked = QColorDialog.getColor(QColor.fromString(label.color), self, "Colour of the label")
            chosen = picked.name() if picked.isValid() else label.color
        if chosen != label.color:
            self.edited.emit({"color": chosen})
        else:
            self._fill_colors(label.color)


def _has_step(field: QLineEdit | QPlainTextEdit, which: Literal["undo", "redo"]) -> bool:
    """Tell whether there is something to take back, or to type again, in a field."""
    steps = field if isinstance(field, QLineEdit) else field.document()
    return steps.isUndoAvailable() if which == "undo" else steps.isRedoAvailable()


def _forget_steps(field: QLineEdit | QPlainTextEdit) -> None:
    """Leave nothing to undo in a field."""
    if isinstance(field, QLineEdit):
        field.setText(field.text())
    else:
        field.document().clearUndoRedoStacks()


def swatch(color: str) -> QIcon:
    """Return a square of a colour, which is the same in a chosen row."""
    pixmap = QPixmap(64, 64)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.fillRect(8, 8, 48, 48, QColor.fromString(color))
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt mixes the highlight in: it would be another colour
    return icon
