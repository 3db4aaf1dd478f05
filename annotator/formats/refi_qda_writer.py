"""Writing REFI-QDA projects: valid against QDA-XML 1.0, the same GUIDs each time."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from annotator import __version__
from annotator.formats.left_out import not_held
from annotator.formats.qda_archive import INTERNAL, NAMESPACE
from annotator.formats.qda_names import META, METADATA, ORIGIN, beside, details, guid, moment, own_guid
from annotator.model import Annotation, ArticleRecord, Codebook

_CANNOT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What XML has to escape or cannot hold; without it, words stand as they are.
_SPECIAL = re.compile("[^ !#-%'-;=?-~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_NAME = 100
_IN_MEMORY = 8_000_000  # bytes of the XML; what is longer waits in a file
_COLOR = re.compile("#[0-9A-Fa-f]{6}")


class Writer:
    """Writes the texts as they come, and the XML when all are there: who coded is known only then."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._name = path.stem
        self._codebook = codebook
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._sources, self._notes = (_waiting() for _ in range(2))
        self._records: list[ArticleRecord] = []  # of the article at hand
        self._people: dict[str, str] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._extra: list[tuple[str, str]] = []  # labels that the codebook does not have
        self._counts: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Take one annotator's decisions on an article, written when the next article comes."""
        if self._records and self._records[0].article.uuid != record.article.uuid:
            self._write_source()
        self._records.append(record)
        self._lost["rejections"] += len(record.rejections)

    def close(self) -> Sequence[str]:
        """Write the XML; return what REFI-QDA has no place for."""
        try:
            if self._records:
                self._write_source()
            with self._zip.open("project.qde", "w", force_zip64=True) as file:
                self._write_project(file)
        finally:
            self._zip.close()
            self._sources.close()
            self._notes.close()
        return not_held("this file", self._lost)

    def _write_source(self) -> None:
        article, id_ = self._records[0].article, own_guid(self._records[0].article.uuid or "")
        self._zip.writestr(f"sources/{id_}.txt", article.text)
        spans, whole, notes = [], [], []
        for record in self._records:
            person = self._person(record.annotator) if record.annotator else None
            progress = record.progress
            # Who coded something is done where nothing is said; who coded nothing is known by a note alone.
            unsaid = progress.status == "done" and record.annotations
            about = details({"status": None if unsaid else progress.status, "flagged": progress.flagged})
            if record.annotator and (about or progress.note):
                notes.append(self._note(guid("note", id_, record.annotator), progress.note, about, person))
            for a in record.annotations:
                if a.start is None:
                    whole.append(self._coding(a, person, own_guid(a.uuid), _made(person, a.created_at)))
                else:
                    spans.append(self._selection(a, person))
        values = [
            (variable, value)
            for name, variable in METADATA.items()
            if (value := getattr(article, name)) is not None
        ]
        values.append((META, json.dumps(dict(article.meta), ensure_ascii=False)))
        write = self._sources.write
        title = self._words(article.title)
        write(f'<TextSource guid="{id_}" name={title} plainTextPath="{INTERNAL}{id_}.txt">\n')
        self._sources.writelines([*spans, *whole])
        self._sources.writelines(f'<NoteRef targetGUID="{note}"/>\n' for note in notes)
        for variable, value in values:
            write(
                f'<VariableValue><VariableRef targetGUID="{guid("variable", variable)}"/>'
                f"<TextValue>{self._content(value)}</TextValue></VariableValue>\n"
            )
        write("</TextSource>\n")
        self._counts["sources"] += 1
        self._records.clear()

    def _person(self, name: str) -> str:
        return self._people.setdefault(name, guid("user", name))

    def _selection(self, a: Annotation, person: str | None) -> str:
        quote = a.quote or ""
        name = quote if len(quote) <= _LONGEST_NAME else quote[: _LONGEST_NAME - 1] + "…"
        id_, made = own_guid(a.uuid), _made(person, a.created_at)
        return (
            f'<PlainTextSelection guid="{beside(id_)}" name={self._words(name)} '
            f'startPosition="{a.start}" endPosition="{a.end}"{made}>\n'
            f"{self._coding(a, person, id_, made)}</PlainTextSelection>\n"
        )

    def _coding(self, a: Annotation, person: str | None, id_: str, made: str) -> str:
        code = self._codes.get((a.layer, a.label))
        if code is None:
            code = self._codes[a.layer, a.label] = guid("code", a.layer, a.label)
            try:
                self._codebook.label(a.layer, a.label)
            except KeyError:
                self._extra.append((a.layer, a.label))
        reference = ""
        if a.note or a.actor or a.certainty is not None or a.holder or a.target:
            about = details({name: getattr(a, name) for name in ("certainty", "actor", "holder", "target")})
            note = self._note(guid("note", a.uuid), a.note, about, person)
            reference = f'<NoteRef targetGUID="{note}"/>'
        return f'<Coding guid="{id_}"{made}><CodeRef targetGUID="{code}"/>{reference}</Coding>\n'

    def _note(self, id_: str, words: str, about: str, person: str | None) -> str:
        description = f"<Description>{self._content(about)}</Description>" if about else ""
        self._notes.write(
            f'<Note guid="{id_}"{_made(person)}>{description}'
            f"<PlainTextContent>{self._content(words)}</PlainTextContent></Note>\n"
        )
        self._counts["notes"] += 1
        return id_

    def _write_project(self, file: IO[bytes]) -> None:
        def write(words: str) -> None:
            file.write(words.encode())

        when = moment(datetime.now(UTC).isoformat())
        write('<?xml version="1.0" encoding="utf-8"?>\n')
        write(
            f'<Project xmlns="{NAMESPACE}" name={self._words(self._name)} '
            f'origin="{ORIGIN} {__version__}" creationDateTime="{when}">\n'
        )
        if self._people:
            write("<Users>\n")
            for name, id_ in self._people.items():
                write(f'<User guid="{id_}" name={self._words(name)}/>\n')
            write("</Users>\n")
        self._write_codes(write)
        write("<Variables>\n")
        for variable in (*METADATA.values(), META):
            write(
                f'<Variable guid="{guid("variable", variable)}" name="{variable}" typeOfVariable="Text"/>\n'
            )
        write("</Variables>\n")
        for group, waiting in (("Sources", self._sources), ("Notes", self._notes)):
            if self._counts[group.lower()]:
                write(f"<{group}>\n")
                waiting.seek(0)
                while block := waiting.read(1 << 20):
                    write(block)
                write(f"</{group}>\n")
        write("</Project>\n")

    def _write_codes(self, write: object) -> None:
        assert callable(write)
        codes: dict[str, list[str]] = {layer.name: [] for layer in self._codebook.layers}
        for layer in self._codebook.layers:
            for label in layer.labels:
                words = "\n\n".join(each for each in (label.definition, label.rule) if each)
                color = f' color="{label.color}"' if _COLOR.fullmatch(label.color) else ""
                codes[layer.name].append(self._code(layer.name, label.name, words, color))
        for layer_name, name in self._extra:
            codes.setdefault(layer_name, []).append(self._code(layer_name, name, "", ""))
        if not codes:
            return
        write("<CodeBook><Codes>\n")
        definitions = {layer.name: layer.definition for layer in self._codebook.layers}
        for name, below in codes.items():
            write(f'<Code guid="{guid("layer", name)}" name={self._words(name)} isCodable="false">\n')
            if definitions.get(name):
                write(f"<Description>{self._content(definitions[name])}</Description>\n")
            write("".join(below) + "</Code>\n")
        write("</Codes></CodeBook>\n")

    def _code(self, layer: str, name: str, words: str, color: str) -> str:
        description = f"<Description>{self._content(words)}</Description>" if words else ""
        return (
            f'<Code guid="{guid("code", layer, name)}" name={self._words(name)} isCodable="true"{color}>'
            f"{description}</Code>\n"
        )

    def _words(self, words: str) -> str:
        """Return a value of an attribute, in quotes."""
        if not _SPECIAL.search(words):
            return f'"{words}"'
        return quoteattr(self._possible(words))

    def _content(self, words: str) -> str:
        if not _SPECIAL.search(words):
            return words
        return escape(self._possible(words), {"\r": "&#13;"})

    def _possible(self, words: str) -> str:
        """Return words with U+FFFD for what XML has no place for; a text itself is no XML."""
        words, number = _CANNOT.subn("\ufffd", words)
        self._lost["control characters outside the texts"] += number
        return words


def _waiting() -> IO[str]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")


@lru_cache(1_000)
def _made(person: str | None, when: str = "") -> str:
    """Return the attributes that say who made something, and when."""
    when = moment(when)
    return (f' creatingUser="{person}"' if person else "") + (f' creationDateTime="{when}"' if when else "")
