"""Each article goes to the pipeline of its language."""

from __future__ import annotations

import re

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import Answer, PipelineError, PipelineInfo, Suggestion
from annotator.nlp import library as module
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.library import BLANKS, MODELS, Library
from annotator.nlp.models import InstalledModel, model_for, parse_choices
from annotator.nlp.pipeline import BATCH, Pipeline

RUSSIAN = (
    "Премьер-министр заявил во вторник, что ПОРТ будет закрыт, пока не растает лёд, и что суда подождут."
)
GERMAN = "Der Ministerpräsident sagte am Dienstag, der HAFEN bleibe geschlossen, bis das Eis getaut sei."
ENGLISH = "The prime minister said on Tuesday that the HARBOUR will be closed until the ice has melted."
ARMENIAN = "Վարչապետը երեքշաբթի ասաց, որ նավահանգիստը փակ կմնա, մինչև սառույցը հալվի։"


@Language.component("library_capitals")
def capitals(doc: Doc) -> Doc:
    """A stand-in for an NER: each word of capital letters is an ORG; it cannot take “FAIL”."""
    if "FAIL" in doc.text:
        raise RuntimeError("broken component")
    spans = [doc.char_span(*m.span(), label="ORG") for m in re.finditer(r"\b[A-ZА-Я]{3,}\b", doc.text)]
    doc.ents = [span for span in spans if span is not None]
    return doc


def model(name: str) -> InstalledModel:
    return InstalledModel(name, name[:2], "1", "nowhere")


