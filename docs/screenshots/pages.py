"""All pages, dialogs and states of the window. A new dialog is one more line here; a test asks for it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from annotator.model import Change, Condition
from annotator.nlp.models import InstalledModel
from annotator.project import Project, create_project, open_project
from annotator.project.bulk import OpenSuggestions
from annotator.ui import crash
from annotator.ui.history_panel import HistoryDialog
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.new_key_dialog import NewKeyDialog
from annotator.ui.opening import Opening, OpeningDialog
from annotator.ui.overview_dialog import OverviewDialog
from annotator.ui.suggester import SuggestProgress
from annotator.ui.tasks import SteppedTask
from screenshots.stage import Page, Stage


def _work(stage: Stage) -> None:
    """The window in the middle of the work: a suggestion is active."""
    stage.article("lawmakers")
    stage.window.labelling.next_suggestion()
    for _ in range(7):
        stage.window.labelling.accept()


def _mixed(stage: Stage) -> None:
    stage.article("Mixed")
    stage.span("PERSON")


def _hebrew(stage: Stage) -> None:
    """A text, title, source and mentions that run from right to left."""
    stage.article("פגישה")
    stage.span("ORG")
    stage.window.spans.tree.expandAll()


def _passage(stage: Stage) -> None:
    stage.article("Cheap gas")
    stage.window.pane.view.select(0, 120)
    stage.window.labelling.label("stance", "pro-West")
    stage.span("pro-West")


def _claim(stage: Stage, act: str) -> Iterator[None]:
    """The small editor for one thing about a passage."""
    _passage(stage)
    getattr(stage.window.claims, act)()
    yield
    stage.window.focus_article()


def _claim_at_the_edge(stage: Stage) -> Iterator[None]:
    """The editor for the holder of a passage that begins far right, while a notice comes above it."""
    stage.article("Cheap gas")
    window = stage.window
    start = window.labelling.text.index("Eurasian Union still")
    window.pane.view.select(start, start + 60)
    window.labelling.label("stance", "neutral")
    stage.span("neutral")
    window.claims.holder()
    stage.settle()
    window.notify("412 of 412 spans verified.")
    yield
    window.focus_article()


def _menu(stage: Stage, at: str) -> Iterator[None]:
    """The menu of a span, an article or an actor, by its key."""
    stage.article("start-ups")
    stage.span("GPE")
    window = stage.window
    if at == "article":
        window.list.table.setFocus()
    elif at == "actor":
        tree = window.spans.tree
        tree.setFocus()
        tree.setCurrentIndex(tree.model().index(0, 0))
    window.context.open_here()
    yield
    assert window.context.menu is not None
    window.context.menu.close()
    window.focus_article()


def _menu_of_words(stage: Stage) -> Iterator[None]:
    """The menu of words that no label is on yet."""
    stage.article("Ереван и Москва")
    window = stage.window
    window.pane.view.select(0, len("Ереван"))
    window.context.open_here()
    yield
    assert window.context.menu is not None
    window.context.menu.close()


def _menu_of_order(stage: Stage) -> Iterator[None]:
    """The orders of the list, with one that is drawn: it cannot be turned round."""
    button = stage.window.list.sort_button
    button.choose("random")
    menu = button.menu()
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    yield
    menu.close()
    button.choose("imported")


def _menu_of_bar(stage: Stage, number: int) -> Iterator[None]:
    """A menu of the menu bar, while a span is active."""
    stage.article("start-ups")
    stage.span("GPE")
    bar = stage.window.menuBar()
    bar.setActiveAction(bar.actions()[number])
    menu = bar.actions()[number].menu()
    assert isinstance(menu, QMenu)
    yield
    menu.close()
    stage.window.focus_article()


def _beside(stage: Stage, name: str) -> Iterator[None]:
    """One pane is hidden."""
    stage.article("start-ups")
    stage.window.appearance.panes.toggle(name)
    yield
    stage.window.appearance.panes.toggle(name)


def _alone(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    stage.window.appearance.panes.toggle_alone()
    stage.span()
    yield
    stage.window.escape()


def _large(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    stage.window.appearance.zoom(7)  # 20 points: 150 %
    yield
    stage.window.appearance.zoom(0)


def _no_project(stage: Stage) -> Iterator[None]:
    stage.window.session.close()
    stage.window._opened()
    yield


def _empty_project(stage: Stage) -> Iterator[None]:
    path = stage.folder / "Empty.annot"
    if not path.exists():
        create_project(path, annotator="anna").close()
    stage.window.open(path)
    yield


def _reading_only(stage: Stage) -> Iterator[None]:
    """A project that a colleague has open."""
    path = stage.folder / "Shared.annot"
    if not path.exists():
        stage.window.session.close()
        shutil.copy(stage.path, path)
    with open_project(path, annotator="lilit"):
        stage.window.open(path)
        stage.article("start-ups")
        stage.settle(0.3)
        yield


def _blind(stage: Stage) -> Iterator[None]:
    """An article that was drawn blind: what the machine makes of its stance is hidden."""

    def share(percent: int) -> None:
        def change(project: Project) -> Change:
            return project.drawing.change(seed=project.drawing.seed, blind_share=percent)

        stage.window.session.perform(change)

    share(100)
    stage.article("strategists of Brussels")
    yield
    share(0)


def _suggesting(stage: Stage) -> Iterator[None]:
    """The machine is at the articles behind the one on the screen."""
    stage.article("start-ups")
    stage.window.status.show_suggesting(SuggestProgress(2_412, 10_000, 14.2))
    yield
    stage.window.status.show_suggesting(SuggestProgress(0, 0, 0))


def _not_saved(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    stage.window.status.show_saving("not saved: the disk is full", "Free some space; then it is saved.")
    yield
    stage.window.status.show_saving("saved")


def _filtered(stage: Stage) -> None:
    """Chips, also a long one, with the keyboard at one of them."""
    chips = stage.window.list.filter_chips
    for field, value in (("status", "todo"), ("status", "in_progress"), ("label", "stance/pro-West")):
        chips.add(Condition(field, value))
    chips.add(Condition("source", "a-source-with-a-very-long-name.example"))
    chips.chips()[0].setFocus(Qt.FocusReason.TabFocusReason)


def _save_filter(stage: Stage) -> None:
    stage.window.list.filter_chips.add(Condition("open", "yes"))
    if not stage.project.filters.all():
        stage.project.filters.save("Still to decide", stage.window.list.filter())


def _choose_filter(stage: Stage, typed: str) -> Iterator[None]:
    """The chooser, with a saved filter among the fields; what is ``typed`` chooses a field there."""
    _save_filter(stage)
    stage.window.filters.choose()
    chooser = stage.window.list.chooser
    if typed:
        chooser.edit.setText(typed)
        chooser._typed()
        chooser._take()
        stage.wait(lambda: bool(chooser.rows()))
        stage.settle(0.3)
    yield
    stage.window.list.show_chooser(False)


def _label_mode(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    stage.window.label_mode.toggle()
    stage.window.label_mode.label("entity", "ORG")
    yield
    stage.window.label_mode.leave()


def _chart(stage: Stage, number: int) -> None:
    _overview(stage)
    dialog = next(w for w in stage.window.findChildren(OverviewDialog) if w.isVisible())
    stage.wait(lambda: dialog.overview is not None and not dialog.counting.running)
    dialog.parts.setCurrentRow(number)
    stage.settle(0.1)


def _no_match(stage: Stage) -> None:
    stage.window.search()
    stage.window.list.search_field.setText("nothing has these words")
    stage.window.list._apply()


def _find(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    bar = stage.window.pane.find_bar
    bar.open()
    bar.field.setText("the")
    stage.settle(0.4)
    yield
    bar.leave()


def _rule(stage: Stage) -> Iterator[None]:
    stage.article("start-ups")
    stage.span("PERSON")
    stage.window.codebook.help()
    yield
    stage.window.codebook.close_rule()


def _long_rule(stage: Stage) -> Iterator[None]:
    """A rule that does not fit below the text at once."""
    rule = "A government is meant where it acts: “Moscow said”. A place is meant where things happen.\n" * 9
    stage.project.codebook_editing.edit_label(
        "entity", "GPE", rule=rule + "In doubt ask what a map would show."
    )
    stage.article("start-ups")
    stage.span("GPE")
    stage.window.codebook.help()
    yield
    stage.window.codebook.close_rule()


def _warning(stage: Stage) -> None:
    stage.window.warn(
        "weather.txt could not be read: it is no text. " + "A second file is damaged, too. " * 12
    )


def _details(stage: Stage) -> None:
    _warning(stage)
    stage.window.notice._details()


def _crash(stage: Stage) -> None:
    error = ZeroDivisionError("division by zero")
    crash.CrashDialog(crash.report(type(error), error, None)).exec()


def _history(stage: Stage) -> None:
    stage.window.dialogs.show_history()
    stage.settle(0.3)


def _codebook(stage: Stage, layer: str, label: str) -> None:
    stage.window.codebook.show()
    stage.settle()
    dialog = stage.window.codebook._dialog
    assert dialog is not None
    dialog.refresh((layer, label))


def _delete_label(stage: Stage) -> None:
    _codebook(stage, "entity", "ORG")
    dialog = stage.window.codebook._dialog
    assert dialog is not None
    dialog.delete()


def _new_layer(stage: Stage) -> None:
    _codebook(stage, "entity", "ORG")
    dialog = stage.window.codebook._dialog
    assert dialog is not None
    dialog.add_layer()


def _import_codebook(stage: Stage) -> None:
    from annotator.ui.label_dialogs import CodebookImportDialog

    changes = "New labels: entity WEAPON, stance pro-China.\nChanged: entity ORG (definition)."
    CodebookImportDialog("colleagues.toml", changes, True, stage.window).exec()


def _import(stage: Stage) -> None:
    from annotator.formats import FilePreview, ImportReport, Preview, registry
    from annotator.ui.import_dialog import ImportDialog

    table, brat = registry.named("table"), registry.named("brat")
    one = FilePreview(Path("leaders.csv"), table, articles=120, known=3, titles=["Talks in Yerevan go on"])
    one.columns, one.mapping = ("headline", "body", "outlet"), {"title": "headline", "text": "body"}
    two = FilePreview(Path("talks.ann"), brat, articles=1, spans=42)
    two.labels.update({("entity", "GPE"): 30, ("entity", "PERSON"): 12})
    two.lost.update({"relations": 7})
    three = FilePreview(Path("broken.ann"), brat, failed="needs its text: put broken.txt beside it")
    report = ImportReport(new=118, known=3, annotations=42)
    seen = Preview((one, two, three), 2, (), report)
    ImportDialog(seen, (table, brat), stage.window.session.settings, stage.window).exec()


def _export_check(stage: Stage) -> None:
    from annotator.formats import ExportCheck, registry
    from annotator.ui.dialogs import ExportCheckDialog

    head = (
        "2 spans have an edge inside a token of spaCy, and would be widened to whole tokens there. Where "
        "they really stand is kept beside, and comes back on import."
    )
    spans = (
        "“Yerevan” (GPE) in “Talks in Yerevan go on”: now “Yerevan-based”",
        "“pro” (pro-West) in “Start-ups”: now “pro-Western”",
    )
    found = ExportCheck(120, 120, 842, (head,), spans)
    ExportCheckDialog(registry.named("spacy"), found, stage.window).exec()


def _occurrences(stage: Stage) -> None:
    stage.article("start-ups")
    stage.span("GPE")
    stage.window.occurrences.label_project()
    stage.settle(0.4)


def _hebrew_occurrences(stage: Stage) -> None:
    """The list of a name, some lines of which run from right to left, and one in Latin letters there."""
    stage.window.pane.view.clear_selection()
    stage.window.occurrences.search()
    dialog = stage.window.occurrences._dialog
    assert dialog is not None
    names = "Reuters; האיחוד האירופי; ירושלים; موسكو"
    dialog.field.setText(names)
    dialog.field.textEdited.emit(names)
    stage.settle(0.5)


def _search(stage: Stage) -> None:
    stage.window.pane.view.clear_selection()
    stage.window.occurrences.search()
    dialog = stage.window.occurrences._dialog
    assert dialog is not None
    dialog.field.setText("Moscow")
    dialog.field.textEdited.emit("Moscow")
    stage.settle(0.5)


def _actor(stage: Stage, act: str) -> None:
    stage.article("start-ups")
    stage.span("GPE")
    stage.window.actors.confirm()
    stage.span("GPE")
    getattr(stage.window.actors, act)()


def _evaluation(stage: Stage) -> None:
    stage.window.dialogs.show_evaluation()
    stage.settle(0.5)


def _overview(stage: Stage) -> None:
    stage.window.dialogs.show_overview()
    stage.settle(0.5)


def _new_key(stage: Stage) -> None:
    """As from the sheet of keys, on a command."""
    NewKeyDialog("Undo", ["Ctrl+Z"], lambda key: None, stage.window).exec()


def _opening(stage: Stage) -> Iterator[None]:
    """What is shown while a large project opens; this one is never begun."""
    dialog = OpeningDialog(Opening(stage.path, "anna", stage.window), stage.window)
    yield
    dialog.close()


class _Counted:
    """How far a long work has come."""

    done, total = 41_200, 100_000


def _long_work(stage: Stage, title: str) -> Iterator[SteppedTask]:
    """A work in its middle that goes no further."""
    over = threading.Event()

    def work() -> Generator[_Counted, None, None]:
        while not over.wait(0.02):
            yield _Counted()

    task = stage.window.files.run(title, work(), appears=0)
    assert task is not None
    stage.settle(0.3)
    yield task
    over.set()
    ended: list[bool] = []
    task.ended.connect(lambda: ended.append(True))
    stage.wait(lambda: bool(ended))


def _stop_work(stage: Stage) -> Iterator[None]:
    for _ in _long_work(stage, "Exporting"):
        stage.window.files.may_leave("open Georgia.annot")
        yield


def _other_pipeline(stage: Stage) -> None:
    model = InstalledModel("en_newsroom_ner", "en", "1.4.0", "en_newsroom_ner")
    stage.window.models._ask("en", model)


def _undo_to_here(stage: Stage) -> None:
    """The question before many acts are undone."""
    article = stage.article("start-ups")
    stage.window.session.perform(lambda project: project.articles.set_note(article, "Ask Lilit."))
    _history(stage)
    dialog = next(w for w in stage.window.findChildren(HistoryDialog) if w.isVisible())
    act = stage.project.history.last()
    assert act is not None
    dialog._confirmed(1_204, act)
    dialog.close()
    stage.window.session.perform(lambda project: project.undo())


def _reset_keys(stage: Stage) -> None:
    """The question before the person's own keys are forgotten."""
    actions = stage.window.actions_
    usual = actions.keymap
    actions.set_keymap(usual.with_keys("undo", ("Ctrl+U",), actions.commands["undo"].keys))
    KeysDialog(actions, lambda keymap: None, stage.window)._ask_to_reset()
    actions.set_keymap(usual)


