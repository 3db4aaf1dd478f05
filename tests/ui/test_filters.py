"""Filters through the window: chosen by typing, shown as chips, saved by name, walked by J and K."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.model import NONE, ArticleFilter, ArticleInput, Change, Condition, Field, FieldValue
from annotator.project import article_pages, create_project, open_project
from annotator.ui import listing
from annotator.ui.filter_chips import FilterChip, FilterChips
from annotator.ui.main_window import MainWindow
from annotator.ui.settings import Settings

Hands = Any  # the class is in conftest.py


def words(hands: Hands) -> list[str]:
    return [row for row, _ in hands.window.list.chooser.rows()]


def chips(hands: Hands) -> list[str]:
    return [chip.words() for chip in hands.window.list.filter_chips.chips()]


def listed(hands: Hands) -> list[str]:
    window = hands.window
    while window.listing.running:
        QCoreApplication.processEvents()
    return [row.title for row in hands.project.articles.rows(window.list.ids())]


def choose(hands: Hands, qtbot: QtBot, field: str, value: str) -> None:
    """Press P in the article, type a field and a value, each with Enter."""
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type(field)
    hands.press("Return")
    qtbot.waitUntil(lambda: bool(words(hands)))
    hands.type(value)
    hands.press("Return")


def test_a_filter_is_chosen_by_typing_and_shown_as_a_chip(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "sou", "b.ex")
    assert chips(hands) == ["Source: b.example"]
    assert listed(hands) == ["Rocket"]
    assert hands.window.list.filter_chips.isVisible()
    assert QApplication.focusWidget() is hands.window.list.table


def test_the_rows_of_the_chooser_are_spoken_while_the_keyboard_stays_in_the_field(
    hands: Hands, qtbot: QtBot, said: list[str]
) -> None:
    hands.focus(hands.window.list.table)
    hands.press("P")
    said.clear()
    hands.press("Down")
    assert said == [words(hands)[1]]
    hands.type("sou")
    assert said[-1] == "Source"
    said.clear()
    hands.press("Return")
    chooser = hands.window.list.chooser
    qtbot.waitUntil(lambda: bool(words(hands)) and all(note for _, note in chooser.rows()))
    assert len(said) == 1
    values = [FieldValue("x", 2), FieldValue("y", 1)]
    chooser.show_values("source", values)
    chooser.show_values("source", [FieldValue("x", 3), *values[1:]])
    assert said[1:] == ["x, 2 articles"], "a number that comes in does not say it again"
    hands.press("Down")
    assert said[2:] == ["y, 1 article"]


def test_how_many_articles_fit_is_spoken_once_all_are_listed(
    hands: Hands, qtbot: QtBot, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_pages, "PAGE", 1)
    monkeypatch.setattr(listing, "SLICE", 0)  # a step for each article
    hands.focus(hands.window.list.search_field)
    said.clear()
    hands.type("in")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["3 articles"]
    hands.type("zzz")
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1].startswith("No article fits."), said
    hands.window.list.show_all()
    qtbot.waitUntil(lambda: len(said) == 3)
    assert said[2] == "4 articles"
    hands.window.listing.ask(at_once=False)  # after an act
    qtbot.waitUntil(lambda: not hands.window.listing.running)
    assert len(said) == 3


def test_the_russian_key_opens_it_too(hands: Hands) -> None:
    hands.focus(hands.window.list.table)
    hands.press("З")
    assert hands.window.list.chooser.edit.hasFocus()


def test_chips_combine_and_say_how(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "b.ex")
    choose(hands, qtbot, "source", "a.ex")
    choose(hands, qtbot, "open", "open")
    choose(hands, qtbot, "source", "unknown")
    assert chips(hands) == ["Source: b.example", "or A.example", "or unknown", "Suggestions: open"]
    assert listed(hands) == ["Rocket", "gyumri", "Brussels"]
    choose(hands, qtbot, "date", "2023")
    assert listed(hands) == ["gyumri"]


def test_a_range_of_dates_is_typed(hands: Hands, qtbot: QtBot) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("date")
    hands.press("Return")
    hands.type("Feb 2022..2023")
    assert words(hands)[0] == "from Feb 2022 to 2023"
    hands.press("Return")
    assert chips(hands) == ["Date: from Feb 2022 to 2023"]
    assert listed(hands) == ["gyumri", "Kyiv"]


def test_values_have_their_numbers(hands: Hands, qtbot: QtBot) -> None:
    hands.project.annotations.accept(1, 1)
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("lab")
    hands.press("Return")
    rows = hands.window.list.chooser.rows
    qtbot.waitUntil(lambda: ("GPE", "1") in rows())
    assert ("ORG", "0") in rows()
    assert ("Stance: pro-West", "0") in rows()
    hands.type("none")
    assert words(hands) == ["none yet"]
    hands.press("Return")
    assert chips(hands) == ["Label: none yet"]
    assert listed(hands) == ["gyumri", "Brussels", "Kyiv"]
    hands.press("P")
    assert hands.window.list.chooser.list.currentRow() == 0, "another Enter saves nothing"


def test_labels_of_articles_are_named_as_in_the_menus(hands: Hands, qtbot: QtBot) -> None:
    hands.press("R")
    choose(hands, qtbot, "label", "stance: pro-r")
    assert chips(hands) == ["Label: Stance: pro-Russia"]
    assert listed(hands) == ["Rocket"]


@pytest.mark.parametrize("width", [220, 320])
def test_the_names_of_fields_are_never_cut(hands: Hands, width: int) -> None:
    chooser = hands.window.list.chooser
    room = width - 24 - 16  # the edges
    for row in chooser._fields():
        assert chooser.list.fontMetrics().horizontalAdvance(row.words) <= room, row.words


def test_who_types_fast_need_not_wait_for_the_values(hands: Hands, qtbot: QtBot) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("sou")
    hands.press("Return")
    assert words(hands) == [], "they come from the project"
    hands.type("a.ex")
    hands.press("Return")
    qtbot.waitUntil(lambda: chips(hands) == ["Source: A.example"])


def test_what_is_typed_on_takes_enter_back(hands: Hands, qtbot: QtBot) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("sou")
    hands.press("Return", "A", "Return", "Backspace")
    qtbot.waitUntil(lambda: bool(words(hands)))
    assert chips(hands) == []


def test_the_current_row_stays_while_numbers_come_in(hands: Hands) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("lang")
    hands.press("Return")
    chooser = hands.window.list.chooser
    values = [FieldValue(name) for name in ("en", "hen", "zen")]
    chooser.show_values("language", values)
    hands.type("en")
    hands.press("Down")
    assert chooser.list.currentItem().text() == "hen"
    chooser.show_values("language", [FieldValue("zen", 9), FieldValue("en", 3), FieldValue("hen", 2)])
    assert chooser.list.currentItem().text() == "hen"
    hands.press("Backspace")
    assert chooser.list.currentRow() == 0, "for other letters the best is current"


def test_the_search_combines_with_the_chips(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "open", "open")
    hands.press("Ctrl+L")
    hands.type("moscow")
    hands.window.list._apply()
    assert listed(hands) == ["gyumri"]
    hands.press("Down")
    assert QApplication.focusWidget() is hands.window.list.table


def test_chips_are_taken_away_by_key(hands: Hands, qtbot: QtBot) -> None:
    for source in ("a.ex", "b.ex", "c.ex"):
        choose(hands, qtbot, "source", source)
    row = hands.window.list.filter_chips
    hands.focus(row.chips()[0])
    hands.press("Right", "Right", "Left")
    assert row.chips()[1].hasFocus()
    hands.press("Del")
    assert chips(hands) == ["Source: A.example", "or c.example"]
    assert row.chips()[1].hasFocus()
    hands.press("Backspace", "Space")
    assert chips(hands) == []
    assert not row.isVisible()
    assert len(listed(hands)) == 4
    assert QApplication.focusWidget() is hands.window.list.table


def test_backspace_in_the_empty_field_goes_back_and_then_takes_the_last_chip(
    hands: Hands, qtbot: QtBot
) -> None:
    choose(hands, qtbot, "source", "a.ex")
    choose(hands, qtbot, "open", "open")
    hands.focus(hands.window.list.table)
    hands.press("P")
    hands.type("so")
    hands.press("Return", "Backspace")
    assert "Status" in words(hands)
    hands.press("Backspace")
    assert chips(hands) == ["Source: A.example"]
    hands.press("Escape")
    assert hands.window.list.table.isVisible()


def test_escape_goes_back_a_step_at_a_time(hands: Hands, qtbot: QtBot) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("stat")
    hands.press("Return")
    qtbot.waitUntil(lambda: "in progress" in words(hands))
    hands.press("Escape")
    assert "Status" in words(hands)
    hands.press("Escape")
    assert not hands.window.list.chooser.isVisible()
    hands.press("Escape")
    assert hands.window.pane.view.hasFocus()


def test_where_nothing_fits_escape_takes_one_filter_after_the_other(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "a.ex")
    choose(hands, qtbot, "status", "skipped")
    assert listed(hands) == []
    told = hands.window.list._empty_text.text()
    assert told == "No article fits. Esc takes the last filter away, Shift+P all of them"
    hands.press("Escape")
    assert (chips(hands), listed(hands)) == (["Source: A.example"], ["gyumri"])
    assert QApplication.focusWidget() is hands.window.list.table
    hands.press("Ctrl+L")
    hands.type("nowhere")
    hands.window.list._apply()
    hands.press("Escape", "Ctrl+L", "Escape")
    assert len(listed(hands)) == 4
    assert chips(hands) == []


def test_keys_of_filters_work_where_nothing_fits(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "status", "skipped")
    hands.press("P")
    assert hands.window.list.chooser.edit.hasFocus()
    hands.press("Escape", "Shift+P")
    assert len(listed(hands)) == 4
    assert QApplication.focusWidget() is hands.window.list.table


def test_a_filter_opens_its_first_article_if_the_open_one_does_not_fit(hands: Hands, qtbot: QtBot) -> None:
    window = hands.window
    window.show_article(1)
    choose(hands, qtbot, "source", "c.ex")
    assert (window.labelling.article, window.list.current()) == (4, 4)
    hands.press("P", "Backspace")
    hands.press("Escape")
    choose(hands, qtbot, "open", "open")
    assert (window.labelling.article, window.list.current()) == (4, 4), "it fits: it stays"
    hands.press("Space")
    assert hands.project.articles.progress(4).status == "skipped"


def test_escape_leads_from_the_chooser_back_to_where_the_keyboard_was(hands: Hands) -> None:
    window = hands.window
    for widget in (window.pane.view, window.list.table):
        hands.focus(widget)
        hands.press("P", "Escape")
        assert QApplication.focusWidget() is widget


@pytest.mark.parametrize("key", ["F8", "F11"])
def test_filters_are_chosen_in_sight_though_the_list_was_hidden(hands: Hands, qtbot: QtBot, key: str) -> None:
    hands.focus(hands.window.pane.view)
    hands.press(key)
    choose(hands, qtbot, "source", "a.ex")
    assert listed(hands) == ["gyumri"]
    assert hands.window.list.isVisible()
    hands.focus(hands.window.pane.view)
    hands.press(key, "Shift+P")
    assert hands.window.list.isVisible()
    assert len(listed(hands)) == 4


def test_clear_all_and_its_key(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "a.ex")
    hands.focus(hands.window.list.filter_chips.clear)
    hands.press("Space")
    assert (chips(hands), len(listed(hands))) == ([], 4)
    choose(hands, qtbot, "source", "a.ex")
    hands.press("Shift+P")
    assert (chips(hands), len(listed(hands))) == ([], 4)


def test_j_k_and_done_walk_the_filtered_list(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "b.ex")
    choose(hands, qtbot, "source", "c.ex")
    hands.window.show_article(1)
    hands.focus(hands.window.pane.view)
    hands.press("J")
    assert hands.window.labelling.article == 4
    hands.press("K")
    assert hands.window.labelling.article == 1
    hands.press("Ctrl+Return")
    assert hands.window.labelling.article == 4
    assert chips(hands) == ["Source: b.example", "or c.example"]


def test_done_goes_on_from_where_the_undone_article_stands(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "status", "to do")
    hands.window.show_article(2)
    hands.focus(hands.window.pane.view)
    hands.press("Ctrl+Return")
    assert hands.window.labelling.article == 3
    hands.press("Ctrl+Z")
    assert hands.window.labelling.article == 2
    assert len(listed(hands)) == 4  # it fits again
    assert hands.window.list.current() == 2
    hands.press("Ctrl+Return")
    assert hands.window.labelling.article == 3


def test_done_goes_on_from_where_the_article_was_that_an_act_took_out_of_the_list(
    hands: Hands, qtbot: QtBot
) -> None:
    choose(hands, qtbot, "status", "to do")
    hands.window.show_article(2)
    hands.focus(hands.window.pane.view)
    hands.window.session.perform(lambda project: project.articles.set_status(2, "done"))
    hands.window.listing.ask(at_once=False)
    assert hands.window.list.current() is None
    hands.press("Space")
    assert hands.window.labelling.article == 3


def test_the_open_article_is_current_again_once_it_is_listed_again(hands: Hands) -> None:
    hands.window.show_article(2)
    hands.window.list._chips["flagged"].click()
    assert listed(hands) == []
    hands.window.list._chips["all"].click()
    assert hands.window.list.current() == 2
    hands.focus(hands.window.pane.view)
    hands.press("J")
    assert hands.window.labelling.article == 3


def test_what_was_done_leaves_the_list_with_the_next_article(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "status", "to do")
    hands.window.show_article(1)
    hands.focus(hands.window.pane.view)
    hands.press("Ctrl+Return")
    assert hands.window.labelling.article == 2
    assert listed(hands) == ["gyumri", "Brussels", "Kyiv"]
    hands.press("Ctrl+Z")  # it comes back
    hands.press("J")
    assert "Rocket" in listed(hands)


def test_a_filter_is_saved_used_replaced_renamed_and_deleted(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "a.ex")
    hands.press("P")
    hands.type("save")
    hands.press("Return")
    hands.type("Mine & <b>")
    hands.press("Return")
    hands.press("Shift+P")
    hands.press("P")
    hands.type("mine")
    hands.press("Return")
    assert chips(hands) == ["Source: A.example"]
    choose(hands, qtbot, "open", "open")
    hands.press("P")
    hands.type("save")
    hands.press("Return")
    hands.type("min")
    assert words(hands) == ["Save as min", "Replace Mine & <b>"]
    hands.press("Down", "Return")
    assert [f.wanted for f in hands.project.filters.all()] == [hands.window.list.filter()]
    hands.press("P")
    hands.type("mine")
    hands.press("F2")
    hands.type("Yours")
    hands.press("Return")
    assert "Yours" in words(hands)
    hands.type("yours")
    hands.press("Home", "Shift+End", "Del")
    assert [f.name for f in hands.project.filters.all()] == ["Yours"]
    chooser = hands.window.list.chooser
    assert chooser.list.currentItem().text() == "Yours"  # it stays current while the list grows again
    hands.press("Del")
    assert hands.project.filters.all() == []
    assert "Yours" not in words(hands)
    assert chooser.isVisible()
    hands.press("Escape", "Ctrl+Z")
    assert [f.name for f in hands.project.filters.all()] == ["Yours"]


def test_del_behind_the_letters_deletes_the_saved_filter_as_the_hint_says(hands: Hands) -> None:
    hands.project.filters.save("🚀 Mine", ArticleFilter(search="x"))
    hands.focus(hands.window.pane.view)
    hands.press("P")
    chooser = hands.window.list.chooser
    chooser.edit.setText("🚀 mine!")
    hands.press("Backspace")
    assert chooser.hint.text() == "F2 renames it, Del deletes it."
    hands.press("Left", "Del")
    assert chooser.edit.text() == "🚀 min", "between the letters it takes one away"
    hands.press("Shift+Left", "Del")
    assert chooser.edit.text() == "🚀 mi", "and what is selected"
    assert len(hands.project.filters.all()) == 1
    hands.press("Del")
    assert hands.project.filters.all() == []


def test_a_project_that_may_only_be_read_offers_no_saving(
    hands: Hands, project_file: Path, qtbot: QtBot
) -> None:
    hands.window.session.close()
    with open_project(project_file) as first:  # it holds the lock
        first.filters.save("Mine", ArticleFilter(search="x"))
        assert hands.window.open(project_file)
        assert not hands.window.session.writable
        choose(hands, qtbot, "source", "b.ex")
        assert chips(hands) == ["Source: b.example"]
        hands.press("P")
        assert "Clear all filters" in words(hands)
        assert "Save this filter…" not in words(hands)
        hands.type("mine")
        chooser = hands.window.list.chooser
        assert chooser.list.currentItem().text() == "Mine"
        assert not chooser.hint.isVisible(), "no key that renames or deletes"
        hands.press("F2")
        assert words(hands) == ["Mine"]
        hands.press("Del")
        assert [f.name for f in first.filters.all()] == ["Mine"]


def test_filter_and_order_are_remembered_for_each_project(
    hands: Hands, qtbot: QtBot, new_window: Callable[..., MainWindow], project_file: Path
) -> None:
    choose(hands, qtbot, "source", "a.ex")
    hands.window.list.sort_button.turned.trigger()
    wanted = hands.window.list.filter()
    assert wanted == ArticleFilter(conditions=(Condition("source", "A.example"),), descending=True)
    hands.window.close()
    again = new_window(project_file)
    assert again.list.filter() == wanted
    assert [chip.words() for chip in again.list.filter_chips.chips()] == ["Source: A.example"]
    assert Settings().filter(project_file.with_name("other.annot")) == ArticleFilter()


def test_chips_follow_a_label_and_a_layer_that_are_renamed(
    hands: Hands, window: MainWindow, new_window: Callable[..., MainWindow], project_file: Path
) -> None:
    hands.caret(0)
    hands.press("W")
    edit = hands.project.codebook_editing
    edit.add_layer("topic")
    edit.add_label("topic", "energy", color="#112233")
    hands.project.annotations.add(window.labelling.article, "topic", "energy", 0, 3)
    for field, value in (("label", "topic/energy"), ("stance", "pro-West"), ("suggested", NONE)):
        window.list.filter_chips.add(Condition(field, value))
    before = listed(hands)
    assert len(before) == 1
    perform = window.session.perform
    for rename in (
        lambda: perform(lambda p: p.codebook_editing.edit_label("stance", "pro-West", name="West")),
        lambda: perform(lambda p: p.codebook_editing.edit_label("topic", "energy", name="power")),
        lambda: perform(lambda p: p.codebook_editing.edit_layer("topic", name="theme")),
    ):
        rename()
        assert listed(hands) == before
    third = "Suggested: none, or decided"
    assert chips(hands) == ["Label: Theme: power", "Stance: West", third]
    hands.focus(window.pane.view)
    hands.press("Ctrl+Z", "Ctrl+Z")
    assert chips(hands) == ["Label: Topic: energy", "Stance: West", third]
    assert listed(hands) == before
    hands.press("Ctrl+Y", "Ctrl+Y")
    assert chips(hands)[0] == "Label: Theme: power"
    window.close()
    again = new_window(project_file)
    assert [chip.words() for chip in again.list.filter_chips.chips()] == [
        "Label: Theme: power",
        "Stance: West",
        third,
    ]


def test_a_chip_follows_a_label_that_another_program_renames_or_merges(
    hands: Hands, window: MainWindow, new_window: Callable[..., MainWindow], project_file: Path
) -> None:
    window.list.filter_chips.add(Condition("label", "entity/GPE"))
    other = hands.project.codebook_editing  # as another one would: the window hears nothing of it
    other.edit_label("entity", "GPE", name="COUNTRY")
    window.session.changed.emit(Change("changed by another program", None, frozenset({"articles"})))
    assert chips(hands) == ["Label: COUNTRY"]
    other.edit_label("entity", "COUNTRY", name="STATE")
    window.close()
    again = new_window(project_file)
    assert [chip.words() for chip in again.list.filter_chips.chips()] == ["Label: STATE"]
    again.session.perform(lambda p: p.codebook.delete_label("entity", "STATE", move_to="ORG"))
    assert [chip.words() for chip in again.list.filter_chips.chips()] == ["Label: ORG"]


@pytest.mark.parametrize("kept", ["", "[]", '{"x": 1}', "no json"])
def test_settings_that_cannot_be_read_filter_nothing(tmp_path: Path, kept: str) -> None:
    settings = Settings()
    settings.set("filters", kept)
    assert settings.filter(tmp_path / "x.annot") == ArticleFilter()


@pytest.mark.parametrize("width", [196, 300])
def test_chips_wrap_and_are_cut_but_never_clipped(qtbot: QtBot, width: int) -> None:
    row = FilterChips()
    qtbot.addWidget(row)
    row.set_conditions(
        [
            Condition("source", "<b>bold</b> & " + "very long " * 30),
            Condition("source", "😀" * 100),
            Condition("published", "2024-01..2024-02"),
            Condition("label", "zone/caption"),
        ]
    )
    row.resize(width, row.layout().heightForWidth(width))
    row.show()
    row.grab()
    right = [chip.geometry().right() for chip in row.chips()]
    assert max(right) < width
    tops = {chip.geometry().top() for chip in row.chips()}
    assert len(tops) > 1
    long = row.chips()[0]
    assert long.text().endswith("…")
    shown = long.text().replace("&&", "&")
    assert long.fontMetrics().horizontalAdvance(shown) <= long.width() - 26
    assert "<b>bold</b> &" in long.accessibleName()
    assert "&lt;b&gt;" in long.toolTip()


@pytest.mark.parametrize("size", [7, 8, 9, 10, 11.5, 13, 16])
def test_no_chip_is_cut_where_there_is_room(qtbot: QtBot, size: float) -> None:
    row = FilterChips()
    qtbot.addWidget(row)
    font = row.font()
    font.setPointSizeF(size)
    row.setFont(font)
    usual: list[tuple[Field, str]] = [
        ("published", "2024"),
        ("published", "2024-02"),
        ("published", "2023..2024-01"),
        ("source", "tass.com"),
        ("source", "civilnet.am"),
        ("status", "todo"),
        ("status", "in_progress"),
        ("flagged", "yes"),
        ("stance", "pro-West"),
        ("suggested", "pro-Russia"),
        ("label", "entity/GPE"),
        ("label", "stance/neutral"),
        ("actor", "Nikol Pashinyan"),
        ("open", "yes"),
        ("language", "en"),
    ]
    row.set_conditions([Condition(*condition) for condition in usual])
    row.resize(1000, row.layout().heightForWidth(1000))
    row.show()
    row.grab()
    assert [chip.text() for chip in row.chips()] == [chip.words() for chip in row.chips()]


def test_every_chip_says_its_name_and_how_it_goes(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "a.ex")
    choose(hands, qtbot, "source", "b.ex")
    names = [chip.accessibleName() for chip in hands.window.list.filter_chips.chips()]
    assert names == [
        "Filter Source: A.example. Delete takes it away",
        "Filter Source: b.example. Delete takes it away",
    ]
    assert isinstance(hands.window.list.filter_chips.chips()[0], FilterChip)
    chooser = hands.window.list.chooser
    assert chooser.edit.accessibleName()
    assert chooser.list.accessibleName()


def test_hostile_names_are_shown_as_they_stand(hands: Hands, qtbot: QtBot) -> None:
    name = "<img src=x> & 100% '_'"
    with hands.project.act("imported"):
        hands.project.articles.add(ArticleInput("Some text.", "Odd", source=name))
    hands.project.filters.save("<b>odd</b> & more", ArticleFilter())
    hands.focus(hands.window.pane.view)
    hands.press("P")
    assert "<b>odd</b> & more" in words(hands)
    hands.type("source")
    hands.press("Return")
    qtbot.waitUntil(lambda: name in words(hands))
    hands.type("100% '_")
    assert words(hands) == [name]
    hands.press("Return")
    assert listed(hands) == ["Odd"]


def test_what_takes_long_to_find_says_so_and_never_blocks(
    hands: Hands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PATIENCE", 0.0)
    monkeypatch.setattr(listing, "SILENT", 0.0)
    slow = article_pages.pages

    def pages(*wanted: Any) -> Any:
        for _ in range(30):
            yield []
        yield from slow(*wanted)

    monkeypatch.setattr("annotator.project.articles.pages", pages)
    choose(hands, qtbot, "source", "a.ex")
    window = hands.window
    qtbot.waitUntil(lambda: window.list._empty_text.text() == "Looking…")
    assert not window.list._show_all.isVisible()
    qtbot.waitUntil(lambda: len(window.list.ids()) == 1)
    assert window.list.table.isVisible()


def test_done_goes_on_to_an_article_that_is_found_later(
    hands: Hands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PATIENCE", 0.0)

    found: list[int] = []

    def pages(*wanted: Any) -> Any:
        yield [1]
        while not found:
            time.sleep(0.001)
            yield []
        yield found

    monkeypatch.setattr("annotator.project.articles.pages", pages)
    choose(hands, qtbot, "open", "open")
    window = hands.window
    qtbot.waitUntil(lambda: window.list.ids() == [1])
    window.show_article(1)
    hands.focus(window.pane.view)
    hands.press("Ctrl+Return")
    qtbot.wait(20)
    assert window.labelling.article == 1
    found.append(4)
    qtbot.waitUntil(lambda: window.labelling.article == 4)


def test_another_project_closes_the_chooser(hands: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    hands.focus(hands.window.pane.view)
    hands.press("P")
    hands.type("lab")
    hands.press("Return")
    with create_project(tmp_path / "next.annot", annotator="anna"):
        pass
    assert hands.window.open(tmp_path / "next.annot")
    assert not hands.window.list.chooser.isVisible()
    assert chips(hands) == []


def test_tab_goes_through_the_chips_where_they_stand(hands: Hands, qtbot: QtBot) -> None:
    choose(hands, qtbot, "source", "a.ex")
    choose(hands, qtbot, "open", "open")
    articles = hands.window.list
    hands.focus(articles.filter_button)
    for widget in (*articles.filter_chips.chips(), articles.filter_chips.clear, articles.sort_button):
        hands.press("Tab")
        assert widget.hasFocus(), widget
