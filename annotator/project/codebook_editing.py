"""What people change in the codebook: layers, labels, their order and their examples.

Each method is one act, and each change raises the codebook's version. A change of a label's name,
definition or rule is one of its wording: from then on the older annotations of it can be listed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.model import Change, Example, ProjectError, Scope, UnknownLabelError
from annotator.project.codebook import LabelProgress, forgetting
from annotator.project.swapping import SwapProgress
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

KEPT_LAYERS = ("entity", "stance", "zone")
"""Layers that the program looks for by name."""
KEPT_LABELS = {"zone": ("boilerplate", "caption", "headline", "quote"), "entity": ("PERSON",)}
"""Labels of these layers that it looks for by name."""
COUNTED = 100_000
"""Uses of a label that are counted: a million would be waited for."""
CONTEXT = 60  # code points before and after an example
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_WORDING = ("name", "definition", "rule")
_LONGEST_KEY = 30


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a label is used."""

    annotations: int
    rejections: int
    examples: int


class CodebookEditing:
    """Acts on layers and labels.

    Unknown names raise ``UnknownLabelError``, what cannot be done ``ProjectError``.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self._codebook = project.codebook

    # Layers

    def add_layer(
        self, name: str, scope: Scope = "both", *, exclusive: bool = False, definition: str = ""
    ) -> Change:
        """Add a layer at the end."""
        name = checked_name(name)
        self._refuse_layer(name)
        with self._project.act(f"added the layer {name}") as act:
            self._db.execute(
                "INSERT INTO layers(name, scope, exclusive, definition, position) "
                "SELECT ?, ?, ?, ?, coalesce(max(position) + 1, 0) FROM layers",
                [name, scope, int(exclusive), checked_text(definition)],
            )
            self._codebook.raise_version()
        return act.change

    def edit_layer(self, layer: str, *, name: str | None = None, definition: str | None = None) -> Change:
        """Rename a layer or define it anew; None leaves things as they are."""
        id_, stored = self._layer(layer), self._codebook.read().layer(layer)
        wanted = {"name": checked_name(name) if name is not None else layer}
        wanted["definition"] = checked_text(definition) if definition is not None else stored.definition
        if wanted["name"] != layer:
            if layer in KEPT_LAYERS:
                raise ProjectError(
                    f"The layer {layer} keeps its name: the program looks for it by that. "
                    "Add one of your own instead."
                )
            self._refuse_layer(wanted["name"])
        changed = {key: value for key, value in wanted.items() if value != getattr(stored, key)}
        with self._project.act(_said("layer", layer, changed)) as act:
            if changed:
                if "name" in changed:
                    labels = {label.name for label in stored.labels}
                    labels.update(former for of, former in self._codebook.former_names() if of == layer)
                    self._project.filters.follow_layer(layer, changed["name"], labels)
                self._update("layers", id_, changed)
                self._codebook.raise_version()
        return act.change

    def move_layer(self, layer: str, place: int) -> Change:
        """Put a layer at a place (from 0) among the layers."""
        with self._project.act(f"moved the layer {layer}") as act:
            self._layer(layer)
            names = [item.name for item in self._codebook.read().layers]
            self._reorder("layers", [self._layer(name) for name in _moved(names, layer, place)])
        return act.change

    def delete_layer(self, layer: str) -> Change:
        """Delete a layer that has no labels."""
        if layer in KEPT_LAYERS:
            raise ProjectError(
                f"The layer {layer} stays: the program looks for it by its name. Retire its labels instead."
            )
        id_ = self._layer(layer)
        if self._codebook.read().layer(layer).labels:
            raise ProjectError(f"Delete the labels of {layer} first, or move them to where they go.")
        with self._project.act(f"deleted the layer {layer}") as act:
            self._db.execute("DELETE FROM layers WHERE id = ?", [id_])
            self._codebook.raise_version()
        return act.change

    def _layer(self, name: str) -> int:
        row = self._db.execute("SELECT id FROM layers WHERE name = ?", [storable(name)]).fetchone()
        if row is None:
            raise UnknownLabelError(name)
        return int(row[0])

    def _refuse_layer(self, name: str) -> None:
        if self._db.execute("SELECT 1 FROM layers WHERE name = ?", [name]).fetchone():
            raise ProjectError(f"There is a layer {name} already. Choose another name.")

    # Labels

    def add_label(
        self, layer: str, name: str, *, color: str, key: str = "", definition: str = "", rule: str = ""
    ) -> Change:
        """Add a label at the end of a layer."""
        name, layer_id = checked_name(name), self._layer(layer)
        self._refuse_label(layer, name)
        values = [
            layer_id,
            name,
            checked_color(color),
            checked_key(key),
            checked_text(definition),
            checked_text(rule) or None,
        ]
        with self._project.act(f"added the label {name}") as act:
            self._db.execute(
                "INSERT INTO labels(layer, name, color, key, definition, rule, position) "
                "SELECT ?, ?, ?, ?, ?, ?, coalesce(max(position) + 1, 0) FROM labels WHERE layer = ?",
                [*values, layer_id],
            )
            self._codebook.raise_version()
        return act.change

    def edit_label(
        self,
        layer: str,
        label: str,
        *,
        name: str | None = None,
        color: str | None = None,
        key: str | None = None,
        definition: str | None = None,
        rule: str | None = None,
    ) -> Change:
        """Change what is given of a label; its annotations stay with it, under whatever name."""
        id_ = self._codebook.ids(layer, label)[1]
        stored = self._codebook.read().label(layer, label)
        wanted = {
            "name": None if name is None else checked_name(name),
            "color": None if color is None else checked_color(color),
            "key": None if key is None else checked_key(key),
            "definition": None if definition is None else checked_text(definition),
            "rule": None if rule is None else checked_text(rule),
        }
        changed = {k: v for k, v in wanted.items() if v is not None and v != getattr(stored, k)}
        if "name" in changed:
            if label in KEPT_LABELS.get(layer, ()):
                raise ProjectError(
                    f"{label} keeps its name: the program looks for it by that. Add one of your own instead."
                )
            self._refuse_label(layer, changed["name"])
        with self._project.act(_said("label", label, changed)) as act:
            if changed:
                former = self._codebook.former(layer, label)
                self._update("labels", id_, changed)
                self._codebook.raise_version()
                if "name" in changed:
                    self._codebook.set_former(id_, [label, *former])
                if not changed.keys().isdisjoint(_WORDING):
                    self._update("labels", id_, {"wording": self._codebook.version()})
        return act.change

    def move_label(self, layer: str, label: str, place: int) -> Change:
        """Put a label at a place (from 0) within its layer."""
        with self._project.act(f"moved the label {label}") as act:
            self._codebook.ids(layer, label)
            names = [item.name for item in self._codebook.read().layer(layer).labels]
            ids = [self._codebook.ids(layer, name)[1] for name in _moved(names, label, place)]
            self._reorder("labels", ids)
        return act.change

    def retire(self, layer: str, label: str, *, retired: bool = True) -> Change:
        """Offer a label no longer, or again; its annotations stay. Suggestions of it are forgotten.

        What is brought back, by undo too, is suggested again: see ``CodebookStore.suggesting_again``.
        """
        id_ = self._codebook.ids(layer, label)[1]
        words = f"retired the label {label}" if retired else f"brought the label {label} back"
        with self._project.act(words) as act:
            self._retire(id_, retired)
            if retired:
                self._project.suggestions.labels.withdraw([id_])
        return act.change

    def retire_in_steps(
        self, layer: str, label: str
    ) -> Generator[LabelProgress | SwapProgress, None, Change]:
        """Retire a label in steps; closing the generator brings it back, and suggestions are made again."""
        id_ = self._codebook.ids(layer, label)[1]
        act = self._project.long_act(f"retired the label {label}")

        def steps() -> Generator[LabelProgress, None, str]:
            with act.step():
                self._retire(id_, True)
            yield from forgetting(self._project, act, [id_])
            return f"retired the label {label}"

        return (yield from act.run(steps()))

    def _retire(self, label: int, retired: bool) -> None:
        query = "UPDATE labels SET retired = ? WHERE id = ? AND retired <> ?"
        if self._db.execute(query, [int(retired), label, int(retired)]).rowcount:
            self._codebook.raise_version()

    def merge(self, layer: str, label: str, into: str) -> Change:
        """Make a label one with another of its layer, which gets its annotations and fitting examples."""
        return self._codebook.delete_label(layer, label, move_to=into)

    def uses(self, layer: str, label: str) -> Uses:
        """Return how often a label is used, by all annotators together: up to :data:`COUNTED`."""
        id_ = self._codebook.ids(layer, label)[1]
        query = "SELECT count(*) FROM (SELECT 1 FROM {} WHERE label = ? LIMIT ?)"
        return Uses(
            *(
                self._db.execute(query.format(table), [id_, COUNTED]).fetchone()[0]
                for table in ("annotations", "rejections", "examples")
            )
        )

    def _refuse_label(self, layer: str, name: str) -> None:
        try:
            self._codebook.ids(layer, name)
        except KeyError:
            return
        raise ProjectError(f"There is a label {name} already. Choose another name, or merge the two.")

    def _update(self, table: str, id_: int, values: dict[str, Any]) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE {table} SET {names} WHERE id = ?", [*values.values(), id_])

    def _reorder(self, table: str, ids: list[int]) -> None:
        changed = 0
        for place, id_ in enumerate(ids):
            cursor = self._db.execute(
                f"UPDATE {table} SET position = ? WHERE id = ? AND position <> ?", [place, id_, place]
            )
            changed += cursor.rowcount
        if changed:
            self._codebook.raise_version()

    # Examples

    def examples(self, layer: str, label: str) -> list[Example]:
        """Return a label's examples, those that it fits first, in the order they were taken."""
        id_ = self._codebook.ids(layer, label)[1]
        return [
            Example(number, bool(fits), *rest)
            for number, fits, *rest in self._db.execute(
                'SELECT id, fits, quote, context, article, "start", "end" FROM examples '
                "WHERE label = ? ORDER BY fits DESC, id",
                [id_],
            )
        ]

    def add_example(
        self, layer: str, label: str, article: int, start: int, end: int, *, fits: bool
    ) -> Change:
        """Take words of an article as an example of what a label fits, or does not fit.

        The same words once more are no other example; what they say is then what is said now.
        """
        text = self._project.articles.text(article)
        if not 0 <= start < end <= len(text):
            raise ProjectError("These words are not in the article. Select the words for the example.")
        id_ = self._codebook.ids(layer, label)[1]
        quote = text[start:end]
        said = " ".join(quote.split())[:60]
        words = f"took “{said}” as an example of what {label} {'fits' if fits else 'does not fit'}"
        with self._project.act(words) as act:
            place = [id_, article, start, end]
            there = self._db.execute(
                'SELECT id, fits FROM examples WHERE label = ? AND article = ? AND "start" = ? AND "end" = ?',
                place,
            ).fetchone()
            if there is None:
                self.insert_example(
                    id_, Example(0, fits, quote, around(text, start, end), article, start, end)
                )
            elif bool(there[1]) != fits:
                self._update("examples", there[0], {"fits": int(fits)})
            if there is None or bool(there[1]) != fits:
                self._codebook.raise_version()
        return act.change

    def insert_example(self, label: int, example: Example) -> None:
        """Add an example to the label with this id, within the act that is going on."""
        e = example
        self._db.execute(
            'INSERT INTO examples(label, article, "start", "end", quote, context, fits) '
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [label, e.article, e.start, e.end, storable(e.quote), storable(e.context), int(e.fits)],
        )

    def remove_example(self, example: int) -> Change:
        """Take an example out of the codebook again."""
        with self._project.act("removed an example from the codebook") as act:
            if self._db.execute("DELETE FROM examples WHERE id = ?", [example]).rowcount:
                self._codebook.raise_version()
        return act.change


