"""Every occurrence in the project file: found by the index or without it, and what is decided there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.matching import Sought
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.project.occurrences import Occurrence, occurrences

TEXTS = (
    "Russia 🚀 spoke.\r\nRussia, the Bank of Russia and Russians.\n\nRead more about Russia",
    "No name here.",
    "רוסיה and russia and RUSSIA. Горбачёв met Горбачев.",
    "Russophobia, Russia's café; cafe\u0301 in Łódź.",
)
GPE = ("entity", "GPE")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "p.annot", annotator="anna") as project:
        with project.act("imported"):
            for number, text in enumerate(TEXTS, 1):
                project.articles.add(ArticleInput(text, f"Title {number} of Russia"))
        yield project


def find(
    project: Project,
    *names: str,
    label: tuple[str, str] | None = GPE,
    article: int | None = None,
    whole: bool = True,
    case: bool = True,
    variants: bool = False,
) -> list[Occurrence]:
    steps = occurrences(project, Sought(names, whole, case, variants), label, article)
    return [place for step in steps for place in step.places]


def states(places: list[Occurrence]) -> list[tuple[str, str]]:
    return [(place.state, place.about) for place in places]


def suggest(project: Project, article: int, *suggested: Suggestion) -> None:
    project.suggestions.replace(PipelineInfo("by_hand", "1"), [(article, list(suggested), None)])


def test_places_come_in_order_with_what_stands_around_them(project: Project) -> None:
    places = find(project, "Russia")
    assert [(p.article, p.start) for p in places] == [(1, 0), (1, 16), (1, 36), (1, 74), (4, 13)]
    second = places[1]
    assert (second.quote, second.before) == ("Russia", "Russia 🚀 spoke.\n")
    assert second.after.startswith(", the Bank of Russia and Russians.")
    assert second.title == "Title 1 of Russia"
    assert states(places) == [("free", "")] * 5


def test_one_article_alone(project: Project) -> None:
    assert {p.article for p in find(project, "Russia", article=4)} == {4}
    assert find(project, "Russia", article=2) == []
    assert find(project, "Russia", article=99) == []


def test_choices_widen_what_is_found(project: Project) -> None:
    assert [p.quote for p in find(project, "russia", case=False)][-4:] == [
        "Russia",
        "russia",
        "RUSSIA",
        "Russia",
    ]
    assert [p.quote for p in find(project, "Russ", whole=False)] == ["Russ"] * 7
    assert [p.quote for p in find(project, "Горбачев", variants=True)] == ["Горбачёв", "Горбачев"]
    assert [p.quote for p in find(project, "cafe", variants=True)] == ["café", "cafe\u0301"]
    assert [p.quote for p in find(project, "Lódź", "רוסיה")] == ["רוסיה"]
    assert [p.article for p in find(project, "🚀")] == [1]
    assert find(project, "", "  ") == []
    assert [p.quote for p in find(project, 'Russia" OR "name')] == []


def test_accents_that_the_index_keeps_hide_nothing(project: Project) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("Хрущёв", "ё alone"))
    assert [p.quote for p in find(project, "Хрущев", variants=True)] == ["Хрущёв"]
    assert find(project, "Хрущев") == []


def test_a_suggested_zone_can_be_labelled_wherever_it_stands(project: Project) -> None:
    start, end = 58, len(project.articles.text(1))
    text = project.articles.text(1)[start:end]
    suggest(project, 1, Suggestion("zone", "boilerplate", start, end, "zones"))
    assert states(find(project, text, label=("zone", "boilerplate"))) == [("free", "")]
    assert states(find(project, text)) == [("boilerplate", "")]


def test_what_is_decided_is_told(project: Project) -> None:
    notes = project.annotations
    notes.add(1, "entity", "GPE", 0, 6)
    notes.add(1, "entity", "ORG", 28, 42)  # Bank of Russia, of which 36 to 42 is a part
    notes.add(4, "entity", "ORG", 13, 19)
    start = project.articles.text(1).index("Read more")
    notes.add(1, "zone", "boilerplate", start, len(project.articles.text(1)))
    suggest(project, 1, Suggestion("entity", "GPE", 16, 22, "ner"))
    (suggested,) = [s for s in project.suggestions.open(1) if s.layer == "entity"]
    notes.reject(1, suggested.id)
    assert states(find(project, "Russia")) == [
        ("labelled", ""),
        ("rejected", ""),
        ("part", "Bank of Russia"),
        ("boilerplate", ""),
        ("otherwise", "ORG"),
    ]
    assert [p.state for p in find(project, "Russia", label=("entity", "ORG"))][:2] == ["otherwise", "free"]
    assert states(find(project, "Russia", label=None))[:4] == [("free", "")] * 3 + [("boilerplate", "")]
    assert [p.state for p in find(project, "about", label=("zone", "caption"))] == ["part"]
    assert states(find(project, "of Russia and"))[0] == ("otherwise", "ORG")


def test_a_suggested_longer_name_is_a_name_of_its_own(project: Project) -> None:
    suggest(project, 1, Suggestion("entity", "ORG", 28, 42, "ner"), Suggestion("entity", "ORG", 0, 6, "ner"))
    assert states(find(project, "Russia", article=1))[:3] == [
        ("free", ""),
        ("free", ""),
        ("part", "Bank of Russia"),
    ]


def test_the_decisions_of_others_are_theirs(project: Project) -> None:
    project.annotations.add(1, "entity", "ORG", 0, 6)
    project.annotator = "bob"
    assert find(project, "Russia")[0].state == "free"
    list(project.annotations.label_many("entity", "GPE", [p.place for p in find(project, "Russia")]))
    assert {p.state for p in find(project, "Russia")} == {"labelled"}
    project.annotator = "anna"
    assert states(find(project, "Russia"))[:2] == [("otherwise", "ORG"), ("free", "")]


def test_steps_are_short_and_tell_how_far_they_are(tmp_path: Path) -> None:
    with create_project(tmp_path / "many.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add_all([ArticleInput(f"Kyiv {n}", f"{n}") for n in range(100)])
        for sought in (Sought(("Kyiv",)), Sought(("Kyi",), whole=False)):
            steps = list(occurrences(project, sought))
            assert sum(len(step.places) for step in steps) == 100
            assert [step.done for step in steps if not step.places] == [32, 64, 96, 100]
            assert {step.total for step in steps} == {100}


WORDS = st.lists(
    st.sampled_from(
        ["Kyiv", "kyiv", "KYÏV", "Asia-Pacific", "Asia Pacific", "U.S.", "É", "e\u0301", "🚀", "ё", "е"]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(st.lists(WORDS, min_size=1, max_size=4), WORDS, st.booleans(), st.booleans(), st.booleans())
def test_the_index_hides_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str]],
    name: list[str],
    whole: bool,
    case: bool,
    variants: bool,
) -> None:
    sought = Sought((" ".join(name[:2]), name[-1]), whole, case, variants)
    with create_project(tmp_path_factory.mktemp("p") / "p.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add_all([ArticleInput(" ".join(text), "t") for text in texts])
        found = [p.place for step in occurrences(project, sought) for p in step.places]
        ids = project.articles.ids()
        expected = [(i, *place) for i in ids for place in sought.finder()(project.articles.text(i))]
        assert found == expected
