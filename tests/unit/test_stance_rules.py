"""Each way in which a word counts for a stance, alone, on sentences of our own."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import Suggestion
from annotator.nlp.components import add_components
from annotator.nlp.stance.cues import SIDES, read_list
from annotator.nlp.stance.evidence import HEADLINE_FACTOR, LEAD_FACTOR, QUOTED_FACTOR, Hit, Judgement, decide
from annotator.resources import resource

PLAIN = "The two ministers met in the capital and spoke about trade, roads and the new border post. " * 4


@cache
def pipeline() -> Language:
    nlp = spacy.blank("en")
    add_components(nlp)
    return nlp


def read(text: str) -> Judgement:
    nlp = pipeline()
    judgement: Judgement = nlp.get_pipe("stance").judge(nlp(text))  # type: ignore[attr-defined]
    return judgement


def hit(text: str, words: str) -> Hit:
    """The hit whose words begin with ``words``."""
    return next(found for found in read(text).hits if found.words.startswith(words) and found.kind != "voice")


def judged(text: str) -> Suggestion:
    stance: Suggestion = pipeline()(text)._.stance
    return stance


# Terms and their doubts


def test_a_term_counts_for_its_side() -> None:
    found = hit(PLAIN + "They met the collective West.", "collective West")
    assert (found.side, found.raw, found.kind, found.note) == ("pro-Russia", 3, "terminology", "")


@pytest.mark.parametrize(
    ("text", "side", "weight", "note"),
    [
        ("This is not the collective West.", "pro-Russia", 1.5, "negated, counts half"),
        ("He calls it the collective West.", "pro-Russia", 1.5, "reported as another's words, counts half"),
        ("It is the “collective West” again.", "pro-West", 1.5, "in scare quotes"),
        ("It is the so-called collective West.", "pro-West", 1.5, "the writer doubts the name"),
        ("It is the supposed collective West.", "pro-West", 1.5, "the writer doubts the name"),
    ],
)
def test_doubts_about_a_name(text: str, side: str, weight: float, note: str) -> None:
    found = hit(PLAIN + text, "collective West")
    assert (found.side, found.raw, found.note) == (side, weight, note)
    assert note in judged(PLAIN + text).reason


def test_an_accusation_in_quotation_marks_is_not_turned() -> None:
    found = hit(PLAIN + "The paper wrote of “double standards” in trade.", "double standards")
    assert (found.side, found.note) == ("pro-Russia", "")


# Evaluations by role


@pytest.mark.parametrize(
    ("text", "side", "about"),
    [
        ("The madness of the West has no end.", "pro-Russia", "West"),
        ("They fear the ruthless Kremlin.", "pro-West", "Kremlin"),
        ("Moscow lies every day.", "pro-West", "Moscow"),
        ("NATO threatens the whole region.", "pro-Russia", "NATO"),
        ("The plan was sabotaged by Washington.", "pro-Russia", "Washington"),
        ("Deputies condemned Moscow.", "pro-West", "Moscow"),
        ("Deputies praised Moscow.", "pro-Russia", "Moscow"),
        ("Deputies praised NATO.", "pro-West", "NATO"),
        ("It is hysteria against Russia.", "pro-Russia", "Russia"),
        ("It is cruelty towards Ukrainians.", "pro-West", "Ukraine"),
        ("Soldiers tortured Ukrainians there.", "pro-West", "Ukraine"),
        ("The heroism of Ukrainian medics is known.", "pro-West", "Ukraine"),
        ("The heroism of Russian medics is known.", "pro-Russia", "Russia"),
    ],
)
def test_an_evaluation_counts_by_the_role_of_its_actor(text: str, side: str, about: str) -> None:
    (found,) = read(PLAIN + text).hits
    assert (found.side, found.about) == (side, about)


@pytest.mark.parametrize(
    "text",
    [
        "The hypocrisy of the mayor has no end.",  # of nobody on a side
        "Hypocrisy has many faces. The West is large.",  # the actor is in another sentence
        "Hypocrisy has many faces, as we know, and the West is large.",  # and in another clause
        "The west wind brought cruelty and lies.",  # no name: no capital
        "Tell us about the hypocrisy.",  # us is not US
    ],
)
def test_an_evaluation_without_an_actor_of_a_side_counts_nothing(text: str) -> None:
    assert [h.words for h in read(PLAIN + text).hits] == []


def test_a_negated_evaluation_counts_half_and_for_the_other_side() -> None:
    plain = hit(PLAIN + "Deputies condemned Moscow.", "condemned")
    negated = hit(PLAIN + "Deputies have not condemned Moscow.", "condemned")
    assert (negated.side, negated.raw, negated.note) == ("pro-Russia", plain.raw / 2, "negated")


def test_a_word_inside_a_term_is_not_counted_again() -> None:
    hits = read(PLAIN + "They spoke of Kremlin propaganda.").hits
    assert [h.kind for h in hits] == ["condemnation"]


# Steps of third countries


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Armenia will deepen its ties with the European Union.", "pro-West"),
        ("Armenia froze its work in the CSTO.", "pro-West"),
        ("Serbia wants to join BRICS.", "pro-Russia"),
        ("Georgia turned away from Brussels.", "pro-Russia"),
    ],
)
def test_a_step_of_a_third_country(text: str, side: str) -> None:
    assert [h.side for h in read(PLAIN + text).hits if h.kind == "alignment"] == [side]


def test_a_step_needs_somebody_who_takes_it() -> None:
    assert not [
        h for h in read(PLAIN + "The firm wants to join the EU market.").hits if h.kind == "alignment"
    ]


# Voices


def test_who_is_quoted_at_length_on_the_axis_has_a_voice() -> None:
    text = PLAIN + "\n" + "Lavrov said the war and the sanctions would end on other terms. " * 1
    text += "He added that troops and weapons were ready."
    voices = [h for h in read(text).hits if h.kind == "voice"]
    assert {(h.words, h.side) for h in voices} == {("Sergey Lavrov", "pro-Russia")}
    assert len(voices) == 2


def test_a_greeting_that_is_not_about_the_axis_has_none() -> None:
    text = "Lavrov said the choir sang well. He added that the hall was full of flowers and children."
    assert read(text).hits == ()


def test_a_balanced_report_has_less_of_a_voice() -> None:
    one = "Lavrov said the war would go on for some time.\n"
    other = "Stoltenberg said the war would go on for some weeks.\n"
    alone = sum(h.strength for h in read(one).hits if h.kind == "voice")
    both = sum(h.strength for h in read(one + other).hits if h.kind == "voice")
    assert alone > 0.5
    assert both < alone / 4


def test_a_commentary_that_quotes_a_side_to_attack_it_is_not_its_voice() -> None:
    quote = "Lavrov said the war would go on for some time. "
    calm = sum(h.strength for h in read(quote + PLAIN).hits if h.kind == "voice")
    attack = "This is Kremlin propaganda and the war crimes of a despot regime in Moscow will be punished. "
    heated = sum(h.strength for h in read(quote + PLAIN + attack).hits if h.kind == "voice")
    assert 0 < heated < calm / 2


def test_what_somebody_is_quoted_to_say_counts_less_than_the_articles_own_words() -> None:
    own = hit(PLAIN + "The Kiev regime is tired.", "Kiev regime")
    quoted = hit(PLAIN + "Lavrov said the Kiev regime is tired.", "Kiev regime")
    assert quoted.strength == pytest.approx(own.strength * QUOTED_FACTOR)


def test_thanked_is_not_said_by_the_one_who_is_thanked() -> None:
    thanks = "In her letter to the choir she thanked Russia for the liberation of Donbass and the war."
    (passage,) = pipeline()(PLAIN + thanks)._.stance_passages
    assert passage.holder is None


def test_who_is_named_in_a_quotation_does_not_speak_it() -> None:
    quote = 'Lavrov spoke. "They prepare a war against the United States," the diplomat noted.'
    voices = [h.words for h in read(PLAIN + quote).hits if h.kind == "voice"]
    assert "United States" not in voices


def test_a_word_of_a_name_is_no_evaluation() -> None:
    assert not read(PLAIN + "They spoke in Moscow of the Shanghai Cooperation Organisation.").hits
    assert not read(PLAIN + "The European Solidarity of Kyiv abstained.").hits


def test_who_condemns_is_not_what_is_condemned() -> None:
    assert not read(PLAIN + "Brussels condemned the absurd vote.").hits
    assert read(PLAIN + "Brussels held an absurd vote.").hits


def test_an_evaluation_of_somebody_else_is_none_of_the_side_named_later() -> None:
    assert not read(PLAIN + "The dictator Ilham Aliyev likes Western music.").hits


def test_a_country_before_another_noun_is_no_choice_of_words() -> None:
    assert read(PLAIN + "He lives in the Ukraine.").hits
    assert not [h for h in read(PLAIN + "He wrote of the Ukraine war.").hits if h.kind == "terminology"]


# Place, repetition, one-sidedness


def test_headline_and_lead_count_more() -> None:
    line = "The collective West again\n"
    sentence = "In the town they met the collective West and went home.\n"
    body = PLAIN + "\n"
    assert hit(line + body, "collective").strength == pytest.approx(3 * HEADLINE_FACTOR)
    assert hit("A headline of three\n" + sentence + body, "collective").strength == pytest.approx(
        3 * LEAD_FACTOR
    )
    assert hit(body + sentence, "collective").strength == pytest.approx(3)


def test_a_term_counts_less_each_time_and_a_repeated_sentence_not_at_all() -> None:
    text = PLAIN + "The collective West came. The collective West saw. The collective West saw."
    assert [h.strength for h in read(text).hits] == pytest.approx([3, 1.5])


def test_balance_is_not_a_side() -> None:
    scores = {"pro-West": 0.6, "neutral": 0.1, "pro-Russia": 0.3}
    assert decide(scores, {"pro-West": 10, "pro-Russia": 2}, 500) == "pro-West"
    assert decide(scores, {"pro-West": 10, "pro-Russia": 4}, 500) is None


def test_a_thin_margin_or_a_short_text_without_words_is_not_sure() -> None:
    assert (
        decide({"pro-West": 0.40, "neutral": 0.38, "pro-Russia": 0.22}, {"pro-West": 3, "pro-Russia": 0}, 500)
        is None
    )
    nothing = dict.fromkeys(SIDES, 0.0)
    scores = {"pro-West": 0.1, "neutral": 0.8, "pro-Russia": 0.1}
    assert decide(scores, nothing, 99) is None
    assert decide(scores, nothing, 100) == "neutral"


# Zones


class Zone:
    def __init__(self, text: str, part: str, label: str) -> None:
        self.start = text.index(part)
        self.end = self.start + len(part)
        self.label = label


@pytest.mark.parametrize("label", ["boilerplate", "caption"])
def test_boilerplate_and_captions_count_nothing(label: str) -> None:
    line = "Read how the collective West lost."
    text = f"{PLAIN}\n{line}\n{PLAIN}"
    nlp = pipeline()
    added = not Doc.has_extension("zones")
    if added:
        Doc.set_extension("zones", default=())
    try:
        doc = nlp(text, disable=["stance"])
        stance: Any = nlp.get_pipe("stance")
        assert len(stance.judge(doc).hits) == 1
        doc._.zones = (Zone(text, line, label),)
        assert stance.judge(doc).hits == ()
        doc._.zones = (Zone(text, line, "headline"),)
        assert len(stance.judge(doc).hits) == 1
    finally:
        if added:
            Doc.remove_extension("zones")


class Known:
    """What the gazetteer finds: a name and whom it means."""

    def __init__(self, text: str, name: str, actor: str, bloc: str | None) -> None:
        self.start = text.index(name)
        self.end = self.start + len(name)
        self.entry = SimpleNamespace(actor=actor, bloc=bloc)


def test_the_gazetteer_knows_more_actors_of_a_side() -> None:
    text = PLAIN + "The madness of Orenburgers is known. The madness of Geneva is known."
    nlp = pipeline()
    added = not Doc.has_extension("gazetteer")
    if added:
        Doc.set_extension("gazetteer", default=())
    try:
        doc = nlp(text, disable=["stance"])
        stance: Any = nlp.get_pipe("stance")
        doc._.gazetteer = ()
        assert stance.judge(doc).hits == ()
        doc._.gazetteer = (
            Known(text, "Orenburgers", "Orenburg", "Russia"),
            Known(text, "Geneva", "Geneva", None),
        )
        (found,) = stance.judge(doc).hits
        assert (found.side, found.about) == ("pro-West", "Orenburg")
    finally:
        if added:
            Doc.remove_extension("gazetteer")


# Passages


def test_a_clearly_marked_sentence_is_suggested_with_holder_and_target() -> None:
    marked = "Lavrov said the collective West and the madness of NATO lead to war."
    text = f"{PLAIN}\n{marked} {PLAIN}"
    (passage,) = pipeline()(text)._.stance_passages
    assert text[passage.start : passage.end] == marked
    assert (passage.layer, passage.label, passage.component) == ("stance", "pro-Russia", "stance")
    assert (passage.holder, passage.target) == ("Sergey Lavrov", "West")
    assert "“collective West”: terminology → Russia" in passage.reason


def test_a_speaker_of_the_other_side_is_not_the_holder() -> None:
    text = f"{PLAIN}\nLavrov said that the unprovoked invasion shocked Europe. {PLAIN}"
    (passage,) = pipeline()(text)._.stance_passages
    assert (passage.label, passage.holder) == ("pro-West", None)


def test_weak_or_mixed_sentences_are_not_suggested() -> None:
    weak = "They spoke of the Ukrainian crisis."
    mixed = "The Kiev regime met Kremlin propaganda."
    assert pipeline()(f"{PLAIN}\n{weak} {mixed} {PLAIN}")._.stance_passages == ()


def test_at_most_five_passages_in_text_order() -> None:
    text = PLAIN + " ".join(
        f"In year {year} the collective West and its Kiev regime came." for year in range(9)
    )
    passages = pipeline()(text)._.stance_passages
    assert len(passages) == 5
    assert [p.start for p in passages] == sorted(p.start for p in passages)


# The lists


def test_the_examples_of_the_frames_speak_for_their_sides() -> None:
    frames, _ = read_list(resource("stance", "frames.toml"))
    examples = [(entry["example"], entry["side"]) for entry in frames["evaluations"]]
    for example, side in [*examples, *frames["alignment"]["examples"]]:
        assert side in {h.side for h in read(example).hits}, example


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Moscow defends closer ties with the United States.", {"pro-West"}),
        ("NATO defended its partnership with Russia.", {"pro-Russia"}),
        ("Russia defends its relations with Iran.", set()),
        ("Russia defends the people of Donbass.", {"pro-Russia"}),
        ("Russia defends its ties against the United States.", set()),
    ],
)
def test_whoever_defends_ties_speaks_well_of_those_they_are_with(text: str, sides: set[str]) -> None:
    assert {hit.side for hit in read(text).hits if hit.kind != "voice"} == sides


def test_lists_name_nobody_on_both_sides() -> None:
    actors, _ = read_list(resource("stance", "actors.toml"))
    assert set(actors["west"]).isdisjoint(actors["russia"])
    assert len(actors["west"]) == len(set(actors["west"]))
    known = {*actors["west"], *actors["russia"]}
    assert [name for name in actors["called"] if name not in known] == []


def test_every_list_is_in_the_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotator.nlp.stance import cues

    before = cues.lists_hash()
    for name in cues.LISTS:
        (tmp_path / name).write_bytes(resource("stance", name).read_bytes())
    monkeypatch.setattr(cues, "resource", lambda _, name: tmp_path / name)
    assert cues.lists_hash() == before
    for name in cues.LISTS:
        old = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(old + b"# changed\n")
        assert cues.lists_hash() != before, name
        (tmp_path / name).write_bytes(old)
