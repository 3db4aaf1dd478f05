"""Learning a stance from labels: the model, the rule when to learn, the worker, the command line."""

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from annotator.model import Answer, ArticleInput, PipelineInfo, Suggestion
from annotator.nlp import protocol
from annotator.nlp.pipeline import blank_pipeline
from annotator.nlp.stance.classifier import (
    SETTINGS,
    STANCE_LABELS,
    LabelledText,
    LearntStance,
    labels_hash,
    labels_hash_in_steps,
)
from annotator.project import Project, create_project
from annotator.project.stance_labels import (
    ACCEPTED_WEIGHT,
    awaits_learning,
    given_stances,
    given_stances_in_steps,
    labels_to_learn,
    more_to_learn,
    outdated_stances,
    own_prose,
)

WORDS = {"pro-West": "cherry plum apricot", "neutral": "oak birch maple", "pro-Russia": "salmon trout carp"}
FILLER = "house road river stone bridge window garden table morning letter"


def text_of(number: int, label: str) -> str:
    chance = random.Random(number)
    words = [chance.choice(WORDS[label].split()) for _ in range(12)]
    words += [chance.choice(FILLER.split()) for _ in range(30)]
    return f"Article {number}. " + " ".join(words) + "."


def labelled(number: int, weight: float = 1.0) -> list[LabelledText]:
    labels = [STANCE_LABELS[n % 3] for n in range(number)]
    texts = [text_of(n, label) for n, label in enumerate(labels)]
    return [
        LabelledText(hashlib.sha256(text.encode()).hexdigest(), text, label, weight)
        for text, label in zip(texts, labels, strict=True)
    ]


# The model


def test_what_is_learnt_is_a_probability_of_each_label_with_its_words() -> None:
    learnt = LearntStance(labelled(30))
    for label in STANCE_LABELS:
        found = learnt(text_of(99, label))
        assert sum(found.scores.values()) == pytest.approx(1)
        assert max(found.scores, key=lambda name: found.scores[name]) == label
        assert set(" ".join(found.words).split()) & set(WORDS[label].split())
        assert found.labels == 30


def test_the_same_labels_in_any_order_give_the_same_hash_and_scores() -> None:
    some = labelled(30)
    first, second = LearntStance(some), LearntStance(some[::-1])
    assert first.hash == second.hash
    assert first(text_of(99, "neutral")) == second(text_of(99, "neutral"))
    other = [*some[:-1], LabelledText(some[-1].sha256, some[-1].text, "neutral", 1.0)]
    lighter = [*some[:-1], LabelledText(some[-1].sha256, some[-1].text, some[-1].label, 0.2)]
    assert len({LearntStance(labels).hash for labels in (some, other, lighter)}) == 3


def test_a_label_of_little_weight_teaches_little() -> None:
    wrong = [
        LabelledText(f"{n}", f"{text_of(n, 'neutral')} quince quince", "pro-West", 1.0)
        for n in range(100, 104)
    ]
    light = [LabelledText(known.sha256, known.text, known.label, 0.2) for known in wrong]
    text = "quince house road"
    heavy_score = LearntStance([*labelled(30), *wrong])(text).scores["pro-West"]
    light_score = LearntStance([*labelled(30), *light])(text).scores["pro-West"]
    assert light_score < heavy_score - 0.05


def test_two_labels_are_enough_for_the_model() -> None:
    two = [known for known in labelled(30) if known.label != "neutral"]
    found = LearntStance(two)(text_of(99, "pro-West"))
    assert found.scores["neutral"] == 0
    assert set(found.words) & set(WORDS["pro-West"].split())
    found = LearntStance(two)(text_of(98, "pro-Russia"))
    assert set(found.words) & set(WORDS["pro-Russia"].split())


# The pipeline


