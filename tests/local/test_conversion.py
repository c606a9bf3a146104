"""Files that become spreadsheets and spreadsheets that become files, through Drive as clients upload and download."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import gspread
import openpyxl
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload, MediaIoBaseUpload
from requests.adapters import HTTPAdapter

from sheetsync.local.access import discovery_document
from sheetsync.local.conversion import CSV, HTML_ZIP, ODS, TSV, XLSX, exported
from sheetsync.local.driveparts import SPREADSHEET
from sheetsync.local.serve import Server
from tests.local.client import Client, grid_range

TABLE = b'Client,Amount,When\r\n"Volga, Foundry",1200,1/31/2026\r\nNeva,=B2*2,\r\n'
SHOWN = [["Client", "Amount", "When"], ["Volga, Foundry", "1200", "1/31/2026"], ["Neva", "2400"]]


class Clients:
    """Google's own client of Drive and gspread, both of a served workbook."""

    def __init__(self, server: Server) -> None:
        key = Credentials.from_service_account_file(server.credentials, scopes=gspread.auth.DEFAULT_SCOPES)
        self.key = key
        document = discovery_document("drive.v3.json") | {"rootUrl": f"{server.url}/"}
        self.service: Any = build_from_document(document, credentials=key)
        self.files = self.service.files()
        self.server = server

    def values(self, key: str) -> list[list[str]]:
        """The first tab's values, as its owner reads them."""
        answer = self.server.workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/A1:Z99", [], b"", None)
        found: list[list[str]] = json.loads(answer.body).get("values", [])
        return found


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """A served workbook; files made in it belong to its service account."""
    folder = tmp_path_factory.mktemp("conversion")
    with Server(folder / "book.sheet", credentials_out=folder / "key.json") as server:
        made = Clients(server)
        yield made
        made.files.close()


