"""The HTTP endpoint for facts: what is answered, what is refused whole, and that then nothing is
written."""

import gc
import gzip
import hashlib
import io
import json
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from audit import clock
from audit.log.keys import receipts_signer
from audit.models import OPERATOR_NUMBER, Entry, Token, Trail
from audit.storage.second_store import SecondStore
from audit.tlog import entry as tlog_entry
from audit.tlog.merkle import root_hash
from audit.tlog.receipt import open_receipt
from sovereignty.api import facts
from sovereignty.collect.lines import LONGEST_LINE_BYTES
from sovereignty.models import Batch, Fact, Workload
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")

NDJSON, BATCH, SINGLE = (
    "application/x-ndjson",
    "application/cloudevents-batch+json",
    "application/cloudevents+json",
)


def make_token(purpose: str = Token.RECORD, **more: Any) -> str:
    Token.objects.create(
        name="collector",
        digest=hashlib.sha256(b"dom_x").digest(),
        purpose=purpose,
        made_at=0,
        **more,
    )
    return "dom_x"


def post(
    body: bytes,
    media_type: str = NDJSON,
    *,
    query: str = "",
    encoding: str = "",
    token: str | None = None,
) -> Any:
    headers = {"Authorization": f"Bearer {token or make_token()}"} | (
        {"Content-Encoding": encoding} if encoding else {}
    )
    return Client().generic(
        "POST", f"/api/v1/facts{query}", body, headers={"Content-Type": media_type, **headers}
    )


def ndjson(*events: b.Event | bytes) -> bytes:
    return b"\n".join(b.lines(events))


def test_answers_each_line_and_counts_them() -> None:
    body = ndjson(b.tenant(id="t-1"), b"", b.tenant(id="t-1"), b.touch(id="t-2", tenant="nobody"))
    answer = post(body)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    said = answer.json()
    assert [(line["line"], line["outcome"]) for line in said["answers"]] == [
        (1, "accepted"),
        (3, "duplicate"),
        (4, "refused"),
    ]
    assert said["answers"][-1] == {
        "line": 4,
        "id": "t-2",
        "outcome": "refused",
        "field": "data.tenant",
        "expected": "a tenant that is declared",
        "received": "'nobody'",
        "retry": True,
    }
    assert (said["accepted"], said["duplicates"], said["refused"], said["position"]) == (1, 1, 1, 1)


def test_the_reply_s_entries_lead_to_the_receipt_s_batch_root() -> None:
    said = post(ndjson(b.tenant(), b.touch("Größe", id="ü"), b.access())).json()
    (note,) = said["receipts"]
    receipt = open_receipt(note.encode(), [receipts_signer().verifier_key])
    assert [line["trail"] for line in said["answers"]] == ["2", "2", "2"]
    assert [line["index"] for line in said["answers"]] == list(range(receipt.first, receipt.size))
    leaves = [tlog_entry.entry_leaf(line["entry"].encode()) for line in said["answers"]]
    assert root_hash(leaves) == receipt.batch_root


def test_a_resubmission_is_answered_with_the_same_entries_and_receipts() -> None:
    body, token = ndjson(b.tenant(), b.touch()), make_token()
    first, again = post(body, token=token).json(), post(body, token=token).json()
    assert [line["outcome"] for line in again["answers"]] == ["duplicate", "duplicate"]
    assert [line["entry"] for line in again["answers"]] == [
        line["entry"] for line in first["answers"]
    ]
    assert (again["receipts"], again["position"], again["duplicates"]) == (
        first["receipts"],
        None,
        2,
    )