INSTALLED = [model(n) for n in ("en_test", "de_news_lg", "de_news_sm", "fr_news_sm", "ru_news", "xx_any")]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand-ins for the models; the list says which were loaded."""
    names: list[str] = []

    def load(name: str) -> Language:
        names.append(name)
        if name.startswith("fr"):
            raise PipelineError("The spaCy pipeline fr_news_sm 1 could not be loaded (it is torn).")
        nlp = spacy.blank(name[:2])
        nlp.add_pipe("library_capitals")
        return nlp

    monkeypatch.setattr(module, "load", load)
    return names


def pipeline(**chosen: str) -> Pipeline:
    nlp = spacy.blank("en")
    nlp.add_pipe("library_capitals")
    return Pipeline(nlp, PipelineInfo("en_test", "1", "c"), ENTITY_LABELS, Library(chosen, INSTALLED, "c"))


def names(text: str, suggestions: tuple[Suggestion, ...]) -> list[str]:
    return [text[s.start : s.end] for s in suggestions if s.layer == "entity"]


def test_each_language_has_its_own_pipeline_loaded_when_first_needed(loaded: list[str]) -> None:
    both = pipeline()
    assert loaded == []
    english, russian = both.answer(1, ENGLISH), both.answer(2, RUSSIAN * 2)
    assert (english.pipeline.name, names(ENGLISH, english.suggestions)) == ("en_test", ["HARBOUR"])
    assert (russian.pipeline.name, names(RUSSIAN * 2, russian.suggestions)) == ("ru_news", ["ПОРТ", "ПОРТ"])
    assert (english.language, russian.language) == ("en", "ru")
    assert (english.notice, russian.notice) == (None, None)
    both.answer(3, RUSSIAN)
    assert loaded == ["ru_news"]


def test_what_the_metadata_say_is_believed_and_not_called_detected(loaded: list[str]) -> None:
    answer = pipeline().answer(1, ENGLISH, "German")
    assert (answer.pipeline.name, answer.language) == ("de_news_lg", None)


def test_a_language_without_a_model_says_so_and_how_to_get_one(loaded: list[str]) -> None:
    answer = pipeline().answer(1, ARMENIAN)
    assert answer.pipeline.name == "blank_hy"
    assert answer.language == "hy"
    assert [s.layer for s in answer.suggestions] == ["stance"]
    assert answer.notice == (
        "No spaCy model for Armenian is installed: names come from the gazetteer only. "
        "Tools > Models tells how to get one."
    )


def test_a_model_that_does_not_load_is_tried_once_and_named(loaded: list[str]) -> None:
    french = pipeline()
    first, second = french.answer(1, "Un texte.", "fr"), french.answer(2, "Un autre.", "fr")
    assert loaded == ["fr_news_sm"]
    assert first.pipeline.name == second.pipeline.name == "blank_fr"
    assert "it is torn" in (first.notice or "")
    assert first.notice == second.notice


def test_at_most_two_models_and_some_blank_ones_are_in_memory(loaded: list[str]) -> None:
    many = pipeline()
    for language in ("de", "ru", "de"):
        many.answer(1, "Text.", language)
        assert len(many._library._models) <= MODELS
    assert loaded == ["de_news_lg", "ru_news", "de_news_lg"]
    for language in ("hy", "ka", "az", "tr", "uk", "pl"):
        many.answer(1, "Text.", language)
    assert len(many._library._blanks) == BLANKS


def test_a_batch_of_mixed_languages_comes_back_in_order(loaded: list[str]) -> None:
    texts = [ENGLISH, GERMAN, RUSSIAN, ARMENIAN, "FAIL", ENGLISH] * 3
    failed: list[tuple[int, str]] = []
    articles = [(n, text, "en" if text == "FAIL" else None) for n, text in enumerate(texts)]
    answers = list(pipeline().suggest(articles, on_error=lambda n, error: failed.append((n, str(error)))))
    assert [a.article for a in answers] == [n for n, text in enumerate(texts) if text != "FAIL"]
    assert [n for n, _ in failed] == [4, 10, 16]
    assert "broken component" in failed[0][1]
    alone = pipeline()
    assert answers == [alone.answer(n, texts[n]) for n in (a.article for a in answers)]


def test_articles_are_analysed_together_but_never_more_than_a_few(
    loaded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    original = Pipeline.answer_all

    def count(self: Pipeline, batch: list[tuple[int, str, str | None]]) -> list[Answer | PipelineError]:
        sizes.append(len(batch))
        return original(self, batch)

    monkeypatch.setattr(Pipeline, "answer_all", count)
    list(pipeline().suggest([(n, ENGLISH, "en") for n in range(30)]))
    assert sizes == [1, 2, 4, BATCH, BATCH, 7]


@pytest.mark.parametrize(
    ("language", "chosen", "expected"),
    [
        ("de", {}, "de_news_lg"),
        ("de", {"de": "de_news_sm"}, "de_news_sm"),
        ("de", {"de": "gone"}, "de_news_lg"),
        ("de", {"de": "ru_news"}, "de_news_lg"),
        ("hy", {}, None),
        ("hy", {"xx": "xx_any"}, "xx_any"),
        ("hy", {"hy": "xx_any"}, "xx_any"),
        ("en", {"xx": "xx_any"}, "en_test"),
        ("en", {"en": "xx_any"}, "xx_any"),
    ],
)
def test_which_pipeline_reads_a_language(language: str, chosen: dict[str, str], expected: str | None) -> None:
    found = model_for(language, INSTALLED, chosen)
    assert (found.name if found is not None else None) == expected


def test_a_choice_on_the_command_line_is_for_its_own_language_or_the_named_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotator.nlp.models.installed_models", lambda: INSTALLED)
    assert parse_choices(["de_news_sm", "hy=xx_any"]) == {"de": "de_news_sm", "hy": "xx_any"}
    with pytest.raises(PipelineError, match="“/tmp/evil”"):
        parse_choices(["ru=/tmp/evil"])


def test_the_settings_hash_changes_with_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    from annotator.nlp.pipeline import _config

    some = {_config([], {}, INSTALLED), _config([], {"de": "de_news_sm"}, INSTALLED), _config([], {}, ())}
    assert len(some) == 3
