"""Colours and icons: a light, a dark and a high-contrast theme, and readable shades of any label's colour.

Label colours are the researchers' own data, so every shade that carries text is derived until its
contrast reaches WCAG 2.1's 4.5:1 (AA) on the ground it stands on, in high contrast 7:1 (AAA).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from annotator.resources import resource

Choice = Literal["light", "dark", "contrast", "system"]
"""A theme by its name, or the one that the system asks for."""


@dataclass(frozen=True, eq=False)  # by identity: it is looked up by theme for every painted span
class Theme:
    """The colours of one theme, as ``#rrggbb``."""

    name: str
    base: str  # the ground of text, lists and panels
    field: str  # input fields
    soft: str  # cards, chips
    line: str  # borders and separators
    hatch: str  # across boilerplate, behind its words
    text: str
    muted: str
    disabled: str  # the words and icons of what cannot be used now
    accent: str
    on_accent: str
    selected: str  # the current row, the checked chip
    evidence: str  # the ground behind evidence in the article
    positive: str
    warning: str
    tint: float  # how much of a label's colour its tint takes
    text_contrast: float = 4.5  # the least that words have on their ground
    line_contrast: float = 3.0  # and underlines, outlines, icons
    stroke: float = 1.0  # how thick underlines, outlines and bars are, as a share of the usual

    @property
    def dark(self) -> bool:
        """Whether this is a dark theme."""
        return QColor(self.base).lightness() < 128


LIGHT = Theme(
    name="light",
    base="#ffffff",
    field="#f7f8fa",
    soft="#f3f5f9",
    line="#dfe3e9",
    hatch="#dfe3e9",
    text="#1c2330",
    muted="#636b78",
    disabled="#8b929d",
    accent="#2b66d4",
    on_accent="#ffffff",
    selected="#e5eefd",
    evidence="#eaf1fd",
    positive="#1d7f3c",
    warning="#b45309",
    tint=0.20,
)
DARK = Theme(
    name="dark",
    base="#22262d",
    field="#1b1e24",
    soft="#1b1e24",
    line="#3a404a",
    hatch="#3a404a",
    text="#e6e9ee",
    muted="#9aa3b0",
    disabled="#737b87",
    accent="#6ea0ff",
    on_accent="#10151d",
    selected="#2c3850",
    evidence="#2a3446",
    positive="#4cc26f",
    warning="#f0a04b",
    tint=0.32,
)
CONTRAST = Theme(
    name="contrast",
    base="#000000",
    field="#000000",
    soft="#161616",
    line="#b4b4b4",
    hatch="#3c3c3c",
    text="#ffffff",
    muted="#d8d8d8",
    disabled="#8e8e8e",
    accent="#ffd83d",
    on_accent="#000000",
    selected="#0d2c5e",
    evidence="#10243f",
    positive="#4df08a",
    warning="#ffb340",
    tint=0.36,
    text_contrast=7.0,
    line_contrast=4.5,
    stroke=1.5,
)
THEMES = (LIGHT, DARK, CONTRAST)


@dataclass(frozen=True)
class Shades:
    """One label's colours in one theme."""

    text: QColor  # for words: the theme's text contrast on its base, on a selected row and on the tint
    line: QColor  # for underlines and outlines: its line contrast on the base
    tint: QColor  # behind the article's text, which keeps its contrast on it


def luminance(color: QColor) -> float:
    """Return the relative luminance (0 to 1) as WCAG 2.1 defines it."""

    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(a: QColor, b: QColor) -> float:
    """Return the contrast ratio (1 to 21) of two opaque colours as WCAG 2.1 defines it."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def blend(ground: QColor, color: QColor, share: float) -> QColor:
    """Return ``ground`` with ``share`` (0 to 1) of ``color`` mixed in."""
    mixed = QColor.fromRgbF(
        ground.redF() + (color.redF() - ground.redF()) * share,
        ground.greenF() + (color.greenF() - ground.greenF()) * share,
        ground.blueF() + (color.blueF() - ground.blueF()) * share,
    )
    return QColor(mixed.rgb())  # in the 8 bits that the screen has: contrast is measured on what is seen


def readable(color: QColor, *grounds: QColor, ratio: float) -> QColor:
    """Return ``color`` moved towards black or white just far enough to reach ``ratio`` on all ``grounds``."""

    def lowest(shade: QColor) -> float:
        return min(contrast(shade, ground) for ground in grounds)

    target = max((QColor("#000000"), QColor("#ffffff")), key=lowest)
    for percent in range(0, 101, 4):
        shade = blend(color, target, percent / 100)
        if lowest(shade) >= ratio:
            return shade
    return target


@cache
def shades(color: str, theme: Theme) -> Shades:
    """Return the shades of a label's base colour (``#rrggbb``; grey where it is no colour)."""
    base = QColor(theme.base)
    own = QColor.fromString(color)
    if not own.isValid():
        own = QColor("#808080")
    tint = blend(base, own, theme.tint)
    share = theme.tint
    while contrast(QColor(theme.text), tint) < theme.text_contrast and share > 0:
        share -= 0.02
        tint = blend(base, own, share)
    # Names also stand on the selected row and in chips.
    text = readable(own, base, QColor(theme.selected), tint, ratio=theme.text_contrast)
    return Shades(text=text, line=readable(own, base, ratio=theme.line_contrast), tint=tint)


