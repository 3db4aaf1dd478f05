"""Codebooks as files that people read: TOML, in the shape of ``resources/codebook.toml``.

Beside what that has, a label may have a ``rule``, ``retired = true``, its ``former`` names and
``[[layer.label.example]]`` with ``quote``, ``fits`` and, where known, ``context``, ``article`` (the
article's uuid), ``start`` and ``end``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from annotator.model import Example, InputFileError, ProjectError, Scope, StorageError
from annotator.project.codebook_editing import checked_color, checked_key, checked_name, checked_text
from annotator.project.leftovers import write_whole

if TYPE_CHECKING:
    from annotator.project.store import Project

LARGEST = 5_000_000  # bytes; a codebook of a thousand labels with examples has less than one
_SCOPES = ("article", "span", "both")
_HEAD = """# A codebook of Annotator: layers are kinds of annotation, labels the values in them.
# It may be edited with any text editor, and imported into any project.
"""


@dataclass(frozen=True, slots=True)
class FileExample:
    """An example of a file; ``article`` is the uuid of the article that it was taken from."""

    quote: str
    fits: bool
    context: str = ""
    article: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class FileLabel:
    """A label of a file."""

    name: str
    color: str
    key: str
    definition: str
    rule: str
    retired: bool
    former: tuple[str, ...]
    examples: tuple[FileExample, ...]


@dataclass(frozen=True, slots=True)
class FileLayer:
    """A layer of a file."""

    name: str
    scope: Scope
    exclusive: bool
    definition: str
    labels: tuple[FileLabel, ...]


@dataclass(frozen=True, slots=True)
class FileCodebook:
    """A codebook as a file has it; ``blocs`` and ``version`` are None where it says nothing of them."""

    layers: tuple[FileLayer, ...]
    blocs: tuple[str, ...] | None = field(default=None)
    version: int | None = field(default=None, compare=False)


# Writing


def codebook_of(project: Project) -> FileCodebook:
    """Return a project's codebook as a file would have it."""
    uuids = dict(
        project.db.execute(
            "SELECT id, uuid FROM articles WHERE id IN (SELECT article FROM examples)"
        ).fetchall()
    )

    def examples(layer: str, label: str) -> Iterator[FileExample]:
        for e in project.codebook_editing.examples(layer, label):
            uuid = uuids.get(e.article) if e.article is not None else None
            yield FileExample(e.quote, e.fits, e.context, uuid, e.start, e.end)

    return FileCodebook(
        tuple(
            FileLayer(
                layer.name,
                layer.scope,
                layer.exclusive,
                layer.definition,
                tuple(
                    FileLabel(
                        label.name,
                        label.color,
                        label.key,
                        label.definition,
                        label.rule,
                        label.retired,
                        tuple(project.codebook.former(layer.name, label.name)),
                        tuple(examples(layer.name, label.name)),
                    )
                    for label in layer.labels
                ),
            )
            for layer in project.codebook.read().layers
        ),
        tuple(project.codebook.blocs()),
    )


def to_toml(codebook: FileCodebook, version: int) -> str:
    """Return a codebook as TOML."""
    lines = [_HEAD, f"version = {version}"]
    if codebook.blocs is not None:
        lines.append(f"blocs = {_value(list(codebook.blocs))}")
    for layer in codebook.layers:
        lines += ["", "[[layer]]"]
        lines += [f"{key} = {_value(getattr(layer, key))}" for key in _LAYER]
        for label in layer.labels:
            lines += ["", "[[layer.label]]"]
            lines += [f"{key} = {_value(getattr(label, key))}" for key in ("name", "key", "color")]
            for key in ("definition", "rule", "retired", "former"):
                if (value := getattr(label, key)) or key == "definition":
                    lines.append(f"{key} = {_value(list(value) if key == 'former' else value)}")
            for example in label.examples:
                lines += ["", "[[layer.label.example]]"]
                for key in ("fits", "quote", "context", "article", "start", "end"):
                    if (value := getattr(example, key)) is not None and value != "":
                        lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


_LAYER = ("name", "scope", "exclusive", "definition")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    quoted = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if "\n" not in value:
        return quoted
    # Over several lines, as people write a rule.
    body = re.sub(r"(?<!\\)((?:\\\\)*)\\n", "\\1\n", quoted[1:-1])
    if '""' not in value and not value.endswith('"'):
        body = body.replace('\\"', '"')  # three never meet
    return f'"""\n{body}"""'