def around(text: str, start: int, end: int) -> str:
    """Return the words of ``text`` from ``start`` to ``end`` with some before and after, on one line."""
    before, after = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    while before and not text[before - 1].isspace() and before < start:
        before += 1  # not in the middle of a word
    while after < len(text) and not text[after].isspace() and after > end:
        after -= 1
    line = " ".join(text[before:after].split())
    return f"{'…' if before else ''}{line}{'…' if after < len(text) else ''}"


def _moved(names: list[str], name: str, place: int) -> list[str]:
    rest = [other for other in names if other != name]
    rest.insert(max(0, min(place, len(rest))), name)
    return rest


def _said(noun: str, name: str, changed: dict[str, str]) -> str:
    if list(changed) == ["name"]:
        return f"renamed the {noun} {name} {changed['name']}"
    parts = ["colour" if key == "color" else key for key in changed]
    return f"changed the {noun} {name}" + (f": {', '.join(parts)}" if parts else "")


def checked_name(name: str) -> str:
    """Return a name as it may be stored; raises ``ProjectError`` for none."""
    name = storable(" ".join(name.split()))
    if not name or all(unicodedata.category(c)[0] in "CZ" for c in name):
        raise ProjectError("A name is missing. Type one that can be seen.")
    return name


def checked_color(color: str) -> str:
    """Return a colour as it may be stored, in small letters; raises ``ProjectError``."""
    if not _COLOR.fullmatch(color):
        raise ProjectError(f"{storable(color)} is no colour. Give one as #rrggbb, for instance #0072b2.")
    return color.lower()


def checked_key(key: str) -> str:
    """Return a key as it may be stored ("": none); raises ``ProjectError``."""
    key = storable(key.strip())
    if len(key) > _LONGEST_KEY or "\n" in key:
        raise ProjectError("A label's key is one key: type W or Shift+W, for instance.")
    return key


def checked_text(text: str) -> str:
    """Return a definition or rule as it may be stored."""
    return storable(text.strip().replace("\r\n", "\n"))
