"""Whom to act on: the department's dearest clients near the top, and every manager's own list further down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetsync.canvas import BLUE, GREY, HAIRLINE
from sheetsync.dashboard.frame import WIDTH, Frame, Record, each, filled, look
from sheetsync.model import Formula

MOST = 7
"""So many clients of the department stand near the top."""

_MONEY = 3  # the column of money in the lists
_ACROSS = 5  # links to managers' lists side by side, three columns each
_ARROW = look(ink=BLUE, align="CENTER")


class Acting:
    """The clients to act on, in the order of the money at stake: first the top, later the lists that it leads to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._clients = each(frame.report.attention)
        self._names = _in_order({str(client["manager"]) for client in self._clients}, frame.managers)
        self._leads: list[tuple[int, int, str]] = []  # cells that lead to a manager's list

    def top(self) -> None:
        """Draws the department's first clients, and links to the managers' lists."""
        frame = self._frame
        with frame.block("act"):
            frame.heading(frame.texts("Act this week"))
            if not self._clients:
                frame.said(frame.texts("Nobody has to be acted on."))
                return
            for client in self._clients[:MOST]:
                self._first(client)
            self._links()

    def _first(self, client: Record) -> None:
        frame, row, name = self._frame, self._frame.rows(), str(client["manager"])
        frame.named(row, name)
        self._leads.append((row, 0, name))
        _money(frame, row, client)
        frame.put(row, 2, _client(client), look(wrap="CLIP", bottom=HAIRLINE, inset=6), span=3)
        frame.put(row, 5, self._arrow(client), look(ink=BLUE, align="CENTER", bottom=HAIRLINE))
        frame.put(row, 6, self._category(client), look(ink=GREY, wrap="CLIP", bottom=HAIRLINE), span=2)
        frame.put(row, 8, str(client["reasons"]), look(wrap="CLIP", bottom=HAIRLINE), span=WIDTH - 8)

    def _links(self) -> None:
        """Every manager's own list, five in a row."""
        frame = self._frame
        for start in range(0, len(self._names), _ACROSS):
            row = frame.rows()
            if not start:
                frame.put(row, 0, frame.texts("managers' own lists:"), look(size=9, ink=GREY, wrap="CLIP"))
            for place, name in enumerate(self._names[start : start + _ACROSS]):
                left = 1 + place * 3
                frame.put(row, left, name, look(size=9, ink=BLUE, wrap="CLIP", inset=6), span=3)
                self._leads.append((row, left, name))

    def lists(self) -> None:
        """Draws each manager's clients, and leads the links above to them."""
        if not self._clients:
            return
        frame, places = self._frame, dict[str, int]()
        with frame.block("clients_to_act"):
            row = frame.heading(frame.texts("Act this week, manager by manager"))
            frame.heads(row, {_MONEY: frame.currency}, line=True)
            for name in self._names:
                places[name] = self._list(name, [each for each in self._clients if str(each["manager"]) == name])
        self._lead(places)

    def _list(self, name: str, clients: Sequence[Record]) -> int:
        """A manager's clients under the own name; the row of the name."""
        frame, row = self._frame, self._frame.rows()
        frame.canvas.heights[row] = 28
        frame.put(row, 0, name or frame.texts("(no manager)"), look(bold=True))
        total = round(sum(filled(client["money"]) or 0.0 for client in clients), 2) or None
        self._cells(row, total, None, "", bold=True)
        for client in clients:
            row_of_client = frame.rows()
            frame.put(row_of_client, 0, _client(client), look())  # it may run on over the two blank cells beside it
            self._cells(row_of_client, filled(client["money"]), self._arrow(client), str(client["reasons"]))
        return row

    def _cells(self, row: int, money: float | None, arrow: Formula | None, reasons: str, *, bold: bool = False) -> None:
        frame, size = self._frame, self._frame.numbers.size("money")
        frame.put(row, _MONEY, money, look(size=size, bold=bold, number=frame.numbers.money(money)))
        frame.put(row, _MONEY + 1, arrow, _ARROW)
        frame.put(row, _MONEY + 2, reasons or None, look())

    def _lead(self, places: Mapping[str, int]) -> None:
        """Makes links of the names above. The label is the list's own heading: no name comes into a formula."""
        canvas = self._frame.canvas
        for row, column, name in self._leads:
            cell = canvas.cells[row, column]
            shown = look(ink=BLUE, wrap="CLIP", bottom=HAIRLINE) if column == 0 else cell.style
            canvas.put(row, column, self._frame.leap(places[name], name), shown)

    def _arrow(self, client: Record) -> Formula | None:
        gid = self._frame.tabs.get(str(client["tab"]))
        return None if gid is None else self._frame.link(gid, int(client["row"]), "→")

    def _category(self, client: Record) -> str:
        return self._frame.category(str(client["category"]))


def _in_order(names: set[str], managers: Sequence[str]) -> list[str]:
    known = [name for name in managers if name in names]
    return known + sorted(names.difference(known))


def _client(client: Record) -> str:
    """The client, and the deal where it has one."""
    deal = str(client["deal"])
    return f"{client['client']} · {deal}" if deal else str(client["client"])


def _money(frame: Frame, row: int, client: Record) -> None:
    money = filled(client["money"])
    frame.put(row, 1, money, look(size=frame.numbers.size("money"), number=frame.numbers.money(money), bottom=HAIRLINE))