def export_codebook(project: Project, path: Path) -> None:
    """Write a project's codebook to a file: all of it, or the file stays as it was."""
    if path.exists() and path.samefile(project.path):
        raise StorageError(f"{path.name} is the project itself. Choose another name for the codebook.")
    text = to_toml(codebook_of(project), project.codebook.version())
    try:
        write_whole(path, text.encode())
    except OSError as error:
        why = error.strerror or error
        raise StorageError(f"{path.name} cannot be written ({why}). Choose another folder.") from error


# Reading


def read_codebook(path: Path) -> FileCodebook:
    """Return the codebook in a file; raises ``InputFileError`` with what is wrong in it."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise InputFileError(
            path, f"cannot be read ({error.strerror or error}); choose another file"
        ) from error
    if size > LARGEST:
        raise InputFileError(path, "is too large for a codebook; choose another file")
    try:
        found = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
        return _codebook(found)
    except UnicodeDecodeError as error:
        raise InputFileError(
            path, "is not UTF-8 text, as a codebook is; save it as such, or choose another file"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputFileError(path, f"is no TOML file: {error}; mend that place") from error
    except (ValueError, ProjectError) as error:
        raise InputFileError(path, f"is no codebook: {error}; mend that") from error


def _codebook(found: dict[str, Any]) -> FileCodebook:
    blocs = found.get("blocs")
    if blocs is not None and not (isinstance(blocs, list) and all(isinstance(b, str) for b in blocs)):
        raise ValueError("blocs is not a list of words")
    layers = tuple(_layer(layer) for layer in _tables(found, "layer", "the file"))
    if not layers:
        raise ValueError("it has no [[layer]]")
    _refuse_twice([layer.name for layer in layers], "layer")
    version = found.get("version")
    return FileCodebook(
        layers,
        None if blocs is None else tuple(checked_name(b) for b in blocs),
        version if type(version) is int and 0 < version < 2**31 else None,
    )


def _layer(found: dict[str, Any]) -> FileLayer:
    name = checked_name(_get(found, "name", str, "a layer"))
    where = f"the layer {name}"
    scope = _get(found, "scope", str, where, "both")
    if scope not in _SCOPES:
        raise ValueError(f"the scope of {where} is not article, span or both")
    labels = tuple(_label(label) for label in _tables(found, "label", where))
    _refuse_twice([label.name for label in labels], f"label of {name}")
    exclusive = _get(found, "exclusive", bool, where, False)
    definition = checked_text(_get(found, "definition", str, where, ""))
    return FileLayer(name, cast(Scope, scope), exclusive, definition, labels)


def _label(found: dict[str, Any]) -> FileLabel:
    name = checked_name(_get(found, "name", str, "a label"))
    where = f"the label {name}"
    former = _get(found, "former", list, where, [])
    if not all(isinstance(one, str) for one in former):
        raise ValueError(f"former of {where} is not a list of names")
    return FileLabel(
        name,
        checked_color(_get(found, "color", str, where, "#7a7a7a")),
        checked_key(_get(found, "key", str, where, "")),
        checked_text(_get(found, "definition", str, where, "")),
        checked_text(_get(found, "rule", str, where, "")),
        _get(found, "retired", bool, where, False),
        tuple(former),
        tuple(_example(example, where) for example in _tables(found, "example", where)),
    )


def _example(found: dict[str, Any], where: str) -> FileExample:
    where = f"an example of {where}"
    place = [_get(found, key, int, where, None) for key in ("start", "end")]
    return FileExample(
        _get(found, "quote", str, where),
        _get(found, "fits", bool, where),
        _get(found, "context", str, where, ""),
        _get(found, "article", str, where, None),
        *place,
    )


_NEEDED = object()
_WORDS = {str: "words in quotes", bool: "true or false", int: "a whole number", list: "a list"}


def _get(found: dict[str, Any], key: str, kind: type, where: str, default: Any = _NEEDED) -> Any:
    value = found.get(key, default)
    if value is _NEEDED:
        raise ValueError(f"{where} has no {key}")
    if value is not default and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise ValueError(f"{key} of {where} is not {_WORDS[kind]}")
    return value


def _tables(found: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = found.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError(f"{key} in {where} is not written as [[…{key}]]")
    return value


def _refuse_twice(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the {what} {name} is there twice")


def as_example(project: Project, example: FileExample) -> Example:
    """Return a file's example with its place, where the project has the article and the words stand there."""
    if example.article is not None and example.start is not None and example.end is not None:
        row = project.db.execute("SELECT id FROM articles WHERE uuid = ?", [example.article]).fetchone()
        if row is not None and 0 <= example.start < example.end:
            text = project.articles.text(row[0])
            if text[example.start : example.end] == example.quote:
                place = (row[0], example.start, example.end)
                return Example(0, example.fits, example.quote, example.context, *place)
    return Example(0, example.fits, example.quote, example.context)
