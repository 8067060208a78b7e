"""What processes have said of themselves, for tests of who looks at it."""

from datetime import timedelta

from django.utils import timezone

from tenants.models import Pulse


def heard(kind, *, seconds_ago, on="host-a"):
    """Let a process of this kind have been heard last so long ago."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    Pulse.objects.create(name=f"{kind} {on} 7", kind=kind, since=at, beaten_at=at)
