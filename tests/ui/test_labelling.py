"""Labelling by keys: real key events to the focused article, and what the project file then holds."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.ui.main_window import MainWindow

PIPELINE = PipelineInfo("by_hand", "1")
Hands = Any  # the class is in conftest.py


def test_a_stance_key_labels_the_article_and_the_same_key_takes_it_away(hands: Hands) -> None:
    hands.caret(0)
    for key, label in (("W", "pro-West"), ("N", "neutral"), ("R", "pro-Russia")):
        hands.press(key)
        assert hands.labelled() == [(label, None, "accepted" if label == "pro-West" else "corrected")]
    hands.press("R")
    assert hands.labelled() == []


def add_topics(hands: Hands, scope: str, *, exclusive: bool = False) -> None:
    def act(project: Any) -> Any:
        editing = project.codebook_editing
        editing.add_layer("topic", scope, exclusive=exclusive)
        editing.add_label("topic", "economy", color="#2f7ecb", key="Y")
        return editing.add_label("topic", "energy", color="#8a5a00", key="0")

    hands.window.session.perform(act)


def topics(hands: Hands) -> str:
    """What the window says of the article's labels, with its words for screen readers."""
    line = hands.window.stance.article_labels
    assert line.isVisible() == bool(line.text())
    assert line.accessibleName() == (f"Labels of the article: {line.text()}" if line.text() else "")
    return line.text()


def test_the_key_of_a_layer_for_articles_labels_the_article_and_takes_it_off(hands: Hands) -> None:
    add_topics(hands, "article")
    hands.caret(0)
    assert topics(hands) == ""
    hands.press("Y")
    assert topics(hands) == "topic: economy"
    assert hands.window.statusBar().currentMessage() == "Set economy. Ctrl+Z takes it back."
    hands.activate("Armenia")  # a span that is active is not meant
    hands.press("0")
    assert topics(hands) == "topic: economy, energy"
    assert hands.labelled() == [("economy", None, "manual"), ("energy", None, "manual")]
    hands.press("Y")
    assert topics(hands) == "topic: energy"
    assert hands.window.statusBar().currentMessage().startswith("Removed economy from the article.")
    hands.press("Ctrl+Z")
    assert topics(hands) == "topic: economy, energy"
    hands.press("J")
    assert topics(hands) == ""


def test_of_an_exclusive_layer_an_article_has_one_label(hands: Hands) -> None:
    add_topics(hands, "article", exclusive=True)
    hands.caret(0)
    hands.press("Y", "0")
    assert topics(hands) == "topic: energy"
    hands.press("0")
    assert (topics(hands), hands.labelled()) == ("", [])


def test_a_span_of_a_layer_for_articles_is_refused_in_words(hands: Hands) -> None:
    add_topics(hands, "article")
    hands.caret(0)
    hands.window.pane.view.select(2, 8)
    hands.press("Y")
    assert hands.labelled() == []
    assert hands.window.statusBar().currentMessage() == (
        "economy is for the whole article: press its key with nothing selected."
    )


def test_a_layer_for_both_labels_what_is_selected_or_active_else_the_article(hands: Hands) -> None:
    add_topics(hands, "both")
    hands.caret(0)
    hands.press("Y")
    assert (topics(hands), hands.active) == ("topic: economy", None)
    hands.window.pane.view.select(2, 8)
    hands.press("0")
    assert hands.active == ("energy", "rocket", False)
    hands.press("Y")  # the active span, not the article
    assert hands.labelled() == [("economy", None, "manual"), ("economy", "rocket", "manual")]
    assert topics(hands) == "topic: economy"


def test_a_retired_label_of_the_article_says_so(hands: Hands) -> None:
    add_topics(hands, "article")
    hands.caret(0)
    hands.press("Y")
    hands.window.session.perform(lambda project: project.codebook_editing.retire("topic", "economy"))
    assert topics(hands) == "topic: economy (retired)"


def test_a_retired_stance_of_the_article_is_shown_and_can_be_taken_off(hands: Hands) -> None:
    hands.caret(0)
    hands.press("N")
    project, panel = hands.project, hands.window.stance
    hands.window.session.perform(lambda _: project.codebook_editing.retire("stance", "neutral"))
    assert [button.accessibleName() for button in panel.buttons] == [
        "pro-West",
        "pro-Russia",
        "neutral (retired), chosen",
    ]
    QTest.mouseClick(panel.buttons[2], Qt.MouseButton.LeftButton)
    assert hands.labelled() == []
    assert [button.label.name for button in panel.buttons] == ["pro-West", "pro-Russia"]