class Here(HTTPAdapter):
    """Leads requests for Google to the server."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        address = urlsplit(request.url or "")
        request.url = f"{self.url}{address.path}?{address.query}"
        return super().send(request, *args, **options)


def media(data: bytes, mime_type: str, *, resumable: bool = False) -> MediaIoBaseUpload:
    """An upload in pieces of 256 KiB, or at once."""
    return MediaIoBaseUpload(io.BytesIO(data), mimetype=mime_type, resumable=resumable, chunksize=256 * 1024)


def test_csv_and_tsv_become_spreadsheets(clients: Clients, tmp_path: Path) -> None:
    """Beside the metadata, alone, and in pieces; typed in as people would; the tab is called as the file."""
    file = tmp_path / "clients.csv"
    file.write_bytes(TABLE)
    about = {"name": "Clients", "mimeType": SPREADSHEET}
    made = clients.files.create(body=about, media_body=MediaFileUpload(str(file)), fields="id,name,mimeType").execute()
    assert (made["name"], made["mimeType"]) == ("Clients", SPREADSHEET)
    assert clients.values(made["id"]) == SHOWN
    answer = clients.server.workbooks.handle("GET", f"/v4/spreadsheets/{made['id']}", [], b"", None)
    assert [tab["properties"]["title"] for tab in json.loads(answer.body)["sheets"]] == ["Clients"]
    tabs = media(TABLE.replace(b",", b"\t"), TSV)
    clients.files.update(fileId=made["id"], media_body=tabs).execute()
    assert clients.values(made["id"])[1] == ["Volga\t Foundry", "1200", "1/31/2026"]
    long = b"\xef\xbb\xbf" + b"".join(b"row %d,%s\n" % (number, b"x" * 1000) for number in range(600))
    clients.files.update(fileId=made["id"], media_body=media(long, CSV, resumable=True)).execute()
    assert [line[0] for line in clients.values(made["id"])][:2] == ["row 0", "row 1"]
    assert clients.files.export(fileId=made["id"], mimeType=CSV).execute().count(b"\r\n") == 599


def test_excel_there_and_back(clients: Clients, tmp_path: Path) -> None:
    """What Excel knows of a spreadsheet survives: values, formulas with their values, looks, sizes, tabs."""
    client = Client(tmp_path, {"properties": {"locale": "de_DE"}})
    client.put("A1", [["Name", 1.5, True, "=SUM(1;2,5)"], ["'=kein", "=B1*2,5", "50%", "31.1.2026"]], "USER_ENTERED")
    bold = {"textFormat": {"bold": True, "foregroundColor": {"red": 1}}, "backgroundColor": {"green": 1}}
    looks = {"userEnteredFormat": {**bold, "horizontalAlignment": "CENTER", "wrapStrategy": "WRAP"}, "note": "n"}
    wide = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    frozen = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
    solid = {"style": "SOLID"}
    client.batch(
        {"repeatCell": {"range": grid_range(0, 1, 0, 1), "cell": looks, "fields": "userEnteredFormat,note"}},
        {"mergeCells": {"range": grid_range(4, 6, 0, 2), "mergeType": "MERGE_ALL"}},
        {"updateDimensionProperties": {"range": wide, "properties": {"pixelSize": 250}, "fields": "pixelSize"}},
        {"updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}},
        {"updateBorders": {"range": grid_range(0, 1, 0, 1), "bottom": solid}},
        {"addSheet": {"properties": {"title": "Plan: [a/b]", "hidden": True, "sheetId": 7}}},
        {"addNamedRange": {"namedRange": {"name": "rate", "range": grid_range(0, 1, 1, 2)}}},
    )
    excel = conversion_of(client)
    book = openpyxl.load_workbook(io.BytesIO(excel))
    page = book["Sheet1"]
    assert page["D1"].value == "=SUM(1,2.5)"
    assert [cell.value for cell in page[2]][:3] == ["=kein", "=B1*2.5", 0.5]
    assert openpyxl.load_workbook(io.BytesIO(excel), data_only=True)["Sheet1"]["B2"].value == 3.75
    assert (page["C2"].number_format, page["D2"].is_date) == ("0%", True)
    assert (page["A1"].font.b, page["A1"].fill.fgColor.rgb, page["A1"].border.bottom.style) == (
        True,
        "FF00FF00",
        "thin",
    )
    assert (page.freeze_panes, book.sheetnames) == ("A2", ["Sheet1", "Plan   a b "])
    assert book.defined_names["rate"].attr_text == "'Sheet1'!$B$1:$B$1"
    made = clients.files.create(body={"mimeType": SPREADSHEET}, media_body=media(excel, XLSX)).execute()
    cells = "rowData.values(userEnteredValue,userEnteredFormat,note)"
    query = [("fields", f"sheets(properties,merges,data({cells},columnMetadata))")]
    answer = clients.server.workbooks.handle("GET", f"/v4/spreadsheets/{made['id']}", query, b"", None)
    back = json.loads(answer.body)["sheets"]
    first, second = back[0]["data"][0]["rowData"][0]["values"][0], back[0]["data"][0]["rowData"][1]["values"]
    assert first["note"] == "n"
    assert first["userEnteredFormat"]["textFormat"]["bold"] is True
    assert first["userEnteredFormat"]["backgroundColor"] == {"green": 1}
    assert [cell["userEnteredValue"] for cell in second[:3]] == [
        {"formulaValue": "=kein"},
        {"formulaValue": "=B1*2.5"},
        {"numberValue": 0.5},
    ]
    assert [cell["userEnteredFormat"]["numberFormat"]["type"] for cell in second[2:4]] == ["PERCENT", "DATE"]
    assert back[0]["merges"][0]["endRowIndex"] == 6
    assert back[0]["data"][0]["columnMetadata"][1]["pixelSize"] == 250
    assert back[0]["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert back[1]["properties"]["hidden"] is True


def conversion_of(client: Client) -> bytes:
    """The client's spreadsheet as .xlsx."""
    return exported(client.workbooks, client.key, XLSX)


