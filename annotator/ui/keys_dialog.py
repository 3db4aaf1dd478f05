"""F1: every command with its present keys, by menu and searchable; and where the keys are changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.model import AnnotatorError
from annotator.ui import keymap as keymaps
from annotator.ui import theme
from annotator.ui.actions import Actions, native
from annotator.ui.chips import plain_label
from annotator.ui.commands import Command, plain, same_keys
from annotator.ui.files import ask_where_to_save
from annotator.ui.keymap import PRESETS, Keymap, bare
from annotator.ui.new_key_dialog import NewKeyDialog
from annotator.ui.search_field import SearchField

_WHERE = {"window": "everywhere", "article": "article", "text": "article, list", "spans": "article, lists"}
_ALWAYS = (
    ("On the Russian layout", "the same keys, by their place"),
    ("Select text", "Shift+arrows"),
    ("Select a word", "double click"),
    ("Select the exact characters", "Alt while selecting"),
    ("Open what is chosen in a list", "Enter"),
    ("Larger or smaller text", "Ctrl+wheel"),
)
_FILES = "Keys (*.toml);;All files (*)"
_NO_MATCH = "No command fits. Search for a word of what it does, or for its key."


_Owners = dict[str, list[Command]]
"""The commands that have a key now."""


def _owner(owners: _Owners, key: str, but: str) -> Command | None:
    """Return the command, other than ``but``, that has a key."""
    found = (c for same in sorted(same_keys(key)) for c in owners.get(same, ()) if c.id != but)
    return next(found, None)


class KeysDialog(QDialog):
    """The key sheet. Every change counts at once, and is remembered by ``keep``."""

    def __init__(self, actions: Actions, keep: Callable[[Keymap], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._keep = keep
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self.setWindowTitle("Keys")
        self._build()
        self._connect()
        self._fill()
        self.resize(720, 680)

    def _build(self) -> None:
        self.search = SearchField("", self)
        self.search.setPlaceholderText("Search what it does, or a key")
        self.search.setAccessibleName("Search the keys")
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Commands and their keys")
        self.tree.setHeaderLabels(["What", "Keys", "Where"])
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(14)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        empty = plain_label(_NO_MATCH, muted=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.tree)
        self.stack.addWidget(empty)
        self.change_button = QPushButton("C&hange the key…")
        self.reset_button = QPushButton("&Reset the key")
        self.preset = QComboBox()
        self.preset.addItems(list(PRESETS))
        preset_label = QLabel("&Preset")
        preset_label.setBuddy(self.preset)
        self.letters = QCheckBox("&Keys that type a character (A, 1, Space)")
        self.letters.setToolTip("Off: none of them does anything; menus, the palette and the other keys do.")
        self.reset_all_button = QPushButton("Reset &all")
        self.import_button, self.export_button = QPushButton("&Import…"), QPushButton("&Export…")
        self.close_button = QPushButton("&Close")
        self.words = plain_label(muted=True)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.change_button)
        first.addWidget(self.reset_button)
        first.addStretch(1)
        first.addWidget(preset_label)
        first.addWidget(self.preset)
        second.addWidget(self.letters)
        second.addStretch(1)
        for widget in (self.import_button, self.export_button, self.reset_all_button, self.close_button):
            second.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.words)
        layout.addLayout(first)
        layout.addLayout(second)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the list

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.search.down_pressed.connect(self._to_tree)
        self.search.returnPressed.connect(self._to_tree)
        self.tree.currentItemChanged.connect(self._enable)
        self.tree.itemActivated.connect(self.change)
        self.change_button.clicked.connect(self.change)
        self.reset_button.clicked.connect(self.reset)
        self.reset_all_button.clicked.connect(self._ask_to_reset)
        self.preset.activated.connect(self._choose_preset)
        self.letters.clicked.connect(self._choose_letters)
        self.import_button.clicked.connect(self.import_keys)
        self.export_button.clicked.connect(self.export_keys)
        self.close_button.clicked.connect(self.reject)

    # Showing

    def _fill(self) -> None:
        """Show every command under its menu; the current one stays current."""
        current = self.command()
        keymap, colors = self._actions.keymap, theme.current()
        self.tree.clear()
        self._groups = []
        again: QTreeWidgetItem | None = None
        owners = self._owners()
        groups: dict[str, tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = {}
        for command in self._actions.commands.values():
            title = plain(command.menu.replace("/", " › ")) or "Tool bar"
            if title not in groups:
                groups[title] = self._group(title)
            words, lost = self._keys_in_words(command, owners)
            group, rows = groups[title]
            item = QTreeWidgetItem(group, [plain(command.text), words, self._where(command)])
            item.setData(1, Qt.ItemDataRole.UserRole, " ".join(self._actions.keys_of(command.id)))
            rows.append(item)
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            if lost:
                item.setForeground(1, QBrush(QColor(colors.warning)))
            if command.id in keymap.changed:
                font = item.font(1)
                font.setBold(True)
                item.setFont(1, font)
                item.setToolTip(1, "You chose this key")
            if command.id == current:
                again = item
        group, rows = self._group("Always so")
        rows += [QTreeWidgetItem(group, [what, key, ""]) for what, key in _ALWAYS]
        # All at once: in the tree, each change of a group would have all of it laid out anew.
        self.tree.addTopLevelItems([group for group, _ in self._groups])
        self.tree.expandAll()
        for group, _ in self._groups:
            group.setFirstColumnSpanned(True)
        if again is not None:
            self.tree.setCurrentItem(again)
        self.preset.setCurrentText(keymap.preset)
        self.letters.setChecked(keymap.letters)
        self.reset_all_button.setEnabled(bool(keymap.changed) or not keymap.letters)
        self._filter()
        self._enable()

    def _group(self, title: str) -> tuple[QTreeWidgetItem, list[QTreeWidgetItem]]:
        group = QTreeWidgetItem([title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        self._groups.append((group, []))
        return self._groups[-1]

    def _keys_in_words(self, command: Command, owners: _Owners) -> tuple[str, bool]:
        """Return the keys of a command, and whether another command has one that it asks for.

        Those on the Russian layout are left out: “P or З” would be read as a digit.
        """
        words = "  or  ".join(native(key) for key in self._actions.keys_of(command.id) if key.isascii())
        wanted = self._actions.keymap.of(command.id, command.keys) or command.keys
        for key in wanted:
            owner = _owner(owners, key, command.id)
            if owner is not None:
                lost = f"{native(key)} is with “{plain(owner.text)}”"
                return (f"{words}, {lost}" if words else lost), True
        return words, False

    def _where(self, command: Command) -> str:
        """Return where its keys work; what works everywhere does so by letters in article and lists only."""
        keys = self._actions.keys_of(command.id)
        narrow = command.scope == "window" and keys and all(map(bare, keys))
        return _WHERE["spans" if narrow else command.scope]

    def owner(self, key: str, but: str = "") -> Command | None:
        """Return the command that has a key now."""
        return _owner(self._owners(), key, but)

    def _owners(self) -> _Owners:
        owners: _Owners = {}
        for command in self._actions.commands.values():
            for same in {same for key in self._actions.keys_of(command.id) for same in same_keys(key)}:
                owners.setdefault(same, []).append(command)
        return owners

    def _filter(self, *_: object) -> None:
        wanted = self.search.text().casefold().split()
        for group, rows in self._groups:
            for row in rows:
                keys = row.data(1, Qt.ItemDataRole.UserRole) or ""
                text = f"{row.text(0)} {row.text(1)} {keys} {group.text(0)}".casefold()
                row.setHidden(not all(word in text for word in wanted))
            group.setHidden(all(row.isHidden() for row in rows))
        self.stack.setCurrentIndex(0 if self._shown() else 1)

    def _shown(self) -> list[QTreeWidgetItem]:
        return [row for _, rows in self._groups for row in rows if not row.isHidden()]

    def _to_tree(self) -> None:
        if shown := self._shown():
            self.tree.setCurrentItem(shown[0])
            self.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def command(self) -> str:
        """Return the id of the current row's command, "" where it has none."""
        item = self.tree.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole) or "") if item is not None else ""

    def _changeable(self) -> Command | None:
        command = self._actions.commands.get(self.command())
        return command if command is not None and command.id != "escape" else None

    def _enable(self, *_: object) -> None:
        command = self._changeable()
        label = command is not None and command.id.startswith("label/")
        self.change_button.setEnabled(command is not None and not label)
        self.reset_button.setEnabled(command is not None and command.id in self._actions.keymap.changed)
        self.words.setText("The keys of labels are the codebook's: Tools > Codebook." if label else "")

    # Changing

    def _apply(self, keymap: Keymap, words: str = "") -> None:
        self._actions.set_keymap(keymap)
        self._keep(keymap)
        self._fill()
        self.words.setText(words)

    def change(self) -> None:
        """Ask for the key of the current command, and take it from whoever had it."""
        command = self._changeable()
        if command is None or command.id.startswith("label/"):
            return
        keymap = self._actions.keymap
        present = keymap.of(command.id, command.keys)
        dialog = NewKeyDialog(plain(command.text), present, lambda key: self.owner(key, command.id), self)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        keys = dialog.keys()
        dialog.deleteLater()
        if not accepted or keys is None:
            return
        for key in keys:
            owner = self.owner(key, command.id)
            if owner is not None and not owner.id.startswith("label/"):  # a label's come last anyhow
                left = keymap.of(owner.id, owner.keys)
                left = tuple(k for k in left if same_keys(k).isdisjoint(same_keys(key)))
                keymap = keymap.with_keys(owner.id, left, owner.keys)
        keymap = keymap.with_keys(command.id, keys, command.keys)
        shown = " or ".join(map(native, keys)) or "no key"
        self._apply(keymap, f"{plain(command.text)}: {shown}.")

    def reset(self) -> None:
        """Give the current command the preset's keys again."""
        command = self._changeable()
        if command is not None:
            self._apply(self._actions.keymap.without(command.id))

    def _ask_to_reset(self) -> None:
        own = len(self._actions.keymap.changed)
        if own:
            words = f"Reset all keys? You have changed {own} command{'s' if own > 1 else ''}. "
            words += "Export keeps the keys in a file."
            yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
            if QMessageBox.question(self, "Keys", words, yes | no, no) != yes:
                return
        self.reset_all()

    def reset_all(self) -> None:
        """Take back every change; the preset stays."""
        self._apply(Keymap(self._actions.keymap.preset), "All keys are the preset's again.")

    def _choose_preset(self) -> None:
        keymap = self._actions.keymap
        self._apply(Keymap(self.preset.currentText(), keymap.letters, keymap.changed))

    def _choose_letters(self, on: bool) -> None:
        keymap = self._actions.keymap
        self._apply(Keymap(keymap.preset, on, keymap.changed))

    def _own(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        commands = self._actions.commands.values()
        return {c.id: (plain(c.text), c.keys) for c in commands if not c.id.startswith("label/")}

    def export_keys(self) -> None:
        """Write the keys to a file that people read."""
        path = ask_where_to_save(self, "Export the keys", Path.home() / "keys.toml", _FILES, True)
        if path is None:
            return
        try:
            keymaps.write(path, keymaps.to_toml(self._actions.keymap, self._own()))
        except AnnotatorError as error:
            self.words.setText(str(error))
        else:
            self.words.setText(f"The keys are in {path.name}.")

    def import_keys(self) -> None:
        """Take the keys of a file."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Import keys", str(Path.home()), _FILES)
        if not chosen:
            return
        try:
            keymap, unknown = keymaps.read(
                Path(chosen), {name: keys for name, (_, keys) in self._own().items()}
            )
        except AnnotatorError as error:
            self.words.setText(str(error))
            return
        left_out = f" Not known here, and left out: {', '.join(unknown[:5])}." if unknown else ""
        self._apply(keymap, f"The keys of {Path(chosen).name} count from now on.{left_out}")
