"""Which of the installed spaCy pipelines the open project may use here.

A project file may name a pipeline, and files are mailed. Loading one runs code, so a name from a file is
used only if it is installed on this machine and is the default of its language, or the person at it has
chosen it or agreed to it once. The answer is kept in the user's settings, never in the project.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from annotator.ui.settings import Settings

if TYPE_CHECKING:
    from annotator.nlp.models import InstalledModel
    from annotator.project import Project

_KEY = "models"


class ModelUse:
    """Brings together what is installed, what the project names and what the person agreed to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._installed: list[InstalledModel] | None = None

    def installed(self) -> list[InstalledModel]:
        """Return the pipelines that were installed when they were last read."""
        return self._installed if self._installed is not None else self.read()

    def read(self) -> list[InstalledModel]:
        """Read from disk which pipelines are installed: tens of milliseconds, in any thread."""
        from annotator.nlp.models import installed_models

        self._installed = installed_models()
        return self._installed

    def used(self, project: Project) -> dict[str, str]:
        """Return the name of the pipeline for each language that has one."""
        from annotator.nlp.models import model_for

        installed, answers = self.installed(), self._answers()
        named = project.model_choices.read()
        agreed = {language: name for language, name in named.items() if answers.get(name)}
        languages = [*dict.fromkeys(model.language for model in installed), *agreed]
        found = {language: model_for(language, installed, agreed) for language in languages}
        # One for any language is used only where it is chosen.
        return {
            language: model.name
            for language, model in found.items()
            if model is not None and (language != "xx" or "xx" in agreed)
        }

    def questions(self, project: Project) -> list[tuple[str, InstalledModel]]:
        """Return what the project names, is installed here and would be used, but nobody agreed to yet."""
        from annotator.nlp.models import model_for

        installed, answers = self.installed(), self._answers()
        found = []
        for language, name in project.model_choices.read().items():
            model = model_for(language, installed, {language: name})
            is_named = model is not None and model.name == name
            if is_named and name not in answers and name != self._default(language, installed):
                assert model is not None
                found.append((language, model))
        return found

    def missing(self, project: Project) -> list[tuple[str, str]]:
        """Return (language, name) of the pipelines that the project names and that are not installed here."""
        names = {model.name for model in self.installed()}
        return [(code, name) for code, name in project.model_choices.read().items() if name not in names]

    def remember(self, name: str, agreed: bool) -> None:
        """Remember on this machine whether the person agreed to load a pipeline."""
        self._settings.set(_KEY, json.dumps(self._answers() | {name: agreed}))

    def _default(self, language: str, installed: list[InstalledModel]) -> str | None:
        from annotator.nlp.models import model_for

        model = model_for(language, installed)
        return model.name if model is not None else None

    def _answers(self) -> dict[str, bool]:
        try:
            answers = json.loads(self._settings.text(_KEY, "{}"))
        except ValueError:
            return {}
        return {str(k): v is True for k, v in answers.items()} if isinstance(answers, dict) else {}
