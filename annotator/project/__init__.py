"""The project file: one SQLite file that holds everything, and the only place that speaks SQL."""

from annotator.project.store import Project, create_project, open_project

__all__ = ["Project", "create_project", "open_project"]
