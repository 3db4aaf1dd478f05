"""Tables of the project file and how they came to be (sqlite-utils migrations).

``docs/project-file.md`` is this module for readers. Human tables are those whose rows people made:
their changes are recorded by the history's triggers. Every human table has an integer ``id`` that
is unique in it, no REAL and no BLOB column: a row's image in the history is a JSON object.
"""

from __future__ import annotations

import re

from sqlite_utils import Database, Migrations

from annotator.project.first_schema import FIRST

APPLICATION_ID = 0x416E6E6F  # "Anno", at byte 68 of the file: what `file` and we know a project by

HUMAN_TABLES = (  # parents first: rows are put back in this order and taken out in the reverse one
    "settings",
    "annotators",
    "articles",
    "texts",
    "layers",
    "labels",
    "examples",
    "actors",
    "aliases",
    "progress",
    "annotations",
    "rejections",
    "filters",
)

LATER_COLUMNS = {
    "labels": ("rule", "wording", "former"),
    "progress": ("drawn",),
    "annotations": ("blind",),
    "rejections": ("quote",),
}
"""Columns of human tables that the history's older images do not have."""

migrations = Migrations("annotator")


@migrations(name="0001_first")
def _first(db: Database) -> None:
    for statement in FIRST.split(";\n\n"):
        db.execute(statement)


@migrations(name="0002_act_rows_by_row")
def _act_rows_by_row(db: Database) -> None:
    # Which act touched a row next: what the history shows as "after", and what reverting asks.
    db.execute('CREATE INDEX act_rows_row ON act_rows(tbl, "row", act)')


@migrations(name="0003_large_projects")
def _large_projects(db: Database) -> None:
    for statement in _LARGE_PROJECTS.split(";\n\n"):
        db.execute(statement)


@migrations(name="0004_better_suggestions")
def _better_suggestions(db: Database) -> None:
    for statement in f"{_ACTORS_AND_BLIND};\n\n{_MEMORY_AND_DRAWING}".split(";\n\n"):
        db.execute(statement)


@migrations(name="0005_codebook")
def _codebook(db: Database) -> None:
    for statement in _RULES_AND_EXAMPLES.split(";\n\n"):
        db.execute(statement)


@migrations(name="0006_filters")
def _filters(db: Database) -> None:
    for statement in _FILTERS.split(";\n\n"):
        db.execute(statement)


@migrations(name="0007_near_duplicates")
def _near_duplicates(db: Database) -> None:
    for statement in _NEAR_DUPLICATES.split(";\n\n"):
        db.execute(statement)


@migrations(name="0008_bands_of_one_function")
def _bands_of_one_function(db: Database) -> None:
    """Have all articles compared anew, as soon as there is time: the numbers of the bands are others now."""
    for table in ("near_duplicates", "near_duplicate_bands"):
        db.execute(f"DELETE FROM {table}")


@migrations(name="0009_withdrawn")
def _withdrawn(db: Database) -> None:
    for statement in _WITHDRAWN.split(";\n\n"):
        db.execute(statement)


@migrations(name="0010_suggested_labels")
def _suggested_labels(db: Database) -> None:
    # First what makes the views anew: SQLite 3.40 looks for no lost pages where a view is the last of all.
    for table in ("annotations", "rejections"):
        _rebuild(db, table, r"(layer INTEGER NOT NULL) REFERENCES layers\(id\)", r"\1")
    for statement in _SUGGESTED_LABELS.split(";\n\n"):
        db.execute(statement)


def _rebuild(db: Database, table: str, words: str, others: str) -> None:
    """Make a table anew, the same but for ``words`` (a pattern) of its SQL, which are ``others``."""
    schema = "SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL"
    views = db.execute(schema, ["view"]).fetchall()
    indexes = db.execute(f"{schema} AND tbl_name = ?", ["index", table]).fetchall()
    ((_, made),) = db.execute(f"{schema} AND name = ?", ["table", table]).fetchall()
    columns = made[made.index("(") :]
    for view, _ in views:
        db.execute(f"DROP VIEW {view}")
    db.execute(f"CREATE TABLE made_anew {re.sub(words, others, columns)}")
    db.execute(f"INSERT INTO made_anew SELECT * FROM {table}")
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE made_anew RENAME TO {table}")
    for _, sql in [*indexes, *views]:
        db.execute(sql)


