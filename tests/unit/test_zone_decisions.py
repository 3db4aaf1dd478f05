"""What a person decided about zones goes with each request, and counts before what is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotator.cli.suggesting import make_suggestions
from annotator.model import ArticleInput, PipelineInfo, ProjectError, Suggestion, ZoneDecisions
from annotator.nlp import protocol, worker
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.pipeline import PIECE, UNDECIDED, Pipeline
from annotator.project import Project, create_project

TEXT = (
    "Ferry waits for OSCE\n\n"
    "The NATO envoy spoke of the collective West in town, and nobody at the pier answered him.\n\n"
    "READ MORE\nWhat CSTO knows about lakes\n\n"
    "Boats at the pier of the EU and the collective West. Photo: ANNA SARG\n\n"
    "The UN said nothing.\n"
)
LINKS = (TEXT.index("READ"), TEXT.index(" lakes") + 6)
LAST = (TEXT.index("The UN"), len(TEXT) - 1)


@Language.component("zones_test_capitals")
def capitals(doc: Doc) -> Doc:
    """A fast stand-in for an NER: each run of capital letters is an ORG."""
    spans = [doc.char_span(*m.span(), label="ORG") for m in re.finditer(r"\b[A-Z]{2,}\b", doc.text)]
    doc.ents = [span for span in spans if span is not None]
    return doc


@cache
def fake() -> Pipeline:
    nlp = spacy.blank("en")
    nlp.add_pipe("zones_test_capitals")
    return Pipeline(nlp, PipelineInfo("fake", "1"), ENTITY_LABELS)


def names(decided: ZoneDecisions = UNDECIDED, text: str = TEXT) -> list[str]:
    return [text[s.start : s.end] for s in fake().suggest_one(text, "en", decided) if s.layer == "entity"]


def test_zones_come_first_and_nothing_in_boilerplate_is_suggested() -> None:
    suggestions = fake().suggest_one(TEXT, "en")
    assert [(s.layer, s.label) for s in suggestions[:3]] == [
        ("zone", "headline"),
        ("zone", "boilerplate"),
        ("zone", "caption"),
    ]
    assert suggestions[-1].layer == "stance"
    assert names() == ["OSCE", "NATO", "West", "EU", "West", "ANNA", "SARG", "UN"]


def test_captions_and_boilerplate_take_no_stance() -> None:
    evidence = fake().suggest_one(TEXT, "en")[-1].evidence
    assert [TEXT[a:b] for a, b in evidence] == [TEXT.split("\n")[2]]
    plain = TEXT.replace("EU and the collective West", "EU and of the lake district")
    assert fake().suggest_one(TEXT, "en")[-1].scores == fake().suggest_one(plain, "en")[-1].scores
    rejected = ZoneDecisions(rejected=((TEXT.index("Boats"), TEXT.index("SARG") + 4, "caption"),))
    assert len(fake().suggest_one(TEXT, "en", rejected)[-1].evidence) == 2


def test_a_rejected_boilerplate_zone_gives_names_again() -> None:
    assert "CSTO" in names(ZoneDecisions(rejected=((*LINKS, "boilerplate"),)))
    assert "CSTO" not in names(ZoneDecisions(rejected=((*LINKS, "caption"),)))


def test_a_zone_made_by_hand_takes_names_away() -> None:
    assert "UN" not in names(ZoneDecisions(kept=((*LAST, "boilerplate"),)))
    assert "UN" in names(ZoneDecisions(kept=((*LAST, "quote"),)))


def test_decisions_count_in_a_long_text_too() -> None:
    filler = "".join(f"The river ran slowly past the town on day {n}.\n" for n in range(PIECE // 30))
    text = TEXT + filler + "The OSCE left.\n"
    assert len(text) > PIECE
    last = (text.index("The OSCE left"), len(text) - 1)
    assert names(text=text)[-1] == "OSCE"
    assert names(ZoneDecisions(kept=((*last, "boilerplate"),)), text)[-1] == "UN"
    assert "CSTO" not in names(text=text)
    evidence = fake().suggest_one(text, "en")[-1].evidence
    assert [text[a:b] for a, b in evidence] == [TEXT.split("\n")[2]]


def test_decisions_survive_the_pipe() -> None:
    decided = ZoneDecisions(kept=((1, 2, "quote"), (3, 9, "boilerplate")), rejected=((4, 5, "caption"),))
    message = protocol.decode(protocol.encode(protocol.suggest(1, 2, "text", "en", decided)))
    assert protocol.zone_decisions(message) == decided
    assert protocol.zone_decisions(protocol.suggest(1, 2, "text")) == ZoneDecisions()


@pytest.mark.parametrize(
    "zones", [[], {"kept": []}, {"kept": [[1, 2]], "rejected": []}, {"kept": 1, "rejected": []}, "x"]
)
def test_broken_decisions_are_an_error_of_the_job(zones: object) -> None:
    message = protocol.suggest(7, 2, "text") | {"zones": zones}
    answer = worker._answer(fake(), message)
    assert (answer["type"], answer["job"], answer["fatal"]) == ("error", 7, False)


def test_the_worker_heeds_decisions() -> None:
    message = protocol.suggest(1, 2, TEXT, "en", ZoneDecisions(rejected=((*LINKS, "boilerplate"),)))
    answer = worker._answer(fake(), protocol.decode(protocol.encode(message)))
    spans = [(s["start"], s["end"]) for s in answer["suggestions"] if s["layer"] == "entity"]
    assert "CSTO" in [TEXT[a:b] for a, b in spans]


# In the project


@pytest.fixture
def lake(tmp_path: Path) -> Project:
    with create_project(tmp_path / "lake.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput(TEXT, "Ferry", language="en"))
        project.suggestions.replace(fake().info, [(1, fake().suggest_one(TEXT, "en"), None)])
        yield project


def zone(project: Project, label: str) -> Suggestion:
    return next(s for s in project.suggestions.open(1) if s.layer == "zone" and s.label == label)


def test_the_project_tells_what_was_decided_by_whom(lake: Project) -> None:
    links, caption = zone(lake, "boilerplate"), zone(lake, "caption")
    assert lake.annotations.zone_decisions(1) == ZoneDecisions()
    lake.annotations.reject(1, links.id)
    lake.annotations.accept(1, caption.id)
    lake.annotations.add(1, "zone", "boilerplate", *LAST)
    lake.annotations.add(1, "entity", "ORG", *LAST)
    decided = lake.annotations.zone_decisions(1)
    assert decided.kept == ((caption.start, caption.end, "caption"), (*LAST, "boilerplate"))
    assert decided.rejected == ((*LINKS, "boilerplate"),)
    lake.annotator = "ben"
    assert lake.annotations.zone_decisions(1) == ZoneDecisions()


def test_accepting_changes_nothing_that_counts_and_rejecting_does(lake: Project) -> None:
    before = lake.suggestions.zones_in_force(1)
    assert (*LINKS, "boilerplate") in before
    lake.annotations.accept_all(1)
    assert lake.suggestions.zones_in_force(1) == before
    lake.undo()
    lake.annotations.reject(1, zone(lake, "boilerplate").id)
    assert lake.suggestions.zones_in_force(1) == before - {(*LINKS, "boilerplate")}


def test_declining_an_accepted_zone_rejects_what_was_suggested(lake: Project) -> None:
    links = zone(lake, "boilerplate")
    lake.annotations.accept(1, links.id)
    (annotation,) = lake.annotations.of(1)
    change = lake.annotations.decline(annotation.id)
    assert change.text.startswith("took back boilerplate from")
    assert lake.annotations.of(1) == []
    assert lake.annotations.zone_decisions(1).rejected == ((*LINKS, "boilerplate"),)
    lake.undo()
    assert lake.annotations.zone_decisions(1) == ZoneDecisions(kept=((*LINKS, "boilerplate"),))


def test_only_ones_own_annotation_is_declined(lake: Project) -> None:
    lake.annotations.add(1, "zone", "boilerplate", *LAST)
    (annotation,) = lake.annotations.of(1)
    lake.annotator = "ben"
    with pytest.raises(ProjectError):
        lake.annotations.decline(annotation.id)


def test_the_command_line_heeds_decisions(lake: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.nlp.pipeline.build_pipeline", lambda model: fake())
    progress: Callable[[int, int], None] = lambda done, total: None  # noqa: E731
    lake.annotations.reject(1, zone(lake, "boilerplate").id)
    lake.annotations.add(1, "zone", "boilerplate", *LAST)
    make_suggestions(lake, (), 1, True, progress)
    quotes = [TEXT[s.start : s.end] for s in lake.suggestions.open(1) if s.layer == "entity"]
    assert "CSTO" in quotes
    assert "UN" not in quotes
