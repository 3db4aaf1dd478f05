"""What ``annotator overview`` prints."""

from __future__ import annotations

import json

from annotator.evaluation.report import Table, plain_table
from annotator.project.charts import Chart
from annotator.project.overview import Overview
from annotator.text import printable


def show_overview(found: Overview, written: str) -> None:
    """Print all charts' numbers: as a "text" of tables, as one "csv" or as "json"."""
    if written == "json":
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    elif written == "csv":
        print(found.csv(), end="")
    else:
        print(f"{found.done:,} of {found.articles:,} articles done")
        for chart in found.charts:
            print(f"\n{_as_text(chart)}")


def _as_text(chart: Chart) -> str:
    if not chart.rows:
        return f"{chart.title}\n{chart.empty}"
    rows = tuple(
        tuple(printable(cell) if isinstance(cell, str) else f"{cell:,}" for cell in chart.cells(row))
        for row in chart.rows
    )
    columns = tuple(printable(name) for name in chart.columns())
    return plain_table(Table(chart.key, chart.title, chart.words, columns, rows))
