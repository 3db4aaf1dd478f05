"""Label Studio's JSON and JSON_MIN, and its labelling configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from annotator.formats import export, import_paths, registry
from annotator.formats.item import Item
from annotator.formats.label_studio import FORMAT, columns
from annotator.model import InputFileError
from annotator.project import Project, create_project

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "label-studio"
TEXT = "A rocket 🚀 over Kyiv.\nIt fell."


def region(start: int, end: int, label: str = "GPE", quote: str | None = None, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label], **({} if quote is None else {"text": quote})}
    common = {"id": f"r{start}", "from_name": "label", "to_name": "text", "type": "labels"}
    return {**common, "value": value, **more}


def task(*results: dict[str, Any], text: str = TEXT, **annotation: Any) -> dict[str, Any]:
    return {
        "id": 3,
        "annotations": [{"id": 1, "completed_by": 5, "result": list(results), **annotation}],
        "data": {"text": text, "source": "b.example"},
    }


def write(folder: Path, *tasks: dict[str, Any]) -> Path:
    path = folder / "tasks.json"
    path.write_text(json.dumps(tasks, indent=1), encoding="utf-8")
    return path


def read(folder: Path, *tasks: dict[str, Any], **mapping: str) -> list[Item]:
    path = write(folder, *tasks)
    assert registry.recognise(path, path.read_bytes()[: registry.HEAD]) is FORMAT
    return list(FORMAT.read(path, mapping))  # type: ignore[misc]


def places(item: Item) -> list[tuple[str, int | None, int | None]]:
    return [(a.label, a.start, a.end) for a in item.record.annotations]


def test_a_task_comes_in_with_its_metadata(tmp_path: Path, project: Project) -> None:
    path = write(tmp_path, task(region(16, 20, quote="Kyiv"), lead_time=8.5, ground_truth=True))
    report = finish(import_paths(project, [path]))
    assert (report.new, report.annotations, report.verified) == (1, 1, 1)
    (record,) = project.records.read()
    assert [(a.layer, a.label, a.quote) for a in record.annotations] == [("entity", "GPE", "Kyiv")]
    assert (record.annotator, record.progress.status) == ("Label Studio user 5", "done")
    assert record.article.source == "b.example"
    assert record.article.meta["label_studio"] == {
        "task": 3, "lead_time": [8.5], "ground_truth": [True], "completed_by": [5],
    }  # fmt: skip


def test_the_unit_of_counting_is_found_out_for_the_file(tmp_path: Path) -> None:
    (points,) = read(tmp_path, task(region(16, 20, quote="Kyiv")))
    (units,) = read(tmp_path, task(region(17, 21, quote="Kyiv")))
    assert places(points) == places(units) == [("GPE", 16, 20)]
    # A task whose regions have no quotes is counted as the file's others are.
    quoted, bare = read(tmp_path, task(region(17, 21, quote="Kyiv")), task(region(17, 21)))
    assert places(quoted) == places(bare) == [("GPE", 16, 20)]
    (alone,) = read(tmp_path, task(region(16, 20)))
    assert places(alone) == [("GPE", 16, 20)]


def test_carriage_returns_are_counted_and_quotes_may_have_been_through_a_browser(tmp_path: Path) -> None:
    text = "Over  Kyiv\r\nit fell"
    (item,) = read(
        tmp_path,
        task(region(6, 14, quote="Kyiv\\nit"), region(0, 10, quote="Over Kyiv"), text=text),
    )
    assert [a.quote for a in item.record.annotations] == ["Kyiv\nit", "Over  Kyiv"]


def test_per_region_choices_and_texts_belong_to_their_region(tmp_path: Path, project: Project) -> None:
    stretch = {"start": 16, "end": 20}
    about = {"id": "r16", "to_name": "text"}
    results = [
        region(16, 20),
        {**about, "from_name": "tone", "type": "choices", "value": {**stretch, "choices": ["warm"]}},
        {**about, "from_name": "why", "type": "textarea", "value": {**stretch, "text": ["sure?"]}},
        {"id": "w", "from_name": "stance", "type": "choices", "value": {"choices": ["neutral"]}},
        {"id": "n", "from_name": "note", "type": "textarea", "value": {"text": ["a note"]}},
    ]
    finish(import_paths(project, [write(tmp_path, task(*results))]))
    (record,) = project.records.read()
    assert sorted((a.layer, a.label, a.start or 0, a.note) for a in record.annotations) == [
        ("entity", "GPE", 16, "sure?"),
        ("stance", "neutral", 0, ""),
        ("tone", "warm", 16, "sure?"),
    ]
    assert record.progress.note == "a note"


def test_choices_of_several_controls_get_a_layer_each(tmp_path: Path, project: Project) -> None:
    tone = {"from_name": "tone", "to_name": "t", "type": "choices", "value": {"choices": ["warm"]}}
    topic = {"from_name": "topic", "to_name": "t", "type": "choices", "value": {"choices": ["war"]}}
    tasks = [
        {"data": {"text": f"{number}."}, "annotations": [{"result": results}]}
        for number, results in enumerate([[tone], [tone, topic]])
    ]
    (tmp_path / "a.json").write_text(json.dumps(tasks), "utf-8")
    assert finish(import_paths(project, [tmp_path / "a.json"])).annotations == 3
    found = [(a.layer, a.label) for record in project.records.read() for a in record.annotations]
    assert sorted(found) == [("tone", "warm"), ("tone", "warm"), ("topic", "war")]


def test_several_choices_get_a_layer_of_the_controls_name(tmp_path: Path, project: Project) -> None:
    chosen = {"id": "w", "from_name": "topics", "type": "choices", "value": {"choices": ["war", "trade"]}}
    assert finish(import_paths(project, [write(tmp_path, task(chosen))])).failed == ()
    (record,) = project.records.read()
    assert {(a.layer, a.label) for a in record.annotations} == {("topics", "war"), ("topics", "trade")}


def test_what_has_no_place_is_named(tmp_path: Path) -> None:
    whole = task(
        region(16, 20),
        {"type": "relation", "from_id": "a", "to_id": "b"},
        {"id": "x", "type": "rating", "value": {"rating": 3}},
        {"id": "y", "type": "labels", "value": {"start": 0, "end": 1, "labels": []}},
    )
    (item,) = read(tmp_path, {**whole, "predictions": [{}, {}], "drafts": [{}]})
    assert sorted(item.lost) == [
        "drafts", "predictions", "predictions", "ratings", "regions without a label", "relations",
    ]  # fmt: skip


def test_a_cancelled_annotation_is_a_skipped_article(tmp_path: Path) -> None:
    (item,) = read(tmp_path, task(was_cancelled=True))
    assert (item.record.annotator, item.record.progress.status) == ("Label Studio user 5", "skipped")


def test_each_annotation_is_a_record_of_one_article(tmp_path: Path, project: Project) -> None:
    both = task(region(16, 20))
    both["annotations"].append(
        {"completed_by": {"id": 6, "email": "ben@x.example"}, "result": [region(0, 1)]}
    )
    report = finish(import_paths(project, [write(tmp_path, both)]))
    assert (report.new, report.known, report.annotations) == (1, 0, 2)
    assert [r.annotator for r in project.records.read()] == ["Label Studio user 5", "ben@x.example"]


def test_json_min_says_the_same(tmp_path: Path, project: Project) -> None:
    small = {
        "text": TEXT, "source": "b.example", "id": 3, "label": [{"start": 16, "end": 20, "labels": ["GPE"]}],
        "stance": "neutral", "annotator": 5, "annotation_id": 1, "lead_time": 2.5,
    }  # fmt: skip
    finish(import_paths(project, [write(tmp_path, small)]))
    (record,) = project.records.read()
    assert [(a.layer, a.label, a.start) for a in record.annotations] == [
        ("stance", "neutral", None),
        ("entity", "GPE", 16),
    ]
    assert (record.annotator, record.article.source) == ("Label Studio user 5", "b.example")


END = {"annotator": 1, "annotation_id": 3, "created_at": "x", "updated_at": "y", "lead_time": 1}
GPE = [{"start": 10, "end": 14, "text": "Kyiv", "labels": ["GPE"]}]
BODY = "Body text Kyiv"


@pytest.mark.parametrize(
    ("small", "labels", "meta"),
    [
        ({"title": "H", "id": 7, "text": BODY, "label": GPE, "sentiment": "pro"}, ["pro", "GPE"], {}),
        ({"title": "H", "id": 7, "text": BODY, "sentiment": "pro"}, ["pro"], {}),
        ({"id": 7, "text": BODY, "label": GPE, "sentiment": "pro"}, ["pro", "GPE"], {}),
        ({"id": 7, "text": BODY, "label": GPE, "title": "H"}, ["GPE"], {}),
        ({"id": 7, "text": BODY, "label": [], "views": 5, "lead": "Long. And more words. " * 9, "cats": "a"},
         ["a"], {"views": 5, "lead": "Long. And more words. " * 9}),
        ({"id": 7, "content": BODY, "tags": [{"term": "x"}], "s": {"choices": ["a", "b"]}},
         ["a", "b"], {"tags": [{"term": "x"}]}),
        ({"id": 7, "mine": BODY, "label": GPE}, ["GPE"], {}),
        ({"mine": BODY, "id": 7, "label": GPE, "when": 5}, ["GPE"], {"when": 5}),
        ({"text": BODY, "label": GPE, "sentiment": "pro"}, ["pro", "GPE"], {}),
    ],
)  # fmt: skip
def test_json_min_tells_data_from_what_was_said_wherever_the_id_stands(
    small: dict[str, Any], labels: list[str], meta: dict[str, Any], tmp_path: Path
) -> None:
    (item,) = read(tmp_path, {**small, **END})
    record = item.record
    assert record.article.text == BODY
    assert sorted(a.label for a in record.annotations) == sorted(labels)
    assert {k: v for k, v in record.article.meta.items() if k != "label_studio"} == meta
    assert record.article.title == small.get("title", BODY)
    if "content" not in small and "mine" not in small:
        (item,) = read(tmp_path, dict(sorted({**small, **END}.items())))
        assert sorted(a.label for a in item.record.annotations) == sorted(labels)


def test_free_text_of_json_min_is_a_note_and_no_label(tmp_path: Path) -> None:
    for key, words in (("comment", "odd"), ("why", "It says so. Twice.")):
        (item,) = read(tmp_path, {"text": BODY, "id": 7, key: words, "cats": "a", **END})
        assert [a.label for a in item.record.annotations] == ["a"]
        assert item.record.progress.note == words


@pytest.mark.parametrize(
    ("small", "said"),
    [
        ({"title": "Head", "id": 7, "words": BODY, "cats": "a"}, "which of title, words, cats is the text"),
        ({"id": 7, "words": BODY, "cats": "a"}, "which of words, cats is the text"),
        ({"id": 7, "image": "/data/upload/a.png", "cats": "a"}, "about image, not about a text"),
        ({"image": "/data/upload/a.png", "id": 7, "cats": "a"}, "about image, not about a text"),
    ],
)
def test_json_min_asks_for_the_text_where_it_is_not_sure(
    small: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputFileError, match=said):
        read(tmp_path, {**small, **END})
    if "words" in small:
        (item,) = read(tmp_path, {**small, **END}, text="words")
        assert (item.record.article.text, [a.label for a in item.record.annotations]) == (BODY, ["a"])


def test_the_text_may_have_another_name(tmp_path: Path) -> None:
    named = {"data": {"body": "Kyiv.", "id": "a7 b"}, "annotations": []}
    assert columns(write(tmp_path, named)) == ["body", "id"]
    with pytest.raises(InputFileError, match=r"which of body, id is the text .* --map text=NAME"):
        read(tmp_path, named)
    (item,) = read(tmp_path, named, text="body")
    assert item.record.article.text == "Kyiv."
    assert item.record.annotator is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"data": {"image": "/data/upload/a.png"}, "annotations": []}, "about image, not about a text"),
        (
            task(region(0, 1, type="rectanglelabels")),
            "about “text” .rectanglelabels., an image, sound or film",
        ),
        (task(region(0, 1, type="hypertextlabels")), "labels on HTML .hypertextlabels."),
        (task(region(0, 1, type="paragraphlabels")), "paragraphs of a dialogue"),
        (task(region(0, 999)), "0 to 999 lies outside the text"),
        (task(region(0, 1, quote="B")), "holds 'A', not 'B'"),
        ({"id": 1, "annotations": []}, "without its data"),
    ],
)
def test_a_wrong_task_is_refused_with_its_line(tmp_path: Path, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputFileError, match=reason) as caught:
        read(tmp_path, task(), wrong)
    assert caught.value.line is not None
    line = (tmp_path / "tasks.json").read_text(encoding="utf-8").splitlines()[caught.value.line - 1]
    assert line == " {"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "is empty"),
        ('[{"data"', "is not JSON"),
        ("[1]", "is no JSON object"),
        ("[] x", "something follows"),
    ],
)
def test_what_is_no_list_of_tasks_is_refused(tmp_path: Path, words: str, reason: str) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(words, encoding="utf-8")
    with pytest.raises(InputFileError, match=reason):
        list(FORMAT.read(path, {}))  # type: ignore[misc]


def test_a_long_file_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    one = json.dumps(task(region(0, 1), text="A" + "x" * 10_000))
    path.write_text("[" + ",\n".join([one] * 3000) + "]", encoding="utf-8")  # 30 MB
    tracemalloc.start()
    try:
        assert sum(1 for _ in FORMAT.read(path, {})) == 3000  # type: ignore[misc]
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.fixture
def exported(suggested: Project, tmp_path: Path) -> Path:
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.annotations.add(2, "stance", "neutral", 0, 14)
    suggested.articles.set_status(2, "skipped")
    report = finish(export(suggested, tmp_path / "out", FORMAT))
    assert report.lost == ("Not in these files: 1 rejection.",)
    assert " written to the folder out.\n" in report.summary()
    return tmp_path / "out"


def test_an_export_has_tasks_in_code_points_and_the_configuration(exported: Path) -> None:
    first, second, third = json.loads((exported / "tasks.json").read_text(encoding="utf-8"))
    by_type = {result["type"]: result for result in first["annotations"][0]["result"]}
    value = by_type["labels"]["value"]
    assert value == {"start": 21, "end": 28, "text": "Armenia", "labels": ["GPE"]}
    assert first["data"]["text"][21:28] == "Armenia"
    assert by_type["choices"]["value"] == {"choices": ["pro-West"]}
    assert second["annotations"][0]["was_cancelled"]
    assert third["annotations"] == []
    view = ElementTree.parse(exported / "label_config.xml").getroot()
    controls = {control.get("name"): control for control in view if control.get("toName") == "text"}
    assert {result["from_name"] for result in by_type.values()} <= set(controls)
    assert controls["stance (article)"].get("choice") == "single"
    assert [label.get("value") for label in controls["zone"]][:2] == ["boilerplate", "caption"]
    keys = [label.get("hotkey") for control in controls.values() for label in control if label.get("hotkey")]
    assert len(keys) == len(set(keys))


def test_what_label_studio_makes_of_an_export_comes_back(exported: Path, tmp_path: Path) -> None:
    """It keeps data and results, and forgets what it does not know of an annotation."""
    tasks = json.loads((exported / "tasks.json").read_text(encoding="utf-8"))
    for each in tasks:
        for annotation in each["annotations"]:
            del annotation["annotator"]
            annotation["completed_by"] = 2
    with create_project(tmp_path / "copy.annot", annotator="ben") as copy:
        finish(import_paths(copy, [write(exported, *tasks)]))
        first, second, third = copy.records.read()
    assert (first.annotator, second.progress.status) == ("Label Studio user 2", "skipped")
    assert sorted((a.layer, a.label) for a in first.annotations) == [
        ("entity", "GPE"),
        ("stance", "pro-West"),
    ]
    assert (first.article.title, third.annotator) == ("Rocket", None)


BY_THE_SDK = """
import json, sys
from pathlib import Path
from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

