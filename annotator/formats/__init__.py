"""Getting articles in and annotations out: one module a file format, and the two ways through them.

:mod:`annotator.formats.registry` knows them all, and whose a file is.
"""

from annotator.formats import registry
from annotator.formats.export_check import ExportCheck, check_export
from annotator.formats.exporting import ExportProgress, ExportReport, export, export_jsonl
from annotator.formats.importing import (
    LONG_STEP_SECONDS,
    ImportProgress,
    import_paths,
    import_text,
)
from annotator.formats.preview import FilePreview, Preview, needs_a_look, preview
from annotator.formats.registry import Format
from annotator.formats.tally import ImportReport

__all__ = [
    "LONG_STEP_SECONDS",
    "ExportCheck",
    "ExportProgress",
    "ExportReport",
    "FilePreview",
    "Format",
    "ImportProgress",
    "ImportReport",
    "Preview",
    "check_export",
    "export",
    "export_jsonl",
    "import_paths",
    "import_text",
    "needs_a_look",
    "preview",
    "registry",
]
