"""Zones of a text: what is boilerplate, caption or headline, and what only looks like it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.model import PipelineError, ZoneDecisions
from annotator.nlp.zone_rules import read_rules
from annotator.nlp.zones import BOILERPLATE, Zone, boilerplate, find_zones, settle, zone_suggestions
from annotator.resources import resource

PROSE = "The minister told reporters in Gyumri that the talks with Brussels would go on in the autumn."
MORE = "Officials in Tbilisi said that they had not been asked, and that the border would stay open."


def found(text: str) -> list[tuple[str, str]]:
    return [(zone.label, text[zone.start : zone.end]) for zone in find_zones(text)]


def marked(text: str) -> list[str]:
    return [quote for label, quote in found(text) if label == BOILERPLATE]


def page(line: str) -> str:
    """An article with ``line`` in its middle."""
    return f"Lake towns wait for the ferry\n\n{PROSE}\n\n{line}\n\n{MORE}\n"


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to The Lake Letter: the week in one mail",
        "SIGN UP FOR OUR FREE NEWSLETTER",
        "By signing up, you agree to our terms and to the privacy policy.",
        "Follow us on Telegram and X",
        "Follow Lake Courier on Facebook",
        "Share this article",
        "You can share this story on social media:",
        "Click here to get the app",
        "Support independent journalism: give five euros a month",
        "READ MORE: Five lakes that you have never seen",
        "Read also – Who owns the ferry?",
        "RELATED: The last lighthouse keeper",
        "Advertisement",
        "Story continues below advertisement",
        "Reading time: 4 minutes",
        "4 min read",
        "12 comments",
        "Comments (12)",
        "Leave a comment",
        "Tags: lakes, ferries, Gyumri",
        "© 2024 Lake Courier. All rights reserved.",
        "Copyright 2024 Lake Courier",
        "The views expressed here are the author's own and do not necessarily reflect those of the Courier.",
        "To view this video please enable JavaScript",
        "author-image",
        "hero_photo_2.jpg",
        "https://lake-courier.example/ferry",
        "More on the ferry at https://lake-courier.example/ferry",
        "Home | News | Opinion | Log in",
        "News > World > Caucasus",
        "Skip to content",
        "A+",
        "news@lake-courier.example",
        "+374 11 000000",
        "Notify me of follow-up comments by email.",
        "This article is more than 2 years old",
        "← Previous post",
        "Accept all cookies",
        "Like Loading...",
        "Published by Lakepress, original at",
        "Address: 22 Pier Street, Vanadzor, 2001",
        "Tel.: +374 11 000000",
        "Читайте также: Кому принадлежит паром",
        "Подписывайтесь на наш канал в Telegram",
        "Нашли ошибку? Выделите её и нажмите Ctrl+Enter",
        "Время чтения: 3 мин",
        "Мнение автора может не совпадать с позицией редакции.",
        "Читайте також: Хто володіє поромом",
        "Підписуйтесь на нас у Telegram",
        "Կարդացեք նաև՝ Ում է պատկանում լաստանավը",
        "Բաժանորդագրվեք մեր ալիքին",
    ],
)  # fmt: skip
def test_a_line_of_the_page_is_boilerplate(line: str) -> None:
    assert marked(page(line)) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Read more than one newspaper, the teacher told her class in Vanadzor.",
        "Share prices in Moscow fell by two percent on Monday.",
        "Subscribers to the theory that the ferry is cursed were proved wrong.",
        "Follow the money, and you will find the owner of the ferry.",
        "Support for the alliance is at its lowest since the poll began.",
        "Sign language is taught in two schools of the town.",
        "Related costs came to four million dollars, the committee found.",
        "Photo by photo, the archive shows how the town of Artik changed.",
        "Cookies were served, and the deputies agreed to accept the minister's apology.",
        "The Commission wants cookie banners to let everybody refuse, and websites to ask only once.",
        '"We use cookies," said the firm\'s lawyer, "and by continuing to browse you agree to it."',
        "The strike was confirmed by two officials, one in Kyiv/Kiev and one in Warsaw.",
        "Read in full, the letter is a plea for peace in the two valleys.",
        "Notify the ministry of every gun, the decree says, or go to prison.",
        "Write to the mayor at mayor@vanadzor.example, he said, and he will answer.",
        "KYIV/MOSCOW, March 5 - The ferry was late.",
        "The contract (Reuters has seen it) names no price.",
        "Comment was not to be had from the ministry on Friday evening.",
        "Home affairs, defence and trade were on the agenda.",
        "He was asked about privacy policy in the European Union and gave no answer.",
        "All rights of minorities must be reserved for them, the speaker said.",
        "What can the towns do now?",
        "Читателей также ждёт рассказ о пароме, сообщил министр.",
        "Поделиться опытом приехали пять учителей, и все остались.",
    ],
)  # fmt: skip
def test_prose_that_sounds_like_it_is_left_alone(line: str) -> None:
    text = page(line)
    assert found(text) == [("headline", "Lake towns wait for the ferry")]


def test_a_cookie_notice_is_one_zone_from_its_heading_to_its_buttons() -> None:
    notice = (
        "Your privacy\n\nWe and our 90 partners store cookies on your device.\n"
        "You can change your mind at any time.\n\nAccept all   Reject all   Settings"
    )
    text = f"{notice}\n\nLake towns wait\n\n{PROSE}"
    (first, second) = find_zones(text)
    assert (text[first.start : first.end], first.label) == (notice, BOILERPLATE)
    assert first.reason.startswith("a cookie notice")
    assert (text[second.start : second.end], second.label) == ("Lake towns wait", "headline")


def test_buttons_alone_are_not_boilerplate() -> None:
    assert marked(page("I agree")) == []
    assert marked(page("Weekly\nSubscribe to the Lake Letter")) == ["Weekly\nSubscribe to the Lake Letter"]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_of_links_ends_where_the_text_goes_on(gap: str) -> None:
    links = gap.join(
        ["READ MORE", "Five lakes to see before winter", "Who owns the ferry?", "The U.S. and its lakes"]
    )
    text = f"Lake towns wait for the ferry\n\n{PROSE}\n\n{links}\n\n{MORE}"
    (_, zone) = find_zones(text)
    assert text[zone.start : zone.end] == links
    assert zone.reason == "a list of links under “READ MORE”"


def test_a_subheading_after_a_list_of_links_belongs_to_the_text() -> None:
    text = page(
        "Most read\n\nFive lakes to see before winter\n\nWho owns the old ferry now\n\n"
        f"A long wait\n\n{PROSE}"
    )
    assert marked(text)[0].endswith("Who owns the old ferry now")


def test_a_list_of_links_without_links_is_its_heading() -> None:
    assert marked(page("READ MORE ON THE COURIER")) == ["READ MORE ON THE COURIER"]


def test_above_the_article_such_a_heading_takes_no_headline_away() -> None:
    text = f"Breaking news\n\nLake towns wait for the ferry\n\n{PROSE}"
    assert found(text) == [(BOILERPLATE, "Breaking news"), ("headline", "Lake towns wait for the ferry")]


def test_menu_words_under_each_other_are_navigation() -> None:
    assert marked(page("Home\nNews\nSport\nLog in")) == ["Home\nNews\nSport\nLog in"]
    assert marked(page("Culture\n\nNobody came.")) == []


@pytest.mark.parametrize(
    "again",
    [
        "Lake towns wait for the old ferry",
        "LAKE TOWNS WAIT FOR THE OLD FERRY",
        "Lake towns wait for the old ferry | Lake Courier",
        "“Lake towns wait for the old ferry”",
    ],
)
def test_a_repeated_headline_is_boilerplate(again: str) -> None:
    text = f"Lake towns wait for the old ferry\n\n{again}\n\n{PROSE}\n\n{again}"
    zones = find_zones(text)
    assert [(z.label, z.start) for z in zones] == [
        ("headline", 0),
        (BOILERPLATE, text.index("\n\n") + 2),
        (BOILERPLATE, len(text) - len(again)),
    ]
    assert {z.reason for z in zones[1:]} == {"repeats the headline"}


def test_a_repeated_caption_is_boilerplate_and_the_first_a_caption() -> None:
    caption = "Fishermen wait at the pier. /Anna Sarg/Reuters"
    text = f"Lake towns wait\n{caption}\n{caption}\n\n{caption}\n\n{PROSE}"
    assert found(text)[1:] == [("caption", caption), (BOILERPLATE, f"{caption}\n\n{caption}")]
    assert find_zones(text)[2].reason == "repeats the caption above"


def test_a_caption_that_has_its_credit_only_later_is_a_caption() -> None:
    first, later = "Fishermen wait at the pier", "Fishermen wait at the pier. Anna Sarg/Reuters"
    assert found(page(f"{first}\n{later}\n\n{later}"))[1:] == [
        ("caption", first),
        (BOILERPLATE, f"{later}\n\n{later}"),
    ]


def test_a_repeated_paragraph_is_boilerplate_and_a_short_line_is_not() -> None:
    assert marked(f"Lake towns wait\n{PROSE}\n{MORE}\n{PROSE}") == [PROSE]
    assert marked(f"Lake towns wait\n{PROSE}\nThank you.\n{MORE}\nThank you.\nThank you.") == []


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Anna Sarg",
        "Fishermen at the pier, October 2024. / Photo: Anna Sarg, Lake Courier",
        "Fishermen at the pier. Photo by Anna Sarg",
        "Fishermen at the pier (Anna Sarg/AFP)",
        "Fishermen at the pier [File: Anna Sarg/AP Photo]",
        "Fishermen at the pier. REUTERS/Anna Sarg",
        "Fishermen at the pier on Sunday. REUTERS/Anna Sarg/File Photo Purchase Licensing Rights",
        "A view of the pier via Getty Images",
        "© Sputnik / Anna Sarg",
        "Image source, Getty Images",
        "Image caption, Fishermen at the pier",
        "Фото: Анна Сарг / ТАСС",
        "Лодки у причала. Фото: Анна Сарг",
        "Լուսանկարը՝ Աննա Սարգի",
    ],
)
def test_captions_and_photo_credits(line: str) -> None:
    assert found(page(line))[1:] == [("caption", line)]


def test_a_headline_is_a_short_first_line_with_a_text_below() -> None:
    assert found(f"{PROSE}\n{MORE}") == []
    assert found("Kyiv") == []
    assert found("Lake towns wait for the ferry") == []
    assert found(f"By Anna Sarg\n12 May 2024\n\nLake towns wait\n\n{PROSE}") == [
        ("headline", "Lake towns wait")
    ]
    assert found(f"Watch: how the ferry sank\n\n{PROSE}") == [("headline", "Watch: how the ferry sank")]


def test_zones_are_whole_trimmed_lines_in_code_points() -> None:
    text = f"\u00a0 🚀 Lake towns wait \n\n🚀 {PROSE}\n\n\u2003Follow us on X\u00a0 \n \n  Leave a comment \n"
    headline, zone = find_zones(text)
    assert text[headline.start : headline.end] == "🚀 Lake towns wait"
    assert text[zone.start : zone.end] == "Follow us on X\u00a0 \n \n  Leave a comment"
    assert zone.reason == "a line that asks to follow, share or give"


_PARTS = st.sampled_from(
    ["READ MORE", "I agree", "We use cookies on your device.", PROSE, "Photo: A B", "a/b/Reuters", "©",
     "(AFP)", "x | y",
     "", " ", "\u00a0", "🚀", "Home", "News", "https://a.example", "/", "[", "12 comments", "1/2", "ſßİ"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(_PARTS | st.text(max_size=12), max_size=30).map("\n".join))
def test_zones_fit_any_text_and_never_overlap(text: str) -> None:
    end = 0
    for zone in find_zones(text):
        assert end <= zone.start < zone.end <= len(text)
        assert text[zone.start : zone.end] == text[zone.start : zone.end].strip()
        assert zone.reason
        end = zone.end


@pytest.mark.parametrize(
    "hard",
    ["/" * 200_000, "a " * 200_000, "© " * 2000, "( [" * 100, "READ MORE\n" * 20_000, "x" * 440 + "\n"],
)
def test_no_text_takes_long(hard: str) -> None:
    began = time.perf_counter()
    find_zones(hard * (1 if len(hard) > 1000 else 200))
    assert time.perf_counter() - began < 5


def test_a_text_of_many_megabytes() -> None:
    line = PROSE + " {}\n"
    text = "".join(line.format(n) for n in range(100_000)) + "Follow us on X"
    assert marked(text) == ["Follow us on X"]


# What a person decided


ZONE = Zone(10, 20, BOILERPLATE, "a page's label")
LATER = Zone(30, 40, "caption", "a picture's caption or credit")


def kept(*zones: tuple[int, int, str]) -> ZoneDecisions:
    return ZoneDecisions(kept=zones)


def test_a_rejected_zone_does_not_count_and_stays_a_suggestion() -> None:
    decided = ZoneDecisions(rejected=((10, 20, BOILERPLATE),))
    assert settle([ZONE, LATER], decided) == (LATER,)
    assert [(s.start, s.label) for s in zone_suggestions([ZONE, LATER], decided)] == [
        (10, BOILERPLATE),
        (30, "caption"),
    ]
    other = ZoneDecisions(rejected=((10, 20, "caption"),))
    assert settle([ZONE], other) == (ZONE,)


def test_a_zone_that_a_person_keeps_counts_and_puts_aside_what_it_overlaps() -> None:
    decided = kept((15, 35, BOILERPLATE))
    assert [(z.start, z.end, z.label) for z in settle([ZONE, LATER], decided)] == [(15, 35, BOILERPLATE)]
    assert zone_suggestions([ZONE, LATER], decided) == []


def test_an_accepted_zone_counts_once_and_stays_a_suggestion() -> None:
    decided = kept((10, 20, BOILERPLATE))
    assert [(z.start, z.end) for z in settle([ZONE], decided)] == [(10, 20)]
    assert len(zone_suggestions([ZONE], decided)) == 1


def test_a_quote_puts_nothing_aside() -> None:
    decided = kept((12, 14, "quote"))
    assert [(z.start, z.label) for z in settle([ZONE], decided)] == [(10, BOILERPLATE), (12, "quote")]


def test_a_suggested_zone_says_why() -> None:
    (suggestion,) = zone_suggestions([ZONE], ZoneDecisions())
    assert (suggestion.layer, suggestion.component, suggestion.reason) == ("zone", "zones", "a page's label")
    assert suggestion.score is None


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=8),
    st.integers(0, 60),
    st.integers(1, 9),
)
def test_boilerplate_is_looked_up_exactly(spans: list[tuple[int, int]], start: int, length: int) -> None:
    zones = [Zone(a, a + n, BOILERPLATE, "") for a, n in spans]
    covered = {place for a, n in spans for place in range(a, a + n)}
    assert boilerplate(zones).touch(start, start + length) == bool(
        covered & set(range(start, start + length))
    )
    assert not boilerplate([LATER]).touch(30, 31)


# The rule files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[line]\n", "cannot be read"),
        ('[[line]]\nwhole = ["x"]\n', "reason"),
        ('[[line]]\nreason = "r"\nwhole = "x"\n', "list of phrases"),
        ("[credit]\nagencies = [1]\n", "agencies"),
    ],
)
def test_a_rule_file_that_is_wrong_is_named(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "xx.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(PipelineError, match=r"xx\.toml") as caught:
        read_rules([file])
    assert words in str(caught.value)


def test_phrases_stand_for_what_the_readme_says(tmp_path: Path) -> None:
    file = tmp_path / "xx.toml"
    file.write_text(
        '[[line]]\nreason = "r"\nlongest = 30\nwhole = ["pages #"]\nbegins = ["ask * now"]\n'
        'unless = ["ask me now"]\n',
        encoding="utf-8",
    )
    rules = read_rules([file])
    assert rules.whole.fits("pages 1,200")
    assert not rules.whole.fits("pages 12 and 13")
    (rule,) = rules.begins.find("ask the lake’s people now or never")
    assert rule.holds_for("ask them now", 30, 0)
    assert not rule.holds_for("ask them now", 31, 0)
    assert not rule.holds_for("ask me now", 10, 0)
    assert not rules.begins.fits("ask them nowhere")
    assert rules.sha256 != read_rules([]).sha256


def test_every_rule_file_is_read() -> None:
    names = {file.name for file in resource("zones").iterdir()}
    assert names == {"README.md", "en.toml", "ru.toml", "uk.toml", "hy.toml"}


# The gold, where it is


GOLD = Path(os.environ.get("ANNOTATOR_GOLD", Path(__file__).resolve().parents[3] / "shared" / "gold"))


@pytest.mark.skipif(
    not (GOLD / "entities_dev.jsonl").exists(), reason="the gold is not part of the repository"
)
def test_the_golds_boilerplate_is_found() -> None:
    here = there = hit = wrong = 0
    for row in map(json.loads, (GOLD / "entities_dev.jsonl").read_text(encoding="utf-8").splitlines()):
        text = row["text"]
        gold = {p for start, end in row["boilerplate"] for p in range(start, end)}
        mine = {p for z in find_zones(text) if z.label == BOILERPLATE for p in range(z.start, z.end)}
        here, there = here + len(gold), there + len(text) - len(gold)
        hit, wrong = hit + len(gold & mine), wrong + len(mine - gold)
    assert hit / here >= 0.9
    assert wrong / there < 0.01
