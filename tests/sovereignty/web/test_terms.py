"""The ledger's own words: each page that uses one also says what it means, by something that
keyboard and screen reader reach."""

import re

import pytest

from audit.jobs.queue import run_here
from audit.seal import seal
from sovereignty.models import Finding
from tests import cast
from tests.sovereignty.conftest import Judged
from tests.sovereignty.web.test_overview import text

WORDS = ("position", "epoch", "pin")
TERMS = re.compile(r'<details class="terms">.*?</details>')


def said_and_explained(page: str) -> tuple[set[str], set[str]]:
    """Which of the words the page uses, and which its explanation has."""
    told = "".join(TERMS.findall(page))
    rest = re.sub(r"<[^>]+>", " ", TERMS.sub("", page.partition("<main")[2])).lower()
    return {word for word in WORDS if re.search(rf"\b{word}s?\b", rest)}, set(
        re.findall(r"<dt>(\w+)</dt>", told)
    )


@pytest.fixture
def addresses(judged: Judged) -> dict[str, str]:
    number = judged.hospital.trail_id
    seal(actor="olga")
    job = run_here("export", {"trail": number}, actor="olga", trail=judged.hospital.trail)
    finding = Finding.objects.filter(tenant=judged.hospital, rule="PL-01").latest("pk")
    return {
        "overview": "/",
        "findings": "/findings/",
        "one by one": "/findings/each/",
        "finding": f"/findings/{finding.pk}/",
        "tenant": f"/tenants/{number}/",
        "passport": f"/tenants/{number}/workloads/triage-7b/",
        "trails": "/trails/",
        "trail": f"/trails/{number}/",
        "entry": f"/trails/{number}/entries/1/",
        "seals": "/seals/",
        "seal": "/seals/1/",
        "exports": "/exports/",
        "export": f"/exports/{job.pk}/",
    }


def test_each_page_explains_the_words_that_it_uses(addresses: dict[str, str]) -> None:
    olga = cast.signed_in(cast.olga())
    used: set[str] = set()
    for name, address in addresses.items():
        said, explained = said_and_explained(text(olga.get(address)))
        assert said <= explained, (name, said, explained)
        used |= said
    assert used == set(WORDS)


def test_an_epoch_is_explained_before_there_is_a_check(ledger: None) -> None:
    seal(actor="olga")
    said, explained = said_and_explained(text(cast.signed_in(cast.olga()).get("/")))
    assert said == explained == {"epoch"}


def test_what_is_explained_is_named_before_it_is_opened(addresses: dict[str, str]) -> None:
    page = text(cast.signed_in(cast.olga()).get(addresses["overview"]))
    (terms,) = TERMS.findall(page)
    assert re.search(
        r"<summary> What these words mean: <b>position</b> <b>epoch</b> </summary>", terms
    )
