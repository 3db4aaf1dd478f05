"""Projects go out in other tools' formats and come back: nothing that a format can hold is changed."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.formats import export, import_paths, registry
from annotator.model import Actor, Annotation, ArticleInput, ArticleRecord, Progress, Rejection
from annotator.project import Project, create_project
from annotator.text import normalise, sha256

FORMATS = {"prodigy": "out.jsonl", "doccano": "out.jsonl", "label-studio": "out", "spacy": "out"}
HOLDS_REJECTIONS = {"prodigy"}
WHEN = "2025-01-01T00:00:00.000Z"


def finish(steps: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def view(project: Project, *, rejections: bool) -> dict[str, Any]:
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
        found[f"{a.uuid} {record.annotator}"] = (about, record.progress, decided, rejected)
    return found


def round_trip(project: Project, name: str, folder: Path) -> dict[str, Any]:
    report = finish(export(project, folder / FORMATS[name], registry.named(name)))
    assert report.verified == report.spans
    with create_project(folder / "copy.annot", annotator="somebody else") as copy:
        came = finish(import_paths(copy, [folder / FORMATS[name]]))
        assert came.failed == ()
        assert came.known == 0
        assert came.verified == report.spans
        return view(copy, rejections=name in HOLDS_REJECTIONS)


# What stands in articles: letters of several scripts, emoji, accents apart, right-to-left, all line ends.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",))
    | st.sampled_from("\r\n\t \u2028\u2029\u00a0\ufeffé🚀👩‍🚀اԵ\u0301\"\\'.,-Kyiv"),
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
WORDS = st.sampled_from(["", "sure?", "line\ntwo 🚀", '"<&>"'])


@st.composite
def records(draw: st.DrawFn) -> list[ArticleRecord]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        text = draw(TEXTS)
        clean = normalise(text)
        article = ArticleInput(
            text,
            draw(st.sampled_from(["A title", "Բ 🚀", "with\ttab"])),
            source=draw(st.sampled_from([None, "a.example"])),
            language=draw(st.sampled_from([None, "en", "ru", "hy", "qq"])),
            meta=draw(st.sampled_from([{}, {"file": "a.txt", "n": [1, {"x": None}]}])),
            uuid=f"article-{number}",
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
                        draw(st.sampled_from([None, "Kyiv"])), None, draw(st.sampled_from([None, "Russia"])),
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
                    (Actor("u-1", "Kyiv", "GPE", None, ()), Actor("u-2", "Russia", "GPE", "Russia", ())),
                )
            )
    return made


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=records())
def test_any_project_goes_out_and_comes_back_unchanged(made: list[ArticleRecord], name: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        create_project(Path(folder) / "a.annot", annotator="anna") as project,
    ):
        with project.act("came in"):
            project.codebook.ensure("frame", "war & peace", whole_article=False)
            project.records.add_all(made)
        before = view(project, rejections=name in HOLDS_REJECTIONS)
        assert round_trip(project, name, Path(folder)) == before


@pytest.mark.parametrize("name", FORMATS)
def test_importing_an_export_twice_changes_nothing(suggested: Project, name: str, tmp_path: Path) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "stance", "pro-West")
    finish(export(suggested, tmp_path / FORMATS[name], registry.named(name)))
    before = view(suggested, rejections=True)
    report = finish(import_paths(suggested, [tmp_path / FORMATS[name]]))
    assert (report.imported, report.annotations, report.known, report.failed) == (0, 0, 3, ())
    assert view(suggested, rejections=True) == before
