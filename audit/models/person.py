"""People, and which trails each may read."""

from django.contrib.auth.hashers import acheck_password, check_password
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

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the person's. Django's would save the row here if the hash is of an older
        kind: nothing would tell of that. `audit.people.passwords.renew_hash` does it, and tells."""
        return check_password(raw_password, self.password)

    async def acheck_password(self, raw_password: str | None) -> bool:
        """As `check_password`."""
        return await acheck_password(raw_password, self.password)


class TrailReader(models.Model):
    """This person may read this trail; whoever sees a tenant sees it through this."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    trail = models.ForeignKey(Trail, on_delete=models.PROTECT, related_name="readers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "trail"], name="reader_once")]
