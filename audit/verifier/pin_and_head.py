"""What you bring and the bundle cannot change: a pin, and a head from last time.

A pin is `<number>:<id>`: the trail's number, and its id in 64 hex digits. You received it when the
trail was opened:

    12:3c59dc048e8850243be8079a5c74d079fe9b2d8d9a53e3f2b0d51e8a9f0c7d11

A previous head is what an earlier verification proved of a trail, with the checkpoint that it
proved it under. It is the member `head` of a trail in a `--json` report; a whole such report is
accepted too. audit/FORMATS.md, section 9.
"""

import json
from dataclasses import dataclass

from audit.tlog import canonical
from audit.tlog.canonical import Json
from audit.tlog.checkpoint import Checkpoint
from audit.tlog.errors import TlogError
from audit.tlog.members import (
    check_members,
    parse_hex,
    read_array,
    read_hex,
    read_integer,
    read_text,
)
from audit.tlog.merkle import HASH_BYTES, Hash
from audit.tlog.note import parse_note
from audit.tlog.spelling import parse_decimal

REPORT_FORMAT = "domicile/report/v1"

_HEAD_MEMBERS = {"checkpoint", "epoch", "number", "root", "size", "trail"}


class InputError(TlogError):
    """Raised when a pin, a trust file or a previous head is malformed or cannot be read. That is a
    mistake of usage and says nothing about the bundle."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The trail that you ask about: its number in the log, and its id."""

    number: int
    trail_id: Hash

    @classmethod
    def parse(cls, text: str) -> "Pin":
        """Return the pin that `text` spells. Raises InputError."""
        number, _, trail_id = text.partition(":")
        try:
            return cls(
                parse_decimal(number, "number", InputError),
                Hash(parse_hex("id", trail_id, HASH_BYTES)),
            )
        except (InputError, ValueError) as error:
            raise InputError(
                f"pin: want <number>:<64 hex digits>, got {text[:90]!a}: {error}"
            ) from error

    def text(self) -> str:
        """Return the one spelling that `parse` reads."""
        return f"{self.number}:{self.trail_id.hex()}"


@dataclass(frozen=True, slots=True)
class PreviousHead:
    """Trail `number` with the id `trail_id` had `size` entries under `root` in `epoch`.
    `checkpoint` is the signed note of the global log that proved it."""

    number: int
    trail_id: Hash
    epoch: int
    size: int
    root: Hash
    checkpoint: bytes

    @classmethod
    def parse(cls, text: str, number: int) -> "PreviousHead":
        """Return the head of trail `number` that a JSON text contains: the head itself, or a report
        with it. Any spelling of the JSON is accepted, because it is your own file.
        Raises InputError."""
        try:
            value: Json = json.loads(text)
            canonical.encode(value)  # refuses floats, and whatever else a head cannot hold
            head = cls._from_json(_find_head(value, number))
        except json.JSONDecodeError as error:
            raise InputError(
                "previous head: want a head or a --json report, which are JSON, got something "
                f"else: {error}"
            ) from error
        except RecursionError as error:
            raise InputError(
                "previous head: want a head or a --json report, got JSON nested without end"
            ) from error
        except (TlogError, ValueError) as error:
            raise InputError(
                f"previous head: want a head or a --json report, got other JSON: {error}"
            ) from error
        if head.number != number:
            raise InputError(
                f"previous head: want one of trail {number}, got one of trail {head.number}"
            )
        return head

    @classmethod
    def _from_json(cls, value: Json) -> "PreviousHead":
        members = check_members(value, _HEAD_MEMBERS)
        head = cls(
            number=read_integer(members, "number"),
            trail_id=Hash(read_hex(members, "trail", HASH_BYTES)),
            epoch=read_integer(members, "epoch"),
            size=read_integer(members, "size"),
            root=Hash(read_hex(members, "root", HASH_BYTES)),
            checkpoint=read_text(members, "checkpoint").encode(),
        )
        head.read_checkpoint()
        return head

    def as_json(self) -> Json:
        """Return the JSON value that `parse` reads."""
        return {
            "checkpoint": self.checkpoint.decode(),
            "epoch": self.epoch,
            "number": self.number,
            "root": self.root.hex(),
            "size": self.size,
            "trail": self.trail_id.hex(),
        }

    def read_checkpoint(self) -> Checkpoint:
        """Return the checkpoint. Its signatures are not checked: you trust what you kept."""
        return Checkpoint.decode(parse_note(self.checkpoint).text)


def _find_head(value: Json, number: int) -> Json:
    """Return the head of trail `number` in a report, or `value` itself when it is no report."""
    if type(value) is not dict or value.get("format") != REPORT_FORMAT:
        return value
    for trail in read_array(value, "trails"):
        if type(trail) is dict and trail.get("number") == number:
            return trail.get("head")
    raise InputError(f"the report proves no head of trail {number}")
