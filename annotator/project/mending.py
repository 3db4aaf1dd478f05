"""Making rescued rows a valid project again: parents are put in place, what does not fit is dropped."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from typing import Any

from annotator.project.history import now
from annotator.project.remains import Remains
from annotator.text import normalise, sha256

_NAMED = 20
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
        self, db: sqlite3.Connection, remains: Remains, lost: dict[str, int], notes: list[str]
    ) -> None:
        self._db = db
        self._remains = remains
        self._lost = lost
        self._notes = notes
        self._loose = bool(notes)

    def mend(self) -> None:
        """Do everything."""
        whole = self._history_is_whole()
        self._settings()
        self._articles()
        self._drop_homeless()
        self._codebook()
        for table in ("annotators", "actors"):
            self._parents(table)
        self._spans()
        self._history(whole)

    def _note(self, text: str, names: list[str]) -> None:
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self._notes.append(f"{text}: {', '.join(names[:_NAMED])}{more}.")

    def _delete(self, table: str, condition: str) -> None:
        self._lost[table] += self._db.execute(f"DELETE FROM {table} WHERE {condition}").rowcount

    # Settings, codebook, people, actors

    def _settings(self) -> None:
        execute = self._db.execute
        execute(
            "DELETE FROM settings WHERE key = 'codebook_version' AND (value = '' OR value GLOB '*[^0-9]*')"
        )
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
        gone = [
            title
            for (title,) in execute(
                "SELECT title FROM articles WHERE id NOT IN (SELECT id FROM texts) ORDER BY id"
            )
        ]
        self._note("Articles lost, since their text cannot be read", gone)
        self._delete("articles", "id NOT IN (SELECT id FROM texts)")
        self._lost["texts"] = max(self._lost["texts"], len(gone))
        self._new_heads()
        execute("UPDATE articles SET replaces = NULL WHERE replaces NOT IN (SELECT id FROM articles)")
        altered = []
        for id_, title, digest, meta, text in execute(
            "SELECT articles.id, title, sha256, meta, text FROM articles JOIN texts USING (id)"
        ):
            known = _object(meta)
            if sha256(text) != digest:
                altered.append((id_, title, known or {}, normalise(text)))
            elif known is None:
                self._db.execute("UPDATE articles SET meta = '{}' WHERE id = ?", [id_])
        for id_, _, known, text in altered:
            known["salvaged"] = "the text was damaged"
            execute("UPDATE texts SET text = ? WHERE id = ?", [text, id_])
            execute(
                "UPDATE articles SET sha256 = ?, meta = ? WHERE id = ?",
                [sha256(text), json.dumps(known, ensure_ascii=False), id_],
            )
        self._note(
            "Articles whose text is not as it was imported, compare them with their source",
            [title for _, title, _, _ in altered],
        )

    def _new_heads(self) -> None:
        """Give texts whose metadata are lost an article; its uuid may still stand in an index."""
        headless = self._db.execute(
            "SELECT id, text FROM texts WHERE id NOT IN (SELECT id FROM articles) ORDER BY id"
        ).fetchall()
        if not headless:
            return
        known: dict[object, object] = {}
        for name, records in self._remains.indexes("articles"):
            if name == "sqlite_autoindex_articles_1":
                known = {record[1]: record[0] for record in records if len(record) == 2}
        titles = []
        for id_, text in headless:
            digest = sha256(text)
            title = next((line.strip() for line in text.split("\n") if line.strip()), "")[:200] or "Untitled"
            for article_uuid in (known.get(id_), str(uuid.uuid4())):
                added = (
                    isinstance(article_uuid, str)
                    and self._db.execute(
                        "INSERT INTO articles(id, uuid, sha256, fingerprint, title, meta, imported_at) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        [
                            id_,
                            article_uuid,
                            digest,
                            digest,
                            title,
                            '{"salvaged": "the metadata were lost"}',
                            now(),
                        ],
                    ).rowcount
                )
                if added:
                    break
            titles.append(title)
        self._lost["articles"] = max(self._lost["articles"], len(titles))
        self._note("Articles whose metadata are lost; their first line is the title now", titles)

    def _drop_homeless(self) -> None:
        for table in ("progress", "annotations", "rejections"):
            self._delete(table, "article NOT IN (SELECT id FROM articles)")
        self._db.execute(  # as in _spans
            'UPDATE examples SET article = NULL, "start" = NULL, "end" = NULL '
            "WHERE article NOT IN (SELECT id FROM articles)"
        )

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
        current, text, unfit = 0, "", []
        for article, id_, start, end, quote in self._db.execute(
            'SELECT article, id, "start", "end", quote FROM annotations '
            'WHERE "start" IS NOT NULL ORDER BY article'
        ):
            if article != current:
                (text,) = self._db.execute("SELECT text FROM texts WHERE id = ?", [article]).fetchone()
                current = article
            if not (end <= len(text) and text[start:end] == quote):
                unfit.append((article, id_))
        self._db.executemany("DELETE FROM annotations WHERE article = ? AND id = ?", unfit)
        self._lost["annotations"] += len(unfit)

    # History

    def _history_is_whole(self) -> bool:
        found = self._remains.found.values()
        if self._loose or self._remains.torn_pages or any(table.unreadable for table in found):
            return False
        (unfit,) = self._db.execute(
            "SELECT (SELECT count(*) FROM acts WHERE state IN ('done', 'undone') "
            'AND "rows" != (SELECT count(*) FROM act_rows WHERE act = acts.id)) + '
            "(SELECT count(*) FROM act_rows WHERE act NOT IN (SELECT id FROM acts) "
            "OR (before IS NOT NULL AND NOT json_valid(before)))"
        ).fetchone()
        return not unfit and not any(self._lost.values())

    def _history(self, whole: bool) -> None:
        """Keep the history only where it and all that it speaks of are whole: half an undo would do harm."""
        if whole and not any(self._lost.values()):
            return
        for table in ("act_rows", "acts"):
            self._delete(table, "true")
        self._notes.append("Undo begins anew: steps from before the damage cannot be taken back.")


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
