"""CoNLL columns with entity tags: IOB1 (CoNLL-2003), IOB2, BIOES and BILUO; a token a line.

The text is made of the tokens: a space between them, a line a sentence. ``-DOCSTART-`` begins an article. The
tags are in the last column (Tjong Kim Sang & De Meulder 2003, https://aclanthology.org/W03-0419).
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from annotator.formats.foreign import ENTITY, Label, foreign_record
from annotator.formats.item import Item, unreadable
from annotator.formats.left_out import not_held
from annotator.formats.registry import Format
from annotator.formats.txt import guess_title
from annotator.model import ArticleRecord, Codebook, InputFileError
from annotator.text import IN_WORD, LARGEST_TEXT, too_long

_TAG = re.compile(r"O|_|-|([BIESLU])-(\S+)")
_TOKEN = re.compile(rf"{IN_WORD}+|[^\s]")
_SPACES = re.compile(" +")
_START = "-DOCSTART-"
_LOOKED_AT = 1_000  # lines
_LONGEST_LINE = 100_000  # bytes
COPY = "texts as they were written (tokens alone came: these may be near copies)"
"""What is said to have been left out of each text that the project does not have letter by letter."""


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield an article a ``-DOCSTART-``, or one; raises ``InputFileError`` with the line."""
    article, width, any_token = _Article(path), 0, False
    numbered = _is_numbered(path)
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), b""), 1):
                if len(raw) > _LONGEST_LINE:
                    raise InputFileError(
                        path, f"is longer than {_LONGEST_LINE:,} bytes. Write a token a line", number
                    )
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError as error:
                    raise InputFileError(path, "is not in UTF-8. Save the file in UTF-8", number) from error
                # Not split(): a token may have a no-break space in it.
                cells = line.split("\t") if "\t" in line else _SPACES.split(line.strip(" "))
                if not line.strip():
                    article.end_sentence()
                elif cells[0] == _START:
                    yield from article.item()
                    article = _Article(path)
                elif line.startswith("#") and article.between and not _is_token(cells, width):
                    continue  # a comment at the top, or above a sentence
                else:
                    if numbered and len(cells) > 1:
                        cells = cells[1:]
                    width = width or len(cells)
                    article.add(cells, width, number)
                    any_token = True
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    if not any_token:
        raise InputFileError(path, "has no tokens; leave it out")
    yield from article.item()


def _is_token(cells: Sequence[str], width: int) -> bool:
    """Tell a line that begins with # from a comment by its columns and its tag."""
    return len(cells) == (width or 2) and cells[0] == "#" and _TAG.fullmatch(cells[-1]) is not None


def _is_numbered(path: Path) -> bool:
    """Tell whether a number stands before each token, as in GermEval: by the first two lines of tokens."""
    rows: list[list[str]] = []
    with suppress(OSError), path.open("rb") as file:
        for raw in islice(file, _LOOKED_AT):
            cells = raw.decode(errors="replace").split()
            if cells and not cells[0].startswith(("#", "\ufeff#", _START)):
                rows.append(cells)
                if len(rows) == 2:
                    break
    first = [cells[0].removeprefix("\ufeff") for cells in rows if len(cells) > 2]
    return first == ["1", "2"]


