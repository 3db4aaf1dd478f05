"""Which keys belong to which command: the table's own, a preset's, or those that the person chose.

Keys are in the words of ``QKeySequence`` and Latin letters; :func:`resolve` adds the Russian ones.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtGui import QKeySequence

from annotator.model import InputFileError, StorageError
from annotator.ui.commands import from_russian, keys_for, same_keys

PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "Annotator": {},
    # What Prodigy's documentation names beside those that are the same here: A, X, Space, F and the digits.
    # Its Backspace is left out: a slip of the finger changes nothing.
    "Prodigy": {
        "undo": ("Ctrl+Z", "Del"),
        "remove": ("Ctrl+Del",),
        "rule": ("F1", "H"),
        "holder": ("Shift+H",),
    },
}
LARGEST = 1_000_000  # bytes of a file with keys
_CARET = {
    f"{held}{key}"
    for key in ("Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown")
    for held in ("", "Shift+", "Ctrl+", "Ctrl+Shift+")
    if "Ctrl" not in held or key in ("Left", "Right", "Home", "End")
}
_REFUSED = {
    **dict.fromkeys(_CARET, "it moves through text and lists"),
    **dict.fromkeys(("Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X"), "it selects, copies or pastes"),
    **dict.fromkeys(("Return", "Enter", "Shift+Return", "Shift+Enter"), "it opens what is chosen in a list"),
    **dict.fromkeys(("Backspace", "Shift+Backspace"), "a slip of the finger must not change an article"),
    "Esc": "it always leads back to the article",
}
_MODIFIERS = ("Shift", "Ctrl", "Control", "Alt", "Meta", "AltGr")
_HEAD = """# Keys of Annotator. Help > Keys reads this file; any text editor may change it.
# Keys are named as in "Ctrl+Shift+K"; [] is no key. What does not stand here has the preset's keys.
"""


def typed(key: str) -> bool:
    """Tell whether a key writes a character in a text field: a letter, a digit, a sign, Space."""
    last = key.removeprefix("Shift+")
    return len(last) == 1 or last == "Space"


def bare(key: str) -> bool:
    """Tell whether a key means something in a text field, and works in article and lists only."""
    return typed(key) or key.removeprefix("Shift+") in ("Del", "Tab", "Backtab", "Ins")


def normal(key: str) -> str:
    """Return a key as Qt names it, on the Latin layout; "" where it is none."""
    head, plus, last = key.strip().rpartition("+") if not key.strip().endswith("++") else (key[:-2], "+", "+")
    latin = f"{head}{plus}{from_russian(last)}" if len(last) == 1 else key.strip()
    sequence = QKeySequence(latin)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or text.rpartition("+")[2] in _MODIFIERS:
        return ""
    return {"Shift+Backtab": "Shift+Tab", "Backtab": "Shift+Tab"}.get(text, text)


def refusal(key: str) -> str:
    """Return why a key cannot be a command's, "" where it can."""
    return _REFUSED.get(key, "")


