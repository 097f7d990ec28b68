"""Policies as documents: the good one, and each refusal."""

import copy
import hashlib
from typing import Any

import pytest

from audit.tlog import canonical
from audit.tlog.errors import CanonicalError
from sovereignty.plane.world import Grade
from sovereignty.policy.document import decode, parse
from sovereignty.policy.errors import PolicyError

GOOD: Any = {
    "format": "domicile/policy/v1",
    "name": "cn-domestic",
    "version": "1.0.0",
    "title": {"en": "Domestic", "zh-Hans": "境内"},
    "least_grade": "attested",
    "applies_to": {"sectors": ["ministry", "hospital"]},
    "rules": [
        {"id": "TE-01", "parameters": {}},
        {
            "id": "PL-02",
            "parameters": {"allowed_countries": ["CN", "HK"], "stages": ["firmware", "design"]},
        },
    ],
}


def changed(path: Any, value: Any) -> Any:
    document = copy.deepcopy(GOOD)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_a_policy_says_what_its_document_says() -> None:
    policy = parse(GOOD)
    assert (policy.name, policy.version, policy.least_grade) == (
        "cn-domestic",
        "1.0.0",
        Grade.ATTESTED,
    )
    assert policy.title["zh-Hans"] == "境内"
    assert policy.summary == {}
    assert policy.sectors == frozenset({"ministry", "hospital"})


def test_rules_are_in_the_order_of_their_ids_and_words_in_the_documents_order() -> None:
    policy = parse(GOOD)
    assert [use.rule.id for use in policy.rules] == ["PL-02", "TE-01"]
    assert policy.rules[0].parameters == {
        "allowed_countries": ("CN", "HK"),
        "stages": ("firmware", "design"),
    }


def test_the_digest_is_that_of_the_canonical_bytes() -> None:
    policy = parse(GOOD)
    assert policy.canonical == canonical.encode(GOOD)
    assert policy.digest == hashlib.sha256(policy.canonical).hexdigest()


def test_decode_reads_canonical_bytes_only() -> None:
    policy = parse(GOOD)
    assert decode(policy.canonical) == policy
    with pytest.raises(CanonicalError):
        decode(policy.canonical + b" ")


def test_applies_to_null_is_every_tenant() -> None:
    assert parse(changed(["applies_to"], None)).sectors is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ["format"],
            "domicile/policy/v2",
            "format: want 'domicile/policy/v1', got 'domicile/policy/v2'",
        ),
        (["version"], KeyError, "policy.version: want this field, got nothing"),
        (["least"], 1, "policy.least: want no such field, got 1"),
        (["name"], "", "name: want a text of 1 to 4000 characters, got ''"),
        (["version"], 1, "version: want a text of 1 to 4000 characters, got 1"),
        (
            ["title"],
            {"zh-Hans": "境内"},
            "title: want a text in English, under 'en', among the languages",
        ),
        (["title", "en"], 5, "title.en: want a text of 1 to 4000 characters, got 5"),
        (["title", "fré"], "x", "policy: want values that canonical JSON can spell"),
        (["summary"], "short", "summary: want an object, got 'short'"),
        (
            ["least_grade"],
            "hearsay",
            "least_grade: want one of planned, declared, attested, observed, got 'hearsay'",
        ),
        (["applies_to"], {}, "applies_to.sectors: want this field, got nothing"),
        (
            ["applies_to"],
            {"sectors": []},
            "applies_to.sectors: want a list of 1 to 1000 sectors, got []",
        ),
        (
            ["applies_to"],
            {"sectors": ["a", "a"]},
            "applies_to.sectors[1]: want each word once, got 'a' again",
        ),
        (["applies_to"], {"sectors": [""]}, "applies_to.sectors[0]: want sectors, got ''"),
        (["rules"], [], "rules: want a list of at least one rule, got []"),
        (["rules"], {"id": "TE-01"}, "rules: want a list of at least one rule"),
        (["rules", 0], "TE-01", "rules[0]: want an object, got 'TE-01'"),
        (
            ["rules", 0, "id"],
            "XX-99",
            "rules[0].id: want one of OP-01, PL-01, PL-02, PL-03, TE-01, got 'XX-99'",
        ),
        (
            ["rules", 0, "id"],
            "PL-02",
            "rules[0].parameters.allowed_countries: want this field, got nothing",
        ),
        (["rules", 0, "parameters"], {"x": 1}, "rules[0].parameters.x: want no such field, got 1"),
        (["rules", 0, "parameters"], None, "rules[0].parameters: want an object, got None"),
        (["rules", 0, "severity"], "high", "rules[0].severity: want no such field, got 'high'"),
        (
            ["rules", 1, "parameters", "allowed_countries"],
            "CN",
            "rules[1].parameters.allowed_countries: want a list of 1 to 1000",
        ),
        (
            ["rules", 1, "parameters", "allowed_countries", 0],
            "cn",
            "rules[1].parameters.allowed_countries[0]: want country codes",
        ),
        (
            ["rules", 1, "parameters", "allowed_countries", 0],
            False,
            'in YAML write "NO" in quotes), got False',
        ),
        (
            ["rules", 1, "parameters", "allowed_countries", 1],
            "CN",
            "allowed_countries[1]: want each word once, got 'CN' again",
        ),
        (
            ["rules", 1, "parameters", "stages", 0],
            "testing",
            "stages[0]: want stages among design, fabrication, packaging, firmware",
        ),
    ],
)
def test_refuses_by_field_wanted_and_came(path: Any, value: Any, message: Any) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(changed(path, value))
    assert message in str(caught.value)


def test_refuses_a_rule_twice() -> None:
    with pytest.raises(PolicyError, match=r"rules\[2\].id: want each rule once, got 'TE-01' again"):
        parse(changed(["rules"], [*GOOD["rules"], GOOD["rules"][0]]))


@pytest.mark.parametrize("document", [None, [], "policy", {1: 2}])
def test_refuses_what_is_no_object(document: Any) -> None:
    with pytest.raises(PolicyError, match="policy: want an object"):
        parse(document)


def test_a_long_value_is_shown_short() -> None:
    with pytest.raises(PolicyError) as caught:
        parse(changed(["name"], "x" * 5000))
    assert len(str(caught.value)) < 200
