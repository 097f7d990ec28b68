"""The kinds of words that rules take as parameters, and the words for the stages of a chip's
making."""

import re
from collections.abc import Mapping

from sovereignty.policy.rule import Parameter
from sovereignty.policy.texts import Term, pgettext

_COUNTRY = re.compile(r"[A-Z]{2}")
STAGES: Mapping[str, Term] = {
    "design": pgettext("stage of a chip's making", "design"),
    "fabrication": pgettext("stage of a chip's making", "fabrication"),
    "packaging": pgettext("stage of a chip's making", "packaging"),
    "firmware": pgettext("stage of a chip's making", "firmware"),
}

COUNTRIES = Parameter(
    'country codes of two capital letters (in YAML write "NO" in quotes)',
    lambda word: bool(_COUNTRY.fullmatch(word)),
)
CHIP_STAGES = Parameter(f"stages among {', '.join(STAGES)}", lambda word: word in STAGES)
