"""Events out of a stream of bytes, one at a time: JSON lines, the elements of one JSON array, or a single one; plain or gzipped.

    read_chunks(file.read) → gunzipped → bounded → lines | events | one | either

Nothing here holds more than a chunk and an event. What it decides:

- a UTF-8 byte order mark at the start is passed over; UTF-16 is refused
- lines end in LF or CRLF; blank lines are yielded (`record` counts and does not answer them), and the last line needs no end
- a line of up to LONGEST_LINE_BYTES is yielded, and refused by `record` where it is too long for a fact; one beyond that has no
  end, and the rest of the stream is not read
- an array must be one array of objects and nothing after it; whether an object is an event is `cloudevents.parse`'s to say
- gzip may have several members, as `cat a.gz b.gz` makes; it must be whole: its checksum is the only sign of a lost half
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

from sovereignty.collect.cloudevents import MOST_LINE_BYTES

CHUNK_BYTES = 65_536
LONGEST_LINE_BYTES = 4 * MOST_LINE_BYTES
_BOM, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_GZIP = 16 + zlib.MAX_WBITS
_SHOWN = 40  # bytes of the stream that an error repeats
# A string whole (its end may be missing yet), or a bracket: all that tells where an element begins and ends.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[\[\]{}]', re.DOTALL)


class StreamError(ValueError):
    """Raised when a stream cannot be read on: what was `wanted`, what `came`, at which `line` (or element) of it."""

    def __init__(self, wanted: str, came: str, line: int = 1) -> None:
        self.wanted, self.came, self.line = wanted, came, line
        super().__init__(f"line {line}: wanted {wanted}, came {came}")


class StreamTooLong(StreamError):
    """Raised when a line, or the stream, goes on beyond its bound."""


def read_chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what `read` gives until it gives nothing."""
    while chunk := read(CHUNK_BYTES):
        yield chunk


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the unpacked bytes, CHUNK_BYTES at most at a time. Raises StreamError for broken or cut gzip."""
    member, inside, seen = zlib.decompressobj(_GZIP), False, False
    for chunk in chunks:
        rest, data = chunk, b""
        # What is unpacked may be more than one piece, even after all of `rest` was taken in.
        while rest or len(data) == CHUNK_BYTES:
            inside = seen = True
            try:
                data = member.decompress(rest, CHUNK_BYTES)
            except zlib.error as error:
                raise StreamError("gzip", f"bytes that are not: {error}") from error
            if data:
                yield data
            rest = member.unconsumed_tail
            if member.eof:
                rest, data, member, inside = member.unused_data, b"", zlib.decompressobj(_GZIP), False
    if inside or not seen:
        raise StreamError("gzip up to its checksum", "its end before that")


def bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield the chunks. Raises StreamTooLong as soon as they hold more than `most` bytes."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > most:
            raise StreamTooLong(f"at most {most} bytes", "more")
        yield chunk


def either(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the events of a stream that is an array where its first character is `[`, else lines. Raises StreamError."""
    held, rest = b"", iter(_without_mark(chunks))
    for chunk in rest:
        held += chunk
        if not held.isspace():
            break
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
        raise type(error)(error.wanted, error.came, number) from error
    if rest:
        yield rest


def events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text of each object of one JSON array. Raises StreamError, StreamTooLong; its `line` counts the elements."""
    array = _Array()
    try:
        for chunk in _without_mark(chunks):
            yield from array.feed(chunk)
        array.end()
    except StreamError as error:
        raise type(error)(error.wanted, error.came, array.number) from error


def one(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the whole stream as one event. Raises StreamError, StreamTooLong."""
    held = b""
    for chunk in _without_mark(chunks):
        held += chunk
        _check_length(held, 1)
    yield held


class _Array:
    """One array on its way: `depth` brackets are open, element `number` is being read, `held` is not yet given out."""

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
                    raise StreamError(self._wanted(), _shown(self.held[self.given_to : token.end()]))
                continue
            if self.depth < 2:
                self._check_between(sign, token.start())
            self.read_to = token.end()
            self.depth += 1 if sign in b"[{" else -1
            if self.depth == 1 and sign in b"]}":
                yield self.held[self.given_to : self.read_to]
                self.number += 1
                self.given_to = self.read_to
        self._drop_given()

    def end(self) -> None:
        """Check that the array is closed and nothing comes after it."""
        if not self.closed or self.held[self.given_to :].strip():
            rest = self.held[self.given_to :].strip()
            raise StreamError(self._wanted(), _shown(rest) if rest and self.depth < 2 else "the end of the stream")

    def _check_between(self, sign: bytes, start: int) -> None:
        """Check what stands between the elements, up to the bracket at `start`, and the bracket itself."""
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
        return "an object, or the array's end" if self.number == 1 else "a comma and an object, or the array's end"

    def _drop_given(self) -> None:
        self.held, self.read_to, self.given_to = self.held[self.given_to :], max(self.read_to - self.given_to, 0), 0
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
        raise StreamTooLong(f"a line of at most {LONGEST_LINE_BYTES} bytes", "one that goes on", line)


def _shown(text: bytes) -> str:
    return repr(text[:_SHOWN].decode("utf-8", "backslashreplace"))