def test_the_keys_work_on_the_russian_layout(hands: Hands) -> None:
    hands.caret(0)
    for key, label in (("Ц", "pro-West"), ("Т", "neutral"), ("К", "pro-Russia")):
        hands.press(key)
        assert hands.labelled()[0][0] == label
    hands.press("О")  # J
    assert hands.window.labelling.article == 2
    hands.press("Л", "Tab", "Ф")  # K, then A
    assert hands.labelled()[-1] == ("GPE", "Armenia", "accepted")


def test_a_stance_key_labels_the_selected_passage(hands: Hands) -> None:
    hands.caret(0)
    start = hands.text.index("Russia denied")
    hands.window.pane.view.select(start, start + len("Russia denied it"))
    hands.press("R")
    assert hands.labelled() == [("pro-Russia", "Russia denied it", "manual")]
    assert hands.active == ("pro-Russia", "Russia denied it", False)
    hands.press("N")  # the active passage, not the article
    assert hands.labelled() == [("neutral", "Russia denied it", "manual")]


def test_a_stance_key_with_an_entity_active_labels_the_article(hands: Hands) -> None:
    hands.activate("Armenia")
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


@pytest.mark.parametrize(("forward", "back"), [("Tab", "Shift+Tab"), (".", ",")])
def test_keys_walk_the_open_suggestions(hands: Hands, forward: str, back: str) -> None:
    hands.caret(0)
    seen = []
    for _ in range(6):  # more than there are: the stance is at the end
        hands.press(forward)
        seen.append(hands.active and hands.active[1])
    assert seen == ["Armenia", "Russia", "Nikol Pashinyan", "Yerevan", None, None]
    hands.press(back, back, back)
    assert hands.active[1] == "Russia"


def test_walking_passes_over_what_is_decided(hands: Hands) -> None:
    hands.activate("Russia")
    hands.press("A")
    hands.caret(0)
    hands.press("Tab", "Tab")
    assert hands.active == ("PERSON", "Nikol Pashinyan", True)


