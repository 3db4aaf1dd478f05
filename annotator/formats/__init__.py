"""Getting articles in and annotations out: one module a file format, and the two ways through them.

A reader takes a path and yields an :class:`~annotator.formats.item.Item` an article and annotator;
:data:`READERS` says which reader a suffix has. Whoever adds a format writes its module and its line there.
"""

from annotator.formats.exporting import ExportProgress, ExportReport, export_jsonl
from annotator.formats.importing import (
    LONG_STEP_SECONDS,
    READERS,
    ImportProgress,
    ImportReport,
    import_paths,
    import_text,
)

__all__ = [
    "LONG_STEP_SECONDS",
    "READERS",
    "ExportProgress",
    "ExportReport",
    "ImportProgress",
    "ImportReport",
    "export_jsonl",
    "import_paths",
    "import_text",
]
