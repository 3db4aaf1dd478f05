"""Filters that were saved by name: they are in the project, so that a colleague has them too."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from annotator.model import ArticleFilter, Change, ProjectError, SavedFilter
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

LONGEST_NAME = 80


class SavedFilters:
    """The saved filters of a project; whatever changes one is one act."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def all(self) -> list[SavedFilter]:
        """Return them by their names."""
        rows = self._db.execute("SELECT name, wanted FROM filters ORDER BY name COLLATE NOCASE, name")
        return [SavedFilter(name, _read(wanted)) for name, wanted in rows]

    def get(self, name: str) -> ArticleFilter:
        """Return what ``name`` asks for; raises ``ProjectError`` where it is not there or cannot be read."""
        row = self._db.execute("SELECT wanted FROM filters WHERE name = ?", [storable(name)]).fetchone()
        if row is None:
            raise ProjectError(f"There is no saved filter “{name}”. Save one in the window, or name another.")
        found = _read(row[0])
        if found is None:
            raise ProjectError(f"The filter “{name}” was saved by a newer Annotator. Update the program.")
        return found

    def save(self, name: str, wanted: ArticleFilter) -> Change:
        """Keep ``wanted`` under ``name``, in the place of one that is called so already."""
        name = _name(name)
        there = self._there(name)
        with self._project.act(f"{'replaced' if there else 'saved'} the filter “{name}”") as act:
            self._db.execute(
                "INSERT INTO filters(name, wanted) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET wanted = excluded.wanted WHERE wanted != excluded.wanted",
                [name, _stored(wanted)],
            )
        return act.change

    def rename(self, old: str, new: str) -> Change:
        """Give a filter another name; raises ``ProjectError`` where another one has it."""
        new = _name(new)
        if new != old and self._there(new):
            raise ProjectError(f"There is a filter “{new}” already. Delete it first, or choose another name.")
        with self._project.act(f"renamed the filter “{old}” to “{new}”") as act:
            if new != old:
                self._db.execute("UPDATE filters SET name = ? WHERE name = ?", [new, old])
        return act.change

    def delete(self, name: str) -> Change:
        """Forget a filter; the articles stay as they are."""
        with self._project.act(f"deleted the filter “{name}”") as act:
            self._db.execute("DELETE FROM filters WHERE name = ?", [name])
        return act.change

    def follow_layer(self, old: str, new: str, labels: Collection[str]) -> None:
        """Let filters find what they did: the act going on renames the layer of these ``labels``."""
        values = {f"{old}/{label}": f"{new}/{label}" for label in labels}
        for saved in self.all():
            before = saved.wanted.conditions if saved.wanted is not None else ()
            after = tuple(
                replace(c, value=values.get(c.value, c.value)) if c.field == "label" else c for c in before
            )
            if saved.wanted is not None and after != before:
                value = _stored(replace(saved.wanted, conditions=after))
                self._db.execute("UPDATE filters SET wanted = ? WHERE name = ?", [value, saved.name])

    def _there(self, name: str) -> bool:
        return self._db.execute("SELECT 1 FROM filters WHERE name = ?", [name]).fetchone() is not None


def _name(given: str) -> str:
    name = " ".join(storable(given).split())
    if not name:
        raise ProjectError("A filter needs a name. Type one.")
    if len(name) > LONGEST_NAME:
        raise ProjectError(f"The name is longer than {LONGEST_NAME} characters. Choose a shorter one.")
    return name


def _stored(wanted: ArticleFilter) -> str:
    return storable(json.dumps(wanted.as_dict(), ensure_ascii=False))


def _read(wanted: str) -> ArticleFilter | None:
    try:
        return ArticleFilter.from_dict(json.loads(wanted))
    except (ValueError, RecursionError):
        return None
