"""The conventions one by one, on sentences of our own; the model is played by a list of what it marks."""

from functools import cache

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from annotator.model import Suggestion
from annotator.nlp.components import add_components
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.gazetteer import GAZETTEER
from annotator.nlp.merging import merged_names
from annotator.nlp.zones import Zone


@cache
def pipeline(code: str = "en") -> Language:
    nlp = spacy.blank(code)
    add_components(nlp)
    return nlp


def merged(text: str, *marked: tuple[str, str], boilerplate: tuple[Zone, ...] = ()) -> list[Suggestion]:
    """Return what is suggested where the model marks ``marked``, each at its next place in ``text``."""
    nlp = pipeline()
    doc = nlp.make_doc(text)
    spans, at = [], 0
    for quote, label in marked:
        start = text.index(quote, at)
        span = doc.char_span(start, start + len(quote), label=label, alignment_mode="expand")
        assert span is not None
        spans.append(span)
        at = start + len(quote)
    doc.ents = spans
    doc._.zones = boilerplate
    return merged_names(nlp.get_pipe(GAZETTEER)(doc), text, "model", ENTITY_LABELS)


def names(text: str, *marked: tuple[str, str]) -> list[tuple[str, str | None]]:
    return [(text[s.start : s.end], s.label) for s in merged(text, *marked)]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        # the gazetteer has the last word on labels and on what it knows whole
        ("Crimea is near.", [("Crimea", "ORG")], [("Crimea", "GPE")]),
        ("Talks with Nagorno-Karabakh ended.", [("Karabakh", "PERSON")], [("Nagorno-Karabakh", "GPE")]),
        ("The West met in the Caucasus.", [], [("West", "LOC"), ("Caucasus", "LOC")]),
        ("Western aid, Soviet tanks", [], [("Western", "NORP"), ("Soviet", "NORP")]),
        ("They told us that US aid came.", [], [("US", "GPE")]),
        ("The Hague is a city.", [("The Hague", "GPE")], [("Hague", "GPE")]),
        # partners and prefixes
        ("the Latvia-EU summit", [("Latvia-EU", "ORG")], [("Latvia", "GPE"), ("EU", "ORG")]),
        ("Polish-Russian talks", [("Polish-Russian", "NORP")], [("Polish", "NORP"), ("Russian", "NORP")]),
        ("a pro-European and ex-Soviet land", [("pro-European", "NORP")],
         [("European", "NORP"), ("Soviet", "NORP")]),
        ("a Russia-led bloc", [("Russia-led", "ORG")], [("Russia", "GPE")]),
        ("a U.S.-led bloc", [("U.S.-led", "ORG")], [("U.S.", "GPE")]),
        # organisations take the nationality in, generic heads in lower case stay outside
        ("The Latvian Armed Forces left.", [], [("Latvian Armed Forces", "ORG")]),
        ("The Latvian Ministry of Energy and Water left.", [],
         [("Latvian Ministry of Energy and Water", "ORG")]),
        ("The Ministry of Defence of Latvia left.", [], [("Ministry of Defence of Latvia", "ORG")]),
        ("The Ministry of Defence of Latvia and the Polish Senate left.", [],
         [("Ministry of Defence of Latvia", "ORG"), ("Polish Senate", "ORG")]),
        ("He praised the Supreme Court of Meadows and the National Bank of Latvia.", [],
         [("Supreme Court of Meadows", "ORG"), ("National Bank of Latvia", "ORG")]),
        ("the U.S. Embassy there", [], [("U.S. Embassy", "ORG")]),
        ("the Polish embassy there", [("Polish embassy", "ORG")], [("Polish", "NORP")]),
        ("near Tambov region now", [("Tambov region", "LOC")], [("Tambov", "GPE")]),
        ("a Government plan", [], []),
        ("Latvia's Foreign Ministry said", [("Latvia's Foreign Ministry", "ORG")],
         [("Latvia", "GPE"), ("Foreign Ministry", "ORG")]),
        ("the Foreign Minister of Latvia", [("Foreign", "ORG")], [("Latvia", "GPE")]),
        ("the Minister of Foreign Affairs came", [("Foreign Affairs", "ORG")], []),
        # people
        ("Ambassador Ilze Brands Kehris spoke.", [], [("Ilze Brands Kehris", "PERSON")]),
        ("President Ilze Ozola spoke.", [("President Ilze Ozola", "PERSON")], [("Ilze Ozola", "PERSON")]),
        ("Ilze Ozola came. Ozola spoke.", [("Ilze Ozola", "PERSON"), ("Ozola", "ORG")],
         [("Ilze Ozola", "PERSON"), ("Ozola", "PERSON")]),
        ("Ilze Ozola came. Later Ozola spoke.", [("Ilze Ozola", "PERSON")],
         [("Ilze Ozola", "PERSON"), ("Ozola", "PERSON")]),
        ("He met the Zelenskys.", [("Zelenskys", "ORG")], [("Zelenskys", "PERSON")]),
        ("Hunter Biden and Joe Biden", [("Hunter Biden", "PERSON")],
         [("Hunter Biden", "PERSON"), ("Joe Biden", "PERSON")]),
        ("Jordan Peterson spoke.", [("Jordan Peterson", "PERSON")], [("Jordan Peterson", "PERSON")]),
        ("Latvian Ilze Ozola spoke.", [("Latvian Ilze Ozola", "PERSON")],
         [("Latvian", "NORP"), ("Ilze Ozola", "PERSON")]),
        # headlines, descriptive wars, languages, lists
        ("Latvia Defends Ties Amid Russia Tensions\n\nIt did.", [("Russia Tensions", "ORG")],
         [("Latvia", "GPE"), ("Russia", "GPE")]),
        ("Operation Hope and the Hypocrisy of the Court\n\nIt is hypocrisy.", [("Hypocrisy", "PERSON")], []),
        ("the 2020 Nagorno-Karabakh conflict", [("2020 Nagorno-Karabakh conflict", "EVENT")],
         [("Nagorno-Karabakh", "GPE")]),
        ("She spoke the Russian language.", [], []),
        ("She answered in Russian.", [("Russian", "LANGUAGE")], []),
        ("in Warsaw and Riga today", [("Warsaw and Riga", "ORG")], [("Warsaw", "GPE"), ("Riga", "GPE")]),
        ("The National Police and the Security Service of Latvia left.",
         [("National Police and the Security Service of Latvia", "ORG")],
         [("National Police", "ORG"), ("Security Service of Latvia", "ORG")]),
        # what is said beside a name, credits, short forms
        ("the Greek daily Kathimerini. He", [("Kathimerini", "PERSON")],
         [("Greek", "NORP"), ("Kathimerini", "ORG")]),
        ("in Tverskaya Oblast now", [("Tverskaya Oblast", "FAC")], [("Tverskaya Oblast", "GPE")]),
        ("A bridge./Ilze Ozola/Riga Photo Agency/Reuters\n", [],
         [("Ilze Ozola", "PERSON"), ("Riga Photo Agency", "ORG"), ("Reuters", "ORG")]),
        ("the Latvian Fish Union (LFU) met. LFU left.", [("Latvian Fish Union", "ORG"), ("LFU", "GPE")],
         [("Latvian Fish Union", "ORG"), ("LFU", "ORG"), ("LFU", "ORG")]),
        # web residue and words
        ("READ MORE", [("READ MORE", "ORG")], []),
        ("Propaganda wins. This propaganda lies.", [("Propaganda", "ORG")], []),
        ("It cost UAH 1,000.", [("UAH 1", "ORG")], []),
        ("More: Подробнее there", [("Подробнее", "PERSON")], []),
        # head words and the word after
        ("He leads the Riverside Electoral Bloc there.", [],
         [("Riverside Electoral Bloc", "ORG")]),
        ("The Tambov Military District grew.", [("Tambov", "GPE")], [("Tambov Military District", "ORG")]),
        ("The 3rd Meadow Brigade left.", [("Meadow", "GPE")], [("3rd Meadow Brigade", "ORG")]),
        ("The Clean Rivers Act passed.", [("Clean Rivers Act", "ORG")], [("Clean Rivers Act", "LAW")]),
        ("They wrote the Convention on Quiet Rivers in spring.", [("Convention on Quiet Rivers", "ORG")],
         [("Convention on Quiet Rivers", "LAW")]),
        ("They met on Marigold Avenue at noon.", [("Marigold", "PERSON")], [("Marigold Avenue", "FAC")]),
        ("When Party members came", [], []),
        ("The ruling Party won. Every Party did.", [], []),
        ("Latvia's Baltic Fleet sails.", [], [("Latvia", "GPE"), ("Baltic Fleet", "ORG")]),
        ("Battlegroup Meadow advanced.", [("Battlegroup", "NORP")], [("Battlegroup Meadow", "ORG")]),
        ("ten Marigold armored vehicles", [("Marigold", "PERSON")], [("Marigold", "PRODUCT")]),
        ("It got Patriot batteries.", [], [("Patriot", "PRODUCT")]),
        ("It sent Riga Marigold tanks.", [("Riga Marigold", "ORG")],
         [("Riga", "GPE"), ("Marigold", "PRODUCT")]),
        ("Marigold fighters left.", [("Marigold", "ORG")], [("Marigold", "ORG")]),
        ("the Rainbow party won", [("Rainbow", "NORP")], [("Rainbow", "ORG")]),
        ("the Council of Europe. Latvia did", [], [("Council of Europe", "ORG"), ("Latvia", "GPE")]),
        # titles, prefixes, columns and numbers that are no names
        ("Moldovan Energy Minister Ilze Ozola spoke.", [("Moldovan Energy", "ORG")],
         [("Moldovan", "NORP"), ("Ilze Ozola", "PERSON")]),
        ("He met Treasury Secretary Ilze Ozola there.", [("Treasury", "ORG")], [("Ilze Ozola", "PERSON")]),
        ("Then Parliament Speaker Ilze Ozola spoke.", [], [("Ilze Ozola", "PERSON")]),
        ("Economist Ilze Ozola spoke.", [("Ilze Ozola", "PERSON")], [("Ilze Ozola", "PERSON")]),
        ("a Trans-Marigold road", [("Trans", "NORP")], []),
        ("Ilze Ozola  Nov 7, 2023", [("Ilze Ozola  Nov 7", "PERSON")], [("Ilze Ozola", "PERSON")]),
        ("I. He came.", [("I.", "ORG")], []),
        ("US-Georgia ties", [("US", "GPE")], [("US", "GPE"), ("Georgia", "GPE")]),
        ("RIGA, March 3. /TASS/. It rained.", [], [("RIGA", "GPE"), ("TASS", "ORG")]),
        # a surname in another spelling, and with what belongs to it
        ("Ilze Vardumyan came. Vardumian left.", [("Ilze Vardumyan", "PERSON"), ("Vardumian", "NORP")],
         [("Ilze Vardumyan", "PERSON"), ("Vardumian", "PERSON")]),
        ("Ilze de Brook came. De Brook left.", [("Ilze de Brook", "PERSON"), ("De Brook", "ORG")],
         [("Ilze de Brook", "PERSON"), ("De Brook", "PERSON")]),
        # a doubtful name counts where the model sees one too
        ("Time will tell.", [], []),
        ("He told Time that.", [("Time", "ORG")], [("Time", "ORG")]),
    ],
)  # fmt: skip
def test_conventions(text: str, marked: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    assert names(text, *marked) == expected


def test_one_label_for_one_name() -> None:
    text = "Zemgalia fell. Zemgalia rose. In Zemgalia all was well."
    marked = [("Zemgalia", "PERSON"), ("Zemgalia", "GPE"), ("Zemgalia", "GPE")]
    assert names(text, *marked) == [("Zemgalia", "GPE")] * 3
    changed = merged(text, *marked)[0]
    assert (
        changed.reason
        == "one label for one name: elsewhere in this article it is read as GPE; model read PERSON"
    )


def test_a_name_that_is_marked_once_is_found_again() -> None:
    text = "The Riga Fish Board met. Later the Riga Fish Board left."
    assert names(text, ("Riga Fish Board", "ORG")) == [("Riga Fish Board", "ORG")] * 2


def test_reasons_are_plain_words_and_say_who_decided() -> None:
    text = "Crimea saw Ilze Ozola; then Ozola met Ambassador Anna Kalnina."
    made = merged(text, ("Crimea", "ORG"), ("Ilze Ozola", "PERSON"))
    assert [(s.component, s.reason, s.actor) for s in made] == [
        ("gazetteer", "gazetteer: Crimea, a country, city or state; model read ORG", "Crimea"),
        ("ner", "model reads this as PERSON: people", None),
        ("surname", "surname of Ilze Ozola", None),
        ("rules", "the name after a title", None),
    ]


def test_nothing_is_suggested_in_boilerplate_but_in_captions() -> None:
    text = "Cookies of Ilze Ozola in Riga\nIlze Ozola in Warsaw /Anna Kalnina/Reuters\n"
    cut = text.index("\n")
    made = merged(
        text,
        ("Ilze Ozola", "PERSON"),
        boilerplate=(
            Zone(0, cut, "boilerplate", "cookies"),
            Zone(cut + 1, len(text), "caption", "a credit"),
        ),
    )
    found = [text[s.start : s.end] for s in made]
    assert found == ["Warsaw", "Anna Kalnina", "Reuters"]
    assert all(s.start is not None and s.start > cut for s in made)


def test_only_the_labels_that_were_asked_for() -> None:
    nlp = pipeline()
    doc = nlp.get_pipe(GAZETTEER)(nlp.make_doc("Crimea and NATO"))
    assert [s.label for s in merged_names(doc, doc.text, "model", ["ORG"])] == ["ORG"]


def test_without_a_model_the_gazetteer_speaks_alone() -> None:
    nlp = pipeline("ru")
    text = "Президент Ilze Ozola прибыла в Ереван."
    nlp.get_pipe(GAZETTEER).prepare(text)
    doc = nlp.get_pipe(GAZETTEER)(nlp.make_doc(text))
    made = merged_names(doc, text, None, ENTITY_LABELS)
    assert [(text[s.start : s.end], s.label, s.component) for s in made] == [("Ереван", "GPE", "gazetteer")]


def test_labels_of_other_pipelines_are_mapped_and_unknown_ones_left_out() -> None:
    nlp = pipeline("ru")
    text = "Озола Тамбов Штука"
    doc = nlp.make_doc(text)
    doc.ents = [doc[0:1], doc[2:3]]
    doc.ents = [spacy.tokens.Span(doc, 0, 1, "PER"), spacy.tokens.Span(doc, 2, 3, "MISC")]
    made = merged_names(doc, text, "ru_model", ENTITY_LABELS)
    assert [(s.label, s.reason) for s in made] == [("PERSON", "ru_model reads this as PER: people")]


WORDS = st.sampled_from(
    ["the ", "Crimea", "'s ", " Ilze Ozola ", "\n", "/", "-", " and ", "🚀", "President ", "NATO", "(", ")",
     " Riga ", "“", "U.S.", "Ministry of ", "Թ", "ё", "e\u0301", "A", ". "]
)  # fmt: skip


def test_a_name_after_a_title_ends_with_its_line() -> None:
    doc = pipeline()("President Ilze\nOzola")
    made = merged_names(doc, doc.text, "model", ENTITY_LABELS)
    assert [(s.start, s.end) for s in made] == [(10, 14)]


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=24).map("".join), st.data())
def test_suggestions_are_always_trimmed_in_order_and_apart(text: str, data: st.DataObject) -> None:
    nlp = pipeline()
    doc = nlp.make_doc(text)
    if len(doc):
        ends = sorted(data.draw(st.sets(st.integers(0, len(doc)), max_size=8)))
        labels = st.sampled_from(ENTITY_LABELS)
        doc.ents = [
            spacy.tokens.Span(doc, a, b, data.draw(labels))
            for a, b in zip(ends[::2], ends[1::2], strict=False)
        ]
    made = merged_names(nlp.get_pipe(GAZETTEER)(doc), text, "model", ENTITY_LABELS)
    last = 0
    for suggestion in made:
        assert suggestion.start is not None
        assert suggestion.end is not None
        assert last <= suggestion.start < suggestion.end <= len(text)
        last = suggestion.end
        name = text[suggestion.start : suggestion.end]
        assert name == name.strip()
        assert "\n" not in name
        assert not name.lower().startswith("the ")
        assert suggestion.score is None
        assert suggestion.reason
