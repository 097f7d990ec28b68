"""Regions, nodes and cards: the register of numbers, and the dated statements about them.

A card number stands for a slot (node, label), is given once and never reused; which physical card
sits there is a statement. Each statement is of one grade and holds, per attribute, from
`effective_at` to the next of its grade (`sovereignty.plane.inventory.statements`).
"""

from django.db import models

from sovereignty.models.derived import Derived
from sovereignty.models.fact import Batch

CHUNK_CARDS = 1024
# as `sovereignty.plane.world.Grade`
GRADES = {"planned": 0, "declared": 1, "attested": 2, "observed": 3}


class Chunk(models.Model):
    """1,024 consecutive card numbers: the first `used` are given or reserved for a node, `given` of
    them are cards."""

    number = models.IntegerField(primary_key=True)
    used = models.IntegerField()
    given = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    given__gte=0, given__lte=models.F("used"), used__lte=CHUNK_CARDS
                ),
                name="chunk_holds_1024",
            )
        ]

    def __str__(self) -> str:
        return f"chunk {self.number}"


class Node(models.Model):
    """A node of the register. All its card numbers lie in one chunk, the first `block_size` of them
    from `block_first` on; both are null for a node that was named without cards."""

    name = models.CharField(max_length=100, unique=True)
    block_first = models.BigIntegerField(null=True)
    block_size = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A slot of the register, known since the batch that named it first."""

    number = models.BigIntegerField(primary_key=True)
    made_by = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_index=False)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, db_index=False)
    slot = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "slot"], name="slot_once"),
            models.CheckConstraint(
                condition=models.Q(number__gte=0), name="card_number_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"card {self.number}"


class Statement(Derived):
    """What one fact says of one subject from `effective_at` on. An attribute that it does not state
    is null."""

    effective_at = models.BigIntegerField()
    grade = models.SmallIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        abstract = True


class RegionStatement(Statement):
    region = models.CharField(max_length=200)
    country = models.CharField(max_length=2, null=True)
    territory = models.CharField(max_length=100, null=True)
    provider = models.CharField(max_length=100, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact"],
                condition=models.Q(superseded_by__isnull=True),
                name="region_stated_once_a_fact",
            )
        ]


class NodeStatement(Statement):
    node = models.ForeignKey(Node, on_delete=models.PROTECT)
    region = models.CharField(max_length=200, null=True)
    owner = models.CharField(max_length=100, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact"],
                condition=models.Q(superseded_by__isnull=True),
                name="node_stated_once_a_fact",
            )
        ]


class CardStatement(Statement):
    """`resets`: another card (or none) sits in the slot from here on, so what was known before
    ends, of this grade and below."""

    card = models.ForeignKey(Card, on_delete=models.PROTECT)
    resets = models.BooleanField(default=False)
    present = models.BooleanField(default=True)
    serial = models.CharField(max_length=100, null=True)
    vendor = models.CharField(max_length=100, null=True)
    model = models.CharField(max_length=100, null=True)
    pci_id = models.CharField(max_length=100, null=True)
    design_country = models.CharField(max_length=2, null=True)
    fabrication_country = models.CharField(max_length=2, null=True)
    packaging_country = models.CharField(max_length=2, null=True)
    firmware_country = models.CharField(max_length=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card", "effective_at", "fact"],
                condition=models.Q(superseded_by__isnull=True),
                name="one_inventory_a_card_and_instant",
            )
        ]
        indexes = [
            models.Index(
                fields=["serial"], name="card_by_serial", condition=models.Q(serial__isnull=False)
            )
        ]
