"""Making rescued rows a valid project again: what they need is put in place, what fits nowhere goes apart."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from annotator.project.copying import connect
from annotator.project.history import now
from annotator.project.left_over import LeftOver
from annotator.project.remains import Remains, is_torn
from annotator.project.stored_values import is_read_by, stored_names, stored_number
from annotator.project.torn_texts import LOST, one_byte_put_right, put_together
from annotator.text import sha256

_NAMED = 20
_NO_TEXT = "The text of this article could not be read any more. Only what was labelled is left of it."
_FATES = {
    "whole": "Articles whose text was damaged and is whole again, as its SHA-256 proves",
    "part": f"Articles of whose text a part is lost ({LOST} stands for each character)",
    "lost": "Articles whose text cannot be read; only the passages that were labelled are left of it",
    "altered": "Articles whose text is not as it was imported, compare them with their source",
}
_DONE = {"part": "damaged", "lost": "lost", "altered": "damaged"}
_INDEXES = {
    "sqlite_autoindex_articles_1": "uuid",
    "articles_sha256": "sha256",
    "articles_title": "title",
    "articles_source": "source",
    "articles_published": "published",
    "articles_language": "language",
}
REJECTED_WORDS = (
    'UPDATE rejections SET quote = (SELECT substr(text, "start" + 1, "end" - "start") FROM texts '
    'WHERE texts.id = rejections.article) WHERE quote IS NULL AND "start" IS NOT NULL '
    "AND id IN (SELECT id FROM older_rejections)"
)
"""What rejections without words mean differs: in older files all of a name, since 0004 this mention only."""

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_REFERENCES = {  # table -> the columns of human tables that point to it
    "annotators": (("progress", "annotator"), ("annotations", "annotator"), ("rejections", "annotator")),
    "layers": (("labels", "layer"), ("annotations", "layer"), ("rejections", "layer")),
    "labels": (("annotations", "label"), ("rejections", "label")),
    "actors": (
        ("aliases", "actor"),
        ("annotations", "actor"),
        ("annotations", "holder"),
        ("annotations", "target"),
    ),
}


class Mending:
    """Works on a new file with rescued rows; adds to ``lost`` and ``notes``."""

    def __init__(
        self,
        db: sqlite3.Connection,
        remains: Remains,
        lost: dict[str, int],
        notes: list[str],
        backups: Sequence[Path],
        left_over: LeftOver,
        *,
        history_is_whole: bool,
    ) -> None:
        self._db = db
        self._remains = remains
        self._lost = lost
        self._notes = notes
        self._backups = backups
        self._left_over = left_over
        self._history_is_whole = history_is_whole
        self._altered = False
        self._fates: dict[str, list[str]] = {fate: [] for fate in _FATES}
        self.made: dict[str, int] = {}  # rows that stand for others of which nothing is left, by table

    def mend(self) -> None:
        """Do everything."""
        self._settings()
        self._articles()
        self._db.execute(REJECTED_WORDS)
        self._codebook()
        for table in ("annotators", "actors"):
            self._parents(table)
        self._spans()
        self._history()

    def _note(self, text: str, names: list[str]) -> None:
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self._notes.append(f"{text}: {', '.join(names[:_NAMED])}{more}.")

    def _delete(self, table: str, condition: str) -> None:
        self._left_over.keep(self._db, table, condition)
        self._lost[table] += self._db.execute(f"DELETE FROM {table} WHERE {condition}").rowcount

    # Settings, codebook, people, actors

    def _settings(self) -> None:
        execute = self._db.execute
        for key, read in (("codebook_version", stored_number), ("blocs", stored_names)):
            for (value,) in execute("SELECT value FROM settings WHERE key = ?", [key]).fetchall():
                if not is_read_by(read, value):
                    execute("DELETE FROM settings WHERE key = ?", [key])
                    self._notes.append(f"The setting {key} could not be read, and begins anew.")
        execute(
            "INSERT INTO settings(key, value) SELECT key, value FROM new_settings WHERE true "
            "ON CONFLICT DO NOTHING"
        )

    def _codebook(self) -> None:
        """Fill in what is missing of layers and labels: from the default codebook, if it was that."""
        execute = self._db.execute
        changed = execute(
            "SELECT (SELECT count(*) FROM layers JOIN new_layers n USING (id) WHERE layers.name != n.name) + "
            "(SELECT count(*) FROM labels JOIN new_labels n USING (id) "
            "WHERE labels.name != n.name OR labels.layer != n.layer)"
        ).fetchone()[0]
        for table in ("layers", "labels"):
            if not changed:
                execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM new_{table}")
            self._parents(table)
        self._delete("examples", "label NOT IN (SELECT id FROM labels)")
        for id_, color in execute("SELECT id, color FROM labels").fetchall():
            if not _COLOR.fullmatch(color):
                execute("UPDATE labels SET color = '#808080' WHERE id = ?", [id_])
        names = []
        for id_, name, former in execute(
            "SELECT id, name, former FROM labels WHERE former IS NOT NULL"
        ).fetchall():
            if not is_read_by(stored_names, former):
                execute("UPDATE labels SET former = NULL WHERE id = ?", [id_])
                names.append(name)
        self._note("Labels whose former names could not be read", names)

    def _parents(self, table: str) -> None:
        """Put a row with a name of its own where rows point to one that is gone."""
        missing = " UNION ".join(
            f"SELECT {column} FROM {child} WHERE {column} IS NOT NULL "
            f"AND {column} NOT IN (SELECT id FROM {table})"
            for child, column in _REFERENCES[table]
        )
        names = []
        for (id_,) in self._db.execute(missing).fetchall():
            name = f"{table[:-1]} {id_} (name lost)"
            values: dict[str, Any] = {"id": id_, "name": name}
            if table in ("annotators", "actors"):
                values["uuid"] = str(uuid.uuid4())
            elif table == "layers":
                values |= {"scope": "both", "exclusive": 0, "position": id_}
            else:
                (layer,) = self._db.execute(
                    "SELECT layer FROM annotations WHERE label = :id UNION ALL "
                    "SELECT layer FROM rejections WHERE label = :id LIMIT 1",
                    {"id": id_},
                ).fetchone()
                values |= {"layer": layer, "color": "#808080", "position": id_}
            places = ", ".join(f":{key}" for key in values)
            self._db.execute(f"INSERT INTO {table}({', '.join(values)}) VALUES ({places})", values)
            names.append(name)
        self._lost[table] = max(self._lost[table], len(names))
        self._note(f"Of these {table} only the use is left", names)

    # Articles

    def _articles(self) -> None:
        execute = self._db.execute
        self._new_heads()
        execute("UPDATE articles SET replaces = NULL WHERE replaces NOT IN (SELECT id FROM articles)")
        unfit, no_meta = list[int](), list[str]()
        for id_, title, digest, meta, text in execute(
            "SELECT articles.id, title, sha256, meta, text FROM articles LEFT JOIN texts USING (id)"
        ):
            if text is None or sha256(text) != digest:
                unfit.append(id_)
            if _object(meta) is None:
                self._db.execute("UPDATE articles SET meta = '{}' WHERE id = ?", [id_])
                no_meta.append(title)
        self._note("Articles whose further metadata could not be read", no_meta)
        for id_ in unfit:
            self._text(id_)
        for fate, words in _FATES.items():
            self._note(words, self._fates[fate])
        (there,) = execute("SELECT count(*) FROM articles").fetchone()
        # Where the history is whole nothing is lost, and articles may have gone with what was taken back.
        unknown = 0 if self._history_is_whole else max(0, self._remains.expected("articles") - there)
        self._lost["texts"] = len(self._fates["lost"]) + unknown
        self.made["texts"] = len(self._fates["lost"])

    def _text(self, article: int) -> None:
        """Make the text of an article as whole as it can be had, and say in its metadata what it is."""
        execute = self._db.execute
        title, digest, meta, text, raw = execute(
            "SELECT title, sha256, meta, text, raw FROM articles LEFT JOIN texts USING (id) "
            "LEFT JOIN torn_texts USING (id) WHERE articles.id = ?",
            [article],
        ).fetchone()
        torn = text if raw is None else raw.decode("utf-8", "surrogateescape")
        passages = execute(
            'SELECT "start", "end", quote FROM annotations WHERE article = :id AND "start" IS NOT NULL '
            'UNION SELECT "start", "end", quote FROM rejections WHERE article = :id AND "start" IS NOT NULL '
            'UNION SELECT "start", "end", quote FROM examples WHERE article = :id',
            {"id": article},
        ).fetchall()
        new = put_together(torn or "", passages)
        if sha256(new) != digest:
            new = one_byte_put_right(torn or "", digest) or self._in_a_backup(digest) or new
        whole = sha256(new) == digest
        fate = "whole" if whole else "lost" if torn is None else "part" if raw is not None else "altered"
        if fate == "lost":
            new += f"\n\n{_NO_TEXT}" if new else _NO_TEXT
        self._fates[fate].append(title)
        execute(
            "INSERT INTO texts VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET text = excluded.text",
            [article, new],
        )
        if whole:
            return
        known = (_object(meta) or {}) | {"salvaged": f"the text was {_DONE[fate]}", "salvaged_sha256": digest}
        execute(  # with a fingerprint of its own: the article can be imported anew from its source
            "UPDATE articles SET sha256 = :new, fingerprint = :new, meta = :meta WHERE id = :id",
            {"new": sha256(new), "meta": json.dumps(known, ensure_ascii=False), "id": article},
        )
        execute(
            "UPDATE act_rows SET before = json_set(before, '$.sha256', ?) "
            "WHERE tbl = 'articles' AND \"row\" = ? AND json_valid(before)",
            [sha256(new), article],
        )

    def _in_a_backup(self, digest: str) -> str | None:
        """Return the text with this SHA-256 from a backup, newest first; None where none has it."""
        for path in self._backups:
            with suppress(sqlite3.Error, OSError, UnicodeDecodeError), closing(connect(path)) as backup:
                for (text,) in backup.execute(
                    "SELECT text FROM articles JOIN texts USING (id) WHERE sha256 = ?", [digest]
                ):
                    if sha256(text) == digest:
                        return str(text)
        return None

    def _new_heads(self) -> None:
        """Give articles whose metadata are lost new ones, from what the indexes still have of them."""
        used = " UNION ".join(
            f"SELECT {column} FROM {table}"
            for table, column in (
                ("texts", "id"),
                ("torn_texts", "id"),
                ("annotations", "article"),
                ("rejections", "article"),
                ("progress", "article"),
            )
        )
        headless = self._db.execute(
            f"SELECT used.id, text FROM ({used}) AS used LEFT JOIN texts ON texts.id = used.id "
            "WHERE used.id NOT IN (SELECT id FROM articles) ORDER BY used.id"
        ).fetchall()
        if not headless:
            return
        known: dict[str, dict[object, object]] = {column: {} for column in _INDEXES.values()}
        for name, records in self._remains.indexes("articles"):
            if (column := _INDEXES.get(name)) is not None:
                known[column] = {r[1]: r[0] for r in records if len(r) == 2 and not is_torn(r[0])}
        titles = []
        for id_, text in headless:
            kept = {column: v[id_] for column, v in known.items() if isinstance(v.get(id_), str)}
            first = next((line.strip() for line in (text or "").split("\n") if line.strip()), "")[:200]
            digest = sha256(text) if text is not None else kept.get("sha256", "")
            row = {
                "id": id_,
                "title": first or f"Article {id_} (title lost)",
                "fingerprint": digest,
                "meta": '{"salvaged": "the metadata were lost"}',
                "imported_at": now(),
                **kept,
                "sha256": digest,
            }
            for article_uuid in (kept.get("uuid"), str(uuid.uuid4())):
                values = row | {"uuid": article_uuid}
                places = ", ".join(f":{key}" for key in values)
                if (
                    article_uuid is not None
                    and self._db.execute(
                        f"INSERT INTO articles({', '.join(values)}) VALUES ({places}) ON CONFLICT DO NOTHING",
                        values,
                    ).rowcount
                ):
                    break
            titles.append(str(row["title"]))
        self._lost["articles"] = max(self._lost["articles"], len(titles))
        self.made["articles"] = len(titles)
        self._note("Articles whose metadata are lost, but for what the indexes know", titles)

    def _spans(self) -> None:
        """Drop annotations and rejections that fit neither their text nor the codebook."""
        for table in ("annotations", "rejections"):
            self._delete(table, f"layer != (SELECT layer FROM labels WHERE labels.id = {table}.label)")
        lengths = "(SELECT length(text) FROM texts WHERE texts.id = article)"
        self._delete(
            "rejections",
            '("start" IS NULL) != ("end" IS NULL) OR '
            f'("start" IS NOT NULL AND NOT (0 <= "start" AND "start" < "end" AND "end" <= {lengths}))',
        )
        self._db.execute(  # the words are worth keeping without their place
            'UPDATE examples SET article = NULL, "start" = NULL, "end" = NULL WHERE article IS NOT NULL '
            'AND quote IS NOT (SELECT substr(text, "start" + 1, "end" - "start") FROM texts '
            "WHERE texts.id = article)"
        )
        current, text, unfit = 0, "", list[tuple[int, int]]()
        changed = list[tuple[int, int, str, int, int]]()
        for article, id_, start, end, quote in self._db.execute(
            'SELECT article, id, "start", "end", quote FROM annotations '
            'WHERE "start" IS NOT NULL ORDER BY article'
        ):
            if article != current:
                (text,) = self._db.execute("SELECT text FROM texts WHERE id = ?", [article]).fetchone()
                current = article
            if end <= len(text) and text[start:end] == quote:
                continue
            if end <= len(text) and _alike(text[start:end], quote):
                changed.append((start, end, text[start:end], article, id_))
            elif len(quote) > 1 and text.count(quote) == 1:
                start = text.index(quote)
                changed.append((start, start + len(quote), quote, article, id_))
            else:
                unfit.append((article, id_))
        self._db.executemany(
            'UPDATE annotations SET "start" = ?, "end" = ?, quote = ? WHERE article = ? AND id = ?', changed
        )
        if changed:
            self._altered = True
            self._notes.append(
                f"{len(changed):,} annotations did not hold the words of their text: those with most of them "
                "have them as the text has, others stand where their words stand now."
            )
        for article, id_ in unfit:
            self._delete("annotations", f"article = {article} AND id = {id_}")

    # History

    def _history(self) -> None:
        """Keep the history only where it and all that it speaks of are whole: half an undo would do harm."""
        if self._history_is_whole and not self._altered and not any(self._lost.values()):
            return
        for table in ("swaps", "swap_rows"):
            self._db.execute(f"DELETE FROM {table}")
        self._lost["act_rows"] += self._db.execute("DELETE FROM act_rows").rowcount  # of no use by themselves
        self._delete("acts", "true")
        self._notes.append("Undo begins anew: steps from before the damage cannot be taken back.")


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _alike(a: str, b: str) -> bool:
    """Tell whether most characters of two texts of one length are the same."""
    return len(a) == len(b) and 2 * sum(map(str.__eq__, a, b)) > len(a)
