"""Dates of articles: what sorts as one, and what can only mean one."""

from __future__ import annotations

from datetime import date

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from annotator.dates import as_iso_date, is_iso_date

LANGUAGES = ("en", "ru", "uk", "be", "hy", "ka", "az", "tr", "ro", "fr", "de")


@pytest.mark.parametrize(
    "words", ["2024", "2024-02", "2024-02-29", "2024-02-04T10:30", "2024-02-04T10:30:00+02:00"]
)
def test_iso_dates_whole_and_in_part_are_dates(words: str) -> None:
    assert is_iso_date(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "yesterday",
        "4 Feb 2024",
        "2024-2-4",
        "2023-02-29",
        "2024-13",
        "24-02-04",
        "20240204",
        "2024-W05",
        "0000",
        "２０２４",
    ],
)
def test_other_words_are_not(words: str) -> None:
    assert not is_iso_date(words)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("4 Feb 2024", "2024-02-04"),
        ("4. February 2024", "2024-02-04"),
        ("4th February, 2024", "2024-02-04"),
        ("February 4, 2024", "2024-02-04"),
        ("Sept. 30, 2024", "2024-09-30"),
        ("  Sep   2024 ", "2024-09"),
        ("4.2.2024", "2024-02-04"),
        ("04. 02. 2024", "2024-02-04"),
        ("04. 02.2024", "2024-02-04"),
        ("2024/2/4", "2024-02-04"),
        ("2024.2", "2024-02"),
        ("20240204", "2024-02-04"),
        ("20112024", None),  # 20 November, but no 20th month
        ("04/02/2024", None),  # February or April
        ("04-02-2024", None),
        ("23/02/2024", "2024-02-23"),
        ("02/23/2024", "2024-02-23"),
        ("04/04/2024", "2024-04-04"),
        ("23/13/2024", None),
        ("04.02.24", None),
        ("4-Feb-2024", "2024-02-04"),
        ("Sunday, February 4, 2024", "2024-02-04"),
        ("4th of February 2024", "2024-02-04"),
        ("4 февраля 2024", "2024-02-04"),
        ("4 февраля 2024 г.", "2024-02-04"),
        ("4-го февраля 2024 года", "2024-02-04"),
        ("воскресенье, 4 фев. 2024", "2024-02-04"),
        ("Февраль 2024", "2024-02"),
        ("31 мая 2024", "2024-05-31"),
        ("4 лютого 2024 року", "2024-02-04"),
        ("4 փետրվարի 2024", "2024-02-04"),
        ("փետրվարի 4, 2024", "2024-02-04"),
        ("Փետրվար 4, 2024 թ.", "2024-02-04"),
        ("2024 թ. փետրվարի 4", "2024-02-04"),
        ("2024 թվականի փետրվարի 4-ին", "2024-02-04"),
        ("4 Փետրուար 2024", "2024-02-04"),
        ("Կիրակի, 4 փետրվարի, 2024", "2024-02-04"),
        ("Mar 4, 2024", "2024-03-04"),  # no mardi
        ("le 1er août 2024", "2024-08-01"),
        ("dim. 4 févr. 2024", "2024-02-04"),
        ("4 mars 2024 à 10h30", "2024-03-04T10:30"),
        ("Sonntag, 4. Februar 2024, um 10:30 Uhr", "2024-02-04T10:30"),
        ("So., 4. März 2024", "2024-03-04"),
        ("4 Şubat 2024 Pazar", "2024-02-04"),
        ("4 KASIM 2024", "2024-11-04"),
        ("4 İyul 2024", "2024-07-04"),
        ("4 fevral 2024-cü il", "2024-02-04"),
        ("Çərşənbə axşamı, 6 fevral 2024", "2024-02-06"),
        ("4 თებერვალი, 2024", "2024-02-04"),
        ("კვირა, 4 თებერვალს 2024 წ.", "2024-02-04"),
        ("4 лютага 2024 г.", "2024-02-04"),
        ("duminică, 4 februarie 2024", "2024-02-04"),
        ("2024 წლის 4 თებერვალი", "2024-02-04"),
        ("ÇƏRŞƏNBƏ AXŞAMI, 4 İYUN 2024", "2024-06-04"),
        ("marţi, 6 februarie 2024", "2024-02-06"),
        ("4 fe\u0301vrier 2024", "2024-02-04"),
        ("4. Februar 2024, 10.30 Uhr", "2024-02-04T10:30"),
        ("4 février 2024 à 10 h 30", "2024-02-04T10:30"),
        ("4 foobar 2024", None),
        ("Sun, 04 Feb 2024 10:30:00 GMT", "2024-02-04T10:30:00+00:00"),
        ("Sun, 04 Feb 2024 10:30:00 +0400", "2024-02-04T10:30:00+04:00"),
        ("4 февраля 2024, 10:30", "2024-02-04T10:30"),
        ("4 февраля 2024 в 10:30", "2024-02-04T10:30"),
        ("February 4, 2024 at 1:30 p.m.", "2024-02-04T13:30"),
        ("February 4, 2024 at 12:30 a.m. EST", "2024-02-04"),  # whose hour we do not know
        ("4.2.2024 8:05", "2024-02-04T08:05"),
        ("20240204 10:30:00", "2024-02-04T10:30:00"),
        ("February 4, 2024 25:30", None),
        ("04/02/2024 10:30", None),
        ("Feb 2024 10:30", None),
        ("Feb 4, 2024 13:30 pm", None),
        ("about February 4, 2024", None),
        ("4 февраля", None),
        ("4 мартобря 2024", None),
        ("31 Feb 2024", None),
        ("4 Brumaire 2024", None),
        ("4 Feb", None),
        ("about 2024", None),
        ("", None),
        ("4 Feb 2024" * 10_000, None),
    ],
)
def test_what_can_only_mean_one_date_is_told(words: str, meant: str | None) -> None:
    assert as_iso_date(words) == meant


