"""What importing a codebook would change in a project, and doing it as one act.

What the file does not have stays as it is: labels and examples are added and changed, never taken away.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.model import Change, Codebook, Label, Layer
from annotator.project.codebook import LabelProgress, forgetting
from annotator.project.codebook_editing import KEPT_LABELS, KEPT_LAYERS
from annotator.project.codebook_file import FileCodebook, FileLabel, FileLayer, as_example
from annotator.project.swapping import SwapProgress

if TYPE_CHECKING:
    from annotator.project.store import Project

_FIELDS = ("color", "key", "definition", "rule", "retired")


@dataclass(frozen=True, slots=True)
class CodebookChanges:
    """What an import would do, in words, a line each; ``missing`` is what the file lacks and stays."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)

    def summary(self) -> str:
        """Return all of it as text."""
        parts = []
        for head, lines in (
            ("Added:", self.added),
            ("Changed:", self.changed),
            ("Not in the file, stays as it is:", self.missing),
        ):
            if lines:
                parts.append("\n".join([head, *(f"  {line}" for line in lines)]))
        if not self:
            parts.insert(0, "Nothing changes: the project has all of this codebook.")
        return "\n".join(parts)


def preview(project: Project, codebook: FileCodebook, into: Codebook | None = None) -> CodebookChanges:
    """Return what importing ``codebook`` would change; nothing is written.

    ``into`` is what the project's own will be by then, where it will have become longer.
    """
    return _Import(project, codebook, write=False, into=into).go()


def import_codebook(project: Project, codebook: FileCodebook, name: str = "") -> Change:
    """Make a project's codebook what ``codebook`` says, as one act; ``name`` is that of the file."""
    with project.act(f"imported the codebook {name}".strip()) as act:
        if preview(project, codebook):
            project.suggestions.labels.withdraw(_write(project, codebook))
    return act.change


def import_codebook_in_steps(
    project: Project, codebook: FileCodebook, name: str = ""
) -> Generator[LabelProgress | SwapProgress, None, Change]:
    """Do what :func:`import_codebook` does, in steps; closing the generator takes everything back."""
    text = f"imported the codebook {name}".strip()
    act = project.long_act(text)

    def steps() -> Generator[LabelProgress, None, str]:
        retired = []
        with act.step():
            if preview(project, codebook):
                retired = _write(project, codebook)
        yield from forgetting(project, act, retired)
        return text

    return (yield from act.run(steps()))


def takes_steps(project: Project, codebook: FileCodebook) -> bool:
    """Tell whether an import retires labels with so many suggestions that it is to be done in steps."""
    going = _Import(project, codebook, write=False)
    going.go()
    return project.suggestions.labels.are_many(going.retired)


def _write(project: Project, codebook: FileCodebook) -> list[int]:
    """Make the codebook what ``codebook`` says; return the labels whose suggestions are to be deleted."""
    project.codebook.raise_version()
    going = _Import(project, codebook, write=True)
    going.go()
    return going.retired


