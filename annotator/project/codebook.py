"""The codebook in the project file: layers, labels and their version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from annotator.model import LARGE_ACT, Change, Codebook, Label, Layer, ProjectError, UnknownLabelError
from annotator.project.history import now
from annotator.project.long_act import LongAct
from annotator.project.stored_values import stored_names, stored_number
from annotator.project.swapping import SwapProgress
from annotator.resources import resource
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

_AT_ONCE = 250  # rows in a step
_DECISIONS = ("annotations", "rejections")
_THERE = (
    "SELECT 1 FROM annotations a WHERE a.article = annotations.article "
    "AND a.annotator = annotations.annotator AND a.label = :new "
    'AND a."start" IS annotations."start" AND a."end" IS annotations."end"'
)

GREY = "#7a7a7a"  # a label that came with imported annotations has no colour of its own yet


def default_codebook() -> dict[str, Any]:
    """Return ``resources/codebook.toml``."""
    return tomllib.loads(resource("codebook.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How much of what has a label that goes has been seen to."""

    done: int
    total: int


class CodebookStore:
    """Reads the codebook and adds to it; names become ids here and nowhere else."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    @staticmethod
    def write_default(db: Database, codebook: dict[str, Any]) -> None:
        """Fill a new file's tables from ``codebook`` (the shape of ``resources/codebook.toml``)."""
        blocs = json.dumps(codebook["blocs"], ensure_ascii=False)
        db.execute("INSERT INTO settings(key, value) VALUES ('blocs', ?)", [blocs])
        for layer_position, layer in enumerate(codebook["layer"]):
            cursor = db.execute(
                "INSERT INTO layers(name, scope, exclusive, definition, position) VALUES (?, ?, ?, ?, ?)",
                [layer["name"], layer["scope"], int(layer["exclusive"]), layer["definition"], layer_position],
            )
            db.conn.executemany(
                "INSERT INTO labels(layer, name, color, key, definition, rule, position) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        cursor.lastrowid,
                        *(item[key] for key in ("name", "color", "key", "definition")),
                        item.get("rule"),
                        position,
                    )
                    for position, item in enumerate(layer["label"])
                ],
            )

    def read(self) -> Codebook:
        """Return the codebook as it is now."""
        labels: dict[int, list[Label]] = {}
        for layer_id, layer, name, color, key, definition, retired, rule in self._db.execute(
            "SELECT layers.id, layers.name, labels.name, color, key, labels.definition, retired, "
            "coalesce(rule, '') FROM labels JOIN layers ON layers.id = labels.layer "
            "ORDER BY labels.layer, labels.position, labels.id"
        ):
            label = Label(layer, name, color, key, definition, bool(retired), rule)
            labels.setdefault(layer_id, []).append(label)
        layers = tuple(
            Layer(name, scope, bool(exclusive), definition, tuple(labels.get(id, ())))
            for id, name, scope, exclusive, definition in self._db.execute(
                "SELECT id, name, scope, exclusive, definition FROM layers ORDER BY position, id"
            )
        )
        return Codebook(self.version(), layers)

    def blocs(self) -> list[str]:
        """Return where actors may belong: what the codebook names, then what actors came with."""
        row = self._db.execute("SELECT value FROM settings WHERE key = 'blocs'").fetchone()
        # A project from before blocs were part of the codebook has those of the default one.
        blocs: list[str] = stored_names(row[0]) if row else default_codebook()["blocs"]
        used = self._db.execute("SELECT DISTINCT bloc FROM actors WHERE bloc IS NOT NULL ORDER BY bloc")
        return list(dict.fromkeys([*blocs, *(bloc for (bloc,) in used)]))

    def version(self) -> int:
        """Return the codebook's version; each change of it raises this by one."""
        row = self._db.execute("SELECT value FROM settings WHERE key = 'codebook_version'").fetchone()
        return stored_number(row[0])

    def ids(self, layer: str, label: str) -> tuple[int, int, bool]:
        """Return (layer id, label id, layer is exclusive); raises ``UnknownLabelError``."""
        row = self._db.execute(
            "SELECT layers.id, labels.id, layers.exclusive FROM labels "
            "JOIN layers ON layers.id = labels.layer WHERE layers.name = ? AND labels.name = ?",
            [storable(layer), storable(label)],
        ).fetchone()
        if row is None:
            raise UnknownLabelError(layer, label)
        return row[0], row[1], bool(row[2])

    def ensure(self, layer: str, label: str, *, whole_article: bool) -> tuple[int, int, bool]:
        """Return :meth:`ids`, adding what is missing within the act that is going on.

        A layer made here is exclusive when its first annotation speaks of the whole article.
        """
        layer, label = storable(layer), storable(label)
        try:
            return self.ids(layer, label)
        except KeyError:
            pass
        execute = self._db.execute
        row = execute("SELECT id FROM layers WHERE name = ?", [layer]).fetchone()
        if row is None:
            cursor = execute(
                "INSERT INTO layers(name, scope, exclusive, position) "
                "SELECT ?, 'both', ?, coalesce(max(position) + 1, 0) FROM layers",
                [layer, int(whole_article)],
            )
            layer_id = cursor.lastrowid
        else:
            layer_id = row[0]
        execute(
            "INSERT INTO labels(layer, name, color, position) "
            "SELECT ?, ?, ?, coalesce(max(position) + 1, 0) FROM labels WHERE layer = ?",
            [layer_id, label, GREY, layer_id],
        )
        self.raise_version()
        return self.ids(layer, label)

    def former_names(self) -> dict[tuple[str, str], str]:
        """Return what labels are called now, by their layer and a name that pipelines may still use.

        A name that another label has by now is that label's.
        """
        rows = self._db.execute(
            "SELECT layers.name, labels.name, former FROM labels JOIN layers ON layers.id = labels.layer "
            "WHERE former IS NOT NULL ORDER BY labels.id"
        ).fetchall()
        found = {(layer, old): name for layer, name, former in rows for old in stored_names(former)}
        if found:
            for pair in self._db.execute(
                "SELECT layers.name, labels.name FROM labels JOIN layers ON layers.id = labels.layer"
            ):
                found.pop(pair, None)
        return found

    def takes_steps(self, layer: str, label: str) -> bool:
        """Tell whether retiring, deleting or merging a label takes so long that it is to be done in steps.

        Raises ``KeyError``.
        """
        id_ = self.ids(layer, label)[1]
        return self._project.suggestions.labels.are_many([id_]) or any(
            self._db.execute(
                f"SELECT 1 FROM {table} WHERE label = ? LIMIT 1 OFFSET ?", [id_, LARGE_ACT]
            ).fetchone()
            for table in ("annotations", "rejections")
        )

    def delete_label(self, layer: str, label: str, *, move_to: str | None = None) -> Change:
        """Delete a label with its annotations, everybody's, as one act; rejections of it go with it.

        With ``move_to``, another label of the layer, the annotations get that one instead; where it
        stands already on the same stretch, only one is left. The examples that it fits go along, its
        name is from then on one of the other's former ones, and what was suggested with it is suggested
        again (:meth:`suggesting_again`). Raises ``KeyError`` for an unknown label.
        """
        old, new, text = self._removal(layer, label, move_to)
        with self._project.act(text) as act:
            self._delete(label, old, new)
        return act.change

    def delete_label_in_steps(
        self, layer: str, label: str, *, move_to: str | None = None
    ) -> Generator[LabelProgress | SwapProgress, None, Change]:
        """Do what :meth:`delete_label` does, in steps; closing the generator takes everything back.

        But for suggestions, which are then made again: see :meth:`suggesting_again`.
        """
        old, new, text = self._removal(layer, label, move_to)
        act = self._project.long_act(text)
        return (yield from act.run(self._deleting(act, text, label, old, new)))

    def _removal(self, layer: str, label: str, move_to: str | None) -> tuple[int, int | None, str]:
        """Return the label that goes, the one that takes its place, and how the act is called."""
        _, old, _ = self.ids(layer, label)
        new = None if move_to is None else self.ids(layer, move_to)[1]
        if new == old:
            raise ProjectError(f"{label} cannot be moved to itself. Choose another label.")
        return (
            old,
            new,
            f"deleted the label {label}" + (f", its annotations are {move_to} now" if move_to else ""),
        )

    def _deleting(
        self, act: LongAct, text: str, label: str, old: int, new: int | None
    ) -> Generator[LabelProgress, None, str]:
        execute, suggested = self._db.execute, self._project.suggestions.labels
        done, total = 0, suggested.articles([old])
        for table in _DECISIONS:
            total += execute(f"SELECT count(*) FROM {table} WHERE label = ?", [old]).fetchone()[0]
        with act.step():
            # So that nothing new is suggested with it meanwhile.
            execute("UPDATE labels SET retired = 1 WHERE id = ?", [old])
        for table in _DECISIONS:
            query = f"SELECT id FROM {table} WHERE label = ? LIMIT ?"
            while ids := [id_ for (id_,) in execute(query, [old, _AT_ONCE])]:
                among = f"id IN ({', '.join(map(str, ids))})"
                with act.step():
                    if new is not None and table == "annotations":
                        self._move_annotations(old, new, among)
                    execute(f"DELETE FROM {table} WHERE +label = ? AND {among}", [old])
                done += len(ids)
                yield LabelProgress(min(done, total), total)
        for looked_at in suggested.withdrawing(act, [old], again=new):
            done += looked_at
            yield LabelProgress(min(done, total), total)
        with act.step():
            self._delete(label, old, new)
        return text

    def _delete(self, label: str, old: int, new: int | None) -> None:
        execute = self._db.execute
        if new is not None:
            self._move_annotations(old, new)
            execute("UPDATE examples SET label = ? WHERE label = ? AND fits = 1", [new, old])
            self.set_former(new, [label, *self._former(old), *self._former(new)])
        self._project.suggestions.labels.withdraw([old], again=new)
        for table in (*_DECISIONS, "examples"):
            execute(f"DELETE FROM {table} WHERE label = ?", [old])
        execute("DELETE FROM labels WHERE id = ?", [old])
        self.raise_version()

    def to_suggest_again(self) -> list[int]:
        """Let the articles be pending that lost suggestions of labels which are offered again now.

        Returns them, each once; the next call does not. Nothing in a project that cannot be written.
        """
        return sorted({article for page in self.suggesting_again() for article in page})

    def suggesting_again(self) -> Iterator[list[int]]:
        """Do what :meth:`to_suggest_again` does, some articles at a time, each time in a transaction."""
        execute, many = self._db.execute, self._db.conn.executemany
        query = (
            "SELECT label, article FROM withdrawn WHERE label IN (SELECT id FROM labels WHERE retired = 0)"
        )
        while not self._project.read_only and execute(f"{query} LIMIT 1").fetchone():
            with self._project.history.transaction():
                rows = execute(f"{query} LIMIT ?", [_AT_ONCE]).fetchall()
                there = {article for _, article in rows if self._project.articles.exists(article)}
                many("DELETE FROM suggested WHERE article = ?", [(article,) for article in there])
                many("DELETE FROM withdrawn WHERE label = ? AND article = ?", rows)
            yield sorted(there)

    def _former(self, label: int) -> list[str]:
        (names,) = self._db.execute("SELECT former FROM labels WHERE id = ?", [label]).fetchone()
        return stored_names(names) if names is not None else []

    def set_former(self, label: int, names: list[str]) -> None:
        """Say what else pipelines may call a label; within the act that is going on."""
        (own,) = self._db.execute("SELECT name FROM labels WHERE id = ?", [label]).fetchone()
        kept = [name for name in dict.fromkeys(names) if name != own]
        value = json.dumps(kept, ensure_ascii=False) if kept else None
        self._db.execute("UPDATE labels SET former = ? WHERE id = ?", [value, label])

    def former(self, layer: str, label: str) -> list[str]:
        """Return under which other names pipelines may know a label; raises ``KeyError``."""
        return self._former(self.ids(layer, label)[1])

    def _move_annotations(self, old: int, new: int, among: str | None = None) -> None:
        """Give annotations of ``old`` (SQL; default: all) the label ``new`` where it is not there yet."""
        # With the plus SQLite does not begin with all of the label instead of those few.
        which = "label = :old" if among is None else f"+label = :old AND {among}"
        # A rejection that an annotation contradicts now is taken back, as it is wherever a label is given.
        self._db.execute(
            "DELETE FROM rejections WHERE id IN (SELECT r.id FROM "
            f"(SELECT * FROM annotations WHERE {which}) a CROSS JOIN rejections r "
            "ON r.article = a.article AND r.annotator = a.annotator AND r.layer = a.layer AND r.label = :new "
            'AND r."start" IS a."start" AND r."end" IS a."end")',
            {"old": old, "new": new},
        )
        self._db.execute(
            f"UPDATE annotations SET label = :new, updated_at = :now WHERE {which} AND NOT EXISTS ({_THERE})",
            {"new": new, "old": old, "now": now()},
        )

    def raise_version(self) -> None:
        """Count a change of the codebook, within the act that is going on."""
        self._db.execute(
            "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = 'codebook_version'"
        )


def forgetting(
    project: Project, act: LongAct, labels: Collection[int]
) -> Generator[LabelProgress, None, None]:
    """Delete the suggestions of labels that are retired, in steps of ``act``."""
    suggested = project.suggestions.labels
    done, total = 0, suggested.articles(labels)
    for looked_at in suggested.withdrawing(act, labels):
        done += looked_at
        yield LabelProgress(min(done, total), total)
