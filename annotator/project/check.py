"""Looking a whole project over: is it sound? Reads only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.project.faults import damaged
from annotator.project.stored_values import (
    is_read_by,
    readable_image,
    stored_names,
    stored_number,
    stored_ranges,
    stored_scores,
)
from annotator.text import sha256

if TYPE_CHECKING:
    from annotator.project.store import Project

_MOST_PROBLEMS = 1000  # nobody reads more, and a torn file may have millions

_NUMBER = re.compile(r"-?\d+")

# Words that SQLite's tokeniser certainly takes for one token, as we do: Latin, Cyrillic and Armenian letters.
_PLAIN_WORD = re.compile("[0-9A-Za-zА-Яа-яԱ-Ֆա-ֆ]{3,}")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What :func:`check` found: sentences about problems, and how many spans fit their text.

    A sentence may speak of several problems: ``found`` counts all, ``at_least`` where nobody counted on.
    """

    problems: tuple[str, ...]
    spans: int
    verified: int
    found: int = 0
    at_least: bool = False

    @property
    def file_damaged(self) -> bool:
        """Whether SQLite itself found the file damaged."""
        return any(problem.startswith("SQLite: ") for problem in self.problems)

    def summary(self) -> str:
        """Return the problems, a line each, and the verdict."""
        lines = list(self.problems)
        number = f"{'at least ' if self.at_least else ''}{self.found:,}"
        lines.append(f"Problems found: {number}." if lines else "No problems found.")
        if not self.file_damaged:  # then nobody could look at them
            lines.append(f"{self.verified} of {self.spans} spans verified")
        return "\n".join(lines)


def check(project: Project) -> CheckReport:
    """Look everything over: SQLite's own checks, texts, spans, suggestions and the search index.

    Memory stays flat however large the project is. Raises ``DamagedProjectError`` where SQLite cannot
    even read on.
    """
    try:
        return _check(project)
    except sqlite3.DatabaseError as error:  # what is left of the schema does not fit these questions
        raise damaged(project.path.name, str(error).rstrip(".")) from error


def unreadable_texts(project: Project, most: int) -> list[str]:
    """Return the titles of articles whose text cannot be read, at most ``most``."""
    titles = list[str]()
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError):  # no more is to be had then
        for id_ in project.articles.ids():
            try:
                project.db.execute("SELECT text FROM texts WHERE id = ?", [id_]).fetchone()
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                query = "SELECT title FROM articles WHERE id = ?"
                titles += project.db.execute(query, [id_]).fetchone()
                if len(titles) == most:
                    break
    return titles


def _check(project: Project) -> CheckReport:
    problems: list[str] = []
    spans = verified = 0

    def report(problem: str) -> None:
        if len(problems) < _MOST_PROBLEMS:
            problems.append(problem)

    with project.plain_errors():
        messages = _sqlite_problems(project)
        if messages:  # values of any kind may come from a torn file: nothing more can be said of it
            return CheckReport(_grouped(messages), 0, 0, len(messages), len(messages) >= _MOST_PROBLEMS)
        for problem in _file_problems(project):
            report(problem)
        articles = project.db.execute(
            "SELECT articles.id, uuid, title, sha256, text FROM articles "
            "LEFT JOIN texts ON texts.id = articles.id ORDER BY articles.id"
        )
        for article, article_uuid, title, digest, text in articles:
            name = f"article “{title}” ({article_uuid})"
            if text is None:
                report(f"{name}: its text is missing")
                continue
            if sha256(text) != digest:
                report(f"{name}: its text does not fit its SHA-256")
            for span_uuid, start, end, quote in project.db.execute(
                'SELECT uuid, "start", "end", quote FROM annotations '
                'WHERE article = ? AND "start" IS NOT NULL ORDER BY id',
                [article],
            ):
                spans += 1
                if 0 <= start < end <= len(text) and text[start:end] == quote:
                    verified += 1
                else:
                    report(f"{name}: the span {start} to {end} ({span_uuid}) does not hold “{quote}”")
            for start, end, quote in project.db.execute(
                'SELECT "start", "end", quote FROM examples WHERE article = ? ORDER BY id', [article]
            ):
                if not (0 <= start < end <= len(text) and text[start:end] == quote):
                    report(f"{name}: the codebook's example {start} to {end} does not hold “{quote}”")
            for problem in _range_problems(project, article, len(text)):
                report(f"{name}: {problem}")
            if not _is_found(project, article, text):
                report(f"{name}: the search index does not find it")
    number = len(problems)
    return CheckReport(tuple(problems), spans, verified, number, number >= _MOST_PROBLEMS)


def _sqlite_problems(project: Project) -> list[str]:
    """Return what SQLite finds wrong, a line each; one message of its may hold many."""
    messages = project.db.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})").fetchall()
    lines = [line.strip() for (message,) in messages for line in str(message).splitlines()]
    return [line for line in lines if line not in ("ok", "*** in database main ***")][:_MOST_PROBLEMS]


