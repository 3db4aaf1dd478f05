"""What every format keeps of what an export may be asked for: a rehearsal, the open suggestions."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from annotator.formats import Format, check_export, export, registry
from annotator.model import AnnotatorError
from annotator.project import Project

from .conftest import finish

EXPORTS = [each for each in registry.formats() if each.exports]
every_export = pytest.mark.parametrize("format", EXPORTS, ids=lambda each: each.name)


@every_export
def test_a_rehearsal_of_any_export_says_what_the_export_loses(
    suggested: Project, tmp_path: Path, format: Format
) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "entity", "ORG", 9, 22)  # overlaps, with white space at its edge
    suggested.annotations.add(1, "stance", "pro-West")
    before = sorted(tmp_path.iterdir())
    seen = finish(check_export(suggested, format))
    assert sorted(tmp_path.iterdir()) == before
    report = finish(export(suggested, tmp_path / "out", format))
    assert (seen.lines, seen.articles, seen.verified) == (report.lines, report.articles, report.spans)
    if format.check is None:
        assert seen.left_out == report.spans - report.verified
        left_out = [f"{what} ({number})" for what, number in report.left_out]
        assert list(seen.said) == [
            *report.lost,
            *([f"Spans left out: {', '.join(left_out)}."] if left_out else []),
        ]


@every_export
def test_suggestions_are_in_an_export_or_refused(suggested: Project, tmp_path: Path, format: Format) -> None:
    if not format.holds_suggestions:
        with pytest.raises(AnnotatorError, match="cannot hold suggestions"):
            finish(export(suggested, tmp_path / "with", format, with_suggestions=True))
        with pytest.raises(AnnotatorError, match="cannot hold suggestions"):
            finish(check_export(suggested, format, with_suggestions=True))
        return
    finish(export(suggested, tmp_path / "with", format, with_suggestions=True))
    finish(export(suggested, tmp_path / "without", format))

    def content(path: Path) -> bytes:
        if format.name == "bundle-zip":
            with zipfile.ZipFile(path) as archive:
                return archive.read("data.jsonl")
        return (path / "data.jsonl" if path.is_dir() else path).read_bytes()

    label = next(suggested.records.read(with_suggestions=True)).suggestions[0].label  # type: ignore[index]
    assert str(label).encode() in content(tmp_path / "with")
    assert content(tmp_path / "with").count(str(label).encode()) > content(tmp_path / "without").count(
        str(label).encode()
    )


@pytest.mark.parametrize("format", [each for each in EXPORTS if each.reads_to], ids=lambda each: each.name)
def test_what_an_export_does_not_read_it_has_no_place_for(
    suggested: Project, tmp_path: Path, format: Format
) -> None:
    """One that has would write defaults, unseen."""
    suggested.annotations.accept(1, suggested.suggestions.open(1)[0].id)
    suggested.annotations.add(1, "stance", "pro-West")
    with suggested.history.transaction():
        suggested.db.execute(
            "UPDATE annotations SET origin = 'imported', component = 'c', reason = 'r', "
            "seen_suggestion = 's', codebook_version = 77, created_at = '1999-01-01T00:00:00.000Z', "
            "updated_at = '1999-01-01T00:00:00.000Z', blind = 1"
        )
    written = []
    for name, kind in (("short", format), ("whole", replace(format, reads_to=None))):
        out = tmp_path / name
        finish(export(suggested, out, kind))
        files = sorted(path for path in (out.rglob("*") if out.is_dir() else [out]) if path.is_file())
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]
    assert any(written[0])
