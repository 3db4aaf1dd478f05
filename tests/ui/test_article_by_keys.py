"""A sample article labelled completely by key events alone, from opening to done; then the file is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import create_project, open_project
from annotator.resources import resource
from annotator.text import normalise
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py

# What a pipeline might say of the article, its mistakes included: (label, words).
SUGGESTED = (
    ("GPE", "Armenia"),
    ("PERSON", "Mher Gasparo"),
    ("ORG", "Araks Byte"),
    ("ORG", "Hayk Orbital is"),  # a word too many
    ("PERSON", "Arabkir"),  # a district
    ("GPE", "Monday"),  # no name at all
    ("ORG", "Roscosmos"),
    ("PERSON", "Zabel Nersoyan"),
    ("PERSON", "Ursula von der Leyen"),
    ("GPE", "U.S."),
    ("GPE", "Russia. Moscow"),  # two names over the end of a sentence
    ("boilerplate", "👉 If you liked this, forward it to a friend."),
)
NAMES = {  # of the article, by the key of their label
    "1": ("Mher Gasparo", "Zabel Nersoyan", "Ursula von der Leyen", "Antony Blinken", "Arpine Vardazar"),
    "2": (
        "Araks Byte", "Hayk Orbital", "Roscosmos", "EU", "European Investment Bank",
        "National Computer Incident Team", "Parliament", "Eurasian Economic Union",
    ),
    "3": (
        "Armenia", "Yerevan", "Arabkir", "France", "Baikonur", "Toulouse", "U.S.", "Brussels", "Russia",
        "Moscow",
    ),
    "4": ("French", "Russian", "Armenian"),
    "8": ("European GDPR",),
    "9": ("CubeSat",),
}  # fmt: skip
KEYS = {name: key for key, names in NAMES.items() for name in names}
BETTER = "But the direction is right, the partners are reliable and the air is better."
WORDS_BEFORE_BAIKONUR = "The first one was to fly from Baikonur".count(" ")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    text = normalise(resource("sample", "04_start_ups_look_west.txt").read_text(encoding="utf-8"))
    suggestions = [
        Suggestion(
            "zone" if label == "boilerplate" else "entity",
            label,
            text.index(words),
            text.index(words) + len(words),
            "ner",
            reason="a name",
        )
        for label, words in SUGGESTED
    ]
    suggestions.append(Suggestion("stance", "pro-West", None, None, "stance", reason="cues"))
    with create_project(tmp_path / "sample.annot", annotator="anna") as project:
        with project.act("imported 3 articles"):
            project.articles.add(ArticleInput("Nothing happened.", "Before"))
            project.articles.add(ArticleInput(text, "Start-ups"))
            project.articles.add(ArticleInput("Nothing happened in Brussels.", "After"))
        project.suggestions.replace(
            PipelineInfo("by_hand", "1"),
            [
                (2, suggestions, None),
                (3, [Suggestion("entity", "GPE", 20, 28, "ner", reason="a name")], None),
            ],
        )
    return tmp_path / "sample.annot"


def test_an_article_is_labelled_from_opening_to_done_by_keys_alone(
    hands: Hands, new_window: Callable[..., MainWindow], sample: Path, no_worker: None
) -> None:
    hands.window.close()
    hands.window = window = new_window(sample)
    press, view = hands.press, window.pane.view

    press("J")  # open it
    assert window.labelling.article == 2
    press("Tab", "A", "A", "A")  # Armenia, Gasparo, Araks Byte
    assert hands.active == ("ORG", "Hayk Orbital is", True)
    press("Alt+Left", "Tab")  # is no part of it; on to the next
    press("3")  # Arabkir is no person
    press("X")  # Monday is no name
    press("A", "A", "A", "A")  # Roscosmos, Nersoyan, von der Leyen, U.S.
    assert hands.active == ("GPE", "Russia. Moscow", True)
    press("Ctrl+Right", "S")  # in two, and without the full stop
    assert hands.active == ("GPE", "Russia.", False)
    press("[", "Tab", "A")  # the zone at the end
    assert hands.open_suggestions() == []

    # A name that nobody suggested, found by the caret: from the top, by sentence and word.
    press("Esc", "Ctrl+Home")
    while not hands.text[view.caret :].startswith("The first one was"):
        press("Ctrl+Down")
    press(*["Ctrl+Right"] * WORDS_BEFORE_BAIKONUR, "V", "3")
    assert hands.active == ("GPE", "Baikonur", False)

    # All other names: `Q` goes from one to the next.
    press("Esc", "Ctrl+Home")
    press("Q")
    while selected := hands.text[slice(*view.raw_selection())]:
        press(KEYS.get(selected, "Q"))  # after a label the next one is selected already
    assert hands.open_suggestions() == []

    # A passage for the West: the sentence at the caret; then the stance of the whole article.
    press("Esc", "Ctrl+Home")
    while not hands.text[view.caret :].startswith("But the direction is right"):
        press("Ctrl+Down")
    press("V", "V", "W", "Esc", "W", "Ctrl+Return")
    assert window.labelling.article == 3
    assert hands.active == ("GPE", "Brussels", True), "the next one is open at its first suggestion"

    assert hands.project.suggestions.open(2) == []

    press("K")  # what was decided is shown on going back
    shown = [(s.label, hands.text[s.start : s.end], s.suggested) for s in view.spans()]
    assert ("GPE", "Baikonur", False) in shown
    assert not any(suggested for _, _, suggested in shown)
    assert window.labelling.stance() == "pro-West"

    window.close()
    with open_project(sample, annotator="anna") as project:
        found = [(a.label, a.quote, a.origin) for a in project.annotations.of(2)]
        assert found == [
            ("pro-West", None, "accepted"),
            ("GPE", "Armenia", "accepted"),
            ("PERSON", "Mher Gasparo", "accepted"),
            ("ORG", "Araks Byte", "accepted"),
            ("GPE", "Yerevan", "manual"),
            ("ORG", "Hayk Orbital", "corrected"),
            ("GPE", "Yerevan", "manual"),
            ("GPE", "Arabkir", "corrected"),
            ("NORP", "French", "manual"),
            ("GPE", "France", "manual"),
            ("PRODUCT", "CubeSat", "manual"),
            ("GPE", "Baikonur", "manual"),
            ("ORG", "Roscosmos", "accepted"),
            ("GPE", "Toulouse", "manual"),
            ("PERSON", "Zabel Nersoyan", "accepted"),
            ("ORG", "EU", "manual"),
            ("GPE", "Yerevan", "manual"),
            ("PERSON", "Ursula von der Leyen", "accepted"),
            ("GPE", "Armenia", "manual"),
            ("ORG", "European Investment Bank", "manual"),
            ("NORP", "Russian", "manual"),
            ("GPE", "U.S.", "accepted"),
            ("PERSON", "Antony Blinken", "manual"),
            ("NORP", "Armenian", "manual"),
            ("GPE", "Brussels", "manual"),
            ("ORG", "National Computer Incident Team", "manual"),
            ("GPE", "Russia", "corrected"),
            ("GPE", "Moscow", "corrected"),
            ("ORG", "Parliament", "manual"),
            ("GPE", "Armenia", "manual"),
            ("LAW", "European GDPR", "manual"),
            ("PERSON", "Arpine Vardazar", "manual"),
            ("ORG", "Eurasian Economic Union", "manual"),
            ("GPE", "Russia", "manual"),
            ("GPE", "Yerevan", "manual"),
            ("pro-West", BETTER, "manual"),
            ("GPE", "Armenia", "manual"),
            ("boilerplate", "👉 If you liked this, forward it to a friend.", "accepted"),
            ("ORG", "Araks Byte", "manual"),
        ]
        text = project.articles.text(2)
        for a in project.annotations.of(2):
            assert a.quote == (text[a.start : a.end] if a.start is not None else None)
        rejected = {(r.label, text[r.start : r.end]) for r in project.annotations.rejections(2)}
        assert ("GPE", "Monday") in rejected
        assert ("GPE", "Russia. Moscow") in rejected
        assert project.suggestions.open(2) == []
        assert project.articles.progress(2).status == "done"
