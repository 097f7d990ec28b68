"""Events out of a stream of bytes, one at a time: JSON lines, the elements of one JSON array, or a
single one; plain or gzipped.

    read_chunks(file.read) → gunzipped → bounded → lines | events | one | either

Nothing here holds more than a chunk and an event. An array is read as it comes, and not decoded
whole: what comes before a fault is recorded, an element that is no JSON is refused alone, and a
file may be larger than memory. What the module decides:

- a UTF-8 byte order mark at the start is passed over; UTF-16 is refused
- lines end in LF or CRLF; blank lines are yielded (`record` counts and does not answer them), and
  the last line needs no end
- a line of up to LONGEST_LINE_BYTES is yielded, and refused by `record` where it is too long for a
  fact; one beyond that has no end, and the rest of the stream is not read
- an array must be one array of objects and nothing after it; whether an object is an event is
  `cloudevents.parse`'s to say
- an element is bounded as a line is, and so is how deep its brackets go
- a NUL in the first chunk of a file is a binary file, or UTF-16 without its mark: no JSON text
  holds one
- gzip may have several members, as `cat a.gz b.gz` makes, and nothing after them; it must be whole:
  its checksum is the only sign of a lost half. How many members, and how much comes out of how
  little, is bounded: a few kilobytes must not unpack for hours
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

from sovereignty.collect.cloudevents import MOST_LINE_BYTES

CHUNK_BYTES = 65_536
LONGEST_LINE_BYTES = 4 * MOST_LINE_BYTES
DEEPEST = 64  # brackets inside one another; the deepest fact, a correction of a touch, has 9
MOST_MEMBERS = 10_000  # of one gzip: a year of hourly files
MOST_RATIO = 250  # unpacked to packed bytes; facts pack ten to sixty times, deflate can do 1,032
FREE_BYTES = 4_194_304  # unpacked, before the ratio is looked at
_BOM, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_GZIP = 16 + zlib.MAX_WBITS
_SHOWN = 40  # bytes of the stream that an error repeats
# A string whole (its end may be missing yet), or a bracket: all that tells where an element begins
# and ends.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[\[\]{}]', re.DOTALL)


class StreamError(ValueError):
    """Raised when a stream cannot be read on. Says what was `expected` and `received`, at which
    `line` (or element)."""

    def __init__(self, expected: str, received: str, line: int = 1) -> None:
        self.expected, self.received, self.line = expected, received, line
        super().__init__(f"line {line}: want {expected}, got {received}")


class StreamTooLong(StreamError):
    """Raised when a line, or the stream, goes on beyond its bound."""


def read_chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what `read` gives until it gives nothing."""
    while chunk := read(CHUNK_BYTES):
        yield chunk


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the unpacked bytes, less than two CHUNK_BYTES at a time. Raises StreamError for broken
    or cut gzip, StreamTooLong."""
    return _gathered(_unpacked(chunks))


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    member, inside, members, packed, unpacked = zlib.decompressobj(_GZIP), False, 0, 0, 0
    for chunk in chunks:
        rest, data = chunk, b""
        packed += len(chunk)
        # What is unpacked may be more than one piece, even after all of `rest` was taken in.
        while rest or len(data) == CHUNK_BYTES:
            if not inside and members == MOST_MEMBERS:
                raise StreamTooLong(f"at most {MOST_MEMBERS} gzip members", "more")
            members += not inside
            inside = True
            try:
                data = member.decompress(rest, CHUNK_BYTES)
            except zlib.error as error:
                expected = "gzip" if members == 1 else "another gzip member, or the end"
                raise StreamError(expected, f"bytes that are not: {error}") from error
            unpacked += len(data)
            if unpacked > FREE_BYTES and unpacked > MOST_RATIO * packed:
                raise StreamTooLong(
                    f"gzip that unpacks to at most {MOST_RATIO} times its bytes",
                    f"{unpacked} bytes out of {packed}",
                )
            if data:
                yield data
            rest = member.unconsumed_tail
            if member.eof:
                rest, data, member, inside = (
                    member.unused_data,
                    b"",
                    zlib.decompressobj(_GZIP),
                    False,
                )
    if inside or not members:
        raise StreamError("gzip up to its checksum", "its end before that")


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of about CHUNK_BYTES: what joins each chunk to a rest must not
    do so byte by byte."""
    held: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= CHUNK_BYTES:
                yield b"".join(held)
                held, size = [], 0
    except StreamError:
        yield b"".join(held)  # what came before the fault is told with its line
        raise
    if held:
        yield b"".join(held)


def bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield the chunks. Raises StreamTooLong as soon as they hold more than `most` bytes."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > most:
            raise StreamTooLong(f"at most {most} bytes", "more")
        yield chunk


