"""Kind and bloc of an actor, from the gazetteer's files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.project import Project
from annotator.project import facts as module
from annotator.project.facts import facts, known_names

BLOCS = """
West = ["United States"]
Russia = ["Russia"]
"""
ROWS = """actor\tkind\tof\tenglish\trussian\tarmenian
# countries
United States\tGPE\t\tUSA\tСША\t
Georgia\tGPE\t\t\t\t
Russia\tGPE\t\t\t\t
Russian\tNORP\tRussia\tRussians\t\t
"""
PEOPLE = """actor\tkind\tof\tenglish\trussian\tarmenian
Antony Blinken\tPERSON\tUnited States\tBlinken\t\t
Georgia\tPERSON\t\t\t\t
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "blocs.toml").write_text(BLOCS, encoding="utf-8")
    (tmp_path / "places.tsv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "people.tsv").write_text(PEOPLE, encoding="utf-8")
    monkeypatch.setattr(module, "resource", lambda name: tmp_path)
    module._known.cache_clear()
    yield tmp_path
    module._known.cache_clear()


@pytest.mark.parametrize(
    ("actor", "label", "found"),
    [
        ("United States", "GPE", ("GPE", "West")),
        ("United States", None, ("GPE", "West")),
        ("Antony Blinken", "PERSON", ("PERSON", "West")),  # of the United States
        ("Russian", "NORP", ("NORP", "Russia")),
        ("Russia", "ORG", ("GPE", "Russia")),  # the model was wrong about its kind
        ("Russia", "PERSON", ("PERSON", None)),  # somebody called so
        ("Georgia", "PERSON", ("PERSON", None)),
        ("Georgia", "GPE", ("GPE", None)),
        ("Nobody", "FAC", ("FAC", None)),
        ("Nobody", None, (None, None)),
        ("actor", None, (None, None)),
        ("# countries", None, (None, None)),
    ],
)
def test_what_the_files_say(
    files: Path, actor: str, label: str | None, found: tuple[str | None, str | None]
) -> None:
    assert facts(actor, label) == found


def test_an_actor_that_is_made_has_what_the_files_say(files: Path, suggested: Project) -> None:
    suggested.actors.confirm("Antony Blinken", ["Blinken"])
    suggested.actors.confirm("Nobody", kind="ORG")
    made = {actor.name: (actor.kind, actor.bloc) for actor in suggested.actors.all()}
    assert made == {"Antony Blinken": ("PERSON", "West"), "Nobody": ("ORG", None)}


def test_a_damaged_file_does_not_keep_anybody_from_deciding(files: Path) -> None:
    (files / "people.tsv").write_text("actor\nno tabs here\n", encoding="utf-8")
    assert facts("Antony Blinken", "PERSON") == ("PERSON", None)


def test_without_files_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resource", lambda name: tmp_path / "gone")
    module._known.cache_clear()
    assert facts("Russia", "GPE") == ("GPE", None)
    module._known.cache_clear()


def test_every_actor_has_its_names_in_all_alphabets() -> None:
    names = known_names()["Nikol Pashinyan"]
    assert {"Pashinyan", "Пашинян"} <= set(names)
    assert "Nikol Pashinyan" not in names
