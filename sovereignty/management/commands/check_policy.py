"""`manage.py check_policy`: check one policy over a period and print the result."""

from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import times
from audit.errors import LedgerError
from audit.jobs.queue import run_here
from audit.management.command import DocumentedCommand
from audit.management.table import table, when
from sovereignty.checking.question import CheckError, Question, ask
from sovereignty.models import Check, Policy
from sovereignty.policy.judging.accesses import NOT_COVERED
from sovereignty.policy.lattice import Verdict
from sovereignty.queries.card_hours import card_hours

EXIT = {"non_compliant": 1, "unverifiable": 3}
ROUNDING = (
    "\nCard-hours are rounded to a hundredth: non_compliant, unverifiable and waived up, "
    "compliant, not_applicable and a tenant's total down. "
    "The parts may differ from the total in the last digit."
)
GAP = (
    "A gap is a time for which access reports on the tenant are incomplete: "
    "an access may be missing."
)
NONE = (
    "none is published: `python manage.py publish_policy --list` "
    "names the policies that come with the product"
)


EXAMPLES = """
examples:
  the policies that are published, with their versions:
    python manage.py check_policy --list
  the newest version, from the first touch until now:
    python manage.py check_policy cn-domestic
  one version, one tenant and one month:
    python manage.py check_policy cn-domestic@1.0.0 --tenant st-mary \\
        --from 2026-10-01 --to 2026-11-01
  the report's own bytes:
    python manage.py check_policy cn-domestic --json > report.json

A time is ISO 8601, such as 2026-10-01 or 2026-10-01T08:00:00+08:00. Without a zone it is UTC.

exit code:
  0  no breach: compliant, waived, or the policy applies to nothing
  1  non-compliant
  2  the question cannot be asked, or was not answered; one line says why
  3  unverifiable: the evidence shows no breach, and not its absence either
"""


