from __future__ import annotations

import pytest

from annotator.project import Project


def test_a_new_project_has_the_default_layers_in_order(project: Project) -> None:
    codebook = project.codebook.read()
    assert [(layer.name, layer.scope, layer.exclusive) for layer in codebook.layers] == [
        ("entity", "span", False),
        ("stance", "both", True),
        ("zone", "span", False),
    ]
    assert codebook.version == 1


def test_the_entity_labels_have_the_digits_as_keys(project: Project) -> None:
    labels = project.codebook.read().labels("entity")
    assert [label.key for label in labels] == list("123456789")
    assert labels[0].name == "PERSON"


def test_the_stances_have_their_letters(project: Project) -> None:
    labels = project.codebook.read().labels("stance")
    assert [(label.name, label.key) for label in labels] == [
        ("pro-West", "W"),
        ("neutral", "N"),
        ("pro-Russia", "R"),
    ]


def test_every_label_has_a_colour_and_a_definition(project: Project) -> None:
    for layer in project.codebook.read().layers:
        assert layer.definition
        for label in layer.labels:
            assert label.color.startswith("#")
            assert len(label.color) == 7
            assert label.definition


def test_unknown_names_are_key_errors(project: Project) -> None:
    codebook = project.codebook.read()
    with pytest.raises(KeyError):
        codebook.layer("topic")
    with pytest.raises(KeyError):
        codebook.label("entity", "ANIMAL")
    with pytest.raises(KeyError):
        project.codebook.ids("entity", "pro-West")


def test_a_missing_label_is_added_at_the_end_and_raises_the_version(project: Project) -> None:
    with project.act("imported"):
        ids = project.codebook.ensure("entity", "ANIMAL", whole_article=False)
    codebook = project.codebook.read()
    assert codebook.labels("entity")[-1].name == "ANIMAL"
    assert codebook.version == 2
    assert project.codebook.ids("entity", "ANIMAL") == ids


def test_a_known_label_changes_nothing(project: Project) -> None:
    with project.act("imported"):
        project.codebook.ensure("entity", "GPE", whole_article=False)
    assert project.codebook.version() == 1
    assert project.history.last() is None


@pytest.mark.parametrize("whole_article", [True, False])
def test_a_missing_layer_is_exclusive_if_it_speaks_of_whole_articles(
    project: Project, whole_article: bool
) -> None:
    with project.act("imported"):
        project.codebook.ensure("genre", "comment", whole_article=whole_article)
    layer = project.codebook.read().layer("genre")
    assert layer.exclusive is whole_article
    assert layer.scope == "both"


def test_undo_takes_an_added_layer_out_again(project: Project) -> None:
    before = project.codebook.read()
    with project.act("imported"):
        project.codebook.ensure("genre", "comment", whole_article=True)
    project.undo()
    assert project.codebook.read() == before


def test_a_retired_label_is_no_longer_offered(project: Project) -> None:
    with project.act("retired LAW"):
        project.db.execute("UPDATE labels SET retired = 1 WHERE name = 'LAW'")
    codebook = project.codebook.read()
    assert "LAW" not in [label.name for label in codebook.labels("entity")]
    assert codebook.label("entity", "LAW").retired
