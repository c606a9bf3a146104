"""Backups of the workbook's file, and files that something has spoilt."""

from __future__ import annotations

import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from sheetsync.errors import AccessError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.local import backup, log
from sheetsync.local.app import Workbooks
from sheetsync.local.file import DamagedError, InUseError, backup_path, beside, check
from sheetsync.local.serve import Server
from sheetsync.local.web import Asked, Site
from tests.local.client import Client

TEXTS = ("one", "two", "three", "four")
HOLDER = """
import os, sys, time
from pathlib import Path
from sheetsync.local.store import Store
store = Store.open(Path(sys.argv[1]))
looking = store.reading()
looking.__enter__().execute("SELECT 1 FROM spreadsheet").fetchone()
with store.writing() as db:
    db.execute("UPDATE spreadsheet SET version = 77")
print("ready", flush=True)
time.sleep(600)
"""


def first(path: Path) -> str:
    """The cell A1."""
    workbooks = Workbooks.open(path)
    (key,) = workbooks.keys()
    answer = workbooks.handle("GET", f"/v4/spreadsheets/{key}/values/A1", [("prettyPrint", "false")], b"")
    workbooks.close()
    return answer.body.decode().split('[["')[1].split('"]]')[0]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A workbook in which something is typed."""
    made = Client(tmp_path)
    made.put("A1", [["one"], *([row, "x" * 90] for row in range(400))])
    return made


def test_the_latest_three_are_kept(client: Client) -> None:
    client.path.chmod(0o640)
    (client.path.parent / "book.sheet.backup-part-left").write_text("by a process that was killed")
    for text in ("one", "two", "three", "four"):
        client.put("A1", [[text]])
        assert backup.make(client.workbooks.store) == backup_path(client.path, 1)
        assert backup.make(client.workbooks.store) is None  # it is the same
    client.put("A1", [["five"]])
    held = backup.found(client.path)
    assert [(each.number, first(each.path), each.sound) for each in held] == [
        (1, "four", True),
        (2, "three", True),
        (3, "two", True),
    ]
    assert {each.path.stat().st_mode & 0o777 for each in held} == {0o640}
    assert len(list(client.path.parent.glob("*backup*"))) == 3


def test_of_a_blank_workbook_there_is_nothing_to_keep(tmp_path: Path) -> None:
    assert backup.make(Client(tmp_path).workbooks.store) is None
    assert backup.found(tmp_path / "book.sheet") == []


def test_one_backup_before_the_first_write_of_a_run(client: Client) -> None:
    site = Site(client.workbooks)

    def ask(method: str, run: str | None, text: str = "") -> None:
        path = f"/v4/spreadsheets/{client.key}/values/A1"
        headers = {} if run is None else {"x-sheetsync-run": run}
        query = [("valueInputOption", "RAW")] if method == "PUT" else []
        body = f'{{"values": [["{text}"]]}}'.encode() if method == "PUT" else b""
        assert site.answer(Asked(method, path, query, headers, body), owner=True).status == 200

    ask("GET", "a")
    ask("PUT", None, "two")
    assert backup.found(client.path) == []
    for run, text in (("a", "three"), ("a", "four"), ("b", "five"), ("b", "six"), ("a", "seven")):
        ask("PUT", run, text)
    assert [first(each.path) for each in backup.found(client.path)] == ["four", "two"]


def test_a_gap_between_the_numbers_is_filled_first(client: Client) -> None:
    for text in ("one", "two", "three"):
        client.put("A1", [[text]])
        backup.make(client.workbooks.store)
    backup_path(client.path, 2).unlink()
    client.put("A1", [["four"]])
    backup.make(client.workbooks.store)
    assert [first(each.path) for each in backup.found(client.path)] == ["four", "three", "one"]


def test_restored_and_back_again(client: Client) -> None:
    backup.make(client.workbooks.store)
    client.put("A1", [["two"]])
    client.workbooks.close()
    kept = backup.restore(client.path)
    assert kept == client.path.with_name("book.sheet.before-restore-1")
    assert (first(client.path), first(kept)) == ("one", "two")
    again = backup.restore(client.path)
    assert again == client.path.with_name("book.sheet.before-restore-2")
    client.path.unlink()
    assert backup.restore(client.path) is None
    assert first(client.path) == "one"
    with pytest.raises(backup.NoBackupError, match="there is no backup 2"):
        backup.restore(client.path, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not let open files be replaced, and has no kill -9")
def test_not_restored_while_somebody_has_it_open_and_what_a_crash_left_is_kept(client: Client) -> None:
    backup.make(client.workbooks.store)
    client.workbooks.close()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, client.path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    before = client.path.read_bytes()
    with pytest.raises(InUseError, match="it is open"):
        backup.restore(client.path)
    assert (client.path.read_bytes(), len(list(client.path.parent.glob("*before-restore*")))) == (before, 0)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert client.path.with_name("book.sheet-wal").stat().st_size
    kept = backup.restore(client.path)
    assert kept is not None
    with sqlite3.connect(kept) as db:
        assert db.execute("SELECT version FROM spreadsheet").fetchone() == (77,)
    db.close()
    assert not client.path.with_name("book.sheet-wal").exists()


def cut(path: Path) -> None:
    """Half of the file is gone."""
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    """All of it is."""
    os.truncate(path, 0)


def beheaded(path: Path) -> None:
    """The first bytes are."""
    with path.open("rb+") as file:
        file.write(bytes(100))


def overwritten(path: Path) -> None:
    """A page in the middle is another one."""
    with path.open("rb+") as file:
        file.seek(4096 * 8)
        file.write(os.urandom(4096))


DAMAGE: list[Callable[[Path], None]] = [cut, emptied, beheaded, overwritten]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: str(each.__name__))
def test_damage_is_said_makes_no_backup_and_is_got_over(
    client: Client, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    backup.make(client.workbooks.store)
    client.put("A1", [["two"]])
    client.workbooks.close()
    damage(client.path)
    spoilt, good = client.path.read_bytes(), backup_path(client.path, 1).read_bytes()
    with pytest.raises(AccessError) as raised:
        Workbook.open("local", path=client.path)
    what, remedy = str(raised.value).split("\n")
    assert what.startswith(f"local:{client.path}: this workbook file is damaged (")
    assert remedy == f"Bring the latest backup back: `sheetsync restore {client.path}` (--list shows them)."
    with pytest.raises(DamagedError):
        Server(client.path)
    assert (client.path.read_bytes(), backup_path(client.path, 1).read_bytes()) == (spoilt, good)
    kept = backup.restore(client.path)
    assert kept is not None
    assert (kept.read_bytes(), first(client.path)) == (spoilt, "one")
    assert caplog.text == ""


def grown(client: Client) -> list[tuple[bytes, bytes, str]]:
    """A workbook again and again, while it is open: its file, its log, and what is in A1."""
    made = []
    log.Folding(client.path).now()
    for text in TEXTS[1:]:
        with client.workbooks.store.reading() as db:  # whoever reads keeps the log from being folded in
            db.execute("SELECT 1 FROM spreadsheet").fetchone()
            client.put("A1", [[text]])
            client.put("C1:D300", [[text]] * 300)
            made.append((client.path.read_bytes(), beside(client.path, "-wal").read_bytes(), text))
        log.Folding(client.path).now()
    return made


def opened(folder: Path, file: bytes, beside_it: bytes) -> str:
    """What is in A1 of a file with that log beside it; else what is said of it."""
    path = folder / "copied.sheet"
    path.write_bytes(file)
    beside(path, "-wal").write_bytes(beside_it)
    beside(path, "-shm").write_bytes(beside_it[:32768])  # SQLite makes that anew
    try:
        return first(path)
    except DamagedError as error:
        return str(error)


def test_the_file_alone_is_all_soon_after_a_write(client: Client, tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    log.Folding(client.path).now()
    with client.workbooks.store.reading() as db:
        db.execute("SELECT 1 FROM spreadsheet").fetchone()
        client.put("A1", [["two"]])
        time.sleep(1.2 * log.REST)
        assert opened(tmp_path / "alone", client.path.read_bytes(), b"") == "one"
    until = time.monotonic() + 20
    while beside(client.path, "-wal").stat().st_size and time.monotonic() < until:
        time.sleep(0.02)
    assert opened(tmp_path / "alone", client.path.read_bytes(), b"") == "two"


def test_a_log_that_is_not_the_file_s_own_is_seen(client: Client, tmp_path: Path) -> None:
    """Another workbook's, an older one, a newer one; SQLite by itself lays each of them over the file."""
    (tmp_path / "other").mkdir()
    other = Client(tmp_path / "other")
    other.put("A1", [["one"], *([row, "x" * 90] for row in range(400))])
    held = [*grown(client), *grown(other)]
    for place, (file, _, _) in enumerate(held):
        alone = opened(tmp_path / "other", file, b"")
        for origin, (_, beside_it, text) in enumerate(held):
            found = opened(tmp_path / "other", file, beside_it)
            assert found == text if place == origin else found == alone or found not in TEXTS, (place, origin, found)
    assert opened(tmp_path / "other", held[2][0], held[0][1]) == "the -wal beside it is another file's, or an older one"


