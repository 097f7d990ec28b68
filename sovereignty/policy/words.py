"""The kinds of words that rules take as parameters."""

import re

from sovereignty.policy.rule import Parameter

_COUNTRY = re.compile(r"[A-Z]{2}")
STAGES = ("design", "fabrication", "packaging", "firmware")

COUNTRIES = Parameter(
    'country codes of two capital letters (in YAML write "NO" in quotes)',
    lambda word: bool(_COUNTRY.fullmatch(word)),
)
CHIP_STAGES = Parameter(f"stages among {', '.join(STAGES)}", lambda word: word in STAGES)