def test_scores_are_the_mean_of_rules_and_model_and_the_reason_says_so() -> None:
    pipeline = blank_pipeline()
    text = text_of(99, "pro-West")
    (cold,) = pipeline.suggest_one(text, "en")
    config = pipeline.info.config
    known = labelled(30)
    pipeline.learn(known)
    (warm,) = pipeline.suggest_one(text, "en")
    learnt = LearntStance(known)(text).scores
    assert cold.scores is not None
    assert warm.scores is not None
    for label in STANCE_LABELS:
        assert warm.scores[label] == pytest.approx((cold.scores[label] + learnt[label]) / 2, abs=0.01)
    assert "Learnt from 30 labels: pro-West" in warm.reason
    assert pipeline.info.config == f"{config}+{LearntStance(known).hash}"
    alone = pipeline.stance_answer(7, text, "en")
    assert (alone.article, alone.suggestions, alone.pipeline) == (7, (warm,), pipeline.info)
    pipeline.learn([])
    assert pipeline.suggest_one(text, "en") == [cold]
    assert pipeline.info.config == config


def test_labels_that_teach_nothing_leave_the_rules_alone() -> None:
    pipeline = blank_pipeline()
    config = pipeline.info.config
    pipeline.learn([LabelledText("1", "plum", "neutral", 1.0)])
    assert pipeline.info.config == config
    pipeline.learn([LabelledText("1", "plum", "neutral", 1.0), LabelledText("2", "carp", "pro-West", 1.0)])
    assert pipeline.info.config == config  # no word comes twice