def test_the_reply_is_of_the_attempt_that_was_committed() -> None:
    """It is begun to be written when a commit begins; what was written for one that failed holds
    entries that are nowhere."""
    attempts: list[str] = []

    def break_first_commit(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and "sovereignty_batch" in sql:
            attempts.append(sql)
            if len(attempts) == 1:  # a foreign key that the database looks at when it commits
                Workload.objects.create(tenant_id=999, key="nobody's")
        return execute(sql, *rest)

    body, token = ndjson(b.tenant(), b.touch()), make_token()
    with connection.execute_wrapper(break_first_commit):
        said = post(body, token=token).json()
    assert len(attempts) == 2
    entries = Entry.objects.filter(trail_number=2).order_by("index")
    assert [line["entry"].encode() for line in said["answers"]] == [
        bytes(entry.content) for entry in entries
    ][1:]


def test_a_batch_is_recorded_where_no_thread_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", fail)
    said = post(ndjson(b.tenant())).json()
    assert [bool(line["entry"]) for line in said["answers"]] == [True]


def test_the_collector_is_held_off_from_the_first_line_parsed_to_the_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before it parses the first line, the door reads the clock. Before it commits, it gives the
    batch its position."""
    seen: list[tuple[str, bool]] = []
    read_ns = clock.read_ns

    def reading() -> int:
        seen.append(("clock", gc.isenabled()))
        return read_ns()

    def executing(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append((sql, gc.isenabled()))
        return execute(sql, *rest)

    token = make_token()
    monkeypatch.setattr(clock, "read_ns", reading)
    with connection.execute_wrapper(executing):
        post(ndjson(b.tenant()), token=token)
    enabled = [is_enabled for _, is_enabled in seen]
    first = enabled.index(False)
    last = max(index for index, (sql, _) in enumerate(seen) if 'UPDATE "sovereignty_batch' in sql)
    assert seen[first][0] == "clock"
    assert not any(sql.startswith("INSERT") for sql, _ in seen[:first])
    assert not any(enabled[first : last + 1])
    assert gc.isenabled()


def test_entries_are_left_out_on_request() -> None:
    said = post(ndjson(b.tenant()), query="?entries=0").json()
    assert "entry" not in said["answers"][0]


def test_the_batch_names_its_door_and_actor() -> None:
    post(ndjson(b.tenant()))
    assert Batch.objects.values_list("door", "actor").get() == ("api", "token:collector")


@pytest.mark.parametrize("encoding", ["", "identity", "gzip"])
@pytest.mark.parametrize("media_type", [NDJSON, BATCH, SINGLE, f"{BATCH}; charset=utf-8"])
def test_takes_each_form_plain_and_gzipped(media_type: str, encoding: str) -> None:
    said = [b.tenant()] if media_type == SINGLE else [b.tenant(), b.region()]
    body = json.dumps(said).encode() if media_type.startswith(BATCH) else ndjson(*said)
    answer = post(
        gzip.compress(body) if encoding == "gzip" else body, media_type, encoding=encoding
    )
    assert answer.json()["accepted"] == len(said)


@pytest.mark.parametrize(("body", "media_type"), [(b"", NDJSON), (b"\r\n\n", NDJSON), (b"", "")])
def test_an_empty_body_is_told_what_was_wanted(body: bytes, media_type: str) -> None:
    """An empty file, or a shell variable that nobody set: silence would look like success."""
    answer = post(body, media_type)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["received"]) == (400, "empty", "an empty body")
    assert "want facts, one JSON object a line" in error["message"]
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "media_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""],
)
def test_a_form_is_told_the_header_and_the_option_to_use(media_type: str) -> None:
    answer = post(ndjson(b.tenant()), media_type)
    assert answer.status_code == 415
    said = answer.json()["error"]["message"]
    assert "-H 'Content-Type: application/x-ndjson' --data-binary @facts.ndjson" in said
    assert not Batch.objects.exists()


def test_an_array_of_nothing_is_an_empty_batch() -> None:
    assert post(b"[]", BATCH).json() == {
        "answers": [],
        "accepted": 0,
        "duplicates": 0,
        "refused": 0,
        "receipts": [],
        "position": None,
    }


def test_lines_may_end_in_crlf_and_begin_with_a_byte_order_mark() -> None:
    body = b"\xef\xbb\xbf" + b.line(b.tenant()) + b"\r\n\r\n" + b.line(b.region()) + b"\r\n"
    assert [line["line"] for line in post(body).json()["answers"]] == [1, 3]


def test_a_body_in_chunks_without_a_length_is_read() -> None:
    # As gunicorn gives it: no length, and a stream that says itself where it ends.
    answer = send(io.BytesIO(ndjson(b.tenant(), b.region())), **{"wsgi.input_terminated": True})
    assert answer.json()["accepted"] == 2


def send(stream: io.BytesIO, **extra: Any) -> Any:
    """Post a body that the server reads from `stream`."""
    headers = {"Authorization": f"Bearer {make_token()}", "Content-Type": NDJSON}
    environment: dict[str, Any] = {"wsgi.input": stream, **extra}
    return Client().generic("POST", "/api/v1/facts", headers=headers, **environment)


# What is refused whole


def nothing_was_written() -> bool:
    told = Entry.objects.filter(index__gt=0).exclude(trail_number=OPERATOR_NUMBER)
    return (
        not Fact.objects.exists()
        and not Batch.objects.exists()
        and not told.exists()
        and Trail.objects.count() == 2
    )


good = b.line(b.tenant())
UNREADABLE = {
    "an array that is not closed": (BATCH, "", b"[" + good, 2, "comma"),
    "an array of other things": (BATCH, "", b"[" + good + b", 5]", 2, "object"),
    "text after the array": (BATCH, "", b"[" + good + b"] x", 2, "nothing after"),
    "no array": (BATCH, "", good, 1, "an array"),
    "UTF-16": (NDJSON, "", good.decode().encode("utf-16"), 1, "UTF-8"),
    "not gzip": (NDJSON, "gzip", good, 1, "gzip"),
    "cut gzip": (
        NDJSON,
        "gzip",
        gzip.compress(good + b"\n" + b" " * 99)[:-5],
        2,
        "gzip up to its checksum",
    ),
    "gzip with a wrong checksum": (NDJSON, "gzip", gzip.compress(good)[:-8] + bytes(8), 1, "gzip"),
    "an empty gzip body": (NDJSON, "gzip", b"", 1, "gzip"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_refuses_an_unreadable_body_whole(what: str) -> None:
    media_type, encoding, body, line, wanted = UNREADABLE[what]
    answer = post(body, media_type, encoding=encoding)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["line"]) == (400, "unreadable", line)
    assert wanted in error["expected"] and error["received"]
    assert nothing_was_written()


def test_refuses_a_body_that_ends_before_its_announced_length() -> None:
    answer = send(io.BytesIO(good), CONTENT_LENGTH=str(len(good) + 1))
    assert (answer.status_code, answer.json()["error"]["received"]) == (
        400,
        f"its end after {len(good)}",
    )
    assert nothing_was_written()


def test_refuses_a_body_whose_connection_breaks() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("reset by peer")

    answer = send(Broken(), CONTENT_LENGTH="100")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unreadable")
    assert nothing_was_written()


def test_refuses_an_endless_line() -> None:
    answer = post(good + b"\n" + b"x" * (LONGEST_LINE_BYTES + 100_000))
    assert (answer.status_code, answer.json()["error"]["line"]) == (413, 2)
    assert nothing_was_written()


def test_refuses_an_endless_event() -> None:
    assert post(b'{"id":"' + b"x" * LONGEST_LINE_BYTES, SINGLE).status_code == 413
    assert nothing_was_written()


def test_refuses_a_body_beyond_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "MOST_BODY_BYTES", 1_000)
    answer = post(good + b"\n" + b" \n" * 1_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_long")
    assert nothing_was_written()


def test_refuses_a_small_body_that_unpacks_beyond_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facts, "MOST_BODY_BYTES", 100_000)
    assert post(gzip.compress(good + b"\n" * 1_000_000), encoding="gzip").status_code == 413
    assert nothing_was_written()


def test_refuses_more_lines_than_a_batch_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "MOST_LINES", 2)
    answer = post(ndjson(b.tenant(), b.region(), b.region("sg")))
    assert (answer.status_code, answer.json()["error"]["expected"]) == (413, "at most 2 lines")
    assert nothing_was_written()


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data"])
def test_refuses_another_media_type(media_type: str) -> None:
    assert post(good, media_type).status_code == 415
    assert nothing_was_written()


def test_refuses_another_encoding() -> None:
    assert post(good, encoding="br").status_code == 415


def test_refuses_a_caller_without_a_token() -> None:
    answer = Client().post("/api/v1/facts", good, content_type=NDJSON)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="domicile"')
    assert nothing_was_written()


@pytest.mark.parametrize("header", ["Bearer dom_wrong", "Basic YTpi", "Bearer "])
def test_refuses_a_wrong_token(header: str) -> None:
    make_token()
    assert (
        Client()
        .post("/api/v1/facts", good, content_type=NDJSON, headers={"Authorization": header})
        .status_code
        == 401
    )
    assert nothing_was_written()


def test_refuses_a_revoked_token() -> None:
    token = make_token()
    Token.objects.update(revoked_at=1)
    answer = post(good, token=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_revoked")
    assert nothing_was_written()


def test_refuses_a_token_that_reads() -> None:
    token = make_token(Token.READ, trail=Trail.objects.get(number=0))
    answer = post(good, token=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert nothing_was_written()


def test_refuses_other_methods() -> None:
    assert (
        Client()
        .get("/api/v1/facts", headers={"Authorization": f"Bearer {make_token()}"})
        .status_code
        == 405
    )


def test_says_try_later_where_the_second_store_refuses() -> None:
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(0, 9, bytes(32))])
    answer = post(ndjson(b.region()))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "second store" in answer.json()["error"]["message"]
    assert nothing_was_written()


def test_says_try_later_where_the_database_refuses() -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("password of user domicile")
        return execute(sql, *rest)

    token = make_token()
    with connection.execute_wrapper(refuse):
        answer = post(good, token=token)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "password" not in answer.json()["error"]["message"]
