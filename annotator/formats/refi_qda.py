"""REFI-QDA projects (``.qdpx``), which MAXQDA, ATLAS.ti, NVivo, QualCoder and others exchange.

After the schema Project.xsd of QDA-XML 1.0. It does not say what positions count: the standard's readers
count characters, and tools differ where a text has emoji or Windows' line ends. So it is found out from the
names of the selections, which begin with their words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from annotator.dates import from_words
from annotator.formats.foreign import SOMEBODY, Label, Unit, foreign_record
from annotator.formats.item import Item
from annotator.formats.qda_archive import Archive
from annotator.formats.qda_names import BETWEEN, META, METADATA, ORIGIN, detailed, moment, own_guid
from annotator.formats.refi_qda_writer import Writer
from annotator.formats.registry import Format
from annotator.formats.repair import MisfitError, raw_ruler
from annotator.formats.txt import guess_title
from annotator.model import STATUSES, ArticleRecord, Progress
from annotator.text import LARGEST_TEXT, normalise, too_long

_CODES = "code"  # the layer of codes without a tree where an article has several
_OTHER_SOURCES = {
    "PictureSource": "pictures",
    "PDFSource": "PDF files",
    "AudioSource": "sound recordings",
    "VideoSource": "videos",
}
_OTHERS = {"Cases": "cases", "Sets": "sets", "Links": "links", "Graphs": "graphs"}
_CUT = ("…", "...")
_WHO = ("actor", "holder", "target")


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the texts of a project, for each annotator what they coded; raises ``InputFileError``.

    The file is read twice: notes stand behind the sources that they belong to.
    """
    with Archive(path) as archive:
        project = _Project()
        for group, element in archive.elements():
            project.learn(group, element)
        if not project.texts:
            raise archive.wrong(
                f"holds no texts{project.instead()}. Annotator reads texts alone: leave it out"
            )
        lost = tuple(project.lost().elements())
        for group, element in archive.elements():
            if group == "Sources" and element.tag == "TextSource":
                for item in _Source(archive, path, project, element).items():
                    yield replace(item, lost=item.lost + lost)
                    lost = ()


@dataclass
class _Note:
    words: str
    person: str
    about: dict[str, Any]


@dataclass
class _Project:
    """What the sources refer to."""

    people: dict[str, str] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # layer ("": not said), label
    variables: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Element] = field(default_factory=dict)
    texts: int = 0
    ours: bool = False  # written by this program: positions count code points
    several: bool = False  # an article has several codes without a tree
    others: Counter[str] = field(default_factory=Counter)
    _described: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)
    _noted: set[str] = field(default_factory=set)

    def learn(self, group: str, element: Element) -> None:
        """Note what a part of the project says."""
        guid = _guid(element.get("guid"))
        if not group:
            self.ours = element.get("origin", "").startswith(ORIGIN)
        elif group == "Users":
            self.people[guid] = (element.get("name") or element.get("id") or SOMEBODY).strip()
        elif group == "Codes":
            self._add_code(element, ())
        elif group == "Variables":
            self.variables[guid] = element.get("name") or guid
        elif group == "Notes":
            self.notes[guid] = element
        elif group in _OTHERS:
            self.others[_OTHERS[group]] += 1
        elif element.tag == "TextSource":
            self.texts += 1
            self._used.update(_target(each) for each in element.iter("CodeRef"))
            self._noted.update(_target(each) for each in element.iter("NoteRef"))
            whole = [self.codes.get(_target(each)) for each in element.findall("Coding/CodeRef")]
            flat = {code for code in whole if code is not None and not code[0]}
            self.several = self.several or len(flat) > 1
        elif group == "Sources":
            kind = _OTHER_SOURCES.get(element.tag, "other sources")
            self.others[kind] += 1
            self.others["codings of other sources than texts"] += sum(1 for _ in element.iter("Coding"))

    def _add_code(self, element: Element, above: tuple[str, ...]) -> None:
        """Note a code: one that others stand under is a layer, they are its labels."""
        names = (*above, element.get("name") or "unnamed")
        guid, below = _guid(element.get("guid")), element.findall("Code")
        if above:
            self.codes[guid] = names[0], BETWEEN.join(names[1:])
        else:
            self.codes[guid] = (names[0] if below else ""), names[0]
        if element.get("color") or (element.findtext("Description") or "").strip():
            self._described.add(guid)
        for each in below:
            self._add_code(each, names)

    def instead(self) -> str:
        """Return what other sources there are, in words."""
        found = [f"{n} {kind}" for kind, n in self.others.items() if kind in _OTHER_SOURCES.values()]
        return f", but {', '.join(found)}" if found else ""

    def lost(self) -> Counter[str]:
        """Return what has no place in a project of ours, and how often it is there."""
        lost = +self.others
        lost["codes that no text is coded with"] = len(self.codes.keys() - self._used)
        lost["colours and descriptions of codes"] = len(self._described & self._used)
        lost["notes on other things than texts"] = len(self.notes.keys() - self._noted)
        return +lost


