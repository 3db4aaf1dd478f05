"""The underlined letters of menus: every entry has one, and no two of a menu have the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtWidgets import QMenu, QMenuBar

_SPARE = "1234567890QWERTYUIOPASDFGHJKLZXCVBNM"  # where an entry's own letters are all taken


def mnemonic(text: str) -> str:
    """Return the letter that is underlined in a menu text, in lower case; "" where none is."""
    match = re.search(r"&([^&])", text.replace("&&", ""))
    return match[1].casefold() if match else ""


def complete(menu: QMenu | QMenuBar) -> None:
    """Give each entry of a menu, and of those within it, a letter of its own where letters are left.

    The letters that are written in the table stay, but of two that are the same the first one.
    """
    actions = [action for action in menu.actions() if not action.isSeparator()]
    taken: set[str] = set()
    without = []
    for action in actions:
        letter = mnemonic(action.text())
        if letter and letter not in taken:
            taken.add(letter)
        else:
            without.append(action)
    for action in without:
        text = re.sub(r"&(?!&)", "", action.text().replace("&&", "\0")).replace("\0", "&&")
        action.setText(with_mnemonic(text, taken))
        taken.add(mnemonic(action.text()))
    for action in actions:
        within = action.menu()
        if isinstance(within, QMenu):
            complete(within)


def with_mnemonic(text: str, taken: Iterable[str]) -> str:
    """Return a menu text with a letter underlined that is not ``taken``, at best the first of a word."""
    used = set(taken)
    firsts = [match.start() for match in re.finditer(r"\b\w", text)]
    for place in (*firsts, *range(len(text))):
        if text[place].isalnum() and text[place].casefold() not in used:
            return f"{text[:place]}&{text[place:]}"
    spare = next((letter for letter in _SPARE if letter.casefold() not in used), "")
    return f"{text} (&{spare})" if spare else text
