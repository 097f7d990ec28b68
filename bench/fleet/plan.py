"""What to generate: the size, the period, and which planted faults to leave out.

Simulation times are whole seconds UTC since 1970, named `…_s`, so that card-seconds are exact;
facts and truth carry milliseconds.
"""

from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3600
DAY_S: Final = 86_400
START_S: Final = 1_757_980_800  # 2025-09-16T00:00:00Z: thirty days from here cross a month's border
CARDS_PER_NODE: Final = 8
WHOLE_FLEET_S: Final = 4 * HOUR_S  # how long the one job on every domestic card runs

FOREIGN_REGION: Final = "foreign-region"
FOREIGN_CARD: Final = "foreign-card"
UNKNOWN_CARD: Final = "unknown-card"
SHARED_CARD: Final = "shared-card"
TELEMETRY_GAP: Final = "telemetry-gap"
SEQUENCE_HOLE: Final = "sequence-hole"
FOREIGN_OPERATOR: Final = "foreign-operator"
FAULTS: Final = (
    FOREIGN_REGION,
    FOREIGN_CARD,
    UNKNOWN_CARD,
    SHARED_CARD,
    TELEMETRY_GAP,
    SEQUENCE_HOLE,
    FOREIGN_OPERATOR,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a fleet. The same plan always gives the same bytes. Raises ValueError when it
    cannot be built."""

    seed: int = 1
    cards: int = 10_000
    days: int = 30
    touches: int = 100_000
    tenants: int = 40
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.cards < 64 or self.cards % CARDS_PER_NODE:
            raise ValueError(
                f"cards is {self.cards}, want a multiple of {CARDS_PER_NODE} from 64 on"
            )
        if not 3 <= self.days <= 366:
            raise ValueError(f"days is {self.days}, want 3 to 366")
        if self.tenants < 3:
            raise ValueError(f"tenants is {self.tenants}, want 3 or more")
        if self.touches < max(100, 3 * self.tenants):
            raise ValueError(
                f"touches is {self.touches}, want {max(100, 3 * self.tenants)} or more"
            )
        unknown = sorted(self.without - set(FAULTS))
        if unknown:
            raise ValueError(
                f"without names {', '.join(unknown)}, want some of {', '.join(FAULTS)}"
            )

    @property
    def end_s(self) -> int:
        return START_S + self.days * DAY_S

    @property
    def whole_fleet_at_s(self) -> int:
        """When the job on every domestic card begins: half way."""
        return START_S + self.days * DAY_S // 2

    @property
    def heartbeat_s(self) -> int:
        """How often a source is heard: hourly, daily in a small fleet, whose facts should not be
        heartbeats alone."""
        return HOUR_S if self.touches >= 20_000 else DAY_S

    def moment(self, part: float) -> int:
        """The full hour at that part of the period."""
        return START_S + int(part * self.days * 24) * HOUR_S

    def plants(self, fault: str) -> bool:
        return fault not in self.without
