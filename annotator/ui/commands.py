"""One table of everything a person can do: name, words, keys, where the keys work, what runs.

Menus, tool bar, shortcuts and the F1 sheet are all made from it. Letters and other keys that mean
something in a text field work only in the article and in the article list (``text`` scope).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from annotator.model import Codebook
from annotator.ui import theme
from annotator.ui.chips import as_it_stands, menu_text

Scope = Literal["window", "article", "text", "spans"]
"""Everywhere; in the article; in it and the article list; or in these and the list of entities."""
Needs = Literal["nothing", "project", "writable", "article", "labelling"]

# The same physical key on the Russian layout (ЙЦУКЕН), so that nobody has to switch to label.
_RUSSIAN = dict(zip("QWERTYUIOP[]ASDFGHJKLZXCVBNM", "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЯЧСМИТЬ", strict=True))


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    ``needs`` says when it is enabled: a project, one that may be changed, an open article, or an
    open article that may be labelled. ``menu`` is a menu's title, or "" for none.
    """

    id: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    scope: Scope = "window"
    needs: Needs = "nothing"
    menu: str = ""
    icon: str = ""
    checkable: bool = False
    section: bool = False  # a separator stands before it in its menu
    repeats: bool = False  # while its key is held
    short: str = ""  # on the tool bar, where the menu's text is too long


def keys_for(key: str) -> tuple[str, ...]:
    """Return the sequences for a key: a single letter also works on the Russian layout."""
    head, plus, last = key.rpartition("+")
    russian = _RUSSIAN.get(last.upper()) if len(last) == 1 else None
    return (key, head + plus + russian) if russian and "Ctrl" not in head else (key,)


def from_russian(key: str) -> str:
    """Return the Latin letter on the key of a Russian one; any other key as it is."""
    return next((latin for latin, russian in _RUSSIAN.items() if russian == key.upper()), key)


def same_keys(key: str) -> set[str]:
    """Return what a label's key is pressed by, in the words that two keys are compared by."""
    return {QKeySequence(each).toString(QKeySequence.SequenceFormat.PortableText) for each in keys_for(key)}


def label_commands(
    codebook: Codebook, run: Callable[[str, str], object], taken: Iterable[str] = ()
) -> list[Command]:
    """Return a command for each label of the codebook that has a key.

    A key that is among ``taken``, or that a label before it has, stays with whom it belongs to: Qt would
    do neither of two.
    """
    commands = []
    used = set(taken)
    for layer in codebook.layers:
        for place, label in enumerate(codebook.labels(layer.name)):
            if label.key:
                words = {"stance": "Stance: ", "zone": "Zone: "}.get(layer.name, "")
                keys = same_keys(label.key)
                free = used.isdisjoint(keys)
                used |= keys

                def act(layer_name: str = layer.name, name: str = label.name) -> object:
                    return run(layer_name, name)

                commands.append(
                    Command(
                        f"label/{layer.name}/{label.name}",
                        words + menu_text(label.name),
                        act,
                        keys_for(label.key) if free else (),
                        scope="spans",
                        needs="labelling",
                        menu="&Annotate",
                        section=place == 0,
                    )
                )
    return commands


class Actions(QObject):
    """The QActions of the command table, with their scope."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._widgets: dict[Scope, list[QWidget]] = {}
        self.commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

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
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            # A key held too long must not accept a whole article; walking and moving edges may go on.
            action.setAutoRepeat(command.repeats)
            words = plain(command.text)
            if command.keys:
                shown = QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
                words += f" ({shown})"
            action.setToolTip(as_it_stands(words))
            action.triggered.connect(partial(self._trigger, command.id))
            if command.scope == "window":
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
                self._window.addAction(action)
            else:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                for widget in self._widgets[command.scope]:
                    widget.addAction(action)
            self.commands[command.id] = command
            self._actions[command.id] = action

    def _trigger(self, name: str, checked: bool = False) -> None:
        self.commands[name].run()

    def remove(self, prefix: str) -> None:
        """Take away the commands whose id begins with ``prefix`` (another codebook is open)."""
        for name in [name for name in self.commands if name.startswith(prefix)]:
            action = self._actions.pop(name)
            del self.commands[name]
            action.setShortcuts([])
            action.deleteLater()

    def keys(self) -> dict[str, str]:
        """Return which of the program's own keys there are, and what they do; not those of labels."""
        return {
            shown: plain(command.text)
            for name, command in self.commands.items()
            if not name.startswith("label/")
            for key in command.keys
            for shown in same_keys(key)
        }

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def enable(self, have: Mapping[Needs, bool]) -> None:
        """Enable each action by what it needs."""
        for name, command in self.commands.items():
            self._actions[name].setEnabled(have[command.needs])

    def apply_theme(self) -> None:
        """Draw the icons in the theme's colours."""
        for name, command in self.commands.items():
            if command.icon:
                self._actions[name].setIcon(theme.icon(command.icon))

    def fill(self, bar: QMenuBar, menus: Mapping[str, QMenu]) -> None:
        """Put every action in its menu, in the table's order; ``menus`` by title."""
        for menu in menus.values():
            menu.clear()
        for name, command in self.commands.items():
            if command.menu:
                if command.section:
                    menus[command.menu].addSeparator()
                menus[command.menu].addAction(self._actions[name])


def plain(text: str) -> str:
    """Return a menu text without its mnemonic."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")
