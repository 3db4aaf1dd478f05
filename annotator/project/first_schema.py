"""The tables of the first project files; :mod:`annotator.project.schema` says what became of them."""

# No trigger is stored in the file: under trusted_schema = OFF SQLite before 3.42 refuses to write to an FTS5
# table from one. The search index is kept by annotator.project.articles, the history by TEMP triggers.
FIRST = """
CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE annotators (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT,
    url TEXT,
    author TEXT,
    published TEXT,
    language TEXT,
    meta TEXT NOT NULL DEFAULT '{}',
    replaces INTEGER REFERENCES articles(id),
    imported_at TEXT NOT NULL
) STRICT;

CREATE INDEX articles_sha256 ON articles(sha256);

CREATE INDEX articles_fingerprint ON articles(fingerprint);

CREATE INDEX articles_replaces ON articles(replaces);

CREATE TABLE texts (
    id INTEGER PRIMARY KEY REFERENCES articles(id),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE layers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL CHECK (scope IN ('article', 'span', 'both')),
    exclusive INTEGER NOT NULL CHECK (exclusive IN (0, 1)),
    definition TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE labels (
    id INTEGER PRIMARY KEY,
    layer INTEGER NOT NULL REFERENCES layers(id),
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '',
    definition TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
    UNIQUE (layer, name)
) STRICT;

CREATE TABLE actors (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    kind TEXT,
    bloc TEXT
) STRICT;

CREATE TABLE aliases (
    id INTEGER PRIMARY KEY,
    actor INTEGER NOT NULL REFERENCES actors(id),
    alias TEXT NOT NULL,
    UNIQUE (actor, alias)
) STRICT;

CREATE TABLE progress (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles(id),
    annotator INTEGER NOT NULL REFERENCES annotators(id),
    status TEXT NOT NULL DEFAULT 'todo' CHECK (status IN ('todo', 'in_progress', 'done', 'skipped')),
    flagged INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)),
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (article, annotator)
) STRICT;

CREATE TABLE annotations (
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
    origin TEXT NOT NULL CHECK (origin IN ('manual', 'accepted', 'corrected', 'imported')),
    component TEXT,
    reason TEXT NOT NULL DEFAULT '',
    seen_suggestion TEXT,
    codebook_version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (article, id),
    CHECK (("start" IS NULL AND "end" IS NULL AND quote IS NULL)
        OR (0 <= "start" AND "start" < "end" AND quote IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX annotations_id ON annotations(id);

CREATE INDEX annotations_label ON annotations(label);

CREATE UNIQUE INDEX annotations_one_per_article ON annotations(article, annotator, layer)
    WHERE "start" IS NULL AND exclusive = 1;

CREATE TABLE rejections (
    article INTEGER NOT NULL REFERENCES articles(id),
    id INTEGER NOT NULL UNIQUE,
    annotator INTEGER NOT NULL REFERENCES annotators(id),
    layer INTEGER NOT NULL REFERENCES layers(id),
    label INTEGER NOT NULL REFERENCES labels(id),
    "start" INTEGER,
    "end" INTEGER,
    PRIMARY KEY (article, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    config TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE suggested (
    article INTEGER PRIMARY KEY REFERENCES articles(id),
    run INTEGER NOT NULL REFERENCES runs(id),
    notice TEXT
) STRICT;

CREATE TABLE suggestions (
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
    PRIMARY KEY (article, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX suggestions_whole_article ON suggestions(article, layer, label) WHERE "start" IS NULL;

CREATE TABLE acts (
    id INTEGER PRIMARY KEY,
    annotator TEXT NOT NULL,
    text TEXT NOT NULL,
    article INTEGER,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'undone', 'dropped')),
    "rows" INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX acts_state ON acts(state, id);

CREATE TABLE act_rows (
    act INTEGER NOT NULL REFERENCES acts(id),
    tbl TEXT NOT NULL,
    "row" INTEGER NOT NULL,
    before TEXT,
    PRIMARY KEY (act, tbl, "row")
) STRICT, WITHOUT ROWID;

CREATE VIEW article_contents AS
SELECT articles.id AS id, articles.title AS title, texts.text AS text
FROM articles JOIN texts ON texts.id = articles.id;

CREATE VIRTUAL TABLE articles_fts USING fts5(
    title, text, content='article_contents', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);

CREATE VIEW entity_spans AS
SELECT articles.title AS article, annotators.name AS annotator, labels.name AS label,
    annotations.quote AS text, annotations."start" AS "start", annotations."end" AS "end",
    annotations.origin AS origin
FROM annotations
JOIN articles ON articles.id = annotations.article
JOIN annotators ON annotators.id = annotations.annotator
JOIN labels ON labels.id = annotations.label
JOIN layers ON layers.id = annotations.layer
WHERE layers.name = 'entity' AND annotations."start" IS NOT NULL
ORDER BY annotations.article, annotations."start";

CREATE VIEW article_stance AS
SELECT articles.title AS article, articles.source AS source, articles.published AS published,
    annotators.name AS annotator, labels.name AS stance, annotations.origin AS origin
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
GROUP BY layers.position, labels.position, annotators.name
"""
