"""The policies that come with the product, and how their YAML is read."""

from typing import Any

import pytest

from sovereignty.policy import packs
from sovereignty.policy.errors import PolicyError


@pytest.mark.parametrize("name", packs.names())
def test_each_pack_is_a_policy_with_title_and_summary_in_both_languages(name: Any) -> None:
    policy = packs.read(name)
    assert policy.name == name
    assert policy.title.keys() == policy.summary.keys() == {"en", "zh-Hans"}


def test_the_domestic_policy_uses_all_five_rules() -> None:
    policy = packs.read("cn-domestic")
    assert [use.rule.id for use in policy.rules] == ["OP-01", "PL-01", "PL-02", "PL-03", "TE-01"]
    assert policy.rules[1].parameters == {"allowed_countries": ("CN",)}


def test_refuses_an_unknown_pack() -> None:
    with pytest.raises(PolicyError, match=r"policy: want one of cn-domestic, .*, got '\.\./x'"):
        packs.read("../x")


def test_plain_words_stay_text() -> None:
    assert packs.read_yaml("{countries: [NO, ON, 1.0, 12, 2026-11-23, yes], none: null}") == {
        "countries": ["NO", "ON", "1.0", "12", "2026-11-23", "yes"],
        "none": None,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "each key once, got 'a' again"),
        ("a: &x [1]\nb: *x", "no aliases"),
        ("a: !!python/name:os.system x", "one YAML document"),
        ("a: [", "one YAML document"),
        ("--- a\n--- b", "one YAML document"),
    ],
)
def test_refuses_what_json_could_not_say(text: Any, message: Any) -> None:
    with pytest.raises(PolicyError) as caught:
        packs.read_yaml(text)
    assert message in str(caught.value)
