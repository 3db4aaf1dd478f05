"""Actors and their names in the project file. Each public method that changes something is one act.

What is decided here holds for the whole project. Open suggestions follow at once, in every article and
through undo, because nothing is copied into them: whom a suggestion speaks of is asked of the project's
actors when it is read (:meth:`Actors.behind`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from annotator.model import LARGE_ACT, Actor, ActorRow, Change, ProjectError, Step
from annotator.project.behind import Behind, name_of
from annotator.project.facts import facts
from annotator.project.history import now
from annotator.project.swapping import SwapProgress
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

_COLUMNS = ("actor", "holder", "target")  # of an annotation, that refer to actors
_COUNTED = 5_000  # mentions that are counted, or whose quotes are looked at, in a step
_AT_ONCE = 250  # annotations that are written in a step
_LAST = (1 << 63) - 1

_Work = tuple[str, list[str], Iterator[int]]
"""An act's text, the actors whose annotations it goes through, and its steps: each tells how many it did."""
_ActInSteps = Generator[Step | SwapProgress, None, Change]


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
        steps = self.counts()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return [ActorRow(actor, *end.value.get(actor.uuid, (0, 0))) for actor in self.all()]

    def counts(self) -> Generator[None, None, dict[str, tuple[int, int]]]:
        """Count in steps of some milliseconds what :meth:`rows` tells; returns it by the actors' uuids."""
        counts: dict[str, tuple[int, int]] = {}
        for id_, uuid_ in self._db.execute("SELECT id, uuid FROM actors").fetchall():
            mentions = articles = 0
            after: int | None = 0
            while after is not None:
                # Up to the article in which so many mentions end: none is counted in two steps.
                until = self._article_of_last(id_, after)
                number, among = self._db.execute(
                    "SELECT count(*), count(DISTINCT article) FROM annotations "
                    "WHERE actor = ? AND article > ? AND article <= ?",
                    [id_, after, _LAST if until is None else until],
                ).fetchone()
                mentions, articles, after = mentions + number, articles + among, until
                yield
            if mentions:
                counts[uuid_] = mentions, articles
        return counts

    def _article_of_last(self, actor: int, after: int) -> int | None:
        """Return the article in which so many mentions that come ``after`` an article end; None: all do."""
        row = self._db.execute(
            "SELECT article FROM annotations WHERE actor = ? AND article > ? ORDER BY article "
            "LIMIT 1 OFFSET ?",
            [actor, after, _COUNTED],
        ).fetchone()
        return row[0] if row is not None else None

    def is_large(self, *names: str) -> bool:
        """Tell whether so many annotations are about actors ``names`` that they are changed in steps."""
        among = "(SELECT id FROM actors WHERE name IN (SELECT value FROM json_each(?)))"
        parts = (f"SELECT 1 FROM annotations WHERE {column} IN {among}" for column in _COLUMNS)
        query = f"SELECT count(*) FROM ({' UNION ALL '.join(parts)} LIMIT {LARGE_ACT + 1})"
        (number,) = self._db.execute(query, [json.dumps(names)] * len(_COLUMNS)).fetchone()
        return int(number) > LARGE_ACT

    def also_called(self, alias: str) -> list[str]:
        """Return the actors that ``alias`` stands for."""
        return [
            name
            for (name,) in self._db.execute(
                "SELECT actors.name FROM aliases JOIN actors ON actors.id = aliases.actor WHERE alias = ?",
                [storable(alias)],
            )
        ]

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
    # the label of its mentions, for that case. What may change many annotations is there in steps, too: one
    # act in many transactions, which closing the generator takes back, and ``Cancelled`` in steps.

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
        return self._at_once(*self._merging(into, other, kind))

    def merge_in_steps(self, into: str, other: str, kind: str | None = None) -> _ActInSteps:
        """Do what :meth:`merge` does, in steps."""
        return self._in_steps(*self._merging(into, other, kind))

    def _merging(self, into: str, other: str, kind: str | None) -> _Work:
        into = _given(into)
        if into == other:
            raise ProjectError("An actor cannot be merged with itself. Choose another one.")

        def steps() -> Iterator[int]:
            keep, actor = self.called(into, kind), self.named(other)
            gone = self.called(other) if actor is not None else keep
            if actor is not None and gone != keep:
                for column in _COLUMNS:
                    query = f"SELECT id FROM annotations WHERE {column} = ? LIMIT {_AT_ONCE}"
                    while ids := [id_ for (id_,) in self._db.execute(query, [gone])]:
                        yield self._point(column, keep, ids)
                self._db.execute(
                    "UPDATE actors SET kind = coalesce(kind, :kind), bloc = coalesce(bloc, :bloc) "
                    "WHERE id = :id AND ((kind IS NULL AND :kind IS NOT NULL) "
                    "OR (bloc IS NULL AND :bloc IS NOT NULL))",
                    {"id": keep, "kind": actor.kind, "bloc": actor.bloc},
                )
                self._db.execute("DELETE FROM aliases WHERE actor = ?", [gone])
                self._db.execute("DELETE FROM actors WHERE id = ?", [gone])
            self._add_aliases(keep, into, [other, *(actor.aliases if actor is not None else ())])

        return f"merged the actor {_short(other)} into {_short(into)}", [other], steps()

    def split(
        self, actor: str, aliases: Sequence[str], name: str | None = None, kind: str | None = None
    ) -> Change:
        """Give ``aliases`` of an actor, and its mentions under them, to a new actor.

        It is called ``name`` (default: the longest of the aliases) and has the kind of the old one, but no
        bloc: that is what may have been wrong.
        """
        return self._at_once(*self._splitting(actor, aliases, name, kind))

    def split_in_steps(
        self, actor: str, aliases: Sequence[str], name: str | None = None, kind: str | None = None
    ) -> _ActInSteps:
        """Do what :meth:`split` does, in steps."""
        return self._in_steps(*self._splitting(actor, aliases, name, kind))

    def _splitting(self, actor: str, aliases: Sequence[str], name: str | None, kind: str | None) -> _Work:
        names = list(dict.fromkeys(name_of(alias) for alias in aliases if name_of(alias)))
        if not names:
            raise ProjectError("Choose the names that belong to somebody else.")
        if actor in names:
            raise ProjectError(f"{actor} is what the actor itself is called. Rename it first, then split.")
        new = _given(name or max(names, key=len))
        if self.named(new) is not None or new == actor:
            raise ProjectError(f"There is an actor called {new} already. Give the new one another name.")

        def steps() -> Iterator[int]:
            id_ = self.called(actor, kind)
            what = self._db.execute("SELECT kind FROM actors WHERE id = ?", [id_]).fetchone()[0]
            made = self._insert(Actor(str(uuid.uuid4()), new, what, None, ()))
            self._db.execute(
                "DELETE FROM aliases WHERE actor = ? AND alias IN (SELECT value FROM json_each(?))",
                [id_, json.dumps([*names, new])],
            )
            self._add_aliases(made, new, names)
            yield from self._repoint_quotes(id_, made, names)

        return f"split {_short(new)} off the actor {_short(actor)}", [actor], steps()

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
        return self._at_once(*self._assigning(name, actor, kind))

    def assign_name_in_steps(self, name: str, actor: str, kind: str | None = None) -> _ActInSteps:
        """Do what :meth:`assign_name` does, in steps."""
        return self._in_steps(*self._assigning(name, actor, kind))

    def _assigning(self, name: str, actor: str, kind: str | None) -> _Work:
        name, actor = _given(name), _given(actor)
        if name != actor and self.named(name) is not None:
            raise ProjectError(f"There is an actor called {name}: merge it into {actor} instead.")
        others = [other for other in self.also_called(name) if other != actor]

        def steps() -> Iterator[int]:
            id_ = self.called(actor, kind)
            for other in map(self.called, others):
                self._db.execute("DELETE FROM aliases WHERE actor = ? AND alias = ?", [other, name])
                yield from self._repoint_quotes(other, id_, [name])
            self._add_aliases(id_, actor, [name])

        return f"assigned the name {_short(name)} to {_short(actor)}", others, steps()

    def _at_once(self, text: str, _: Sequence[str], steps: Iterator[int]) -> Change:
        with self._project.act(text) as act:
            for _done in steps:
                pass
        return act.change

    def _in_steps(self, text: str, actors: Sequence[str], steps: Iterator[int]) -> _ActInSteps:
        """Do ``steps``, which tell how many annotations of ``actors`` each of them went through."""
        act = self._project.long_act(text)

        def stepped() -> Generator[Step, None, str]:
            done, total = 0, self._annotations_about(actors)
            while True:
                with act.step():
                    number = next(steps, None)
                if number is None:
                    return text
                done += number
                yield Step(min(done, total), total)

        return (yield from act.run(stepped()))

    def _annotations_about(self, actors: Sequence[str]) -> int:
        among = "(SELECT id FROM actors WHERE name IN (SELECT value FROM json_each(?)))"
        numbers = (f"(SELECT count(*) FROM annotations WHERE {c} IN {among})" for c in _COLUMNS)
        query = f"SELECT {' + '.join(numbers)}"
        return int(self._db.execute(query, [json.dumps(actors)] * len(_COLUMNS)).fetchone()[0])

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

    def _repoint_quotes(self, old: int, new: int, names: Sequence[str]) -> Iterator[int]:
        """Let the mentions of actor ``old`` whose quotes are among ``names`` be about ``new``, in steps."""
        place = 0, 0
        while rows := self._db.execute(
            "SELECT article, id, quote FROM annotations WHERE actor = ? AND (article, id) > (?, ?) "
            f"ORDER BY article, id LIMIT {_AT_ONCE}",
            [old, *place],
        ).fetchall():
            ids = [id_ for _, id_, quote in rows if quote is not None and name_of(quote) in names]
            self._point("actor", new, ids)
            place = rows[-1][:2]
            yield len(rows)

    def _point(self, column: str, actor: int, annotations: Sequence[int]) -> int:
        """Let ``column`` of annotations name an actor; return how many they are."""
        self._db.execute(
            f"UPDATE annotations SET {column} = ?, updated_at = ? "
            "WHERE id IN (SELECT value FROM json_each(?))",
            [actor, now(), json.dumps(annotations)],
        )
        return len(annotations)


def _given(name: str) -> str:
    """Return a name that somebody typed as it is stored; ``ProjectError`` for none."""
    name = name_of(storable(name))
    if not name:
        raise ProjectError("An actor needs a name. Type one.")
    return name


def _short(name: str) -> str:
    name = name_of(name)
    return f"“{name if len(name) <= 40 else name[:39] + '…'}”"