def test_gspread_imports_csv(clients: Clients) -> None:
    """The upload that gspread sends: Drive v2's address, the content alone."""
    key = Credentials.from_service_account_file(clients.server.credentials, scopes=gspread.auth.DEFAULT_SCOPES)
    session = AuthorizedSession(key)
    for origin in ("https://www.googleapis.com", "https://sheets.googleapis.com"):
        session.mount(origin, Here(clients.server.url))
    client = gspread.Client(auth=key, session=session)
    book = client.create("Imported")
    answer = client.import_csv(book.id, TABLE)
    assert (answer["kind"], answer["title"], answer["labels"]["trashed"]) == ("drive#file", "Imported", False)
    assert client.open_by_key(book.id).worksheet("Imported").get_all_values() == [*SHOWN[:2], [*SHOWN[2], ""]]
    session.close()


def test_other_files_hold_every_tab(tmp_path: Path) -> None:
    """OpenDocument with values, zipped HTML with texts."""
    client = Client(tmp_path)
    client.put("A1", [["a<b", 1.5, True, "=1/4"], [], ["two\nlines", "50%"]], "USER_ENTERED")
    client.batch({"addSheet": {"properties": {"title": 'x/"y'}}})
    pages = zipfile.ZipFile(io.BytesIO(exported(client.workbooks, client.key, HTML_ZIP)))
    assert pages.namelist() == ["Sheet1.html", "x__y.html"]
    assert "<tr><td>a&lt;b</td><td>1.5</td><td>TRUE</td><td>0.25</td></tr>" in pages.read("Sheet1.html").decode()
    document = zipfile.ZipFile(io.BytesIO(exported(client.workbooks, client.key, ODS)))
    assert (document.namelist()[0], document.read("mimetype")) == ("mimetype", ODS.replace("x-vnd", "vnd").encode())
    root = ElementTree.fromstring(document.read("content.xml"))  # noqa: S314 - made here
    spaces = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("table", "office", "text")}
    tables = root.findall(".//table:table", spaces)
    assert [table.get(f"{{{spaces['table']}}}name") for table in tables] == ["Sheet1", 'x/"y']
    cells = tables[0].findall(".//table:table-cell", spaces)
    assert [cell.get(f"{{{spaces['office']}}}value") for cell in cells] == [None, "1.5", None, "0.25", None, "0.5"]
    assert [text.text for text in tables[0].findall(".//text:p", spaces)] == ["a<b", "two", "lines"]


def test_many_requests_in_one(clients: Clients) -> None:
    """Google's client sends a batch: each request gets its own answer, refusals too."""
    answers: dict[str, Any] = {}

    def keep(name: str, answer: Any, refusal: Any) -> None:
        answers[name] = refusal.status_code if refusal else answer

    batch = clients.service.new_batch_http_request(callback=keep)
    about = {"name": "batched, ü", "mimeType": SPREADSHEET}
    batch.add(clients.files.create(body=about, fields="name"), request_id="made")
    batch.add(clients.files.get(fileId="nope"), request_id="none")
    batch.add(clients.files.list(q="name = 'batched, ü'", fields="files(name)"), request_id="found")
    batch.execute()
    assert answers == {"made": {"name": "batched, ü"}, "none": 404, "found": {"files": [{"name": "batched, ü"}]}}
    session = AuthorizedSession(clients.key)
    place = f"{clients.server.url}/batch/drive/v3"
    assert session.post(place, data=b"x", headers={"Content-Type": "text/plain"}).status_code == 400
    part = b"--b\r\nContent-Type: application/http\r\n\r\n%s\r\n"
    mixed = {"Content-Type": "multipart/mixed; boundary=b"}
    inner = part % b"POST /batch HTTP/1.1" + part % b"GET /v4/spreadsheets/nope HTTP/1.1" + b"--b--\r\n"
    assert session.post(place, data=inner, headers=mixed).content.count(b"HTTP/1.1 404 Not Found") == 2
    assert session.post(place, data=part % b"\r\n" + b"--b--", headers=mixed).status_code == 400
    many = session.post(place, data=part % b"GET / HTTP/1.1" * 101 + b"--b--", headers=mixed)
    assert many.json()["error"]["message"] == "The batch request contains too many calls: 101, the most are 100."
    alone = requests.post(place, data=inner, headers=mixed, timeout=9).content
    assert alone.count(b"HTTP/1.1 401 Unauthorized") == 1
    session.close()


