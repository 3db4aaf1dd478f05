"""The sub-commands: a Typer app that works without a display."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from annotator import __version__, formats
from annotator.cli.backing_up import back_up
from annotator.cli.finding import articles
from annotator.cli.format_options import export_format, mapping_of
from annotator.cli.terminal import finish, progress
from annotator.model import STATUSES, AnnotatorError, DamagedProjectError, NotAProjectError, Status
from annotator.project import Project, create_project, open_project
from annotator.text import printable

app = typer.Typer(
    name="annotator",
    help=(
        "Label news articles with entities and stances.\n\n"
        "Without arguments, or with a PROJECT alone, the window opens. The commands below need no display."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its tables call a flag <bool>, and are no help to a screen reader
    pretty_exceptions_enable=False,
)


@contextmanager
def _opened(path: Path, *, annotator: str | None = None, read_only: bool = False) -> Iterator[Project]:
    """Open a project and say what a crash left of it."""
    told: set[str] = set()

    def tell(words: str, done: float | None) -> None:
        if words not in told:  # it is told again and again how far it is
            told.add(words)
            _tell(words)

    with open_project(path, annotator=annotator, read_only=read_only, tell=tell) as project:
        if (act := project.interrupted) is not None:
            what = (
                "is still running or was cut off"
                if read_only
                else "was cut off and is kept as it stands, since rows of another program are in the way"
                if act.state != "open"
                else "was cut off and has been rolled back"
            )
            _tell(f"“{act.text}” in {path.name} {what}.")
        yield project


def _tell(words: str) -> None:
    print(f"annotator: {words}", file=sys.stderr)


ProjectPath = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project file (*.annot).")]
AnnotatorName = Annotated[
    str | None, typer.Option("--annotator", metavar="NAME", help="Who is at work (default: the login name).")
]
NoBackup = Annotated[bool, typer.Option("--no-backup", help="Do not back the project up first.")]


def run(arguments: Sequence[str]) -> int:
    """Run a command; return 0 when it is done, 1 when it could not be, 2 for wrong usage."""
    try:
        code = _run(arguments)
        if sys.stdout is not None:  # a frozen window program on Windows has none
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has gone (`| head`). Python would complain when it flushes at the end:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        app(args=list(arguments), prog_name="annotator")
    except AnnotatorError as error:
        print(printable(f"annotator: {error}", "\n"), file=sys.stderr)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"annotator {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def new(project: ProjectPath, annotator: AnnotatorName = None) -> None:
    """Make a new project."""
    with create_project(project, annotator=annotator) as made:
        if annotator is not None:
            with made.history.transaction():
                made.ensure_annotator()
        print(f"{made.path} made.")


@app.command("import")
def import_(
    project: ProjectPath,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Files that can be read, or folders of them."),
    ],
    annotator: AnnotatorName = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What the files are (found out by itself; see `annotator formats`)."
        ),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OURS=THEIRS",
            help="Which of the file's fields is one of ours (title=headline; title= for none), or the order "
            "of its dates (dates=day first, dates=month first). May be repeated.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come in.")] = False,
    no_backup: NoBackup = False,
) -> None:
    """Import articles, and annotations of other tools: files, or whole folders."""
    kind, mapping = formats.registry.named(format) if format is not None else None, mapping_of(map or [])
    if dry_run:
        with _opened(project, annotator=annotator, read_only=True) as opened, progress("Looking") as bar:
            look = formats.preview(opened, paths, format=kind, mapping=mapping)
            seen: formats.Preview = finish(look, bar, "Stopped.")
        print(printable(seen.summary(), "\n"))
        if seen.failed or any(file.failed for file in seen.files):
            raise typer.Exit(1)
        return
    from annotator.project.near_duplicates import in_words

    with _opened(project, annotator=annotator) as opened:
        back_up(opened, no_backup, stopped := "Stopped. Nothing was imported.")
        steps = formats.import_paths(
            opened, paths, format=kind, mapping=mapping, step_seconds=formats.LONG_STEP_SECONDS
        )
        with progress("Importing") as bar:
            report: formats.ImportReport = finish(steps, bar, stopped)
        if report.annotations:
            opened.memory.refresh(opened.articles.ids())  # as it follows in the window
        with progress("Comparing") as bar:
            compare = opened.near_duplicates.compare(formats.LONG_STEP_SECONDS)
            alike = len(finish(compare, bar, "Stopped. What was imported is there.").found)
    print(printable(report.summary(), "\n"))
    if alike:
        print(in_words(alike))
    if report.failed:
        raise typer.Exit(1)


@app.command()
def suggest(
    project: ProjectPath,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="[LANGUAGE=]NAME", help="One that `annotator models` lists. May be repeated."),
    ] = None,
    processes: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many processes share the work.")
    ] = 1,
    again: Annotated[bool, typer.Option("--again", help="Also where there are suggestions already.")] = False,
    no_backup: NoBackup = False,
) -> None:
    """Make suggestions for the articles that have none yet. What people decided is never touched."""
    from annotator.cli.suggesting import make_suggestions

    with _opened(project) as opened:
        back_up(opened, no_backup, "Stopped. No suggestions were made.")
        with progress("Suggesting") as bar:
            report = make_suggestions(opened, model or [], processes, again, bar.show)
    for failure in (*report.hints, *report.failed):
        print(printable(failure, "\n"), file=sys.stderr)
    print(report.summary())
    if report.stopped or report.failed:
        raise typer.Exit(1)


def _status(value: str | None) -> str | None:
    if value is not None and value not in STATUSES:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(STATUSES)}")
    return value


@app.command("formats")
def formats_() -> None:
    """List the file formats that are read and written."""
    for each in formats.registry.formats():
        ways = " and ".join(w for w, there in (("in", each.read is not None), ("out", each.exports)) if there)
        print(f"{each.name:20} {ways:10} {each.title} ({', '.join(each.suffixes) or 'a folder'})")


_FORMS = ("text", "csv", "json")


def _form(value: str) -> str:
    if value not in _FORMS:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(_FORMS)}")
    return value


@app.command()
def export(
    project: ProjectPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, or the folder to make.")],
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What to write (by OUT's suffix; see `annotator formats`)."),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS", callback=_status, help=f"Only articles that are {', '.join(STATUSES)}."
        ),
    ] = None,
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this annotator decided.")
    ] = None,
    with_suggestions: Annotated[
        bool, typer.Option("--with-suggestions", help="Also the suggestions that are still open.")
    ] = False,
    without_texts: Annotated[
        bool,
        typer.Option("--without-texts", help="A publication bundle by hash and offsets alone (copyright)."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be left out or changed.")
    ] = False,
) -> None:
    """Export articles and annotations: as JSONL, for another tool, or for people to read."""
    kind = export_format(format, out)
    wanted = cast("Status | None", status)
    with _opened(project, read_only=True) as opened, progress("Exporting") as bar:
        _require_annotator(opened.annotators(), annotator)
        chosen: dict[str, Any] = {
            "status": wanted,
            "annotator": annotator,
            "with_suggestions": with_suggestions,
            "with_texts": not without_texts,
        }
        if dry_run:
            seen: formats.ExportCheck = finish(formats.check_export(opened, kind, **chosen), bar, "Stopped.")
            said = printable(seen.summary(), "\n")
        else:
            steps = formats.export(opened, out, kind, **chosen)
            report: formats.ExportReport = finish(steps, bar, "Stopped. Nothing was exported.")
            said = report.summary()
    print(said)
    if kind.cannot_hold:
        print(f"{kind.title} cannot hold: {'; '.join(kind.cannot_hold)}.")


app.command()(articles)


@app.command()
def stats(
    project: ProjectPath,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this annotator (default: all together).")
    ] = None,
) -> None:
    """Count articles, annotations and suggestions."""
    from annotator.project.stats import stats_steps

    with _opened(project, read_only=True) as opened:
        _require_annotator(opened.annotators(), annotator)
        with progress("Counting") as bar:
            numbers = finish(stats_steps(opened, annotator), bar, "Stopped.").as_dict()
    if as_json:
        print(json.dumps(numbers, ensure_ascii=False, indent=2))
        return
    for name, value in numbers.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, entry in value.items():
                inner = entry if isinstance(entry, dict) else {"": entry}
                for label, number in inner.items():
                    print(printable(f"  {' '.join(part for part in (key, label) if part)}: {number}"))
        elif value is not None:
            print(printable(f"{name.replace('_', ' ')}: {value}"))


@app.command()
def evaluate(
    project: ProjectPath,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Tell how good the suggestions are, by what people answered to them."""
    from annotator.cli import evaluating
    from annotator.project.verdicts import count_verdicts

    with _opened(project, read_only=True) as opened:
        with progress("Counting") as bar:
            counted = finish(count_verdicts(opened), bar, "Stopped.")
        with progress("Judging stances") as bar:
            found = finish(evaluating.evaluate(opened, counted), bar, "Stopped.")
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        print(printable(found.text(), "\n"))


