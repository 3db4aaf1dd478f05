"""Articles with one annotator's decisions, out of one project and into another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from annotator.model import (
    Actor,
    Annotation,
    ArticleInput,
    ArticleRecord,
    PipelineInfo,
    Progress,
    ProjectError,
    Rejection,
    Suggestion,
)
from annotator.project import Project, create_project, open_project
from annotator.project.records import RecordAdded
from annotator.text import sha256

TEXT = "Putin met Pashinyan 🚀."
PERSON = Annotation(
    id=0,
    uuid="a-1",
    article=0,
    annotator="ben",
    layer="entity",
    label="PERSON",
    start=10,
    end=19,
    quote="Pashinyan",
    actor="Nikol Pashinyan",
    holder=None,
    target=None,
    certainty=2,
    note="sure",
    origin="corrected",
    component="ner",
    reason="because",
    seen_suggestion="ORG",
    codebook_version=7,
    created_at="2026-01-01T00:00:00.000Z",
    updated_at="2026-01-02T00:00:00.000Z",
    blind=True,
)
STANCE = replace(
    PERSON, uuid="a-2", layer="stance", label="neutral", start=None, end=None, quote=None, actor=None
)
RECORD = ArticleRecord(
    article=ArticleInput(TEXT, "Meeting", uuid="article-1", meta={"file": "m.txt"}),
    sha256=sha256(TEXT),
    annotator="ben",
    progress=Progress("done", True, "a note", "random"),
    annotations=(STANCE, PERSON),
    rejections=(Rejection("entity", "ORG", 0, 5),),
    actors=(Actor("actor-1", "Nikol Pashinyan", "PERSON", "none", ("Pashinian", "Пашинян")),),
)


def add(project: Project, *records: ArticleRecord) -> list[RecordAdded]:
    with project.act("imported"):
        return [project.records.add_all([record])[0] for record in records]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "other.annot", annotator="cleo") as project:
        yield project


def without_ids(records: list[ArticleRecord]) -> list[ArticleRecord]:
    """Records without the numbers that mean something in their own file only."""
    return [
        replace(
            record,
            annotations=tuple(
                Annotation(
                    **{f.name: getattr(a, f.name) for f in fields(Annotation)} | {"id": 0, "article": 0}
                )
                for a in record.annotations
            ),
            suggestions=tuple(replace(s, id=0) for s in record.suggestions or ()),
        )
        for record in records
    ]


def test_a_record_keeps_every_column(project: Project) -> None:
    assert add(project, RECORD) == [RecordAdded("new", 2, 0)]
    (read,) = without_ids(list(project.records.read()))
    assert read == replace(RECORD, sha256=project.articles.get(1).sha256, suggestions=())


def test_records_are_what_the_project_says_of_each_article(project: Project) -> None:
    with project.act("came"):
        for number in range(70):  # more than are read together
            project.articles.add(ArticleInput(TEXT, f"t{number}", meta={"n": number}))
            if number % 3:
                for name in ("zoe", "ben")[: number % 3]:
                    a = replace(PERSON, uuid=f"{name} {number}", holder="Vladimir Putin")
                    whole = replace(STANCE, uuid=f"{name} stance {number}")
                    first = replace(
                        a, uuid=f"{name} first {number}", start=0, end=5, quote="Putin", actor=None
                    )
                    actors = (*RECORD.actors, Actor("actor-2", "Vladimir Putin", None, None, ()))
                    project.records.add_all(
                        [
                            replace(
                                RECORD,
                                article=ArticleInput(TEXT, f"u{number}", uuid=f"u{number}"),
                                annotator=name,
                                annotations=(a, whole, first),
                                actors=actors,
                            )
                        ]
                    )
    people = dict(project.db.execute("SELECT name, id FROM annotators").fetchall())
    read = list(project.records.read())
    ids = {project.articles.get(article).uuid: article for article in project.articles.ids()}
    assert [(r.article.title, r.annotator) for r in read][:7] == [
        ("t0", None),
        ("t1", None),
        ("u1", "zoe"),
        ("t2", None),
        ("u2", "ben"),
        ("u2", "zoe"),
        ("t3", None),
    ]
    assert len(read) == 70 + 23 + 2 * 23
    for record in read:
        article = ids[record.article.uuid or ""]
        stored = project.articles.get(article)
        person = people[record.annotator] if record.annotator else 0
        for name in ("text", "title", "source", "url", "author", "published", "language", "meta", "uuid"):
            assert getattr(record.article, name) == getattr(stored, name)
        said = [plain(a) for a in record.annotations]
        assert said == [plain(a) for a in project.annotations.of(article, person)]
        assert list(record.rejections) == project.annotations.rejections(article, person)
        names = {name for a in record.annotations for name in (a.actor, a.holder, a.target)} - {None}
        assert list(record.actors) == [project.actors.named(str(name)) for name in sorted(map(str, names))]


def plain(annotation: Annotation) -> dict[str, Any]:
    return {field.name: getattr(annotation, field.name) for field in fields(Annotation)}


def test_what_one_project_gives_another_gives_again(
    suggested: Project, other: Project, search_index_is_right: Callable[[Project], None]
) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.articles.set_note(2, "later")
    suggested.close()
    with open_project(suggested.path, annotator="ben") as ben:
        ben.annotations.add(1, "stance", "neutral", 0, 10)
        out = list(ben.records.read(with_suggestions=True))
    assert [(r.article.title, r.annotator) for r in out] == [
        ("Rocket", "anna"),
        ("Rocket", "ben"),
        ("gyumri", "anna"),
        ("Brussels", None),
    ]
    add(other, *out)
    assert without_ids(list(other.records.read(with_suggestions=True))) == without_ids(out)
    search_index_is_right(other)


def test_each_annotators_open_suggestions_come_together_again(suggested: Project, other: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.close()
    with open_project(suggested.path, annotator="ben") as ben:
        ben.annotations.accept(1, 2)
        out = list(ben.records.read(with_suggestions=True))
    add(other, *out)
    assert [s.label for s in other.suggestions.open(1)] == ["pro-West", "GPE", "ORG"]


def test_without_being_asked_no_suggestions_go_along(suggested: Project) -> None:
    record = next(suggested.records.read())
    assert (record.suggestions, record.pipeline) == (None, None)


def test_the_same_record_again_adds_nothing(
    project: Project, human_rows: Callable[[Project], dict[str, Any]]
) -> None:
    add(project, RECORD)
    before = human_rows(project)
    assert add(project, RECORD) == [RecordAdded("known", 0, 2)]
    assert human_rows(project) == before


def test_what_the_annotator_decided_here_is_left(project: Project) -> None:
    add(project, replace(RECORD, annotations=(STANCE,)))
    changed = replace(STANCE, uuid="a-9", label="pro-West")
    record = replace(RECORD, annotations=(changed,), progress=Progress("todo", False, "other"))
    assert add(project, record) == [RecordAdded("known", 0, 0, 1)]
    (read,) = project.records.read()
    assert [a.label for a in read.annotations] == ["neutral"]
    assert read.progress == RECORD.progress


def test_unknown_labels_and_layers_come_into_the_codebook_and_undo_takes_them_out(
    project: Project, human_rows: Callable[[Project], dict[str, Any]]
) -> None:
    before = human_rows(project)
    topic = replace(STANCE, uuid="a-3", layer="topic", label="war")
    ship = replace(PERSON, uuid="a-4", label="SHIP")
    record = replace(
        RECORD,
        annotations=(topic, ship),
        rejections=(Rejection("entity", "BOAT", 0, 5),),
        suggestions=(Suggestion("topic", "war", 0, 5, "t"),),
        pipeline=PipelineInfo("tiny", "1"),
    )
    add(project, record)
    codebook = project.codebook.read()
    assert codebook.label("topic", "war")
    assert [label.name for label in codebook.labels("entity")][-2:] == ["SHIP", "BOAT"]
    assert [s.label for s in project.suggestions.open(1)] == ["war"]
    project.undo()
    assert human_rows(project) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": "Pashinian"},
        {"quote": None},
        {"start": 11},
        {"end": 99},
        {"start": -13, "end": -4},
        {"start": None},
        {"end": None},
        {"start": None, "end": 9, "quote": "Putin met"},
        {"start": 3, "end": 3, "quote": ""},
    ],
)
def test_a_quote_that_does_not_fit_its_offsets_is_refused(project: Project, wrong: dict[str, Any]) -> None:
    with pytest.raises(ProjectError, match="does not hold"):
        add(project, replace(RECORD, annotations=(replace(PERSON, **wrong),)))
    assert project.articles.count() == 0


def test_an_actor_that_is_only_named_is_kept(project: Project) -> None:
    quote = replace(PERSON, layer="stance", label="neutral", holder="Putin", target="Pashinyan")
    add(project, replace(RECORD, annotations=(quote,), actors=()))
    (read,) = project.records.read()
    assert [(a.actor, a.holder, a.target) for a in read.annotations] == [
        ("Nikol Pashinyan", "Putin", "Pashinyan")
    ]
    assert [actor.name for actor in read.actors] == ["Nikol Pashinyan", "Pashinyan", "Putin"]


def test_an_actor_of_another_project_adds_its_names_to_the_one_here(project: Project) -> None:
    add(project, RECORD)
    again = Actor("actor-2", "Nikol Pashinyan", None, None, ("Pashinyan", "Pashinian"))
    namesake = Actor("actor-1", "Somebody else", None, None, ())
    add(project, replace(RECORD, actors=(again, namesake)))
    actor = project.actors.named("Nikol Pashinyan")
    assert actor is not None
    assert actor.uuid == "actor-1"
    assert actor.aliases == ("Pashinian", "Pashinyan", "Пашинян")
    other = project.actors.named("Somebody else")
    assert other is not None
    assert other.uuid != "actor-1"


def test_an_article_that_another_pipeline_suggested_for_keeps_those(
    suggested: Project, other: Project
) -> None:
    record = next(suggested.records.read(with_suggestions=True))
    add(other, record)
    elsewhere = replace(
        record,
        pipeline=PipelineInfo("other", "9"),
        suggestions=(Suggestion("entity", "LOC", 0, 1, "ner"),),
    )
    add(other, elsewhere)
    assert [s.label for s in other.suggestions.open(1)] == ["pro-West", "GPE", "ORG"]
    assert other.suggestions.pipeline(1) == PipelineInfo("tiny", "1.0")


def test_what_sqlite_cannot_keep_is_cleaned_from_decisions(project: Project) -> None:
    bad, good = "a\0b\ud800", "ab\ufffd"
    annotation = replace(
        PERSON, uuid=bad, label=bad, actor=bad, note=bad, component=bad, reason=bad, seen_suggestion=bad
    )
    add(
        project,
        replace(
            RECORD,
            annotator=bad,
            progress=Progress("done", False, bad),
            annotations=(annotation,),
            actors=(Actor(bad, bad, bad, bad, (bad,)),),
        ),
    )
    project.undo()
    project.redo()
    (read,) = project.records.read()
    (a,) = read.annotations
    assert {a.uuid, a.label, a.actor, a.note, a.component, a.reason, a.seen_suggestion} == {good}
    assert (read.annotator, read.progress.note) == (good, good)
    assert read.actors == (Actor(good, good, good, good, (good,)),)


def test_records_that_come_together_are_what_they_are_one_after_another(
    project: Project, other: Project, search_index_is_right: Callable[[Project], None]
) -> None:
    by_anna = replace(RECORD, annotator="anna", annotations=(replace(STANCE, uuid="a-3", label="pro-West"),))
    again = replace(
        RECORD,
        annotations=(
            replace(PERSON, uuid="a-4"),
            replace(PERSON, uuid="a-5", label="ORG", actor=None),
        ),
    )
    pipeline = PipelineInfo("tiny", "1")
    seen_by_ben = Suggestion("entity", "PERSON", 0, 5, "ner", "ner: PERSON", actor="Vladimir Putin")
    seen_by_anna = Suggestion("entity", "PERSON", 10, 19, "ner", evidence=((0, 5), (5, 99)))
    outside = Suggestion("entity", "PERSON", 10, 99, "ner")
    another = replace(
        RECORD, article=ArticleInput("Another text.", "Another"), sha256=sha256("Another text.")
    )
    records = [
        replace(RECORD, suggestions=(seen_by_ben,), pipeline=pipeline),
        replace(by_anna, suggestions=(seen_by_anna, outside), pipeline=pipeline),
        again,
        replace(another, annotator=None, annotations=()),
        replace(another, annotator=None, annotations=()),
        replace(RECORD, article=ArticleInput(TEXT, "Its copy", uuid="article-2"), rejections=()),
    ]
    one_by_one = add(project, *records)
    with other.act("imported"):
        together = other.records.add_all(records)
    assert together == one_by_one
    assert [(added.article, added.annotations, added.known) for added in together] == [
        ("new", 2, 0),
        ("known", 1, 0),
        ("known", 1, 1),  # the other one is on a stretch that ben has labelled so
        ("new", 0, 0),
        ("known", 0, 0),
        ("same_text", 2, 0),  # under ids of their own: theirs are taken
    ]
    for one, both in zip(
        *(without_ids(list(p.records.read(with_suggestions=True))) for p in (project, other)), strict=True
    ):
        assert replace(one, article=replace(one.article, uuid=None)) == replace(
            both, article=replace(both.article, uuid=None)
        )
    search_index_is_right(other)


def test_an_id_with_another_text_is_refused_also_within_a_batch(project: Project) -> None:
    article = replace(RECORD.article, text="Another text.")
    wrong = replace(RECORD, article=article, sha256=sha256(article.text))
    with pytest.raises(ProjectError, match="another text"), project.act("imported"):
        project.records.add_all([RECORD, wrong])
    assert project.articles.count() == 0
