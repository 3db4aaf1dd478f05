"""The rows of human tables in words, for the history: names and quotes instead of numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotator.model import RowChange

if TYPE_CHECKING:
    from annotator.project.store import Project

NOUNS = {
    "settings": ("setting", "settings"),
    "annotators": ("annotator", "annotators"),
    "articles": ("article", "articles"),
    "texts": ("text", "texts"),
    "layers": ("layer", "layers"),
    "labels": ("label", "labels"),
    "examples": ("example", "examples"),
    "actors": ("actor", "actors"),
    "aliases": ("alias", "aliases"),
    "progress": ("progress entry", "progress entries"),
    "annotations": ("annotation", "annotations"),
    "rejections": ("rejection", "rejections"),
    "filters": ("saved filter", "saved filters"),
}
LONGEST = 300  # characters of one value; a note or a label may have any number

# What is no more than bookkeeping: shown only where nothing else tells two images apart.
_QUIET = ("updated_at", "created_at", "codebook_version", "fingerprint", "wording", "former", "context")
_REFERS = {
    "article": "articles",
    "annotator": "annotators",
    "layer": "layers",
    "label": "labels",
    "actor": "actors",
    "holder": "actors",
    "target": "actors",
    "replaces": "articles",
}

Image = Mapping[str, Any]


def count(table: str, number: int) -> str:
    """Return "1 annotation" or "3 annotations"."""
    return f"{number:,} {NOUNS[table][number != 1]}"


class RowWords:
    """Puts images of rows into words; remembers the names it has looked up."""

    def __init__(self, project: Project) -> None:
        self._db = project.db
        self._columns = project.history.columns
        self._names: dict[tuple[str, Any], str] = {}

    def change(self, table: str, before: str | None, after: str | None) -> RowChange:
        """Return one row's images (JSON, None: there is no row) in words."""
        old, new = self._read(table, before), self._read(table, after)
        image: Image = new or old or {}
        article = image.get("id") if table == "articles" else image.get("article")
        return RowChange(
            NOUNS[table][0],
            self._words(table, old, new),
            self._words(table, new, old),
            article,
            self._name("articles", article) if article is not None else None,
        )

    def _read(self, table: str, image: str | None) -> Image | None:
        """Return an image as a dictionary with all columns, whatever a file that somebody sent has in it."""
        if image is None:
            return None
        try:
            found = json.loads(image)
        except ValueError:
            found = None
        row: dict[str, Any] = dict.fromkeys(self._columns(table))
        if isinstance(found, dict):
            row |= {column: _plain(value) for column, value in found.items() if column in row}
        return row

    def _words(self, table: str, image: Image | None, other: Image | None) -> str | None:
        """Return ``image`` in words, with whatever else differs from ``other``."""
        if image is None:
            return None
        main, told = self._main(table, image)
        words = [main]
        if other is not None:
            differing = [c for c in image if c not in told and image[c] != other.get(c)]
            loud = [c for c in differing if c not in _QUIET]
            other_main = self._main(table, other)[0]
            for column in loud or (differing if main == other_main else []):
                words.append(f"{column.replace('_', ' ')}: {self._value(column, image[column])}")
        return "; ".join(words)

    def _main(self, table: str, image: Image) -> tuple[str, tuple[str, ...]]:
        """Return what a row is in the first place, and the columns that this tells."""
        if table in ("annotations", "rejections"):
            return self._decision(table, image)
        if table == "progress":
            words = [_short(image["status"]).replace("_", " ")]
            words += ["flagged"] if image["flagged"] else []
            words += [f"note “{_short(image['note'])}”"] if image["note"] else []
            who = self._name("annotators", image["annotator"])
            return f"{', '.join(words)} ({who})", ("status", "flagged", "note", "annotator", "article")
        if table == "labels":
            return f"{self._name('layers', image['layer'])} {_short(image['name'])}", ("layer", "name")
        if table == "examples":
            what = f"“{_short(image['quote'])}” for {self._name('labels', image['label'])}"
            return ("" if image["fits"] else "not ") + what, (
                "quote",
                "label",
                "fits",
                "article",
                "start",
                "end",
            )
        if table == "aliases":
            return f"{_short(image['alias'])} for {self._name('actors', image['actor'])}", ("alias", "actor")
        if table == "settings":
            return f"{_short(image['key'])}: {_short(image['value'])}", ("key", "value")
        if table == "articles":
            return _short(image["title"]), ("title",)
        if table == "texts":
            return "the text", ("text",)
        return _short(image["name"]), ("name",)

    def _decision(self, table: str, image: Image) -> tuple[str, tuple[str, ...]]:
        start, end = image["start"], image["end"]
        words = f"{self._name('layers', image['layer'])} {self._name('labels', image['label'])}"
        if start is None:
            words += ", whole article"
        else:
            quote = image["quote"] if table == "annotations" else self._quote(image["article"], start, end)
            words += f" “{_short(quote)}” ({start}–{end})"
            # Images of older schemas have no quote at all.
            words += ", this mention only" if image.get("quote", quote) is None else ""
        who = self._name("annotators", image["annotator"])
        told = ("layer", "label", "start", "end", "quote", "annotator", "article")
        return f"{'not ' if table == 'rejections' else ''}{words}, {who}", told

    def _quote(self, article: Any, start: Any, end: Any) -> str:
        if not (isinstance(start, int) and isinstance(end, int)):
            return "…"
        length = min(end - start, LONGEST + 1)
        row = self._db.execute(
            "SELECT substr(text, ?, ?) FROM texts WHERE id = ?", [start + 1, length, article]
        ).fetchone()
        return row[0] if row else "…"

    def _value(self, column: str, value: Any) -> str:
        if value is None or value == "":
            return "none"
        return self._name(_REFERS[column], value) if column in _REFERS else _short(value)

    def _name(self, table: str, id_: Any) -> str:
        """Return the name of a row, also of one that is gone by now."""
        if (table, id_) not in self._names:
            column = "title" if table == "articles" else "name"
            row = (
                self._db.execute(f"SELECT {column} FROM {table} WHERE id = ?", [id_]).fetchone()
                or self._db.execute(
                    f"SELECT json_extract(before, '$.{column}') FROM act_rows "
                    'WHERE tbl = ? AND "row" = ? AND json_valid(before) ORDER BY act DESC LIMIT 1',
                    [table, id_],
                ).fetchone()
            )
            self._names[table, id_] = _short(row[0]) if row else f"{NOUNS[table][0]} {id_}"
        return self._names[table, id_]


def _plain(value: Any) -> Any:
    """Return a value of a JSON image as SQLite could hold it."""
    if isinstance(value, int):
        return value if abs(value) < 2**62 else str(value)
    return value if value is None or isinstance(value, str) else str(value)


def _short(value: Any) -> str:
    """Return ``value`` on one line, not longer than anyone reads."""
    text = " ".join(str(value)[: LONGEST * 2].split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
