"""What a formula gives is shown as what it reads, or makes, where its own cell says nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.client import Client

SHOWN = {
    "=TODAY()": "18.11.2026",
    "=TODAY()-1": "17.11.2026",
    "=NOW()": "18.11.2026 12:00:00",
    "=DATE(2026;1;1)": "01.01.2026",
    "=EDATE(A1;1)": "18.12.2026",
    "=TIME(13;30;0)": "13:30:00",
    "=A1": "18.11.2026",
    "=A1+1": "19.11.2026",
    "='Other tab'!A1": "12,50%",
    "=MAX(A1:A5)": "18.11.2026",
    "=SUM(B1:B2)": "7,00\xa0€",
    "=A1-A2": "0,5",
    "=B1*2": "11",
    "=SUM(A1;B1)+SUM(B1)": "46355",
    '=A1&""': "46344",
    "=Nowhere!A1": "#REF!",
    "=A3": "",
    "=D1": "text",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    client = Client(tmp_path_factory.mktemp("book"), {"properties": {"locale": "de_DE"}})
    client.batch({"addSheet": {"properties": {"title": "Other tab"}}})
    client.put("'Other tab'!A1", [["12,5%"]], "USER_ENTERED")
    client.put("A1", [["18.11.2026", "5,50 €", "", "text"], [46343.5, "1,50 €"]], "USER_ENTERED")
    client.put("G1", [[formula] for formula in SHOWN], "USER_ENTERED")
    return client


def test_results_are_shown_as_what_they_come_from(client: Client) -> None:
    shown = client.values(f"G1:G{len(SHOWN)}", valueRenderOption="FORMATTED_VALUE")
    assert dict(zip(SHOWN, [row[0] if row else "" for row in shown], strict=True)) == SHOWN


def test_values_stay_numbers_and_dates_may_come_as_texts(client: Client) -> None:
    assert client.values("G1:G2") == [[46344], [46343]]
    dates = client.values("G1:G2", dateTimeRenderOption="FORMATTED_STRING")
    assert dates == [["18.11.2026"], ["17.11.2026"]]


def test_a_format_of_its_own_wins_and_nothing_is_entered_for_it(client: Client) -> None:
    place = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 6, "endColumnIndex": 7}
    ((cell,),) = client.cells("G1", "userEnteredFormat,userEnteredValue,formattedValue")
    assert cell == {"userEnteredValue": {"formulaValue": "=TODAY()"}, "formattedValue": "18.11.2026"}
    number_format = {"numberFormat": {"type": "NUMBER", "pattern": "0"}}
    client.batch(
        {"repeatCell": {"range": place, "cell": {"userEnteredFormat": number_format}, "fields": "userEnteredFormat"}}
    )
    assert client.values("G1", valueRenderOption="FORMATTED_VALUE") == [["46344"]]


def test_what_reads_another_result_is_shown_alike(tmp_path: Path) -> None:
    """Whichever of the two is worked out first."""
    client = Client(tmp_path)
    client.put("A1", [["=B1", "=C1", "=TODAY()"]], "USER_ENTERED")
    assert client.values("A1:C1", valueRenderOption="FORMATTED_VALUE") == [["11/18/2026"] * 3]


@pytest.mark.parametrize("columns", [18_278, 18_279])
def test_columns_have_an_end_however_they_are_asked_for(tmp_path: Path, columns: int) -> None:
    client = Client(tmp_path)
    grid = {"rowCount": 1, "columnCount": columns}
    status, answer = client.ask(
        "POST", ":batchUpdate", {"requests": [{"addSheet": {"properties": {"gridProperties": grid}}}]}
    )
    if columns == 18_278:
        assert status == 200
    else:
        said = "Invalid requests[0].addSheet: A sheet can't have more than 18278 columns."
        assert (status, answer["error"]["message"]) == (400, said)
