"""The demo's steps, each on the product's own step functions and commands. Needs Django set up as
`bench.demo` does it."""

import argparse
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from audit.exporting.export import export
from audit.jobs.progress import bar
from audit.log.keys import trust_text
from audit.people import people
from audit.people.rights import Rights
from audit.seal import seal
from audit.tlog import canonical
from audit.trails import open_ledger
from bench.demo import tamper
from bench.demo.summary import Summary, planted, readable
from bench.fleet.compare import compare
from bench.fleet.generate import generate, write
from bench.fleet.plan import Plan
from sovereignty.checking.check import check
from sovereignty.checking.publish import publish
from sovereignty.checking.question import ask
from sovereignty.models import Check, Policy, Tenant
from sovereignty.policy import packs
from sovereignty.policy.document import parse
from sovereignty.recording.stream import record_stream

ACTOR = "demo"
Timed = Callable[[str], AbstractContextManager[None]]


def run(options: argparse.Namespace, folder: Path, summary: Summary, timed: Timed) -> None:
    """All steps in order; what held goes into `summary`."""
    with timed("generate a fleet with planted faults"):
        truth = _generate(options, folder / "fleet")
    with timed("set up: database, ledger, keys"):
        call_command("migrate", verbosity=0)
        open_ledger(actor=ACTOR)
    with timed("1 record"):
        _record(folder / "fleet" / "facts", summary)
    with timed("2 check and 3 seal: the first third of the period, then all of it"):
        policy = publish(
            parse(packs.read_yaml((folder / "fleet" / "policy.yaml").read_text(encoding="utf-8"))),
            actor=ACTOR,
        )
        start, end = truth["period"]["from"], truth["period"]["to"]
        check(ask(policy, period=(start, start + (end - start) // 3)), actor=ACTOR)
        first = seal(actor=ACTOR)
        result = _check(policy, truth, summary)
        second = seal(actor=ACTOR)
        summary.say(
            second.epoch == first.epoch + 1,
            f"epochs {first.epoch} and {second.epoch} are sealed and signed",
        )
    with timed("4 export one hospital's and one ministry's bundle, 5 verify both offline"):
        bundles = [
            _export(tenant, folder, summary)
            for tenant in (_first("hospital", result), _first("ministry", result))
        ]
    with timed("forge copies, and restore an old database"):
        _forge(bundles[0], folder, summary)
        _restore(folder, summary)


def officer(name: str, password: str) -> str:
    """Make the officer who may read every trail; return the password."""
    people.make(name, password=password, rights=Rights(every_trail=True), actor=ACTOR)
    return password


def _generate(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    plan = Plan(
        seed=options.seed,
        cards=options.cards,
        days=options.days,
        touches=options.touches,
        tenants=options.tenants,
    )
    written = write(generate(plan), folder)
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    counts = truth["counts"]
    print(
        f"   {counts['touches']:,} touches, {counts['card_touches']:,} card touches, "
        f"{written['facts']:,} facts"
    )
    return truth


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("*.ndjson.gz")):
        with gzip.open(path) as file:
            yield from file


def _record(folder: Path, summary: Summary) -> None:
    total = sum(1 for _ in _lines(folder))
    accepted = done = 0
    with bar("record", sys.stderr) as progress:
        for answers in record_stream(_lines(folder), actor=ACTOR, channel="demo"):
            accepted += answers.accepted
            done += len(answers.lines)
            progress(done, total, "facts")
    summary.say(
        accepted == total, f"{accepted:,} of {total:,} facts accepted, each an entry of its trail"
    )


def _check(policy: Policy, truth: dict[str, Any], summary: Summary) -> Check:
    period = (truth["period"]["from"], truth["period"]["to"])
    with bar("check", sys.stderr) as progress:
        result = check(ask(policy, period=period), actor=ACTOR, progress=progress)
    report: Any = canonical.decode(bytes(result.report))
    differences = compare(report, truth)
    for line in differences[:20]:
        print(f"     {line}")
    for line in planted(truth, report):
        print(f"     planted: {line}")
    cards = sum(len(cards_of_fault) for cards_of_fault in truth["faults"].values())
    summary.say(
        not differences,
        f"found = planted exactly: {cards} card by card, "
        f"told in {result.findings.count()} findings; {len(differences)} differences",
    )
    again = check(ask(policy, period=period), actor=ACTOR)
    summary.say(
        again.pk == result.pk,
        "the same question at the same position is the stored answer, byte for byte",
    )
    return result


def _first(sector: str, result: Check) -> Tenant:
    tenants = Tenant.objects.filter(
        tenantstatement__sector=sector, finding__check_of=result
    ).order_by("key")
    tenant = tenants.first()
    if tenant is None:
        raise RuntimeError(f"the generated fleet holds no {sector} with findings")
    return tenant


def _export(tenant: Tenant, folder: Path, summary: Summary) -> tuple[Path, str]:
    with bar(f"export {tenant.key}", sys.stderr) as progress:
        made = export(tenant.trail_id, actor=ACTOR, progress=progress)
    (folder / "trust.txt").write_text(trust_text())
    verified = _verify(made.path, folder, made.pin)
    summary.say(
        verified.returncode == 0,
        f"{tenant.key}: bundle of {made.size:,} bytes proved by the verifier (exit "
        f"{verified.returncode})",
    )
    if verified.returncode:
        print(verified.stdout + verified.stderr)
    replayed = _run(
        [
            "-m",
            "sovereignty.replay",
            str(made.path),
            "--trust",
            str(folder / "trust.txt"),
            "--pin",
            made.pin,
        ]
    )
    summary.say(
        replayed.returncode == 0,
        f"{tenant.key}: card and access verdicts replayed from the bundle (exit "
        f"{replayed.returncode})",
    )
    if replayed.returncode:
        print(replayed.stdout[-2000:] + replayed.stderr[-2000:])
    return made.path, made.pin


def _verify(bundle: Path, folder: Path, pin: str) -> subprocess.CompletedProcess[str]:
    return _run(
        ["-m", "audit.verifier", str(bundle), "--trust", str(folder / "trust.txt"), "--pin", pin]
    )


def _run(arguments: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _forge(bundle: tuple[Path, str], folder: Path, summary: Summary) -> None:
    for number, forgery in enumerate(tamper.FORGERIES):
        copy = folder / f"forged-{number}.zip"
        tamper.forge(bundle[0], forgery, copy)
        answer = _verify(copy, folder, bundle[1])
        refusal = next(
            (line.strip() for line in answer.stdout.splitlines() if "step " in line),
            answer.stdout[-300:],
        )
        summary.say(
            answer.returncode == 1 and "step " in refusal,
            f"{forgery.name}: refused — {readable(refusal)}",
        )


def _restore(folder: Path, summary: Summary) -> None:
    """A database restored from a backup that was made before the newest entries."""
    backup = folder / "backup.sqlite3"
    with (
        sqlite3.connect(str(settings.DATABASES["default"]["NAME"])) as live,
        sqlite3.connect(backup) as copy,
    ):
        live.backup(copy)
    seal(actor=ACTOR)  # something that the backup does not know
    answer = _run(["manage.py", "seal"], DOMICILE_DATABASE=f"sqlite:///{backup}")
    line = answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else answer.stdout
    summary.say(
        answer.returncode != 0 and "second store" in line,
        f"a rolled-back database: refused — {readable(line)}",
    )
