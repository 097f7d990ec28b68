"""`manage.py check_policy`: ask one policy of a period and say what it answered."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from audit.jobs import JobError, run_here
from sovereignty.models import Check, Policy
from sovereignty.policy.lattice import Verdict
from sovereignty.question import CheckError, ask

EXAMPLES = """
examples:
  python manage.py check_policy cn-domestic
  python manage.py check_policy cn-domestic --tenant st-mary --from 2026-10-01 --to 2026-11-01
  python manage.py check_policy cn-domestic --json > report.json     the report's own bytes

exit code: 0 no breach, 1 non-compliant, 2 the question cannot be asked, 3 unverifiable
"""
EXIT = {"non_compliant": 1, "unverifiable": 3}


class Command(BaseCommand):
    help = "Check a published policy (its newest version unless named NAME@VERSION) over a period, as a job with a lease."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("policy", help="NAME or NAME@VERSION of a published policy")
        parser.add_argument("--tenant", action="append", metavar="KEY", help="judge this tenant only; may be given again")
        parser.add_argument(
            "--from", dest="start", metavar="TIME", help="start of the period (ISO 8601; default: the first touch)"
        )
        parser.add_argument("--to", dest="end", metavar="TIME", help="its end (default: the time of the position)")
        parser.add_argument("--position", type=int, help="as of this position (default: the newest)")
        parser.add_argument("--json", action="store_true", help="print the report instead of the summary")

    def handle(self, *args: Any, **options: Any) -> None:
        policy = find_policy(options["policy"])
        period = (_millis("--from", options["start"]), _millis("--to", options["end"]))
        try:
            # Everything that was left open is fixed now, so that a job that is run again asks the same question.
            question = ask(policy, tenants=options["tenant"], period=period, position=options["position"])
            params = {
                "policy": policy.pk,
                "tenants": None if question.tenants is None else list(question.tenants),
                "from": question.period[0],
                "to": question.period[1],
                "position": question.position,
            }
            job = run_here("check", params, actor="command:check_policy")
        except (CheckError, JobError) as error:
            raise CommandError(str(error), returncode=2) from error
        found = Check.objects.get(pk=job.result["check"])
        if options["json"]:
            self.stdout.write(bytes(found.report).decode())
        else:
            self._summarise(found)
        if code := EXIT.get(found.verdict, 0):
            raise SystemExit(code)

    def _summarise(self, found: Check) -> None:
        report = msgspec.json.decode(bytes(found.report))
        self.stdout.write(f"{found.policy} as of position {found.position}: {found.verdict}")
        self.stdout.write(f"period {_time(found.period_from)} to {_time(found.period_to)}, report {bytes(found.digest).hex()}")
        for part in report["tenants"]:
            self.stdout.write(
                f"\n{part['tenant']}: {part['verdict']} ({part['touches']} touches, {_hours(part['card_seconds'])} card-hours)"
            )
            for rule in part["rules"]:
                totals = ", ".join(f"{verdict} {_amount(amount, rule['unit'])}" for verdict, amount in _ordered(rule["totals"]))
                self.stdout.write(f"  {rule['rule']}  {rule['verdict']:<15} {totals}; {len(rule['blocks'])} findings")


def find_policy(name: str) -> Policy:
    """Return the published policy NAME (its newest version) or NAME@VERSION. Raises CommandError."""
    key, _, version = name.partition("@")
    query = Policy.objects.filter(name=key)
    if version:
        query = query.filter(version=version)
    found = query.order_by("-published_at", "-pk").first()
    if found is None:
        known = ", ".join(sorted({policy.name for policy in Policy.objects.all()})) or "none"
        raise CommandError(f"policy: wanted one that is published ({known}), came {name!r}", returncode=2)
    return found


def _ordered(totals: dict[str, int]) -> list[tuple[str, int]]:
    worst_first = [verdict.word for verdict in sorted(Verdict, reverse=True)]
    return sorted(totals.items(), key=lambda pair: worst_first.index(pair[0]))


def _amount(amount: int, unit: str) -> str:
    return f"{_hours(amount)} card-hours" if unit == "card_seconds" else f"{amount} {unit}"


def _hours(card_seconds: int) -> str:
    return f"{card_seconds / 3600:,.2f}"


def _millis(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{option}: wanted a time such as 2026-10-01 or 2026-10-01T08:00:00Z, came {text!r}", returncode=2
        ) from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def _time(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
