"""JSONL without the articles' texts: everything else by hash and offsets, and the way to put the texts back.

A line is one of ``annotator/1`` with another ``schema``, and without ``text``, the words of its spans, and
what ``meta`` has of the page's text. A text is found by its SHA-256: in the project that it comes to, or
among the ``.txt`` files (of any names) in the folder ``texts`` beside the file. All must be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from annotator.formats import jsonl
from annotator.formats.files import of_bundle
from annotator.formats.item import Item, advised, unreadable
from annotator.formats.registry import Format
from annotator.formats.txt import decode_file
from annotator.formats.typed import record as typed_record
from annotator.model import InputFileError
from annotator.text import normalise, sha256

if TYPE_CHECKING:
    from annotator.project.store import Project

SCHEMA = "annotator/1 without texts"
FOLDER = "texts"
_LONGEST_META = 200  # characters: a longer value may be the article again


def without_text(line: bytes) -> bytes:
    """Return a line of JSONL without what its article says."""
    whole = msgspec.json.decode(line)
    del whole["text"]
    whole["schema"] = SCHEMA
    whole["meta"] = {
        key: value
        for key, value in whole["meta"].items()
        if key in jsonl.METADATA or len(json.dumps(value, ensure_ascii=False)) <= _LONGEST_META
    }
    for span in whole["spans"]:
        del span["text"]
    return msgspec.json.encode(whole)


def with_text(whole: dict[str, Any], text: str) -> bytes:
    """Return the line of JSONL that a line without its text was; raises ``ValueError`` where it is none."""
    spans = whole.get("spans")
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        raise ValueError("spans is no list of objects")
    for span in spans:
        start, end = span.get("start"), span.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
            raise ValueError(f"the span {start} to {end} lies outside the text")
        span["text"] = text[start:end]
    return json.dumps(whole | {"schema": jsonl.SCHEMA, "text": text}, ensure_ascii=False).encode()


def read_into(
    project: Project | None,
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    beside: Path | None = None,
) -> Iterator[Item]:
    """Yield the records with their texts; raises ``InputFileError`` where some are not to be had.

    ``beside`` is the file beside which the folder of texts is (default: ``path`` itself). An article that
    the project has under another id is taken for the one that is meant; it keeps the id.
    """
    texts = _Texts(project, path, (beside or path).with_name(FOLDER))
    for number, whole in _lines(path):
        try:
            uuid, text = texts.of(whole["id"], whole["sha256"])
            raw = with_text(whole | {"id": uuid}, text)
            record = typed_record(raw) or jsonl.from_line(raw)
        except ValueError as error:
            raise InputFileError(path, advised(error, jsonl.MEND), number) from error
        yield Item(record, number, file_id=whole["id"] if uuid != whole["id"] else None)


def _read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    return read_into(None, path, mapping)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(jsonl.LONGEST_LINE + 1), b""), 1):
                if len(raw) > jsonl.LONGEST_LINE:
                    raise InputFileError(
                        path, f"is longer than {jsonl.LONGEST_LINE:,} bytes; {jsonl.MEND}", number
                    )
                if not raw.strip():
                    continue
                try:
                    whole = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
                except (ValueError, RecursionError) as error:
                    raise InputFileError(path, f"is not JSON; {jsonl.MEND}", number) from error
                if isinstance(whole, dict):
                    try:
                        jsonl.refuse_newer(whole)
                    except ValueError as error:
                        raise InputFileError(path, advised(error), number) from error
                if (
                    not isinstance(whole, dict)
                    or whole.get("schema") != SCHEMA
                    or not all(isinstance(whole.get(key), str) and whole[key] for key in ("id", "sha256"))
                ):
                    raise InputFileError(
                        path, f'is no line of schema "{SCHEMA}" with id and sha256; {jsonl.MEND}', number
                    )
                yield number, whole
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error


class _Texts:
    """Finds the texts of a file's articles."""

    def __init__(self, project: Project | None, path: Path, folder: Path) -> None:
        self._project = project
        self._files: dict[str, Path] = {}
        if folder.is_dir():
            for file in sorted(folder.rglob("*.txt")):
                with suppress(OSError, InputFileError):
                    self._files.setdefault(sha256(_decoded(file)), file)
        wanted = {whole["id"]: whole["sha256"] for _, whole in _lines(path)}
        if not wanted:
            raise InputFileError(path, "is empty; leave it out")
        self._ours = self._under_other_ids(wanted)
        missing = [d for uuid, d in wanted.items() if d not in self._files and not self._known(d)]
        if missing:
            raise InputFileError(
                path,
                f"comes without its texts, and {len(missing)} of {len(wanted)} are not at hand (the first "
                f"has the SHA-256 {missing[0]}): import them first, or put them as .txt files into a folder "
                f"“{FOLDER}” beside it",
            )

    def of(self, uuid: str, digest: str) -> tuple[str, str]:
        """Return the id that the article has in the project, and its text."""
        known = self._known(digest)
        if known:
            assert self._project is not None
            return self._ours.get(uuid, uuid), self._project.articles.text(known[0][0])
        return uuid, _decoded(self._files[digest])

    def _known(self, digest: str) -> list[tuple[int, str]]:
        return self._project.articles.with_digest(digest) if self._project is not None else []

    def _under_other_ids(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Return which of the project's articles are meant by those of the file that it does not have."""
        found: dict[str, str] = {}
        taken = set(wanted)
        for uuid, digest in wanted.items():
            known = [ours for _, ours in self._known(digest)]
            other = next((ours for ours in known if ours not in taken), None)
            if uuid not in known and other is not None:
                found[uuid] = other
                taken.add(other)
        return found


def _decoded(path: Path) -> str:
    return normalise(decode_file(path, path.read_bytes()).text)


_OURS = re.compile(rb'"annotator/\d+ without texts"')

FORMAT = Format(
    "jsonl-without-texts",
    "Annotator JSONL without texts",
    (".jsonl",),
    _read,
    lambda path, head: _OURS.search(head) is not None and not of_bundle(path),
    read_into=read_into,
)