def either(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the events of a stream that is an array where its first character is `[`, else lines.
    Raises StreamError."""
    held, rest = b"", iter(_without_mark(chunks))
    for chunk in rest:
        held += chunk
        if b"\0" in chunk:
            raise StreamError("JSON text in UTF-8", "a NUL byte: a binary file, or UTF-16")
        if not held.isspace():
            break
        _check_length(held, 1)
    form = events if held.lstrip()[:1] == b"[" else lines
    yield from form(_joined(held, rest))


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each line without its LF. Raises StreamError, StreamTooLong."""
    number, rest = 1, b""
    try:
        for chunk in _without_mark(chunks):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line
                number += 1
            _check_length(rest, number)
    except StreamError as error:
        raise type(error)(error.expected, error.received, number) from error
    if rest:
        yield rest


def events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text of each object of one JSON array. Raises StreamError, StreamTooLong; its
    `line` counts the elements."""
    array = _Array()
    try:
        for chunk in _without_mark(chunks):
            yield from array.feed(chunk)
        array.end()
    except StreamError as error:
        raise type(error)(error.expected, error.received, array.number) from error


def one(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the whole stream as one event. Raises StreamError, StreamTooLong."""
    held = b""
    for chunk in _without_mark(chunks):
        held += chunk
        _check_length(held, 1)
    yield held


class _Array:
    """One array on its way: `depth` brackets are open, element `number` is being read, `held` is
    not yet given out."""

    def __init__(self) -> None:
        self.number, self.depth, self.closed = 1, 0, False
        self.held, self.read_to, self.given_to = b"", 0, 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take in more bytes; yield the elements that end in them."""
        self.held += chunk
        while (token := _TOKEN.search(self.held, self.read_to)) is not None:
            sign = token[0][:1]
            if sign == b'"':
                if not token[1]:
                    break  # the string's end is still to come; it is read again from its start
                self.read_to = token.end()
                if self.depth < 2:
                    raise StreamError(
                        self._wanted(), _shown(self.held[self.given_to : token.end()])
                    )
                continue
            if self.depth < 2:
                self._check_between(sign, token.start())
            self.read_to = token.end()
            self.depth += 1 if sign in b"[{" else -1
            if self.depth > DEEPEST:
                raise StreamTooLong(f"at most {DEEPEST} brackets inside one another", "more")
            if self.depth == 1 and sign in b"]}":
                yield self.held[self.given_to : self.read_to]
                self.number += 1
                self.given_to = self.read_to
        self._drop_given()

    def end(self) -> None:
        """Check that the array is closed and nothing comes after it."""
        if not self.closed or self.held[self.given_to :].strip():
            rest = self.held[self.given_to :].strip()
            raise StreamError(
                self._wanted(), _shown(rest) if rest and self.depth < 2 else "the end of the stream"
            )

    def _check_between(self, sign: bytes, start: int) -> None:
        """Check what stands between the elements, up to the bracket at `start`, and the bracket
        itself."""
        between = self.held[self.given_to : start].strip()
        first = self.number == 1
        if self.depth == 0:
            right = sign == b"[" and not between and not self.closed
        elif sign == b"]":
            right = not between
        else:
            right = sign == b"{" and between == (b"" if first else b",")
        if not right:
            raise StreamError(self._wanted(), _shown(self.held[self.given_to : start + 1].strip()))
        self.closed = sign == b"]"
        self.given_to = start if sign == b"{" else start + 1

    def _wanted(self) -> str:
        if self.closed:
            return "nothing after the array"
        if self.depth == 0:
            return "an array, which begins with ["
        if self.depth > 1:
            return "the end of the object"
        return (
            "an object, or the array's end"
            if self.number == 1
            else "a comma and an object, or the array's end"
        )

    def _drop_given(self) -> None:
        self.held, self.read_to, self.given_to = (
            self.held[self.given_to :],
            max(self.read_to - self.given_to, 0),
            0,
        )
        _check_length(self.held, self.number)


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks without a byte order mark. Raises StreamError for UTF-16."""
    head, rest = b"", iter(chunks)
    for chunk in rest:
        head += chunk
        if len(head) >= len(_BOM):
            break
    if head.startswith(_UTF_16):
        raise StreamError("UTF-8", "UTF-16")
    yield from _joined(head.removeprefix(_BOM), rest)


def _joined(head: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _check_length(text: bytes, line: int) -> None:
    if len(text) > LONGEST_LINE_BYTES:
        raise StreamTooLong(
            f"a line of at most {LONGEST_LINE_BYTES} bytes", "one that goes on", line
        )


def _shown(text: bytes) -> str:
    return repr(text[:_SHOWN].decode("utf-8", "backslashreplace"))
