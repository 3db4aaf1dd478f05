import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import Actor, PipelineError, PipelineInfo, Suggestion
from annotator.nlp import loading, models
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.pipeline import PIECE, Pipeline, blank_pipeline, build_pipeline, pieces


@cache
def real() -> Pipeline:
    """Load the installed model once for all tests."""
    return build_pipeline()


@Language.component("test_capitals")
def capitals(doc: Doc) -> Doc:
    """A fast stand-in for an NER: each run of capital letters is an ORG."""
    if "FAIL" in doc.text:
        raise RuntimeError("the component is broken")
    spans = [doc.char_span(*m.span(), label="ORG") for m in re.finditer(r"\b[A-Z]{2,}\b", doc.text)]
    doc.ents = [span for span in spans if span is not None]
    return doc


@cache
def fake() -> Pipeline:
    nlp = spacy.blank("en")
    nlp.add_pipe("test_capitals")
    return Pipeline(nlp, PipelineInfo("fake", "1"), ENTITY_LABELS)


def names(text: str, suggestions: list[Suggestion]) -> list[tuple[str, str | None]]:
    return [(text[s.start : s.end], s.label) for s in suggestions if s.layer == "entity"]


MESSY = (
    "🚀🚀 Pashinyan (Փաշինյան, Пашинян) meets the\u00a0European Union's Ursula von der Leyen\n\n"
    "Nikol Pashinyan flew to Brussels\u00a0on Tuesday. 🇦🇲 The Kremlin’s spokesman Dmitry Peskov said "
    "that Armenia and e\u0301migre\u0301s in Moscow would not like it."
)


def test_offsets_are_exact_on_emoji_armenian_cyrillic_and_nbsp() -> None:
    suggestions = real().suggest_one(MESSY)
    found = names(MESSY, suggestions)
    assert ("Brussels", "GPE") in found
    assert ("Moscow", "GPE") in found
    assert ("Ursula von", "PERSON") in found or ("Ursula von der Leyen", "PERSON") in found
    assert all(name == name.strip() and "\n" not in name and name[:4].lower() != "the " for name, _ in found)
    assert [(name, label) for name, label in found if not name.isascii()] == [
        ("Փաշինյան", "PERSON"),
        ("Пашинян", "PERSON"),
    ]
    assert ("European Union", "ORG") in found
    assert {s.component for s in suggestions} <= {"ner", "gazetteer", "rules", "surname", "stance", "zones"}
    assert all(s.reason and s.score is None for s in suggestions[:-1])
    assert [s.layer for s in suggestions].count("stance") == 1


def test_text_of_another_language_gets_the_gazetteers_names_and_says_so() -> None:
    text = "Что страна сказала: Nikol Pashinyan и Ilze Ozola в Москве. Это новость."
    for language in (None, "ru"):
        suggestions = real().suggest_one(text, language)
        assert names(text, suggestions) == [("Nikol Pashinyan", "PERSON"), ("Москве", "GPE")]
        assert [s.component for s in suggestions] == ["gazetteer", "gazetteer", "stance"]
        notice = real().notice(text, language)
        assert notice == (
            "No spaCy model for Russian is installed: names come from the gazetteer only. "
            "Tools > Models tells how to get one."
        )


def test_no_break_spaces_do_not_hide_a_name() -> None:
    text = "The European\u00a0Union and Nikol\u202fPashinyan met."
    assert names(text, real().suggest_one(text)) == [
        ("European\u00a0Union", "ORG"),
        ("Nikol\u202fPashinyan", "PERSON"),
    ]


def test_the_language_that_is_given_wins() -> None:
    text = "Anna Petrova went to Brussels."
    assert names(text, real().suggest_one(text, "fr")) == [("Brussels", "GPE")]
    assert "No spaCy model for French" in (real().notice(text, "fr") or "")
    assert names(text, real().suggest_one(text, "en-US")) == [("Anna Petrova", "PERSON"), ("Brussels", "GPE")]
    assert real().notice(text, "en-US") is None


def test_languages_that_spacy_does_not_know_still_get_a_stance() -> None:
    suggestions = fake().suggest_one("საქართველო და ევროპა. მეორე.")
    assert [(s.layer, s.label) for s in suggestions] == [("stance", None)]


def test_armenian_sentences_end_at_the_armenian_full_stop() -> None:
    text = "Երևանը խոսեց։ Բրյուսելը լսեց։"
    *found, stance = fake().suggest_one(text)
    assert names(text, found) == [("Երևանը", "GPE"), ("Բրյուսելը", "GPE")]
    assert [text[a:b] for a, b in stance.evidence] == ["Երևանը խոսեց։"]