# swaps: the undo or redo that goes on (at most one row); swap_rows: the images that it has still to put back.
# The indexes of articles and progress answer the list; those of places tell whether a suggestion is open
# without looking at all of its article's annotations; those of actors, that nothing refers to one who goes.
_LARGE_PROJECTS = """
CREATE TABLE swaps (
    act INTEGER PRIMARY KEY REFERENCES acts(id),
    target TEXT NOT NULL CHECK (target IN ('undone', 'done')),
    moved INTEGER NOT NULL CHECK (moved IN (0, 1))
) STRICT;

CREATE TABLE swap_rows (
    gone INTEGER NOT NULL,
    tbl TEXT NOT NULL,
    "row" INTEGER NOT NULL,
    before TEXT,
    PRIMARY KEY (gone, tbl, "row")
) STRICT, WITHOUT ROWID;

CREATE INDEX articles_title ON articles(title COLLATE NOCASE);

CREATE INDEX articles_source ON articles(source COLLATE NOCASE);

CREATE INDEX articles_published ON articles(published);

CREATE INDEX progress_status ON progress(annotator, status, article);

CREATE INDEX progress_flagged ON progress(annotator, article) WHERE flagged = 1;

CREATE INDEX annotations_place ON annotations(article, annotator, layer, "start", "end", label);

CREATE INDEX rejections_place ON rejections(article, annotator, layer, label, "start", "end");

CREATE INDEX annotations_actor ON annotations(actor) WHERE actor IS NOT NULL;

CREATE INDEX annotations_holder ON annotations(holder) WHERE holder IS NOT NULL;

CREATE INDEX annotations_target ON annotations(target) WHERE target IS NOT NULL
"""

