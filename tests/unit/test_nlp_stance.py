from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from annotator.model import PipelineError, Suggestion
from annotator.nlp.components import add_components
from annotator.nlp.stance.classifier import STANCE_LABELS
from annotator.nlp.stance.cues import SIDES, load_cues
from annotator.nlp.stance.evidence import MOST_EVIDENCE


@cache
def blank(language: str = "en") -> Language:
    nlp = spacy.blank(language)
    add_components(nlp)
    return nlp


def judged(text: str, language: str = "en") -> Suggestion:
    stance: Suggestion = blank(language)(text)._.stance
    return stance


WEST = (
    "Russia's unprovoked invasion shocked the continent this week.\n"
    "The minister condemned Kremlin propaganda and praised the democratic reforms of the country.\n"
)
RUSSIA = (
    "The collective West has lost its senses, the commentator writes.\n"
    "The Kiev regime and its Western masters want to fight to the last Ukrainian, he says in the column.\n"
)
PLAIN = "The two ministers met in the capital and spoke about trade, roads and the new border post. " * 8


def test_cues_decide_the_side_and_the_reason_quotes_the_article() -> None:
    stance = judged(WEST)
    assert stance.label == "pro-West"
    assert stance.score == stance.scores["pro-West"]
    assert "“Kremlin propaganda”" in stance.reason
    assert "condemnation → West" in stance.reason
    assert (stance.layer, stance.component, stance.start, stance.end) == ("stance", "stance", None, None)
    assert judged(RUSSIA).label == "pro-Russia"


def test_evidence_are_the_sentences_strongest_first() -> None:
    text = f"{PLAIN}\n{PLAIN}\nOne speaker named double standards.\n"
    text += "They fight to the last Ukrainian for NATO expansion.\n"
    stance = judged(text)
    quotes = [text[start:end] for start, end in stance.evidence]
    assert quotes == [
        "They fight to the last Ukrainian for NATO expansion.",
        "One speaker named double standards.",
    ]


def test_both_sides_alike_is_no_side() -> None:
    assert judged(WEST + RUSSIA).label not in SIDES


def test_a_plain_report_is_neutral_and_shows_its_lead() -> None:
    text = "Our site uses cookies. Subscribe to our newsletter\n\n" + PLAIN
    stance = judged(text)
    assert stance.label == "neutral"
    assert "No side-marked wording" in stance.reason
    assert [text[a:b] for a, b in stance.evidence] == [PLAIN[: PLAIN.index(".") + 1]]


def test_little_text_or_little_evidence_is_not_sure() -> None:
    assert judged("The ministers met on Tuesday.").label is None
    assert judged("He spoke of aid to Ukraine. He also spoke of the Russian world.").label is None


def test_another_language_is_not_judged() -> None:
    stance = judged("Коллективный Запад и collective West.", "ru")
    assert stance.label is None
    assert "English" in stance.reason
    assert len(stance.evidence) == 1


def test_an_empty_text_has_a_stance_without_evidence() -> None:
    for text in ("", " \n"):
        stance = judged(text)
        assert (stance.label, stance.evidence) == (None, ())


def test_headline_counts_double_and_a_repeated_sentence_once() -> None:
    body = "The weather in the capital was fine, said the people in the street.\n"
    line = "The collective West again\n"
    assert judged(line + body).scores["pro-Russia"] > judged(body + line).scores["pro-Russia"]
    assert judged(body + line * 3).scores == pytest.approx(judged(body + line).scores, abs=0.05)


def test_longest_cue_wins_and_apostrophes_are_alike() -> None:
    reason = judged("They spoke of a strategic partnership with the United States.").reason
    assert "“strategic partnership with the United States”" in reason
    assert "“partnership" not in reason
    assert "“Moscow’s orbit”" in judged("It left Moscow’s orbit.").reason


words = st.sampled_from(
    [
        "collective West",
        "Kyiv regime",
        "war crimes",
        "not",
        "🚀",
        "Հայաստան։",
        "Киев.",
        "\u00a0",
        "\n",
        "so-called",
        "“",
        "”",
        "e\u0301.",
    ]
)


@settings(deadline=None)
@given(st.lists(words | st.text(max_size=5), max_size=20).map(" ".join))
def test_scores_sum_to_one_and_evidence_lies_inside_any_text(text: str) -> None:
    stance = judged(text)
    assert tuple(stance.scores) == STANCE_LABELS
    assert sum(stance.scores.values()) == pytest.approx(1)
    assert all(score >= 0 for score in stance.scores.values())
    assert stance.label is None or stance.scores[stance.label] == max(stance.scores.values())
    assert len(stance.evidence) == len(set(stance.evidence)) <= MOST_EVIDENCE
    for start, end in stance.evidence:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()


def test_each_cue_finds_itself_in_its_example() -> None:
    lexicon = load_cues()
    assert len(lexicon.cues) > 200
    nlp = blank()
    find = nlp.get_pipe("stance").judge.find_cues
    for cue in lexicon.cues:
        found = {name.text for name, _, _ in find(nlp.make_doc(cue.example))}
        assert found, cue.text
        sides = {name.side for name, _, _ in find(nlp.make_doc(cue.example))}
        assert cue.side in sides, cue.text


def test_no_spelling_belongs_to_two_cues() -> None:
    spellings = Counter(s.lower() for cue in load_cues().cues for s in cue.spellings)
    assert [spelling for spelling, times in spellings.items() if times > 1] == []


@pytest.mark.parametrize(
    ("cue", "complaint"),
    [
        ('{ text = "" }', "has no text"),
        ('{ text = "x", side = "left", weight = 1, kind = "value" }', "needs a side"),
        ('{ text = "x", side = "pro-West", weight = 1, kind = "other" }', "a kind"),
        ('{ text = "x", side = "pro-West", weight = 9, kind = "value" }', "needs a weight"),
        ('{ text = "x", side = "pro-West", weight = 1, kind = "value", also = "y" }', "a list of phrases"),
        ("{ text = ", "cannot be read"),
    ],
)
def test_a_wrong_cue_is_named(tmp_path: Path, cue: str, complaint: str) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(f"cues = [{cue}]", encoding="utf-8")
    with pytest.raises(PipelineError, match=complaint):
        load_cues(file)


def test_a_text_that_the_cues_cannot_read_gets_no_invented_numbers() -> None:
    suggestion = judged("Армения и Россия обсудили поставки газа. Переговоры прошли в Москве.", "ru")
    assert suggestion.label is None
    assert suggestion.scores is None
    assert suggestion.score is None
    assert "Not judged" in suggestion.reason
