"""The second store: a file apart from the database that remembers the newest heads and the newest
checkpoint.

A database that was restored from a backup does not know what it has forgotten. Appending to it
would give indexes out twice, and sealing it would sign two histories. So after each commit, and
before any reply, the new heads are written here; and whoever appends or seals first compares.
FORMATS.md sections 2.4 and 2.9.

    domicile/second-store/v1 8f3Kq…= 5d41402abc4b2a76
    heads 0:12:9c4fR…= 3:40:77xYz…= 7d793037a0760186
    checkpoint bGVkZ2VyLmV4YW1wbGUv… 2d711642b726b044

The first line names the fleet trail's id, and with it the one ledger that the store belongs to: the
fleet's genesis holds the log's origin. Each line is one call, and ends in the first 8 bytes, in
hex, of its SHA-256. The file grows at its end under a lock that all processes of the machine share;
when it has grown large it is rewritten by temporary file, fsync and rename.

A last line without its newline was never acknowledged, because the call that wrote it had not
returned from fsync: it is passed over, and cut off by the next writer. Any other line that does not
match its digest is damage, and refused.

An empty store refuses everything but the fleet's genesis, which opens a ledger: with both stores
lost to one mistake, an old database would otherwise pass for the newest. For an older database a
person decides (`adopt_second_store`).
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from audit.errors import StoreError, StoreMismatch, StoreNotAdopted
from audit.storage import durable
from audit.storage.second_store_lines import (
    Contents,
    Head,
    check_not_behind,
    checkpoint_line,
    heads_line,
    in_words,
)
from audit.tlog.merkle import Hash
from audit.tlog.trail_numbers import FLEET_NUMBER

FILE_NAME, LOCK_NAME, SEALING_LOCK_NAME = "heads.log", "lock", "sealing.lock"
# The file is rewritten when it is larger than this and several times what it says.
COMPACT_ABOVE = 1 << 20
COMPACT_FACTOR = 8
_READ_AT_ONCE = 1 << 24


class SecondStore:
    """The store in one folder. Threads share an instance, processes share the file; what was read
    stays in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._mutex = threading.RLock()
        self._file, self._end = (0, 0), 0
        self._contents = Contents()
        self._is_stained = False

    @staticmethod
    def at(folder: Path) -> "SecondStore":
        """Return this process's store in `folder`."""
        return _at(Path(folder))

    def fleet(self) -> Hash | None:
        """Return the id of the fleet trail of the ledger that the store belongs to; None while it
        is empty."""
        with self._mutex:
            self._refresh()
            return self._contents.fleet

    def heads(self) -> Mapping[int, Head]:
        """Return the newest (size, root) of each trail number. Raises StoreNotAdopted, StoreError.

        A sealer reads them before its snapshot: the database may then be ahead of them, never
        behind."""
        with self._mutex:
            return dict(self._adopted().heads)

    def checkpoint(self) -> bytes | None:
        """Return what `set_checkpoint` was last given; None before the first. Raises
        StoreNotAdopted, StoreError."""
        with self._mutex:
            return self._adopted().checkpoint

    def check_fleet(self, fleet: bytes) -> None:
        """Check that the store belongs to the ledger whose fleet trail has this id.
        Raises StoreMismatch, StoreNotAdopted, StoreError."""
        with self._mutex:
            _check_fleet(self._adopted().fleet, fleet)

    def check(self, number: int, size: int, root: bytes) -> None:
        """Check that trail `number`, which holds `size` entries under `root` in the database, is
        not behind the store. Needs the trail's row lock, or the store may have moved on since the
        row was read. Raises StoreMismatch, StoreNotAdopted, StoreError."""
        with self._mutex:
            remembered = self._adopted().heads.get(number)
        check_not_behind(number, size, root, remembered)

    def advance(self, heads: Iterable[tuple[int, int, bytes]]) -> None:
        """Remember each (number, size, root), unless a larger size is remembered already. Returns
        when all of it is on the disk. Raises StoreMismatch for an equal size with another root, and
        then remembers none of them; StoreNotAdopted, StoreError.

        In an empty store the fleet's genesis must be among them: it opens the ledger, and the
        store."""
        asked = list(heads)
        with self._locked():
            if self._contents.fleet is None:
                self._open(asked)
            news = self._contents.news(asked)
            self._append(heads_line(news) if news else b"")
            self._compact()

    def set_checkpoint(self, old: bytes | None, new: bytes) -> None:
        """Remember `new` as the newest checkpoint where `old` still is; done already is well too.
        Returns when it is on the disk: only now may `new` be signed. Raises StoreMismatch when
        another one is there; StoreNotAdopted, StoreError."""
        with self._locked():
            remembered = self._need_adopted().checkpoint
            if remembered not in (old, new):
                raise StoreMismatch(
                    f"the second store remembers the checkpoint {in_words(remembered)}, want "
                    f"{in_words(old)} before {in_words(new)}"
                )
            self._append(checkpoint_line(new) if remembered != new else b"")

    def adopt(
        self, fleet: bytes, heads: Iterable[tuple[int, int, bytes]], checkpoint: bytes | None
    ) -> None:
        """Fill the empty store with what it shall remember of a ledger that it never saw. A person
        decides this. Raises StoreMismatch when the store is not empty; StoreError."""
        with self._locked():
            if self._contents.fleet is not None:
                raise StoreMismatch(
                    f"the second store in {self._folder} is not empty, want it empty to adopt a "
                    "ledger"
                )
            filled = {number: (size, Hash(root)) for number, size, root in heads}
            self._rewrite(Contents(Hash(fleet), filled, checkpoint))

    @contextlib.contextmanager
    def sealing(self) -> Iterator[None]:
        """Be the only sealer among the processes that share the store: for a database without a
        lock of its own."""
        with self._file_lock(SEALING_LOCK_NAME):
            yield

    def _open(self, heads: Iterable[tuple[int, int, bytes]]) -> None:
        """Bind the empty store to a new ledger: the root of a trail of size 1 is its genesis' hash,
        which is its id."""
        fleet = next(
            (root for number, size, root in heads if (number, size) == (FLEET_NUMBER, 1)), None
        )
        if fleet is None:
            self._need_adopted()
        else:
            self._rewrite(Contents(Hash(fleet)))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the store against every thread and process, having read what they wrote."""
        with self._mutex, self._file_lock(LOCK_NAME):
            self._refresh()
            yield

    @contextlib.contextmanager
    def _file_lock(self, name: str) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Opened anew each time: a lock belongs to the open file, which a forked child would share.
        with (self._folder / name).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _adopted(self) -> Contents:
        self._refresh()
        return self._need_adopted()

    def _need_adopted(self) -> Contents:
        if self._contents.fleet is None:
            raise StoreNotAdopted(
                f"the second store in {self._folder} is empty, want it to know this ledger: "
                "if it was lost, and the database is known to be the newest, "
                "`manage.py adopt_second_store` fills it again"
            )
        return self._contents

    def _refresh(self) -> None:
        """Read the lines that were added since; all of them where the file was replaced or cut."""
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                if (status.st_dev, status.st_ino) != self._file or status.st_size < self._end:
                    self._forget(status)
                if status.st_size > self._end:
                    self._read(file.fileno(), status)
        except FileNotFoundError:
            self._file, self._end, self._contents = (0, 0), 0, Contents()

    def _read(self, file: int, status: os.stat_result) -> None:
        try:
            self._read_on(file)
        except StoreError:
            if not self._end:
                raise
            # A writer whose fsync failed may have taken back a line that we had read already, and
            # written others.
            self._forget(status)
            self._read_on(file)

    def _read_on(self, file: int) -> None:
        unfinished = b""
        while data := os.pread(file, _READ_AT_ONCE, self._end + len(unfinished)):
            whole, newline, unfinished = (unfinished + data).rpartition(b"\n")
            for line in (whole + newline).splitlines(keepends=True):
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            self._contents.take(line)
        except ValueError as error:
            raise StoreError(
                f"{self._path}: the line at byte {self._end} is damaged: {error}"
            ) from error
        self._end += len(line)

    def _forget(self, status: os.stat_result) -> None:
        self._file, self._end, self._contents = (status.st_dev, status.st_ino), 0, Contents()

    def _append(self, line: bytes) -> None:
        """Put `line` on the disk and take it in. Needs the lock. Raises StoreError."""
        if self._is_stained:
            self._rewrite(self._contents)
        with self._path.open("r+b", buffering=0) as file:
            # Cuts off what a writer left that died before its newline.
            file.truncate(self._end)
            file.seek(self._end)
            try:
                _write(file.fileno(), line)
                # Without a line too: whoever wrote what we would have written may have died before
                # its own fsync.
                os.fsync(file.fileno())
            except OSError as error:
                # After a failed fsync the next may succeed without the bytes: take them back, so
                # that a retry writes them again. Into a new file, then or at the next call: whoever
                # has read them must read all of it again.
                file.truncate(self._end)
                self._is_stained = True
                self._rewrite(self._contents)
                raise StoreError(f"{self._path} cannot be written: {error}") from error
        if line:
            self._take(line)

    def _compact(self) -> None:
        if self._end > COMPACT_ABOVE and self._end > COMPACT_FACTOR * len(self._contents.encode()):
            self._rewrite(self._contents)

    def _rewrite(self, contents: Contents) -> None:
        """Replace the file by one that says `contents` in the fewest lines. Needs the lock. Raises
        StoreError."""
        try:
            with durable.replacing(self._path, 0o600) as file:
                file.write(contents.encode())
        except OSError as error:
            raise StoreError(f"{self._path} cannot be rewritten: {error}") from error
        self._is_stained = False
        self._refresh()


@cache
def _at(folder: Path) -> SecondStore:
    return SecondStore(folder)


def _check_fleet(known: Hash | None, fleet: bytes) -> None:
    if known is not None and known != fleet:
        raise StoreMismatch(
            f"the second store belongs to the ledger of fleet trail {known.hex()}, the database is "
            f"{fleet.hex()}"
        )


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
