"""Invitations: links by which somebody sets a password, once and within some days."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from logins import second_step, sessions
from logins.models import Invitation

TOKEN_BYTES = 32


def invite(user: User, *, by: str) -> str:
    """Return the token of a new link for a user; call it in a transaction.

    Until the link is used nobody comes in by password: what was set up before opens nothing.
    """
    token, now = secrets.token_urlsafe(TOKEN_BYTES), timezone.now()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    second_step.forget(user)
    sessions.end_all(user)
    Invitation.objects.update_or_create(
        user=user,
        defaults={
            "digest": _digest(token),
            "invited_by": by,
            "created_at": now,
            "expires_at": now + timedelta(days=settings.INVITATION_DAYS),
        },
    )
    return token


def invited(token: str, *, locked: bool = False) -> User | None:
    """Return whom a link is for, None if it does not work (any more)."""
    found = Invitation.objects.filter(
        digest=_digest(token), expires_at__gt=timezone.now(), user__is_active=True
    )
    if locked:
        found = found.select_for_update(of=("self",))
    invitation = found.select_related("user").first()
    return invitation.user if invitation else None


def use_up(user: User) -> None:
    Invitation.objects.filter(user=user).delete()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
