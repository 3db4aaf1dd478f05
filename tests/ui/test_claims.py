"""Passages and claims by real keys: holder, target, certainty, notes, and the stance that passages say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from annotator.model import Annotation, ArticleInput, PipelineInfo, Suggestion
from annotator.project import create_project, open_project
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.ui.name_choices import NameChoice, find, is_known
from annotator.ui.spans_model import PASSAGES

Hands = Any  # the class is in conftest.py

TEXT = (
    "Dmitry Peskov said the West lies to everybody.\n"
    "Nikol Pashinyan thanked the European Union for its help.\n"
    "Nobody else spoke in Yerevan."
)
PESKOV, THANKS, NOBODY = TEXT.split("\n")
PIPELINE = PipelineInfo("by_hand", "1")


def suggestion(layer: str, label: str, quote: str, **more: Any) -> Suggestion:
    start = TEXT.index(quote)
    return Suggestion(layer, label, start, start + len(quote), "by_hand", "a reason", **more)


SUGGESTIONS = [
    suggestion("stance", "pro-Russia", PESKOV, holder="Dmitry Peskov", target="West"),
    suggestion("entity", "PERSON", "Dmitry Peskov", actor="Dmitry Peskov"),
    suggestion("entity", "LOC", "West", actor="West"),
    suggestion("entity", "PERSON", "Nikol Pashinyan", actor="Nikol Pashinyan"),
    suggestion("entity", "ORG", "European Union", actor="European Union"),
    suggestion("entity", "GPE", "Yerevan", actor="Yerevan"),
]


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """A project with one article with a suggested passage and names, and a second article."""
    with create_project(tmp_path / "claims.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput(TEXT, "Claims"))
            project.articles.add(ArticleInput("Another one.", "Other"))
        project.suggestions.replace(PIPELINE, [(1, SUGGESTIONS, None), (2, [], None)])
    return tmp_path / "claims.annot"


def passage(hands: Hands, quote: str, key: str) -> Annotation:
    """Select a sentence and press a stance's key; the passage is active then."""
    hands.caret(0)
    start = hands.text.index(quote)
    hands.window.pane.view.select(start, start + len(quote))
    hands.press(key)
    return stored(hands, quote)


def stored(hands: Hands, quote: str | None) -> Annotation:
    found: Annotation = next(
        a for a in hands.project.annotations.of(1) if a.layer == "stance" and a.quote == quote
    )
    return found


def picker(hands: Hands) -> Any:
    return hands.window.claims.names


def box(hands: Hands) -> Any:
    return hands.window.stance.passages


# Holder and target


