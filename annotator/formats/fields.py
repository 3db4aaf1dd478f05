"""The columns of tables and the keys of JSON objects as articles: which is the text, the title, the date.

Each kind of file yields rows: a line and the values by the file's own names.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotator.dates import DAY_FIRST, MONTH_FIRST, from_words
from annotator.formats import registry
from annotator.formats.foreign import LONGEST_LABEL, Label, foreign_record
from annotator.formats.item import Item
from annotator.formats.txt import guess_title
from annotator.formats.txt import record as untouched
from annotator.model import ArticleInput, InputFileError
from annotator.text import LARGEST_TEXT, normalise, printable, storable_json, too_long

FIELDS: dict[str, tuple[str, ...]] = {
    "text": (
        *("body", "content", "fulltext", "full_text", "full text", "article", "article_text", "maintext"),
        *("main_text", "story", "column_data", "текст", "полный текст", "содержание", "статья"),
    ),
    "title": ("headline", "heading", "subject", "заголовок", "название"),
    "source": (
        *(
            "source.name",
            "publisher",
            "newspaper",
            "outlet",
            "publication",
            "media",
            "sitename",
            "site",
            "domain",
        ),
        *("источник", "издание", "сми"),
    ),
    "url": ("link", "href", "uri", "web_url", "ссылка", "адрес"),
    "author": ("byline", "authors", "creator", "автор", "авторы"),
    "published": (
        *("date", "published_at", "publishedat", "publish_date", "pub_date", "pubdate", "publication_date"),
        *("date_published", "published_date", "datetime", "дата", "дата публикации"),
    ),
    "language": ("lang", "язык"),
    "label": ("stance", "column_label", "метка", "позиция"),
    "id": ("uuid", "article_id"),
}
"""Ours, with the names that are tried by themselves. ``label`` is one of the whole article."""

CHOICES = {"dates": (DAY_FIRST, MONTH_FIRST)}
"""What else a person may say about a file: in which order its dates are, 03/04/2024 and the like."""

_METADATA = ("source", "url", "author", "published", "language")
_TOLD = 5  # empty rows are told by line; of the others the number

Row = tuple[int, Mapping[str, Any]]
"""The line at which it begins, from 1, and its values by the file's names; None or "" where it has none."""


def chosen(path: Path, columns: Sequence[str], mapping: Mapping[str, str], noun: str) -> dict[str, str]:
    """Return which column is read as which field of ours; raises ``InputFileError`` where none is the text.

    ``noun`` is what the file has: "column", "key".
    """
    if not columns:
        raise InputFileError(path, "holds no articles; leave it out")
    refuse_unknown(path, FIELDS, columns, mapping)
    found = registry.mapped(_Fields, columns, mapping)
    if "text" not in found:
        raise InputFileError(
            path,
            f"has no {noun} that is called text. It has: {_few(columns)}. Choose the one with the text when "
            "you import (on the command line: --map text=NAME)",
        )
    return found


def refuse_unknown(
    path: Path, fields: Collection[str], columns: Sequence[str], mapping: Mapping[str, str]
) -> None:
    """Raise ``InputFileError`` where one of ``fields`` is to be a column that the file does not have."""
    for ours, theirs in mapping.items():
        if theirs and theirs not in columns and ours in fields:
            raise InputFileError(
                path, f"has no field {theirs!r} for the {ours}. It has: {_few(columns)}. Choose one of them"
            )


def _few(columns: Sequence[str]) -> str:
    return ", ".join(columns[:30]) + (", …" if len(columns) > 30 else "")


_Fields = registry.Format("", "", (), fields=FIELDS)


