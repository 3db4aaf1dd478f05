"""The articles of the pictures: the sample, and some that try the window. All were written for this."""

from __future__ import annotations

import re
from pathlib import Path

from annotator.formats import import_paths
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.resources import resource

LONG_TITLE = (
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen, and what else the ministers of five "
    "countries discussed on the second evening of a conference about the railways of the South Caucasus"
)
HEBREW = (
    "שר החוץ נפגש בירושלים עם נציגי האיחוד האירופי (EU) ביום 4 בפברואר 2024.\n\n"
    "Reuters דיווחה כי הפגישה נמשכה 3 שעות. מוסקבה לא הגיבה."
)
ARABIC = (
    "قالت وزارة الخارجية في القاهرة إن NATO سترسل بعثة إلى يريفان في 24 فبراير.\n\n"
    "ورفضت موسكو التعليق على الخبر 🚀 الذي نشرته صحيفة محلية."
)
MIXED = (
    "The minister wrote “שלום ירושלים” and then “السلام عليكم”, Հայաստանի կառավարությունը said.\n\n"
    "Министр Пашинян вылетел в Ереван 🇦🇲 на Airbus A320.\n\n"
    "Նիկոլ Փաշինյանը մեկնեց Մոսկվա։ Il a parlé à Zürich, à Łódź et à Kraków."
)
HEBREW_TITLE = "פגישה בירושלים: מה אמרו נציגי האיחוד האירופי (EU) ב-2024?"
# title -> text and what is labelled in it by hand: (label, words)
EXTRA: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    LONG_TITLE: (
        "One sentence about the European Commission is all there is.",
        (("ORG", "European Commission"),),
    ),
    "No text": (" ", ()),
    HEBREW_TITLE: (
        HEBREW,
        (("GPE", "בירושלים"), ("ORG", "האיחוד האירופי"), ("ORG", "Reuters"), ("GPE", "מוסקבה")),
    ),
    "بعثة إلى يريفان": (
        ARABIC,
        (("ORG", "وزارة الخارجية"), ("ORG", "NATO"), ("GPE", "يريفان"), ("GPE", "موسكو")),
    ),
    "Mixed: שלום, Հայաստան, Ереван": (
        MIXED,
        (
            ("GPE", "ירושלים"),
            ("PERSON", "Пашинян"),
            ("GPE", "Ереван"),
            ("PERSON", "Նիկոլ Փաշինյանը"),
            ("GPE", "Łódź"),
        ),
    ),
}
EXTRA_METADATA = {HEBREW_TITLE: {"source": "הד המזרח", "published": "2024-02-04"}}
SOURCES = (
    "ararat-courier.example", "north-wire.example", "caspian-post.example", "the-lisbon-letter.example",
)  # fmt: skip


def make_project(path: Path, *, trying: bool = True) -> None:
    """Make the project, without suggestions; ``trying``: with the articles that try the window."""
    with create_project(path, annotator="anna") as project:
        for _ in import_paths(project, [Path(str(resource("sample")))]):
            pass
        for number, article in enumerate(project.articles.ids()):
            project.articles.edit_metadata(
                article,
                source=SOURCES[number % len(SOURCES)],
                published=f"2024-0{number % 9 + 1}-1{number % 7}",
            )
        if not trying:
            return
        with project.act("added what tries the window"):
            for title, (text, _) in EXTRA.items():
                project.articles.add(ArticleInput(text, title, **EXTRA_METADATA.get(title, {})))
            longest = max((project.articles.text(i) for i in project.articles.ids()), key=len)
            project.articles.add(ArticleInput("\n\n".join([longest] * 30), "A very long article"))


def suggest_quickly(project: Project) -> None:
    """Suggest every capitalised word, under labels in turn, and a stance: for where no model is wanted."""
    batch = []
    for article in project.articles.ids():
        text = project.articles.text(article)
        found = [
            Suggestion("entity", ("PERSON", "GPE", "ORG")[n % 3], m.start(), m.end(), "ner", reason="a name")
            for n, m in enumerate(re.finditer(r"[A-Z][a-z]{4,}", text))
        ]
        scores = {"pro-West": 0.7, "neutral": 0.2, "pro-Russia": 0.1}
        evidence = ((0, min(len(text), 120)),)
        stance = Suggestion(
            "stance",
            "pro-West",
            None,
            None,
            "stance",
            reason="cues",
            score=0.7,
            scores=scores,
            evidence=evidence,
        )
        batch.append((article, [*found, stance], None))
    project.suggestions.replace(PipelineInfo("quick", "1"), batch)


def label_by_hand(project: Project) -> None:
    """Leave what a morning's work leaves: some articles done, one flagged, labels by hand in the others."""
    ids = project.articles.ids()
    for article, stance in zip(ids, ("pro-West", "pro-Russia", "neutral"), strict=False):
        project.annotations.accept_all(article)
        project.annotations.add(article, "stance", stance)
        project.articles.set_status(article, "done")
    project.articles.set_flagged(ids[4], True)
    project.articles.set_note(ids[4], "Irony? Ask Lilit.")
    for article in ids:
        title = project.articles.get(article).title
        text, labels = EXTRA.get(title, ("", ()))
        for label, words in labels:
            start = text.index(words)
            project.annotations.add(article, "entity", label, start, start + len(words))
    project.history.begin_here()