CHARTS = 9  # of the overview
MENUS = 6  # of the menu bar

PAGES = (
    # The window
    Page("window", _work),
    Page("first-start", lambda s: (s.article("start-ups"), s.window.welcome())),
    Page("passage", _passage),
    Page("holder", partial(_claim, act="holder")),
    Page("holder-far-right", _claim_at_the_edge),
    Page("span-note", partial(_claim, act="note")),
    Page("done", lambda s: s.article("monitoring mission")),
    Page("long-article", lambda s: s.article("A very long article")),
    Page("long-title", lambda s: s.article("Donau")),
    Page("no-text", lambda s: s.article("No text")),
    Page("hebrew", _hebrew),
    Page("arabic", lambda s: (s.article("بعثة"), s.span("GPE"))),
    Page("mixed", _mixed),
    Page("russian", lambda s: s.article("Ереван и Москва")),
    Page("large-text", _large),
    *(Page(f"menu-{at}", partial(_menu, at=at), "QMenu") for at in ("span", "article", "actor")),
    Page("menu-words", _menu_of_words, "QMenu"),
    Page("menu-order", _menu_of_order, "QMenu"),
    *(Page(f"menu-bar-{n + 1}", partial(_menu_of_bar, number=n), "QMenu") for n in range(MENUS)),
    Page("list-hidden", partial(_beside, name="list")),
    Page("panels-hidden", partial(_beside, name="panels")),
    Page("text-alone", _alone),
    Page("find-bar", _find),
    Page("rule-card", _rule),
    Page("rule-card-long", _long_rule),
    Page("notice", lambda s: s.window.notify("412 of 412 spans verified.")),
    Page("warning", _warning),
    Page("reading-only", _reading_only),
    Page("blind", _blind),
    Page("suggesting", _suggesting),
    Page("not-saved", _not_saved),
    Page("no-match", _no_match),
    Page("filters", _filtered),
    Page("filter-fields", partial(_choose_filter, typed="")),
    Page("filter-values", partial(_choose_filter, typed="label")),
    Page("label-mode", _label_mode),
    Page("empty-project", _empty_project),
    Page("no-project", _no_project),
    # The dialogs, by the menus
    Page("paste", lambda s: s.window.files.paste(), "PasteDialog"),
    Page("export", lambda s: s.window.files.export(), "ExportDialog"),
    Page("export-check", _export_check, "ExportCheckDialog"),
    Page("restore", lambda s: s.window.files.restore(), "RestoreDialog"),
    Page("history", _history, "HistoryDialog"),
    Page("metadata", lambda s: (s.article("start-ups"), s.window.dialogs.edit_metadata()), "MetadataDialog"),
    Page("occurrences", _occurrences, "OccurrencesDialog"),
    Page("project-search", _search, "OccurrencesDialog"),
    Page("hebrew-search", _hebrew_occurrences, "OccurrencesDialog"),
    Page("merge-actor", partial(_actor, act="merge"), "ChooseDialog"),
    Page("text", lambda s: s.window.appearance.choose_text(), "ReadingDialog"),
    Page("models", lambda s: s.window.models.show(), "ModelDialog"),
    Page("actors", lambda s: s.window.actors.show_all(), "ActorsDialog"),
    Page("evaluation", _evaluation, "EvaluationDialog"),
    Page("overview", _overview, "OverviewDialog"),
    *(Page(f"chart-{n + 1}", partial(_chart, number=n), "OverviewDialog") for n in range(CHARTS)),
    Page("codebook", partial(_codebook, layer="entity", label="ORG"), "CodebookDialog"),
    Page("codebook-stance", partial(_codebook, layer="stance", label="neutral"), "CodebookDialog"),
    Page("delete-label", _delete_label, "DeleteLabelDialog"),
    Page("new-layer", _new_layer, "NewLayerDialog"),
    Page("import", _import, "ImportDialog"),
    Page("import-codebook", _import_codebook, "CodebookImportDialog"),
    Page("compact", lambda s: s.window.dialogs.compact(), "CompactDialog"),
    Page("project-settings", lambda s: s.window.dialogs.edit_project_settings(), "ProjectSettingsDialog"),
    Page("your-name", lambda s: s.window.dialogs.choose_annotator(), "QInputDialog"),
    Page("new-key", _new_key, "NewKeyDialog"),
    Page("opening", _opening, "OpeningDialog"),
    Page("long-work", partial(_long_work, title="Importing"), "QProgressDialog"),
    Page("ask-stop-work", _stop_work, "QMessageBox"),
    Page("ask-pipeline", _other_pipeline, "QMessageBox"),
    Page("ask-accept-all", lambda s: s.window.bulk._ask(OpenSuggestions(4_210, 87)), "QMessageBox"),
    Page("ask-undo-to-here", _undo_to_here, "QMessageBox"),
    Page("ask-lose-note", lambda s: s.window.dialogs.may_lose_note(), "QMessageBox"),
    Page("ask-reset-keys", _reset_keys, "QMessageBox"),
    Page("palette", lambda s: s.window.palette_.open()),
    Page("keys", lambda s: s.window.dialogs.show_keys(), "KeysDialog"),
    Page("about", lambda s: s.window.dialogs.about(), "AboutDialog"),
    Page("crash", _crash, "CrashDialog"),
    Page("details", _details, "QDialog"),
)