def test_docs_addresses_give_files_out(clients: Clients) -> None:
    """What google-spreadsheet for Node downloads from: short names of formats, one tab by its id; with a token only."""
    made = clients.files.create(body={"name": 'Клиенты "A"', "mimeType": SPREADSHEET}, media_body=media(TABLE, CSV))
    key = made.execute()["id"]
    session = AuthorizedSession(clients.key)
    place = f"{clients.server.url}/spreadsheets/d/{key}/export"
    answer = session.get(place, params={"format": "csv", "id": key})
    assert (answer.headers["Content-Type"], answer.content.count(b"\r\n")) == (CSV, 2)
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"??????? 'A'.csv\""
    assert session.get(place).content.startswith(b"PK")
    assert session.get(place, params={"format": "tsv", "gid": "99"}).status_code == 400
    assert session.get(place, params={"format": "pdf"}).json()["error"]["message"] == (
        "The local workbook does not export pdf."
    )
    assert requests.get(place, timeout=9).status_code == 401
    session.close()


@pytest.mark.parametrize(
    ("data", "mime_type", "words"),
    [
        (b"%PDF", "application/pdf", f"The local workbook converts {CSV}, {TSV}, {XLSX}, not application/pdf."),
        (b"PK\x03\x04", XLSX, "The file can't be converted: no .xlsx file: File is not a zip file"),
    ],
)
def test_what_can_t_be_converted_is_refused(clients: Clients, data: bytes, mime_type: str, words: str) -> None:
    """No file is made, and one that is there stays as it is."""
    before = clients.server.workbooks.keys()
    with pytest.raises(HttpError) as refused:
        clients.files.create(body={"mimeType": SPREADSHEET}, media_body=media(data, mime_type)).execute()
    assert (refused.value.status_code, refused.value.reason) == (400, words)
    assert clients.server.workbooks.keys() == before


def test_a_template_is_made_whole(tmp_path: Path) -> None:
    """What a Spreadsheet body holds beside values lands, too: pygsheets and others create from one."""
    client = Client(tmp_path)
    client.put("A1", [["a", "b"], [1, 2]])
    rule = {"ranges": [grid_range(0, 2, 0, 1)], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
    wide = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    group = {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    white = {"firstBandColor": {"red": 1}, "secondBandColor": {"blue": 1}}
    client.batch(
        {"mergeCells": {"range": grid_range(4, 6, 0, 2), "mergeType": "MERGE_ALL"}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"updateDimensionProperties": {"range": wide, "properties": {"pixelSize": 250}, "fields": "pixelSize"}},
        {"addDimensionGroup": {"range": group}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "rate", "range": grid_range(0, 1, 1, 2)}}},
        {"addTable": {"table": {"tableId": "5", "name": "T", "range": grid_range(0, 2, 0, 2)}}},
        {"addBanding": {"bandedRange": {"bandedRangeId": 9, "range": grid_range(8, 9, 0, 2), "rowProperties": white}}},
        {"setBasicFilter": {"filter": {"range": grid_range(10, 12, 0, 2)}}},
    )
    whole = client.ok("GET", fields="*")
    key = client.workbooks.create(whole)
    copied = client.ok("GET", f"/v4/spreadsheets/{key}", fields="*")
    for name in ("spreadsheetId", "spreadsheetUrl"):
        del whole[name], copied[name]
    assert copied == whole
