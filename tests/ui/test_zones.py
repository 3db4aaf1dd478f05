"""Zones at the window: real keys, the real worker behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo, Suggestion, ZoneDecisions
from annotator.nlp.zones import find_zones, zone_suggestions
from annotator.project import create_project
from annotator.ui.main_window import MainWindow
from annotator.ui.session import Session
from annotator.ui.spans_model import NAME, ZONES

Hands = Any  # the class is in conftest.py

TEXT = (
    "Ferry waits for Russia\n\n"
    "The minister spoke in Armenia, and nobody at the pier answered him.\n\n"
    "READ MORE\nWhat France knows about lakes\n\n"
    "Boats at the pier in Georgia. Photo: Anna Sarg\n\n"
    "Officials in Turkey said nothing on Friday.\n"
)


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """One article with its zones suggested, and names outside boilerplate."""
    with create_project(tmp_path / "lake.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput(TEXT, "Ferry", language="en"))
        found = zone_suggestions(find_zones(TEXT), ZoneDecisions())
        for name in ("Russia", "Armenia", "Georgia", "Turkey"):
            found.append(
                Suggestion("entity", "GPE", TEXT.index(name), TEXT.index(name) + len(name), "ner", "a name")
            )
        project.suggestions.replace(PipelineInfo("by_hand", "1"), [(1, found, None)])
    return tmp_path / "lake.annot"


def quotes(hands: Hands, layer: str = "entity") -> list[str]:
    spans = hands.window.pane.view.spans()
    return [hands.text[s.start : s.end] for s in spans if s.layer == layer and s.suggested]


def zone(hands: Hands, label: str) -> str:
    return next(TEXT[s.start : s.end] for s in hands.window.pane.view.spans() if s.label == label)


@pytest.fixture
def anew(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The articles that are asked for anew (nobody answers)."""
    asked: list[int] = []
    monkeypatch.setattr(Session, "suggest_anew", lambda self, article: asked.append(article))
    return asked


def test_tab_visits_zones_in_reading_order_and_a_accepts(hands: Hands, anew: list[int]) -> None:
    hands.caret(0)
    seen = []
    for _ in range(7):
        hands.press("Tab")
        seen.append(hands.active[0])
    assert seen == ["headline", "GPE", "GPE", "boilerplate", "caption", "GPE", "GPE"]
    hands.activate(zone(hands, "boilerplate"))
    hands.press("A")
    assert ("boilerplate", "READ MORE\nWhat France knows about lakes", "accepted") in hands.labelled()
    assert hands.active[0] == "caption"
    assert anew == []  # it counted before, and counts now


def test_x_takes_a_zone_back_and_the_article_is_suggested_anew(hands: Hands, anew: list[int]) -> None:
    hands.activate(zone(hands, "boilerplate"))
    hands.press("X")
    assert "boilerplate" not in [s.label for s in hands.window.pane.view.spans()]
    assert anew == [1]
    hands.press("Ctrl+Z")
    assert anew == [1, 1]
    assert "boilerplate" in [s.label for s in hands.window.pane.view.spans()]
    hands.press("Ctrl+Shift+Z")
    assert anew == [1, 1, 1]


def test_entities_do_not_ask_for_the_article_anew(hands: Hands, anew: list[int]) -> None:
    hands.activate("Armenia")
    hands.press("A", "Ctrl+Z", "W")
    assert anew == []


def test_b_marks_a_selection_and_takes_it_back(hands: Hands, anew: list[int]) -> None:
    start = TEXT.index("Officials")
    hands.caret(start)
    hands.press("Shift+End", "B")
    assert hands.labelled() == [("boilerplate", "Officials in Turkey said nothing on Friday.", "manual")]
    assert anew == [1]
    hands.press("B")  # it is active
    assert hands.labelled() == []
    assert anew == [1, 1]
    hands.caret(start)
    hands.press("Shift+End", "B")
    hands.caret(start)
    hands.press("Shift+End", "B")  # the same words once more
    assert hands.labelled() == []


def test_b_accepts_a_suggested_zone_and_takes_an_accepted_one_back(hands: Hands, anew: list[int]) -> None:
    quote = zone(hands, "boilerplate")
    hands.activate(quote)
    hands.press("B")
    assert hands.labelled() == [("boilerplate", quote, "accepted")]
    hands.activate(quote)
    hands.press("B")
    assert hands.labelled() == []
    assert quote not in quotes(hands, "zone")  # and it does not come back as a suggestion


def test_b_on_a_caption_makes_it_boilerplate(hands: Hands, anew: list[int]) -> None:
    quote = zone(hands, "caption")
    hands.activate(quote)
    hands.press("B")
    assert hands.labelled() == [("boilerplate", quote, "corrected")]
    assert anew == [1]


