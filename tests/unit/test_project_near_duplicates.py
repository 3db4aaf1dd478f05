"""Near-duplicates: found after an import, whatever headline and menus stand around, and stances offered."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.cli import main
from annotator.model import ArticleFilter, ArticleInput, Condition, PipelineInfo, Suggestion
from annotator.project import Project, create_project, near_duplicates, open_project
from annotator.shingles import ALIKE, BANDS, bands, share, shingles

from .conftest import finish

TINY = PipelineInfo("tiny", "1.0")
WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "nrst"]


def story(seed: int, words: int = 240) -> list[str]:
    chosen = random.Random(seed)
    return [" ".join(chosen.choices(WORDS, k=20)) + "." for _ in range(words // 20)]


WIRE = story(1)
COPY = ["Another headline", "Menu", "Accept all", *WIRE[:-1], WIRE[-1].replace("a", "u"), "Read more"]
OTHER = story(2)
SHINGLES = [1354651064, 1918900822]
FIRST_BANDS = [1936902206203742242, 8275795296936312755]


def put(project: Project, *texts: list[str]) -> None:
    with project.act("imported"):
        for number, lines in enumerate(texts, project.articles.count() + 1):
            text = "\n".join(lines)
            project.articles.add(ArticleInput(text, f"Title {number}", source=f"{number}.example"))


def suggest(project: Project, *articles: int, label: str = "neutral") -> None:
    stance = Suggestion("stance", label, None, None, "stance", "2 cues", scores={label: 1.0}, score=1.0)
    project.suggestions.replace(TINY, [(article, [stance], None) for article in articles])


@pytest.fixture
def wires(project: Project) -> Project:
    """1 is a wire story, 2 another one, 3 and 4 are copies of the first; all have a neutral suggestion."""
    put(project, WIRE, OTHER, COPY, ["Third headline", *WIRE])
    finish(project.near_duplicates.compare())
    suggest(project, 1, 2, 3, 4)
    return project


def stances(project: Project, article: int) -> list[tuple[str | None, str]]:
    return [
        (s.label, s.component)
        for s in project.suggestions.open(article)
        if s.layer == "stance" and s.start is None
    ]


def decide(project: Project, article: int, label: str) -> None:
    follow(project, project.annotations.add(article, "stance", label, None, None).act)


def follow(project: Project, act: int | None) -> list[int]:
    """What the window does after an act."""
    assert act is not None
    near = project.near_duplicates
    return near.refresh(near.beside(act))[0]


# Shingles


def test_headlines_menus_capitals_and_punctuation_do_not_count() -> None:
    one = shingles("\n".join(WIRE))
    other = shingles("A headline of some words\n\nMenu\n" + "\n".join(WIRE).upper().replace(".", " !"))
    assert share(one, other) == 100
    assert share(one, shingles("\n".join(OTHER))) == 0
    assert bands(one) == bands(other)
    assert set(bands(one)).isdisjoint(bands(shingles("\n".join(OTHER))))


def test_the_numbers_are_the_same_on_every_machine() -> None:
    found = shingles("One two three four five six seven. Ապա Երևան, шесть 🚀 слов.")
    assert list(found[:2]) == SHINGLES
    assert bands(found)[:2] == FIRST_BANDS


@pytest.mark.parametrize("text", ["", "one two three four", "🚀 🚀 🚀", "\n\n"])
def test_what_has_no_five_words_is_like_nothing(text: str) -> None:
    assert len(shingles(text)) == 0
    assert bands(shingles(text)) == []
    assert share(shingles(text), shingles(text)) == 0


@pytest.mark.parametrize("words", [12, 30, 60, 900])
def test_hardly_any_text_that_is_alike_is_missed(words: int) -> None:
    """Of those that are 80 to 90 % the same, the hardest; short ones leave bins empty."""
    chosen, alike, missed = random.Random(words), 0, 0
    while alike < 200:
        one = chosen.choices(WORDS, k=words)
        other = one + chosen.choices(WORDS, k=max(1, words // chosen.randrange(6, 9)))
        first, second = shingles(" ".join(one)), shingles(" ".join(other))
        if share(first, second) >= ALIKE:
            alike += 1
            missed += set(bands(first)).isdisjoint(bands(second))
    assert missed <= 1


def test_comparing_needs_no_numpy() -> None:
    """A first step with numpy (its import, its tables) stopped the window for a tenth of a second."""
    code = (
        "import sys, annotator.shingles as s; "
        "s.bands(s.shingles('one two three four five')); sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.integers(0, 10_000), st.integers(0, 30))
def test_texts_that_are_alike_have_a_band_in_common(seed: int, changed: int) -> None:
    words = " ".join(story(seed, 400)).split()
    chosen = random.Random(seed)
    other = list(words)
    for _ in range(changed):
        other[chosen.randrange(len(other))] = "changed"
    one, two = shingles(" ".join(words)), shingles(" ".join(other))
    if share(one, two) >= ALIKE:
        assert set(bands(one)) & set(bands(two))
    assert share(one, two) == share(two, one)
    assert len(bands(one)) == BANDS


def test_the_share_is_that_of_the_shingles_in_common() -> None:
    one = shingles("a b c d e f g h")  # 4 shingles
    other = shingles("a b c d e f g h i j k l")  # 8, the 4 among them
    assert share(one, other) == 50


# Groups


def test_copies_are_found_with_how_much_is_the_same(wires: Project) -> None:
    near = wires.near_duplicates
    assert near.group(1) == near.group(3) == near.group(4) == [1, 3, 4]
    assert near.group(2) == [2]
    assert [(each.article, each.share) for each in near.of(1)] == [(4, 100), (3, near.of(3)[0].share)]
    assert ALIKE <= near.of(3)[0].share < 100
    assert (near.of(4)[0].title, near.of(4)[0].source) == ("Title 1", "1.example")
    assert near.of(2) == []
    rows = wires.articles.rows([1, 2, 3])
    assert [(row.alike, row.same_text) for row in rows] == [(2, 0), (0, 0), (2, 0)]


def test_each_article_is_compared_once_and_later_ones_join(wires: Project) -> None:
    near = wires.near_duplicates
    assert near.pending() == 0
    assert finish(near.compare()).found == ()
    put(wires, ["Fourth headline", *WIRE], story(5))
    assert near.pending() == 2
    assert finish(near.compare()).found == (5,)
    assert near.group(1) == [1, 3, 4, 5]


def test_what_is_to_be_compared_is_looked_for_in_steps(
    wires: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "_LOOKED_AT", 2)
    put(wires, ["Fourth headline", *WIRE])
    steps = list(wires.near_duplicates.compare())
    assert [(step.done, step.total) for step in steps[:4]] == [(0, 0), (0, 0), (0, 0), (1, 1)]
    assert wires.near_duplicates.group(1) == [1, 3, 4, 5]


def test_a_thousand_copies_make_a_row_each(project: Project) -> None:
    put(project, *([f"Headline {n}", *WIRE] for n in range(1000)))
    assert len(finish(project.near_duplicates.compare(0.5)).found) == 999
    count = project.db.execute("SELECT count(*), count(DISTINCT leader) FROM near_duplicates").fetchone()
    assert count == (1000, 1)
    assert project.db.execute("SELECT count(*) FROM near_duplicate_bands").fetchone() == (BANDS,)


def test_undoing_an_import_forgets_its_articles_and_redo_finds_them_again(wires: Project) -> None:
    put(wires, ["Fourth headline", *WIRE])
    finish(wires.near_duplicates.compare())
    wires.history.undo()
    assert wires.near_duplicates.group(1) == [1, 3, 4]
    assert wires.near_duplicates.pending() == 0
    wires.history.redo()
    assert finish(wires.near_duplicates.compare()).found == (5,)


def test_when_a_leader_goes_its_followers_are_compared_anew(project: Project) -> None:
    put(project, WIRE)
    first = project.history.undo
    finish(project.near_duplicates.compare())
    put(project, COPY)
    finish(project.near_duplicates.compare())
    assert project.near_duplicates.group(2) == [1, 2]
    first()
    first()
    assert project.db.execute("SELECT count(*) FROM near_duplicates").fetchone() == (0,)
    assert project.db.execute("SELECT count(*) FROM near_duplicate_bands").fetchone() == (0,)


def test_the_same_articles_give_the_same_groups(tmp_path: Path) -> None:
    found = []
    for name in "ab":
        with create_project(tmp_path / f"{name}.annot", annotator="anna") as project:
            put(project, WIRE, OTHER, COPY, [*OTHER, "The end."], story(4))
            finish(project.near_duplicates.compare(0.0001 if name == "a" else 1))
            found.append(project.db.execute("SELECT * FROM near_duplicates").fetchall())
    assert found[0] == found[1]
    assert [row[1] for row in found[0]] == [1, 2, 1, 2, 5]


def test_the_filter_lists_them(wires: Project) -> None:
    for value, ids in (("yes", [1, 3, 4]), ("no", [2])):
        assert wires.articles.ids(ArticleFilter(conditions=(Condition("alike", value),))) == ids


# Offers


def test_a_stance_is_offered_to_the_others_with_the_reason(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    assert stances(wires, 3) == stances(wires, 4) == [("pro-West", "near-duplicate")]
    assert stances(wires, 2) == [("neutral", "stance")]
    shared = wires.near_duplicates.of(3)[0].share
    (offer,) = wires.suggestions.open(3)
    assert offer.reason == (
        f"anna labelled a text that is {shared} % the same pro-West: “Title 1” (1.example)"
    )
    (offer,) = wires.suggestions.open(4)
    assert offer.reason == "anna labelled the same text pro-West: “Title 1” (1.example)"
    wires.annotations.accept(4, offer.id)
    (accepted,) = wires.annotations.of(4)
    assert (accepted.origin, accepted.component) == ("accepted", "near-duplicate")


def test_undo_withdraws_the_offer_and_redo_makes_it_again(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    change = wires.history.undo()
    assert change is not None
    assert follow(wires, change.act) == [3, 4]
    assert stances(wires, 3) == [("neutral", "stance")]
    change = wires.history.redo()
    assert change is not None
    follow(wires, change.act)
    assert stances(wires, 3) == [("pro-West", "near-duplicate")]


def test_a_rerun_keeps_the_offer_and_its_own_comes_back_later(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    suggest(wires, 3, label="pro-Russia")
    assert stances(wires, 3) == [("pro-West", "near-duplicate")]
    stance = Suggestion("stance", "neutral", None, None, "stance", "learnt", scores={"neutral": 1.0})
    from annotator.model import Answer

    wires.suggestions.store_stances([Answer(3, (stance,), TINY)])
    assert stances(wires, 3) == [("pro-West", "near-duplicate")]
    wires.memory.refresh([3])
    assert stances(wires, 3) == [("pro-West", "near-duplicate")]
    change = wires.history.undo()
    assert change is not None
    follow(wires, change.act)
    assert [(s.label, s.reason) for s in wires.suggestions.open(3)] == [("neutral", "learnt")]


def test_another_decision_changes_the_offer(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    decide(wires, 1, "pro-Russia")
    assert stances(wires, 3) == [("pro-Russia", "near-duplicate")]
    follow(wires, wires.annotations.clear_article_label(1, "stance").act)
    assert stances(wires, 3) == [("neutral", "stance")]


def test_where_the_decisions_disagree_nothing_is_offered(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    decide(wires, 4, "pro-Russia")
    assert stances(wires, 3) == [("neutral", "stance")]


def test_what_is_decided_stays_as_it_was(wires: Project) -> None:
    decide(wires, 3, "neutral")
    before = wires.suggestions.stored(3)
    decide(wires, 1, "pro-West")
    assert wires.suggestions.stored(3) == before


def test_a_decision_before_the_copy_comes_is_offered_when_it_has_come(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    put(wires, ["Fourth headline", *WIRE])
    finish(wires.near_duplicates.compare())
    assert stances(wires, 5) == []  # the pipeline comes first
    suggest(wires, 5)
    assert stances(wires, 5) == [("pro-West", "near-duplicate")]


def test_equal_texts_do_not_hand_the_offer_on(wires: Project) -> None:
    decide(wires, 1, "pro-West")
    put(wires, COPY)  # exactly article 3's text, not compared yet
    assert wires.suggestions.copy_equal(5, TINY.config)
    assert stances(wires, 5) == [("neutral", "stance")]
    finish(wires.near_duplicates.compare())
    assert stances(wires, 5) == [("pro-West", "near-duplicate")]


def test_labels_on_spans_and_other_layers_are_not_offered(wires: Project) -> None:
    follow(wires, wires.annotations.add(1, "stance", "pro-West", 0, 10).act)
    assert stances(wires, 3) == [("neutral", "stance")]


def migrate_anew(project: Project, first: str) -> None:
    """Let the next opening do the migrations from ``first`` on."""
    project.db.execute("DROP TABLE withdrawn")
    project.db.execute("DROP TABLE suggested_labels")
    project.db.execute("DROP INDEX acts_article")
    project.db.execute("DELETE FROM _sqlite_migrations WHERE name >= ?", [first])


def test_an_older_project_gets_its_tables(wires: Project) -> None:
    path = wires.path
    for table in ("near_duplicates", "near_duplicate_bands"):
        wires.db.execute(f"DROP TABLE {table}")
    migrate_anew(wires, "0007_near_duplicates")
    wires.close()
    with open_project(path, annotator="anna") as project:
        assert project.near_duplicates.pending() == 4
        assert finish(project.near_duplicates.compare()).found == (3, 4)


def test_bands_of_before_are_made_anew(wires: Project) -> None:
    path = wires.path
    wires.db.execute("UPDATE near_duplicate_bands SET band = -band")
    migrate_anew(wires, "0008_bands_of_one_function")
    wires.close()
    with open_project(path, annotator="anna") as project:
        assert project.near_duplicates.pending() == 4
        assert finish(project.near_duplicates.compare()).found == (3, 4)
        put(project, ["Fourth headline", *WIRE])
        assert finish(project.near_duplicates.compare()).found == (5,)


def test_the_command_line_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, lines in (("a", WIRE), ("b", COPY), ("c", OTHER)):
        (tmp_path / f"{name}.txt").write_text("\n".join(lines), "utf-8")
    create_project(tmp_path / "p.annot", annotator="anna").close()
    assert main(["import", str(tmp_path / "p.annot"), *map(str, sorted(tmp_path.glob("*.txt")))]) == 0
    assert "1 near-duplicate found" in capsys.readouterr().out


def test_one_decision_among_a_thousand_copies_is_offered_quickly(project: Project) -> None:
    put(project, *([f"Headline {n}", *WIRE] for n in range(1000)))
    suggest(project, *range(1, 1001))
    finish(project.near_duplicates.compare(0.5))
    began = time.perf_counter()
    decide(project, 500, "pro-West")
    assert time.perf_counter() - began < 20  # the square of a thousand would take minutes
    assert stances(project, 1) == stances(project, 1000) == [("pro-West", "near-duplicate")]
    counted = project.db.execute("SELECT count(*) FROM suggestions WHERE component = 'near-duplicate'")
    assert counted.fetchone() == (999,)
