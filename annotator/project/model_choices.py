"""Which spaCy pipeline the project wants for a language: a name in its settings, never more than that.

What stands here comes with the file, and files are mailed: a name is used only where it is among the
pipelines installed on this machine, and where the person at it agrees. Loading a pipeline runs its code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from annotator.model import Change
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

_KEY = "model/"


class ModelChoices:
    """Reads and sets the project's pipelines."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def read(self) -> dict[str, str]:
        """Return the chosen pipelines' names by language code, whatever a file has for names."""
        rows = self._db.execute(
            "SELECT substr(key, ?), value FROM settings WHERE key GLOB ? ORDER BY key",
            [len(_KEY) + 1, f"{_KEY}*"],
        )
        return {language: name for language, name in rows if re.fullmatch("[a-z]{2,3}", language)}

    def choose(self, language: str, name: str | None) -> Change:
        """Name the project's pipeline for a language, as one act; None leaves it to each machine."""
        self._project.require_writable()
        key = _KEY + language
        words = f"chose {name} for “{language}”" if name else f"chose no pipeline for “{language}”"
        with self._project.act(words) as act:
            if name is None:
                self._db.execute("DELETE FROM settings WHERE key = ?", [key])
            else:
                self._db.execute(
                    "INSERT INTO settings(key, value) VALUES (?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    [key, storable(name)],
                )
        return act.change