def test_scikit_learn_is_imported_only_to_learn() -> None:
    code = (
        "import sys; from annotator.nlp.pipeline import blank_pipeline; p = blank_pipeline(); "
        "p.learn([]); p.suggest_one('The collective West.'); assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# When to learn


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = create_project(tmp_path / "p.annot", annotator="anna")
    with project.act("imported"):
        for number in range(60):
            text = text_of(number, STANCE_LABELS[number % 3])
            project.articles.add(ArticleInput(text, f"{number}", language="en"))
    return project


def label(project: Project, *articles: int) -> None:
    for article in articles:
        project.annotations.add(article, "stance", STANCE_LABELS[(article - 1) % 3])


def test_learning_begins_at_thirty_and_goes_on_at_every_ten(project: Project) -> None:
    with project:
        label(project, *range(1, 30))
        assert labels_to_learn(project) == ()
        label(project, 30)
        first = labels_to_learn(project)
        assert [known.article for known in first] == list(range(1, 31))
        label(project, *range(31, 40))
        assert labels_to_learn(project) == first
        label(project, 40)
        assert len(labels_to_learn(project)) == 40
        project.annotations.clear_article_label(40, "stance")
        assert labels_to_learn(project) == first


def test_the_labels_are_read_only_where_there_are_enough_new_ones(project: Project) -> None:
    with project:
        learnt = 0
        read = []
        for article in range(1, 55):
            label(project, article)
            if more_to_learn(project, learnt):
                read.append(article)
                learnt = len(labels_to_learn(project))
        assert (read, learnt) == ([30, 40, 50], 50)
        for article in range(54, 48, -1):
            project.annotations.clear_article_label(article, "stance")
            assert more_to_learn(project, learnt) == (article < 51)


def test_learning_waits_for_five_of_each(project: Project) -> None:
    with project:
        label(project, 1, 4, 7, 10)  # pro-West
        label(project, *[n for n in range(1, 46) if (n - 1) % 3])
        assert labels_to_learn(project) == ()
        label(project, 13)
        assert len(labels_to_learn(project)) == 35
        label(project, *[n for n in range(46, 58) if (n - 1) % 3], 16)
        assert len(labels_to_learn(project)) == 35
        label(project, 19)
        assert len(labels_to_learn(project)) == 45


def test_what_was_accepted_as_suggested_weighs_a_fifth(project: Project) -> None:
    with project:
        found = Suggestion("stance", "pro-West", None, None, "stance", reason="cues")
        project.suggestions.replace(PipelineInfo("x", "1"), [(n, [found], None) for n in (1, 2, 3)])
        for article in (1, 3):
            project.annotations.accept(article, project.suggestions.open(article)[0].id or 0)
        project.annotations.add(2, "stance", "neutral")  # a correction
        label(project, *range(4, 31))
        with project.history.transaction():
            project.db.execute("UPDATE annotations SET blind = 1 WHERE article = 3")
        weights = {known.article: known.weight for known in labels_to_learn(project)}
        assert weights.pop(1) == ACCEPTED_WEIGHT == 0.2
        assert set(weights.values()) == {1.0}  # also what was accepted blind


def test_the_latest_annotators_label_of_an_article_counts_once(project: Project) -> None:
    with project:
        label(project, *range(1, 31))
        project.annotator = "boris"
        project.annotations.add(1, "stance", "neutral")
        label(project, *range(31, 40))
        known = labels_to_learn(project)
        assert len(known) == 30
        assert len({one.article for one in known}) == 30


def test_boilerplate_is_not_learnt_from(project: Project) -> None:
    with project:
        text = project.articles.text(1)
        project.annotations.add(1, "zone", "boilerplate", 0, 10)
        zone = Suggestion("zone", "boilerplate", len(text) - 6, len(text), "zones", reason="x")
        project.suggestions.replace(PipelineInfo("x", "1"), [(1, [zone], None)])
        assert own_prose(project, 1) == text[10:-6]
        project.annotations.reject(1, project.suggestions.open(1)[0].id or 0)
        assert own_prose(project, 1) == text[10:]
        assert own_prose(project, 2) == project.articles.text(2)
        with pytest.raises(KeyError):
            own_prose(project, 999)


def test_stances_that_nobody_decided_on_are_outdated_after_a_refit(project: Project) -> None:
    with project:
        old, new = PipelineInfo("m", "1", "base"), PipelineInfo("m", "1", "base+hash")
        name = Suggestion("entity", "GPE", 0, 7, "ner", reason="a name")
        stance = Suggestion("stance", "neutral", None, None, "stance", reason="rules")
        passage = Suggestion("stance", "pro-West", 0, 9, "stance", reason="rules", holder="H", target="T")
        project.suggestions.replace(old, [(n, [name, passage, stance], None) for n in (1, 2, 3)])
        project.suggestions.replace(PipelineInfo("blank_ru", "1", "base"), [(4, [stance], None)])
        project.suggestions.replace(PipelineInfo("m", "1", "basement"), [(5, [stance], None)])
        label(project, 2)
        assert outdated_stances(project, "base+hash") == [1, 3, 4]
        assert awaits_learning(project, "hash")
        again = Suggestion("stance", "pro-West", None, None, "stance", reason="learnt")
        last = max(s.id or 0 for s in project.suggestions.open(1))
        answers = [Answer(1, (again,), new), Answer(6, (again,), new)]
        assert project.suggestions.store_stances(answers) == [1]
        found = project.suggestions.open(1)
        assert [(s.layer, s.reason) for s in found] == [("stance", "learnt"), ("entity", "a name")]
        assert min(s.id or 0 for s in found) > last
        assert project.suggestions.pipeline(1) == new
        assert outdated_stances(project, "base+hash") == [3, 4]
        assert outdated_stances(project, "base") == [1]


# Accepting a passage


def test_accepting_a_passage_keeps_holder_and_target_also_in_bulk(project: Project) -> None:
    with project:
        passage = Suggestion(
            "stance", "pro-West", 0, 9, "stance", reason="cue", holder="NATO", target="Russia"
        )
        project.suggestions.replace(PipelineInfo("x", "1"), [(n, [passage], None) for n in (1, 2)])
        project.annotations.accept(1, project.suggestions.open(1)[0].id or 0)
        project.annotations.accept_all(2)
        for article in (1, 2):
            (made,) = project.annotations.of(article)
            assert (made.label, made.holder, made.target, made.origin) == (
                "pro-West",
                "NATO",
                "Russia",
                "accepted",
            )


# The worker


def test_the_worker_learns_and_judges_stances_alone() -> None:
    known = labelled(30)
    rows = [(one.sha256, one.label, one.weight) for one in known]
    text = text_of(99, "pro-Russia")
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "annotator.nlp.worker", "--model", "nonsense"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        out, _ = process.communicate(
            b"".join(
                protocol.encode(message)
                for message in (
                    protocol.texts({one.sha256: one.text for one in known}),
                    protocol.learn(rows),
                    protocol.suggest(1, 7, text, "en", only="stance"),
                    protocol.learn(rows[:-1]),
                    protocol.learn([("unknown", "neutral", 1.0)]),
                    {"type": "learn"},
                    {"type": "texts", "texts": {"odd": 1}},
                    protocol.learn([]),
                    protocol.suggest(2, 7, text, "en"),
                )
            ),
            timeout=120,
        )
    ready, first, judged, second, unknown, *odd, forgotten, rules = map(protocol.decode, out.splitlines())
    assert [first["type"], second["type"], forgotten["type"]] == ["learnt"] * 3
    hashes = [protocol.pipeline_info(message).config.partition("+")[2] for message in (first, second)]
    assert hashes == [
        labels_hash([(k.sha256, k.label, k.weight) for k in some]) for some in (known, known[:-1])
    ]
    assert protocol.pipeline_info(forgotten) == protocol.pipeline_info(ready)
    assert [(m["type"], m["fatal"]) for m in (unknown, *odd)] == [("error", False)] * 3
    (stance,) = judged["suggestions"]
    assert "Learnt from 30 labels: pro-Russia" in stance["reason"]
    assert "Learnt" not in rules["suggestions"][-1]["reason"]


# The command line


def test_suggest_learns_and_judges_again_what_was_judged_before(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from annotator.cli.commands import run

    path = str(project.path)
    project.close()
    assert run(["suggest", path, "--no-backup"]) == 0
    assert "learnt" not in capsys.readouterr().out
    from annotator.project import open_project

    with open_project(path, annotator="anna") as again:
        label(again, *range(1, 31))
        entities = [s for s in again.suggestions.open(31) if s.layer == "entity"]
    assert run(["suggest", path, "--no-backup"]) == 0
    assert "learnt from 30 labels; it was judged anew for 30 more." in capsys.readouterr().out
    with open_project(path, read_only=True) as after:
        stance = after.suggestions.whole_article(31, "stance")
        assert stance is not None
        assert "Learnt from 30 labels" in stance.reason
        kept = [s for s in after.suggestions.open(31) if s.layer == "entity"]
        assert [(s.label, s.start, s.end) for s in kept] == [(s.label, s.start, s.end) for s in entities]
        decided = after.suggestions.whole_article(1, "stance")
        assert decided is not None
        assert "Learnt" not in decided.reason
    assert run(["suggest", path, "--no-backup"]) == 0
    assert "have suggestions already" in capsys.readouterr().out


def test_stances_are_read_in_short_steps_in_the_order_they_were_given(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project.act("imported"):
        for number in range(7):
            project.articles.add(ArticleInput(f"Text {number}.", f"{number}"))
    order = [5, 1, 7, 2, 4]
    for article in order:
        project.annotations.add(article, "stance", "neutral")
        project.db.execute(
            "UPDATE annotations SET created_at = ? WHERE article = ?",
            [f"2024-01-{order.index(article) + 1:02}", article],
        )
    whole = given_stances(project)
    assert [known.article for known in whole] == order
    monkeypatch.setattr("annotator.project.stance_labels.ARTICLES", 2)
    assert given_stances(project) == whole
    last = project.articles.count()
    assert [step.done for step in given_stances_in_steps(project)] == [*range(2, last, 2), last]


@pytest.mark.parametrize("number", [0, 1, 999, 1000, 1001, 2500])
def test_the_hash_of_labels_is_that_of_their_json_in_any_order(number: int) -> None:
    labels = [(f"{n * 7919 % 10_007:05}", STANCE_LABELS[n % 3], 0.2 if n % 5 else 1.0) for n in range(number)]
    whole = json.dumps([SETTINGS, sorted(map(list, labels))])
    assert labels_hash(reversed(labels)) == hashlib.sha256(whole.encode()).hexdigest()[:12]
    assert len(list(labels_hash_in_steps(labels))) == 1 + -(-number // 1000)


def test_reading_a_text_to_learn_from_does_not_look_at_the_other_articles(tmp_path: Path) -> None:
    instructions: list[int] = []
    for articles in (2, 200):
        with create_project(tmp_path / f"{articles}.annot", annotator="anna") as project:
            for n in range(articles):
                project.articles.add(ArticleInput(f"{n}. Some text, and some more.", f"{n}"))
            found = [Suggestion("entity", "GPE", n, n + 2, "gazetteer") for n in range(20)]
            project.suggestions.replace(
                PipelineInfo("x", "1"), [(n, found, None) for n in range(1, articles + 1)]
            )
            count = [0]

            def one(count: list[int] = count) -> int:
                count[0] += 1
                return 0

            project.db.conn.set_progress_handler(one, 1)
            own_prose(project, 1)
            project.db.conn.set_progress_handler(None, 1)
            instructions.append(count[0])
    assert instructions[1] < instructions[0] * 1.2
