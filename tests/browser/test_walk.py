"""Olga signs in and walks the five steps in a real browser, on a wide and on a narrow screen, and
once without JavaScript."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import builders as b
from tests.browser.accessible import faults
from tests.browser.conftest import Watched
from tests.installation import ROOT, Installation
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.browser
PASSWORD = "a calm and careful sentence"
TIMEOUT_MS = 60_000
FACTS = [
    *site.facts(),
    b.touch("home"),
    b.touch("abroad", ["sg-1/0-1"], start=b.hour(3), end=b.hour(4)),
    b.touch("beside", ["hz-1/6-7"], start=b.hour(5), end=b.hour(6)),
    b.touch("theirs", ["hz-1/7"], tenant=b.NEIGHBOUR, start=b.hour(5), end=b.hour(6)),
    b.access("from-abroad", office_country="SG"),
]
# The period is that of `small_site.PERIOD`.
COMMANDS = """
import sys
from django.core.management import call_command
call_command("open_ledger")
call_command("record", {facts!r})
call_command("publish_policy", {policy!r})
try:
    period = "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-02T10:00:00Z"
    call_command("check_policy", "home", *period)
except SystemExit as exit:
    assert exit.code == 1, exit.code
call_command("seal")
sys.stdin = open({password!r})
call_command("make_person", "olga", "--all", "--password-from-stdin")
"""


@pytest.fixture
def judged(installation: Installation) -> Installation:
    """1 record, 2 check, 3 seal, by the installation's own commands."""
    facts, policy, password = (
        installation.folder / name for name in ("facts.ndjson", "home.yaml", "password")
    )
    facts.write_bytes(b"\n".join(b.lines(FACTS)))
    policy.write_text(json.dumps(site.POLICY))
    password.write_text(PASSWORD)
    # One process for all of them: each would take seconds to start.
    installation.python(
        COMMANDS.format(facts=str(facts), policy=str(policy), password=str(password))
    )
    return installation


@pytest.fixture(params=[1280, 320])
def page(
    request: pytest.FixtureRequest, browser: Browser, judged: Installation, served: str
) -> Iterator[Page]:
    """A page on the server, watched: it may ask nobody else, and the browser may complain of
    nothing."""
    watched = Watched(served)
    context = browser.new_context(
        base_url=served, viewport={"width": request.param, "height": 800}, accept_downloads=True
    )
    context.set_default_timeout(TIMEOUT_MS)
    opened = context.new_page()
    watched.watch(opened)
    yield opened
    context.close()
    assert watched.elsewhere == []
    assert watched.complaints == []


def sign_in(page: Page) -> None:
    page.goto("/")
    assert faults(page) == {}
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def follow(page: Page, link: str, heading: str) -> None:
    """Press the link of that name; the page with that heading must stand, and be accessible."""
    page.get_by_role("link", name=link, exact=True).first.click()
    expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    assert (page.url, faults(page)) == (page.url, {})


def narrow(page: Page) -> bool:
    # where tables become cards
    return page.viewport_size is not None and page.viewport_size["width"] < 960


def test_walks_the_five_steps(page: Page, judged: Installation, tmp_path: Path) -> None:
    sign_in(page)
    assert faults(page) == {}
    # What was found, down to the fact.
    follow(page, "Findings", "Findings")
    follow(page, "One by one", "Findings")
    page.get_by_label("Rule").select_option("PL-01")
    expect(page.get_by_role("heading", name="1 finding")).to_be_visible()
    assert "rule=PL-01" in page.url
    follow(
        page, "PL-01 · Region outside the allowed countries", "Region outside the allowed countries"
    )
    expect(
        page.get_by_text(
            "The cards stood in region sg-1 in SG, a country that the policy does not allow."
        )
    ).to_be_visible()
    follow(page, "triage-7b", "Passport of triage-7b")
    expect(page.locator("svg.lanes rect")).to_have_count(3)
    follow(page, "st-mary", "st-mary")
    follow(page, "Open the trail", "st-mary")
    page.locator("tbody th a").first.click()
    expect(page.get_by_text("check.slice/v1").first).to_be_visible()
    assert faults(page) == {}
    follow(page, "epoch 1", "Epoch 1")
    follow(page, "Seals", "Seals")
    # 4 export, which the page follows until it is done.
    follow(page, "Exports", "Exports")
    page.get_by_label("Trail").select_option(label="st-mary")
    page.get_by_role("button", name="Start the export").click()
    expect(page.get_by_role("link", name="Download the bundle")).to_be_visible(timeout=TIMEOUT_MS)
    assert faults(page) == {}
    command = page.locator("#verify-command").inner_text().split()
    for link, name in (
        ("Download the bundle", command[3]),
        ("Download the trust file", "trust.txt"),
    ):
        with page.expect_download() as download:
            page.get_by_role("link", name=link).first.click()
        download.value.save_as(tmp_path / name)
    # 5 verify, by the very command that the page shows.
    done = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    # The trail now has an entry about the bundle, whose name is a hash: on a screen just wide
    # enough for a table it must not spill.
    if not narrow(page):
        page.set_viewport_size({"width": 1000, "height": 800})
    follow(page, "st-mary", "st-mary")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_is_used_by_keyboard_alone(page: Page) -> None:
    sign_in(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_reads_filters_and_exports_without_javascript(
    browser: Browser, judged: Installation, served: str
) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    sign_in_plainly(page)
    page.goto("/findings/each/")
    page.get_by_label("Rule").select_option("PL-03")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("2 on this page, of 2 in all")).to_be_visible()
    page.goto("/exports/")
    page.get_by_label("Trail").select_option(label="st-mary")
    page.get_by_role("button", name="Start the export").click()
    expect(
        page.get_by_role("heading", name=re.compile(r"Export \d+ of trail st-mary"))
    ).to_be_visible()
    expect(page.get_by_role("link", name="Reload")).to_be_visible()
    context.close()


def sign_in_plainly(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
