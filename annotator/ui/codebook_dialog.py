"""Tools > Codebook: layers and labels, their rules and examples, and what older wordings left."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Change, Codebook, Label, Layer
from annotator.project.older_wording import confirm, confirm_all, older_in_steps
from annotator.ui.chips import one_line, plain_label, plain_tip, sentence
from annotator.ui.choose_dialog import ask_name, choose
from annotator.ui.codebook_files import CodebookFiles
from annotator.ui.color_vision import first_apart
from annotator.ui.examples_box import ExamplesBox
from annotator.ui.label_dialogs import DeleteLabelDialog, NewLayerDialog
from annotator.ui.label_form import LabelForm, key_conflicts, swatch
from annotator.ui.older_tab import OlderTab
from annotator.ui.session import Session

if TYPE_CHECKING:
    from annotator.project import Project

Place = tuple[str, str | None]
"""A layer, and a label of it or None."""

_SHOWN = frozenset({"layers", "labels", "examples"})  # tables that the editor shows


class CodebookDialog(QDialog):
    """Stays open beside the window, so that examples can be taken from the article."""

    changing = Signal()  # an act is about to be done; hand in what is still pending
    undo_wanted = Signal()
    redo_wanted = Signal()
    example_wanted = Signal(str, str, bool)  # layer, label, whether it fits what is chosen in the article
    opened = Signal(int, int, int)  # article, start and end of the words
    older_opened = Signal(object)  # an Older
    long_wanted = Signal(object, object)  # steps of a long act, and what takes its Change

    def __init__(self, session: Session, taken: Callable[[], dict[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.with_keys: Callable[[str], str] = str  # puts present keys of commands in braces into words
        self._codebook = Codebook(0, ())
        self._filling = False
        self.setWindowTitle("Codebook")
        self._build()
        self.form.taken = taken
        self.files = CodebookFiles(self, session)
        self._connect()
        self.setMinimumSize(860, 560)
        self.resize(1000, 680)

    def _build(self) -> None:
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Layers and labels")
        self.tree.setHeaderLabels(["Label", "Key"])
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.add_button = QPushButton("&Add a label…")
        self.add_layer_button = QPushButton("Add a la&yer…")
        self.up_button, self.down_button = QPushButton("Up"), QPushButton("Down")
        self.up_button.setToolTip("Alt+Up")
        self.down_button.setToolTip("Alt+Down")
        self.merge_button = QPushButton("Mer&ge into…")
        self.retire_button = QPushButton("Ret&ire")
        self.delete_button = QPushButton("D&elete…")
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.tree, 1)
        grid = QGridLayout()
        for number, button in enumerate(
            (
                *(self.add_button, self.add_layer_button, self.up_button, self.down_button),
                *(self.merge_button, self.retire_button, self.delete_button),
            )
        ):
            grid.addWidget(button, number // 2, number % 2)
        column.addLayout(grid)
        self.form, self.examples = LabelForm(), ExamplesBox()
        right = QWidget()
        fields = QVBoxLayout(right)
        fields.setContentsMargins(12, 8, 8, 8)
        fields.addWidget(self.form, 3)
        fields.addWidget(self.examples, 2)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([330, 640])
        self.older = OlderTab()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the codebook")
        self.tabs.addTab(splitter, "&Labels")
        self.tabs.addTab(self.older, "Older &wording")
        self.words = plain_label(muted=True)
        self.import_button, self.export_button = QPushButton("Im&port…"), QPushButton("E&xport…")
        self.close_button = QPushButton("&Close")
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        for button in (self.import_button, self.export_button, self.close_button):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(below)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the fields

    def _connect(self) -> None:
        self.tree.currentItemChanged.connect(self._show_current)
        self.form.edited.connect(self._edit)
        for button, act in (
            (self.add_button, self.add),
            (self.add_layer_button, self.add_layer),
            (self.up_button, lambda: self.move_by(-1)),
            (self.down_button, lambda: self.move_by(1)),
            (self.merge_button, self.merge),
            (self.retire_button, self.retire),
            (self.delete_button, self.delete),
            (self.import_button, self.files.import_),
            (self.export_button, self.files.export),
            (self.close_button, self.reject),
        ):
            button.clicked.connect(act)
        self.examples.wanted.connect(self._take)
        self.examples.removed.connect(
            lambda id_: self.perform(lambda p: p.codebook_editing.remove_example(id_))
        )
        self.examples.opened.connect(lambda *place: self.opened.emit(*place))
        self.tabs.currentChanged.connect(self._show_older)
        self.older.opened.connect(self.older_opened)
        self.older.confirmed.connect(lambda ids: self.perform(lambda p: confirm(p, ids)))
        self.older.all_confirmed.connect(self._confirm_all)
        for keys, steps in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(keys), self).activated.connect(partial(self.move_by, steps))
        self.shortcuts = {"undo": QShortcut(self), "redo": QShortcut(self)}
        self.shortcuts["undo"].activated.connect(partial(self.form.step, "undo", self.undo_wanted.emit))
        self.shortcuts["redo"].activated.connect(partial(self.form.step, "redo", self.redo_wanted.emit))
        delete = QShortcut(QKeySequence("Del"), self.tree)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.delete)
        self._session.changed.connect(self._changed)
        self._session.failed.connect(self._failed)
        self._session.closing.connect(self.older.stop)
        self._session.closing.connect(self.reject)

    # Showing

    def open_beside(self, wanted: Place | None = None) -> None:
        """Show the codebook, at a label or where it was left, or bring it to the front."""
        self._say("")
        self.refresh(wanted)
        self.show()
        self.activateWindow()
        self.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _changed(self, change: Change) -> None:
        """Follow what an act beside the editor changed; what is being typed in it stays."""
        if not (self.isVisible() and change.tables):
            return
        if change.act is None or not change.tables.isdisjoint(_SHOWN):  # None: another program
            self.refresh(keep=True)
        else:
            self._show_older()

    def _failed(self, words: str) -> None:
        if self.isVisible():  # the window's notice may be behind us
            self._say(words)

    def done(self, result: int) -> None:
        """Hand in what is still in a field."""
        if self.isVisible():
            self.form.commit()
        super().done(result)

    def refresh(self, wanted: Place | None = None, *, keep: bool = False) -> None:
        """Read the codebook anew; what is chosen stays chosen, or ``wanted`` is.

        ``keep``: so does what was typed in its fields and is not handed in yet.
        """
        project = self._session.project
        if project is None:
            return
        place = wanted or self.place()
        self._codebook = project.codebook.read()
        self.setWindowTitle(f"Codebook, version {self._codebook.version}")
        self._filling = True
        self.tree.clear()
        for layer in self._codebook.layers:
            top = self._item(None, layer.name, "", (layer.name, None))
            for label in layer.labels:
                words = f"{label.name} (retired)" if label.retired else label.name
                item = self._item(top, words, label.key, (layer.name, label.name))
                item.setIcon(0, swatch(label.color))
                if label.key and not label.retired:
                    taken = self.form.taken()
                    words = key_conflicts(self._codebook, layer.name, label.name, label.key, taken)
                    if words:
                        item.setText(1, f"{label.key} ⚠")
                        item.setToolTip(1, plain_tip(words))
        self.tree.expandAll()
        self._choose(place)
        self._filling = False
        self._show_older()
        self._show_current(keep=keep)

    def _show_older(self, *_: int) -> None:
        project = self._session.project
        if project is not None and self.tabs.currentWidget() is self.older:  # it looks at all annotations
            me = self._session.annotator if self._session.writable else ""
            self.older.look(older_in_steps(project), me=me)

    def _item(self, parent: QTreeWidgetItem | None, words: str, key: str, place: Place) -> QTreeWidgetItem:
        item = QTreeWidgetItem([one_line(words), key])
        item.setData(0, Qt.ItemDataRole.UserRole, place)
        if parent is None:
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
            self.tree.addTopLevelItem(item)
        else:
            parent.addChild(item)
        return item

    def _choose(self, place: Place | None) -> None:
        items = [self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())]
        every = [item for top in items if top is not None for item in (top, *_children(top))]
        found = [item for item in every if _place(item) == place]
        found += [item for item in every if place is not None and _place(item) == (place[0], None)]
        if every:
            self.tree.setCurrentItem((found or every[1:] or every)[0])

    def place(self) -> Place | None:
        """Return the layer and label that are chosen."""
        item = self.tree.currentItem()
        return _place(item) if item is not None else None

    def label(self) -> Label | None:
        """Return the label that is chosen."""
        place = self.place()
        if place is None or place[1] is None:
            return None
        return self._codebook.label(place[0], place[1])

    def layer(self) -> Layer | None:
        """Return the layer that is chosen, or that of the chosen label."""
        place = self.place()
        return self._codebook.layer(place[0]) if place is not None else None

    def _show_current(self, *_: QTreeWidgetItem | None, keep: bool = False) -> None:
        project = self._session.project
        if self._filling or project is None:
            return
        label, may = self.label(), self._session.writable
        if label is not None:
            self.form.show_label(label, self._codebook, keep=keep)
            examples = project.codebook_editing.examples(label.layer, label.name)
            self.examples.show_examples(examples, writable=may)
        else:
            self.form.show_layer(self.layer(), keep=keep)
        self.examples.setVisible(label is not None)
        self.form.setEnabled(may and self.layer() is not None)
        self.retire_button.setText("Br&ing back" if label is not None and label.retired else "Ret&ire")
        for button in (self.merge_button, self.retire_button):
            button.setEnabled(may and label is not None)
        for button in (self.add_button, self.up_button, self.down_button, self.delete_button):
            button.setEnabled(may and self.layer() is not None)
        for button in (self.add_layer_button, self.import_button):
            button.setEnabled(may)

    def _say(self, words: str) -> None:
        self.words.setText(words)
        if words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # Acts

    def perform(self, act: Callable[[Project], Change | None], then: Place | None = None) -> bool:
        """Do one act and say what was done; ``then`` is chosen afterwards. Tell whether it was done."""
        self.changing.emit()
        self._say("")
        change = self._session.perform(act)
        self.refresh(then if change is not None else None)
        if change is not None and change.tables:
            self._say(sentence(change.text) + self.with_keys(" {undo} takes it back."))
        return change is not None

    def _edit(self, changed: dict[str, Any]) -> None:
        place = self.place()
        if place is None:
            return
        layer, label = place
        name = changed.get("name") or None
        if "name" in changed and name is None:
            self._say("A name is missing. It stays as it was.")
            self._show_current()
            return
        if label is not None:
            then = (layer, name or label)
            self.perform(lambda p: p.codebook_editing.edit_label(layer, label, **changed), then)
        else:
            self.perform(lambda p: p.codebook_editing.edit_layer(layer, **changed), (name or layer, None))

    def add(self) -> None:
        """Ask for a name and add a label, in a colour that looks like no other's of the layer."""
        self.form.commit()
        layer = self.layer()
        if layer is not None and self._session.writable:
            name = ask_name(self, "New label", f"A new label of the layer {layer.name}:", "")
            if name is not None:
                color = first_apart(label.color for label in layer.labels)
                act = (layer.name, " ".join(name.split()))
                self.perform(lambda p: p.codebook_editing.add_label(*act, color=color), act)

    def add_layer(self) -> None:
        """Ask for a name and add a layer."""
        self.form.commit()
        dialog = NewLayerDialog(self)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        name, scope = " ".join(dialog.name.text().split()), dialog.scope.currentData()
        exclusive = dialog.exclusive.isChecked()
        dialog.deleteLater()
        if accepted:
            self.perform(
                lambda p: p.codebook_editing.add_layer(name, scope, exclusive=exclusive), (name, None)
            )

    def move_by(self, steps: int) -> None:
        """Move the chosen label within its layer, or the chosen layer."""
        self.form.commit()
        layer, label = self.layer(), self.label()
        if layer is None or not self._session.writable:
            return
        if label is not None:
            number = [other.name for other in layer.labels].index(label.name) + steps
            if 0 <= number < len(layer.labels):
                self.perform(lambda p: p.codebook_editing.move_label(layer.name, label.name, number))
        else:
            number = [other.name for other in self._codebook.layers].index(layer.name) + steps
            if 0 <= number < len(self._codebook.layers):
                self.perform(lambda p: p.codebook_editing.move_layer(layer.name, number))

    def merge(self) -> None:
        """Ask for another label of the layer, and make the two one."""
        self.form.commit()
        label = self.label()
        if label is not None:
            into = choose(
                "Merge into another label", f"{label.name} is the same as:", self._others(label), self
            )
            if into is not None:
                self._merge(label, into)

    def _others(self, label: Label) -> list[tuple[str, str]]:
        labels = self._codebook.labels(label.layer)
        return [(other.name, other.definition) for other in labels if other.name != label.name]

    def _merge(self, label: Label, into: str) -> None:
        project = self._session.project
        if project is not None:
            place, then = (label.layer, label.name), (label.layer, into)
            if project.codebook.takes_steps(*place):
                self.run(project.codebook.delete_label_in_steps(*place, move_to=into), then)
            else:
                self.perform(lambda p: p.codebook_editing.merge(*place, into), then)

    def run(self, steps: Generator[Any, None, Change], then: Place | None) -> None:
        """Let the window do a long act beside its event loop."""
        self.changing.emit()
        self._say("")

        def finished(change: Change) -> None:
            self._say(sentence(change.text))
            self.refresh(then)

        self.long_wanted.emit(steps, finished)

    def retire(self) -> None:
        """Retire the chosen label, or bring it back."""
        self.form.commit()
        label = self.label()
        if label is not None:
            self._retire(label, retired=not label.retired)

    def _retire(self, label: Label, *, retired: bool = True) -> None:
        project, place = self._session.project, (label.layer, label.name)
        if project is not None and retired and project.codebook.takes_steps(*place):
            self.run(project.codebook_editing.retire_in_steps(*place), place)
        else:
            self.perform(lambda p: p.codebook_editing.retire(*place, retired=retired))

    def delete(self) -> None:
        """Delete what is chosen; where a label has annotations, ask what becomes of them."""
        self.form.commit()
        layer, label, project = self.layer(), self.label(), self._session.project
        if layer is None or project is None or not self._session.writable:
            return
        if label is None:
            self.perform(lambda p: p.codebook_editing.delete_layer(layer.name))
            return
        place, others = (label.layer, label.name), [name for name, _ in self._others(label)]
        uses = project.codebook_editing.uses(*place)
        answer: tuple[str, str | None] | None = ("delete", None)
        if uses.annotations:
            dialog = DeleteLabelDialog(label.name, uses.annotations, others, self)
            answer = dialog.answer() if dialog.exec() == QDialog.DialogCode.Accepted else None
            dialog.deleteLater()
        project = self._session.project  # anew: a step may have begun while the question stood there
        if answer is None or project is None:
            return
        what, into = answer
        if into is not None:
            self._merge(label, into)
        elif what == "retire":
            self._retire(label)
        elif project.codebook.takes_steps(*place):
            self.run(project.codebook.delete_label_in_steps(*place), (label.layer, None))
        else:
            self.perform(lambda p: p.codebook.delete_label(*place), (label.layer, None))

    def _take(self, fits: bool) -> None:
        self.form.commit()
        label = self.label()
        if label is not None:
            self.example_wanted.emit(label.layer, label.name, fits)

    def said(self, words: str) -> None:
        """Say what became of something that was asked for here."""
        self._say(words)

    def _confirm_all(self) -> None:
        project, place = self._session.project, self.place()
        if project is not None and place is not None:
            self.run(confirm_all(project), place)


def _place(item: QTreeWidgetItem) -> Place:
    layer, label = item.data(0, Qt.ItemDataRole.UserRole)
    return layer, label


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (item.child(number) for number in range(item.childCount()))
    return [child for child in children if child is not None]
