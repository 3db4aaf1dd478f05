"""One table of everything a person can do: name, words, keys, where the keys work, what runs.

Menus, tool bar, shortcuts, the key sheet and the palette are all made from it. Letters and other keys that
mean something in a text field work only in the article and in the article list (``text`` scope).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtGui import QKeySequence

from annotator.model import Codebook
from annotator.ui.chips import menu_text

Scope = Literal["window", "article", "text", "spans"]
"""Everywhere; in the article; in it and the article list; or in these and the list of entities."""
LABELS = "&Annotate/La&bel"  # the menu of the codebook's labels
Needs = Literal["nothing", "project", "writable", "article", "labelling"]

# The same physical key on the Russian layout (ЙЦУКЕН), so that nobody has to switch to label.
_RUSSIAN = dict(zip("QWERTYUIOP[]ASDFGHJKLZXCVBNM", "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЯЧСМИТЬ", strict=True))


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    ``needs`` says when it is enabled: a project, one that may be changed, an open article, or an
    open article that may be labelled. ``menu`` is a menu's title, "" for none; "&Annotate/&Label" is a
    menu within one. ``keys`` are those of the default set: what works now, ``Actions`` knows.
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


@cache
def same_keys(key: str) -> frozenset[str]:
    """Return what a label's key is pressed by, in the words that two keys are compared by."""
    portable = QKeySequence.SequenceFormat.PortableText
    return frozenset(QKeySequence(each).toString(portable) for each in keys_for(key))


def label_commands(codebook: Codebook, run: Callable[[str, str], object]) -> list[Command]:
    """Return a command for each label of the codebook, also for those without a key: menus have them all."""
    commands = []
    for layer in codebook.layers:
        for place, label in enumerate(codebook.labels(layer.name)):

            def act(layer_name: str = layer.name, name: str = label.name) -> object:
                return run(layer_name, name)

            words = {"stance": "Stance: ", "zone": "Zone: "}.get(layer.name, "")
            commands.append(
                Command(
                    f"label/{layer.name}/{label.name}",
                    words + menu_text(label.name),
                    act,
                    keys_for(label.key) if label.key else (),
                    scope="spans",
                    needs="labelling",
                    menu=LABELS,
                    section=place == 0,
                )
            )
    return commands


def plain(text: str) -> str:
    """Return a menu text without its mnemonic."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")