def articles(
    path: Path,
    rows: Iterable[Row],
    found: Mapping[str, str],
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Iterator[Item]:
    """Yield an article a row; what ``found`` does not name is kept in its ``meta``.

    ``mapping`` may say in which order dates are (``dates``). Rows without text are left out, and said so.
    Raises ``InputFileError`` where no row has one.
    """
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    origin = {"file": name} if encoding in (None, "utf-8") else {"file": name, "encoding": encoding}
    order = (mapping or {}).get("dates", "")
    waiting: Item | None = None
    empty: list[int] = []  # lines
    for line, row in rows:
        text = row.get(found["text"])
        if isinstance(text, list) and all(isinstance(each, str) for each in text):
            text = "\n\n".join(text)  # of paragraphs
        if not isinstance(text, str) or not text.strip("\ufeff\0 \t\r\n"):
            if any(value not in (None, "") for value in row.values()):
                empty.append(line)
            continue
        if waiting is not None:
            yield waiting
        waiting = _item(path, line, text, row, found, origin, order)
    if waiting is None:
        raise InputFileError(
            path,
            f"has no text: {found['text']!r} holds no words in any row. Choose another one, or leave it out",
        )
    yield replace(waiting, lost=(_empty_rows(name, empty),) * len(empty))


def _empty_rows(name: str, lines: Sequence[int]) -> str:
    """Return which rows of a file have no text."""
    named = ", ".join(map(str, lines[:_TOLD]))
    more = f" and {len(lines) - _TOLD:,} more" if len(lines) > _TOLD else ""
    return f"rows without text ({printable(name)}, {'line' if len(lines) == 1 else 'lines'} {named}{more})"


def _item(
    path: Path,
    line: int,
    text: str,
    row: Mapping[str, Any],
    found: Mapping[str, str],
    origin: Mapping[str, str],
    order: str,
) -> Item:
    if len(text) > LARGEST_TEXT:
        raise InputFileError(path, too_long(len(text)), line)
    clean = normalise(text)
    values = {field: _words(row.get(column)) for field, column in found.items() if field != "text"}
    if (column := found.get("label")) is not None and (wrong := _no_label(row.get(column))):
        raise InputFileError(
            path,
            f"has {wrong} under {column!r}, and a label of an article is a word or a few. Mend the line, or "
            "choose no field for the label (on the command line: --map label=)",
            line,
        )
    used = set(found.values())
    meta = {
        (f"{key} (column)" if key in origin or key in _METADATA else key): value
        for key, value in row.items()
        if key not in used and value not in (None, "")
    }
    identity = _uuid(values.get("id", ""))
    if values.get("id") and identity is None:
        meta["id"] = values["id"]
    metadata: dict[str, str | None] = {field: values.get(field) or None for field in _METADATA}
    if published := metadata["published"]:
        metadata["published"], is_all = from_words(published, order)
        if not is_all:
            meta[found["published"]] = published
    title = values.get("title") or guess_title(clean, "")
    meta = {**(meta if _plain(meta) else storable_json(meta)), **origin}
    if label := values.get("label"):
        metadata["uuid"] = identity
        record = foreign_record(text, [Label(label)], title=title, meta=meta, **metadata)  # type: ignore[arg-type]
    else:
        record = untouched(ArticleInput(clean, title, **metadata, meta=meta, uuid=identity))
    return Item(record, line, alone=not label)


def _plain(meta: Mapping[str, Any]) -> bool:
    return all(isinstance(v, str) and v.isascii() and v.isprintable() for v in meta.values())


def _words(value: Any) -> str:
    """Return a value as a line of words: a number, or a list of names, is one too."""
    if isinstance(value, list):
        value = ", ".join(_words(each) for each in value)
    elif isinstance(value, bool) or value is None or isinstance(value, dict):
        return ""
    return " ".join(normalise(str(value)).split())


def _no_label(value: Any) -> str | None:
    """Return what a value is that is no label; a list of one label is one."""
    if isinstance(value, list) and any(isinstance(each, list | dict) for each in value):
        return "a list of lists or objects (a span of doccano is [start, end, label])"
    if isinstance(value, list) and len(value) > 1:
        return "several labels"
    if isinstance(value, dict) and value:
        return "an object"
    return f"{length:,} characters" if (length := len(_words(value))) > LONGEST_LABEL else None


def _uuid(words: str) -> str | None:
    """Return the id of an article where ``words`` are one: a short one is not the only one of its kind."""
    if len(words) == 36:
        try:
            return str(uuid.UUID(words))
        except ValueError:
            pass
    return None
