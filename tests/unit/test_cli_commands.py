"""The commands, run in this process as a person would type them."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import annotator
from annotator.cli import COMMANDS, main, terminal
from annotator.cli.commands import app
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import open_project

ROOT = Path(annotator.__file__).parent.parent


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project p.annot with two articles in the current folder; anna labelled one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Պաշտոնական 🚀\n\nYerevan and Gyumri.", encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text("Second\n\nNothing.", encoding="utf-8")
    assert main(["new", "p", "--annotator", "anna"]) == 0
    assert main(["import", "p.annot", "in", "--annotator", "anna"]) == 0
    with open_project("p.annot", annotator="anna") as project:
        start = project.articles.text(1).index("Gyumri")
        project.annotations.add(1, "entity", "GPE", start, start + 6)
        project.annotations.add(1, "stance", "neutral")
        project.articles.set_status(1, "done")
    capsys.readouterr()
    return tmp_path / "p.annot"


def test_new_makes_a_project_and_never_replaces_one(made: Path, capsys: Any) -> None:
    with open_project(made, read_only=True) as project:
        assert project.annotators() == ["anna"]
        assert project.history.acts()[-1].text == "imported 2 articles"
    assert main(["new", "p.annot"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "annotator: p.annot exists already. Open it, or choose another name.\n"


def test_import_says_what_came_in_and_fails_if_a_file_failed(made: Path, capsys: Any) -> None:
    assert main(["import", "p.annot", "in", "gone.txt"]) == 1
    assert capsys.readouterr().out == (
        "0 articles imported, 2 known already and skipped.\n"
        "1 file could not be imported:\n"
        "  gone.txt: cannot be read: no such file or directory; make it readable, or leave it out\n"
        "Mend it and import again: what is in the project already is passed over.\n"
    )


def test_export_writes_and_verifies(made: Path, capsys: Any) -> None:
    assert main(["export", "p.annot", "out.jsonl"]) == 0
    assert capsys.readouterr().out == "2 lines (2 articles) written to out.jsonl.\n1 of 1 spans verified\n"
    assert main(["export", "p.annot", "done.jsonl", "--status", "done", "--annotator", "anna"]) == 0
    (line,) = Path("done.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["title"] == "Պաշտոնական 🚀"
    assert "suggestions" not in json.loads(line)
    assert main(["export", "p.annot", "out.jsonl", "--with-suggestions"]) == 0
    assert '"suggestions":[]' in Path("out.jsonl").read_text(encoding="utf-8")


def test_the_list_of_formats_names_each_suffix_once(capsys: Any) -> None:
    assert main(["formats"]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert line.count("(.") == 1, line


def test_help_says_that_dates_can_be_mapped_and_folders_written(capsys: Any) -> None:
    assert main(["import", "--help"]) == 0
    assert "dates=day first" in " ".join(capsys.readouterr().out.split())
    assert main(["export", "--help"]) == 0
    assert "The file to write, or the folder to make." in " ".join(capsys.readouterr().out.split())


def test_suggestions_are_not_left_out_of_an_export_in_silence(made: Path, capsys: Any) -> None:
    assert main(["export", "p.annot", "out", "--format", "brat", "--with-suggestions"]) == 1
    said = "cannot hold suggestions. Export without them, or choose Annotator JSONL."
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_export_of_an_unknown_annotator_says_who_there_is(made: Path, capsys: Any) -> None:
    assert main(["export", "p.annot", "out.jsonl", "--annotator", "ben"]) == 1
    assert capsys.readouterr().err == "annotator: The project has no annotator called ben; there are: anna.\n"
    assert not Path("out.jsonl").exists()


def test_stats_as_text_and_as_json(made: Path, capsys: Any) -> None:
    assert main(["stats", "p.annot"]) == 0
    text = capsys.readouterr().out
    assert "articles: 2\ndone: 1\n" in text
    assert "spans:\n  entity GPE: 1\nstance:\n  neutral: 1\n" in text
    assert main(["stats", "p.annot", "--json", "--annotator", "anna"]) == 0
    assert json.loads(capsys.readouterr().out)["spans"] == {"entity": {"GPE": 1}}


def test_check_tells_a_sound_project_from_a_damaged_one(made: Path, capsys: Any) -> None:
    assert main(["check", "p.annot"]) == 0
    assert capsys.readouterr().out == "No problems found.\n1 of 1 spans verified\n"
    with open_project(made) as project:
        project.db.execute("UPDATE annotations SET quote = 'Vanadzor' WHERE start IS NOT NULL")
    assert main(["check", "p.annot"]) == 1
    output = capsys.readouterr().out
    assert "does not hold “Vanadzor”" in output
    assert output.endswith("0 of 1 spans verified\n")


def test_a_project_that_is_open_elsewhere_can_be_read_but_not_changed(made: Path, capsys: Any) -> None:
    with open_project(made):
        assert main(["import", "p.annot", "in"]) == 1
        assert "is open in another Annotator" in capsys.readouterr().err
        assert main(["suggest", "p.annot"]) == 1
        assert "is open in another Annotator" in capsys.readouterr().err
        assert main(["export", "p.annot", "out.jsonl"]) == 0
        assert main(["stats", "p.annot"]) == 0
        assert main(["check", "p.annot"]) == 0


@pytest.mark.parametrize("command", ["import", "suggest", "export", "stats", "check"])
def test_a_missing_project_is_one_sentence(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    further = {"import": ["in"], "export": ["out.jsonl"]}.get(command, [])
    assert main([command, "gone.annot", *further]) == 1
    assert (
        capsys.readouterr().err
        == "annotator: There is no file gone.annot. Choose another one, or put it back.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["import", "p.annot"],
        ["export", "p.annot"],
        ["export", "p.annot", "out.doc"],
        ["export", "p.annot", "out.jsonl", "--status", "finished"],
        ["suggest", "p.annot", "--processes", "0"],
        ["no-command", "p.annot"],
        ["--no-option"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: Any) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Usage: annotator" in output.err


def test_help_and_version(capsys: Any) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"annotator {annotator.__version__}\n"
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Without arguments" in text
    assert "the window opens" in text
    assert all(f" {command} " in text for command in COMMANDS)


def test_the_commands_are_known_without_typer() -> None:
    assert {command.name or command.callback.__name__ for command in app.registered_commands} == set(COMMANDS)


def test_models_lists_what_is_installed(capsys: Any) -> None:
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    assert ", English  (the default)" in text
    assert "annotator models --download NAME" in text
    assert ("Python 3.12" in text) == (sys.version_info < (3, 12))


@pytest.mark.parametrize("arguments", [[], ["some project.annot"]])
def test_without_a_display_the_window_is_refused_in_a_sentence(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(arguments) == 1
    output = capsys.readouterr().err
    assert output.startswith("There is no display")
    assert output.count("\n") == 1


def test_a_system_library_that_qt_lacks_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    class Broken(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "annotator.ui.app", Broken("annotator.ui.app"))
    assert main([]) == 1
    assert capsys.readouterr().err.startswith("Qt cannot be loaded (libEGL.so.1: cannot open")


def test_one_word_that_is_no_command_opens_that_project(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path | None] = []
    window = ModuleType("annotator.ui.app")
    monkeypatch.setattr(window, "run", lambda path: opened.append(path) or 0, raising=False)
    monkeypatch.setitem(sys.modules, "annotator.ui.app", window)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main([]) == 0
    assert main(["my project.annot"]) == 0
    assert opened == [None, Path("my project.annot")]


def test_ctrl_c_in_an_import_takes_it_back(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def stop(*coming: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("annotator.project.records.Records.add_all", stop)
    Path("in/c.txt").write_text("Third\n\nNew.")
    assert main(["import", "p.annot", "in"]) == 1
    assert capsys.readouterr().err == "annotator: Stopped. Nothing was imported.\n"
    with open_project(made) as project:
        assert project.interrupted is None
        assert project.articles.count() == 2


def run(
    *arguments: str, cwd: Path, code: str | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    start = ["-c", code] if code else ["-m", "annotator"]
    return subprocess.run(
        [sys.executable, "-P", *start, *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


def test_the_commands_import_neither_qt_nor_spacy(made: Path) -> None:
    code = (
        "import sys\nfrom annotator.cli import main\n"
        "for line in sys.argv[1:]:\n    assert main(line.split()) == 0, line\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'PySide6', 'spacy', 'typer'}))"
    )
    lines = [
        "new q",
        "import q.annot in",
        "stats q.annot",
        "export q.annot q.jsonl",
        "check q.annot",
        "models",
    ]
    result = run(*lines, cwd=made.parent, code=code)
    assert result.stderr == ""
    assert result.stdout.splitlines()[-1] == "['typer']"


def test_a_reader_that_goes_away_gives_no_traceback(made: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no such pipes there")
    command = f'"{sys.executable}" -P -m annotator stats p.annot | true; echo "${{PIPESTATUS[0]}}"'
    result = subprocess.run(
        [shutil.which("bash") or "bash", "-c", command],
        cwd=made.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""
    assert result.stdout in ("1\n", "0\n")


def test_history_lists_what_was_done(made: Path, capsys: Any) -> None:
    assert main(["history", "p.annot"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].endswith("anna: marked done in “Պաշտոնական 🚀”  [1 progress entry]")
    assert lines[3].endswith("anna: imported 2 articles  [2 articles]")
    assert main(["history", "p.annot", "--limit", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "3 earlier acts are not shown (--limit)."


def test_history_of_an_article_as_json_also_while_somebody_else_writes(made: Path, capsys: Any) -> None:
    with open_project("p.annot", annotator="ben") as project:
        project.articles.set_flagged(2, True)
        project.undo()
        assert main(["history", "p.annot", "--article", "SECOND", "--json"]) == 0
    acts = json.loads(capsys.readouterr().out)
    assert [(a["annotator"], a["text"], a["state"], a["article"]) for a in acts] == [
        ("ben", "flagged", "undone", "Second"),
        ("anna", "imported 2 articles", "done", None),
    ]
    assert main(["history", "p.annot", "--article", "third"]) == 1
    assert (
        capsys.readouterr().err == "annotator: No article has 'third' in its title. Give other words of it.\n"
    )


def test_compact_says_what_goes_and_asks_before_history_goes(
    made: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["compact", "p.annot"]) == 0
    assert capsys.readouterr().out.startswith("The history keeps all of its acts.\np.annot is compact: ")
    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert main(["compact", "p.annot", "--older-than", "0"]) == 1
    output = capsys.readouterr()
    assert "4 acts (8 rows) will leave the history and can no longer be undone" in output.out
    assert output.err == "annotator: Nothing was changed.\n"
    assert main(["compact", "p.annot", "--older-than", "0", "--yes"]) == 0
    with open_project("p.annot", read_only=True) as project:
        assert project.acts.ids() == []
        assert len(project.annotations.of(1, 1)) == 2


def test_an_import_that_was_cut_off_is_said_and_never_exported(made: Path, capsys: Any) -> None:
    with open_project(made, annotator="anna") as project:
        work = project.long_act("importing many")
        with work.step():
            project.articles.add(ArticleInput("half of it", "half"))
    assert main(["export", "p.annot", "out.jsonl"]) == 1
    assert "“importing many” is not finished" in capsys.readouterr().err
    assert not (made.parent / "out.jsonl").exists()
    assert main(["check", "p.annot"]) == 1
    assert "“importing many” is not finished" in capsys.readouterr().out
    assert main(["stats", "p.annot"]) == 0
    assert "still running or was cut off" in capsys.readouterr().err
    assert main(["import", "p.annot", "in"]) == 0
    assert "was cut off and has been rolled back" in capsys.readouterr().err
    assert main(["check", "p.annot"]) == 0
    assert main(["export", "p.annot", "out.jsonl"]) == 0


def test_a_mistyped_command_is_wrong_usage(made: Path, capsys: Any) -> None:
    assert main(["exprot"]) == 2
    assert "exprot is neither a command nor a project file" in capsys.readouterr().err


def test_suggesting_in_an_empty_project_says_so(tmp_path: Path, capsys: Any) -> None:
    assert main(["new", str(tmp_path / "p")]) == 0
    assert main(["suggest", str(tmp_path / "p.annot")]) == 0
    assert "no articles yet" in capsys.readouterr().out


@pytest.mark.parametrize("at_the_end", [False, True])
def test_ctrl_c_in_the_backup_before_it_leaves_no_backup_and_changes_nothing(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, at_the_end: bool
) -> None:
    def interrupt(self: object, done: int, total: int) -> None:
        if not at_the_end or done == total:
            signal.raise_signal(signal.SIGINT)

    shutil.rmtree("backups", ignore_errors=True)
    before = made.read_bytes()
    Path("new.txt").write_text("Another article.")
    monkeypatch.setattr(terminal.NoBar, "show", interrupt)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test before may have changed it
    try:
        assert main(["import", "p.annot", "new.txt"]) == 1
        assert capsys.readouterr().err == "annotator: Stopped. Nothing was imported.\n"
        assert main(["suggest", "p.annot"]) == 1
        assert capsys.readouterr().err == "annotator: Stopped. No suggestions were made.\n"
    finally:
        signal.signal(signal.SIGINT, handler)
    assert made.read_bytes() == before
    assert list(Path("backups").iterdir()) == []


def test_on_a_terminal_the_backup_before_it_shows_how_far_it_is(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree("backups", ignore_errors=True)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("annotator.cli.terminal.PATIENCE", 0.0)
    assert main(["import", "p.annot", "in"]) == 0
    said = terminal.getvalue()
    assert "Backing up" in said
    assert "100%" in said[: said.index("Importing")]


def test_on_a_terminal_short_work_shows_no_progress(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["import", "p.annot", "in"]) == 0
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_options_without_types_of_python(command: str, capsys: Any) -> None:
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "<bool>" not in said
    assert said.startswith(f"Usage: annotator {command} ")


def test_suggestions_follow_labels_that_are_imported(made: Path, capsys: Any) -> None:
    assert main(["export", "p.annot", "out.jsonl"]) == 0
    assert main(["new", "q", "--annotator", "bob"]) == 0
    with open_project("q.annot", annotator="bob") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("He left Gyumri.", "Another"))
        wrong = Suggestion("entity", "ORG", 8, 14, "ner")
        project.suggestions.replace(PipelineInfo("tiny", "1"), [(1, [wrong], None)])
    assert main(["import", "q.annot", "out.jsonl"]) == 0
    with open_project("q.annot", read_only=True) as project:
        (found,) = project.suggestions.open(1)
    assert (found.label, found.reason) == ("GPE", "anna labelled Gyumri GPE in 1 article")


def test_actors_are_listed_with_names_and_numbers(made: Path, capsys: Any) -> None:
    assert main(["actors", "p.annot"]) == 0
    assert capsys.readouterr().out == "No actors yet. They come with the entities that are accepted.\n"
    with open_project("p.annot", annotator="anna") as project:
        (gyumri,) = [a.id for a in project.annotations.of(1) if a.quote == "Gyumri"]
        project.actors.confirm("Gyumri", ["Гюмри", "Leninakan"], "GPE", [gyumri])
        project.actors.set_bloc("Aaland", "West")
    assert main(["actors", "p.annot"]) == 0
    assert capsys.readouterr().out == (
        "Aaland (West): 0 mentions in 0 articles\n"
        "Gyumri (GPE): 1 mention in 1 article; also Leninakan, Гюмри\n"
    )
    assert main(["actors", "p.annot", "--json"]) == 0
    aaland, gyumri_row = json.loads(capsys.readouterr().out)
    assert aaland["bloc"] == "West"
    assert (gyumri_row["aliases"], gyumri_row["mentions"]) == (["Leninakan", "Гюмри"], 1)


@pytest.mark.parametrize(
    "words",
    [["export", "out.jsonl"], ["stats"], ["check"], ["history"], ["actors"]],
    ids=lambda words: words[0],
)
def test_what_only_reads_works_while_somebody_else_writes(made: Path, words: list[str]) -> None:
    with open_project(made, annotator="ben") as project:
        assert main([words[0], "p.annot", *words[1:]]) == 0
        assert not project.read_only
