"""The present keys wherever the window names one: buttons, fields, tool-tips, empty lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class KeyWords(QObject):
    """Puts keys into words again whenever they change."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.list.with_keys = window.pane.mode_bar.with_keys = window.actions_.words
        window.actions_.keys_changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Name the keys that work now."""
        window, actions = self._window, self._window.actions_
        done = window.panels.done_button
        done.setText(f"Done, next article    {actions.shown('done')}".rstrip())
        window.list.search_field.set_hint(actions.shown("search"))
        window.list.search_field.setToolTip(actions.tip("Search the articles", "search"))
        window.list.show_keys()
        window.pane.mode_bar.show_keys()
        window.appearance.panes.tell()
        window.note.ask(actions.tip("Why this label?", "note"))
        find = window.pane.find_bar
        for widget, words, command in (
            (done, "Mark the article done and open the next one", "done"),
            (window.pane.edit, "Edit title, source, date and other metadata", "metadata"),
            (find.previous, "Previous hit", "find_previous"),
            (find.next, "Next hit", "find_next"),
        ):
            widget.setToolTip(actions.tip(words, command))
        self.show_no_entities()
        window.article_state.follow_active()
        if window.labelling.article:
            window.article_state.show_stance()

    def show_no_entities(self) -> None:
        """Say in the empty list of entities what to do about it: nothing, where no article is open."""
        window, actions = self._window, self._window.actions_
        if not window.labelling.article:
            window.spans.set_empty("The entities of the article stand here.")
            return
        keys = [name for name in actions.commands if name.startswith("label/entity/") and actions.shown(name)]
        few = f"press {actions.shown(keys[0])}" if keys else "take Annotate › Label"
        if len(keys) > 1:
            few += f" to {actions.shown(keys[-1])}"
        window.spans.set_empty(
            actions.words(f"No entities yet. Select words and {few}, or let {{suggest}} look for them.")
        )
