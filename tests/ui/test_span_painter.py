"""What is on the screen: boxes on the right glyphs, marks that differ without colour, few lines a paint."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.ui import theme
from annotator.ui.article_view import ArticleView
from annotator.ui.span_layout import Fragment, ShownSpan
from annotator.ui.span_painter import Measurer, name_font


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ArticleView]:
    widget = ArticleView()
    qtbot.addWidget(widget)
    widget.resize(700, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def shown(
    text: str,
    quote: str,
    number: int = 1,
    *,
    suggested: bool = False,
    layer: str = "entity",
    label: str = "ORG",
) -> ShownSpan:
    start = text.index(quote)
    kind = "suggestion" if suggested else "annotation"
    return ShownSpan((kind, number), start, start + len(quote), layer, label, "#2e9e4f", suggested)


def fragments(view: ArticleView) -> list[Fragment]:
    return view._page(0, view.viewport().height()).marks


def picture(view: ArticleView) -> QImage:
    QApplication.processEvents()
    return view.viewport().grab().toImage()


def grey(image: QImage, area: QRect) -> list[int]:
    part = image.copy(area).convertToFormat(QImage.Format.Format_Grayscale8)
    return [part.pixelColor(x, y).lightness() for y in range(part.height()) for x in range(part.width())]


def underline(view: ArticleView) -> QRect:
    box = fragments(view)[0].boxes[0]
    return QRect(round(box.left) + 2, round(box.bottom) - 1, int(box.right - box.left) - 4, 3)


def test_a_box_lies_on_its_left_to_right_words(view: ArticleView) -> None:
    text = "Armenia and the EU met."
    view.show_article(text)
    view.set_spans([shown(text, "the EU")])
    (fragment,) = fragments(view)
    (box,) = fragment.boxes
    cursor = QTextCursor(view.document())
    cursor.setPosition(text.index("the"))
    assert abs(box.left - view.cursorRect(cursor).center().x()) < 2
    cursor.setPosition(text.index(" met"))
    assert abs(box.right - view.cursorRect(cursor).center().x()) < 2


def test_a_box_lies_on_its_right_to_left_word(view: ArticleView) -> None:
    text = "The word שלום עולם here"
    view.show_article(text)
    view.set_spans([shown(text, "שלום", 1), shown(text, "עולם", 2), shown(text, " here", 3)])
    boxes = {f.span.key[1]: f.boxes[0] for f in fragments(view)}
    line = view.document().firstBlock().layout().lineAt(0)
    left = view.document().firstBlock().layout().position().x()
    for number, word in ((1, "שלום"), (2, "עולם")):
        runs = line.glyphRuns(text.index(word), len(word))
        assert all(run.isRightToLeft() for run in runs)
        assert boxes[number].left == min(run.boundingRect().left() for run in runs) + left
        assert boxes[number].right == max(run.boundingRect().right() for run in runs) + left
    # Read from the right: the second word stands at the left of the first, both before "here".
    assert boxes[2].right <= boxes[1].left < boxes[1].right <= boxes[3].left + 0.5


def test_a_stretch_of_mixed_direction_has_a_box_for_each_piece(view: ArticleView) -> None:
    text = "abcdef שלום עולם xyz"
    view.show_article(text)
    view.set_spans([shown(text, "abcdef שלום")])
    (fragment,) = fragments(view)
    assert len(fragment.boxes) == 2


def test_a_span_over_two_lines_has_a_box_on_each_and_one_name(view: ArticleView) -> None:
    text = "word " * 40
    view.show_article(text)
    view.set_spans([ShownSpan(("annotation", 1), 5, 199, "entity", "ORG", "#2e9e4f", False)])
    found = fragments(view)
    assert len(found) >= 2
    assert [f.first for f in found] == [True] + [False] * (len(found) - 1)
    assert found[-1].last
    names = view._page(0, 300).names
    assert len(names) == 1
    assert names[0].box.bottom <= found[0].boxes[0].top


def test_names_stand_between_the_lines(view: ArticleView) -> None:
    text = "Armenia " * 60
    view.show_article(text)
    view.set_spans(
        [
            ShownSpan(("annotation", i), i * 8, i * 8 + 7, "entity", "PERSON", "#2e9e4f", False)
            for i in range(60)
        ]
    )
    page = view._page(0, 300)
    for name in page.names:
        for fragment in page.marks:
            for box in fragment.boxes:
                apart = name.box.bottom <= box.top or name.box.top >= box.bottom
                assert apart or name.box.right <= box.left or box.right <= name.box.left
    rows: dict[float, list[tuple[float, float]]] = {}
    for name in page.names:
        rows.setdefault(name.box.top, []).append((name.box.left, name.box.right))
    for row in rows.values():
        row.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(row))


def test_of_a_zone_and_a_name_at_one_place_the_names_label_stands_there_whole(view: ArticleView) -> None:
    text = "EU met Minsk and others."
    view.show_article(text)
    name = shown(text, "EU", 1, label="ORGANISATION")
    zone = shown(text, text, 2, layer="zone", label="headline")
    view.set_spans([name, zone])
    placed = {n.span.key: n for n in view._page(0, view.viewport().height()).names}
    first, second = placed[name.key], placed[zone.key]
    assert not first.elided
    assert abs(first.box.left - fragments(view)[0].left) < 2
    assert second.box.left > first.box.right
    assert not second.elided


def test_overlapping_spans_are_underlined_at_different_heights(view: ArticleView) -> None:
    text = "Ministry of the Republic of Armenia"
    view.show_article(text)
    view.set_spans([shown(text, text, 1), shown(text, "Republic of Armenia", 2), shown(text, "Armenia", 3)])
    bottoms = {f.span.key[1]: f.boxes[0].bottom for f in fragments(view)}
    assert bottoms[3] < bottoms[2] < bottoms[1]


def test_annotation_and_suggestion_differ_without_colour(view: ArticleView) -> None:
    text = "Armenia and Georgia"
    view.show_article(text)
    view.set_spans([shown(text, "Armenia")])
    solid = grey(picture(view), underline(view))
    view.set_spans([shown(text, "Armenia", suggested=True)])
    dashed = grey(picture(view), underline(view))
    width = underline(view).width()

    def gaps(pixels: list[int]) -> int:
        columns = [min(pixels[x::width]) for x in range(width)]
        return sum(1 for a, b in itertools.pairwise(columns) if b - a > 40)

    assert gaps(solid) == 0
    assert gaps(dashed) >= 4
    assert sum(solid) / len(solid) < sum(dashed) / len(dashed) - 20  # thicker too


def test_the_tint_of_an_annotation_is_stronger_and_both_are_seen(view: ArticleView) -> None:
    text = "Armenia and Georgia"
    view.show_article(text)
    view.set_spans([shown(text, "Armenia")])
    box = fragments(view)[0].boxes[0]
    corner = QPoint(round(box.left) + 3, round(box.top) + 1)
    base = QColor(theme.current().base).lightness()
    strong = abs(picture(view).pixelColor(corner).lightness() - base)
    view.set_spans([shown(text, "Armenia", suggested=True)])
    weak = abs(picture(view).pixelColor(corner).lightness() - base)
    assert strong > weak > 0


def test_the_active_span_is_outlined(view: ArticleView) -> None:
    text = "Armenia and Georgia"
    view.show_article(text)
    span = shown(text, "Georgia")
    view.set_spans([span])
    box = fragments(view)[0].boxes[0]
    side = QPoint(round(box.left) - 2, round((box.top + box.bottom) / 2))
    before = picture(view).pixelColor(side)
    view.set_active(span.key)
    view.select(0, 0)  # the caret away from the outline
    after = picture(view).pixelColor(side)
    line = theme.shades(span.color, theme.current()).line
    assert abs(after.green() - line.green()) < abs(before.green() - line.green())
    assert theme.contrast(after, before) > 1.8


@pytest.mark.parametrize("name", ["dark", "contrast", "light"])
def test_the_outline_leaves_the_apostrophe_beside_it(view: ArticleView, name: str) -> None:
    text = "in Armenia's parliament"
    span = shown(text, "Armenia")

    def ink(active: bool) -> float:
        view.set_active(span.key if active else None)
        view.select(0, 0)  # the caret away from the outline
        image, words = picture(view), QColor(theme.current().text)
        beside = range(round(box.right) - 1, round(box.right) + 4)
        return min(theme.contrast(words, image.pixelColor(x, round(box.top) + 4)) for x in beside)

    theme.apply(name)
    try:
        view.apply_theme()
        view.show_article(text)
        view.set_spans([span])
        box = fragments(view)[0].boxes[0]
        assert ink(active=False) < 1.3
        assert ink(active=True) < 1.3
    finally:
        theme.apply("light")


def test_the_selection_is_seen_above_a_tint_and_the_caret_too(view: ArticleView) -> None:
    text = "Armenia and Georgia"
    view.show_article(text)
    view.set_spans([shown(text, "Armenia")])
    area = fragments(view)[0].boxes[0]
    middle = QRect(int(area.left) + 2, int(area.top) + 2, 40, int(area.bottom - area.top) - 4)
    plain = grey(picture(view), middle)
    view.select(0, 7)
    assert grey(picture(view), middle) != plain
    view.clear_selection()
    view.activateWindow()
    view.setFocus()
    QApplication.processEvents()
    caret = view.cursorRect()
    with_caret = grey(picture(view), caret)
    view.select(12, 12)
    assert min(with_caret) < min(grey(picture(view), caret))


def test_boilerplate_is_dimmed_but_stays_readable(view: ArticleView) -> None:
    text = "Subscribe to our newsletter"
    view.show_article(text)
    view.clearFocus()
    plain = picture(view)
    span = shown(text, text, layer="zone", label="boilerplate")
    view.set_spans([span])
    (fragment,) = view._page(0, 300).passages
    box = fragment.boxes[0]
    area = QRect(round(box.left) + 20, round(box.top), 120, round(box.bottom - box.top))
    dimmed = min(grey(picture(view), area))
    assert dimmed > min(grey(plain, area)) + 20
    shade = QColor(dimmed, dimmed, dimmed)
    assert theme.contrast(shade, QColor(theme.current().base)) >= theme.current().text_contrast


@pytest.mark.parametrize("kind", ["stance", "evidence"])
def test_passages_and_evidence_have_a_bar_in_the_margin(view: ArticleView, kind: str) -> None:
    text = "The agreement was praised. " * 8
    view.show_article(text)
    margin = QRect(0, 28, 24, 40)
    empty = grey(picture(view), margin)
    if kind == "stance":
        view.set_spans([shown(text, text[:150], layer="stance", label="pro-West")])
    else:
        view.set_evidence([(0, 150)])
    assert min(grey(picture(view), margin)) < min(empty) - 40


def test_a_suggested_passages_bar_is_dashed(view: ArticleView) -> None:
    text = "The agreement was praised. " * 8
    view.show_article(text)
    bars = []
    for suggested in (False, True):
        view.set_spans([shown(text, text[:150], suggested=suggested, layer="stance", label="pro-West")])
        slot = view._page(0, 300).passages[0].slot
        column = QRect(28 - 18 + 1, int(slot.top) + 3, 1, int(slot.bottom - slot.top) - 4)
        bars.append(grey(picture(view), column))
    assert max(bars[0]) - min(bars[0]) < 40
    assert max(bars[1]) - min(bars[1]) > 80


@pytest.mark.parametrize("family", [None, "DejaVu Serif", "monospace"])
@pytest.mark.parametrize("size", [7, 11, 24])
def test_names_have_at_least_eight_points_in_any_font(
    view: ArticleView, family: str | None, size: int
) -> None:
    view.set_reading_font(family, size)
    font = name_font(view.font())
    assert font.pointSizeF() >= 8
    assert font.bold()


def big_article() -> tuple[str, list[ShownSpan]]:
    sentence = "The delegation met in Yerevan with envoys. "
    text = "\n".join(sentence * 9 for _ in range(1290))
    spans = []
    start = text.find("Yerevan")
    while start >= 0:
        spans.append(
            ShownSpan(
                ("suggestion", len(spans)), start, start + 7, "entity", "GPE", "#2f7ecb", len(spans) % 2 == 0
            )
        )
        start = text.find("Yerevan", start + 1)
    spans.append(ShownSpan(("annotation", 0), 0, len(text), "stance", "neutral", "#6b7280", False))
    return text, spans


def test_only_visible_lines_are_measured_in_a_large_article(view: ArticleView) -> None:
    text, spans = big_article()
    assert len(text) > 490_000
    assert len(spans) > 11_500
    view.show_article(text)
    view.set_spans(spans)
    for place in (0, 250_000):
        view.set_scroll_position(place)
        with patch.object(Measurer, "_fragment", autospec=True, side_effect=Measurer._fragment) as measured:
            view.viewport().repaint()
        assert 5 < measured.call_count < 80
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        view.viewport().repaint()
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.05