exported, out = map(Path, sys.argv[1:])
config = (exported / "label_config.xml").read_text(encoding="utf-8")
interface = LabelInterface(config)
interface.validate()
tasks = json.loads((exported / "tasks.json").read_text(encoding="utf-8"))
results = [annotation["result"] for task in tasks for annotation in task["annotations"]]
assert results and all(interface.validate_annotation({"result": each}) for each in results)
wrong = [{**region, "from_name": "nobody"} for each in results for region in each]
assert not interface.validate_annotation({"result": wrong})
made = Converter(config, str(exported))
made.convert_to_json_min(str(exported / "tasks.json"), str(out / "min"), is_dir=False)
made.convert_to_conll2003(str(exported / "tasks.json"), str(out / "conll"), is_dir=False)
"""


@pytest.fixture
def label_studio() -> str:
    """A Python that has Label Studio's SDK: what CI names, which must work, or this one."""
    if named := os.environ.get("LABEL_STUDIO_PYTHON"):
        return named
    if find_spec("label_studio_sdk") is not None:
        return sys.executable
    pytest.skip("install label-studio-sdk in an environment and name its Python in LABEL_STUDIO_PYTHON")


def test_label_studios_own_sdk_reads_an_export(exported: Path, tmp_path: Path, label_studio: str) -> None:
    ran = subprocess.run(
        [label_studio, "-c", BY_THE_SDK, exported, tmp_path], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    small = json.loads((tmp_path / "min" / "result.json").read_text(encoding="utf-8"))
    assert [(each["start"], each["end"], each["text"]) for each in small[0]["entity"]] == [
        (21, 28, "Armenia")
    ]
    assert small[0]["stance (article)"] == "pro-West"
    assert "Armenia. -X- _ B-GPE" in (tmp_path / "conll" / "result.conll").read_text(encoding="utf-8")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_the_image_tasks_among_the_samples_are_refused(project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / "image_tasks.json"]))
    assert report.imported == 0
    assert "about “image” (polygonlabels), an image, sound or film" in report.failed[0][1]


def test_the_address_of_a_text_is_no_text(tmp_path: Path, project: Project) -> None:
    task = {"data": {"text": "https://b.example/one.txt"}, "annotations": []}
    (tmp_path / "a.json").write_text(json.dumps([task]), "utf-8")
    ((_, reason),) = finish(import_paths(project, [tmp_path / "a.json"])).failed
    assert "has the address of a text and not the text itself" in reason


def test_a_note_on_a_region_is_kept_and_a_certainty_of_another_scale_is_none(tmp_path: Path) -> None:
    value = {"start": 0, "end": 4, "text": "Anna", "labels": ["PERSON"]}
    region = {"id": "r", "from_name": "l", "to_name": "t", "type": "labels", "value": value}
    region["meta"] = {"note": "who?", "text": ["surely"], "certainty": 5}
    (tmp_path / "a.json").write_text(
        json.dumps([{"data": {"text": "Anna."}, "annotations": [{"result": [region]}]}])
    )
    (item,) = FORMAT.read(tmp_path / "a.json", {})  # type: ignore[misc]
    assert [(a.note, a.certainty) for a in item.record.annotations] == [("who?\nsurely", None)]