@dataclass(frozen=True, slots=True)
class Keymap:
    """A preset and what the person changed in it; ``letters``: keys that type a character work."""

    preset: str = "Annotator"
    letters: bool = True
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_preset(self, command: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys of a command without the person's changes; ``default``: the table's."""
        return PRESETS[self.preset].get(command, tuple(key for key in default if key.isascii()))

    def of(self, command: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys that are asked for a command."""
        return self.changed.get(command, self.of_preset(command, default))

    def with_keys(self, command: str, keys: tuple[str, ...], default: tuple[str, ...]) -> Keymap:
        """Return a keymap in which a command has ``keys``."""
        others = {name: value for name, value in self.changed.items() if name != command}
        if keys != self.of_preset(command, default):
            others[command] = keys
        return replace(self, changed=others)

    def without(self, command: str) -> Keymap:
        """Return a keymap in which a command has the preset's keys again."""
        others = {name: value for name, value in self.changed.items() if name != command}
        return replace(self, changed=others)


def resolve(defaults: Mapping[str, tuple[str, ...]], keymap: Keymap) -> dict[str, tuple[str, ...]]:
    """Return the keys that each command answers to, on both layouts and no key twice.

    Of two that want a key the chosen one gets it, then the preset's, then the table's; a label's comes
    last. (Qt would do neither of two.)
    """
    preset = PRESETS[keymap.preset]

    def rank(name: str) -> int:
        return 0 if name in keymap.changed else 3 if name.startswith("label/") else 1 if name in preset else 2

    used: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(defaults, key=rank):
        keys: list[str] = []
        for key in keymap.of(name, defaults[name]) or (defaults[name] if rank(name) == 3 else ()):
            group = same_keys(key)
            if used.isdisjoint(group) and (keymap.letters or not typed(key)):
                used |= group
                keys += keys_for(key)
        found[name] = tuple(dict.fromkeys(keys))
    return found


# Keeping


def to_json(keymap: Keymap) -> str:
    """Return a keymap for the settings."""
    values = {name: list(keys) for name, keys in keymap.changed.items()}
    return json.dumps({"preset": keymap.preset, "letters": keymap.letters, "keys": values})


def from_json(text: str) -> Keymap:
    """Return the keymap of the settings; what is not readable there is the default."""
    try:
        return _keymap(json.loads(text), None)
    except (ValueError, TypeError, AttributeError):
        return Keymap()


def to_toml(keymap: Keymap, commands: Mapping[str, tuple[str, tuple[str, ...]]]) -> str:
    """Return all keys as a file that people read; ``commands``: words and the table's keys by id."""
    lines = [_HEAD, f'preset = "{keymap.preset}"', "# Do keys that type a character work?"]
    lines += [f"letters = {'true' if keymap.letters else 'false'}", "", "[keys]"]
    for name, (words, default) in commands.items():
        keys = json.dumps(list(keymap.of(name, default)), ensure_ascii=False)
        id_ = name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name)
        lines.append(f"{id_} = {keys}  # {' '.join(words.split())}")
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file with keys: all of it, or the file stays as it was."""
    from annotator.project.leftovers import write_whole  # late: the window waits for no project's modules

    try:
        write_whole(path, text.encode())
    except OSError as error:
        why = error.strerror or error
        raise StorageError(f"{path.name} cannot be written ({why}). Choose another folder.") from error


def read(path: Path, defaults: Mapping[str, tuple[str, ...]]) -> tuple[Keymap, list[str]]:
    """Return the keymap in a file, and the ids in it that no command has.

    Raises ``InputFileError`` with what is wrong in the file.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST else b"\xff"
    except OSError as error:
        raise InputFileError(
            path, f"cannot be read ({error.strerror or error}); choose another file"
        ) from error
    try:
        found = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
        keymap = _keymap(found, defaults)
    except UnicodeDecodeError as error:
        raise InputFileError(path, "is no file with keys; choose another file") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputFileError(path, f"is no TOML file: {error}; mend that place") from error
    except ValueError as error:
        raise InputFileError(path, f"cannot be taken: {error}; mend that") from error
    unknown = [name for name in keymap.changed if name not in defaults]
    known = {name: keys for name, keys in keymap.changed.items() if name in defaults}
    return replace(keymap, changed=known), unknown


def _keymap(found: dict[str, Any], defaults: Mapping[str, tuple[str, ...]] | None) -> Keymap:
    """Check what a file or the settings say; raises ``ValueError``.

    With ``defaults`` keys that are the preset's are no changes, and no key may stand there twice.
    """
    preset, letters, keys = (
        found.get("preset", "Annotator"),
        found.get("letters", True),
        found.get("keys", {}),
    )
    if preset not in PRESETS:
        raise ValueError(f"the preset is none of {', '.join(PRESETS)}")
    if not isinstance(letters, bool):
        raise ValueError("letters is neither true nor false")
    if not isinstance(keys, dict):
        raise ValueError("[keys] is no table")
    keymap = Keymap(preset, letters)
    owners: dict[str, str] = {}
    for name, given in keys.items():
        if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
            raise ValueError(f"the keys of {name} are no list of words")
        wanted = tuple(dict.fromkeys(_checked(key, name, defaults) for key in given))
        for key in wanted if defaults is not None else ():
            if key in owners:
                raise ValueError(f"{key} stands there for {owners[key]} and for {name}")
            owners[key] = name
        default = (defaults or {}).get(name)
        if default is None or wanted != keymap.of_preset(name, default):
            keymap = replace(keymap, changed={**keymap.changed, name: wanted})
    return keymap


def _checked(key: str, command: str, defaults: Mapping[str, tuple[str, ...]] | None) -> str:
    name = normal(key)
    if not name:
        raise ValueError(f"{key!r} of {command} is no key")
    own = (defaults or {}).get(command, ())
    if defaults is not None and (why := refusal(name)) and key not in own and command != "escape":
        raise ValueError(f"{name} cannot be a key of {command}: {why}")
    return name
