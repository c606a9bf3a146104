"""The page's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EN: Final = {
    "tabs": "Tabs",
    "grid": "Cells of the tab {title}",
    "formula": "Formula bar",
    "name": "Name box: the selected cells",
    "editor": "Cell {cell}",
    "link": "Link, Alt+Enter opens it",
    "note": "Note: {text}",
    "choices": "Choices",
    "invalid": "Invalid: {why}",
    "listed": "the value is not one of the choices",
    "refused": "The data you entered in cell {cell} violates the data validation rules set on this cell.",
    "empty": "empty",
    "checked": "checked",
    "unchecked": "not checked",
    "selected": "{range} selected",
    "saving": "Saving…",
    "saved": "Saved",
    "lost": "No connection to the server. Trying again…",
    "restarted": "The server was started anew.",
    "reload": "Load the page again",
    "absent": "There is no tab with this address.",
    "nowhere": "There is no such cell: {text}",
    "close": "Close",
    "large": "More than {count} cells can’t be changed at once.",
    "script": "This page needs JavaScript.",
    "more": "Add {count} rows",
    "error": "Error",
}
_RU: Final = {
    "tabs": "Листы",
    "grid": "Ячейки листа «{title}»",
    "formula": "Строка формул",
    "name": "Поле имени: выбранные ячейки",
    "editor": "Ячейка {cell}",
    "link": "Ссылка, Alt+Enter открывает её",
    "note": "Примечание: {text}",
    "choices": "Варианты",
    "invalid": "Недопустимо: {why}",
    "listed": "значения нет среди вариантов",
    "refused": "Данные, введённые в ячейку {cell}, нарушают заданные для неё правила проверки.",
    "empty": "пусто",
    "checked": "отмечено",
    "unchecked": "не отмечено",
    "selected": "Выбрано: {range}",
    "saving": "Сохранение…",
    "saved": "Сохранено",
    "lost": "Нет связи с сервером. Пробуем снова…",
    "restarted": "Сервер был перезапущен.",
    "reload": "Загрузить страницу заново",
    "absent": "Листа с таким адресом нет.",
    "nowhere": "Такой ячейки нет: {text}",
    "close": "Закрыть",
    "large": "Больше {count} ячеек за один раз изменить нельзя.",
    "script": "Этой странице нужен JavaScript.",
    "more": "Добавить строк: {count}",
    "error": "Ошибка",
}
_DE: Final = {
    "tabs": "Tabellenblätter",
    "grid": "Zellen des Blatts „{title}“",
    "formula": "Bearbeitungsleiste",
    "name": "Namenfeld: die ausgewählten Zellen",
    "editor": "Zelle {cell}",
    "link": "Link, Alt+Eingabe öffnet ihn",
    "note": "Notiz: {text}",
    "choices": "Auswahl",
    "invalid": "Ungültig: {why}",
    "listed": "der Wert steht nicht zur Auswahl",
    "refused": "Die Daten in Zelle {cell} verstoßen gegen die für diese Zelle festgelegten Datenvalidierungsregeln.",
    "empty": "leer",
    "checked": "angekreuzt",
    "unchecked": "nicht angekreuzt",
    "selected": "{range} ausgewählt",
    "saving": "Wird gespeichert…",
    "saved": "Gespeichert",
    "lost": "Keine Verbindung zum Server. Neuer Versuch…",
    "restarted": "Der Server wurde neu gestartet.",
    "reload": "Seite neu laden",
    "absent": "Es gibt kein Blatt mit dieser Adresse.",
    "nowhere": "Diese Zelle gibt es nicht: {text}",
    "close": "Schließen",
    "large": "Mehr als {count} Zellen lassen sich nicht auf einmal ändern.",
    "script": "Diese Seite braucht JavaScript.",
    "more": "{count} Zeilen hinzufügen",
    "error": "Fehler",
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": _EN, "ru": _RU, "de": _DE}
"""Language -> what the page says -> its words, `{...}` for what is put in."""


def words(language: str) -> Mapping[str, str]:
    """The words of a language tag such as `de` or `de_DE`; English for an unknown one."""
    return LANGUAGES.get(language.replace("_", "-").split("-")[0].lower(), _EN)
