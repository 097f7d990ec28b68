"""One value has one spelling: it is written, read back, and every second one is refused."""

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import canonical
from audit.tlog.canonical import MAX_DEPTH, MAX_INTEGER, Json, decode, encode
from audit.tlog.errors import CanonicalError

keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(0, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
values = st.recursive(
    scalars,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(keys, part, max_size=5),
    max_leaves=20,
)


def _vector(shared: Path, name: str) -> tuple[object, bytes]:
    folder = shared / "vectors/rfc8785-jcs/testdata"
    output = (folder / "output" / f"{name}.json").read_bytes()
    assert bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text()) == output
    return json.loads((folder / "input" / f"{name}.json").read_text(encoding="utf-8")), output


@pytest.mark.parametrize("name", ["arrays", "unicode"])
def test_writes_and_reads_the_public_vectors(shared: Path, name: str) -> None:
    value, output = _vector(shared, name)
    assert encode(value) == output
    assert decode(output) == value


@pytest.mark.parametrize(
    ("name", "writing", "reading"),
    [
        ("french", r"key is not printable ASCII: 'p\\xe9ch\\xe9'", "key is not printable ASCII"),
        ("structures", r"key is not printable ASCII: '\\n'", r"key is not printable ASCII: '\\n'"),
        # RFC 8785 sorts by UTF-16 units, which only keys that we refuse anyway tell from code
        # points.
        ("weird", "key is not printable ASCII", "not canonical at character 155"),
        ("values", "got float", "want an integer, got 333333333.3333333"),
    ],
)
def test_refuses_the_public_vectors_that_our_values_leave_out(
    shared: Path, name: str, writing: str, reading: str
) -> None:
    value, output = _vector(shared, name)
    with pytest.raises(CanonicalError, match=writing):
        encode(value)
    with pytest.raises(CanonicalError, match=reading):
        decode(output)


@pytest.mark.parametrize(("name", "members"), [("values", ["string", "literals"]), ("weird", None)])
def test_spells_the_members_of_those_vectors_as_they_do(
    shared: Path, name: str, members: list[str] | None
) -> None:
    value, output = _vector(shared, name)
    assert isinstance(value, dict)
    for member in members or value:
        spelled = encode(value[member])
        assert b":" + spelled in output
        assert decode(spelled) == value[member]


@given(values)
def test_agrees_with_an_independent_writer(value: object) -> None:
    assert encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON


@given(values)
def test_reads_back_what_it_wrote(value: object) -> None:
    again = decode(encode(value))
    assert again == value
    # `1 == True`, so compare the spelled types too.
    assert repr(again) == repr(decode(encode(again)))


@given(
    values,
    st.sampled_from([{"indent": 1}, {"separators": (", ", ":")}, {"separators": (",", ": ")}, {}]),
)
def test_refuses_every_other_spelling_that_plain_json_gives(
    value: object, options: dict[str, int]
) -> None:
    spelled = json.dumps(value, **options).encode()  # type: ignore[arg-type]  # mixed types
    if spelled == encode(value):
        assert decode(spelled) == value
    else:
        with pytest.raises(CanonicalError):
            decode(spelled)