def restore_codebook(project: Project, codebook: FileCodebook) -> None:
    """Make the codebook exactly what ``codebook`` says, within the act that is going on.

    For a project to which nothing came but what was labelled by it: what a label may be put on is what
    the file says, labels and layers that it does not have go where nothing uses them, and its version is this
    codebook's.
    """
    execute = project.db.execute
    going = _Import(project, codebook, write=True)
    going.go()
    for layer in codebook.layers:
        values = [layer.scope, int(layer.exclusive)]
        execute(
            "UPDATE layers SET scope = ?, exclusive = ? WHERE name = ? AND (scope <> ? OR exclusive <> ?)",
            [*values, layer.name, *values],
        )
    wanted = {(layer.name, label.name) for layer in codebook.layers for label in layer.labels}
    for old in project.codebook.read().layers:
        for label in old.labels:
            uses = project.codebook_editing.uses(old.name, label.name)
            if (old.name, label.name) not in wanted and not uses.annotations + uses.rejections:
                id_ = project.codebook.ids(old.name, label.name)[1]
                going.retired.append(id_)
                execute("DELETE FROM examples WHERE label = ?", [id_])
                execute("DELETE FROM labels WHERE id = ?", [id_])
        names = {layer.name for layer in codebook.layers}
        if old.name not in names | set(KEPT_LAYERS) and not project.codebook.read().layer(old.name).labels:
            (id_,) = execute("SELECT id FROM layers WHERE name = ?", [old.name]).fetchone()
            going.retired.append(-id_)
            execute("DELETE FROM layers WHERE id = ?", [id_])
    project.suggestions.labels.withdraw(going.retired)
    execute("UPDATE labels SET wording = NULL WHERE wording IS NOT NULL")
    for key, value in (
        ("blocs", None if codebook.blocs is None else json.dumps(codebook.blocs, ensure_ascii=False)),
        ("codebook_version", codebook.version),
    ):
        if value is not None:
            execute(
                "INSERT INTO settings(key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [key, value],
            )


