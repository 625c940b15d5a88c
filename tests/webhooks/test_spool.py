"""The spool: durable, in order, each sequence once, bounded."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.spool import Spool
from customerly.webhooks.spool_files import SpoolError, SpoolFull
from customerly.webhooks.spool_reader import SpoolReader

if TYPE_CHECKING:
    from pathlib import Path


def some(count: int, size: int = 20, at: float | None = None) -> list[NewDelivery]:
    when = int((time.time() if at is None else at) * 1e6)
    return [NewDelivery(when, "hook", {"q": "1"}, {"h": "2"}, b"x" * size) for _ in range(count)]


def sequences(path: Path, after: int = 0) -> list[int]:
    with SpoolReader(path) as reader:
        return [delivery.sequence for delivery in reader.deliveries(after=after)]


def test_deliveries_come_back_in_order_and_after_a_bookmark(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append(some(3))
        spool.append(some(2))
        assert sequences(tmp_path) == [1, 2, 3, 4, 5]
        assert sequences(tmp_path, after=3) == [4, 5]
    assert sequences(tmp_path, after=5) == []


def test_a_look_is_bounded(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, SpoolReader(tmp_path) as reader:
        spool.append(some(30, size=1 << 20))
        assert len(reader.read()) == 8
        assert len(reader.read(limit=3)) == 3
        assert len(list(reader.deliveries())) == 30


def test_no_sequence_comes_twice_even_when_all_were_removed(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append(some(5, at=0))
        with SpoolReader(tmp_path) as reader:
            reader.mark_read(5)
        assert spool.prune(keep_seconds=60, keep_bytes=1 << 30) is False
        assert sequences(tmp_path) == []
        with SpoolReader(tmp_path) as reader:
            assert reader.last_sequence == 5
    with Spool(tmp_path) as spool:
        spool.append(some(1))
    assert sequences(tmp_path) == [6]


def test_only_what_was_read_and_is_old_goes(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, SpoolReader(tmp_path) as reader:
        spool.append(some(3, at=0))
        spool.append(some(2))
        spool.append(some(2, at=0))
        spool.prune(keep_seconds=60, keep_bytes=1 << 30)
        assert sequences(tmp_path) == [1, 2, 3, 4, 5, 6, 7]
        reader.mark_read(2)
        spool.prune(keep_seconds=60, keep_bytes=1 << 30)
        assert sequences(tmp_path) == [3, 4, 5, 6, 7]
        reader.mark_read(5)
        spool.prune(keep_seconds=60, keep_bytes=1 << 30)
        assert sequences(tmp_path) == [4, 5, 6, 7]


def test_the_size_is_kept_down_and_room_given_back(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, SpoolReader(tmp_path) as reader:
        for _ in range(10):
            spool.append(some(100, size=10_000))
        before = spool.size
        reader.mark_read(900)
        while spool.prune(keep_seconds=1e9, keep_bytes=4_000_000):
            pass
        left = sequences(tmp_path)
        assert left[-1] == 1_000
        assert 200 <= len(left) < 500
        assert spool.size < before / 2
        for _ in range(5):
            spool.prune(keep_seconds=1e9, keep_bytes=4_000_000)
    assert (tmp_path / "deliveries.db").stat().st_size < 7_000_000


def fill(spool: Spool) -> None:
    for _ in range(100):
        spool.append(some(2, size=50_000))


def test_a_full_spool_says_so_and_recovers(tmp_path: Path) -> None:
    with Spool(tmp_path, max_bytes=1 << 20) as spool, SpoolReader(tmp_path) as reader:
        with pytest.raises(SpoolFull, match="full"):
            fill(spool)
        kept = spool.last_sequence
        assert 10 < kept < 22
        assert sequences(tmp_path) == list(range(1, kept + 1))
        reader.mark_read(kept)
        spool.prune(keep_seconds=0, keep_bytes=1)
        spool.append(some(2, size=50_000))
        assert sequences(tmp_path, after=kept) == [kept + 1, kept + 2]


def test_a_log_that_is_torn_anywhere_loses_only_whole_groups(tmp_path: Path) -> None:
    original = tmp_path / "original"
    log = original / "deliveries.db-wal"
    ends = []
    with Spool(original) as spool:
        for _ in range(6):
            spool.append(some(5, size=3_000))
            ends.append(log.stat().st_size)
        for cut in range(0, ends[-1] + 1, 1_777):
            copy = tmp_path / "copy"
            copy.mkdir()
            for name in ("deliveries.db", "deliveries.db-wal"):
                shutil.copy(original / name, copy)
            with (copy / "deliveries.db-wal").open("r+b") as torn:
                torn.truncate(cut)
            with Spool(copy) as recovered:
                whole = sum(5 for end in ends if end <= cut)
                assert len(sequences(copy)) >= whole
                assert len(sequences(copy)) % 5 == 0
                recovered.append(some(1))
                found = sequences(copy)
                assert found == sorted(set(found))
            shutil.rmtree(copy)


def test_reading_while_the_receiver_writes(tmp_path: Path) -> None:
    stop = threading.Event()
    with Spool(tmp_path) as spool:

        def write() -> None:
            while not stop.is_set():
                spool.append(some(7))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen: list[int] = []
            while len(seen) < 500:
                with SpoolReader(tmp_path) as reader:
                    after = seen[-1] if seen else 0
                    seen += [each.sequence for each in reader.deliveries(after=after)]
                    reader.mark_read(seen[-1] if seen else 0)
        finally:
            stop.set()
            writer.join()
        seen += sequences(tmp_path, after=seen[-1])
        assert seen == list(range(1, spool.last_sequence + 1))
        assert (tmp_path / "deliveries.db-wal").stat().st_size < 80 << 20


def test_a_mark_never_goes_back_nor_beyond_the_end(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, SpoolReader(tmp_path) as reader:
        spool.append(some(3))
        reader.mark_read(2)
        reader.mark_read(1)
        assert reader.read_up_to == spool.read_up_to == 2
        with pytest.raises(SpoolError, match="another spool"):
            reader.mark_read(4)


def test_one_receiver_a_spool(tmp_path: Path) -> None:
    with Spool(tmp_path), pytest.raises(SpoolError, match="another receiver"):
        Spool(tmp_path)
    Spool(tmp_path).close()


def test_a_spool_that_was_removed_takes_nothing_more(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        shutil.rmtree(tmp_path / "spool")
        with pytest.raises(SpoolError, match="is gone"):
            spool.append(some(1))


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.append(some(1))
        assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
        for file in (tmp_path / "spool").iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


def test_what_is_no_spool(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="no spool"):
        SpoolReader(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match="cannot be used"):
        Spool(tmp_path / "file")
    (tmp_path / "deliveries.db").write_bytes(b"no database" * 1_000)
    with pytest.raises(SpoolError, match="not a database"):
        SpoolReader(tmp_path)
    with pytest.raises(SpoolError, match="not a database"):
        Spool(tmp_path)


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    Spool(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "deliveries.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for side in (Spool, SpoolReader):
        with pytest.raises(SpoolError, match="later version"):
            side(tmp_path)
