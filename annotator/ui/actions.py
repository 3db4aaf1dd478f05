"""The QActions of the command table: where their keys work, which those are now, what their tool-tips say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from annotator.ui import theme
from annotator.ui.chips import as_it_stands
from annotator.ui.commands import Command, Needs, Scope, plain, same_keys
from annotator.ui.keymap import Keymap, bare, resolve


class Actions(QObject):
    """The QActions of the command table, with their scope and their present keys."""

    keys_changed = Signal()  # some command has other keys than before
    ran = Signal(str)  # the command with this id was done
    refused = Signal()  # a key was pressed of what cannot be done in a project that is only read

    def __init__(self, window: QWidget, keymap: Keymap | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._widgets: dict[Scope, list[QWidget]] = {}
        self.keymap = keymap or Keymap()
        self.commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._twins: dict[str, QAction] = {}
        self._refusing: dict[Scope, QAction] = {}
        self._reading = False  # a project is open, for reading only
        self._keys: dict[str, tuple[str, ...]] = {}
        self._menus: dict[str, QMenu] = {}
        self._within: dict[str, QMenu] = {}

    def set_widgets(self, scope: Scope, widgets: Iterable[QWidget]) -> None:
        """Name the widgets in which the keys of ``scope`` work."""
        self._widgets[scope] = list(widgets)

    def add(self, commands: Iterable[Command]) -> None:
        """Make an action of each command."""
        for command in commands:
            action = QAction(command.text, self)
            action.setObjectName(command.id)
            action.setCheckable(command.checkable)
            action.setIconText(command.short or plain(command.text))
            # A key held too long must not accept a whole article; walking and moving edges may go on.
            action.setAutoRepeat(command.repeats)
            action.triggered.connect(partial(self._trigger, command.id))
            if command.scope == "window":
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
                self._window.addAction(action)
            else:
                self._bind_to(action, command.scope)
            self.commands[command.id] = command
            self._actions[command.id] = action
        self._bind()

    def _bind_to(self, action: QAction, scope: Scope) -> None:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for widget in self._widgets[scope]:
            widget.addAction(action)

    def _trigger(self, name: str, checked: bool = False) -> None:
        self.commands[name].run()
        self.ran.emit(name)

    def remove(self, prefix: str) -> None:
        """Take away the commands whose id begins with ``prefix`` (another codebook is open)."""
        for name in [name for name in self.commands if name.startswith(prefix)]:
            action = self._actions.pop(name)
            del self.commands[name]
            self._keys.pop(name, None)
            action.setShortcuts([])
            action.deleteLater()

    # Keys

    def set_keymap(self, keymap: Keymap) -> None:
        """Let the commands answer to the keys of ``keymap``."""
        self.keymap = keymap
        self._bind()

    def _bind(self) -> None:
        """Give each action its present keys; first those that lose one, or Qt would find it twice."""
        found = resolve({name: command.keys for name, command in self.commands.items()}, self.keymap)
        others = {name: keys for name, keys in found.items() if self._keys.get(name) != keys}
        for keys in ((), None):
            for name in others:
                self._set_keys(name, others[name] if keys is None else keys)
        self._keys = found
        self._refuse()
        for name in others:
            self._actions[name].setToolTip(self.tip(plain(self.commands[name].text), name))
        if others:
            self.keys_changed.emit()

    def _set_keys(self, name: str, keys: Iterable[str]) -> None:
        """A letter for what works in the whole window works in article and lists: a twin answers to it."""
        wide, narrow = self._apart(name, keys)
        self._actions[name].setShortcuts([QKeySequence(key) for key in wide])
        if narrow and name not in self._twins:
            twin = self._twins[name] = QAction(self)
            twin.setAutoRepeat(self.commands[name].repeats)
            twin.triggered.connect(partial(self._trigger_named, name))
            self._bind_to(twin, "spans")
        if name in self._twins:
            self._twins[name].setShortcuts([QKeySequence(key) for key in narrow])

    def _apart(self, name: str, keys: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the keys that work in the command's scope, and those in article and lists alone."""
        wide = [key for key in keys if self.commands[name].scope != "window" or not bare(key)]
        return wide, [key for key in keys if key not in wide]

    def _refuse(self) -> None:
        """Hear the keys of what needs a project that may be changed, as long as it may not."""
        found: dict[Scope, list[str]] = {scope: [] for scope in self._refusing}
        for name, keys in self._keys.items() if self._reading else ():
            if self.commands[name].needs in ("writable", "labelling"):
                wide, narrow = self._apart(name, keys)
                found.setdefault(self.commands[name].scope, []).extend(wide)
                found.setdefault("spans", []).extend(narrow)
        for scope, heard in found.items():
            if scope not in self._refusing:
                action = self._refusing[scope] = QAction(self)
                action.setAutoRepeat(False)
                action.triggered.connect(self.refused)
                if scope == "window":
                    self._window.addAction(action)
                else:
                    self._bind_to(action, scope)
            self._refusing[scope].setShortcuts([QKeySequence(key) for key in heard])

    def _trigger_named(self, name: str, checked: bool = False) -> None:
        self._actions[name].trigger()  # nothing happens where it is disabled

    def keys_of(self, command: str) -> tuple[str, ...]:
        """Return the keys that a command answers to now."""
        return self._keys[command]

    def shown(self, command: str) -> str:
        """Return the first key of a command as it is shown on this system; "" where it has none."""
        keys = self._keys.get(command, ())
        return native(keys[0]) if keys else ""

    def tip(self, words: str, command: str) -> str:
        """Return a tool-tip: ``words`` and the present key of a command."""
        key = self.shown(command)
        return as_it_stands(f"{words} ({key})" if key else words)

    def words(self, text: str) -> str:
        """Return ``text`` with the present key of each command that stands in braces: "{accept} accepts it".

        A command without a key is named by its menu.
        """
        return re.sub(r"\{(\w+)\}", lambda match: self.shown(match[1]) or self.path(match[1]), text)

    def path(self, command: str) -> str:
        """Return where a command is in the menus."""
        found = self.commands[command]
        return " › ".join(map(plain, (*found.menu.split("/"), found.text)))

    def keys(self) -> dict[str, str]:
        """Return which of the program's own keys there are, and what they do; not those of labels."""
        return {
            shown: plain(self.commands[name].text)
            for name, keys in self._keys.items()
            if not name.startswith("label/")
            for key in keys
            for shown in same_keys(key)
        }

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def enable(self, have: Mapping[Needs, bool]) -> None:
        """Enable each action by what it needs."""
        for name, command in self.commands.items():
            self._actions[name].setEnabled(have[command.needs])
        reading = have["project"] and not have["writable"]
        if reading != self._reading:
            self._reading = reading
            self._refuse()

    def apply_theme(self) -> None:
        """Draw the icons in the theme's colours."""
        for name, command in self.commands.items():
            if command.icon:
                self._actions[name].setIcon(theme.icon(command.icon))

    # Menus

    def fill(self, bar: QMenuBar, menus: Mapping[str, QMenu]) -> None:
        """Put every action in its menu, in the table's order; ``menus`` by title."""
        self._menus = dict(menus)
        for menu in menus.values():
            menu.clear()
        for within in self._within.values():
            within.deleteLater()
        self._within = {}
        for name, command in self.commands.items():
            if command.menu:
                menu = self.menu(command.menu)
                if command.section and not menu.isEmpty():
                    menu.addSeparator()
                action = self._actions[name]
                if not action.text().startswith(command.text):  # "&Undo: labelled Kyiv" stays
                    action.setText(command.text)  # its letter is found anew
                menu.addAction(action)

    def menu(self, path: str) -> QMenu:
        """Return a menu by its path; one within another is made where it is not there yet."""
        title, slash, within = path.partition("/")
        if not slash:
            return self._menus[title]
        if path not in self._within:
            self._within[path] = self._menus[title].addMenu(within)
        return self._within[path]


def native(key: str) -> str:
    """Return a key in the words of this system."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
