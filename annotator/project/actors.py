"""Actors and their names in the project file. Each public method that changes something is one act.

What is decided here holds for the whole project. Open suggestions follow at once, in every article and
through undo, because nothing is copied into them: whom a suggestion speaks of is asked of the project's
actors when it is read (:meth:`Actors.behind`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from annotator.model import Actor, ActorRow, Change, ProjectError
from annotator.project.behind import Behind, name_of
from annotator.project.facts import facts
from annotator.project.history import now
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

_COLUMNS = ("actor", "holder", "target")  # of an annotation, that refer to actors


class Actors:
    """The persons, organisations and places behind names."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    # Reading

    def all(self) -> list[Actor]:
        """Return every actor, by name; aliases by their alphabet."""
        aliases: dict[int, list[str]] = {}
        for actor, alias in self._db.execute("SELECT actor, alias FROM aliases ORDER BY alias"):
            aliases.setdefault(actor, []).append(alias)
        return [
            Actor(uuid_, name, kind, bloc, tuple(aliases.get(id_, ())))
            for id_, uuid_, name, kind, bloc in self._db.execute(
                "SELECT id, uuid, name, kind, bloc FROM actors ORDER BY name"
            )
        ]

    def rows(self) -> list[ActorRow]:
        """Return every actor with the number of its mentions, by all annotators, and of their articles."""
        counts = {
            name: (mentions, articles)
            for name, mentions, articles in self._db.execute(
                "SELECT actors.name, count(*), count(DISTINCT article) FROM annotations a "
                "JOIN actors ON actors.id = a.actor WHERE a.actor IS NOT NULL GROUP BY a.actor"
            )
        }
        return [ActorRow(actor, *counts.get(actor.name, (0, 0))) for actor in self.all()]

    def named(self, name: str) -> Actor | None:
        """Return the actor called ``name``, or None."""
        row = self._db.execute(
            "SELECT id, uuid, name, kind, bloc FROM actors WHERE name = ?", [name]
        ).fetchone()
        if row is None:
            return None
        aliases = self._db.execute("SELECT alias FROM aliases WHERE actor = ? ORDER BY alias", [row[0]])
        return Actor(row[1], row[2], row[3], row[4], tuple(alias for (alias,) in aliases))

    def behind(self, names: Iterable[str] | None = None) -> Behind:
        """Return what the project knows about ``names``, of actors or as they stand in texts; None: all."""
        among, values = "", []
        if names is not None:
            among = "WHERE {} IN (SELECT value FROM json_each(?))"
            values = [json.dumps(sorted({storable(name) for name in names}))]
        return Behind(
            self._db.execute(
                f"SELECT name, name, kind FROM actors {among.format('name')}", values
            ).fetchall(),
            self._db.execute(
                "SELECT alias, actors.name, kind FROM aliases JOIN actors ON actors.id = aliases.actor "
                + among.format("alias"),
                values,
            ).fetchall(),
        )

    def blocs(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return the bloc of each of ``names`` that is an actor of the project."""
        wanted = json.dumps(sorted(set(names)))
        return dict(
            self._db.execute(
                "SELECT name, bloc FROM actors WHERE name IN (SELECT value FROM json_each(?))", [wanted]
            ).fetchall()
        )

    # Acts. An actor that the project does not have yet is made by whatever is decided about it; ``kind`` is
    # the label of its mentions, for that case.

    def confirm(
        self,
        name: str,
        aliases: Iterable[str] = (),
        kind: str | None = None,
        annotations: Sequence[int] = (),
    ) -> Change:
        """Make ``name`` an actor of the project with these aliases; one that is there gets them too.

        Those of ``annotations``, one's own, that have no actor yet are about it then.
        """
        name = _given(name)
        with self._project.act(f"confirmed the actor {_short(name)}") as act:
            actor = self.called(name, kind)
            self._add_aliases(actor, name, aliases)
            self._db.execute(
                "UPDATE annotations SET actor = ?, updated_at = ? WHERE actor IS NULL AND annotator = ? "
                "AND id IN (SELECT value FROM json_each(?))",
                [actor, now(), self._project.annotator_id(), json.dumps(list(annotations))],
            )
        return act.change

    def rename(self, actor: str, name: str, kind: str | None = None) -> Change:
        """Call an actor ``name``; what it was called is an alias of it then."""
        name = _given(name)
        if name != actor and self.named(name) is not None:
            raise ProjectError(f"There is an actor called {name} already. Merge the two instead.")
        with self._project.act(f"renamed the actor {_short(actor)} {_short(name)}") as act:
            if name != actor:
                id_ = self.called(actor, kind)
                self._db.execute("UPDATE actors SET name = ? WHERE id = ?", [name, id_])
                self._db.execute("DELETE FROM aliases WHERE actor = ? AND alias = ?", [id_, name])
                self._add_aliases(id_, name, [actor])
        return act.change

    def merge(self, into: str, other: str, kind: str | None = None) -> Change:
        """Make ``other`` one with ``into``: its annotations point there, its names become aliases.

        A kind or bloc that ``into`` lacks is taken from ``other``.
        """
        into = _given(into)
        if into == other:
            raise ProjectError("An actor cannot be merged with itself. Choose another one.")
        with self._project.act(f"merged the actor {_short(other)} into {_short(into)}") as act:
            keep, gone = self.called(into, kind), self.named(other)
            if gone is not None:
                self._merge(keep, self.called(other), gone)
            self._add_aliases(keep, into, [other, *(gone.aliases if gone is not None else ())])
        return act.change

    def _merge(self, keep: int, gone: int, actor: Actor) -> None:
        self._db.execute(
            "UPDATE actors SET kind = coalesce(kind, :kind), bloc = coalesce(bloc, :bloc) WHERE id = :id "
            "AND ((kind IS NULL AND :kind IS NOT NULL) OR (bloc IS NULL AND :bloc IS NOT NULL))",
            {"id": keep, "kind": actor.kind, "bloc": actor.bloc},
        )
        for column in _COLUMNS:
            self._db.execute(
                f"UPDATE annotations SET {column} = ?, updated_at = ? WHERE {column} = ?",
                [keep, now(), gone],
            )
        self._db.execute("DELETE FROM aliases WHERE actor = ?", [gone])
        self._db.execute("DELETE FROM actors WHERE id = ?", [gone])

    def split(
        self, actor: str, aliases: Sequence[str], name: str | None = None, kind: str | None = None
    ) -> Change:
        """Give ``aliases`` of an actor, and its mentions under them, to a new actor.

        It is called ``name`` (default: the longest of the aliases) and has the kind of the old one, but no
        bloc: that is what may have been wrong.
        """
        names = list(dict.fromkeys(name_of(alias) for alias in aliases if name_of(alias)))
        if not names:
            raise ProjectError("Choose the names that belong to somebody else.")
        if actor in names:
            raise ProjectError(f"{actor} is what the actor itself is called. Rename it first, then split.")
        new = _given(name or max(names, key=len))
        if self.named(new) is not None or new == actor:
            raise ProjectError(f"There is an actor called {new} already. Give the new one another name.")
        with self._project.act(f"split {_short(new)} off the actor {_short(actor)}") as act:
            id_ = self.called(actor, kind)
            kind = self._db.execute("SELECT kind FROM actors WHERE id = ?", [id_]).fetchone()[0]
            made = self._insert(Actor(str(uuid.uuid4()), new, kind, None, ()))
            self._db.execute(
                "DELETE FROM aliases WHERE actor = ? AND alias IN (SELECT value FROM json_each(?))",
                [id_, json.dumps([*names, new])],
            )
            self._add_aliases(made, new, names)
            self._repoint_quotes(id_, made, names)
        return act.change

    def set_bloc(self, actor: str, bloc: str | None, kind: str | None = None) -> Change:
        """Say where an actor belongs; None: to no bloc."""
        return self._set(actor, "bloc", bloc, kind)

    def set_kind(self, actor: str, kind: str | None) -> Change:
        """Say what an actor is: a label of the entity layer, or None."""
        return self._set(actor, "kind", kind, kind)

    def _set(self, actor: str, column: str, value: str | None, kind: str | None) -> Change:
        value = value and _given(value)
        with self._project.act(f"set the {column} of {_short(actor)} to {value or 'none'}") as act:
            self._db.execute(
                f"UPDATE actors SET {column} = ? WHERE id = ? AND {column} IS NOT ?",
                [value, self.called(actor, kind), value],
            )
        return act.change

    def add_alias(self, actor: str, alias: str) -> Change:
        """Let an actor be known under another name, too."""
        alias = _given(alias)
        with self._project.act(f"added the alias {_short(alias)} to {_short(actor)}") as act:
            self._add_aliases(self.called(actor), actor, [alias])
        return act.change

    def remove_alias(self, actor: str, alias: str) -> Change:
        """Forget that an actor is known under a name; mentions that were assigned to it stay."""
        with self._project.act(f"removed the alias {_short(alias)} from {_short(actor)}") as act:
            self._db.execute(
                "DELETE FROM aliases WHERE alias = ? AND actor = (SELECT id FROM actors WHERE name = ?)",
                [alias, actor],
            )
        return act.change

    def assign(self, annotation: int, actor: str) -> Change:
        """Let one annotation of a name, one's own, be about ``actor``."""
        actor = _given(actor)
        old = self._project.annotations.mine(annotation)
        if old.layer != "entity" or old.quote is None:
            raise ProjectError("Only a name in the text can be assigned to an actor.")
        with self._project.act(f"assigned {_short(old.quote)} to {_short(actor)}", old.article) as act:
            if old.actor != actor:
                self._db.execute(
                    "UPDATE annotations SET actor = ?, updated_at = ? WHERE id = ?",
                    [self.called(actor, old.label), now(), annotation],
                )
        return act.change

    def assign_name(self, name: str, actor: str, kind: str | None = None) -> Change:
        """Let a name stand for ``actor`` wherever it is suggested.

        It is taken from every other actor that has it as an alias, mentions included. Raises
        ``ProjectError`` where another actor is called so.
        """
        name, actor = _given(name), _given(actor)
        if name != actor and self.named(name) is not None:
            raise ProjectError(f"There is an actor called {name}: merge it into {actor} instead.")
        with self._project.act(f"assigned the name {_short(name)} to {_short(actor)}") as act:
            id_ = self.called(actor, kind)
            for (other,) in self._db.execute(
                "SELECT actor FROM aliases WHERE alias = ? AND actor IS NOT ?", [name, id_]
            ).fetchall():
                self._db.execute("DELETE FROM aliases WHERE actor = ? AND alias = ?", [other, name])
                self._repoint_quotes(other, id_, [name])
            self._add_aliases(id_, actor, [name])
        return act.change

    # Within an act that is going on

    def called(self, name: str, kind: str | None = None) -> int:
        """Return the id of the actor called ``name``, made within the act if needed.

        Its kind and bloc are the gazetteer's then, or else the kind is ``kind``.
        """
        row = self._db.execute("SELECT id FROM actors WHERE name = ?", [storable(name)]).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert(Actor(str(uuid.uuid4()), name, *facts(name, kind), ()))

    def ensure(self, actor: Actor) -> int:
        """Return the id of ``actor`` by name, made within the act if needed.

        One that is there stays as it is; only another project's of the same name adds its aliases.
        """
        name = storable(actor.name)
        row = self._db.execute("SELECT id, uuid FROM actors WHERE name = ?", [name]).fetchone()
        if row is not None and row[1] == storable(actor.uuid):
            return int(row[0])
        id_ = int(row[0]) if row is not None else self._insert(actor)
        for alias in actor.aliases:
            self._db.execute(
                "INSERT INTO aliases(actor, alias) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [id_, storable(alias)],
            )
        return id_

    def _insert(self, actor: Actor) -> int:
        id_ = storable(actor.uuid)
        known = self._db.execute("SELECT 1 FROM actors WHERE uuid = ?", [id_]).fetchone()
        cursor = self._db.execute(
            "INSERT INTO actors(uuid, name, kind, bloc) VALUES (?, ?, ?, ?)",
            [
                str(uuid.uuid4()) if known else id_,
                storable(actor.name),
                *(value and storable(value) for value in (actor.kind, actor.bloc)),
            ],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _add_aliases(self, actor: int, name: str, aliases: Iterable[str]) -> None:
        """Add aliases; what the actor is called (``name``) is none."""
        for alias in dict.fromkeys(name_of(storable(alias)) for alias in aliases):
            if alias and alias != name:
                self._db.execute(
                    "INSERT INTO aliases(actor, alias) VALUES (?, ?) ON CONFLICT DO NOTHING", [actor, alias]
                )

    def _repoint_quotes(self, old: int, new: int, names: Sequence[str]) -> None:
        """Let the mentions of actor ``old`` whose quotes are among ``names`` be about ``new``."""
        ids = [
            id_
            for id_, quote in self._db.execute(
                "SELECT id, quote FROM annotations WHERE actor = ? AND quote IS NOT NULL", [old]
            )
            if name_of(quote) in names
        ]
        self._db.execute(
            "UPDATE annotations SET actor = ?, updated_at = ? WHERE id IN (SELECT value FROM json_each(?))",
            [new, now(), json.dumps(ids)],
        )


def _given(name: str) -> str:
    """Return a name that somebody typed as it is stored; ``ProjectError`` for none."""
    name = name_of(storable(name))
    if not name:
        raise ProjectError("An actor needs a name. Type one.")
    return name


def _short(name: str) -> str:
    name = name_of(name)
    return f"“{name if len(name) <= 40 else name[:39] + '…'}”"
