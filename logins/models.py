"""People who use a console, beside Django's own users: second steps, invitations, attempts."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from tenants.encryption import EncryptedTextField

DIGITS = 6
MOST_FAILURES = 9  # that are told apart: the longest wait between two codes is 256 seconds


class Person(models.Model):
    """What we keep of a console's user besides the name."""

    class RoleFrom(models.TextChoices):
        JIRA = "jira"  # holds while Jira says that the person administers it
        HERE = "here"  # given by an owner in the console

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="person")
    role_from = models.CharField(max_length=4, choices=RoleFrom, default=RoleFrom.HERE)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(max_length=60, blank=True, help_text="IANA's name of it.")
    seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class Authenticator(ThrottlingMixin, Device):
    """An app that shows a new code every 30 seconds (RFC 6238); wrong codes slow the next try."""

    key = EncryptedTextField(help_text="Hexadecimal.")
    throttling_failure_count: int
    last_step = models.BigIntegerField(default=-1, help_text="Of the newest code used: each once.")
    drift = models.SmallIntegerField(default=0, help_text="Of its clock, in steps of 30 seconds.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="one_authenticator_per_user")]

    def get_throttle_factor(self) -> float:
        return 1.0  # seconds, doubled by every wrong code

    def verify_token(self, token: str) -> bool:
        """Whether this is the code of now, or of 30 seconds before or after; each opens once."""
        with transaction.atomic():
            # Of two who give the same code at once, the second sees that it was used.
            self.refresh_from_db(from_queryset=Authenticator.objects.select_for_update())
            allowed, _reason = self.verify_is_allowed()
            if not allowed:
                return False
            totp = TOTP(bytes.fromhex(self.key), digits=DIGITS, drift=self.drift)
            totp.time = timezone.now().timestamp()
            right = (
                len(token) == DIGITS
                and token.isdecimal()
                and totp.verify(int(token), tolerance=1, min_t=self.last_step + 1)
            )
            if right:
                self.last_step, self.drift = totp.t(), totp.drift
                self.throttle_reset(commit=False)
            else:
                self.throttle_increment(commit=False)
                self.throttling_failure_count = min(self.throttling_failure_count, MOST_FAILURES)
            self.save()
        return right


class RecoveryCode(models.Model):
    """Enters once in an authenticator's place; we keep what it is recognised by."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of a random code.")
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Recovery code {self.pk}"


class Invitation(models.Model):
    """A link by which somebody sets the first password, or a forgotten one; works once."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Invitation {self.pk}"


class Attempts(models.Model):
    """Failed log-ins by one name or from one address, or how often something was done.

    Neither names nor addresses are stored, only keyed hashes.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return f"{self.failures} attempts"
