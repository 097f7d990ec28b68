"""People, which trails each may read, and the tokens of machines."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models.trail import Trail


class Person(AbstractUser):
    """Someone who signs in. `reads_all_trails` is for the operator's own compliance officers."""

    reads_all_trails = models.BooleanField(_("reads all trails"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


class TrailReader(models.Model):
    """This person may read this trail; whoever sees a tenant sees it through this."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    trail = models.ForeignKey(Trail, on_delete=models.PROTECT, related_name="readers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "trail"], name="reader_once")]


class Token(models.Model):
    """A machine's key: it records facts, or reads exactly one trail. Only the SHA-256 of its secret is kept."""

    RECORD, READ = "record", "read"

    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=10, choices=[(RECORD, _("record facts")), (READ, _("read one trail"))])
    trail = models.ForeignKey(Trail, on_delete=models.PROTECT, null=True, related_name="tokens")
    made_at = models.BigIntegerField()
    revoked_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose="record", trail__isnull=True) | models.Q(purpose="read", trail__isnull=False),
                name="token_reads_one_trail_or_records",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        """A token that authentication let through stands for itself as the request's user."""
        return True