def _grouped(messages: list[str]) -> tuple[str, ...]:
    """Return a sentence for each kind of message: many differ only in their numbers."""
    kinds: dict[str, list[str]] = {}
    for message in messages:
        kinds.setdefault(_NUMBER.sub("#", message), []).append(message)
    return tuple(
        f"SQLite: {same[0]}" + (f" (and {len(same) - 1:,} more like this)" if len(same) > 1 else "")
        for same in kinds.values()
    )


def _file_problems(project: Project) -> Iterator[str]:
    execute = project.db.execute
    for table, _, parent, _ in execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} points to a row of {parent} that is not there"
    if (act := project.history.unfinished()) is not None:
        yield f"“{act.text}” is not finished: it is still running, or opening the project takes it back"
    for table in ("annotations", "rejections", "suggestions"):
        for (number,) in execute(
            f"SELECT count(*) FROM {table} t JOIN labels ON labels.id = t.label WHERE labels.layer != t.layer"
        ):
            if number:
                yield f"{table}: {number} with a label of another layer"
    for (number,) in execute(
        "SELECT count(*) FROM suggestions WHERE article NOT IN (SELECT id FROM articles) "
        "OR layer NOT IN (SELECT id FROM layers) "
        "OR label IS NOT NULL AND label NOT IN (SELECT id FROM labels)"
    ):
        if number:
            yield f"suggestions: {number} of articles or labels that are not there"
    yield from _unreadable_values(execute)
    # FTS5's own integrity-check is a write, and a project that is open elsewhere is checked read-only: so
    # the index's list of articles is compared here, and each article is looked up in it later.
    for (number,) in execute(
        "SELECT count(*) FROM articles_fts_docsize WHERE id NOT IN (SELECT id FROM articles)"
    ):
        if number:
            yield f"the search index knows {number} articles that are not there"
    for (number,) in execute(
        "SELECT count(*) FROM articles WHERE id NOT IN (SELECT id FROM articles_fts_docsize)"
    ):
        if number:
            yield f"the search index lacks {number} articles"


def _unreadable_values(execute: Callable[..., sqlite3.Cursor]) -> Iterator[str]:
    """Yield which rows have values that are not the JSON or the number that they should be."""
    is_object = "CASE WHEN json_valid(meta) THEN json_type(meta) = 'object' ELSE 0 END"
    for title, uuid in execute(f"SELECT title, uuid FROM articles WHERE NOT {is_object}"):
        yield f"article “{title}” ({uuid}): its further metadata cannot be read"
    for label, former in execute("SELECT name, former FROM labels WHERE former IS NOT NULL"):
        if not is_read_by(stored_names, former):
            yield f"the label “{label}”: its former names cannot be read"
    for key, value in execute("SELECT key, value FROM settings WHERE key IN ('codebook_version', 'blocs')"):
        if not is_read_by(stored_names if key == "blocs" else stored_number, value):
            yield f"settings: {key} cannot be read"
    for text, when, number in execute(
        "SELECT text, created_at, count(*) FROM act_rows JOIN acts ON acts.id = act "
        f"WHERE NOT {readable_image(execute)} GROUP BY act"
    ):
        yield f"“{text}” ({when}) cannot be undone: {number} of the rows that it keeps cannot be read"


def _range_problems(project: Project, article: int, length: int) -> Iterator[str]:
    for table, further in (("rejections", "'[]', NULL"), ("suggestions", "evidence, scores")):
        for start, end, ranges, scores in project.db.execute(
            f'SELECT "start", "end", {further} FROM {table} WHERE article = ?', [article]
        ):
            whole = start is None and end is None
            if not whole and (start is None or end is None or not 0 <= start < end <= length):
                yield f"{table}: {start} to {end} lies outside its text"
            try:
                found = stored_ranges(ranges)
                if scores is not None:
                    stored_scores(scores)
            except sqlite3.DatabaseError:
                yield f"{table}: the evidence or the scores of one cannot be read"
                continue
            for first, last in found:
                if not 0 <= first < last <= length:
                    yield f"{table}: the evidence {first} to {last} lies outside its text"


def _is_found(project: Project, article: int, text: str) -> bool:
    """Tell whether the search index leads from one of the text's words to the article."""
    # A longer word is rarer, so its list in the index is shorter.
    words = text[:4000].split()
    if len(text) > 4000:
        words.pop()  # it may be cut off
    # A monster of a word is cut by the index itself.
    words = [word for word in words if len(word) < 100 and _PLAIN_WORD.fullmatch(word)]
    if not words:
        return True
    row = project.db.execute(
        "SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? AND rowid = ?",
        [f'text : "{max(words, key=len)}"', article],
    ).fetchone()
    return row is not None