class _Article:
    """The tokens of one article as they are read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text: list[str] = []
        self._length = 0
        self._ended = False
        self._labels: list[Label] = []
        self._open = ""  # the label of the entity that may go on

    @property
    def between(self) -> bool:
        """Whether no sentence is begun."""
        return self._ended or not self._text

    def end_sentence(self) -> None:
        """End the line of the text."""
        self._ended, self._open = bool(self._text), ""

    def add(self, cells: Sequence[str], width: int, line: int) -> None:
        """Add a token; raises ``InputFileError`` where it has no tag."""
        syntax = len(cells) == 10 and cells[0].isdigit()
        tag = _TAG.fullmatch(cells[-1]) if len(cells) == width > 1 and not syntax else None
        if tag is None:
            raise InputFileError(self._path, self._complaint(cells, width, syntax), line)
        if not cells[0].strip("\0"):
            raise InputFileError(self._path, "has a tag and no token. Add the token, or take it out", line)
        if self._text:
            self._text.append("\n" if self._ended else " ")
            self._length += 1
        self._ended = False
        start, end = self._length, self._length + len(cells[0])
        self._text.append(cells[0])
        self._length = end
        if end > LARGEST_TEXT:
            raise InputFileError(self._path, too_long(end), line)
        kind, label = tag[1], tag[2]
        if kind is None:
            self._open = ""
        elif kind in "IEL" and self._open == label:
            last = self._labels[-1]
            self._labels[-1] = Label(label, last.start, end, ENTITY)
        else:  # B, S and U begin one; so does an I after something else (IOB1)
            self._labels.append(Label(label, start, end, ENTITY))
        self._open = label if kind is not None and kind not in "ESLU" else ""

    def _complaint(self, cells: Sequence[str], width: int, syntax: bool) -> str:
        if syntax:
            return "is of CoNLL-X or CoNLL-U, which has syntax and no entities. Import its text instead"
        if len(cells) != width or width == 1:
            return f"has {len(cells)} columns. Each token needs the same columns, the last one its tag"
        tags = "O, or B-, I-, E-, S-, L- or U- with a label"
        return f"ends in {cells[-1][:40]!r}, which is no tag. Make it {tags}"

    def item(self) -> Iterator[Item]:
        """Yield the article, if there is one."""
        if self._text:
            text = "".join(self._text)
            title = guess_title(text, self._path.stem)
            meta = {"file": self._path.name}
            record = foreign_record(text, self._labels, title=title, meta=meta)
            yield Item(record, by_text=True, lost_if_new=(COPY,))


class Writer:
    """Writes IOB2: token, tab, tag. The entities alone; of those that overlap the longest."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._lost: Counter[str] = Counter()
        self._last: str | None = None  # the article written last
        self.left_out: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write one annotator's entities in an article."""
        text = record.article.text
        again = self._last is not None and record.article.uuid == self._last
        self._lost["annotators of articles that others have labelled too"] += again
        self._last = record.article.uuid
        sentences = _Sentences()
        place = 0
        for start, end, label in self._disjoint(record):
            if not _TOKEN.search(text, start, end):
                self.left_out["white space alone"] += 1
                continue
            sentences.add(text[place:start], "\tO\n")
            sentences.add(text[start:end], f"\tI-{label}\n", first=f"\tB-{label}\n")
            place = end
        sentences.add(text[place:], "\tO\n")
        self._file.write(f"{_START}\tO\n\n{sentences.end()}".encode())
        whole = sum(a.start is None for a in record.annotations)
        self._lost["labels of whole articles"] += whole
        self._lost["labels with white space (it became _)"] += sum(
            a.layer == ENTITY and a.start is not None and _label(a.label) != a.label
            for a in record.annotations
        )
        if others := sum(a.layer != ENTITY for a in record.annotations if a.start is not None):
            self.left_out["no entity"] += others
        self._lost["rejections or notes"] += len(record.rejections) + bool(record.progress.note)

    def _disjoint(self, record: ArticleRecord) -> list[tuple[int, int, str]]:
        """Return (start, end, label) of the entities in text order, the longest of those that overlap."""
        entities = [
            (a.start, a.end, _label(a.label))
            for a in record.annotations
            if a.start is not None and a.end is not None and a.layer == ENTITY
        ]
        if all(one[1] <= other[0] for one, other in pairwise(entities)):
            return entities
        spans: list[tuple[int, int, str]] = []
        for entity in sorted(entities, key=lambda entity: entity[0] - entity[1]):
            start, end, _ = entity
            place = bisect(spans, (start, end, ""))
            before = place and spans[place - 1][1] > start
            if before or (place < len(spans) and spans[place][0] < end):
                self.left_out["an entity that overlaps with a longer one"] += 1
            else:
                spans.insert(place, entity)
        return spans

    def close(self) -> Sequence[str]:
        """Close the file; return what it has no place for."""
        self._file.close()
        return not_held("this file", self._lost)


class _Sentences:
    """The tokens of a text, put in stretch by stretch, each with its tag; a line is a sentence.

    Words are cut where stretches meet, which is where entities begin and end.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open = False  # the sentence has tokens

    def add(self, words: str, tag: str, *, first: str | None = None) -> None:
        """Put in a stretch; ``first``, of an entity, is the tag of its first token, with tab and line end."""
        # An entity goes over a line end in one sentence: in two it would be two.
        several = "\n" in words and first is None
        for number, line in enumerate(words.split("\n") if several else (words,)):
            if number and self._open:
                self._parts.append("\n")
                self._open = False
            if tokens := _TOKEN.findall(line):
                self._open = True
                if first is not None:
                    self._parts += (tokens.pop(0), first)
                    first = None
                if tokens:
                    self._parts += (tag.join(tokens), tag)

    def end(self) -> str:
        """Return the text's lines."""
        return "".join(self._parts) + ("\n" if self._open else "")


@cache
def _label(name: str) -> str:
    return re.sub(r"\s", "_", name)


FORMAT = Format(
    "conll",
    "CoNLL columns",
    (".conll", ".conll2003", ".conll2002", ".iob", ".iob2", ".bio", ".biluo"),
    read,
    exports=True,
    reads_to="note",
    writer=Writer,
    cannot_hold=(
        "the text as it was (tokens, with spaces between: it comes back as a near copy)",
        "metadata",
        "who labelled (several annotators of an article become one when it comes back)",
        "stances, zones, and entities that overlap",
        "actors, certainty and notes",
        "progress, rejections and suggestions",
    ),
)