def test_a_log_that_was_cut_off_or_flipped_is_a_state_that_was(client: Client, tmp_path: Path) -> None:
    """As power loss leaves it where the disk lies: what was committed before is there, whole."""
    (tmp_path / "cut").mkdir()
    chance = random.Random(7)  # noqa: S311 - nothing secret
    file, whole, _ = grown(client)[2]
    found = set()
    for length in [0, 1, 31, 32, 33, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(20))]:
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        found |= {opened(tmp_path / "cut", file, whole[:length]), opened(tmp_path / "cut", file, bytes(spoilt))}
    assert found == {"three", "four"}


def test_a_damaged_backup_is_not_brought_back(client: Client) -> None:
    backup.make(client.workbooks.store)
    client.workbooks.close()
    overwritten(backup_path(client.path, 1))
    assert [each.sound for each in backup.found(client.path)] == [False]
    with pytest.raises(DamagedError):
        backup.restore(client.path)
    assert first(client.path) == "one"


def test_damage_while_it_is_served_is_one_line_without_the_path(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.workbooks.close()
    with Server(client.path) as server:
        with server.workbooks.store.writing() as db:
            db.execute("UPDATE row SET cells = '[\"one' WHERE formulas = 0")
            db.execute("UPDATE sheet SET doc = '{\"half'")
        path = f"/v4/spreadsheets/{client.key}"
        with caplog.at_level(logging.WARNING):
            answers = [server.site.answer(Asked("GET", path), owner=True) for _ in range(2)]
            page = requests.get(server.spreadsheet_url, timeout=20)
    for answer in answers:
        assert answer.status == 400
        assert b"The file of this local workbook is damaged. Stop the server, and bring a backup back" in answer.body
        assert str(client.path).encode() not in answer.body
    assert page.status_code == 400
    assert [record.getMessage() for record in caplog.records] == [
        "The workbook's file can't be used: a stored text is not JSON"
    ]
    assert "Traceback" not in caplog.text


def test_spoilt_names_of_tables_and_an_unknown_format_are_damage(client: Client) -> None:
    """SQLite puts such a name into its message, which then is no text; and for the format it has no code."""
    client.workbooks.close()
    sound = client.path.read_bytes()
    name, schema_format = sound.index(b"CREATE TABLE") + 8, 47
    for at, byte, said in ((name, 0xC7, "a text in it is none"), (schema_format, 9, "no file format that there is")):
        client.path.write_bytes(sound[:at] + bytes([byte]) + sound[at + 1 :])
        with pytest.raises(DamagedError, match=said):
            check(client.path)


def test_flipped_bytes_never_raise_anything_else(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Some are in what nothing reads, or make another letter of one: no check of SQLite's sees that."""
    client.workbooks.close()
    sound, chance = client.path.read_bytes(), random.Random(7)  # noqa: S311 - nothing secret
    codes = []
    for _ in range(60):
        spoilt = bytearray(sound)
        for _ in range(chance.choice((1, 8, 64))):
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        client.path.write_bytes(spoilt)
        try:
            with Workbook.open("local", path=client.path) as book:
                book.metadata()
                book.read(["A1:Z500"])
        except SheetsyncError as error:
            codes.append(error.exit_code)
    assert set(codes) <= {3, 4}
    assert len(codes) > 30
    assert "Traceback" not in caplog.text