@given(values, st.data())
def test_reads_no_bytes_that_it_would_not_write(value: object, data: st.DataObject) -> None:
    spelled = bytearray(encode(value))
    start = data.draw(st.integers(0, len(spelled) - 1))
    spelled[start : start + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    try:
        decoded = decode(bytes(spelled))
    except CanonicalError:
        return
    assert encode(decoded) == spelled


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON: 'utf-8'"),
        (b'"\xed\xa0\x80"', "not JSON: 'utf-8'"),
        (b"\xef\xbb\xbf1", "not JSON"),
        (b'"a\nb"', "not JSON"),
        ("1".encode("utf-16"), "not JSON"),
        (b" 1", "not JSON"),
        (b"1 ", "not canonical at character 1: want '', got ' '"),
        (b"1\n", "not canonical at character 1"),
        (b"1 2", "not canonical at character 1"),
        (b"[1, 2]", "not canonical at character 3"),
        (b'{"a":1,"a":1}', "not canonical at character 6"),
        (b'{"a":{"b":1},"a":{"b":1}}', "not canonical at character 12"),
        (b'{"b":1,"a":1}', "not canonical at character 2"),
        (b'"\\u0041"', "not canonical at character 1"),
        (b'"\\/"', "not canonical at character 1"),
        (b'"\\u000A"', "not canonical at character 2"),
        (b'"\\u001F"', "not canonical at character 6"),
        (b'"\\ud83d\\ude00"', "not canonical at character 1"),
        (b'"\\ud800"', "not canonical at character 1"),
        (b"01", "not canonical at character 1"),
        (b"-0", "not canonical at character 0"),
        (b"-1", "want an integer 0 … 2\\^53-1, got -0x1"),
        (b"9007199254740992", "want an integer 0 … 2\\^53-1, got 0x20000000000000"),
        (b"9" * 5000, "not JSON"),
        (b"1.0", "want an integer, got 1.0"),
        (b"1e2", "want an integer, got 1e2"),
        (b"NaN", "want an integer, got NaN"),
        (b"-Infinity", "want an integer, got -Infinity"),
        (b'{"":{"\xc3\xa9":1}}', r"object key is not printable ASCII: '\\xe9'"),
        (b'[{"\\n":1}]', r"object key is not printable ASCII: '\\n'"),
        (b'{"\x7f":1}', r"object key is not printable ASCII: '\\x7f'"),
    ],
)
def test_refuses_to_read(data: bytes, message: str) -> None:
    with pytest.raises(CanonicalError, match=message):
        decode(data)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.0, "got float"),
        ((1,), "got tuple"),
        (b"a", "got bytes"),
        ({"a": [{1}]}, "got set"),
        (type("Count", (int,), {})(1), "got Count"),
        (type("Word", (str,), {})("a"), "got Word"),
        (type("Things", (list,), {})(), "got Things"),
        (type("Members", (dict,), {})(), "got Members"),
        (-1, "want an integer 0 … 2\\^53-1, got -0x1"),
        (MAX_INTEGER + 1, "want an integer 0 … 2\\^53-1"),
        ({1: 1}, "key is not printable ASCII: 1"),
        ({None: 1}, "key is not printable ASCII: None"),
        ({"é": 1}, "key is not printable ASCII"),
        ({"a": "b\ud800c"}, r"a string holds the lone surrogate '\\ud800'"),
    ],
)
def test_refuses_to_write(value: object, message: str) -> None:
    with pytest.raises(CanonicalError, match=message):
        encode(value)


def _nested(depth: int, *, in_objects: bool = False) -> object:
    value: object = {}
    for _ in range(depth - 1):
        value = {"a": value} if in_objects else [value]
    return value


@pytest.mark.parametrize("in_objects", [False, True])
def test_nests_as_deep_as_the_limit_and_no_deeper(in_objects: bool) -> None:
    deepest = _nested(MAX_DEPTH, in_objects=in_objects)
    assert decode(encode(deepest)) == deepest
    with pytest.raises(CanonicalError, match="nested deeper than 64"):
        encode(_nested(MAX_DEPTH + 1, in_objects=in_objects))


def test_counts_up_to_the_largest_exact_integer() -> None:
    assert decode(b"9007199254740991") == MAX_INTEGER == 9007199254740991
    assert encode(9007199254740991) == b"9007199254740991"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 900, 30_000])
def test_refuses_to_read_deeper_than_the_limit(depth: int) -> None:
    with pytest.raises(CanonicalError, match="nested deeper than 64"):
        decode(b"[" * depth + b"]" * depth)


def test_counts_depth_and_not_containers() -> None:
    wide: Json = [[[]] for _ in range(MAX_DEPTH)]
    assert decode(encode(wide)) == wide


def test_refuses_to_write_a_cycle() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(CanonicalError, match="nested deeper than 64"):
        encode(cycle)


@given(values)
def test_writes_the_same_where_the_interpreter_has_no_encoder_in_c(value: Json) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json.encoder, "c_make_encoder", None)
        plain = canonical._writer(
            json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )
        assert plain(value).encode() == encode(value)
