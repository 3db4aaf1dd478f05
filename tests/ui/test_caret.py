"""The caret in the text: words, sentences, paragraphs; the spans at it; edges, splits and joins by keys."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.model import ArticleInput
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py

FAMILY = "👨‍👩‍👧"  # five code points, one character
ARABIC = "قال بوتين نعم في موسكو. ثم ذهب."


@pytest.fixture
def reader(hands: Hands, window: MainWindow) -> Hands:
    """The person at an article with an emoji of several code points, combining accents and Arabic."""
    with hands.project.act("imported 1 article"):
        hands.project.articles.add(ArticleInput(f"The {FAMILY} met Rene\u0301 there.\n{ARABIC}", "Others"))
    window.show_article(5)
    hands.focus(window.pane.view)
    return hands


def selected(hands: Hands) -> str:
    start, end = hands.window.pane.view.raw_selection()
    return hands.text[start:end]


def label(hands: Hands, quote: str, key: str) -> None:
    view = hands.window.pane.view
    hands.focus(view)
    view.show_place(hands.text.index(quote), hands.text.index(quote) + len(quote))
    hands.press(key)
    assert hands.active[1] == quote


def test_the_caret_can_be_seen_and_moves_by_character(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    view = window.pane.view
    with_caret = view.grab().toImage()
    hands.focus(window.list.table)
    without = view.grab().toImage()
    assert with_caret != without
    hands.caret(9)
    hands.press("Right", "Right")  # over the emoji and its blank
    assert view.caret == 11
    hands.press("Down", "Home")
    assert view.caret == hands.text.index("Nikol")


def test_the_caret_goes_by_our_words(hands: Hands, window: MainWindow) -> None:
    window.show_article(2)
    hands.caret(0)
    seen = []
    for _ in range(6):
        hands.press("Ctrl+Right")
        seen.append(hands.text[window.pane.view.caret :].split()[0])
    assert seen == ["s", "mayor", "met", "the", "U.S.", "envoy."]
    hands.press("Ctrl+Left", "Ctrl+Left")
    assert hands.text[window.pane.view.caret :].startswith("the U.S.")
    hands.press("Ctrl+Right", "Ctrl+Shift+Right", "3")
    assert hands.labelled() == [("GPE", "U.S.", "accepted")]


def test_selecting_by_words_takes_one_more_along_at_each_press(hands: Hands) -> None:
    hands.caret(hands.text.index("Nikol"))
    hands.press("Ctrl+Shift+Right", "Ctrl+Shift+Right")
    assert selected(hands) == "Nikol Pashinyan"
    hands.press("Ctrl+Shift+Left")
    assert selected(hands).strip() == "Nikol"


def test_the_caret_goes_by_sentences_and_selects_them(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+Down")
    assert hands.text[window.pane.view.caret :].startswith("Russia denied it")
    hands.press("Ctrl+Down", "Ctrl+Up", "Ctrl+Shift+Down", "R")
    assert hands.labelled() == [("pro-Russia", "Russia denied it.", "manual")]
    hands.press("Esc", "Ctrl+Down", "Ctrl+Shift+Up")
    assert selected(hands).strip() == "Russia denied it."


def test_one_key_selects_the_word_then_the_sentence_then_the_paragraph(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(hands.text.index("denied") + 3)
    seen = []
    for _ in range(4):
        hands.press("V")
        seen.append(selected(hands))
    line = hands.text.split("\n")[0]
    assert seen == ["denied", "Russia denied it.", line, line]
    hands.caret(hands.text.index("🚀"))
    hands.press("V", "2")  # between two words the next one is meant
    assert hands.labelled() == [("ORG", "flew", "manual")]


def test_what_the_key_selects_is_labelled_and_not_the_active_span(hands: Hands) -> None:
    hands.activate("Armenia")
    hands.caret(hands.text.index("denied"))
    hands.press("V")
    assert hands.active is None
    hands.press("2")
    assert hands.labelled() == [("ORG", "denied", "manual")]


def test_a_repeated_key_goes_through_the_spans_at_the_caret(hands: Hands, window: MainWindow) -> None:
    label(hands, "spoke in Yerevan", "6")
    label(hands, "Pashinyan spoke in Yerevan", "8")
    hands.caret(hands.text.index("Yerevan") + 2)
    seen = []
    for _ in range(4):
        hands.press("O")
        seen.append(hands.active)
    assert seen == [
        ("GPE", "Yerevan", True),
        ("EVENT", "spoke in Yerevan", False),
        ("LAW", "Pashinyan spoke in Yerevan", False),
        ("GPE", "Yerevan", True),
    ]
    assert window.pane.view.caret == hands.text.index("Yerevan") + 2, "the caret stays"
    assert window.spans.tree.active == window.pane.view.active.key
    hands.press("O", "9")
    assert ("PRODUCT", "spoke in Yerevan", "manual") in hands.labelled()


def test_a_span_that_ends_at_the_caret_is_found(hands: Hands) -> None:
    hands.caret(hands.text.index("Armenia") + len("Armenia"))
    hands.press("O")
    assert hands.active == ("GPE", "Armenia", True)
    hands.caret(0)
    hands.press("O")
    assert hands.active is None


def test_a_repeated_click_goes_through_the_spans_under_the_mouse(hands: Hands) -> None:
    label(hands, "spoke in Yerevan", "6")
    hands.press("Esc")
    seen = []
    for _ in range(3):
        hands.click("Yerevan")
        seen.append(hands.active[1])
    assert seen == ["Yerevan", "spoke in Yerevan", "Yerevan"]


# Edges


def test_edges_move_by_characters(hands: Hands) -> None:
    label(hands, "denied", "2")
    hands.press("]")  # the blank alone would be no change: on to the next letter
    assert hands.active[1] == "denied i"
    hands.press("[", "[")
    assert hands.active[1] == "denie"
    hands.press("{")
    assert hands.active[1] == "a denie"
    hands.press("}", "}")
    assert hands.active[1] == "enie"
    hands.press("{")
    assert hands.labelled() == [("ORG", "denie", "manual")]
    hands.press("Ctrl+Z")
    assert hands.active[1] == "enie", "each is a step of its own"


def test_moving_a_suggestions_edge_by_a_character_corrects_it(hands: Hands) -> None:
    hands.activate("Yerevan")
    hands.press("[")
    assert hands.labelled() == [("GPE", "Yereva", "corrected")]
    hands.press("Ctrl+Z")
    assert "Yerevan" in hands.open_suggestions()
    assert hands.active == ("GPE", "Yerevan", True)


def test_an_edge_stops_at_the_articles_ends(hands: Hands, window: MainWindow) -> None:
    window.show_article(4)
    hands.activate("Kyiv")
    hands.press("]", "{")
    assert hands.labelled() == []
    for _ in range(9):
        hands.press("[")
    assert hands.labelled() == [("GPE", "K", "corrected")], "a span is never empty"


def test_an_edge_does_not_cut_an_emoji_or_an_accent(reader: Hands) -> None:
    label(reader, "The", "2")
    reader.press("]")
    assert reader.active[1] == f"The {FAMILY}"
    reader.press("[")
    assert reader.active[1] == "The"
    label(reader, "met Rene\u0301", "3")
    reader.press("[")
    assert reader.active[1] == "met Ren"
    reader.press("]")
    assert reader.active[1] == "met Rene\u0301"


def test_right_is_right_in_a_text_that_runs_to_the_left(reader: Hands, window: MainWindow) -> None:
    start = reader.text.index("بوتين")
    label(reader, "بوتين", "1")
    reader.press("Alt+Left")  # its end lies at the left
    assert reader.active[1] == "بوتين نعم"
    reader.press("Alt+Right", "[")
    assert reader.active[1] == "بوتين ن"
    reader.press("]", "Alt+Shift+Right")
    assert reader.active[1] == "قال بوتين"
    reader.press("Esc")
    reader.caret(start)
    reader.press("Ctrl+Left")
    assert window.pane.view.caret == reader.text.index("نعم")
    reader.press("V", "V")
    assert selected(reader) == "قال بوتين نعم في موسكو."
    reader.press("R")
    assert ("pro-Russia", "قال بوتين نعم في موسكو.", "manual") in reader.labelled()


# Splitting and joining


def test_s_splits_the_active_span_at_the_caret(hands: Hands, window: MainWindow) -> None:
    hands.activate("Nikol Pashinyan")
    hands.press("Ctrl+Right", "S")
    assert hands.labelled() == [("PERSON", "Nikol", "corrected"), ("PERSON", "Pashinyan", "corrected")]
    assert hands.active == ("PERSON", "Nikol", False)
    assert "Nikol Pashinyan" not in hands.open_suggestions()
    hands.press("Ctrl+Z")
    assert hands.labelled() == []
    assert hands.active == ("PERSON", "Nikol Pashinyan", True)


def test_a_split_with_the_caret_at_an_edge_says_what_to_do(hands: Hands, window: MainWindow) -> None:
    hands.activate("Nikol Pashinyan")
    hands.press("S")
    assert hands.labelled() == []
    assert "Put the caret between two words" in window.notice.text


def test_shift_j_joins_with_the_next_span_and_keeps_the_first_label(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    hands.press("Shift+J")
    assert hands.labelled() == [("GPE", "Armenia. Russia", "corrected")]
    assert hands.active == ("GPE", "Armenia. Russia", False)
    assert window.statusBar().currentMessage() == "Joined “Armenia. Russia”: GPE, also what was ORG."
    hands.press("Ctrl+Z")
    assert hands.labelled() == []
    assert hands.active == ("GPE", "Armenia", True)


def test_joining_passes_over_other_layers_and_what_lies_within(hands: Hands, window: MainWindow) -> None:
    label(hands, "Armenia. Russia denied", "6")
    label(hands, "denied it", "W")
    label(hands, "it", "1")
    hands.activate("Armenia. Russia denied")
    hands.press("Shift+J")
    assert hands.active[:2] == ("EVENT", "Armenia. Russia denied it")


def test_join_does_not_reach_over_the_paragraph(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("Shift+J")
    assert hands.labelled() == []
    assert "too far away to join" in window.statusBar().currentMessage()
    hands.activate("Yerevan")
    hands.press("Shift+J")
    assert "no span behind" in window.statusBar().currentMessage()


# Undo goes where it was


def test_undo_of_a_rejection_goes_to_its_suggestion(hands: Hands, window: MainWindow) -> None:
    hands.activate("Russia")
    hands.press("X")
    window.show_article(2)
    hands.focus(window.pane.view)
    hands.press("Ctrl+Z")
    assert window.labelling.article == 1
    assert hands.active == ("ORG", "Russia", True)
    hands.press("Esc", "Ctrl+Y")
    assert hands.active is None
    assert selected(hands) == "Russia", "what is no span any more is selected"


def test_undo_of_a_label_by_hand_selects_its_words_again(hands: Hands) -> None:
    hands.double_click("rocket")
    hands.press("9", "Ctrl+Z")
    assert hands.labelled() == []
    assert selected(hands) == "rocket"
    hands.press("2")
    assert hands.labelled() == [("ORG", "rocket", "manual")]


def test_undo_of_a_moved_edge_goes_to_the_span_as_it_is_now(hands: Hands) -> None:
    label(hands, "denied", "2")
    hands.press("Alt+Shift+Left", "Esc", "Ctrl+Z")
    assert hands.active == ("ORG", "denied", False)
    hands.press("Esc", "Ctrl+Y")
    assert hands.active == ("ORG", "Russia denied", False)


# What may be a name


def test_q_selects_what_may_be_a_name_and_has_no_label(hands: Hands, window: MainWindow) -> None:
    with hands.project.act("imported 1 article"):
        hands.project.articles.add(
            ArticleInput("Nikol Pashinyan met Blinken 🚀 in Yerevan.\nМосква пала.", "N")
        )
    window.show_article(5)
    hands.caret(0)
    hands.press("Q", "1")
    assert hands.labelled() == [("PERSON", "Nikol Pashinyan", "manual")]
    assert selected(hands) == "Blinken", "a label goes on to the next"
    hands.press("Q")
    assert selected(hands) == "Yerevan"
    hands.press("3")
    assert selected(hands) == "Москва"
    hands.press("Shift+Q")
    assert selected(hands) == "Blinken", "what has a label is passed over"
    hands.press("1")
    assert "No capitalised words" in window.statusBar().currentMessage()
    assert hands.active == ("PERSON", "Blinken", False), "nothing lies before it: it stays active"
    hands.press("Q", "3")
    assert "No capitalised words" in window.statusBar().currentMessage()
    assert [quote for _, quote, _ in hands.labelled()] == ["Nikol Pashinyan", "Blinken", "Yerevan", "Москва"]


def test_the_edges_of_what_is_selected_move_before_it_gets_a_label(hands: Hands) -> None:
    with hands.project.act("imported 1 article"):
        hands.project.articles.add(ArticleInput("Today Nikol Pashinyan spoke, then Baku did.", "N"))
    hands.window.show_article(5)
    hands.caret(0)
    hands.press("Q")
    assert selected(hands) == "Today Nikol Pashinyan"
    hands.press("Alt+Shift+Right")
    assert selected(hands) == "Nikol Pashinyan"
    hands.press("Alt+Right", "[", "[")
    assert selected(hands) == "Nikol Pashinyan spo"
    assert hands.project.history.last().text == "imported 1 article"
    hands.press("Alt+Left", "1")
    assert hands.labelled() == [("PERSON", "Nikol Pashinyan", "manual")]
    assert selected(hands) == "Baku"
    hands.press("W")  # a stance is not what the walk is for
    assert hands.active == ("pro-West", "Baku", False)


def test_a_label_after_the_caret_was_moved_stays_where_it_is(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Q", "Ctrl+Home", "Ctrl+Right", "V", "1")
    assert hands.active == ("PERSON", "rocket", False)


def test_ctrl_shift_enter_accepts_all_and_goes_on_as_one_act(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W", "Ctrl+Shift+Return")
    assert window.labelling.article == 2
    assert hands.active == ("GPE", "Gyumri", True)
    assert len(hands.labelled(1)) == 5
    assert hands.project.articles.progress(1).status == "done"
    hands.press("Ctrl+Z")
    assert window.labelling.article == 1
    assert hands.labelled() == [("pro-West", None, "accepted")]
    assert hands.project.articles.progress(1).status == "in_progress"
    assert len(hands.open_suggestions()) == 4
