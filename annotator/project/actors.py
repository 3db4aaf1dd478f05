"""Actors and their aliases in the project file."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from annotator.model import Actor
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project


class Actors:
    """The persons, organisations and places behind names."""

    def __init__(self, project: Project) -> None:
        self._db = project.db

    def named(self, name: str) -> Actor | None:
        """Return the actor called ``name``, or None."""
        row = self._db.execute(
            "SELECT id, uuid, name, kind, bloc FROM actors WHERE name = ?", [name]
        ).fetchone()
        if row is None:
            return None
        aliases = self._db.execute("SELECT alias FROM aliases WHERE actor = ? ORDER BY alias", [row[0]])
        return Actor(row[1], row[2], row[3], row[4], tuple(alias for (alias,) in aliases))

    def called(self, name: str) -> int:
        """Return the id of the actor called ``name``, made within the act if needed."""
        return self.ensure(Actor(str(uuid.uuid4()), name, None, None, ()))

    def ensure(self, actor: Actor) -> int:
        """Return the id of ``actor`` by name, made within the act if needed; aliases are added."""
        name = storable(actor.name)
        row = self._db.execute("SELECT id FROM actors WHERE name = ?", [name]).fetchone()
        if row is None:
            id_ = storable(actor.uuid)
            known = self._db.execute("SELECT 1 FROM actors WHERE uuid = ?", [id_]).fetchone()
            cursor = self._db.execute(
                "INSERT INTO actors(uuid, name, kind, bloc) VALUES (?, ?, ?, ?)",
                [
                    str(uuid.uuid4()) if known else id_,
                    name,
                    *(value and storable(value) for value in (actor.kind, actor.bloc)),
                ],
            )
            row = (cursor.lastrowid,)
        for alias in actor.aliases:
            self._db.execute(
                "INSERT INTO aliases(actor, alias) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [row[0], storable(alias)],
            )
        return int(row[0])
