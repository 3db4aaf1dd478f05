"""Projects go out in every lossless format and come back, into a new project and into their own.

Nothing that the format can hold (the table in docs/formats.md says what it cannot) is changed or doubled.
"""

from __future__ import annotations

import json
import re
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.formats import export, import_paths, registry
from annotator.formats.metadata import own_entry, restored
from annotator.model import Actor, Annotation, ArticleInput, ArticleRecord, Progress, Rejection
from annotator.project import Project, create_project
from annotator.text import normalise, sha256

from .conftest import finish

FORMATS = {
    "jsonl": "out.jsonl",
    "bundle": "out",
    "bundle-zip": "out.zip",
    "prodigy": "out.jsonl",
    "doccano": "out.jsonl",
    "label-studio": "out",
    "spacy": "out",
    "refi-qda": "out.qdpx",
    "brat": "out",
    "webanno": "out",
    "csv-articles": "out.csv",
}
HOLDS_REJECTIONS = {"jsonl", "bundle", "bundle-zip", "prodigy"}
LOSES_ACTORS = {"refi-qda", "csv-articles"}  # their kinds, blocs and other names
FLAT = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def held(name: str, record: ArticleRecord) -> ArticleRecord:
    """Return what a format can hold of a record."""
    found = []
    for a in record.annotations:
        if name == "webanno" and (a.start is None or a.quote != (a.quote or "").strip()):
            continue
        if name == "brat" and (a.quote or "").strip("\n") == "":
            continue
        if name == "brat":
            a = replace(a, holder=None, target=None, note=FLAT.sub(" ", a.note))
        if name == "csv-articles":
            if a.start is not None:
                continue
            a = replace(a, actor=None, holder=None, target=None)
        found.append(a)
    if name == "csv-articles":
        meta = {k: v for k, v in record.article.meta.items() if k == "file"}
        record = replace(record, article=replace(record.article, meta=meta))
    return replace(record, annotations=tuple(found))


WHEN = "2025-01-01T00:00:00.000Z"


def view(project: Project, *, rejections: bool = True, actors: bool = True) -> dict[str, Any]:
    """Everything that the formats can hold, by article and annotator."""
    found: dict[str, Any] = {}
    for record in project.records.read():
        a = record.article
        about = (a.text, a.title, a.source, a.url, a.author, a.published, a.language, dict(a.meta))
        decided = {
            (x.layer, x.label, x.start, x.end, x.quote, x.actor, x.holder, x.target, x.certainty, x.note)
            for x in record.annotations
        }
        rejected = {(r.layer, r.label, r.start, r.end) for r in record.rejections} if rejections else None
        named = set(record.actors) if actors else {actor.name for actor in record.actors}
        found[f"{a.uuid} {record.annotator}"] = (about, record.progress, decided, rejected, named)
    return found


def round_trip(project: Project, name: str, folder: Path) -> dict[str, Any]:
    """Return what a new project holds of an export; importing it into its own one changes nothing."""
    path = folder / FORMATS[name]
    report = finish(export(project, path, registry.named(name)))
    assert report.verified == report.spans
    assert report.left_out == ()
    before = (view(project), project.actors.all())
    again = finish(import_paths(project, [path]))
    assert (again.failed, again.imported, again.annotations) == ((), 0, 0)
    assert (view(project), project.actors.all()) == before
    with create_project(folder / "copy.annot", annotator="somebody else") as copy:
        came = finish(import_paths(copy, [path]))
        assert came.failed == ()
        assert came.known == 0
        if name in ("brat", "webanno"):
            assert came.passed_over == 0
        assert came.verified == report.spans
        return view(copy, rejections=name in HOLDS_REJECTIONS, actors=name not in LOSES_ACTORS)


# What stands in articles: letters of several scripts, emoji, accents apart, right-to-left, all line ends.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",))
    | st.sampled_from("\r\n\t \u2028\u2029\u00a0\ufeffé🚀👩‍🚀اԵ\u0301\"\\'.,-=+;Kyiv"),
    min_size=1,
    max_size=60,
).filter(lambda text: normalise(text).strip())
NAMES = st.sampled_from(["anna", "ben", "Ծովինար", 'x "y" \\z'])
LABELS = [
    ("entity", "GPE"),
    ("entity", "PERSON"),
    ("zone", "quote"),
    ("stance", "neutral"),
    ("frame", "war & peace"),
    ("other", "GPE"),
]
# Not as the gazetteer has them: what a person said of them holds.
ACTORS = (
    Actor("u-1", "Kyiv", "GPE", None, ("Киев", "Київ")),
    Actor("u-2", "Russia", None, "West", ()),
    Actor("u-3", "Dmitry Peskov", None, None, ()),
)
WORDS = st.sampled_from(["", "sure?", "'=1; 2", "-3", "line\ntwo 🚀", '"<&>"'])