def test_text_over_spacys_limit_keeps_exact_offsets() -> None:
    paragraph = "🚀 The minister of NATO met the collective West in town. " + "x" * 40 + " {}.\n\n"
    text = "".join(paragraph.format(n) for n in range(1_060_000 // len(paragraph))) + "The END of OSCE."
    suggestions = fake().suggest_one(text)
    found = names(text, suggestions)
    assert len(text) > spacy.blank("en").max_length
    each = [("NATO", "ORG"), ("West", "LOC")]
    assert found == each * text.count("NATO") + [("END", "ORG"), ("OSCE", "ORG")]
    stance = suggestions[-1]
    assert stance.label is not None
    assert all("collective West" in text[a:b] for a, b in stance.evidence)


@settings(deadline=None)
@given(st.text(alphabet="ab \n🚀", max_size=60), st.integers(1, 9))
def test_pieces_join_to_the_text_and_fit(text: str, longest: int) -> None:
    cut = list(pieces(text, longest))
    assert "".join(cut) == text
    assert all(len(piece) <= longest for piece in cut)


def test_pieces_end_with_paragraphs_where_they_can() -> None:
    assert list(pieces("aaa\n\nbbb\n\nccc", 11)) == ["aaa\n\nbbb\n\n", "ccc"]
    assert list(pieces("aaa\nbb bb\ncc", 10)) == ["aaa\nbb bb\n", "cc"]
    assert list(pieces("aaaa bbbb", 6)) == ["aaaa ", "bbbb"]
    assert list(pieces("aaaaaaaa", 5)) == ["aaaaa", "aaa"]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_one_stance_and_exact_offsets(text: str) -> None:
    suggestions = fake().suggest_one(text, "en")
    assert [s.layer for s in suggestions].count("stance") == 1
    for suggestion in suggestions[:-1]:
        assert text[suggestion.start : suggestion.end].strip()


def test_articles_are_read_one_after_the_other() -> None:
    read = []

    def articles() -> Iterator[tuple[int, str, str | None]]:
        for number in range(4):
            read.append(number)
            yield number, "The EU and NATO met.", None

    results = fake().suggest(articles())
    assert next(results).article == 0
    assert read == [0]
    assert [answer.article for answer in results] == [1, 2, 3]


def test_one_article_that_fails_does_not_end_the_run() -> None:
    failed: list[tuple[int, str]] = []
    articles = [(1, "The EU met.", None), (2, "FAIL", None), (3, "NATO met.", None)]
    done = list(
        fake().suggest(articles, on_error=lambda article, error: failed.append((article, str(error))))
    )
    assert [answer.article for answer in done] == [1, 3]
    assert failed[0][0] == 2
    assert "the component is broken" in failed[0][1]
    with pytest.raises(PipelineError, match="fake cannot analyse this article"):
        list(fake().suggest(articles))


def test_several_processes_give_the_same_in_the_same_order() -> None:
    pipeline = blank_pipeline()
    articles = [(n, f"Article {n}: the collective West and the war crimes.\n" * 3, None) for n in range(20)]
    assert list(pipeline.suggest(articles, processes=2)) == list(pipeline.suggest(articles))


def test_the_vocabulary_does_not_grow_with_the_articles() -> None:
    pipeline = blank_pipeline()
    pipeline.suggest_one("The first article.")
    strings = pipeline._library.get("en").nlp.vocab.strings
    before = len(strings)
    for number in range(50):
        pipeline.suggest_one(f"word{number}x word{number}y")
    assert len(strings) == before


def test_the_info_names_model_version_and_configuration() -> None:
    model = models.find_model(None)
    assert (real().info.name, real().info.version) == (model.name, model.version)
    assert re.fullmatch("[0-9a-f]{12}", real().info.config)
    assert blank_pipeline().info.name == "blank_en"
    assert blank_pipeline(labels=["ORG"]).info.config != blank_pipeline().info.config


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(PipelineError, match="“nonsense”"):
        build_pipeline("nonsense")


def test_a_pipeline_without_ner_still_has_the_gazetteer() -> None:
    text = "Anna Petrova went to Brussels."
    assert names(text, blank_pipeline().suggest_one(text)) == [("Brussels", "GPE")]


def test_a_pipeline_without_ner_says_that_it_finds_no_names() -> None:
    assert "does not find names" in (blank_pipeline().notice("Any text.") or "")


def test_the_ner_alone_finds_what_the_whole_pipeline_finds() -> None:
    model = models.find_model(None)
    where = Path(model.where)
    whole = spacy.load(where if where.is_absolute() else model.where)
    text = "Nikol Pashinyan met Antony Blinken in Brussels. Russia and the European Union did not comment."
    expected = [(e.text, e.label_) for e in whole(text).ents]
    assert len(expected) >= 4
    assert [(e.text, e.label_) for e in loading.load()(text).ents] == expected


def test_pieces_are_smaller_than_spacys_limit() -> None:
    assert spacy.blank("en").max_length > PIECE


def test_names_are_linked_within_the_article_and_to_the_projects_actors() -> None:
    text = "Secretary Robert Johnson flew to Brussels. It rained. Johnson spoke in Brussels."
    pipeline = real()
    pipeline.set_actors([Actor("u", "City of Brussels", "GPE", None, ("Brussels",))])
    try:
        found = [s for s in pipeline.suggest_one(text) if s.layer == "entity"]
    finally:
        pipeline.set_actors([])
    actors = {(text[s.start : s.end], s.actor) for s in found}
    assert actors == {
        ("Robert Johnson", "Robert Johnson"),
        ("Johnson", "Robert Johnson"),
        ("Brussels", "City of Brussels"),
    }
    surname = next(s for s in found if text[s.start : s.end] == "Johnson")
    assert surname.reason.endswith("; surname of Robert Johnson, 2 sentences above")


def test_a_process_that_helps_knows_the_actors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from annotator.nlp import processes

    monkeypatch.setattr(processes, "_pipeline", None)
    monkeypatch.setattr(processes.signal, "signal", lambda *_: None)
    known = (Actor("u", "City of Brussels", "GPE", None, ("Brussels",)),)
    processes._start("blank_en", {}, ENTITY_LABELS, known, ())
    assert processes._pipeline is not None
    assert processes._pipeline._actors == known


def test_a_spelling_that_the_gazetteer_lacks_is_linked_to_its_person() -> None:
    text = "Armenian Prime Minister Nikol Pashinjan flew to Brussels. It rained."
    found = {text[s.start : s.end]: s for s in real().suggest_one(text) if s.layer == "entity"}
    assert found["Nikol Pashinjan"].actor == "Nikol Pashinyan"
    assert found["Nikol Pashinjan"].reason.endswith("; spelling variant of Nikol Pashinyan, 0.96")
