"""The second store: what it remembers survives crashes and other processes, and what contradicts it
is refused."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from audit.errors import StoreError, StoreMismatch, StoreNotAdopted
from audit.storage import second_store
from audit.storage.second_store import FILE_NAME, SecondStore

ROOT = Path(__file__).resolve().parents[3]


def root(text: str) -> bytes:
    return sha256(text.encode()).digest()


FLEET = root("fleet genesis")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "second-store"


@pytest.fixture
def store(folder: Path) -> SecondStore:
    """A store that a ledger has just been opened in."""
    opened = SecondStore(folder)
    opened.advance([(0, 1, FLEET), (1, 1, root("operator genesis"))])
    return opened


def test_remembers_the_largest_size_of_each_trail(store: SecondStore) -> None:
    store.advance([(0, 5, root("a")), (7, 3, root("b"))])
    store.advance([(0, 4, root("older")), (7, 9, root("c"))])
    assert store.heads() == {0: (5, root("a")), 1: (1, root("operator genesis")), 7: (9, root("c"))}


def test_another_process_sees_what_was_written(store: SecondStore, folder: Path) -> None:
    other = SecondStore(folder)
    assert other.heads()[0] == (1, FLEET)
    store.advance([(0, 2, root("a"))])
    assert other.heads()[0] == (2, root("a"))


def test_belongs_to_the_ledger_whose_fleet_trail_opened_it(store: SecondStore) -> None:
    assert store.fleet() == FLEET
    store.check_fleet(FLEET)
    with pytest.raises(StoreMismatch, match="belongs to the ledger of fleet trail"):
        store.check_fleet(root("another"))
    with pytest.raises(StoreMismatch, match="belongs to the ledger of another fleet trail"):
        store.advance([(0, 1, root("another"))])


@pytest.mark.parametrize("number, size", [(0, 2), (1, 1), (5, 40)])
def test_an_empty_store_refuses_all_but_a_fleet_genesis(
    folder: Path, number: int, size: int
) -> None:
    empty = SecondStore(folder)
    assert empty.fleet() is None
    for act in (
        lambda: empty.advance([(number, size, root("a"))]),
        lambda: empty.check(number, size, root("a")),
        lambda: empty.set_checkpoint(None, b"text"),
        empty.heads,
        empty.checkpoint,
    ):
        with pytest.raises(StoreNotAdopted, match="adopt_second_store"):
            act()
    assert empty.fleet() is None


def test_adopts_a_ledger_that_it_never_saw_once(folder: Path) -> None:
    store = SecondStore(folder)
    store.adopt(FLEET, [(0, 9, root("a")), (1, 4, root("b"))], b"text\n")
    assert SecondStore(folder).heads() == {0: (9, root("a")), 1: (4, root("b"))}
    assert SecondStore(folder).checkpoint() == b"text\n"
    with pytest.raises(StoreMismatch, match="is not empty"):
        store.adopt(FLEET, [], None)


def test_a_database_that_is_equal_or_ahead_or_of_a_new_trail_passes(store: SecondStore) -> None:
    store.advance([(0, 5, root("a"))])
    store.check(0, 5, root("a"))
    store.check(0, 6, root("b"))
    store.check(9, 1, root("new trail"))


def test_refuses_a_database_that_is_shorter(store: SecondStore) -> None:
    store.advance([(0, 5, root("a"))])
    with pytest.raises(StoreMismatch, match=r"remembers size 5 under .* the database has size 4"):
        store.check(0, 4, root("b"))


def test_refuses_a_database_that_differs_at_the_same_size(store: SecondStore) -> None:
    store.advance([(0, 5, root("a"))])
    with pytest.raises(StoreMismatch, match="restored or altered"):
        store.check(0, 5, root("b"))


def test_refuses_an_equal_size_with_another_root_and_writes_none_of_the_call(
    store: SecondStore,
) -> None:
    store.advance([(0, 5, root("a"))])
    with pytest.raises(StoreMismatch, match="trail 0 at size 5"):
        store.advance([(1, 8, root("good")), (0, 5, root("b"))])
    assert store.heads() == {0: (5, root("a")), 1: (1, root("operator genesis"))}


def test_refuses_two_roots_for_one_size_in_one_call(store: SecondStore) -> None:
    with pytest.raises(StoreMismatch, match="trail 3 at size 2"):
        store.advance([(3, 2, root("a")), (3, 2, root("b"))])


def test_the_checkpoint_is_compared_and_set(store: SecondStore) -> None:
    assert store.checkpoint() is None
    store.set_checkpoint(None, b"one\n")
    store.set_checkpoint(b"one\n", b"two\n")
    assert store.checkpoint() == b"two\n"


def test_setting_the_checkpoint_again_is_well(store: SecondStore) -> None:
    store.set_checkpoint(None, b"one\n")
    store.set_checkpoint(None, b"one\n")
    assert store.checkpoint() == b"one\n"


def test_refuses_a_checkpoint_after_another_than_the_newest(store: SecondStore) -> None:
    store.set_checkpoint(None, b"one\n")
    with pytest.raises(
        StoreMismatch, match="remembers the checkpoint one, want nothing before other"
    ):
        store.set_checkpoint(None, b"other\n")
    assert store.checkpoint() == b"one\n"


def test_a_torn_last_line_was_never_acknowledged_and_is_cut_by_the_next_writer(
    store: SecondStore, folder: Path
) -> None:
    path = folder / FILE_NAME
    whole = path.read_bytes()
    store.advance([(0, 2, root("a"))])
    acknowledged = path.read_bytes()
    for length in range(len(whole), len(acknowledged)):
        path.write_bytes(acknowledged[:length])
        restarted = SecondStore(folder)
        assert restarted.heads()[0] == (1, FLEET)
        restarted.advance([(0, 2, root("a"))])
        assert path.read_bytes() == acknowledged


@pytest.mark.parametrize("line", [0, 1, 2])
def test_refuses_a_damaged_line_wherever_it_is(store: SecondStore, folder: Path, line: int) -> None:
    store.advance([(0, 2, root("a"))])
    path = folder / FILE_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    damaged = bytearray(lines[line])
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(b"".join(lines[:line]) + bytes(damaged) + b"".join(lines[line + 1 :]))
    with pytest.raises(StoreError, match=r"the line at byte \d+ is damaged"):
        SecondStore(folder).heads()


@pytest.mark.parametrize(
    "body, message",
    [
        ("heads 0:1:" + "A" * 43 + "=", "want domicile/second-store/v1 as the first line"),
        ("nonsense", "want domicile/second-store/v1 as the first line"),
    ],
)
def test_refuses_a_file_that_does_not_begin_with_its_title(
    folder: Path, body: str, message: str
) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(f"{body} {sha256(body.encode()).hexdigest()[:16]}\n".encode())
    with pytest.raises(StoreError, match=message):
        SecondStore(folder).heads()


@pytest.mark.parametrize(
    "body",
    ["heads 0:1:AAAA", "heads x:1:" + "A" * 43 + "=", "checkpoint %%", "nonsense", "heads 0:1"],
)
def test_refuses_a_line_that_says_nothing_it_knows(
    store: SecondStore, folder: Path, body: str
) -> None:
    with (folder / FILE_NAME).open("ab") as file:
        file.write(f"{body} {sha256(body.encode()).hexdigest()[:16]}\n".encode())
    with pytest.raises(StoreError, match="is damaged"):
        store.heads()


def test_rewrites_a_file_that_has_grown_large(
    store: SecondStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_store, "COMPACT_ABOVE", 1000)
    reader = SecondStore(folder)
    store.set_checkpoint(None, b"one\n")
    for size in range(2, 60):
        store.advance([(0, size, root(str(size)))])
        assert reader.heads()[0] == (size, root(str(size)))
    assert (folder / FILE_NAME).stat().st_size < 3000
    assert SecondStore(folder).checkpoint() == b"one\n"
    assert SecondStore(folder).heads()[1] == (1, root("operator genesis"))


@pytest.mark.parametrize("failures", [1, 2])
def test_a_failed_fsync_takes_its_line_back_so_that_a_retry_writes_it(
    store: SecondStore, folder: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    reader = SecondStore(folder)
    fsync, calls = os.fsync, []

    def fail(file: int) -> None:
        calls.append(file)
        if len(calls) == 1:
            # a reader may see a line before it is acknowledged
            assert reader.heads()[1] == (2, root("a"))
        if len(calls) <= failures:
            raise OSError(5, "Input/output error")
        fsync(file)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match=r"cannot be (re)?written"):
        store.advance([(1, 2, root("a"))])
    assert store.heads() == {0: (1, FLEET), 1: (1, root("operator genesis"))}
    # As long as the line that was taken back, so that the file's size alone would not show it to
    # the reader.
    store.advance([(0, 2, root("b"))])
    assert (
        reader.heads()
        == SecondStore(folder).heads()
        == {0: (2, root("b")), 1: (1, root("operator genesis"))}
    )


def test_every_call_reaches_the_disk_once(
    store: SecondStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    store.advance([(number, 2, root("a")) for number in range(100)])
    assert len(synced) == 1
    # Also when another process has written all of it: that one may not have come as far as its
    # fsync.
    store.advance([(0, 2, root("a"))])
    assert len(synced) == 2


@pytest.mark.crash
def test_many_processes_lose_nothing(store: SecondStore, folder: Path) -> None:
    program = """
import sys
from hashlib import sha256
from pathlib import Path
from audit.storage import second_store
second_store.COMPACT_ABOVE = 2000
store = second_store.SecondStore(Path(sys.argv[1]))
for size in range(2, 120):
    store.advance([(int(sys.argv[2]), size, sha256(str(size).encode()).digest())])
"""
    command = [sys.executable, "-c", program, str(folder)]
    running = [subprocess.Popen([*command, str(number)], cwd=ROOT) for number in (0, 1, 2, 3)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert store.heads() == dict.fromkeys(range(4), (119, root("119")))