# Suggestions have no foreign keys any more: a sixth of the time of writing them, and deleting a label would
# look through all of them. The program forgets those of articles and labels that go.
# annotations are made anew for one constraint: SQLite builds a table for each row that an IN of four words
# checks, a fifth of the time of accepting many suggestions.
# Whatever is added to a human table may be NULL: images of the history from before do not have it.
# annotations_name serves labels and names: which names were labelled how, in every article; annotations_whole
# finds an article's own labels among those of its spans.
_ACTORS_AND_BLIND = """
CREATE TABLE suggestions_with_actors (
    article INTEGER NOT NULL,
    id INTEGER NOT NULL,
    layer INTEGER NOT NULL,
    label INTEGER,
    "start" INTEGER,
    "end" INTEGER,
    component TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL,
    scores TEXT,
    evidence TEXT NOT NULL,
    actor TEXT,
    holder TEXT,
    target TEXT,
    PRIMARY KEY (article, id)
) STRICT, WITHOUT ROWID;

INSERT INTO suggestions_with_actors SELECT *, NULL, NULL, NULL FROM suggestions;

DROP TABLE suggestions;

ALTER TABLE suggestions_with_actors RENAME TO suggestions;

CREATE INDEX suggestions_whole_article ON suggestions(article, layer, label) WHERE "start" IS NULL;

ALTER TABLE suggested ADD COLUMN language TEXT;

DROP VIEW entity_spans;

DROP VIEW article_stance;

DROP VIEW label_counts;

CREATE TABLE annotations_with_blind (
    article INTEGER NOT NULL REFERENCES articles(id),
    id INTEGER NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    annotator INTEGER NOT NULL REFERENCES annotators(id),
    layer INTEGER NOT NULL REFERENCES layers(id),
    label INTEGER NOT NULL REFERENCES labels(id),
    exclusive INTEGER NOT NULL CHECK (exclusive IN (0, 1)),
    "start" INTEGER,
    "end" INTEGER,
    quote TEXT,
    actor INTEGER REFERENCES actors(id),
    holder INTEGER REFERENCES actors(id),
    target INTEGER REFERENCES actors(id),
    certainty INTEGER,
    note TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL CHECK
        (origin = 'accepted' OR origin = 'manual' OR origin = 'corrected' OR origin = 'imported'),
    component TEXT,
    reason TEXT NOT NULL DEFAULT '',
    seen_suggestion TEXT,
    codebook_version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    blind INTEGER CHECK (blind IN (0, 1)),
    PRIMARY KEY (article, id),
    CHECK (("start" IS NULL AND "end" IS NULL AND quote IS NULL)
        OR (0 <= "start" AND "start" < "end" AND quote IS NOT NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO annotations_with_blind SELECT *, NULL FROM annotations;

DROP TABLE annotations;

ALTER TABLE annotations_with_blind RENAME TO annotations;

CREATE UNIQUE INDEX annotations_id ON annotations(id);

CREATE UNIQUE INDEX annotations_one_per_article ON annotations(article, annotator, layer)
    WHERE "start" IS NULL AND exclusive = 1;

CREATE INDEX annotations_place ON annotations(article, annotator, layer, "start", "end", label);

CREATE INDEX annotations_actor ON annotations(actor) WHERE actor IS NOT NULL;

CREATE INDEX annotations_holder ON annotations(holder) WHERE holder IS NOT NULL;

CREATE INDEX annotations_target ON annotations(target) WHERE target IS NOT NULL;

ALTER TABLE progress ADD COLUMN drawn TEXT;

ALTER TABLE rejections ADD COLUMN quote TEXT;

UPDATE rejections SET quote = (
    SELECT substr(text, "start" + 1, "end" - "start") FROM texts WHERE texts.id = rejections.article
) WHERE "start" IS NOT NULL;

CREATE INDEX annotations_name ON annotations(label, quote);

CREATE INDEX annotations_whole ON annotations(article, annotator) WHERE "start" IS NULL;

CREATE INDEX rejections_name ON rejections(label, quote);

CREATE VIEW entity_spans AS
SELECT articles.title AS article, annotators.name AS annotator, labels.name AS label,
    annotations.quote AS text, annotations."start" AS "start", annotations."end" AS "end",
    actors.name AS actor, annotations.origin AS origin, articles.uuid AS article_uuid
FROM annotations
JOIN articles ON articles.id = annotations.article
JOIN annotators ON annotators.id = annotations.annotator
JOIN labels ON labels.id = annotations.label
JOIN layers ON layers.id = annotations.layer
LEFT JOIN actors ON actors.id = annotations.actor
WHERE layers.name = 'entity' AND annotations."start" IS NOT NULL
ORDER BY annotations.article, annotations."start";

CREATE VIEW article_stance AS
SELECT articles.title AS article, articles.source AS source, articles.published AS published,
    annotators.name AS annotator, labels.name AS stance, annotations.certainty AS certainty,
    annotations.origin AS origin, articles.uuid AS article_uuid
FROM annotations
JOIN articles ON articles.id = annotations.article
JOIN annotators ON annotators.id = annotations.annotator
JOIN labels ON labels.id = annotations.label
JOIN layers ON layers.id = annotations.layer
WHERE layers.name = 'stance' AND annotations."start" IS NULL
ORDER BY annotations.article;

CREATE VIEW label_counts AS
SELECT layers.name AS layer, labels.name AS label, annotators.name AS annotator, count(*) AS annotations
FROM annotations
JOIN labels ON labels.id = annotations.label
JOIN layers ON layers.id = annotations.layer
JOIN annotators ON annotators.id = annotations.annotator
GROUP BY layers.position, labels.position, annotators.name;

CREATE VIEW passages AS
SELECT articles.title AS article, annotators.name AS annotator, labels.name AS stance,
    holder.name AS holder, target.name AS target, annotations.quote AS text,
    annotations."start" AS "start", annotations."end" AS "end", annotations.origin AS origin,
    articles.uuid AS article_uuid
FROM annotations
JOIN articles ON articles.id = annotations.article
JOIN annotators ON annotators.id = annotations.annotator
JOIN labels ON labels.id = annotations.label
JOIN layers ON layers.id = annotations.layer
LEFT JOIN actors holder ON holder.id = annotations.holder
LEFT JOIN actors target ON target.id = annotations.target
WHERE layers.name = 'stance' AND annotations."start" IS NOT NULL
ORDER BY annotations.article, annotations."start"
"""

# covered: what a pipeline suggested where project memory says otherwise, as it was; it comes back when the
# rule is gone. revealed: where a hidden stance suggestion was shown; what was seen stays seen, and is no
# part of the history.
_MEMORY_AND_DRAWING = """
CREATE TABLE covered (
    article INTEGER NOT NULL REFERENCES articles(id),
    id INTEGER NOT NULL,
    layer INTEGER NOT NULL REFERENCES layers(id),
    label INTEGER REFERENCES labels(id),
    "start" INTEGER,
    "end" INTEGER,
    component TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL,
    scores TEXT,
    evidence TEXT NOT NULL,
    actor TEXT,
    holder TEXT,
    target TEXT,
    PRIMARY KEY (article, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE revealed (
    article INTEGER NOT NULL REFERENCES articles(id),
    annotator TEXT NOT NULL,
    PRIMARY KEY (article, annotator)
) STRICT, WITHOUT ROWID;

INSERT INTO settings(key, value) VALUES ('seed', CAST(abs(random() % 1000000000) AS TEXT))
"""