def test_the_holder_is_chosen_by_a_few_letters(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    assert picker(hands).isVisible()
    hands.type("pash")
    hands.press("Enter")
    a = stored(hands, THANKS)
    assert (a.holder, a.target, a.origin) == ("Nikol Pashinyan", None, "manual")
    assert not picker(hands).isVisible()
    assert hands.window.pane.view.hasFocus()
    assert hands.active == ("pro-West", THANKS, False)
    hands.press("Ctrl+Z")
    assert stored(hands, THANKS).holder is None
    hands.press("Ctrl+Shift+Z")
    assert stored(hands, THANKS).holder == "Nikol Pashinyan"


def test_tab_goes_on_to_the_target(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.type("pash")
    hands.press("Tab")
    assert picker(hands).isVisible()
    assert "Towards whom" in picker(hands).heading.text()
    hands.type("eu")
    hands.press("Enter")
    a = stored(hands, THANKS)
    assert (a.holder, a.target) == ("Nikol Pashinyan", "European Union")


@pytest.mark.parametrize("typed", ["пашинян", "Паш", "ПАШИН", "nikol p"])
def test_other_alphabets_and_names_find_the_same_actor(hands: Hands, typed: str) -> None:
    passage(hands, THANKS, "W")
    hands.press("T")
    picker(hands).field.setText(typed)  # QTest types no other alphabets
    hands.press("Enter")
    assert stored(hands, THANKS).target == "Nikol Pashinyan"


def test_an_alias_of_the_project_finds_its_actor(hands: Hands) -> None:
    hands.project.actors.confirm("European Union", ["Brussels crowd"], "ORG")
    passage(hands, THANKS, "W")
    hands.press("T")
    hands.type("crowd")
    hands.press("Enter")
    assert stored(hands, THANKS).target == "European Union"


def test_the_list_begins_with_who_is_named_in_the_passage(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    names = [name.split("   ")[0].split(" (")[0] for name in picker(hands).names()]
    assert names[0] == "Nobody in particular"
    assert set(names[1:3]) == {"Nikol Pashinyan", "European Union"}
    assert set(names[3:]) == {"Dmitry Peskov", "West", "Yerevan"}
    hands.press("Down", "Enter")
    assert stored(hands, THANKS).holder == names[1]


def test_a_name_that_is_not_in_the_article_can_be_typed(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.type("Hrant Nobody")
    assert picker(hands).names() == ["New: Hrant Nobody"]
    hands.press("Enter")
    assert stored(hands, THANKS).holder == "Hrant Nobody"


def test_a_known_name_from_elsewhere_is_offered_and_said_so(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.type("lavrov")
    assert "Sergey Lavrov" in picker(hands).names()[0]
    assert picker(hands).names()[0].endswith("not in this article")
    hands.press("Enter")
    assert stored(hands, THANKS).holder == "Sergey Lavrov"


def test_escape_leaves_everything_as_it_was(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    last = hands.project.history.last()
    hands.press("H")
    hands.type("pash")
    hands.press("Esc")
    assert not picker(hands).isVisible()
    assert hands.window.pane.view.hasFocus()
    assert hands.active == ("pro-West", THANKS, False)
    assert hands.project.history.last() == last


def test_an_empty_field_clears(hands: Hands) -> None:
    a = passage(hands, THANKS, "W")
    hands.project.claims.say(a.id, "holder", "Nikol Pashinyan")
    hands.window.labelling.reload()
    hands.press("H")
    assert picker(hands).field.text() == "Nikol Pashinyan"
    hands.press("Enter")  # as it is
    assert stored(hands, THANKS).holder == "Nikol Pashinyan"
    hands.press("H", "Del", "Enter")
    assert stored(hands, THANKS).holder is None


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_the_present_name_stays_also_where_more_are_in_the_article_than_are_listed(
    hands: Hands, key: str
) -> None:
    a = passage(hands, THANKS, "W")
    hands.project.claims.say(a.id, "holder", "Zaven Last")
    project = hands.project
    names = [
        Suggestion("entity", "PERSON", n, n + 1, "by_hand", actor=f"Person {n:03}") for n in range(len(TEXT))
    ]
    project.suggestions.replace(PIPELINE, [(1, names, None)])
    hands.window.labelling.reload()
    assert hands.active == ("pro-West", THANKS, False)
    hands.press("H")
    assert picker(hands).list.currentItem().text() == "Zaven Last"
    assert picker(hands).names()[:2] == ["Nobody in particular", "Zaven Last"]
    hands.press(key)
    assert stored(hands, THANKS).holder == "Zaven Last"


@pytest.mark.parametrize("size", [(1440, 860), (1024, 700)])
def test_the_editor_opens_beside_the_passage(hands: Hands, window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    for quote, key in ((PESKOV, "R"), (NOBODY, "N")):
        passage(hands, quote, key)
        hands.press("H")
        start = TEXT.index(quote)
        words = window.pane.view.place_of(start, start + len(quote))
        editor = QRect(picker(hands).mapToGlobal(picker(hands).rect().topLeft()), picker(hands).size())
        assert not words.isEmpty()
        assert not editor.intersects(words)
        assert picker(hands).parentWidget().rect().contains(picker(hands).geometry())
        hands.press("Esc")


def on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(widget.rect().topLeft()), widget.size())


def test_the_editor_hides_nothing_that_it_belongs_to(hands: Hands, window: MainWindow) -> None:
    """Also where the passage begins far right, and where a notice moves the text under the editor."""
    window.resize(1024, 700)
    QApplication.processEvents()
    quote = "European Union for its help."
    start = TEXT.index(quote)
    window.pane.view.select(start, start + len(quote))
    hands.press("W", "H")
    stance = on_screen(window.stance)
    assert not on_screen(picker(hands)).intersects(stance)
    before = window.pane.view.place_of(start, start + len(quote))
    window.notify("412 of 412 spans verified.")
    QTest.qWait(50)
    words = window.pane.view.place_of(start, start + len(quote))
    assert words != before
    assert not on_screen(picker(hands)).intersects(words)
    assert picker(hands).field.hasFocus()


def test_letters_in_the_editor_label_nothing(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.type("wnr x 1 hm")
    assert picker(hands).field.text() == "wnr x 1 hm"
    hands.press("Esc")
    assert hands.labelled() == [("pro-West", THANKS, "manual")]


def test_the_keys_work_on_the_russian_layout(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    for key, heading in (("Р", "Whose"), ("Е", "Towards whom")):
        hands.press(key)
        assert picker(hands).heading.text().startswith(heading)
        hands.press("Esc")
    hands.press("Г")
    assert stored(hands, THANKS).certainty == 1


def test_without_a_passage_the_key_says_what_to_do(hands: Hands, window: MainWindow) -> None:
    hands.activate("Dmitry Peskov")
    for key in ("H", "T"):
        hands.press(key)
        assert not picker(hands).isVisible()
        assert "stance passage" in window.statusBar().currentMessage()
        window.status.clear()


def test_another_article_closes_the_editor(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.press("Ctrl+Enter")
    assert window.labelling.article == 2
    assert not picker(hands).isVisible()
    assert window.pane.view.hasFocus()


def test_done_keeps_the_name_that_was_chosen(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("H")
    hands.type("pesk")
    hands.press("Ctrl+Enter")
    assert window.labelling.article == 2
    assert next(a.holder for a in hands.project.annotations.of(1) if a.quote == THANKS) == "Dmitry Peskov"


def test_names_of_the_article_come_before_the_projects_and_all_others() -> None:
    choices = [
        NameChoice("Rus", here=False, ours=False),
        NameChoice("Belarus", here=False),
        NameChoice("Rusal", here=False),
        NameChoice("Russia"),
    ]
    assert [c.name for c in find(choices, "rus", 9)] == ["Russia", "Rusal", "Rus"]


# Suggested passages


def test_accepting_keeps_holder_and_target_of_the_machine(hands: Hands) -> None:
    hands.activate(PESKOV)
    hands.press("A")
    a = stored(hands, PESKOV)
    assert (a.holder, a.target, a.origin) == ("Dmitry Peskov", "West", "accepted")


def test_another_holder_on_a_suggestion_accepts_it_as_corrected(hands: Hands) -> None:
    hands.activate(PESKOV)
    hands.press("H")
    assert picker(hands).field.text() == "Dmitry Peskov"
    hands.type("pash")
    hands.press("Enter")
    a = stored(hands, PESKOV)
    assert (a.holder, a.target, a.origin) == ("Nikol Pashinyan", "West", "corrected")
    assert hands.active == ("pro-Russia", PESKOV, False)
    hands.press("Ctrl+Z")
    assert hands.labelled() == []
    assert PESKOV in hands.open_suggestions()


def test_a_suggestion_made_anew_under_the_editor_is_answered(hands: Hands, window: MainWindow) -> None:
    hands.activate(PESKOV)
    hands.press("T")
    hands.project.suggestions.replace(PIPELINE, [(1, SUGGESTIONS, None)])
    window.session.suggestions_changed.emit([1])
    hands.type("yer")
    hands.press("Enter")
    assert stored(hands, PESKOV).target == "Yerevan"


# Certainty and notes


def test_one_key_goes_through_the_certainties(hands: Hands) -> None:
    passage(hands, THANKS, "W")
    seen = []
    for _ in range(4):
        hands.press("U")
        seen.append(stored(hands, THANKS).certainty)
    assert seen == [1, 2, 3, None]
    hands.press("Ctrl+Z")
    assert stored(hands, THANKS).certainty == 3


def test_with_no_span_active_it_is_the_articles_stance(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("U")
    assert "choose the article's stance" in window.statusBar().currentMessage()
    hands.press("N", "U", "U")
    assert stored(hands, None).certainty == 2
    assert box(hands).certainty.text().startswith("Certainty 2 of 3")


def test_an_entity_has_certainty_and_note_too(hands: Hands, window: MainWindow) -> None:
    hands.activate("Yerevan")
    hands.press("2")
    hands.activate("Yerevan")
    hands.press("U", "Shift+N")
    hands.type("not sure at all")
    hands.press("Enter")
    (a,) = hands.project.annotations.of(1)
    assert (a.certainty, a.note) == (1, "not sure at all")
    words = window.labelling.explain(window.pane.view.active)
    assert "Certainty 1 of 3\nNote: not sure at all" in words


def test_a_note_on_the_passage_is_its_own(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("Shift+N")
    hands.type("irony")
    hands.press("Shift+Enter")
    hands.type("perhaps")
    hands.press("Enter")
    assert stored(hands, THANKS).note == "irony\nperhaps"
    assert hands.project.articles.progress(1).note == ""
    assert window.pane.view.hasFocus()
    hands.press("Shift+N")
    hands.type(" or not")
    hands.press("Esc")
    assert stored(hands, THANKS).note == "irony\nperhaps"


def test_a_click_elsewhere_keeps_the_note(qtbot: Any, hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("Shift+N")
    hands.type("kept")
    window.list.search_field.setFocus()
    assert stored(hands, THANKS).note == "kept"
    assert window.list.search_field.hasFocus()


def test_a_note_being_written_is_kept_when_another_article_opens(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("Shift+N")
    hands.type("nearly lost")
    hands.press("Ctrl+Enter")
    assert window.labelling.article == 2
    assert stored(hands, THANKS).note == "nearly lost"
    assert not window.claims.notes.isVisible()
    assert window.pane.view.hasFocus()


def test_and_when_the_window_closes(hands: Hands, window: MainWindow, project_file: Path) -> None:
    passage(hands, THANKS, "W")
    hands.press("Shift+N")
    hands.type("nearly lost")
    window.close()
    with open_project(project_file, annotator="anna") as project:
        assert [a.note for a in project.annotations.of(1)] == ["nearly lost"]


# What is shown


def test_the_panel_lists_the_passages_with_their_claims(hands: Hands, window: MainWindow) -> None:
    a = passage(hands, THANKS, "W")
    for aspect, value in (("holder", "Nikol Pashinyan"), ("certainty", 3), ("note", "clear")):
        hands.project.claims.say(a.id, aspect, value)
    window.labelling.reload()
    window.article_state.show()
    model = window.spans.tree.model()
    group = model.index(model.rowCount() - 1, 0)
    assert group.data() == PASSAGES
    assert group.data(Qt.ItemDataRole.AccessibleTextRole) == "Stance passages, 2 passages, 1 suggested"
    rows = [model.index(n, 0, group) for n in range(2)]
    assert rows[0].data().startswith("pro-Russia · Dmitry Peskov → West · Dmitry Peskov said")
    assert rows[1].data().startswith("pro-West · Nikol Pashinyan → somebody · certainty 3 of 3 · “clear”")
    assert rows[1].data(Qt.ItemDataRole.AccessibleTextRole).startswith("accepted pro-West: pro-West · Nikol")
    tip = window.labelling.explain(next(s for s in window.pane.view.spans() if s.key == ("annotation", a.id)))
    assert "Holder: Nikol Pashinyan\nCertainty 3 of 3\nNote: clear" in tip
    assert "labelled" not in window.spans._heading.note()  # passages are no entities


def test_hostile_names_and_notes_are_shown_as_they_stand(hands: Hands, window: MainWindow) -> None:
    evil = "<img src=x> & <b>Co</b>"
    a = passage(hands, THANKS, "W")
    for aspect in ("holder", "target", "note"):
        hands.project.claims.say(a.id, aspect, evil)
    window.labelling.reload()
    window.article_state.show()
    hands.press("H")
    assert any(name.startswith(evil) for name in picker(hands).names())
    assert picker(hands).heading.textFormat() == Qt.TextFormat.PlainText
    hands.press("Esc")
    model = window.spans.tree.model()
    row = model.index(1, 0, model.index(model.rowCount() - 1, 0))
    for tip in (row.data(Qt.ItemDataRole.ToolTipRole), window.pane.view.tooltip(window.pane.view.active)):
        assert "<img" not in tip
        assert "<b>" not in tip
    hands.press("Esc", "W", "Shift+N")
    hands.type("<i>why</i> &so")
    hands.press("Enter")
    assert box(hands).note.text() == "Note: <i>why</i> &&so"
    assert "<i>" not in box(hands).note.toolTip()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_a_passage_has_a_tint_and_a_bar_in_both_themes(hands: Hands, window: MainWindow, choice: str) -> None:
    passage(hands, THANKS, "W")
    window.appearance.choose_theme(choice)
    hands.press("Esc")
    view = window.pane.view
    view.viewport().repaint()
    image = view.viewport().grab().toImage()
    base = QColor(theme.current().base)

    def near(quote: str, *, margin: bool) -> set[str]:
        start = TEXT.index(quote)
        place = view.place_of(start, start + len(quote))
        top = view.viewport().mapFromGlobal(place.topLeft())
        area = (
            QRect(0, top.y(), 27, place.height()) if margin else QRect(top.x(), top.y(), 200, place.height())
        )
        ratio = image.devicePixelRatio()
        return {
            image.pixelColor(int(x * ratio), int(y * ratio)).name()
            for y in range(area.top(), area.bottom())
            for x in range(area.left(), area.right())
        }

    west = theme.shades(window.labelling.codebook.label("stance", "pro-West").color, theme.current())
    russia = theme.shades(window.labelling.codebook.label("stance", "pro-Russia").color, theme.current())
    assert west.line.name() in near(THANKS, margin=True)
    assert russia.line.name() in near(PESKOV, margin=True)  # dashed
    assert near("Nobody else", margin=True) == {base.name()}
    for shade, quote, share in ((west, THANKS, 0.65), (russia, PESKOV, 0.4)):
        assert theme.blend(base, shade.tint, share).name() in near(quote, margin=False)


# What the passages say together


def three_to_one(hands: Hands) -> None:
    """Two passages for pro-West, one neutral."""
    passage(hands, THANKS, "W")
    passage(hands, PESKOV, "W")
    passage(hands, NOBODY, "N")
    hands.press("Esc")


def test_the_stance_panel_says_how_passages_and_stance_agree(hands: Hands) -> None:
    assert box(hands).isVisible()  # one passage is suggested
    assert not box(hands).sentence.isVisible()
    assert box(hands).bar.accessibleName() == "Passages: none labelled · only suggested: pro-Russia 1"
    three_to_one(hands)
    assert box(hands).sentence.text() == "2 of 3 passages say pro-West; the article has no stance yet."
    assert box(hands).bar.accessibleName() == "Passages: pro-West 2, neutral 1"
    hands.press("W")
    assert box(hands).sentence.text() == "2 of 3 passages say pro-West: agrees with the article's stance."
    assert not box(hands).derive.isVisible()
    hands.press("R")
    assert box(hands).sentence.text() == (
        "2 of 3 passages say pro-West: differs from the article's stance, pro-Russia."
    )


def test_the_stance_is_derived_by_a_key_as_one_step(hands: Hands, window: MainWindow) -> None:
    three_to_one(hands)
    hands.press("D")
    assert window.labelling.stance() == "pro-West"
    assert hands.project.history.last().text == "derived pro-West from 3 passages"
    hands.press("Ctrl+Z")
    assert window.labelling.stance() is None


def test_and_by_a_button(qtbot: Any, hands: Hands, window: MainWindow) -> None:
    three_to_one(hands)
    qtbot.mouseClick(box(hands).derive, Qt.MouseButton.LeftButton)
    assert window.labelling.stance() == "pro-West"
    assert not box(hands).derive.isVisible()


def test_a_tie_gives_no_answer_and_says_why(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    passage(hands, NOBODY, "N")
    hands.press("Esc", "D")
    assert window.labelling.stance() is None
    assert "pro-West and neutral have 1 passage each" in window.notice.text
    assert "pro-West and neutral have 1 passage each" in box(hands).sentence.text()
    assert not box(hands).derive.isVisible()


def test_certainty_weighs(hands: Hands, window: MainWindow) -> None:
    passage(hands, THANKS, "W")
    hands.press("U", "U", "U")
    passage(hands, NOBODY, "N")
    hands.press("U", "Esc", "D")
    assert window.labelling.stance() == "pro-West"


def test_where_they_differ_the_panel_offers_to_say_why(qtbot: Any, hands: Hands, window: MainWindow) -> None:
    three_to_one(hands)
    assert not box(hands).why.isVisible()
    hands.press("N")
    assert box(hands).why.isVisible()
    qtbot.mouseClick(box(hands).why, Qt.MouseButton.LeftButton)
    hands.type("a headline against it")
    hands.press("Enter")
    assert stored(hands, None).note == "a headline against it"
    assert not box(hands).why.isVisible()
    assert "a headline against it" in box(hands).note.accessibleName()
    hands.press("Ctrl+Z")
    assert box(hands).why.isVisible()


def test_the_stances_of_another_codebook_are_derived_and_shown(hands: Hands, window: MainWindow) -> None:
    hands.project.codebook_editing.add_label("stance", "<b>pro-China</b> & co", color="#2e9e4f", key="Y")
    window.labelling.reload()
    window.fit_codebook(window.labelling.codebook)
    window.enable()
    passage(hands, THANKS, "Y")
    hands.press("Esc", "D")
    assert window.labelling.stance() == "<b>pro-China</b> & co"
    hands.press("W")
    assert box(hands).derive.text().startswith("Take <b>pro-China</b> && co")
    assert "<b>" not in box(hands).bar.toolTip()
    assert "&lt;b&gt;" in box(hands).bar.toolTip()


def test_a_project_open_for_reading_offers_nothing(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    with create_project(project_file.parent / "x.annot", annotator="anna"):
        pass
    first = new_window(project_file)
    view = first.pane.view
    start = TEXT.index(THANKS)
    view.select(start, start + len(THANKS))
    QTest.keyClick(view, Qt.Key.Key_W)
    second = new_window(project_file)
    assert not second.session.writable
    passages = second.stance.passages
    assert passages.sentence.text() == "The one passage says pro-West; the article has no stance yet."
    assert not passages.derive.isVisible()
    second.pane.view.set_active(second.pane.view.spans()[0].key)
    QTest.keyClick(second.pane.view, Qt.Key.Key_H)
    assert not second.claims.names.isVisible()
    QApplication.processEvents()


# Finding names


CHOICES = [
    NameChoice("Dmitry Peskov", ("Песков", "Peskov")),
    NameChoice("European Union", ("EU",)),
    NameChoice("Aleksandr Lukašenko", ("Лукашенко",)),
    NameChoice("Eurasia Daily", (), here=False),
    NameChoice("EU Council", (), here=False),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["Dmitry Peskov", "European Union", "Aleksandr Lukašenko"]),
        ("eu", ["European Union", "Eurasia Daily", "EU Council"]),
        ("eu council", ["EU Council"]),
        ("lukas", ["Aleksandr Lukašenko"]),
        ("ПЕСК", ["Dmitry Peskov"]),
        ("mit pes", ["Dmitry Peskov"]),  # within a word, where it is in the article
        ("asia", []),  # but not for a name from elsewhere
        ("nobody", []),
    ],
)
def test_names_are_found_by_their_letters(typed: str, found: list[str]) -> None:
    assert [choice.name for choice in find(CHOICES, typed, 10)] == found


def test_no_more_than_asked_for() -> None:
    assert len(find(CHOICES, "e", 2)) == 2


def test_a_name_is_known_under_each_of_its_names() -> None:
    assert is_known(CHOICES, "  eu ")
    assert is_known(CHOICES, "Лукашенко")
    assert not is_known(CHOICES, "euro")
