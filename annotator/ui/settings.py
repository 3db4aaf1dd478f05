"""What the program remembers between starts: the person's name, the window, recent projects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from annotator.model import ArticleFilter
from annotator.resources import checkout_root, in_checkout
from annotator.ui.keymap import Keymap, from_json, to_json

RECENT = 8


class Settings:
    """The user's settings, in the system's usual place for them."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Annotator", "Annotator"
        )

    @property
    def file(self) -> str:
        """The file that holds the settings."""
        return self._store.fileName()

    def text(self, key: str, default: str = "") -> str:
        """Return the text kept under ``key``."""
        return str(self._store.value(key, default))

    def number(self, key: str, default: int) -> int:
        """Return the number kept under ``key``, or ``default`` where it is none."""
        try:
            return int(self.text(key, str(default)))
        except ValueError:
            return default

    def set(self, key: str, value: str | int) -> None:
        """Keep ``value`` under ``key``."""
        self._store.setValue(key, str(value))

    def state(self, key: str) -> QByteArray:
        """Return the state of a window or splitter, empty where there is none."""
        value = self._store.value(f"window/{key}", QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_state(self, key: str, state: QByteArray) -> None:
        """Keep the state of a window or splitter."""
        self._store.setValue(f"window/{key}", state)

    def keymap(self) -> Keymap:
        """Return the keys that the person works with."""
        return from_json(self.text("keys", "{}"))

    def remember_keymap(self, keymap: Keymap) -> None:
        """Keep the keys that the person works with."""
        self.set("keys", to_json(keymap))

    def sync(self) -> None:
        """Write everything to disk now."""
        self._store.sync()

    def recent(self) -> list[tuple[Path, int]]:
        """Return the recent projects, newest first, each with the id of its last article (0: none)."""
        try:
            return [(Path(path), int(article)) for path, article in json.loads(self.text("recent", "[]"))]
        except (ValueError, TypeError):
            return []

    def remember(self, project: Path, article: int) -> None:
        """Put a project at the head of the recent ones, with the article it was left at."""
        path = project.resolve()
        others = [(str(p), a) for p, a in self.recent() if p != path]
        self.set("recent", json.dumps([(str(path), article), *others][:RECENT]))

    def last_article(self, project: Path) -> int:
        """Return the id of the article that a project was left at (0: none)."""
        return dict(self.recent()).get(project.resolve(), 0)

    def filter(self, project: Path) -> ArticleFilter:
        """Return the filter and order by which a project's articles were listed last."""
        try:
            return ArticleFilter.from_dict(self._filters().get(str(project.resolve())))
        except ValueError:
            return ArticleFilter()

    def remember_filter(self, project: Path, wanted: ArticleFilter) -> None:
        """Keep by which filter and in which order a project's articles are listed."""
        path = str(project.resolve())
        others = [(p, f) for p, f in self._filters().items() if p != path]
        self.set("filters", json.dumps(dict([(path, wanted.as_dict()), *others][:RECENT])))

    def _filters(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.text("filters", "{}")))
        except (ValueError, TypeError):
            return {}


def projects_folder() -> Path:
    """Return where projects live by default: ``projects/`` in a checkout, else in the documents."""
    if in_checkout():
        return checkout_root() / "projects"
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "Annotator"


def log_folder() -> Path:
    """Return where the log is kept."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place or Path.home()) / "log"