# wording: the codebook's version in which a label's name, definition or rule changed last; NULL: never.
# former: a JSON list of the names under which pipelines may still know it; NULL: none.
_RULES_AND_EXAMPLES = """
ALTER TABLE labels ADD COLUMN rule TEXT;

ALTER TABLE labels ADD COLUMN wording INTEGER;

ALTER TABLE labels ADD COLUMN former TEXT;

CREATE TABLE examples (
    id INTEGER PRIMARY KEY,
    label INTEGER NOT NULL REFERENCES labels(id),
    article INTEGER REFERENCES articles(id),
    "start" INTEGER,
    "end" INTEGER,
    quote TEXT NOT NULL,
    context TEXT NOT NULL,
    fits INTEGER NOT NULL CHECK (fits IN (0, 1)),
    CHECK ((article IS NULL AND "start" IS NULL AND "end" IS NULL)
        OR (article IS NOT NULL AND 0 <= "start" AND "start" < "end"))
) STRICT;

CREATE INDEX examples_label ON examples(label);

CREATE INDEX examples_article ON examples(article) WHERE article IS NOT NULL
"""

# wanted: a JSON object, as ArticleFilter.as_dict() gives it. The indexes answer conditions on articles; each
# holds all that is asked ("start", too, or SQLite would look up whether it is NULL). Most have one row an
# article.
_FILTERS = """
CREATE TABLE filters (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    wanted TEXT NOT NULL
) STRICT;

CREATE INDEX annotations_whole_label ON annotations(annotator, layer, label, article, "start")
    WHERE "start" IS NULL;

CREATE INDEX rejections_whole_label ON rejections(annotator, layer, label, article, "start")
    WHERE "start" IS NULL;

CREATE INDEX suggestions_whole_label ON suggestions(layer, label, article, score, "start")
    WHERE "start" IS NULL;

CREATE INDEX suggestions_score ON suggestions(layer, score, article, label, "start")
    WHERE "start" IS NULL;

CREATE INDEX suggestions_actor ON suggestions(actor, article) WHERE actor IS NOT NULL;

CREATE INDEX articles_language ON articles(language);

CREATE INDEX suggested_language ON suggested(language, article) WHERE language IS NOT NULL
"""

# Both follow from the texts. leader: an earlier article with nearly the same text, itself where there is
# none; share: how many percent of it. Near-duplicates have one of their bands in common at least; leaders
# have them here.
_NEAR_DUPLICATES = """
CREATE TABLE near_duplicates (
    article INTEGER PRIMARY KEY,
    leader INTEGER NOT NULL,
    share INTEGER NOT NULL
) STRICT;

CREATE INDEX near_duplicates_leader ON near_duplicates(leader, article);

CREATE TABLE near_duplicate_bands (
    band INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (band, article)
) STRICT, WITHOUT ROWID;

CREATE INDEX near_duplicate_bands_article ON near_duplicate_bands(article)
"""

# withdrawn: articles that lost suggestions of a label that was retired or deleted, in case it comes back.
# The index tells the highest number that an article has ever had, and the acts on one article.
_WITHDRAWN = """
CREATE TABLE withdrawn (
    label INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (label, article)
) STRICT, WITHOUT ROWID;

CREATE INDEX acts_article ON acts(article) WHERE article IS NOT NULL
"""

# suggested_labels: in which articles a label was ever suggested, covered or not, eight articles a block; an
# index of all suggestions would cost a twelfth of an import. Its label is negative for what is suggested of a
# layer without a label. When a layer goes, its labels have gone before, and with them all that was labelled:
# only labels have a foreign key to layers, or SQLite would look through all annotations then. covered has no
# keys at all, like suggestions.
_SUGGESTED_LABELS = """
CREATE TABLE suggested_labels (
    label INTEGER NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (label, block)
) STRICT, WITHOUT ROWID;

INSERT INTO suggested_labels SELECT DISTINCT coalesce(label, -layer), article / 8 FROM (
    SELECT article, layer, label FROM suggestions UNION ALL SELECT article, layer, label FROM covered
) ORDER BY 1, 2;

CREATE TABLE covered_without_keys (
    article INTEGER NOT NULL,
    id INTEGER NOT NULL,
    layer INTEGER NOT NULL,
    label INTEGER,
    "start" INTEGER,
    "end" INTEGER,
    component TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL,
    scores TEXT,
    evidence TEXT NOT NULL,
    actor TEXT,
    holder TEXT,
    target TEXT,
    PRIMARY KEY (article, id)
) STRICT, WITHOUT ROWID;

INSERT INTO covered_without_keys SELECT * FROM covered;

DROP TABLE covered;

ALTER TABLE covered_without_keys RENAME TO covered
"""