class Command(DocumentedCommand):
    help = (
        "Check a published policy over a period, as a job. Uses its newest version unless you "
        "name NAME@VERSION."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "policy", nargs="?", metavar="POLICY", help="NAME or NAME@VERSION of a published policy"
        )
        parser.add_argument(
            "--list",
            action="store_true",
            help="name the published policies with their versions and stop",
        )
        parser.add_argument(
            "--tenant",
            action="append",
            metavar="KEY",
            help="judge this tenant only; may be given again",
        )
        parser.add_argument(
            "--from",
            dest="start",
            metavar="TIME",
            help="start of the period (default: the first touch of the tenants)",
        )
        parser.add_argument(
            "--to", dest="end", metavar="TIME", help="its end (default: the time of the position)"
        )
        parser.add_argument(
            "--position", type=int, metavar="N", help="as of this position (default: the newest)"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the report instead of the summary"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        policy = find_policy(options["policy"])
        period = (_millis("--from", options["start"]), _millis("--to", options["end"]))
        try:
            question = ask(
                policy, tenants=options["tenant"], period=period, position=options["position"]
            )
            job = run_here("check", _params(question), actor="command:check_policy")
        except (CheckError, LedgerError) as error:
            raise CommandError(str(error), returncode=2) from error
        check = Check.objects.get(pk=job.result["check"])
        if options["json"]:
            self.stdout.write(bytes(check.report).decode())
        else:
            self._summarise(check)
        if code := EXIT.get(check.verdict, 0):
            raise SystemExit(code)

    def _list(self) -> None:
        rows = [
            (
                f"{policy.name}@{policy.version}",
                when(policy.published_at),
                bytes(policy.digest).hex(),
            )
            for policy in _published()
        ]
        for line in table(("POLICY", "PUBLISHED", "DIGEST"), rows) if rows else [NONE]:
            self.stdout.write(line)

    def _summarise(self, check: Check) -> None:
        report = msgspec.json.decode(bytes(check.report))
        self.stdout.write(f"{check.policy} as of position {check.position}: {check.verdict}")
        self.stdout.write(
            f"period {times.iso(check.period_from)} to {times.iso(check.period_to)}, "
            f"report {bytes(check.digest).hex()}"
        )
        for part in report["tenants"]:
            touches = ngettext("%(count)d touch", "%(count)d touches", part["touches"]) % {
                "count": part["touches"]
            }
            self.stdout.write(
                f"\n{part['tenant']}: {part['verdict']} "
                f"({touches}, {card_hours(part['card_seconds']):,} card-hours)"
            )
            for rule in part["rules"]:
                totals = ", ".join(
                    f"{verdict} {_amount(amount, rule, verdict)}"
                    for verdict, amount in _ordered(rule["totals"])
                )
                self.stdout.write(
                    f"  {rule['rule']}  {rule['verdict']:<15} {totals}; "
                    f"{_findings(len(rule['blocks']))}"
                )
                for line in _whose_gaps(rule):
                    self.stdout.write(f"         {line}")
        self.stdout.write(ROUNDING)
        if any(map(_gaps, (rule for part in report["tenants"] for rule in part["rules"]))):
            self.stdout.write(GAP)


def find_policy(name: str | None) -> Policy:
    """Return the published policy NAME (its newest version) or NAME@VERSION. Raises
    CommandError."""
    versions = [
        policy
        for policy in _published()
        if name in (policy.name, f"{policy.name}@{policy.version}")
    ]
    if not versions:
        known = ", ".join(f"{policy.name}@{policy.version}" for policy in _published()) or NONE
        received = "nothing" if name is None else repr(name)
        raise CommandError(
            f"POLICY: want one that is published ({known}), got {received}", returncode=2
        )
    return versions[-1]


def _published() -> list[Policy]:
    """Every version, by name, the newest of each last."""
    return list(Policy.objects.defer("document").order_by("name", "published_at", "pk"))


def _params(question: Question) -> dict[str, Any]:
    """The question as a job's parameters. They fix what was left open: a job that runs again
    asks the same."""
    return {
        "policy": question.policy.pk,
        "tenants": None if question.tenants is None else list(question.tenants),
        "from": question.period[0],
        "to": question.period[1],
        "position": question.position,
    }


def _ordered(totals: dict[str, int]) -> list[tuple[str, int]]:
    worst_first = [verdict.word for verdict in sorted(Verdict, reverse=True)]
    return sorted(totals.items(), key=lambda pair: worst_first.index(pair[0]))


def _amount(amount: int, rule: dict[str, Any], verdict: str) -> str:
    """An amount in the rule's unit. What an access rule counts is accesses, and gaps, which are
    unverifiable."""
    if rule["unit"] == "card_seconds":
        return f"{card_hours(amount, verdict):,} card-hours"
    gaps = _gaps(rule) if verdict == Verdict.UNVERIFIABLE.word else 0
    accesses = ngettext("%(count)d access", "%(count)d accesses", amount - gaps) % {
        "count": amount - gaps
    }
    if not gaps:
        return accesses
    alone = ngettext("%(count)d gap", "%(count)d gaps", gaps) % {"count": gaps}
    return (
        _("%(accesses)s and %(gaps)s") % {"accesses": accesses, "gaps": alone}
        if amount > gaps
        else alone
    )


def _gaps(rule: dict[str, Any]) -> int:
    """How many times access reports are incomplete; a summary block counts many."""
    return sum(block.get("blocks", 1) for block in rule["blocks"] if block["reason"] == NOT_COVERED)


def _whose_gaps(rule: dict[str, Any]) -> list[str]:
    """Which sources' access reports are incomplete, for whoever must ask them."""
    details = [
        block.get("detail", {}) for block in rule["blocks"] if block["reason"] == NOT_COVERED
    ]
    sources = sorted(
        {
            source
            for detail in details
            if "sources" in detail
            for source in detail["sources"].split(", ")
        }
    )
    incomplete = (
        [
            _("gaps: access reports from %(sources)s are incomplete")
            % {"sources": ", ".join(sources)}
        ]
        if sources
        else []
    )
    return incomplete + [_("gaps: no source reports accesses to some cards")] * any(
        "unwatched" in detail for detail in details
    )


def _findings(count: int) -> str:
    return ngettext("%(count)d finding", "%(count)d findings", count) % {"count": count}


def _millis(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return times.millis_of(times.parse(text))
    except ValueError as error:
        raise CommandError(f"{option}: {error}", returncode=2) from error
