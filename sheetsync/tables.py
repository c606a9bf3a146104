"""Our own tabs read back: raw cells to a typed frame, however a person has bent the tab meanwhile.

The first row holds the column names. A column is found by its name; one whose name is gone is looked for in its usual
place, unless another known name stands there. Nothing here raises on a cell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from sheetsync.texts import encodable

Reading = Literal["text", "number", "day", "moment"]
"""`text` str ("" blank) · `number` float64 (NaN blank) · `day`, `moment` datetime64[us] (NaT blank; to the second)."""

_Column: TypeAlias = "pd.Series[str] | pd.Series[float] | pd.Series[pd.Timestamp]"

_EPOCH = np.datetime64("1899-12-30", "us")
_LAST_SERIAL = 2_958_465  # 9999-12-31
_LARGEST = 1e20  # no sum of what is read from the managers' tabs is larger
_DTYPES = {"text": "str", "number": "float64", "day": "datetime64[us]", "moment": "datetime64[us]"}


def read(rows: Sequence[Sequence[object]], columns: Mapping[str, Reading]) -> pd.DataFrame:
    """The rows under the header as a frame of exactly `columns`; what can't be read as its column says is blank.

    `rows` are ragged cells as Sheets renders them unformatted, dates as serials (days since 1899-12-30, no zone).
    """
    header = [_text(cell).strip() for cell in rows[0]] if rows else []
    body = rows[1:]
    table: dict[str, _Column] = {}
    for usual, (name, reading) in enumerate(columns.items()):
        place = _place(name, usual, header, columns)
        cells = [row[place] if place is not None and place < len(row) else None for row in body]
        table[name] = _column(cells, reading)
    return pd.DataFrame(table)


def typed(frame: pd.DataFrame, columns: Mapping[str, Reading]) -> pd.DataFrame:
    """The frame with exactly `columns` and their dtypes; a column it lacks is blank."""
    texts = {name: "" for name, reading in columns.items() if reading == "text"}
    dtypes = {name: _DTYPES[reading] for name, reading in columns.items()}
    whole = frame.assign(**{name: "" for name in texts if name not in frame}).reindex(columns=list(columns))
    return whole.reset_index(drop=True).fillna(texts).astype(dtypes)


def _place(name: str, usual: int, header: Sequence[str], columns: Mapping[str, Reading]) -> int | None:
    if name in header:
        return header.index(name)
    claimed = usual < len(header) and header[usual] in columns
    return None if claimed else usual


def _column(cells: list[object], reading: Reading) -> _Column:
    if reading == "text":
        return pd.Series([_text(cell) for cell in cells], dtype="str")
    numbers = np.array([_number(cell) for cell in cells], dtype="float64")
    if reading == "number":
        return pd.Series(numbers, dtype="float64")
    numbers[~((numbers >= 0) & (numbers < _LAST_SERIAL + 1))] = math.nan
    seconds = (np.floor(numbers) if reading == "day" else numbers) * 86_400
    known = ~np.isnan(seconds)
    offsets = np.full(len(cells), np.timedelta64("NaT", "us"))
    offsets[known] = np.round(seconds[known]).astype("int64").astype("timedelta64[s]")
    return pd.Series(_EPOCH + offsets, dtype="datetime64[us]")


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return encodable(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if not isinstance(cell, (int, float)):
        return encodable(str(cell))
    number = _number(cell)
    return "" if math.isnan(number) else f"{number:.15g}"


def _number(cell: object) -> float:
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return math.nan
    return float(cell) if -_LARGEST < cell < _LARGEST else math.nan