@given(st.dates())
def test_any_day_is_a_date_and_is_told_from_its_names(day: date) -> None:
    assert is_iso_date(day.isoformat())
    written = f"{day.day} {day:%B} {day.year:04}"
    assert as_iso_date(written) == day.isoformat()


MONTHS = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի "
    "դեկտեմբերի",
    "hy, classical": "Յունուարի Փետրուարի Մարտի Ապրիլի Մայիսի Յունիսի Յուլիսի Օգոստոսի Սեպտեմբերի Հոկտեմբերի "
    "Նոյեմբերի Դեկտեմբերի",
    "en": "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.",
    "en, all cut": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "ru, cut": "янв. февр. мар. апр. май июн. июл. авг. сент. окт. нояб. дек.",
    "ru, cut more": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "ru, by themselves": "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь",
}


@pytest.mark.parametrize("language", MONTHS)
def test_every_month_of_a_language_is_told(language: str) -> None:
    found = [as_iso_date(f"4 {month} 2024") for month in MONTHS[language].split()]
    assert found == [f"2024-{number:02}-04" for number in range(1, 13)]


@given(st.text())
def test_any_words_can_be_asked_about(words: str) -> None:
    found = as_iso_date(words)
    assert found is None or is_iso_date(found)
    is_iso_date(words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["format", "stand-alone"])
def test_months_and_weekdays_are_known_as_the_languages_have_them(language: str, form: str) -> None:
    """By the data of the Unicode consortium."""
    locale = Locale.parse(language)
    for width in ("wide", "abbreviated"):
        for number, month in locale.months[form][width].items():
            assert as_iso_date(f"4 {month} 2024") == f"2024-{number:02}-04"
    for day in locale.days[form]["wide"].values():
        month = locale.months["format"]["wide"][3]
        assert as_iso_date(f"{day}, 1 {month} 2024") == "2024-03-01"
        assert as_iso_date(f"1 {month} 2024, {day}") == "2024-03-01"