@app.command()
def overview(
    project: ProjectPath,
    written: Annotated[
        str, typer.Option("--format", metavar="FORMAT", callback=_form, help=f"One of {', '.join(_FORMS)}.")
    ] = "text",
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this annotator (default: all together).")
    ] = None,
) -> None:
    """Show the numbers of the overview's charts: done per day, stances, labels, actors, suggestions."""
    from annotator.cli.overviewing import show_overview
    from annotator.project.overview import overview_steps

    with _opened(project, read_only=True) as opened:
        _require_annotator(opened.annotators(), annotator)
        with progress("Counting") as bar:
            found = finish(overview_steps(opened, annotator), bar, "Stopped.")
    show_overview(found, written)


@app.command()
def check(project: ProjectPath) -> None:
    """Check the file, every text, every span and its quote."""
    from annotator.project.check import check as look_over
    from annotator.project.salvage import damage

    try:
        with _opened(project, read_only=True) as opened:
            report = look_over(opened)
    except (DamagedProjectError, NotAProjectError) as error:
        if not (remains := damage(project)):
            raise
        print(printable("\n".join((str(error), *remains)), "\n"))
        raise typer.Exit(1) from None
    print(printable(report.summary(), "\n"))
    if report.file_damaged:
        print(printable("\n".join(damage(project)), "\n"))
    if report.problems:
        raise typer.Exit(1)


