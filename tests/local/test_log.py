"""The log of the last transactions is folded in while others write."""

from __future__ import annotations

import threading
from pathlib import Path

from sheetsync.local.log import Folding
from sheetsync.local.store import Store


def test_who_writes_while_the_log_is_folded_in_finds_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "book.sheet"
    store, over = Store.open(path), threading.Event()

    def fold() -> None:
        folding = Folding(path)
        while not over.is_set():
            folding.now()
        folding.close()

    folder = threading.Thread(target=fold)
    folder.start()
    try:
        for number in range(150):
            with store.writing() as db:
                db.execute("CREATE TABLE IF NOT EXISTS filler (text)")
                db.execute("INSERT INTO filler VALUES (?)", ("x" * 3000 * (number % 40),))
                if number % 10 == 9:
                    db.execute("DELETE FROM filler")
    finally:
        over.set()
        folder.join()
        store.close()
    Store.open(path).close()