class _Import:
    """Goes through a file's codebook; the preview and the act are one way, so that they cannot differ."""

    def __init__(
        self, project: Project, codebook: FileCodebook, *, write: bool, into: Codebook | None = None
    ) -> None:
        self._project = project
        self._into = into
        self._present = (into or project.codebook.read()).layers
        self._file = codebook
        self._write = write
        self._version = project.codebook.version()
        self.added: list[str] = []
        self.changed: list[str] = []
        self.missing: list[str] = []
        self.retired: list[int] = []  # labels that were offered

    def go(self) -> CodebookChanges:
        present = self._present
        layers = {layer.name: layer for layer in present}
        for place, layer in enumerate(self._file.layers):
            self._layer(layer, layers.get(layer.name), place)
        names = {layer.name for layer in self._file.layers}
        rest = [layer for layer in present if layer.name not in names]
        for place, old in enumerate(rest, len(names)):
            self.missing.append(f"layer {old.name}")
            self._do(
                "UPDATE layers SET position = ? WHERE name = ? AND position <> ?", place, old.name, place
            )
        if [old.name for old in present] != [
            *(layer.name for layer in self._file.layers if layer.name in layers),
            *(old.name for old in rest),
        ]:
            self.changed.append("the order of the layers")
        self._blocs()
        return CodebookChanges(tuple(self.added), tuple(self.changed), tuple(self.missing))

    def _do(self, sql: str, *values: Any) -> None:
        if self._write:
            self._project.db.execute(sql, list(values))

    def _blocs(self) -> None:
        blocs, before = self._file.blocs, self._project.codebook.blocs()
        new = [bloc for bloc in blocs or () if bloc not in before]
        if new:
            self.added += [f"bloc {bloc}" for bloc in new]
            self._do(
                "INSERT INTO settings(key, value) VALUES ('blocs', ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                json.dumps([*before, *new], ensure_ascii=False),
            )

    def _layer(self, layer: FileLayer, old: Layer | None, place: int) -> None:
        if old is None:
            self.added.append(f"layer {layer.name}")
            self._do(
                "INSERT INTO layers(name, scope, exclusive, definition, position) VALUES (?, ?, ?, ?, ?)",
                layer.name,
                layer.scope,
                int(layer.exclusive),
                layer.definition,
                place,
            )
        else:
            if layer.definition != old.definition:
                self.changed.append(f"layer {layer.name}: definition")
            # What a layer may be put on stays: annotations were made under it.
            self._do(
                "UPDATE layers SET definition = ?, position = ? "
                "WHERE name = ? AND (definition <> ? OR position <> ?)",
                *(layer.definition, place, layer.name, layer.definition, place),
            )
        labels = {label.name: label for label in old.labels} if old is not None else {}
        wanted = {label.name for label in layer.labels}
        matched: dict[str, str] = {}  # a label of the file -> what it is called here
        for label in layer.labels:
            name = self._called_here(layer.name, label, labels, wanted)
            if name is not None:
                matched[label.name] = name
        for number, label in enumerate(layer.labels):
            name = matched.get(label.name)
            self._label(layer.name, label, labels[name] if name is not None else None, number)
        rest = [name for name in labels if name not in matched.values()]
        for number, name in enumerate(rest, len(layer.labels)):
            self.missing.append(f"{layer.name} {name}")
            if self._write:
                self._place(self._project.codebook.ids(layer.name, name)[1], number)
        if list(labels) != [*(matched[label.name] for label in layer.labels if label.name in matched), *rest]:
            self.changed.append(f"the order of the labels of {layer.name}")

    @staticmethod
    def _called_here(layer: str, label: FileLabel, labels: dict[str, Label], wanted: set[str]) -> str | None:
        """Return what a label of the file is called here: its name, or the one that it had before."""
        if label.name in labels:
            return label.name
        before = [name for name in label.former if name in labels and name not in wanted]
        if set(before) & set(KEPT_LABELS.get(layer, ())):
            return None
        return before[0] if len(before) == 1 else None

    def _label(self, layer: str, label: FileLabel, old: Label | None, place: int) -> None:
        execute, store = self._project.db.execute, self._project.codebook
        id_: int | None = None
        if old is None:
            self.added.append(f"{layer} {label.name}")
            if self._write:
                id_ = execute(
                    "INSERT INTO labels(layer, name, color, key, definition, rule, retired, position) "
                    "SELECT id, ?, ?, ?, ?, ?, ?, ? FROM layers WHERE name = ?",
                    [
                        *(label.name, label.color, label.key, label.definition, label.rule or None),
                        *(int(label.retired), place, layer),
                    ],
                ).lastrowid
                assert id_ is not None
                store.set_former(id_, list(label.former))
        else:
            changed = [name for name in _FIELDS if getattr(label, name) != getattr(old, name)]
            if label.name != old.name:
                self.changed.append(f"{layer} {old.name}: is called {label.name}")
            if changed:
                words = ["colour" if name == "color" else name for name in changed]
                self.changed.append(f"{layer} {label.name}: {', '.join(words)}")
            if label.retired and not old.retired and self._into is None:
                self.retired.append(store.ids(layer, old.name)[1])
            if self._write:
                id_ = store.ids(layer, old.name)[1]
                self._update(id_, label, old, changed)
                self._place(id_, place)
        self._examples(layer, label, old, id_)

    def _update(self, id_: int, label: FileLabel, old: Label, changed: list[str]) -> None:
        execute, store = self._project.db.execute, self._project.codebook
        for name in changed:
            execute(f"UPDATE labels SET {name} = ? WHERE id = ?", [getattr(label, name), id_])
        former = store.former(old.layer, old.name)
        if label.name != old.name:
            execute("UPDATE labels SET name = ? WHERE id = ?", [label.name, id_])
            store.set_former(id_, [old.name, *label.former, *former])
        if label.name != old.name or {"definition", "rule"} & set(changed):
            execute("UPDATE labels SET wording = ? WHERE id = ?", [self._version, id_])

    def _place(self, label: int, place: int) -> None:
        self._do("UPDATE labels SET position = ? WHERE id = ? AND position <> ?", place, label, place)

    def _examples(self, layer: str, label: FileLabel, old: Label | None, id_: int | None) -> None:
        editing = self._project.codebook_editing
        there = set()
        if old is not None:
            name = label.name if self._write else old.name
            with suppress(KeyError):  # one that the project has only by then
                there = {(e.quote, e.context, e.fits) for e in editing.examples(layer, name)}
        new = [e for e in label.examples if (e.quote, e.context, e.fits) not in there]
        if new:
            self.added.append(f"{layer} {label.name}: {len(new)} example{'s' if len(new) > 1 else ''}")
        if id_ is not None:
            for example in new:
                editing.insert_example(id_, as_example(self._project, example))
