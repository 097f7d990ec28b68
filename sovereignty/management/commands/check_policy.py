"""`manage.py check_policy`: ask one policy of a period and say what it answered."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import times
from audit.errors import LedgerError
from audit.jobs.queue import run_here
from audit.management.table import table, when
from sovereignty.checking.question import CheckError, Question, ask
from sovereignty.models import Check, Policy
from sovereignty.policy.judging.accesses import NOT_COVERED
from sovereignty.policy.lattice import Verdict
from sovereignty.queries.card_hours import card_hours

EXAMPLES = """
examples:
  python manage.py check_policy --list                               the policies that are published, with their versions
  python manage.py check_policy cn-domestic                          its newest version, from the first touch until now
  python manage.py check_policy cn-domestic@1.0.0 --tenant st-mary --from 2026-10-01 --to 2026-11-01
  python manage.py check_policy cn-domestic --json > report.json     the report's own bytes

A time is ISO 8601, as 2026-10-01 or 2026-10-01T08:00:00+08:00, in UTC unless it names a zone.

exit code:
  0  no breach: compliant, waived, or nothing that the policy applies to
  1  non-compliant
  2  the question cannot be asked, or was not answered: one line says why
  3  unverifiable: no breach is shown, and neither is its absence
"""
EXIT = {"non_compliant": 1, "unverifiable": 3}
ROUNDING = (
    "\ncard-hours to a hundredth: non_compliant, unverifiable and waived rounded up; compliant, not_applicable and a tenant's total down; "
    "so the parts may differ from the total in the last digit"
)
GAP = "a gap: a time in which accesses to the tenant were not wholly reported, so that one may be missing"
NONE = "none is published: `python manage.py publish_policy --list` names those that come with the product"


class Command(BaseCommand):
    help = "Check a published policy (its newest version unless named NAME@VERSION) over a period, as a job with a lease."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
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
            help="start of the period (default: the first touch of the tenants that are judged)",
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
        found = Check.objects.get(pk=job.result["check"])
        if options["json"]:
            self.stdout.write(bytes(found.report).decode())
        else:
            self._summarise(found)
        if code := EXIT.get(found.verdict, 0):
            raise SystemExit(code)

    def _list(self) -> None:
        rows = [
            (f"{it.name}@{it.version}", when(it.published_at), bytes(it.digest).hex())
            for it in _published()
        ]
        for line in table(("POLICY", "PUBLISHED", "DIGEST"), rows) if rows else [NONE]:
            self.stdout.write(line)

    def _summarise(self, found: Check) -> None:
        report = msgspec.json.decode(bytes(found.report))
        self.stdout.write(f"{found.policy} as of position {found.position}: {found.verdict}")
        self.stdout.write(
            f"period {times.iso(found.period_from)} to {times.iso(found.period_to)}, report {bytes(found.digest).hex()}"
        )
        for part in report["tenants"]:
            touches = ngettext("%(count)d touch", "%(count)d touches", part["touches"]) % {
                "count": part["touches"]
            }
            self.stdout.write(
                f"\n{part['tenant']}: {part['verdict']} ({touches}, {card_hours(part['card_seconds']):,} card-hours)"
            )
            for rule in part["rules"]:
                totals = ", ".join(
                    f"{verdict} {_amount(amount, rule, verdict)}"
                    for verdict, amount in _ordered(rule["totals"])
                )
                self.stdout.write(
                    f"  {rule['rule']}  {rule['verdict']:<15} {totals}; {_findings(len(rule['blocks']))}"
                )
                for line in _whose_gaps(rule):
                    self.stdout.write(f"         {line}")
        self.stdout.write(ROUNDING)
        if any(map(_gaps, (rule for part in report["tenants"] for rule in part["rules"]))):
            self.stdout.write(GAP)


def find_policy(name: str | None) -> Policy:
    """Return the published policy NAME (its newest version) or NAME@VERSION. Raises CommandError."""
    found = [
        policy
        for policy in _published()
        if name in (policy.name, f"{policy.name}@{policy.version}")
    ]
    if not found:
        known = ", ".join(f"{policy.name}@{policy.version}" for policy in _published()) or NONE
        received = "nothing" if name is None else repr(name)
        raise CommandError(
            f"POLICY: want one that is published ({known}), got {received}", returncode=2
        )
    return found[-1]


def _published() -> list[Policy]:
    """Every version, by name, the newest of each last."""
    return list(Policy.objects.defer("document").order_by("name", "published_at", "pk"))


def _params(question: Question) -> dict[str, Any]:
    """The question as a job has it; what was left open is fixed, so that a job that is run again
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
    """How many times there are in which accesses were not wholly reported; a summary counts many."""
    return sum(block.get("blocks", 1) for block in rule["blocks"] if block["reason"] == NOT_COVERED)


def _whose_gaps(rule: dict[str, Any]) -> list[str]:
    """Whose word was lacking in those times, for whoever has to ask for it."""
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
    said = (
        [
            _("gaps: not all word of accesses came from %(sources)s")
            % {"sources": ", ".join(sources)}
        ]
        if sources
        else []
    )
    return said + [_("gaps: no source reports accesses to some cards")] * any(
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
