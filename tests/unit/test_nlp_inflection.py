import pytest

from annotator.nlp.inflection import armenian_forms, russian_forms


@pytest.mark.parametrize(
    ("name", "person", "forms"),
    [
        ("Мария Захарова", True, ["Марии Захаровой", "Марию Захарову"]),
        ("Никол Пашинян", True, ["Никола Пашиняна", "Николу Пашиняну", "Николом Пашиняном"]),
        ("Владимир Путин", True, ["Владимира Путина", "Владимиром Путиным"]),
        ("Дмитрий Песков", True, ["Дмитрия Пескова", "Дмитрием Песковым"]),
        ("Владимир Зеленский", True, ["Владимира Зеленского", "Владимиром Зеленским"]),
        ("Армения", False, ["Армении", "Армению", "Арменией"]),
        ("Москва", False, ["Москвы", "Москве", "Москву", "Москвой"]),
        ("Баку", False, []),
        ("Тбилиси", False, []),
        ("Нагорный Карабах", False, ["Нагорного Карабаха", "Нагорном Карабахе"]),
        ("Европейский союз", False, ["Европейского союза", "Европейским союзом"]),
        ("Новая Зеландия", False, ["Новой Зеландии", "Новую Зеландию"]),
        ("Организация Объединенных Наций", False, ["Организации Объединенных Наций"]),
        ("Министерство обороны России", False, ["Министерства обороны России"]),
        ("Соединенные Штаты", False, ["Соединенных Штатов", "Соединенным Штатам"]),
        ("Казань", False, ["Казани", "Казанью"]),
        ("НАТО", False, []),
        ("Белый дом", False, ["Белого дома", "Белом доме"]),
    ],
)
def test_russian_names_are_known_in_their_cases(name: str, person: bool, forms: list[str]) -> None:
    made = russian_forms(name, person=person)
    assert made[0] == name
    assert set(forms) <= set(made)
    if not forms:
        assert made == (name,)


def test_yo_is_written_with_and_without_its_dots() -> None:
    assert {"Кёльн", "Кельн", "Кельна"} <= set(russian_forms("Кёльн"))


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Հայաստան", ["Հայաստանի", "Հայաստանը", "Հայաստանում", "Հայաստանից"]),
        ("Եվրոպա", ["Եվրոպայի", "Եվրոպան"]),
        ("Եվրոպական միություն", ["Եվրոպական միության", "Եվրոպական միությունը"]),
        ("Գյումրի", ["Գյումրին", "Գյումրիի"]),
    ],
)
def test_armenian_names_are_known_with_their_endings(name: str, forms: list[str]) -> None:
    assert set(forms) <= set(armenian_forms(name))
