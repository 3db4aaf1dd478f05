"""Tools > Overview: charts with the project's numbers, saved as files, following the work."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsTextItem, QLabel
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput
from annotator.project import Project, create_project
from annotator.project.charts import Chart, Row, Series, largest, through_time
from annotator.ui import overview_dialog, theme
from annotator.ui.chart_shapes import HATCHINGS, hatched, hatching, round_ticks
from annotator.ui.chips import SMALL, scaled
from annotator.ui.main_window import MainWindow
from annotator.ui.overview_dialog import OverviewDialog

Hands = Any  # the class is in conftest.py
SVG = "{http://www.w3.org/2000/svg}"
THREE = (Series("pro-West", "#2f6fde"), Series("neutral", "#6b7280"), Series("pro-Russia", "#d1343c"))
NASTY = (
    "<b>bold</b><img src='/nowhere.png'><table><tr><td>x",
    "R&D && more\ttab",
    "first\nsecond\r\nthird",
    "\x1b[31mred\x07 \u202eturned\u202c",
    "Ω𝛀 " * 33_000,
    "]]> ' \" <!--",
)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_dialog, "QUIET", 30)


def counted(dialog: OverviewDialog, qtbot: QtBot) -> OverviewDialog:
    """The page, with all numbers there."""
    qtbot.waitUntil(lambda: dialog.overview is not None and not dialog.counting.running, timeout=30_000)
    return dialog


def opened(hands: Hands, window: MainWindow, qtbot: QtBot) -> OverviewDialog:
    """The page, opened by its key in the article."""
    hands.focus(window.pane.view)
    hands.press("Ctrl+Shift+O")
    dialog = window.findChild(OverviewDialog)
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    return counted(dialog, qtbot)


def choose(dialog: OverviewDialog, title: str) -> Chart:
    """Choose a chart by its title in the list."""
    (item,) = dialog.parts.findItems(title, Qt.MatchFlag.MatchExactly)
    dialog.parts.setCurrentItem(item)
    chart = dialog.chart
    assert chart is not None
    assert chart.title == title
    return chart


def drawn(dialog: OverviewDialog) -> dict[tuple[str, str], float]:
    """How long each part is in the picture: by name and series."""
    view = dialog.view
    assert view is not None
    picture = view.chart.picture
    lengths = {}
    for row, series, rect in view.bars.parts():
        length = rect.height() if view.chart.over_time else rect.width()
        lengths[picture.rows[row].names[-1], picture.series[series].name] = length
    return lengths


def cells(dialog: OverviewDialog) -> list[list[str]]:
    """The table beside the chart, as it is read."""
    model = dialog.table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def chart(*rows: Row, series: tuple[Series, ...] = THREE, title: str = "Stance by source") -> Chart:
    return Chart("key", title, "Words.", "articles", ("source",), series, rows, largest(series, rows), "")


# Through the window


def test_its_key_opens_it_and_a_project_without_work_says_what_to_do(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    dialog = opened(hands, window, qtbot)
    assert dialog.words.text() == "0 of 4 articles done"
    assert dialog.parts.count() == 9
    for row in range(dialog.parts.count()):
        dialog.parts.setCurrentRow(row)
        assert dialog.chart is not None
        assert dialog.empty.isVisible()
        assert dialog.empty.text() == dialog.chart.empty
        assert not dialog.picture_button.isEnabled()
        assert not dialog.numbers_button.isEnabled()


def test_keys_in_the_article_become_bars_with_the_same_numbers_beside(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    hands.activate("Armenia")
    hands.press("A", "X")  # Armenia is right, Russia wrong
    hands.caret(0)
    hands.press("W")
    hands.press("Ctrl+Return")
    dialog = opened(hands, window, qtbot)
    assert dialog.words.text() == "1 of 4 articles done"
    done = choose(dialog, "Done per day")
    today = done.rows[0].names[0]
    assert drawn(dialog) == {(today, "anna"): 1}
    assert cells(dialog) == [[today, "1"]]
    choose(dialog, "Stance by source")
    assert drawn(dialog) == {("b.example", "pro-West"): 1}
    choose(dialog, "Stance over time")
    assert drawn(dialog) == {("2024-02", "pro-West"): 1}
    choose(dialog, "Labels by count")
    assert drawn(dialog) == {("GPE", "given"): 1, ("pro-West", "given"): 1}
    assert cells(dialog) == [["entity", "GPE", "1"], ["stance", "pro-West", "1"]]
    choose(dialog, "Suggestions by label")
    assert drawn(dialog)["GPE", "accepted"] == 1
    assert drawn(dialog)["ORG", "rejected"] == 1
    assert drawn(dialog)["PERSON", "left open"] == 1


def test_it_follows_an_act_once_the_keys_rest(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    choose(dialog, "Stance by source")
    counts: list[object] = []
    dialog.counting.finished.connect(counts.append)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    hands.caret(0)
    hands.press("N", "R", "N")
    assert counts == []
    assert "changed" in dialog.state.text()
    qtbot.waitUntil(lambda: drawn(dialog) == {("b.example", "neutral"): 1})
    assert len(counts) == 1  # not once for each key
    assert dialog.state.text() == ""
    assert dialog.chart is not None
    assert dialog.chart.title == "Stance by source"
    hands.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    qtbot.waitUntil(lambda: drawn(dialog) == {("b.example", "pro-West"): 1})


def test_closed_it_counts_nothing(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(hands, window, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    counts: list[object] = []
    dialog.counting.finished.connect(counts.append)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    hands.caret(0)
    hands.press("W")
    assert not dialog._waiting.isActive()
    qtbot.wait(60)
    assert counts == []
    assert not dialog.counting.running


def test_the_work_of_one_annotator(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.project.annotations.add(1, "stance", "pro-West")
    hands.project.annotator = "bob"
    hands.project.annotations.add(1, "stance", "neutral")
    hands.project.articles.set_status(1, "done")
    hands.project.annotator = "anna"
    dialog = opened(hands, window, qtbot)
    assert [dialog.who.itemText(n) for n in range(dialog.who.count())] == ["All annotators", "anna", "bob"]
    choose(dialog, "Stance by source")
    assert len(drawn(dialog)) == 2
    hands.focus(dialog.who)
    hands.press("Down", "Down")
    counted(dialog, qtbot)
    qtbot.waitUntil(lambda: drawn(dialog) == {("b.example", "neutral"): 1})
    assert dialog.words.text() == "1 of 4 articles done by bob"


def test_another_project_has_numbers_of_its_own(
    hands: Hands, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    create_project(tmp_path / "other.annot", annotator="anna").close()
    assert window.open(tmp_path / "other.annot")
    assert not dialog.isVisible()
    assert dialog.overview is None
    window.actions_["overview"].trigger()
    counted(dialog, qtbot)
    assert dialog.words.text() == "0 of 0 articles done"


def test_it_can_be_stopped_and_begun_again(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.project import overview

    def endless(project: Project, annotator: str | None) -> Any:
        while True:
            time.sleep(0.002)
            yield overview.OverviewProgress(1, 4)

    with monkeypatch.context() as patch:
        patch.setattr(overview, "overview_steps", endless)
        window.actions_["overview"].trigger()
        dialog = window.findChild(OverviewDialog)
        assert dialog is not None
        qtbot.waitUntil(lambda: dialog.progress.maximum() == 4)
        assert dialog.progress.isVisible()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        hands.caret(0)
        hands.press("W")  # the window answers meanwhile
        assert ("pro-West", None, "accepted") in hands.labelled()
        QTest.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
    qtbot.wait(100)  # nor does it begin again by itself
    assert not dialog.counting.running
    assert not dialog.progress.isVisible()
    assert "Count again" in dialog.empty.text()
    QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
    counted(dialog, qtbot)
    assert dialog.parts.count() == 9


def test_charts_tables_and_buttons_are_reached_by_keyboard(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.waitUntil(dialog.parts.hasFocus)
    hands.press("Home", "Down")
    assert dialog.chart is not None
    assert dialog.chart.title == "Stance by source"
    hands.press("Tab")
    assert QApplication.focusWidget() is dialog.table
    assert dialog.table.accessibleName() == "Numbers: Stance by source"
    hands.press("Right")
    assert dialog.table.currentIndex().data() == "1"
    names = set()
    for _ in range(12):
        hands.press("Tab")
        focused = QApplication.focusWidget()
        names.add(getattr(focused, "text", lambda: "")() or focused.accessibleName())
    assert {"Save &picture…", "Save &numbers…", "Count &again", "&Close", "Charts", "Whose work"} <= names
    assert dialog.view is not None
    assert dialog.view.accessibleName() == "Chart: Stance by source"
    assert "table" in dialog.view.accessibleDescription()


# Files


def test_pictures_and_numbers_are_saved(
    hands: Hands, window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    found = choose(dialog, "Stance by source")
    for name, button in (
        ("chart.png", dialog.picture_button),
        ("chart.svg", dialog.picture_button),
        ("numbers.csv", dialog.numbers_button),
    ):
        path = tmp_path / name
        monkeypatch.setattr(overview_dialog, "ask_where_to_save", lambda *_, path=path: path)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert dialog.state.text() == f"Saved as {path}."
    image = QImage(str(tmp_path / "chart.png"))
    assert (image.width(), image.height()) == (2000, 1240)
    blue = theme.shades(found.series[0].color or "", theme.LIGHT).line
    assert has_color(image, blue)
    root = ElementTree.parse(tmp_path / "chart.svg").getroot()
    texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    assert {"Stance by source", "b.example"} <= set(texts)
    renderer = QSvgRenderer(str(tmp_path / "chart.svg"))
    assert renderer.isValid()
    assert renderer.viewBox().width() == 1000
    assert (tmp_path / "numbers.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "Excel looks for it"
    with (tmp_path / "numbers.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["source", "pro-West"], ["b.example", "1"]]


@pytest.mark.parametrize("name", ["chart.png", "chart.svg", "numbers.csv"])
def test_what_cannot_be_written_is_one_sentence(
    name: str, hands: Hands, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    found = choose(dialog, "Stance by source")
    save = dialog.save_numbers_to if name.endswith("csv") else dialog.save_picture_to
    save(found, tmp_path / "no folder" / name)
    assert dialog.state.text().startswith(f"{name} could not be written")
    assert dialog.state.text().endswith("Save it in another place.")


@pytest.mark.parametrize("name", ["chart.png", "chart.svg", "numbers.csv"])
def test_a_full_disk_leaves_the_file_that_was_there(
    name: str,
    hands: Hands,
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    fill_the_disk: Callable[[], None],
) -> None:
    hands.caret(0)
    hands.press("W")
    dialog = opened(hands, window, qtbot)
    found = choose(dialog, "Stance by source")
    path = tmp_path / "saved" / name
    path.parent.mkdir()
    path.write_bytes(b"of yesterday")
    fill_the_disk()
    save = dialog.save_numbers_to if name.endswith("csv") else dialog.save_picture_to
    save(found, path)
    assert dialog.state.text().startswith(f"{name} could not be written: no space left")
    assert path.read_bytes() == b"of yesterday"
    assert list(path.parent.iterdir()) == [path]


def test_a_saved_picture_is_dark_on_white_in_a_dark_window(window: MainWindow) -> None:
    from annotator.ui.chart_view import picture_of

    theme.apply("dark")
    image = QImage.fromData(picture_of(chart(Row(("a",), (1, 2, 3))), "png", QFont()))
    assert image.pixelColor(2, 2) == QColor("#ffffff")


# Drawing


def has_color(image: QImage, color: QColor) -> bool:
    return any(
        image.pixelColor(x, y).rgb() == color.rgb()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    )


@pytest.mark.parametrize("name", ["light", "dark"])
def test_both_themes_draw_the_codebooks_colours_on_their_own_ground(name: str, window: MainWindow) -> None:
    from annotator.ui.chart_view import ChartView

    colors = theme.apply(name)
    view = ChartView(chart(Row(("a",), (10, 20, 30))), colors, QFont())
    view.resize(500, 400)
    view.show()
    picture = view.grab().toImage()
    assert picture.pixelColor(250, 390) == QColor(colors.base)
    for series in THREE:
        shade = theme.shades(series.color or "", colors).line
        assert has_color(picture, shade)
        assert theme.contrast(shade, QColor(colors.base)) >= colors.line_contrast
    view.deleteLater()


def test_series_are_told_apart_without_colour(window: MainWindow) -> None:
    rect = QRectF(10, 10, 60, 24)
    drawings = [
        tuple((line.p1().toTuple(), line.p2().toTuple()) for line in hatched(rect, k)) for k in HATCHINGS
    ]
    assert len(set(drawings)) == len(HATCHINGS) == 8
    assert len({hatching(n) for n in range(8)}) == 8
    for lines in drawings:
        for point in (p for line in lines for p in line):
            assert rect.adjusted(-0.01, -0.01, 0.01, 0.01).contains(QPointF(*point))


def test_as_shares_all_bars_are_as_long_and_the_table_says_per_cent(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    for article, label in ((1, "pro-West"), (2, "neutral")):
        hands.project.annotations.add(article, "stance", label)
    hands.project.annotator = "bob"
    hands.project.annotations.add(1, "stance", "neutral")
    dialog = opened(hands, window, qtbot)
    choose(dialog, "Stance by source")
    dialog.shares.setChecked(True)
    assert drawn(dialog) == {
        ("b.example", "pro-West"): 0.5,
        ("b.example", "neutral"): 0.5,
        ("A.example", "neutral"): 1.0,
    }
    assert cells(dialog)[0] == ["b.example", "1  50%", "1  50%", "2"]


def test_the_tip_of_a_part_says_what_it_is(window: MainWindow) -> None:
    from annotator.ui.chart_view import ChartView

    view = ChartView(chart(Row(("<b>a",), (1, 0, 3)), Row(("b",), (2, 0, 0))), theme.LIGHT, QFont())
    assert view.bars.words_at(QPointF(0.5, 0)) == "<b>a\npro-West: 1 (25% of 4)"
    assert view.bars.words_at(QPointF(2, 0)) == "<b>a\npro-Russia: 3 (75% of 4)"
    assert view.bars.words_at(QPointF(3.9, 1)) == ""
    view.deleteLater()


@pytest.mark.parametrize(("dates", "width"), [(1, 300), (2, 300), (40, 700)])
def test_columns_are_named_however_few_they_are(window: MainWindow, dates: int, width: int) -> None:
    from annotator.ui.chart_view import ChartView

    rows = tuple(Row((f"2024-02-{n:02}",), (3,)) for n in range(1, dates + 1))
    picture = largest(THREE[:1], rows, len(rows))
    found = Chart("k", "T", "W", "articles", ("date",), THREE[:1], rows, picture, "", over_time=True)
    font = QFont()
    font.setPointSize(20)  # a name is wider than a column
    view = ChartView(found, theme.LIGHT, font)
    view.resize(width, 300)
    view.fit()
    (ticks,) = view._names._tickLevels
    assert ticks
    assert all(0 <= place < dates for place, _ in ticks)
    view.deleteLater()


def test_a_long_name_leaves_room_for_a_number_beside_it(window: MainWindow) -> None:
    from annotator.ui.numbers_table import NumbersTable

    table = NumbersTable()
    table.resize(300, 300)  # in the smallest window
    table.show_chart(chart(Row(("Collective Security Treaty Organization",), (1, 2, 3))), shares=False)
    assert table.columnWidth(0) + table.columnWidth(1) <= table.viewport().width()
    table.deleteLater()


@pytest.mark.parametrize("shown", theme.THEMES, ids=lambda shown: shown.name)
def test_no_line_of_the_grid_runs_through_a_bars_number(shown: theme.Theme, window: MainWindow) -> None:
    from annotator.ui.chart_view import ChartView

    theme.apply(shown.name)
    rows = (Row(("a",), (100,)), Row(("b",), (18,)))  # the grid has a line at 20
    view = ChartView(chart(*rows, series=THREE[:1]), shown, QFont())
    view.resize(500, 400)
    view.show()
    picture = view.grab().toImage()
    line = view.mapFromScene(view.bars.mapToScene(QPointF(20, 1)))
    metrics = QFontMetricsF(scaled(QFont(), SMALL))
    assert 4 < line.x() - view.mapFromScene(view.bars.mapToScene(QPointF(18, 1))).x() < 20

    def drawn(y: float) -> bool:
        across = (picture.pixelColor(line.x() + x, round(y)) for x in (-1, 0, 1))
        return any(color != QColor(shown.base) for color in across)

    assert drawn(line.y() - 2 * metrics.height())
    assert not drawn(line.y() - metrics.ascent() / 2)
    view.deleteLater()


@pytest.mark.parametrize("words", NASTY)
@pytest.mark.parametrize("over_time", [False, True])
def test_words_of_a_file_are_drawn_as_they_stand(words: str, over_time: bool, window: MainWindow) -> None:
    from annotator.ui.chart_view import ChartView, picture_of

    series = (Series(words, words), Series("other"))
    rows = (Row(("2024-01-01" if over_time else words,), (3, 4)), Row((words,), (1, 1)))
    picture = through_time(series, rows) if over_time else largest(series, rows)
    found = Chart("k", "T", "W", "articles", (words,), series, rows, picture, "", over_time)
    view = ChartView(found, theme.LIGHT, QFont())
    view.resize(500, 400)
    view.show()
    assert not view.grab().isNull()
    for item in view.scene().items():
        if isinstance(item, QGraphicsTextItem):  # pyqtgraph's own labels, which would read HTML
            assert not item.toPlainText().strip()
    for n, (x, y) in enumerate(((1, 0), (0, 1))):
        view.bars.words_at(QPointF(x, y) if n else QPointF(y, x))
    root = ElementTree.fromstring(picture_of(found, "svg", QFont()))  # well-formed whatever the words
    assert not list(root.iter(f"{SVG}image"))
    text = "".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    assert words.split()[0][:6].replace("\x1b", "\ufffd").replace(" ", "") in text.replace(" ", "")
    assert view.minimumHeight() < 600
    view.deleteLater()


def test_the_page_shows_such_words_as_they_stand(
    tmp_path: Path, new_window: Callable[..., MainWindow], no_worker: None, qtbot: QtBot
) -> None:
    html = NASTY[0]
    with create_project(tmp_path / "p.annot", annotator=html) as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("Armenia.", "One", source=html, published=html))
        project.annotations.add(1, "stance", "pro-West")
        project.articles.set_status(1, "done")
    window = new_window(tmp_path / "p.annot")
    window.actions_["overview"].trigger()
    dialog = window.findChild(OverviewDialog)
    assert dialog is not None
    counted(dialog, qtbot)
    for row in range(dialog.parts.count()):
        dialog.parts.setCurrentRow(row)
        assert not dialog.grab().isNull()
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText
    choose(dialog, "Stance by source")
    index = dialog.table.model().index(0, 0)
    assert index.data().startswith("<b>bold</b>")
    assert "<img" not in index.data(Qt.ItemDataRole.ToolTipRole)
    assert dialog.who.itemText(1).startswith("<b>bold</b>")


def test_many_sources_stay_a_picture_and_a_table(window: MainWindow) -> None:
    from annotator.ui.chart_view import ChartView
    from annotator.ui.numbers_table import NumbersTable

    many = chart(*(Row((f"source {n}",), (n, 1, 1)) for n in range(100_000)))
    began = time.perf_counter()
    view = ChartView(many, theme.LIGHT, QFont())
    view.resize(600, 500)
    view.show()
    assert len(view.bars.parts()) == 60
    table = NumbersTable()
    table.show_chart(many, False)
    assert table.model().rowCount() == 100_000
    assert time.perf_counter() - began < 2
    view.deleteLater()
    table.deleteLater()


def test_whoever_reads_the_table_stays_in_the_cell_when_it_is_counted_again(window: MainWindow) -> None:
    from annotator.ui.numbers_table import NumbersTable

    table = NumbersTable()
    for count in (1, 2):
        table.show_chart(chart(*(Row((f"source {n}",), (count, n, 1)) for n in range(3))), False)
        if count == 1:
            table.setCurrentIndex(table.model().index(1, 2))
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 2)
    table.deleteLater()


def test_ticks_are_round_and_few() -> None:
    assert round_ticks(0) == [0]
    assert round_ticks(3) == [0, 1, 2, 3]
    assert round_ticks(228) == [0, 50, 100, 150, 200]
    for highest in (1, 7, 99, 1234, 10**9):
        ticks = round_ticks(highest)
        assert 2 <= len(ticks) <= 6
        assert ticks[-1] <= highest


# Start-up


def test_the_window_starts_without_what_draws_charts() -> None:
    code = (
        "import sys, annotator.ui.main_window, annotator.ui.app\n"
        "print(*sorted({'pyqtgraph', 'numpy', 'sqlite_utils'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