@app.command()
def history(
    project: ProjectPath,
    article: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only articles with this in their title (or this id).")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The latest N acts.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List what was done, newest first: when, who, what and how many rows."""
    from annotator.cli.past import show_history

    with open_project(project, read_only=True) as opened:
        show_history(opened, article, limit, as_json)


@app.command()
def actors(
    project: ProjectPath,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List actors: their names, kind and bloc, and in how many places and articles they stand."""
    from annotator.cli.listing import show_actors

    with open_project(project, read_only=True) as opened:
        show_actors(opened, as_json)


@app.command()
def compact(
    project: ProjectPath,
    older_than: Annotated[
        int | None,
        typer.Option(metavar="DAYS", min=0, help="Also drop history older than this; what it did stays."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_backup: NoBackup = False,
) -> None:
    """Make the file smaller: drop what could be redone and, if asked, old history."""
    from annotator.cli.past import compact_project

    with _opened(project) as opened:
        compact_project(opened, older_than, yes, no_backup)


@app.command()
def copy(
    project: ProjectPath,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The copy's file (*.annot); it must not exist.")],
) -> None:
    """Copy a project, whole also while it is open somewhere. Restores a backup, too."""
    from annotator.project.copying import copy_project

    with progress("Copying") as bar:
        steps = copy_project(project, new)
        made: Path = finish(steps, bar, "Stopped. No copy was made.")
    print(f"{made} made.")


@app.command()
def salvage(
    broken: Annotated[Path, typer.Argument(metavar="BROKEN", help="The damaged file; it is only read.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The new project's file; it must not exist.")],
) -> None:
    """Rescue every readable row of a damaged project into a new one, and say what was lost."""
    from annotator.project.salvage import salvage as rescue

    print(rescue(broken, new).summary())


@app.command()
def models(
    download: Annotated[
        str | None, typer.Option(metavar="NAME", help="Get this official spaCy pipeline from the network.")
    ] = None,
    available: Annotated[bool, typer.Option("--available", help="List those that can be had.")] = False,
) -> None:
    """List the spaCy pipelines that are installed, and say how to get others."""
    from annotator.cli import modelling

    if download is not None:
        modelling.download(download)
    elif available:
        modelling.show_available()
    else:
        modelling.show_installed()


@app.command()
def codebook(
    project: ProjectPath,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write the codebook to this file.")
    ] = None,
    import_file: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take the codebook of this file over.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    annotator: AnnotatorName = None,
    no_backup: NoBackup = False,
) -> None:
    """Show the codebook, or export or import it as a readable file."""
    from annotator.cli import codebooks

    if export is not None and import_file is not None:
        raise AnnotatorError("Export or import: give one of the two.")
    with _opened(project, annotator=annotator, read_only=import_file is None) as opened:
        if import_file is not None:
            codebooks.take_over(opened, import_file, yes=yes, no_backup=no_backup)
        elif export is not None:
            codebooks.export(opened, export)
        else:
            codebooks.show(opened)


def _require_annotator(known: list[str], name: str | None) -> None:
    if name is not None and name not in known:
        there = f"there are: {', '.join(known)}" if known else "nobody has annotated anything"
        raise AnnotatorError(f"The project has no annotator called {name}; {there}.")
