"""What we write is as QDA-XML 1.0 (REFI, 2019) demands; its rules are written down here from the standard.

They know only the elements that we write, and are as strict as ``Project.xsd`` there. The schema itself is
not part of this repository; where it lies beside it, it is asked, too, and has to agree.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lxml import etree

from annotator.formats import export, registry
from annotator.project import Project, create_project

SCHEMA = Path(__file__).parents[3] / "shared" / "samples" / "refi-qda" / "Project.xsd"

NAMESPACE = "{urn:QDA-XML:project:1.0}"
_HEX = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_GUID = rf"{_HEX}|\{{{_HEX}\}}"
_WHEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
_TEXT, _NUMBER, _COLOR = r"[\s\S]*", r"[+-]?\d+", "#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})"
_MADE = {"creatingUser": _GUID, "creationDateTime": _WHEN}
_REFERENCE = ("", {"targetGUID!": _GUID})
_WORDS = ("", {})

# Of each element: its children in order, each with a space behind it; its attributes ("!": it must be there).
_RULES: dict[str, tuple[str, dict[str, str]]] = {
    "Project": (
        "(Users )?(CodeBook )?(Variables )?(Sources )?(Notes )?(Description )?(NoteRef )*",
        {"name!": _TEXT, "origin": _TEXT, "creatingUserGUID": _GUID, "creationDateTime": _WHEN},
    ),
    "Users": ("(User )+", {}),
    "User": ("", {"guid!": _GUID, "name": _TEXT, "id": _TEXT}),
    "CodeBook": ("Codes ", {}),
    "Codes": ("(Code )+", {}),
    "Code": (
        "(Description )?(NoteRef )*(Code )*",
        {"guid!": _GUID, "name!": _TEXT, "isCodable!": "true|false|0|1", "color": _COLOR},
    ),
    "Variables": ("(Variable )+", {}),
    "Variable": (
        "(Description )?",
        {
            "guid!": _GUID,
            "name!": _TEXT,
            "typeOfVariable!": "Text|Boolean|Integer|Float|Date|DateTime",
        },
    ),
    "Sources": ("(TextSource )+", {}),
    "TextSource": (
        "(Description )?(PlainTextContent )?(PlainTextSelection )*(Coding )*(NoteRef )*(VariableValue )*",
        {"guid!": _GUID, "name": _TEXT, "plainTextPath": _TEXT, **_MADE},
    ),
    "PlainTextSelection": (
        "(Description )?(Coding )*(NoteRef )*",
        {"guid!": _GUID, "name": _TEXT, "startPosition!": _NUMBER, "endPosition!": _NUMBER, **_MADE},
    ),
    "Coding": ("CodeRef (NoteRef )*", {"guid!": _GUID, **_MADE}),
    "VariableValue": ("VariableRef (TextValue )?", {}),
    "Notes": ("(Note )+", {}),
    "CodeRef": _REFERENCE,
    "NoteRef": _REFERENCE,
    "VariableRef": _REFERENCE,
    "Description": _WORDS,
    "PlainTextContent": _WORDS,
    "TextValue": _WORDS,
}
_RULES["Note"] = _RULES["TextSource"]
_WITH_WORDS = {"Description", "PlainTextContent", "TextValue"}


def broken(project: bytes) -> list[str]:
    """Return in a line each what of a ``project.qde`` is against the rules."""
    root = ElementTree.fromstring(project)
    found = [] if root.tag == f"{NAMESPACE}Project" else [f"the root is {root.tag}"]
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if name not in _RULES:
            found.append(f"{name} is not known here")
            continue
        children, attributes = _RULES[name]
        inside = "".join(child.tag.removeprefix(NAMESPACE) + " " for child in element)
        if not re.fullmatch(children, inside):
            found.append(f"{name} has {inside!r}")
        words = [element.text or "", *(child.tail or "" for child in element)]
        if name not in _WITH_WORDS and "".join(words).strip():
            found.append(f"{name} has words")
        values = dict(element.items())
        for key, pattern in attributes.items():
            value = values.pop(key.rstrip("!"), None)
            if value is None and key.endswith("!"):
                found.append(f"{name} lacks {key.rstrip('!')}")
            elif value is not None and not re.fullmatch(pattern, value):
                found.append(f"{name} has {key.rstrip('!')}={value!r}")
        found += [f"{name} has the attribute {key}" for key in values]
    return found


def written(project: Project, path: Path) -> bytes:
    steps: Generator[Any, None, Any] = export(project, path, registry.named("refi-qda"))
    for _ in steps:
        pass
    with zipfile.ZipFile(path) as file:
        return file.read("project.qde")


def valid(project: bytes) -> bool:
    """Ask the schema where it is at hand."""
    return not SCHEMA.is_file() or bool(
        etree.XMLSchema(etree.parse(SCHEMA)).validate(etree.fromstring(project))
    )


def test_what_we_write_is_as_the_standard_demands(rich: Project, tmp_path: Path) -> None:
    project = written(rich, tmp_path / "out.qdpx")
    assert project.count(b"<PlainTextSelection") == 3
    assert broken(project) == []
    assert valid(project)


def test_so_is_an_empty_project(tmp_path: Path) -> None:
    with create_project(tmp_path / "empty.annot", annotator="anna") as empty:
        project = written(empty, tmp_path / "out.qdpx")
    assert broken(project) == []
    assert valid(project)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (b"<Users>", b"<Variables/><Users>", "Project has"),
        (b' isCodable="true"', b"", "Code lacks isCodable"),
        (b' isCodable="true"', b' isCodable="yes"', "Code has isCodable='yes'"),
        (b' startPosition="', b' startPosition="a', "PlainTextSelection has startPosition='a"),
        (b'<CodeRef targetGUID="', b'<CodeRef targetGUID="x', "CodeRef has targetGUID='x"),
        (b"<CodeBook>", b'<CodeBook mine="1">', "CodeBook has the attribute mine"),
        (b"</Users>", b"words</Users>", "Users has words"),
    ],
)
def test_these_rules_and_the_schema_refuse_the_same(
    right: bytes, wrong: bytes, said: str, rich: Project, tmp_path: Path
) -> None:
    project = written(rich, tmp_path / "out.qdpx").replace(right, wrong, 1)
    assert any(each.startswith(said) for each in broken(project))
    assert not SCHEMA.is_file() or not valid(project)