@st.composite
def records(draw: st.DrawFn) -> list[ArticleRecord]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        clean = normalise(draw(TEXTS))
        article = ArticleInput(
            clean,
            draw(st.sampled_from(["A title", "Բ 🚀", "with\ttab"])),
            source=draw(st.sampled_from([None, "a.example"])),
            language=draw(st.sampled_from([None, "en", "ru", "hy", "qq"])),
            meta=draw(st.sampled_from([{}, {"file": "a.txt", "n": [1, {"x": None}]}])),
            uuid=str(uuid.UUID(int=number + 1)),
        )
        for name in draw(st.lists(NAMES, unique=True, max_size=2)) or [None]:
            annotations, rejected = [], set()
            for index, (layer, label) in enumerate(draw(st.lists(st.sampled_from(LABELS), max_size=6))):
                ends = sorted(draw(st.tuples(*[st.integers(0, len(clean))] * 2)))
                span = (ends[0], ends[1]) if ends[0] < ends[1] else (None, None)
                if layer not in ("stance", "frame") and span[0] is None:
                    continue
                if draw(st.booleans()) or name is None:
                    rejected.add((layer, label, *span))
                    continue
                annotations.append(
                    Annotation(
                        0, f"{number}-{name}-{index}", 0, "", layer, label, *span,
                        None if span[0] is None else clean[span[0] : span[1]],
                        draw(st.sampled_from([None, "Kyiv", "Dmitry Peskov"])), None,
                        draw(st.sampled_from([None, "Russia"])),
                        draw(st.sampled_from([None, 2])), draw(WORDS),
                        "manual", None, "", None, 1, WHEN, WHEN,
                    )
                )  # fmt: skip
            status = draw(st.sampled_from(["todo", "in_progress", "done", "skipped"]))
            made.append(
                ArticleRecord(
                    article,
                    sha256(clean),
                    name,
                    Progress(status, draw(st.booleans()), draw(WORDS)) if name else Progress(),
                    tuple(annotations),
                    tuple(Rejection(*r) for r in rejected) if name else (),
                    ACTORS,
                )
            )
    return made


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck]
)
@given(made=records())
def test_any_project_goes_out_and_comes_back_unchanged(made: list[ArticleRecord], name: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        create_project(Path(folder) / "a.annot", annotator="anna") as project,
    ):
        with project.act("came in"):
            project.codebook.ensure("frame", "war & peace", whole_article=False)
            project.records.add_all([held(name, record) for record in made])
        before = view(project, rejections=name in HOLDS_REJECTIONS, actors=name not in LOSES_ACTORS)
        assert round_trip(project, name, Path(folder)) == before


def test_every_pair_that_is_said_to_be_lossless_is_tested() -> None:
    """A row of docs/formats.md with both ways names this test, or says that it is not lossless."""
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| ") and row.count("|") == 6]
    both = [row for row in rows if row.split("|")[2].strip() and row.split("|")[3].strip() not in ("", "out")]
    named = [row for row in both if "test_formats_tools_round_trip.py" in row]
    assert len(named) >= len(FORMATS) - 1  # a bundle is one row, and two formats
    for row in both[2:]:
        assert row in named or "not lossless" in row or "in a bundle" in row, row


@pytest.mark.parametrize("name", FORMATS)
def test_importing_an_export_again_changes_nothing(suggested: Project, name: str, tmp_path: Path) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "stance", "pro-West")
    finish(export(suggested, tmp_path / FORMATS[name], registry.named(name)))
    before = (view(suggested), suggested.actors.all())
    report = finish(import_paths(suggested, [tmp_path / FORMATS[name]]))
    assert (report.imported, report.annotations, report.known, report.failed) == (0, 0, 3, ())
    assert (view(suggested), suggested.actors.all()) == before


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_import_changes_an_actor_that_is_there(project: Project, name: str, tmp_path: Path) -> None:
    text = "Dmitry Peskov spoke in Kyiv."
    with project.act("came in"):
        project.articles.add(ArticleInput(text, "A title"))
        for actor in ACTORS:
            project.actors.ensure(actor)
    project.annotations.add(1, "entity", "PERSON", 0, 13)
    project.annotations.add(1, "entity", "GPE", 23, 27)
    project.actors.assign(1, "Dmitry Peskov")
    project.actors.assign(2, "Kyiv")
    finish(export(project, tmp_path / FORMATS[name], registry.named(name)))
    project.actors.set_kind("Dmitry Peskov", "PERSON")
    project.actors.set_bloc("Kyiv", "West")
    project.actors.remove_alias("Kyiv", "Киев")
    before = project.actors.all()
    for _ in range(2):
        assert finish(import_paths(project, [tmp_path / FORMATS[name]])).failed == ()
        assert project.actors.all() == before


def test_what_loses_actors_says_so_everywhere() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    for name in ("REFI-QDA", "CSV, one row an article", "CoNLL columns"):
        (row,) = [row for row in page.splitlines() if row.startswith(f"| {name} (")]
        assert "actor" in row.split("|")[4]
    for name in ("refi-qda", "csv-articles", "conll"):
        assert any("actor" in what for what in registry.named(name).cannot_hold)
    for name in set(FORMATS) - LOSES_ACTORS:
        assert not any("actor" in what for what in registry.named(name).cannot_hold)


@pytest.mark.parametrize(
    "rows", [None, 3, [3], [["u", "Kyiv", 3, None, []]], [["u", "Kyiv", None, None, [3]]], [["", "Kyiv"]]]
)
def test_actors_that_are_none_are_left_out(made_entry: dict[str, Any], rows: Any) -> None:
    record = made_entry.pop("record")
    assert restored(record, {**made_entry, "actors": rows}).actors == ()
    assert [actor.name for actor in restored(record, made_entry).actors] == ["Kyiv"]


@pytest.fixture
def made_entry(project: Project) -> dict[str, Any]:
    with project.act("came in"):
        project.articles.add(ArticleInput("In Kyiv.", "A title"))
    project.annotations.add(1, "entity", "GPE", 3, 7)
    project.actors.assign(1, "Kyiv")
    (record,) = project.records.read()
    entry = json.loads(json.dumps(own_entry(record)))
    entry["actors"].append(["u-9", "Nobody here", None, None, []])  # whom the other tool took out
    return {**entry, "record": record}