class _Source:
    """One text with what was coded in it."""

    def __init__(self, archive: Archive, path: Path, project: _Project, element: Element) -> None:
        self._archive, self._project, self._element = archive, project, element
        self._file = path.name
        self._name = (element.get("name") or "").strip()
        self._lost: Counter[str] = Counter()
        self._codings: dict[str, list[Label]] = {}  # by annotator

    def items(self) -> Iterator[Item]:
        """Yield a record for each annotator; one without where there is none."""
        raw = self._text(self._element, self._name)
        if not raw.strip():
            raise self._archive.wrong(f"holds an empty text, “{self._name}”. Take it out of the project")
        if len(raw) > LARGEST_TEXT:
            raise self._archive.wrong(f"holds a text, “{self._name}”, that {too_long(len(raw))}")
        selections = []
        for selection in self._element.findall("PlainTextSelection"):
            start, end = self._place(selection)
            if selection.find("Coding") is None:
                self._lost["selections without a code"] += 1
            elif start == end:
                self._lost["selections without words"] += 1
            else:
                selections.append((start, end, selection))
        text, unit = _counted(raw, [] if self._project.ours else selections)
        for start, end, selection in selections:
            for coding in selection.findall("Coding"):
                self._add(coding, selection, start, end)
        for coding in self._element.findall("Coding"):
            self._add(coding, None, None, None)
        notes = [self._note(_target(each)) for each in self._element.findall("NoteRef")]
        people: list[str | None] = [*dict.fromkeys([*self._codings, *(note.person for note in notes)])]
        lost = tuple(self._lost.elements())
        for person in people or [None]:
            record = self._record(text, unit, person, [note for note in notes if note.person == person])
            yield Item(record, lost=lost)
            lost = ()

    def _text(self, element: Element, name: str) -> str:
        address = element.get("plainTextPath")
        if address:
            return self._archive.text(address, name)
        content = element.findtext("PlainTextContent")
        if content is None:
            raise self._archive.wrong(
                f"holds “{name}” without its plain text. Export it again with plain texts"
            )
        return content

    def _place(self, selection: Element) -> tuple[int, int]:
        try:
            return int(selection.get("startPosition", "")), int(selection.get("endPosition", ""))
        except ValueError:
            raise self._archive.wrong(
                f"has a selection in “{self._name}” without a place. Export it again"
            ) from None

    def _add(self, coding: Element, selection: Element | None, start: int | None, end: int | None) -> None:
        reference = coding.find("CodeRef")
        code = self._project.codes.get(_target(reference)) if reference is not None else None
        if code is None:
            self._lost["codings with an unknown code"] += 1
            return
        layer, label = code
        if start is None and not layer and self._project.several:
            layer = _CODES
        more: dict[str, Any] = {}
        if len(coding) > 1 or (selection is not None and len(selection) > 1):
            more = self._more(coding, selection)
        found = Label(
            label, start, end, layer,
            when=_moment(coding.get("creationDateTime")), uuid=_guid(coding.get("guid")), **more,
        )  # fmt: skip
        self._codings.setdefault(self._person(coding, selection), []).append(found)

    def _more(self, coding: Element, selection: Element | None) -> dict[str, Any]:
        """Return what notes and descriptions say of a coding, for its label."""
        notes = [self._note(_target(each)) for each in coding.findall("NoteRef")]
        about: dict[str, Any] = {}
        words = []
        if selection is not None:
            notes += [self._note(_target(each)) for each in selection.findall("NoteRef")]
            words.append((selection.findtext("Description") or "").strip())
        for note in notes:
            about |= note.about
            words.append(note.words)
        certainty = about.get("certainty")
        return {
            **{name: v for name in _WHO if isinstance(v := about.get(name), str)},
            "certainty": certainty if type(certainty) is int and certainty in (1, 2, 3) else None,
            "note": "\n\n".join(each for each in words if each),
        }

    def _person(self, *elements: Element | None) -> str:
        for element in elements:
            guid = element.get("creatingUser") if element is not None else None
            if guid is not None:
                return self._project.people.get(_known_guid(guid), SOMEBODY)
        return SOMEBODY

    def _note(self, guid: str) -> _Note:
        element = self._project.notes.get(guid)
        if element is None:
            self._lost["notes that are not in the file"] += 1
            return _Note("", SOMEBODY, {})
        description = (element.findtext("Description") or "").strip()
        about = detailed(description) if description else {}
        has_text = element.get("plainTextPath") or element.find("PlainTextContent") is not None
        words = self._text(element, "a note") if has_text else ""
        if about is None:
            words = "\n\n".join(each for each in (description, words) if each)
        return _Note(normalise(words), self._person(element), about or {})

    def _record(self, text: str, unit: Unit, person: str | None, notes: list[_Note]) -> ArticleRecord:
        codings = self._codings.get(person or SOMEBODY, []) if person is not None else []
        metadata, meta = self._metadata()
        clean = normalise(text)
        try:
            record = foreign_record(
                text,
                codings,
                title=self._name or guess_title(clean, ""),
                annotator=person,
                units=(unit,),
                meta=meta,
                uuid=_guid(self._element.get("guid")) or None,
                source=metadata.get("source"),
                url=metadata.get("url"),
                author=metadata.get("author"),
                published=metadata.get("published"),
                language=metadata.get("language"),
            )
        except MisfitError as error:
            raise self._archive.wrong(
                f"does not fit its text “{self._name}”: {error}. Export it again"
            ) from error
        progress = record.progress
        if person is not None:
            about: dict[str, Any] = {}
            for note in notes:
                about |= note.about
            status = about.get("status")
            progress = Progress(
                status if status in STATUSES else "done" if codings else "todo",
                about.get("flagged") is True,
                "\n\n".join(note.words for note in notes if note.words),
            )
        return replace(record, annotator=person, progress=progress)

    def _metadata(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the metadata that have a name of ours, and the others."""
        ours = {name.casefold(): key for key, name in METADATA.items()}
        known: dict[str, str] = {}
        meta: dict[str, Any] = {"file": self._file}
        if description := (self._element.findtext("Description") or "").strip():
            meta["description"] = description
        for each in self._element.findall("VariableValue"):
            reference = each.find("VariableRef")
            name = self._project.variables.get(_target(reference)) if reference is not None else None
            value = next((child.text for child in each if child.tag != "VariableRef"), None)
            if name is None or not value:
                continue
            if name == META:
                try:
                    meta = dict(json.loads(value))
                except (ValueError, TypeError, RecursionError):
                    meta[name] = value
            elif (key := ours.get(name.casefold())) is not None:
                known[key] = value
                if key == "published" and not self._project.ours:
                    known[key], is_all = from_words(" ".join(value.split()))
                    if not is_all:
                        meta[name] = value
            else:
                meta[name] = value
        return known, meta


def _counted(raw: str, selections: list[tuple[int, int, Element]]) -> tuple[str, Unit]:
    """Return the text and unit that positions count in: in which most selections begin with their names.

    Code points of the text as it came where that says nothing.
    """
    clean = normalise(raw)
    ways: list[tuple[str, Unit]] = [(raw, "code points")]
    if clean != raw:
        ways.append((clean, "code points"))
    if not raw.isascii() and max(raw) > "\uffff":
        ways += [(text, "UTF-16 units") for text, _ in ways]
    if len(ways) == 1 or not selections:
        return ways[0]
    votes: list[int] = []
    for text, unit in ways:
        ruler = raw_ruler(text, unit)
        fits = 0
        for start, end, selection in selections:
            place = ruler.stretch(start, end)
            fits += place is not None and _named(selection.get("name"), clean[place[0] : place[1]])
        if fits == len(selections):
            return text, unit
        votes.append(fits)
    return ways[votes.index(max(votes))]


def _named(name: str | None, words: str) -> bool:
    """Tell whether a selection's name is its words, or how they begin."""
    name, words = " ".join((name or "").split()), " ".join(words.split())
    for end in _CUT:
        if name.endswith(end) and len(name) > len(end):
            return words == name or words.startswith(name.removesuffix(end).rstrip())
    return bool(name) and words == name


def _guid(text: str | None) -> str:
    """Return a GUID in one spelling: small letters, no braces."""
    return own_guid(text.strip()) if text else ""


def _target(reference: Element) -> str:
    return _known_guid(reference.get("targetGUID"))


# Of few things that are named again and again.
_known_guid = lru_cache(1_000)(_guid)
_moment = lru_cache(1_000)(moment)


FORMAT = Format(
    "refi-qda",
    "REFI-QDA project",
    (".qdpx",),
    read,
    lambda path, head: head.startswith(b"PK"),
    exports=True,
    writer=Writer,
    cannot_hold=(
        "rejections and suggestions",
        "how an annotation came to be",
        "layers' rules",
        "actors' kinds, blocs and other names",
    ),
)
