"""A decoder's phrases in the words of JSON."""

import pytest

from sovereignty.collect.cloudevents import parse
from sovereignty.facts.errors import FactError
from sovereignty.facts.type_names import in_words


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("`int`", "an integer"),
        ("`int | str | null`", "an integer or a string or null"),
        ("`int` >= 0", "an integer >= 0"),
        ("`array` of length >= 1", "an array of length >= 1"),
        ("`datetime`", "a time, as in 2026-11-23T08:00:00Z"),
        ("another value", "another value"),
        ("integer-like `thing`", "integer-like thing"),
    ],
)
def test_types_become_words(phrase: str, words: str) -> None:
    assert in_words(phrase) == words


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id":5}', "id: want a string, got an integer"),
        (b"[]", "event: want an object, got an array"),
        (b"true", "event: want an object, got true or false"),
        (b'{"time":5}', "time: want a time, as in 2026-11-23T08:00:00Z, got an integer"),
        (
            b'{"specversion":"1.0","type":"domicile.source.declared.v1","source":"cmdb","id":"s","time":"2026-01-01T00:00:00Z",'
            b'"data":{"name":"slurm","reports":["touch","bill"],"effective_at":0,"evidence":"declared"}}',
            "data.reports[1]: want one of touch, access, inventory, got 'bill'",
        ),
    ],
)
def test_a_refusal_speaks_of_fields_and_not_of_python(line: bytes, said: str) -> None:
    with pytest.raises(FactError) as refused:
        parse(line)
    assert str(refused.value) == said
