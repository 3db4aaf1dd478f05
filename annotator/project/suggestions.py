"""Suggestions: a throw-away cache beside the human tables, outside the history."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from annotator.model import BLANK, NO_MODEL, Answer, PipelineInfo, Suggestion
from annotator.project.behind import follow
from annotator.project.drawing import HIDDEN, STANCE
from annotator.project.history import now
from annotator.project.present_names import under_present_names
from annotator.project.suggested_labels import SuggestedLabels
from annotator.project.suggestion_rows import (
    COLUMNS,
    FROM,
    JOINED,
    Rows,
    fitting,
    suggestion_of,
)
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project

PAGE = 1000  # articles that are looked at together

# A suggestion ``s`` is open for annotator ``:me`` while they have neither an annotation on the same
# layer and stretch nor an equal rejection, and it is not hidden from them.
IS_OPEN = (
    "NOT EXISTS (SELECT 1 FROM annotations a WHERE a.article = s.article AND a.annotator = :me "
    'AND a.layer = s.layer AND a."start" IS s."start" AND a."end" IS s."end") '
    "AND NOT EXISTS (SELECT 1 FROM rejections r WHERE r.article = s.article AND r.annotator = :me "
    'AND r.layer = s.layer AND r.label IS s.label AND r."start" IS s."start" AND r."end" IS s."end") '
    f"AND NOT {HIDDEN}"
)

_TAKES_THE_PLACE = (
    "ON CONFLICT (article) DO UPDATE SET "
    "run = excluded.run, notice = excluded.notice, language = excluded.language"
)
_ZONES = (
    "(SELECT 1 FROM {table} z JOIN layers ON layers.id = z.layer WHERE layers.name = 'zone' "
    "AND z.article IN (mine.id, other.id))"
)
# "+": or SQLite would begin with all articles of the run instead of the few with this text.
_EQUAL = (
    "SELECT other.id FROM articles mine JOIN articles other ON other.sha256 = mine.sha256 "
    "AND other.id != mine.id AND +other.language IS mine.language "
    "JOIN suggested ON suggested.article = +other.id JOIN runs ON runs.id = +suggested.run "
    "WHERE mine.id = :article AND runs.config = :config "
    f"AND NOT EXISTS {_ZONES.format(table='annotations')} "
    f"AND NOT EXISTS {_ZONES.format(table='rejections')} LIMIT 1"
)
Table = Literal["suggestions", "covered"]
"""``covered``: what a pipeline suggested where project memory says otherwise."""


class Suggestions:
    """What the machine proposes for each article."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db
        self.labels = SuggestedLabels(project)

    def store(self, answers: Iterable[Answer]) -> list[int]:
        """Store what was suggested for some articles, each by its pipeline; return their ids.

        Suggestions that were there are dropped: they hold no human state. A label that the codebook
        does not know, a stretch outside the text, and an article that is gone, is passed over. Project
        memory has the last word.
        """
        self._project.require_writable()
        done = []
        with self._project.history.transaction():
            batches: dict[PipelineInfo, list[tuple[int, Iterable[Suggestion], str | None]]] = {}
            languages: list[tuple[str | None, int]] = []
            for answer in {answer.article: answer for answer in answers}.values():  # of two the later one
                id_, language = answer.article, answer.language
                if self._db.execute("SELECT 1 FROM articles WHERE id = ?", [id_]).fetchone():
                    batches.setdefault(answer.pipeline, []).append((id_, answer.suggestions, answer.notice))
                    languages.append((language and storable(language), id_))
                    done.append(id_)
            for pipeline, batch in batches.items():
                self._write(self._run(pipeline), batch, remembering=True)
            self._db.conn.executemany("UPDATE suggested SET language = ? WHERE article = ?", languages)
            self._project.near_duplicates.refresh(done)
        return done

    def replace(
        self, pipeline: PipelineInfo, batch: Iterable[tuple[int, Iterable[Suggestion], str | None]]
    ) -> list[int]:
        """Do what :meth:`store` does with one pipeline's (article, suggestions, notice)."""
        return self.store(Answer(id_, tuple(found), pipeline, notice) for id_, found, notice in batch)

    def copy_equal(self, article: int, config: str) -> bool:
        """Give an article the suggestions that its text got already; tell whether there were any.

        They come from an article with the same text and the same language in its metadata, for which
        pipelines with the settings ``config`` suggested. Where somebody has decided on zones of either,
        the text alone does not tell what to suggest, and nothing is copied.
        """
        self._project.require_writable()
        row = self._db.execute(_EQUAL, {"article": article, "config": config}).fetchone()
        if row is None:
            return False
        with self._project.history.transaction():
            last, _ = self._last(article)
            own = (
                "SELECT * FROM (SELECT * FROM suggestions WHERE article = :other "
                "AND component NOT IN ('memory', 'near-duplicate') "
                "UNION ALL SELECT * FROM covered WHERE article = :other)"
            )
            columns = [c.name for c in self._db["suggestions"].columns if c.name not in ("article", "id")]
            names = ", ".join(f'"{name}"' for name in columns)
            for table in ("suggestions", "covered"):
                self._db.execute(f"DELETE FROM {table} WHERE article = ?", [article])
            self._db.execute(
                f"INSERT INTO suggestions(article, id, {names}) "
                f"SELECT :article, :last + row_number() OVER (ORDER BY id), {names} FROM ({own})",
                {"article": article, "last": last, "other": row[0]},
            )
            self.labels.note_article(article)
            self._db.execute(
                "INSERT INTO suggested(article, run, notice, language) "
                "SELECT ?, run, notice, language FROM suggested WHERE article = ? " + _TAKES_THE_PLACE,
                [article, row[0]],
            )
            self._project.memory.refresh([article])
            self._project.near_duplicates.refresh([article])
            self._project.drawing.suggested_anew([article])
        return True

    def store_stances(self, answers: Iterable[Answer]) -> list[int]:
        """Store the stances that were suggested anew for some articles; return their ids.

        Their other suggestions stay, and so does what was said about them.
        """
        self._project.require_writable()
        done = []
        with self._project.history.transaction():
            batches: dict[PipelineInfo, list[tuple[int, Iterable[Suggestion], str | None]]] = {}
            for answer in answers:
                id_ = answer.article
                if self.is_pending(id_):
                    continue  # gone, or to be made anew as a whole
                rows = self._db.execute(
                    f"SELECT {COLUMNS} {FROM} WHERE s.article = ? AND layers.name <> ? ORDER BY s.id",
                    [id_, STANCE],
                ).fetchall()
                kept = [suggestion_of(row) for row in rows]
                batch = batches.setdefault(answer.pipeline, [])
                batch.append((id_, [*kept, *answer.suggestions], self.notice(id_)))
                done.append(id_)
            for pipeline, batch in batches.items():
                self._write(self._run(pipeline), batch)
            self._project.near_duplicates.refresh(done)
        return done

    def merge(
        self, batch: Iterable[tuple[PipelineInfo, int, Iterable[Suggestion]]], new: Mapping[int, int]
    ) -> None:
        """Add imported suggestions to articles' own, within the transaction that is going on.

        ``batch`` gives (pipeline, article, suggestions). Each line of an export holds what was open for
        one annotator: together they are the whole. An article that another pipeline has suggested for keeps
        those alone. ``new`` are articles without any suggestions before the batch, with their texts' lengths.
        """
        runs: dict[PipelineInfo, int] = {}
        fresh: dict[int, list[tuple[int, Iterable[Suggestion], str | None]]] = {}
        written: set[int] = set()
        for pipeline, article, suggestions in batch:
            run = runs.get(pipeline) or runs.setdefault(pipeline, self._run(pipeline))
            if article in new and article not in written:
                fresh.setdefault(run, []).append((article, suggestions, None))
                written.add(article)
                continue
            self._write_new(fresh, new)
            self._merge_one(pipeline, article, suggestions)
        self._write_new(fresh, new)

    def _write_new(
        self, batches: dict[int, list[tuple[int, Iterable[Suggestion], str | None]]], new: Mapping[int, int]
    ) -> None:
        for run, batch in batches.items():
            self._write(run, batch, new)
        batches.clear()

    def _merge_one(self, pipeline: PipelineInfo, article: int, suggestions: Iterable[Suggestion]) -> None:
        mine = self.pipeline(article)
        if mine is None or (mine.name, mine.version) == (pipeline.name, pipeline.version):
            rows = self._db.execute(f"SELECT {COLUMNS} {FROM} WHERE s.article = ?", [article]).fetchall()
            together = [*(suggestion_of(row) for row in rows), *suggestions]
            by_stretch = {(s.layer, s.label, s.start, s.end, s.component): s for s in together}
            self._write(self._run(mine or pipeline), [(article, by_stretch.values(), self.notice(article))])

    def _run(self, pipeline: PipelineInfo) -> int:
        values = [storable(text) for text in (pipeline.name, pipeline.version, pipeline.config)]
        row = self._db.execute(
            "SELECT id FROM runs WHERE name = ? AND version = ? AND config = ?", values
        ).fetchone()
        if row is None:
            cursor = self._db.execute(
                "INSERT INTO runs(name, version, config, created_at) VALUES (?, ?, ?, ?)", [*values, now()]
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid
        return int(row[0])

    def _write(
        self,
        run: int,
        batch: Sequence[tuple[int, Iterable[Suggestion], str | None]],
        new: Mapping[int, int] | None = None,
        *,
        remembering: bool = False,
    ) -> None:
        """Replace the suggestions of articles within the transaction that is going on.

        ``batch`` gives (article, suggestions, notice). ``new`` gives the lengths of their texts where all
        of them are articles that never had any. ``remembering`` applies project memory.
        """
        known, former = self._known(), self._project.codebook.former_names()
        rows, covered = Rows(known), Rows(known)
        for article, suggestions, _ in batch:
            if former:
                suggestions = under_present_names(suggestions, former)
            number, length = self._last(article) if new is None else (0, new[article])
            if remembering:
                text = self._project.articles.text(article)
                fit = fitting(suggestions, known, length)
                suggestions, hidden = self._project.memory.applied(article, text, fit)
                covered.add(article, enumerate(hidden, number + 1), length)
                number += len(hidden)
            rows.add(article, enumerate(suggestions, number + 1), length)
        many = self._db.conn.executemany
        if new is None:
            many("DELETE FROM suggestions WHERE article = ?", [(article,) for article, _, _ in batch])
        if remembering:
            many("DELETE FROM covered WHERE article = ?", [(article,) for article, _, _ in batch])
        rows.insert(self._db.conn, "suggestions")
        covered.insert(self._db.conn, "covered")
        many(
            "INSERT INTO suggested(article, run, notice) VALUES (?, ?, ?) "
            "ON CONFLICT (article) DO UPDATE SET run = excluded.run, notice = excluded.notice",
            [(article, run, notice and storable(notice)) for article, _, notice in batch],
        )
        self._project.drawing.suggested_anew([article for article, _, _ in batch])

    def _known(self) -> dict[tuple[str, str | None], tuple[int, int | None]]:
        """Return the ids of layers and labels by their names; a layer's own has None for the label.

        What is retired is not suggested any more.
        """
        known: dict[tuple[str, str | None], tuple[int, int | None]] = {}
        for layer, layer_name, label, label_name in self._db.execute(
            "SELECT layers.id, layers.name, labels.id, labels.name FROM layers "
            "LEFT JOIN labels ON labels.layer = layers.id AND labels.retired = 0"
        ):
            known[layer_name, None] = (layer, None)
            if label is not None:
                known[layer_name, label_name] = (layer, label)
        return known

    def _last(self, article: int) -> tuple[int, int]:
        """Return the highest number of an article's suggestions, and the length of its text.

        Numbers are not used again, so that a view which has not heard of the new run cannot answer
        another suggestion than the one it shows.
        """
        last, length = self._db.execute(
            "SELECT max((SELECT coalesce(max(id), 0) FROM suggestions WHERE article = texts.id), "
            "(SELECT coalesce(max(id), 0) FROM covered WHERE article = texts.id)), length(text) "
            "FROM texts WHERE id = ?",
            [article],
        ).fetchone()
        return last, length

    def stored(self, article: int, table: Table = "suggestions") -> list[Suggestion]:
        """Return what is stored for an article, open or not."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM {table} {JOINED} WHERE s.article = ? ORDER BY s.id", [article]
        )
        return [suggestion_of(row) for row in rows]

    def of_whole(self, article: int, layer: str, table: Table = "suggestions") -> list[Suggestion]:
        """Return what is stored in ``layer`` for an article as a whole, open or not."""
        # The pluses lead SQLite to the index of those without a stretch: an article has few of them.
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM {table} {JOINED} "
            'WHERE s.article = ? AND s."start" IS NULL AND +layers.name = ? ORDER BY +s.id',
            [article, layer],
        )
        return [suggestion_of(row) for row in rows]

    def rearrange(
        self,
        article: int,
        *,
        cover: Collection[int],
        uncover: Collection[int],
        drop: Collection[int],
        add: Sequence[Suggestion],
    ) -> None:
        """Cover and uncover suggestions, and drop and add others, within the transaction that is going on."""
        last, length = self._last(article)
        for source, target, moved in (("suggestions", "covered", cover), ("covered", "suggestions", uncover)):
            if moved:
                chosen, values = (
                    "article = ? AND id IN (SELECT value FROM json_each(?))",
                    json.dumps([*moved]),
                )
                self._db.execute(
                    f"INSERT INTO {target} SELECT * FROM {source} WHERE {chosen}", [article, values]
                )
                self._db.execute(f"DELETE FROM {source} WHERE {chosen}", [article, values])
        many = self._db.conn.executemany
        many("DELETE FROM suggestions WHERE article = ? AND id = ?", [(article, id_) for id_ in drop])
        if add:
            rows = Rows(self._known())
            rows.add(article, ((s.id or number, s) for number, s in enumerate(add, last + 1)), length)
            rows.insert(self._db.conn, "suggestions")

    def pending(self, outdated: Iterable[str] = (NO_MODEL,)) -> list[int]:
        """Return the articles for which nothing has been suggested yet, in import order.

        So they are, too, where a pipeline did whose name is in ``outdated``: by itself the one that
        stands in for a model, whose suggestions are kept until a model is installed and then made anew.
        """
        return [article for page in self.pending_pages(outdated) for article in page]

    def pending_pages(self, outdated: Iterable[str] = (NO_MODEL,)) -> Iterator[list[int]]:
        """Yield what :meth:`pending` returns, a few milliseconds' worth of looking at a time."""
        names = json.dumps(list(outdated))
        after: int | None = 0
        while after is not None:
            rows = self._db.execute(
                "SELECT id, EXISTS (SELECT 1 FROM suggested JOIN runs ON runs.id = suggested.run "
                "WHERE suggested.article = articles.id "
                "AND runs.name NOT IN (SELECT value FROM json_each(?))) "
                "FROM articles WHERE id > ? ORDER BY id LIMIT ?",
                [names, after, PAGE],
            ).fetchall()
            yield [article for article, is_there in rows if not is_there]
            after = rows[-1][0] if rows else None

    def forget_runs(self, names: Iterable[str] | None = None) -> None:
        """Let every article count as pending again, or those that the pipelines ``names`` suggested for.

        What is stored stays until it is replaced.
        """
        self._project.require_writable()
        with self._project.history.transaction():
            if names is None:
                self._db.execute("DELETE FROM suggested")
            else:
                self._db.execute(
                    "DELETE FROM suggested WHERE run IN "
                    "(SELECT id FROM runs WHERE name IN (SELECT value FROM json_each(?)))",
                    [json.dumps(list(names))],
                )

    def unread(self) -> dict[str, int]:
        """Return how many articles had no model for their language (a code), most first."""
        rows = self._db.execute(
            "SELECT substr(name, ?), count(*) FROM runs JOIN suggested ON suggested.run = runs.id "
            "WHERE name GLOB ? GROUP BY 1 ORDER BY 2 DESC, 1",
            [len(BLANK) + 1, f"{BLANK}*"],
        )
        return {language: count for language, count in rows if re.fullmatch("[a-z]{2,3}", language)}

    def language(self, article: int) -> str | None:
        """Return the language that was detected for an article, None where it was given or is not clear."""
        row = self._db.execute("SELECT language FROM suggested WHERE article = ?", [article]).fetchone()
        return row[0] if row else None

    def notice(self, article: int) -> str | None:
        """Return what the pipeline said about an article ("its language is not English"), or None."""
        row = self._db.execute("SELECT notice FROM suggested WHERE article = ?", [article]).fetchone()
        return row[0] if row else None

    def is_pending(self, article: int) -> bool:
        """Tell whether no pipeline has suggested anything for an article yet."""
        return self._db.execute("SELECT 1 FROM suggested WHERE article = ?", [article]).fetchone() is None

    def runs(self) -> list[tuple[str, str, str, str, int]]:
        """Return the pipelines that made suggestions: name, version, hash of its configuration, when first,
        and of how many articles the suggestions are its own now."""
        return self._db.execute(
            "SELECT name, version, config, min(created_at), count(suggested.article) "
            "FROM runs LEFT JOIN suggested ON suggested.run = runs.id GROUP BY 1, 2, 3 ORDER BY min(runs.id)"
        ).fetchall()

    def pipeline(self, article: int) -> PipelineInfo | None:
        """Return the pipeline that made an article's suggestions, or None."""
        row = self._db.execute(
            "SELECT name, version, config FROM runs JOIN suggested ON suggested.run = runs.id "
            "WHERE article = ?",
            [article],
        ).fetchone()
        return PipelineInfo(*row) if row else None

    def open(self, article: int, annotator: int | None = None) -> list[Suggestion]:
        """Return the suggestions that are open for an annotator (id; default: the one at work).

        In reading order; those on the whole article first.
        """
        me = self._project.annotator_id() if annotator is None else annotator
        rows = self._db.execute(
            f"SELECT {COLUMNS} {FROM} WHERE s.article = ? "
            'ORDER BY s."start", s."end", layers.name, labels.name, s.component',
            [article],
        )
        # What IS_OPEN says, for one article: with 10,000 spans on it that would take 6 s here.
        decided = set(
            self._db.execute(
                'SELECT layer, "start", "end" FROM annotations WHERE article = ? AND annotator = ?',
                [article, me],
            )
        )
        rejected = set(
            self._db.execute(
                'SELECT layer, "start", "end", label FROM rejections WHERE article = ? AND annotator = ?',
                [article, me],
            )
        )
        hidden = bool(self._project.drawing.hidden([article], me))
        return follow(
            self._project,
            article,
            [
                suggestion_of(row)
                for row in rows
                if (row[13], row[2], row[3]) not in decided
                and (row[13], row[2], row[3], row[14]) not in rejected
                and not (hidden and row[0] == STANCE)
            ],
        )

    def open_at(self, article: int, start: int | None, end: int | None) -> list[Suggestion]:
        """Return what :meth:`open` returns, of exactly this stretch."""
        rows = self._db.execute(
            f'SELECT {COLUMNS} {FROM} WHERE s.article = :article AND s."start" IS :start AND s."end" IS :end '
            f"AND {IS_OPEN} ORDER BY layers.name, labels.name, s.component",
            {"article": article, "start": start, "end": end, "me": self._project.annotator_id()},
        )
        return follow(self._project, article, [suggestion_of(row) for row in rows])

    def zones_in_force(self, article: int) -> frozenset[tuple[int, int, str]]:
        """Return the zones of an article, as (start, end, label), that count for the annotator at work.

        Those they keep, and those suggested that they have not rejected.
        """
        me = self._project.annotator_id()
        zone = (
            "JOIN layers ON layers.id = s.layer AND layers.name = 'zone' JOIN labels ON labels.id = s.label"
        )
        rows = self._db.execute(
            f'SELECT s."start", s."end", labels.name FROM suggestions s {zone} '
            f"WHERE s.article = :article AND {IS_OPEN} "
            f'UNION SELECT s."start", s."end", labels.name FROM annotations s {zone} '
            'WHERE s.article = :article AND s.annotator = :me AND s."start" IS NOT NULL',
            {"article": article, "me": me},
        )
        return frozenset(rows)

    def get(self, article: int, suggestion: int) -> Suggestion | None:
        """Return one stored suggestion, or None when it was replaced meanwhile; a hidden one too."""
        row = self._db.execute(
            f"SELECT {COLUMNS} {FROM} WHERE s.article = ? AND s.id = ?", [article, suggestion]
        ).fetchone()
        return suggestion_of(row) if row else None

    def whole_article(self, article: int, layer: str) -> Suggestion | None:
        """Return the suggestion of ``layer`` for the whole article, open or decided; or None.

        None, too, while it is hidden from the annotator at work.
        """
        if layer == STANCE and self._project.drawing.hidden([article]):
            return None
        row = self._db.execute(
            f'SELECT {COLUMNS} {FROM} WHERE s.article = ? AND layers.name = ? AND s."start" IS NULL LIMIT 1',
            [article, layer],
        ).fetchone()
        return suggestion_of(row) if row else None

    def at(
        self, article: int, layer: int, start: int | None, end: int | None, prefer: str | None = None
    ) -> Suggestion | None:
        """Return the suggestion on exactly this stretch (layer id), or None.

        Of several the one with the label ``prefer``, else the first.
        """
        row = self._db.execute(
            f"SELECT {COLUMNS} {FROM} WHERE s.article = ? AND s.layer = ? "
            'AND s."start" IS ? AND s."end" IS ? ORDER BY labels.name IS NOT ?, s.id LIMIT 1',
            [article, layer, start, end, prefer],
        ).fetchone()
        return suggestion_of(row) if row else None
