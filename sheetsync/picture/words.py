"""The few words of its own that a picture says, in the languages of the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of the page; `{kind}` is the API's name of a kind of chart."""

    chart: str
    tabs: str
    absent: str
    empty: str
    unsupported: str


_WORDS: Mapping[str, Words] = {
    "en": Words(
        chart="Chart",
        tabs="Tabs of the spreadsheet",
        absent="The data of this chart is not in this file.",
        empty="No data yet.",
        unsupported="Charts of the kind “{kind}” are not drawn here.",
    ),
    "ru": Words(
        chart="Диаграмма",
        tabs="Листы таблицы",
        absent="Данных этой диаграммы нет в файле.",
        empty="Данных пока нет.",
        unsupported="Диаграммы вида «{kind}» здесь не отображаются.",
    ),
    "de": Words(
        chart="Diagramm",
        tabs="Tabellenblätter",
        absent="Die Daten dieses Diagramms sind nicht in dieser Datei enthalten.",
        empty="Noch keine Daten.",
        unsupported="Diagramme der Art „{kind}“ werden hier nicht dargestellt.",
    ),
}


def words(language: str) -> Words:
    """The words of a language tag such as `de` or `de_DE`; English for an unknown one."""
    return _WORDS.get(language.replace("_", "-").split("-")[0].lower(), _WORDS["en"])
