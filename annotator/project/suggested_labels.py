"""In which articles a label was ever suggested: how its suggestions are found when it goes.

``suggested_labels`` names, eight at a time, at least the articles that have suggestions of a label now,
covered or not: inserting rows notes them there. What it names needlessly costs a look.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotator.project.long_act import LongAct
    from annotator.project.store import Project

AT_ONCE = 60
"""In so many blocks of articles a label's suggestions are deleted at once; where there are more, in steps."""
BLOCK = 8
"""Articles in a block: one row for each article would cost a thirtieth of an import."""
_STEP_SECONDS = 0.010  # of work; the commit comes on top
_FIRST_STEP = 4  # blocks


class SuggestedLabels:
    """Finds suggestions by label: its id, or for those without any the negative of their layer's."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def note_article(self, article: int) -> None:
        """Note what is suggested for an article, within the transaction that is going on."""
        self._db.execute(
            "INSERT OR IGNORE INTO suggested_labels "
            f"SELECT DISTINCT coalesce(label, -layer), article / {BLOCK} FROM suggestions WHERE article = ?",
            [article],
        )

    def forget_articles(self, articles: str) -> None:
        """Forget the blocks of articles, SQL for ids, of which none is left."""
        self._db.execute(
            "DELETE FROM suggested_labels "
            "WHERE label IN (SELECT id FROM labels UNION ALL SELECT -id FROM layers) "
            f"AND block IN (SELECT id / {BLOCK} FROM ({articles})) "
            "AND NOT EXISTS (SELECT 1 FROM articles "
            f"WHERE id BETWEEN block * {BLOCK} AND block * {BLOCK} + {BLOCK - 1})"
        )

    def articles(self, labels: Collection[int]) -> int:
        """Return how many articles are looked at when the suggestions of ``labels`` are deleted."""
        (number,) = self._db.execute(
            f"SELECT count(*) FROM suggested_labels WHERE label IN ({_list(labels)})"
        ).fetchone()
        return BLOCK * int(number)

    def withdrawing(
        self, act: LongAct, labels: Collection[int], *, again: int | None = None
    ) -> Generator[int, None, None]:
        """Do what :meth:`withdraw` does in steps of ``act``; yields how many articles each looked at."""
        size = _FIRST_STEP
        while True:
            began = perf_counter()
            with act.step():
                looked_at = self.withdraw(labels, size, again=again)
                elapsed = perf_counter() - began
            if not looked_at:
                return
            yield looked_at
            size = max(1, min(2 * size, int(size * _STEP_SECONDS / elapsed)))

    def are_many(self, labels: Collection[int], most: int | None = None) -> bool:
        """Tell whether ``labels`` were suggested in more than ``most`` blocks (default: too many at once)."""
        query = f"SELECT 1 FROM suggested_labels WHERE label IN ({_list(labels)}) LIMIT 1 OFFSET ?"
        return self._db.execute(query, [AT_ONCE if most is None else most]).fetchone() is not None

    def offered_no_more(self, images: str) -> list[int]:
        """Return which labels are gone or retired once images, SQL for (tbl, id, before), are put back."""
        rows = self._db.execute(
            f"SELECT id FROM ({images}) WHERE tbl = 'labels' "
            "AND (before IS NULL OR json_extract(before, '$.retired') = 1) "
            f"UNION ALL SELECT -id FROM ({images}) WHERE tbl = 'layers' AND before IS NULL"
        )
        return [id_ for (id_,) in rows]

    def withdraw(self, labels: Collection[int], most: int | None = None, *, again: int | None = None) -> int:
        """Delete the suggestions of ``labels`` in up to ``most`` blocks; return how many articles that are.

        Within the transaction that is going on. Suggestions are not in the history: the table ``withdrawn``
        says which articles lost some, so that they are suggested again should the label be offered again, or
        at once where ``again`` is a label that is offered.
        """
        places = self._db.execute(
            f"SELECT label, block FROM suggested_labels WHERE label IN ({_list(labels)}) LIMIT ?",
            [-1 if most is None else most],
        ).fetchall()
        lost: set[tuple[int, int]] = set()
        for label, block in places:
            which = f"layer = {-label} AND label IS NULL" if label < 0 else f"label = {label}"
            for table in ("suggestions", "covered"):
                gone = self._db.execute(
                    f"DELETE FROM {table} WHERE article BETWEEN ? AND ? AND +{which} RETURNING article",
                    [block * BLOCK, block * BLOCK + BLOCK - 1],
                ).fetchall()
                lost.update((offered, article) for (article,) in gone for offered in (label, again or label))
        many = self._db.conn.executemany
        many("INSERT OR IGNORE INTO withdrawn VALUES (?, ?)", sorted(lost))
        many("DELETE FROM suggested_labels WHERE label = ? AND block = ?", places)
        return BLOCK * len(places)


def images_of(act: int) -> str:
    """Return the SQL for the images that an act keeps: what :meth:`SuggestedLabels.offered_no_more` takes."""
    return f'SELECT tbl, "row" AS id, before FROM act_rows WHERE act = {int(act)}'


def _list(ids: Collection[int]) -> str:
    return ", ".join(str(int(id_)) for id_ in ids)
