"""Load an installed spaCy pipeline by its name: only what its NER needs, and only from this machine.

A name is looked up among the installed packages and nowhere else: loading a pipeline runs code, so a
path, or a name that is not installed here, is never handed on to spaCy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.model import PipelineError
from annotator.nlp.models import InstalledModel, find_model, package_folder

if TYPE_CHECKING:
    from spacy.language import Language

_NER_FACTORIES = frozenset({"ner", "beam_ner"})
_EMBEDDING_FACTORIES = frozenset({"tok2vec", "transformer", "curated_transformer"})


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


def _data_folder(model: InstalledModel) -> Path:
    """Return the folder with a packaged pipeline's ``config.cfg`` (spaCy's own naming rule)."""
    root = package_folder(model.where)
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