def test_accepting_goes_on_to_the_next_suggestion(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Tab", "A", "A")
    assert hands.labelled() == [("GPE", "Armenia", "accepted"), ("ORG", "Russia", "accepted")]
    assert hands.active == ("PERSON", "Nikol Pashinyan", True)
    stored = hands.project.annotations.of(1)[0]
    assert (stored.component, stored.reason) == ("ner", "Armenia is a name")


def test_rejecting_goes_on_to_the_next_suggestion_and_stays(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Tab", "X", "Del")
    assert [r.label for r in hands.project.annotations.rejections(1)] == ["GPE", "ORG"]
    assert hands.open_suggestions() == ["Nikol Pashinyan", "Yerevan"]
    assert hands.active == ("PERSON", "Nikol Pashinyan", True)


def test_the_panel_marks_what_became_active_by_a_key(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Tab", "A")
    assert hands.window.spans.tree.active == hands.window.pane.view.active.key
    hands.double_click("Subscribe")
    hands.press("2")
    assert hands.active == ("ORG", "Subscribe", False)
    assert hands.window.spans.tree.active == hands.window.pane.view.active.key


def said(hands: Hands) -> str:
    return hands.window.statusBar().currentMessage()


def test_with_nothing_active_accept_and_reject_answer_nothing_and_say_what_to_do(hands: Hands) -> None:
    hands.caret(0)
    hands.press("A", "X")
    assert hands.labelled() == []
    assert hands.project.annotations.rejections(1) == []
    assert said(hands) == "No suggestion is active: Tab goes to the next, at the end to the stance."
    hands.focus(hands.window.list.table)
    hands.press("A")
    assert hands.labelled() == []


def test_the_walk_ends_at_the_stance_which_is_answered_there_only(hands: Hands) -> None:
    window = hands.window
    hands.caret(0)
    hands.press("Tab", "A", "A", "A", "A", "A")  # one too many
    assert [quote for _, quote, _ in hands.labelled()] == ["Armenia", "Russia", "Nikol Pashinyan", "Yerevan"]
    hands.press("Tab")
    assert window.stance.keys.text() == "A accepts it · X rejects it"
    assert window.stance._card.current
    hands.press("Esc", "A")
    assert window.labelling.stance() is None, "Esc leaves it"
    hands.press("Tab", "Left", "A")
    assert window.labelling.stance() is None, "so does the caret"
    hands.press("Ctrl+End", "Tab", "A")
    assert window.labelling.stance() == "pro-West"
    assert not window.stance._card.current
    hands.press("Ctrl+Z", "Tab", "X")
    assert [r.label for r in hands.project.annotations.rejections(1)] == ["pro-West"]


def test_back_from_the_stance_is_the_last_suggestion(hands: Hands) -> None:
    hands.caret(len(hands.text))
    hands.press("Tab", "Shift+Tab")
    assert hands.active == ("GPE", "Yerevan", True)
    hands.press("A")
    assert hands.labelled()[-1][1] == "Yerevan"
    assert said(hands) == "That was the last one. Tab goes to the article's suggested stance."


def test_a_span_out_of_the_carets_reach_gets_no_keys(hands: Hands) -> None:
    hands.activate("Armenia")
    hands.press(*["Right"] * len("Armenia"))
    assert hands.active == ("GPE", "Armenia", True), "its edge is still within"
    hands.press("Right")
    assert hands.active is None
    for keys in ("Down", "Ctrl+Right", "Ctrl+Down", "End", "Shift+Right"):
        hands.activate("Armenia")
        hands.press(keys)
        assert hands.active is None, keys
        assert hands.window.spans.tree.active is None
    hands.press("A")
    assert hands.labelled() == []


def test_the_keys_are_about_the_row_that_the_arrows_went_to(hands: Hands) -> None:
    panel = hands.window.spans
    hands.caret(0)
    hands.press("Tab", "Tab")
    hands.focus(panel.tree)
    hands.press("Down", "Down")
    _label, quote, suggested = hands.active
    assert quote != "Russia"
    assert suggested
    assert panel.chosen(None).mentions[0].quote == quote
    hands.press("A")
    assert [q for _, q, _ in hands.labelled()] == [quote]


def test_a_suggestion_on_the_same_stretch_is_not_skipped(hands: Hands) -> None:
    start = hands.text.index("Armenia")
    end = start + len("Armenia")
    both = [
        Suggestion("entity", "GPE", start, end, "ner"),
        Suggestion("zone", "caption", start, end, "zones"),
    ]
    both.append(
        Suggestion("entity", "ORG", hands.text.index("Russia"), hands.text.index("Russia") + 6, "ner")
    )
    hands.project.suggestions.replace(PIPELINE, [(1, both, None)])
    hands.window.labelling.reload()
    hands.caret(0)
    hands.press("Tab", "A", "A")
    assert sorted(label for label, _, _ in hands.labelled()) == ["GPE", "caption"]
    assert hands.active == ("ORG", "Russia", True)


def test_accepting_all_is_one_step_and_leaves_the_stance_open(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Shift+A")
    assert [quote for _, quote, _ in hands.labelled()] == ["Armenia", "Russia", "Nikol Pashinyan", "Yerevan"]
    assert hands.window.labelling.stance() is None
    hands.press("Ctrl+Z")
    assert hands.labelled() == []
    assert len(hands.open_suggestions()) == 4
    hands.press("Ctrl+Shift+Z")
    assert len(hands.labelled()) == 4


def test_a_digit_labels_a_double_clicked_word_and_undo_takes_one_press_back(hands: Hands) -> None:
    hands.caret(0)
    hands.double_click("rocket")
    hands.press("9")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual")]
    hands.press("1")  # one press too far
    assert hands.labelled() == [("PERSON", "rocket", "manual")]
    hands.press("Ctrl+Z")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual")]
    hands.press("Ctrl+Z")
    assert hands.labelled() == []


def test_a_digit_labels_what_the_keyboard_selected(hands: Hands) -> None:
    hands.caret(hands.text.index("flew"))
    hands.press("Ctrl+Shift+Right", "Ctrl+Shift+Right")
    hands.press("6")
    assert hands.labelled() == [("EVENT", "flew over", "manual")]


def test_a_selection_snaps_to_words_unless_alt_is_held(hands: Hands) -> None:
    start = hands.text.index("Pashinyan")
    hands.caret(start + 2)
    hands.press("Shift+Right", "Shift+Right", "1")
    assert hands.labelled() == [("PERSON", "Pashinyan", "manual")]
    hands.press("Ctrl+Z", "Esc")
    view = hands.window.pane.view
    places = []
    for position in (start + 2, start + 5):
        hands.caret(position)
        places.append(view.cursorRect().center())
    left, alt = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
    QTest.mousePress(view.viewport(), left, alt, places[0])
    QTest.mouseMove(view.viewport(), places[1])
    QTest.mouseRelease(view.viewport(), left, alt, places[1])
    hands.press("1")
    assert hands.labelled() == [("PERSON", "shi", "manual")]


def test_a_digit_relabels_the_active_annotation(hands: Hands) -> None:
    hands.activate("Russia")
    hands.press("A")
    hands.activate("Russia")
    hands.press("3")
    assert hands.labelled() == [("GPE", "Russia", "corrected")]
    assert hands.active == ("GPE", "Russia", False)


def test_a_digit_on_an_active_suggestion_accepts_it_corrected_or_as_it_is(hands: Hands) -> None:
    hands.activate("Russia")
    hands.press("3")
    assert hands.labelled() == [("GPE", "Russia", "corrected")]
    assert hands.active == ("PERSON", "Nikol Pashinyan", True)  # and goes on, as accepting does
    hands.press("1")
    assert hands.labelled()[-1] == ("PERSON", "Nikol Pashinyan", "accepted")


def test_del_removes_an_annotation_and_its_suggestion_is_open_again(hands: Hands) -> None:
    hands.activate("Armenia")
    hands.press("A")
    hands.activate("Armenia")
    hands.press("Del")
    assert hands.labelled() == []
    assert "Armenia" in hands.open_suggestions()
    hands.press("Backspace")
    assert hands.project.history.last().text.startswith("removed GPE")  # nothing on a bare Backspace


def test_b_marks_boilerplate(hands: Hands) -> None:
    hands.caret(hands.text.index("Subscribe"))
    hands.press("Shift+End", "B")
    assert hands.labelled() == [("boilerplate", "Subscribe now!", "manual")]


def label(hands: Hands, quote: str, key: str = "2") -> None:
    hands.caret(0)
    start = hands.text.index(quote)
    hands.window.pane.view.select(start, start + len(quote))
    hands.press(key)
    assert hands.active[1:] == (quote, False)


def test_edges_move_by_words(hands: Hands) -> None:
    label(hands, "denied")
    hands.press("Alt+Right")
    assert hands.active[1] == "denied it"
    hands.press("Alt+Right")  # over the end of the line
    assert hands.active[1] == "denied it.\nNikol"
    hands.press("Alt+Left", "Alt+Left", "Alt+Shift+Left")
    assert hands.active[1] == "Russia denied"
    hands.press("Alt+Shift+Right")
    assert hands.active[1] == "denied"
    hands.press("Alt+Shift+Right", "Alt+Left")  # a span is never empty
    assert hands.labelled() == [("ORG", "denied", "manual")]


def test_edges_move_over_an_emoji_and_stop_at_the_articles_ends(hands: Hands) -> None:
    label(hands, "rocket")
    hands.press("Alt+Right")
    assert hands.active[1] == "rocket 🚀 flew"
    hands.press("Alt+Shift+Left")
    assert hands.active[1] == "A rocket 🚀 flew"
    before = hands.project.history.last()
    hands.press("Alt+Shift+Left")
    assert hands.project.history.last() == before
    label(hands, "Subscribe now")
    hands.press("Alt+Right", "Alt+Right")
    assert hands.active[1] == "Subscribe now!"


def test_each_move_of_an_edge_is_one_undo_step(hands: Hands) -> None:
    label(hands, "denied")
    hands.press("Alt+Right", "Alt+Shift+Left")
    assert hands.active[1] == "Russia denied it"
    hands.press("Ctrl+Z")
    assert hands.labelled() == [("ORG", "denied it", "manual")]


def test_moving_a_suggestions_edge_accepts_it_corrected_and_leaves_none_behind(hands: Hands) -> None:
    hands.activate("Yerevan")
    hands.press("Alt+Shift+Left")
    assert hands.labelled() == [("GPE", "in Yerevan", "corrected")]
    assert hands.open_suggestions() == ["Armenia", "Russia", "Nikol Pashinyan"]
    assert hands.active == ("GPE", "in Yerevan", False)
    hands.press("Alt+Shift+Left")  # goes on with the annotation
    assert hands.labelled() == [("GPE", "spoke in Yerevan", "corrected")]
    hands.press("Ctrl+Z", "Ctrl+Z")
    assert "Yerevan" in hands.open_suggestions()


def test_an_edge_that_cannot_move_does_not_accept_the_suggestion(hands: Hands) -> None:
    hands.window.show_article(4)
    hands.activate("Kyiv")
    hands.press("Alt+Right", "Alt+Left", "Alt+Shift+Left", "Alt+Shift+Right")
    assert hands.labelled() == []
    assert hands.open_suggestions() == ["Kyiv"]


def test_a_label_that_is_there_already_is_said_in_one_sentence(hands: Hands) -> None:
    label(hands, "denied")
    hands.press("Alt+Right")
    label(hands, "denied")
    hands.press("Alt+Right")
    assert "exactly this text" in hands.window.notice.text
    assert {quote for _, quote, _ in hands.labelled()} == {"denied", "denied it"}


def test_the_tool_tip_gives_the_reason(hands: Hands, window: MainWindow) -> None:
    span = hands.activate("Armenia")
    assert window.labelling.explain(span) == "GPE · suggested\n“Armenia”\nArmenia is a name"
    hands.press("A")
    done = hands.activate("Armenia")
    assert window.labelling.explain(done).startswith("GPE · accepted\n")


def test_selected_blanks_are_labelled_neither_themselves_nor_as_the_whole_article(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    blank = window.labelling.text.index(" ")
    for exact in (False, True):
        window.pane.view.select(blank, blank + 1)
        window.pane.view._exact = exact
        hands.press("W")
        window.pane.view.select(blank, blank + 1)
        window.pane.view._exact = exact
        hands.press("3")
    assert hands.labelled() == []


def test_an_exact_selection_is_trimmed_of_blanks(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    start = window.labelling.text.index(" flew")
    window.pane.view.select(start, start + 4)
    window.pane.view._exact = True
    hands.press("3")
    assert [quote for _, quote, _ in hands.labelled()] == ["fle"]


def test_walking_to_a_span_is_announced(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(
        "annotator.ui.spoken.QAccessible.updateAccessibility",
        lambda event: heard.append(event.message()),
    )
    hands.caret(0)
    hands.press("Tab")
    hands.qtbot.waitUntil(lambda: any(h.startswith("GPE · suggested, “Armenia”") for h in heard))


def test_keys_that_find_nothing_to_act_on_say_what_to_do(hands: Hands) -> None:
    hands.caret(0)
    for keys in ("1", "B"):
        hands.press(keys)
        assert said(hands) == "Select some text first, or go to a span (Tab).", keys
    for keys in ("Del", "S", "Shift+J", "Alt+Right", "]"):
        hands.window.status.clear()
        hands.press(keys)
        assert said(hands) == "Go to a span first: click it, or Tab to it.", keys
    hands.press("Shift+A")
    hands.press("Shift+A")
    assert said(hands) == "No suggestion of a span is open in this article."
    hands.press("W", "Tab")
    assert said(hands) == "No suggestion is left here. Ctrl+Enter goes to the next article."


def test_tab_where_suggestions_are_still_being_made_says_so(hands: Hands) -> None:
    with hands.project.act("imported 1 article"):
        article, _ = hands.project.articles.add(ArticleInput("Just come in.", "New"))
    hands.window.show_article(article)
    hands.caret(0)
    hands.press("Tab")
    words = "The suggestions for this article are still being made: they show as soon as they are."
    assert said(hands) == words
    hands.project.suggestions.replace(PipelineInfo("by_hand", "1"), [(article, [], None)])
    hands.window.session.suggestions_changed.emit([article])
    hands.press("Tab")
    assert said(hands) == "No suggestion is left here. Ctrl+Enter goes to the next article."


def test_a_digit_on_a_passage_labels_no_entity(hands: Hands) -> None:
    hands.double_click("rocket")
    hands.press("W", "1")
    assert hands.labelled() == [("pro-West", "rocket", "manual")]
    assert said(hands) == "The active span is a passage: select the words in it that are meant."


def test_what_is_easily_not_meant_is_said_with_the_way_back(hands: Hands) -> None:
    hands.double_click("rocket")
    hands.press("W", "R")
    assert said(hands) == "Relabelled “rocket” pro-Russia. Ctrl+Z takes it back."
    hands.press("Esc", "W", "W")
    assert hands.window.labelling.stance() is None
    assert said(hands) == "Cleared the stance. Ctrl+Z takes it back."


def test_done_says_what_was_left(hands: Hands) -> None:
    hands.caret(0)
    hands.press("Ctrl+Enter")
    assert said(hands) == "Done with 4 suggestions open, without a stance. Ctrl+Z takes it back."
    hands.press("N", "Ctrl+Shift+Enter")
    assert said(hands) == "Accepted all 3 suggestions, marked done. Ctrl+Z takes it back."
    hands.press("Ctrl+Shift+Enter")
    assert said(hands) == "Accepted all 1 suggestions, marked done; no stance yet. Ctrl+Z takes it back."


def test_the_next_article_is_opened_at_a_span_and_never_at_its_stance(hands: Hands) -> None:
    hands.window.show_article(2)
    hands.press("Shift+A", "K", "Ctrl+Enter")
    assert hands.window.labelling.article == 2
    assert not hands.window.labelling.at_stance