def system_is_dark() -> bool:
    """Tell whether the system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def system_wants_contrast() -> bool:
    """Tell whether the system asks for high contrast (Qt before 6.10 cannot tell: no)."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return bool(hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)


def current() -> Theme:
    """Return the theme that the application shows now."""
    app = QApplication.instance()
    chosen = app.property("annotatorTheme") if app is not None else None
    return next((theme for theme in THEMES if theme.name == chosen), LIGHT)


def wanted(choice: str) -> Theme:
    """Return the theme for a :data:`Choice`; what is none is taken for "system"."""
    for theme in THEMES:
        if theme.name == choice:
            return theme
    if system_wants_contrast():
        return CONTRAST
    return DARK if system_is_dark() else LIGHT


def apply(choice: str) -> Theme:
    """Show ``choice`` (see :func:`wanted`) in the whole application; return the theme."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = wanted(choice)
    app.setProperty("annotatorTheme", theme.name)
    app.setPalette(_palette(theme))
    app.setStyleSheet(_stylesheet(theme))
    return theme


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.base,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.base,
        QPalette.ColorRole.AlternateBase: theme.soft,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.base,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.on_accent,
        QPalette.ColorRole.ToolTipBase: theme.soft,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Light: theme.soft,
        QPalette.ColorRole.Midlight: theme.soft,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Dark: theme.line,
        QPalette.ColorRole.Shadow: theme.line,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return palette


def _stylesheet(theme: Theme) -> str:
    base, accent, muted = QColor(theme.base), QColor(theme.accent), QColor(theme.muted)
    colors = {key: value for key, value in vars(theme).items() if isinstance(value, str)}
    colors["hover"] = blend(accent, base, 0.12).name()
    edge = 2 if theme.stroke > 1 else 1
    # What is round has a radius of half its width with the edge, in a window and in a menu, and a ring that
    # gives it the same width when it is chosen.
    sizes = {"edge": edge, "round": 6 + edge, "rounded": 5 + edge, "ring": 3 + edge}
    colors |= {name: f"{size}px" for name, size in sizes.items()}
    colors["handle"] = blend(base, muted, 0.45).name()
    colors["tick"] = str(resource("themes", f"tick-{theme.name}.svg")).replace("\\", "/")
    text = resource("themes", "window.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda match: colors[match[1]], text)


def icon(name: str, color: str | None = None) -> QIcon:
    """Return ``resources/icons/NAME.svg`` drawn in ``color`` (the theme's text), sharp at any scaling."""
    return QIcon(_SvgEngine(name, color or current().text, current().disabled))


class _SvgEngine(QIconEngine):
    """Draws an icon when it is first needed and at the size that is needed: start-up draws few."""

    def __init__(self, name: str, color: str, disabled: str) -> None:
        super().__init__()
        self._arguments = name, color, disabled

    def clone(self) -> QIconEngine:
        return _SvgEngine(*self._arguments)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        name, color, disabled = self._arguments
        chosen = disabled if mode == QIcon.Mode.Disabled else color
        return svg_pixmap(name, chosen, min(size.width(), size.height()))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.pixmap(rect.size() * ratio, mode, state))


@cache
def svg_pixmap(name: str, color: str, size: int) -> QPixmap:
    """Return ``resources/icons/NAME.svg`` at ``size`` physical pixels, its ``currentColor`` set."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(_drawings()[name].replace(b"currentColor", color.encode()))).render(painter)
    painter.end()
    return QPixmap.fromImage(image)


@cache
def _drawings() -> dict[str, bytes]:
    """Read all icons at once: while an import fills the disk, the first look at one would have to wait."""
    files = (file for file in resource("icons").iterdir() if file.name.endswith(".svg"))
    return {file.name.removesuffix(".svg"): file.read_bytes() for file in files}


@cache
def app_icon() -> QIcon:
    """Return the program's own icon."""
    pixmap = QPixmap()
    pixmap.loadFromData(resource("icons", "annotator.png").read_bytes())
    return QIcon(pixmap)
