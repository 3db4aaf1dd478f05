"""The commands of the main window; labels get theirs from the codebook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from annotator.ui.commands import Command, keys_for

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


ACTOR = "&Annotate/Ac&tor"
PASSAGE = "&Annotate/Stance o&f the passage"
EDGES = "&Annotate/Span's &edges"
EXAMPLES = "&Annotate/E&xample of the label"
CARET = "&Edit/&Caret"


def window_commands(window: MainWindow) -> list[Command]:
    """Return everything that can be done in ``window``, in the order of its menus."""
    return [*_file(window), *_edit(window), *_annotate(window), *_view(window), *_tools_and_help(window)]


def _file(window: MainWindow) -> list[Command]:
    files = window.files
    menu = partial(Command, menu="&File")
    take = partial(Command, menu="&File", needs="writable")
    return [
        menu("new", "&New project…", files.new_project, ("Ctrl+N",)),
        menu("open", "&Open project…", files.open_project, ("Ctrl+O",), icon="folder"),
        take("import", "&Import files…", files.import_files, ("Ctrl+I",), icon="import", short="Import"),
        take("import_folder", "Import a &folder…", files.import_folder, ("Ctrl+Shift+I",)),
        take("paste", "&Paste a text as an article…", files.paste, ("Ctrl+Shift+V",)),
        menu(
            "export",
            "&Export…",
            files.export,
            ("Ctrl+E",),
            needs="project",
            icon="export",
            short="Export",
            section=True,
        ),
        menu("bundle", "Publication &bundle…", files.export_bundle, needs="project"),
        menu("copy", "Save a &copy…", files.save_copy, needs="project"),
        menu("restore", "Res&tore a backup…", files.restore),
        menu("quit", "&Quit", window.close, ("Ctrl+Q",), section=True),
    ]


def _edit(window: MainWindow) -> list[Command]:
    menu, find = partial(Command, menu="&Edit"), window.pane.find_bar
    return [
        menu("undo", "&Undo", window.undo, ("Ctrl+Z",), needs="writable", icon="undo"),
        menu("redo", "&Redo", window.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), needs="writable", icon="redo"),
        menu("history", "&History…", window.dialogs.show_history, ("Ctrl+H",), needs="project"),
        menu(
            "metadata",
            "Edit &metadata…",
            window.dialogs.edit_metadata,
            ("F2",),
            needs="labelling",
            section=True,
        ),
        menu(
            "cite",
            "&Copy the span with its reference",
            window.citing.copy,
            ("Ctrl+Shift+C",),
            needs="article",
        ),
        menu("find", "&Find in the article…", find.open, ("Ctrl+F",), needs="article", section=True),
        menu("find_next", "Find ne&xt", find.go_on, ("F3",), needs="article", repeats=True),
        menu("find_previous", "Find pre&vious", find.go_back, ("Shift+F3",), needs="article", repeats=True),
        menu(
            "find_project",
            "Find in the &project…",
            window.occurrences.search,
            ("Ctrl+Shift+F",),
            needs="project",
        ),
        menu("search", "&Search articles", window.search, ("Ctrl+L",), needs="project"),
        menu(
            "filter",
            "Fi&lter articles…",
            window.filters.choose,
            keys_for("P"),
            scope="text",
            needs="project",
        ),
        menu(
            "show_all",
            "Sho&w all articles",
            window.filters.clear,
            keys_for("Shift+P"),
            scope="text",
            needs="project",
        ),
        *_caret(window),
    ]


def _caret(window: MainWindow) -> list[Command]:
    view = window.pane.view
    go = partial(Command, menu=CARET, scope="article", needs="article", repeats=True)
    by = view.move_by_sentence
    return [
        go("next_sentence", "Caret to the next sentence", partial(by, 1), ("Ctrl+Down",)),
        go("previous_sentence", "Caret to the sentence before", partial(by, -1), ("Ctrl+Up",)),
        go(
            "select_sentence",
            "Select to the next sentence",
            partial(by, 1, selecting=True),
            ("Ctrl+Shift+Down",),
        ),
        go(
            "select_sentence_before",
            "Select to the sentence before",
            partial(by, -1, selecting=True),
            ("Ctrl+Shift+Up",),
        ),
        go(
            "widen",
            "Select &word, sentence, paragraph",
            window.label_mode.select,
            keys_for("V"),
            repeats=False,
        ),
        go("next_name", "Next words that may be a name", partial(window.names.go, 1), keys_for("Q")),
        go(
            "previous_name",
            "Words before that may be a name",
            partial(window.names.go, -1),
            keys_for("Shift+Q"),
        ),
        go(
            "spans_here",
            "Go t&o the spans at the caret",
            view.activate_at_caret,
            keys_for("O"),
            repeats=False,
        ),
    ]


def _annotate(window: MainWindow) -> list[Command]:
    labelling = window.labelling
    go = partial(Command, menu="&Annotate", scope="text", needs="article", repeats=True)
    do = partial(Command, menu="&Annotate", scope="text", needs="labelling")
    walk = partial(go, scope="spans")
    act = partial(do, scope="spans")
    edge, take = partial(act, menu=EDGES), partial(act, menu=EXAMPLES)
    move = window.shape.move_edge
    return [
        walk("next_suggestion", "&Next suggestion", labelling.next_suggestion, ("Tab", ".")),
        walk(
            "previous_suggestion", "&Previous suggestion", labelling.previous_suggestion, ("Shift+Tab", ",")
        ),
        Command(
            "visit_zones", "Stop at &zones too", labelling.toggle_zones, menu="&Annotate", checkable=True
        ),
        act("accept", "&Accept", labelling.accept, keys_for("A"), icon="accept", section=True),
        act("accept_mentions", "Accept at all &its mentions", labelling.accept_mentions, keys_for("Z")),
        act("reject", "Re&ject", labelling.reject, keys_for("X"), icon="reject"),
        act("reject_alone", "Reject this mention onl&y", labelling.reject_alone, keys_for("Shift+X")),
        act("accept_all", "Accept a&ll", labelling.accept_all, keys_for("Shift+A"), icon="accept_all"),
        Command(
            "accept_project",
            "Accept all in t&he project…",
            window.bulk.accept_all,
            ("Ctrl+Shift+A",),
            menu="&Annotate",
            needs="writable",
        ),
        act("remove", "Re&move the active span", labelling.remove, ("Del",)),
        act(
            "everywhere_here",
            "Label it e&verywhere here",
            window.occurrences.label_here,
            keys_for("G"),
            section=True,
        ),
        act(
            "everywhere",
            "Label it every&where in the project…",
            window.occurrences.label_project,
            keys_for("Shift+G"),
        ),
        edge(
            "end_right",
            "Span's end a word right",
            partial(move, "end", 1),
            ("Alt+Right",),
            repeats=True,
        ),
        edge("end_left", "Span's end a word left", partial(move, "end", -1), ("Alt+Left",), repeats=True),
        edge(
            "start_right",
            "Span's start a word right",
            partial(move, "start", 1),
            ("Alt+Shift+Right",),
            repeats=True,
        ),
        edge(
            "start_left",
            "Span's start a word left",
            partial(move, "start", -1),
            ("Alt+Shift+Left",),
            repeats=True,
        ),
        *_shape(window),
        *_claims(window),
        *_actors(window),
        take("example", "Take as an e&xample", partial(window.codebook.take, fits=True), keys_for("E")),
        take(
            "counter_example",
            "Take as a co&unter-example",
            partial(window.codebook.take, fits=False),
            keys_for("Shift+E"),
        ),
        do("flag", "Fla&g", window.walk.flag, keys_for("F"), icon="flag", section=True),
        do("note", "N&ote", window.write_note, keys_for("M"), icon="note"),
        do("done", "&Done, next article", window.walk.done, ("Ctrl+Enter", "Ctrl+Return"), scope="window"),
        do(
            "accept_done",
            "A&ccept all, done, next article",
            window.walk.accept_all_and_done,
            ("Ctrl+Shift+Enter", "Ctrl+Shift+Return"),
            scope="window",
        ),
        do("skip", "&Skip", window.walk.skip, ("Space",)),
        go("next_article", "Next a&rticle", partial(window.walk.go, 1), keys_for("J"), icon="next"),
        go(
            "previous_article",
            "Previo&us article",
            partial(window.walk.go, -1),
            keys_for("K"),
            icon="previous",
        ),
    ]


def _claims(window: MainWindow) -> list[Command]:
    claims = window.claims
    act = partial(Command, menu=PASSAGE, scope="spans", needs="labelling")
    return [
        act("holder", "&Holder of the passage…", claims.holder, keys_for("H")),
        act("target", "&Target of the passage…", claims.target, keys_for("T")),
        act("certainty", "H&ow sure: one to three", claims.certainty, keys_for("U")),
        act("span_note", "&Note on the span or stance…", claims.note, keys_for("Shift+N")),
        act("derive", "Stanc&e from the passages", claims.derive, keys_for("D")),
    ]


def _shape(window: MainWindow) -> list[Command]:
    move = partial(window.shape.move_edge, by="character")
    act = partial(Command, menu=EDGES, scope="spans", needs="labelling")
    go = partial(act, repeats=True)
    # Not as Shift+], too: both would be met by one press, and Qt does neither of two.
    start_right, start_left = ("}", keys_for("Shift+]")[1]), ("{", keys_for("Shift+[")[1])
    return [
        go("end_on", "Span's end a character right", partial(move, "end", 1), keys_for("]")),
        go("end_back", "Span's end a character left", partial(move, "end", -1), keys_for("[")),
        go("start_on", "Span's start a character right", partial(move, "start", 1), start_right),
        go("start_back", "Span's start a character left", partial(move, "start", -1), start_left),
        act("split", "Split the span at the caret", window.shape.split, keys_for("S"), section=True),
        act("join", "Join with the next span", window.shape.join, keys_for("Shift+J")),
        Command(
            "label_mode",
            "&Keep a label for what is clicked",
            window.label_mode.toggle,
            keys_for("L"),
            scope="text",
            needs="labelling",
            menu="&Annotate",
        ),
    ]


def _actors(window: MainWindow) -> list[Command]:
    actors = window.actors
    act = partial(Command, menu=ACTOR, scope="spans", needs="labelling")
    return [
        act("confirm_actor", "Conf&irm the actor", actors.confirm, keys_for("C")),
        act("rename_actor", "Rename the actor…", actors.rename, ("Shift+F2",)),
        act("merge_actor", "Mer&ge the actor into…", actors.merge, keys_for("Shift+M")),
        act("split_actor", "Split a name off the actor…", actors.split, keys_for("Shift+S")),
        act("assign_actor", "Assign to an actor…", actors.assign, keys_for("Shift+C")),
        act("next_bloc", "The actor's next &bloc", actors.next_bloc, keys_for("Shift+B")),
    ]


def _view(window: MainWindow) -> list[Command]:
    menu = partial(Command, menu="&View")
    show, panes = window.appearance.choose_theme, window.appearance.panes
    return [
        menu("larger", "La&rger text", partial(window.appearance.zoom, 1), ("Ctrl++", "Ctrl+=")),
        menu("smaller", "&Smaller text", partial(window.appearance.zoom, -1), ("Ctrl+-",)),
        menu("usual", "&Usual text size", partial(window.appearance.zoom, 0), ("Ctrl+0",)),
        menu("text", "&Font and lines…", window.appearance.choose_text),
        menu("theme/light", "&Light", partial(show, "light"), checkable=True, section=True),
        menu("theme/dark", "&Dark", partial(show, "dark"), checkable=True),
        menu("theme/contrast", "High &contrast", partial(show, "contrast"), checkable=True),
        menu("theme/system", "As the s&ystem", partial(show, "system"), checkable=True),
        menu(
            "pane/list",
            "List of art&icles",
            partial(panes.toggle, "list"),
            ("F8",),
            checkable=True,
            section=True,
        ),
        menu(
            "pane/panels",
            "Stance, entities and &note",
            partial(panes.toggle, "panels"),
            ("F9",),
            checkable=True,
        ),
        menu("alone", "The te&xt alone", panes.toggle_alone, ("F11",), checkable=True),
        menu("by_actor", "&Entities by actor", window.actors.gather, checkable=True, section=True),
        menu("by_count", "Entities by coun&t", window.actors.sort, checkable=True),
        menu("next_pane", "Next &pane", window.next_pane, ("F6",), section=True),
        menu("menu_here", "&Menu of what the keyboard is at", window.context.open_here, ("Shift+F10",)),
        menu("escape", "Back to the &article", window.escape, ("Esc",)),
    ]


def _tools_and_help(window: MainWindow) -> list[Command]:
    session = window.session
    tools = partial(Command, menu="&Tools")
    return [
        tools("suggest", "&Suggest", session.suggest_pending, needs="writable", icon="suggest"),
        tools("suggest_again", "Suggest &again for all articles", session.suggest_again, needs="writable"),
        tools("stop", "S&top suggesting", session.stop_suggesting, needs="project", icon="stop"),
        tools("models", "&Models…", window.models.show),
        tools("actors", "Act&ors…", window.actors.show_all, ("Ctrl+Shift+L",), needs="project"),
        tools("overview", "O&verview…", window.dialogs.show_overview, ("Ctrl+Shift+O",), needs="project"),
        tools("evaluate", "&How good are the suggestions?", window.dialogs.show_evaluation, needs="project"),
        tools("codebook", "Codeboo&k…", window.codebook.show, ("Ctrl+Shift+K",), needs="project"),
        tools("compact", "&Compact…", window.dialogs.compact, needs="writable"),
        tools(
            "project_settings",
            "&Project settings…",
            window.dialogs.edit_project_settings,
            needs="project",
            section=True,
        ),
        tools("annotator", "Your &name…", window.dialogs.choose_annotator),
        tools("backups", "&Back up when opening", window.backups.toggle, checkable=True),
        Command("palette", "&Command by its name…", window.palette_.open, ("Ctrl+K",), menu="&Help"),
        Command("rule", "&Rule of the label, or the keys", window.codebook.help, ("F1",), menu="&Help"),
        Command("keys", "&Keys", window.dialogs.show_keys, ("Ctrl+F1",), menu="&Help"),
        Command("hide_hint", "H&ide this hint", window.hints.close, menu="&Help"),
        Command("hints", "&Show hints again", window.hints.again, menu="&Help"),
        Command("about", "&About Annotator", window.dialogs.about, menu="&Help"),
    ]
