"""Pictures of each screen, wide and narrow, of the demo's site: `python -m bench.screenshots`, into
`var/screenshots`.

    python -m bench.screenshots [--demo var/demo] [--into var/screenshots] \\
        [--chromium /usr/bin/chromium]

Works on a copy of the demo's folder, which is made first where there is none; needs Chromium.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("DOMICILE_VAR") or ROOT / "var").resolve() / "demo"
WIDTHS = (1280, 320)
ORIGIN = "demo.domicile.example/ledger"
SMALL = ("--no-serve", "--cards", "64", "--touches", "300", "--tenants", "8", "--days", "5")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PASSWORD = "a picture says what it shows"


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if not (options.demo / "var").is_dir():
        subprocess.run([sys.executable, "-m", "bench.demo", *SMALL], cwd=ROOT, check=False)
    options.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(options.demo / "var", Path(folder) / "var")
        environment = {
            **os.environ,
            "DOMICILE_VAR": f"{folder}/var",
            "DOMICILE_ORIGIN": ORIGIN,
            "DOMICILE_CHECK_EVERY_S": "86400",
        }
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
            env=environment,
            cwd=ROOT,
            check=True,
        )
        _make_officer(environment)
        with serving(environment) as address:
            for width in WIDTHS:
                _take(address, width, options)
    return 0


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Serve an installation and yield its address."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", "--port", "0"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        line = server.stdout.readline()
        address = re.search(r"http://[^/\s]+", line)
        if address is None:
            raise RuntimeError(f"the server printed no address: {line!r}")
        yield address.group()
    finally:
        server.terminate()
        server.wait(30)


def _take(address: str, width: int, options: argparse.Namespace) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": width, "height": 900})
        for number, name in enumerate(_walk(page, address), start=1):
            page.screenshot(path=options.into / f"{number:02}-{name}-{width}.png", full_page=True)
        browser.close()


def _walk(page: Page, address: str) -> Iterator[str]:
    """Open one screen after the other, and yield the name of each once it stands."""
    page.goto(f"{address}/")
    yield "sign-in"
    page.get_by_label("Name").fill("olga-pictures")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield "overview"
    page.goto(f"{address}/findings/")
    yield "findings"
    page.get_by_role("link", name="One by one").click()
    yield "findings-each"
    page.locator("tbody th a", has_text="PL-03").first.click()
    yield "finding"
    page.goto(f"{address}/findings/each/?rule=PL-02")
    page.locator("tbody th a").first.click()
    yield "finding-inventory"
    page.get_by_role("definition").filter(has_not_text="touch").get_by_role("link").nth(1).click()
    yield "passport"
    page.locator(".kind a").nth(1).click()
    yield "tenant"
    page.get_by_role("link", name="Open the trail").click()
    yield "trail"
    page.locator("tbody th a").first.click()
    yield "entry"
    page.goto(f"{address}/trails/")
    yield "trails"
    page.goto(f"{address}/seals/")
    yield "seals"
    page.locator("tbody th a").first.click()
    yield "seal"
    page.goto(f"{address}/exports/")
    page.get_by_label("Trail").select_option(index=2)
    page.get_by_role("button", name="Start the export").click()
    yield "export-running"
    page.get_by_role("link", name="Download the bundle").wait_for(timeout=60_000)
    yield "export-done"
    page.goto(f"{address}/exports/")
    yield "exports"
    page.goto(f"{address}/nowhere/")
    yield "not-found"


def _make_officer(environment: dict[str, str]) -> None:
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "make_person",
        "olga-pictures",
        "--all",
        "--password-from-stdin",
    ]
    subprocess.run(command, env=environment, cwd=ROOT, input=f"{PASSWORD}\n", text=True, check=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.screenshots", description="Take pictures of each screen of the demo."
    )
    parser.add_argument(
        "--demo", type=Path, default=FOLDER, help="the demo's folder (default: var/demo)"
    )
    parser.add_argument(
        "--into",
        type=Path,
        default=FOLDER.parent / "screenshots",
        help="where to (default: var/screenshots)",
    )
    parser.add_argument(
        "--chromium",
        default=shutil.which("chromium"),
        help="the browser (default: chromium on the path)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
