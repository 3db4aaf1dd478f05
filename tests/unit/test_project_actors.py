"""Actors: what is decided about one holds for the whole project, and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from annotator.model import ArticleInput, PipelineInfo, ProjectError, Suggestion
from annotator.project import Project, create_project, open_project

TINY = PipelineInfo("tiny", "1.0")
ARMENIA = "Nikol Pashinyan met Pashinian's critics. Pashinyan and America agreed."
ABROAD = "Pashinian flew to Paris. The\nUnited  States waited for Pashinyan."
SAMVEL = "Samvel Pashinyan sings. Pashinyan is loud."


def entity(text: str, quote: str, actor: str | None, label: str = "PERSON", nth: int = 0) -> Suggestion:
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return Suggestion("entity", label, start, start + len(quote), "ner", "read", actor=actor)


@pytest.fixture
def named(tmp_path: Path) -> Iterable[Project]:
    """Two articles with suggested names, by hand; anna is at work."""
    with create_project(tmp_path / "names.annot", annotator="anna") as project:
        with project.act("imported 3 articles"):
            for text in (ARMENIA, ABROAD, SAMVEL):
                project.articles.add(ArticleInput(text, text[:12]))
        project.suggestions.replace(
            TINY,
            [
                (
                    1,
                    [
                        entity(ARMENIA, "Nikol Pashinyan", "Nikol Pashinyan"),
                        entity(ARMENIA, "Pashinian", "Nikol Pashinyan"),
                        entity(ARMENIA, "Pashinyan", "Nikol Pashinyan", nth=1),
                        entity(ARMENIA, "America", "United States", "GPE"),
                    ],
                    None,
                ),
                (
                    2,
                    [
                        entity(ABROAD, "Pashinian", "Pashinian"),
                        entity(ABROAD, "Paris", "Paris", "GPE"),
                        entity(ABROAD, "United  States", "United States", "GPE"),
                        entity(ABROAD, "Pashinyan", "Pashinyan"),
                    ],
                    None,
                ),
                (
                    3,
                    [
                        entity(SAMVEL, "Samvel Pashinyan", "Samvel Pashinyan"),
                        entity(SAMVEL, "Pashinyan", "Samvel Pashinyan", nth=1),
                    ],
                    None,
                ),
            ],
        )
        yield project


def suggested(project: Project, article: int) -> list[str | None]:
    return [s.actor for s in project.suggestions.open(article)]


def decided(project: Project, article: int) -> list[tuple[str | None, str | None]]:
    return [(a.quote, a.actor) for a in project.annotations.of(article)]


def aliases(project: Project, name: str) -> tuple[str, ...]:
    actor = project.actors.named(name)
    assert actor is not None
    return actor.aliases


def confirm_pashinyan(project: Project) -> None:
    project.actors.confirm("Nikol Pashinyan", ["Nikol Pashinyan", "Pashinian", "Pashinyan"], "PERSON")


def test_confirming_gathers_the_names_in_other_articles_at_once(named: Project) -> None:
    assert suggested(named, 2) == ["Pashinian", "Paris", "United States", "Pashinyan"]
    confirm_pashinyan(named)
    assert suggested(named, 2) == ["Nikol Pashinyan", "Paris", "United States", "Nikol Pashinyan"]
    assert aliases(named, "Nikol Pashinyan") == ("Pashinian", "Pashinyan")
    assert named.actors.named("Nikol Pashinyan").kind == "PERSON"  # type: ignore[union-attr]


def test_an_article_that_names_somebody_else_in_full_means_them(named: Project) -> None:
    confirm_pashinyan(named)
    assert suggested(named, 3) == ["Samvel Pashinyan", "Samvel Pashinyan"]


def test_a_name_of_two_actors_tells_nothing(named: Project) -> None:
    confirm_pashinyan(named)
    named.actors.confirm("Samvel Pashinyan", ["Pashinyan"], "PERSON")
    assert suggested(named, 2)[3] == "Pashinyan"
    assert suggested(named, 3) == ["Samvel Pashinyan", "Samvel Pashinyan"]


def test_undo_redo_and_a_restart_keep_suggestions_and_actors_together(
    named: Project, human_rows: Callable[[Project], dict[str, Any]]
) -> None:
    before = human_rows(named)
    confirm_pashinyan(named)
    after = human_rows(named)
    named.undo()
    assert human_rows(named) == before
    assert suggested(named, 2)[0] == "Pashinian"
    named.redo()
    assert human_rows(named) == after
    assert suggested(named, 2)[0] == "Nikol Pashinyan"
    path = named.path
    named.close()
    with open_project(path, annotator="anna") as again:
        assert suggested(again, 2)[0] == "Nikol Pashinyan"
        assert [actor.name for actor in again.actors.all()] == ["Nikol Pashinyan"]


def test_a_later_run_changes_nothing_that_was_decided(named: Project) -> None:
    confirm_pashinyan(named)
    named.suggestions.replace(TINY, [(2, [entity(ABROAD, "Pashinian", "Pashinian")], None)])
    assert suggested(named, 2) == ["Nikol Pashinyan"]


def test_accepting_makes_the_actor_with_its_kind(named: Project) -> None:
    named.annotations.accept(1, named.suggestions.open(1)[1].id)
    assert decided(named, 1) == [("Pashinian", "Nikol Pashinyan")]
    actor = named.actors.named("Nikol Pashinyan")
    assert actor is not None
    assert actor.kind == "PERSON"


def test_accepting_after_a_decision_follows_it(named: Project) -> None:
    confirm_pashinyan(named)
    named.annotations.accept(2, named.suggestions.open(2)[0].id)
    assert decided(named, 2) == [("Pashinian", "Nikol Pashinyan")]


@pytest.mark.parametrize("bulk", [False, True])
def test_accepting_all_assigns_actors_too(named: Project, bulk: bool) -> None:
    from annotator.project.bulk import accept_all_open

    confirm_pashinyan(named)
    if bulk:
        for _ in accept_all_open(named):
            pass
    else:
        named.annotations.accept_all(2)
    assert decided(named, 2) == [
        ("Pashinian", "Nikol Pashinyan"),
        ("Paris", "Paris"),
        ("United  States", "United States"),
        ("Pashinyan", "Nikol Pashinyan"),
    ]


def test_a_name_labelled_by_hand_gets_the_actor_that_the_project_knows(named: Project) -> None:
    confirm_pashinyan(named)
    named.suggestions.replace(TINY, [(2, [], None)])
    named.annotations.add(2, "entity", "PERSON", 0, 9)
    named.annotations.add(2, "entity", "GPE", 18, 23)
    assert decided(named, 2) == [("Pashinian", "Nikol Pashinyan"), ("Paris", None)]


def test_a_person_is_no_place_of_the_same_name(named: Project) -> None:
    named.actors.confirm("Paris", kind="GPE")
    named.suggestions.replace(TINY, [(2, [], None)])
    named.annotations.add(2, "entity", "PERSON", 18, 23)
    assert decided(named, 2) == [("Paris", None)]


def test_confirming_takes_annotations_without_an_actor_along(named: Project) -> None:
    named.suggestions.replace(TINY, [(2, [], None)])
    named.annotations.add(2, "entity", "GPE", 18, 23)
    (annotation,) = named.annotations.of(2)
    named.actors.confirm("Paris", ["Paris"], "GPE", [annotation.id])
    assert decided(named, 2) == [("Paris", "Paris")]
    assert aliases(named, "Paris") == ()


def test_confirming_leaves_what_others_labelled(named: Project) -> None:
    named.suggestions.replace(TINY, [(2, [], None)])
    named.annotations.add(2, "entity", "GPE", 18, 23)
    (annotation,) = named.annotations.of(2)
    named.annotator = "boris"
    named.annotations.add(3, "entity", "PERSON", 0, 6)
    named.actors.confirm("Paris", ["Paris"], "GPE", [annotation.id])
    named.annotator = "anna"
    assert decided(named, 2) == [("Paris", None)]


@pytest.mark.parametrize("article", [1, 2])
def test_accepting_all_follows_the_name_in_the_text(named: Project, article: int) -> None:
    named.actors.confirm("USA", ["America"] if article == 1 else ["United States"], "GPE")
    named.annotations.accept_all(article)
    assert "USA" in [actor for _, actor in decided(named, article)]
    assert named.actors.named("United States") is None


def test_renaming_keeps_the_old_name_as_an_alias(named: Project) -> None:
    named.annotations.accept(1, named.suggestions.open(1)[3].id)
    named.actors.rename("United States", "USA")
    assert decided(named, 1) == [("America", "USA")]
    assert suggested(named, 2)[2] == "USA"
    assert aliases(named, "USA") == ("United States",)
    named.undo()
    assert decided(named, 1) == [("America", "United States")]
    assert suggested(named, 2)[2] == "United States"


def test_a_suggested_actor_can_be_renamed(named: Project) -> None:
    named.actors.rename("Nikol Pashinyan", "N. Pashinyan", "PERSON")
    assert suggested(named, 1)[0] == "N. Pashinyan"
    assert named.actors.named("N. Pashinyan").kind == "PERSON"  # type: ignore[union-attr]


def test_a_name_that_is_taken_is_refused(named: Project) -> None:
    confirm_pashinyan(named)
    named.actors.confirm("Paris")
    with pytest.raises(ProjectError, match="Merge the two instead"):
        named.actors.rename("Paris", "Nikol Pashinyan")
    with pytest.raises(ProjectError, match="Give the new one another name"):
        named.actors.split("Nikol Pashinyan", ["Pashinian"], "Paris")
    with pytest.raises(ProjectError, match="needs a name"):
        named.actors.rename("Paris", "  ")


def test_merging_moves_annotations_of_everybody_and_keeps_the_names(named: Project) -> None:
    named.annotations.accept(2, named.suggestions.open(2)[0].id)
    named.actors.set_bloc("Pashinian", "West")
    named.annotator = "boris"
    named.annotations.accept(2, named.suggestions.open(2)[3].id)
    named.actors.merge("Nikol Pashinyan", "Pashinian", "PERSON")
    named.actors.merge("Nikol Pashinyan", "Pashinyan")
    assert decided(named, 2) == [("Pashinyan", "Nikol Pashinyan")]
    named.annotator = "anna"
    assert decided(named, 2) == [("Pashinian", "Nikol Pashinyan")]
    actor = named.actors.named("Nikol Pashinyan")
    assert actor is not None
    assert (actor.aliases, actor.bloc, actor.kind) == (("Pashinian", "Pashinyan"), "West", "PERSON")
    assert [a.name for a in named.actors.all()] == ["Nikol Pashinyan"]
    named.undo()
    named.undo()
    assert decided(named, 2) == [("Pashinian", "Pashinian")]
    assert sorted(a.name for a in named.actors.all()) == ["Pashinian", "Pashinyan"]
    assert suggested(named, 1)[1] == "Pashinian"


def test_merging_with_itself_is_refused(named: Project) -> None:
    with pytest.raises(ProjectError, match="with itself"):
        named.actors.merge("Paris", "Paris")


def test_splitting_moves_the_names_and_their_mentions(named: Project) -> None:
    confirm_pashinyan(named)
    named.annotations.accept_all(1)
    named.actors.split("Nikol Pashinyan", ["Pashinian"], "Another Pashinian")
    assert decided(named, 1)[:3] == [
        ("Nikol Pashinyan", "Nikol Pashinyan"),
        ("Pashinian", "Another Pashinian"),
        ("Pashinyan", "Nikol Pashinyan"),
    ]
    assert suggested(named, 2) == ["Another Pashinian", "Paris", "United States", "Nikol Pashinyan"]
    assert aliases(named, "Nikol Pashinyan") == ("Pashinyan",)
    assert aliases(named, "Another Pashinian") == ("Pashinian",)
    named.undo()
    assert decided(named, 1)[1] == ("Pashinian", "Nikol Pashinyan")
    assert suggested(named, 2)[0] == "Nikol Pashinyan"


def test_splitting_a_name_off_a_suggested_actor(named: Project) -> None:
    named.actors.split("Nikol Pashinyan", ["Pashinyan"], "Samvel", "PERSON")
    assert suggested(named, 1)[:3] == ["Nikol Pashinyan", "Nikol Pashinyan", "Samvel"]


def test_an_actors_own_name_cannot_be_split_off(named: Project) -> None:
    confirm_pashinyan(named)
    with pytest.raises(ProjectError, match="Rename it first"):
        named.actors.split("Nikol Pashinyan", ["Nikol Pashinyan"])
    with pytest.raises(ProjectError, match="Choose the names"):
        named.actors.split("Nikol Pashinyan", [" "])


def test_bloc_and_kind_are_set_and_taken_back(named: Project) -> None:
    named.actors.set_bloc("Paris", "West", "GPE")
    named.actors.set_kind("Paris", "LOC")
    paris = named.actors.named("Paris")
    assert paris is not None
    assert (paris.kind, paris.bloc) == ("LOC", "West")
    named.actors.set_bloc("Paris", None)
    assert named.actors.named("Paris").bloc is None  # type: ignore[union-attr]
    named.undo()
    assert named.actors.named("Paris").bloc == "West"  # type: ignore[union-attr]
    assert named.actors.set_bloc("Paris", "West").tables == frozenset()


def test_aliases_are_added_and_removed(named: Project) -> None:
    named.actors.add_alias("France", "Paris")
    assert suggested(named, 2)[1] == "France"
    named.actors.remove_alias("France", "Paris")
    assert suggested(named, 2)[1] == "Paris"
    named.actors.add_alias("France", "France")
    assert aliases(named, "France") == ()


def test_one_annotation_is_assigned_alone(named: Project) -> None:
    confirm_pashinyan(named)
    named.annotations.accept_all(1)
    third = named.annotations.of(1)[2]
    named.actors.assign(third.id, "Samvel Pashinyan")
    assert [actor for _, actor in decided(named, 1)] == [
        "Nikol Pashinyan",
        "Nikol Pashinyan",
        "Samvel Pashinyan",
        "United States",
    ]
    named.annotator = "boris"
    with pytest.raises(ProjectError, match="only they can change it"):
        named.actors.assign(third.id, "Paris")


def test_a_name_is_assigned_wherever_it_stands(named: Project) -> None:
    confirm_pashinyan(named)
    named.annotations.accept_all(1)
    named.actors.assign_name("Pashinian", "Somebody else", "PERSON")
    assert decided(named, 1)[1] == ("Pashinian", "Somebody else")
    assert suggested(named, 2)[0] == "Somebody else"
    with pytest.raises(ProjectError, match="merge it into"):
        named.actors.assign_name("Nikol Pashinyan", "Somebody else")


def test_rows_count_mentions_and_articles(named: Project) -> None:
    confirm_pashinyan(named)
    named.annotations.accept_all(1)
    named.annotations.accept_all(2)
    rows = {row.actor.name: (row.mentions, row.articles) for row in named.actors.rows()}
    assert rows["Nikol Pashinyan"] == (5, 2)
    assert rows["Paris"] == (1, 1)


def test_blocs_are_the_codebooks_and_those_in_use(named: Project) -> None:
    assert named.codebook.blocs() == ["West", "Russia"]
    named.actors.set_bloc("Paris", "Old Europe")
    assert named.codebook.blocs() == ["West", "Russia", "Old Europe"]
    with named.history.transaction():
        named.db.execute("DELETE FROM settings WHERE key = 'blocs'")  # a project from before
    assert named.codebook.blocs() == ["West", "Russia", "Old Europe"]


def test_an_export_says_whom_open_suggestions_speak_of_by_now(named: Project) -> None:
    import json

    confirm_pashinyan(named)
    lines = [json.loads(line.text) for _, some in named.lines.chunks(with_suggestions=True) for line in some]
    assert [s["actor"] for s in lines[1]["suggestions"]] == suggested(named, 2)
    assert [
        s.actor for s in list(named.records.read(with_suggestions=True))[1].suggestions or ()
    ] == suggested(named, 2)


def test_what_was_decided_about_actors_goes_round_byte_for_byte(named: Project, tmp_path: Path) -> None:
    from annotator.formats import export_jsonl, import_paths

    def export(project: Project, name: str) -> bytes:
        for _ in export_jsonl(project, tmp_path / name, with_suggestions=True):
            pass
        return (tmp_path / name).read_bytes()

    confirm_pashinyan(named)
    named.actors.set_bloc("Nikol Pashinyan", "West")
    named.annotations.accept_all(1)
    named.annotations.accept(2, named.suggestions.open(2)[1].id)
    named.actors.merge("Nikol Pashinyan", "Paris")
    named.actors.rename("United States", "USA")
    first = export(named, "one.jsonl")
    assert b'"aliases":["Paris","Pashinian","Pashinyan"]' in first
    with create_project(tmp_path / "again.annot", annotator="anna") as again:
        for _ in import_paths(again, [tmp_path / "one.jsonl"]):
            pass
        assert export(again, "two.jsonl") == first
        assert again.actors.all() == named.actors.all()