def test_shift_a_accepts_the_zones_too(hands: Hands, anew: list[int]) -> None:
    hands.caret(0)
    hands.press("Shift+A")
    assert [label for label, _, _ in hands.labelled()] == [
        "headline", "GPE", "GPE", "boilerplate", "caption", "GPE", "GPE"
    ]  # fmt: skip
    assert anew == []


def test_zones_can_be_left_out_of_the_walk(hands: Hands, window: MainWindow) -> None:
    action = window.actions_["visit_zones"]
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()
    hands.caret(0)
    hands.press("Tab")
    assert hands.active == ("GPE", "Russia", True)
    hands.press("A", "A")
    assert hands.active == ("GPE", "Georgia", True)
    hands.press("Shift+Tab")
    assert hands.active == ("GPE", "Georgia", True)  # none before it
    action.trigger()
    hands.press("Shift+Tab")
    assert hands.active[0] == "caption"


def test_that_choice_is_remembered(window: MainWindow, new_window: Callable[..., MainWindow]) -> None:
    window.actions_["visit_zones"].trigger()
    window.session.settings.sync()
    assert not new_window().actions_["visit_zones"].isChecked()


def test_the_panel_lists_zones_last_with_their_reasons(hands: Hands, window: MainWindow) -> None:
    model = window.spans.tree.model_
    for by_count in (False, True):
        model.set_by_count(by_count)
        assert [group.name for group in model.groups][-1] == ZONES
    group = model.index(len(model.groups) - 1, NAME)
    words = [model.index(row, NAME, group).data() for row in range(model.rowCount(group))]
    assert words == [
        "headline · the first line, short and without a full stop · Ferry waits for Russia",
        "boilerplate · a list of links under “READ MORE” · READ MORE What France knows about lakes",
        "caption · a picture's caption or credit · Boats at the pier in Georgia. Photo: Anna Sarg",
    ]
    assert "3 zones, all suggested" in group.data(Qt.ItemDataRole.AccessibleTextRole)
    assert window.spans._heading.note() == "4 left"  # the heading counts entities
    hands.activate(zone(hands, "caption"))
    hands.press("X")
    assert window.spans.tree.isExpanded(group) is False
    hands.caret(0)
    hands.press("Tab")
    assert window.spans.tree.isExpanded(model.index(len(model.groups) - 1, NAME))
    assert window.spans.tree.currentIndex().data().startswith("headline")


def test_dimmed_text_stays_readable() -> None:
    from PySide6.QtGui import QColor

    from annotator.ui.span_painter import _veil
    from annotator.ui.theme import DARK, LIGHT, blend, contrast

    for theme in (LIGHT, DARK):
        dimmed = blend(QColor(theme.text), QColor(theme.base), _veil(theme).alphaF())
        assert contrast(dimmed, QColor(theme.soft)) >= 4.5
        assert contrast(dimmed, QColor(theme.base)) >= 3
        assert contrast(dimmed, QColor(theme.soft)) < contrast(QColor(theme.text), QColor(theme.base)) / 1.5


def test_a_suggestion_made_anew_stays_active(hands: Hands) -> None:
    hands.activate("Georgia")
    project = hands.project
    project.suggestions.replace(PipelineInfo("by_hand", "1"), [(1, project.suggestions.open(1), None)])
    hands.window._suggestions_changed([1])
    assert hands.active == ("GPE", "Georgia", True)
    hands.press("A")
    assert hands.labelled() == [("GPE", "Georgia", "accepted")]


def test_names_come_and_go_with_the_zones(
    qtbot: QtBot, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: keys, project, worker with its model, and back on the screen."""
    monkeypatch.undo()  # the real Session
    hands.project.annotations.add(1, "entity", "GPE", TEXT.index("Turkey"), TEXT.index("Turkey") + 6)
    hands.window.labelling.reload()
    hands.activate(zone(hands, "boilerplate"))
    hands.press("X")
    qtbot.waitUntil(lambda: "France" in quotes(hands), timeout=30_000)
    assert "Armenia" in quotes(hands)
    start = TEXT.index("The minister")
    hands.caret(start)
    hands.press("Shift+End", "B")
    qtbot.waitUntil(lambda: "Armenia" not in quotes(hands), timeout=5000)
    assert "France" in quotes(hands)
    hands.caret(TEXT.index("Officials"))
    hands.press("Shift+End", "B")
    assert ("GPE", "Turkey", "accepted") in hands.labelled()  # what a person labelled stays
    hands.press("Ctrl+Z", "Ctrl+Z")
    qtbot.waitUntil(lambda: "Armenia" in quotes(hands), timeout=5000)
