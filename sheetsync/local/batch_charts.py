"""Requests about charts and slicers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetsync.local import fields, formats
from sheetsync.local.batch_cells import twin_mask
from sheetsync.local.batch_sheets import make_sheet
from sheetsync.local.book import Book, Sheet
from sheetsync.local.errors import RefusedError, internal
from sheetsync.local.numbered import held, new_id

_CHART_FONT = "Roboto"
_CHART_SIZE = {"widthPixels": 600, "heightPixels": 371}


def add_chart(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addChart, on a tab's cells or on a tab of its own."""
    given = request.get("chart", {})
    number = new_id(book, "charts", "chartId", given, "chart")
    made = {"chartId": number, "spec": _chart_spec(book, given.get("spec", {}))}
    sheet, position = _placed(book, given.get("position", {}))
    made["position"] = position
    if "border" in given:
        made["border"] = formats.with_twins(given["border"])
    sheet.objects("charts").append(made)
    return {"chart": made}


def _chart_spec(book: Book, given: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [name for name in given if name.endswith("Chart")]
    if not kinds:
        raise RefusedError("No chart type specified.")
    if kinds[0] == "basicChart" and not (given[kinds[0]].get("domains") or given[kinds[0]].get("series")):
        raise internal()
    _check_sources(book, given)
    spec: dict[str, Any] = formats.pruned(formats.with_twins(dict(given)))
    spec.setdefault("hiddenDimensionStrategy", "SKIP_HIDDEN_ROWS_AND_COLUMNS")
    spec.setdefault("fontName", _CHART_FONT)
    if "title" in spec:
        spec["titleTextFormat"] = {"fontFamily": spec["fontName"], **spec.get("titleTextFormat", {})}
    return spec


def _check_sources(book: Book, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_sources(book, item)
    elif isinstance(value, dict):
        for span in value.get("sources", []) if isinstance(value.get("sources"), list) else []:
            book.place(span)
        for item in value.values():
            _check_sources(book, item)


def _placed(book: Book, position: Mapping[str, Any]) -> tuple[Sheet, dict[str, Any]]:
    if position.get("newSheet"):
        sheet = make_sheet(book, {"sheetType": "OBJECT", "title": None})
        return sheet, {"sheetId": sheet.id}
    if "overlayPosition" not in position:
        raise RefusedError("A position must be specified.")
    overlay = dict(position["overlayPosition"])
    anchor = overlay.get("anchorCell", {})
    sheet, _, _ = book.corner(anchor)
    kept: dict[str, Any] = formats.pruned(
        {"anchorCell": anchor, **{n: overlay[n] for n in overlay if n != "anchorCell"}}
    )
    return sheet, {"overlayPosition": kept | {n: size for n, size in _CHART_SIZE.items() if n not in kept}}


def update_chart_spec(book: Book, request: dict[str, Any]) -> None:
    """updateChartSpec: replaces the whole of it."""
    _, chart = held(book, "charts", "chartId", request.get("chartId"), "embedded object")
    chart["spec"] = _chart_spec(book, request.get("spec", {}))


def update_embedded_object_position(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """updateEmbeddedObjectPosition; answers with the position."""
    kind, sheet, item = _embedded(book, request.get("objectId"))
    given = request.get("newPosition", {})
    wanted = given
    if "overlayPosition" in given and "overlayPosition" in item["position"]:
        mask = fields.write_mask(request.get("fields"), "OverlayPosition")
        wanted = {"overlayPosition": fields.merge(item["position"]["overlayPosition"], given["overlayPosition"], mask)}
    home, position = _placed(book, wanted)
    sheet.objects(kind).remove(item)
    home.objects(kind).append({**item, "position": position})
    return {"position": position}


def _embedded(book: Book, number: int | None) -> tuple[str, Sheet, dict[str, Any]]:
    for kind, name in (("charts", "chartId"), ("slicers", "slicerId")):
        if number in set(book.ids(kind, name)):
            return kind, *held(book, kind, name, number, "embedded object")
    raise RefusedError(f"No embedded object with id: {number or 0}")


def update_embedded_object_border(book: Book, request: dict[str, Any]) -> None:
    """updateEmbeddedObjectBorder."""
    mask = twin_mask(fields.write_mask(request.get("fields"), "EmbeddedObjectBorder"))
    _, item = held(book, "charts", "chartId", request.get("objectId"), "embedded object")
    item["border"] = fields.merge(item.get("border", {}), formats.with_twins(request.get("border", {})), mask)


def delete_embedded_object(book: Book, request: dict[str, Any]) -> None:
    """deleteEmbeddedObject."""
    kind, sheet, item = _embedded(book, request.get("objectId"))
    sheet.objects(kind).remove(item)


def add_slicer(book: Book, request: dict[str, Any]) -> dict[str, Any]:
    """addSlicer."""
    given = request.get("slicer", {})
    number = new_id(book, "slicers", "slicerId", given, "slicer")
    sheet, position = _placed(book, given.get("position", {}))
    spec = formats.pruned(formats.with_twins(given.get("spec", {})))
    made = {"slicerId": number, "spec": spec, "position": position}
    sheet.objects("slicers").append(made)
    return {"slicer": made}


def update_slicer_spec(book: Book, request: dict[str, Any]) -> None:
    """updateSlicerSpec."""
    mask = twin_mask(fields.write_mask(request.get("fields"), "SlicerSpec"))
    _, slicer = held(book, "slicers", "slicerId", request.get("slicerId"), "slicer")
    slicer["spec"] = fields.merge(slicer["spec"], formats.with_twins(request.get("spec", {})), mask)


KINDS: dict[str, Callable[[Book, dict[str, Any]], dict[str, Any] | None]] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_embedded_object_position,
    "updateEmbeddedObjectBorder": update_embedded_object_border,
    "deleteEmbeddedObject": delete_embedded_object,
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer_spec,
}
