"""The codebook in the project file: layers, labels and their version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from annotator.model import Change, Codebook, Label, Layer, ProjectError
from annotator.project.history import LongAct, now
from annotator.project.swapping import SwapProgress
from annotator.resources import resource
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

_AT_ONCE = 250  # annotations in a step
_THERE = (
    "SELECT 1 FROM annotations a WHERE a.article = {0}.article AND a.annotator = {0}.annotator "
    'AND a.label = :new AND a."start" IS {0}."start" AND a."end" IS {0}."end"'
)

GREY = "#7a7a7a"  # a label that came with imported annotations has no colour of its own yet


def default_codebook() -> dict[str, Any]:
    """Return ``resources/codebook.toml``."""
    return tomllib.loads(resource("codebook.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How many annotations of a label that goes have been seen to."""

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
        blocs: list[str] = json.loads(row[0]) if row else default_codebook()["blocs"]
        used = self._db.execute("SELECT DISTINCT bloc FROM actors WHERE bloc IS NOT NULL ORDER BY bloc")
        return list(dict.fromkeys([*blocs, *(bloc for (bloc,) in used)]))

    def version(self) -> int:
        """Return the codebook's version; each change of it raises this by one."""
        row = self._db.execute("SELECT value FROM settings WHERE key = 'codebook_version'").fetchone()
        return int(row[0])

    def ids(self, layer: str, label: str) -> tuple[int, int, bool]:
        """Return (layer id, label id, layer is exclusive); raises ``KeyError``."""
        row = self._db.execute(
            "SELECT layers.id, labels.id, layers.exclusive FROM labels "
            "JOIN layers ON layers.id = labels.layer WHERE layers.name = ? AND labels.name = ?",
            [storable(layer), storable(label)],
        ).fetchone()
        if row is None:
            raise KeyError(f"{layer}/{label}")
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
        found = {(layer, old): name for layer, name, former in rows for old in json.loads(former)}
        if found:
            for pair in self._db.execute(
                "SELECT layers.name, labels.name FROM labels JOIN layers ON layers.id = labels.layer"
            ):
                found.pop(pair, None)
        return found

    def delete_label(self, layer: str, label: str, *, move_to: str | None = None) -> Change:
        """Delete a label with its annotations, everybody's, as one act; rejections of it go with it.

        With ``move_to``, another label of the layer, the annotations get that one instead; where it
        stands already on the same stretch, only one is left. The examples that it fits go along, and its
        name is from then on one of the other's former ones. Raises ``KeyError`` for an unknown label.
        """
        _, old, _ = self.ids(layer, label)
        new = None if move_to is None else self.ids(layer, move_to)[1]
        if new == old:
            raise ProjectError(f"{label} cannot be moved to itself. Choose another label.")
        text = f"deleted the label {label}" + (f", its annotations are {move_to} now" if move_to else "")
        with self._project.act(text) as act:
            self._delete(label, old, new)
        return act.change

    def delete_label_in_steps(
        self, layer: str, label: str, *, move_to: str | None = None
    ) -> Generator[LabelProgress | SwapProgress, None, Change]:
        """Do what :meth:`delete_label` does, in steps; closing the generator takes everything back."""
        _, old, _ = self.ids(layer, label)
        new = None if move_to is None else self.ids(layer, move_to)[1]
        if new == old:
            raise ProjectError(f"{label} cannot be moved to itself. Choose another label.")
        text = f"deleted the label {label}" + (f", its annotations are {move_to} now" if move_to else "")
        act = self._project.long_act(text)
        return (yield from act.run(self._deleting(act, text, label, old, new)))

    def _deleting(
        self, act: LongAct, text: str, label: str, old: int, new: int | None
    ) -> Generator[LabelProgress, None, str]:
        (total,) = self._db.execute("SELECT count(*) FROM annotations WHERE label = ?", [old]).fetchone()
        query, done = "SELECT id FROM annotations WHERE label = ? LIMIT ?", 0
        while ids := [id_ for (id_,) in self._db.execute(query, [old, _AT_ONCE])]:
            with act.step():
                among = f" AND id IN ({', '.join(map(str, ids))})"
                if new is not None:
                    self._move_annotations(old, new, among)
                self._db.execute(f"DELETE FROM annotations WHERE label = ?{among}", [old])
            done += len(ids)
            yield LabelProgress(min(done, total), total)
        with act.step():
            self._delete(label, old, new)
        return text

    def _delete(self, label: str, old: int, new: int | None) -> None:
        execute = self._db.execute
        if new is not None:
            self._move_annotations(old, new)
            self._take_rejections_back(new)
            execute("UPDATE examples SET label = ? WHERE label = ? AND fits = 1", [new, old])
            self.set_former(new, [label, *self._former(old), *self._former(new)])
        self.forget_suggestions(old)
        for table in ("annotations", "rejections", "examples"):
            execute(f"DELETE FROM {table} WHERE label = ?", [old])
        execute("DELETE FROM labels WHERE id = ?", [old])
        self.raise_version()

    def forget_suggestions(self, label: int) -> None:
        """Delete what is suggested with a label that is offered no more; within the act that is going on.

        Suggestions are not in the history: :meth:`to_suggest_again` names their articles if it comes back.
        """
        self._db.execute(
            "INSERT OR IGNORE INTO withdrawn(label, article) "
            "SELECT DISTINCT label, article FROM suggestions WHERE label = ?",
            [label],
        )
        for table in ("suggestions", "covered"):
            self._db.execute(f"DELETE FROM {table} WHERE label = ?", [label])

    def to_suggest_again(self) -> list[int]:
        """Let the articles be pending that lost suggestions of labels which are offered again now.

        Returns them, each once; the next call does not. Nothing in a project that cannot be written.
        """
        back = (
            "FROM withdrawn WHERE label IN (SELECT id FROM labels WHERE retired = 0) "
            "AND article IN (SELECT id FROM articles)"
        )
        articles = [row[0] for row in self._db.execute(f"SELECT DISTINCT article {back} ORDER BY article")]
        if not articles or self._project.read_only:
            return []
        with self._project.history.transaction():
            self._db.execute(f"DELETE FROM suggested WHERE article IN (SELECT article {back})")
            self._db.execute(f"DELETE {back}")
        return articles

    def _former(self, label: int) -> list[str]:
        (names,) = self._db.execute("SELECT former FROM labels WHERE id = ?", [label]).fetchone()
        return list(json.loads(names)) if names else []

    def set_former(self, label: int, names: list[str]) -> None:
        """Say what else pipelines may call a label; within the act that is going on."""
        (own,) = self._db.execute("SELECT name FROM labels WHERE id = ?", [label]).fetchone()
        kept = [name for name in dict.fromkeys(names) if name != own]
        value = json.dumps(kept, ensure_ascii=False) if kept else None
        self._db.execute("UPDATE labels SET former = ? WHERE id = ?", [value, label])

    def former(self, layer: str, label: str) -> list[str]:
        """Return under which other names pipelines may know a label; raises ``KeyError``."""
        return self._former(self.ids(layer, label)[1])

    def _move_annotations(self, old: int, new: int, among: str = "") -> None:
        self._db.execute(
            "UPDATE annotations SET label = :new, updated_at = :now WHERE label = :old "
            f"AND NOT EXISTS ({_THERE.format('annotations')}){among}",
            {"new": new, "old": old, "now": now()},
        )

    def _take_rejections_back(self, new: int) -> None:
        # A rejection that an annotation contradicts now is taken back, as it is wherever a label is given.
        self._db.execute(
            f"DELETE FROM rejections WHERE label = :new AND EXISTS ({_THERE.format('rejections')})",
            {"new": new},
        )

    def raise_version(self) -> None:
        """Count a change of the codebook, within the act that is going on."""
        self._db.execute(
            "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = 'codebook_version'"
        )
