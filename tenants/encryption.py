"""Secrets at rest: encrypted with a key ring from the environment."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class EncryptedTextField(models.TextField[str, str]):
    """Text that the database holds only as a Fernet token; empty text stays empty.

    Rotation: put a new key in front of `ENCRYPTION_KEYS`; old tokens stay readable and turn to the
    new key when their row is saved, or all at once by `tenants.rotation`.
    """

    def get_prep_value(self, value: str | None) -> str | None:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        return decrypt(value) if value else value


def encrypt(text: str) -> str:
    """Return the token for a text that is kept elsewhere than in a field, as in a session."""
    return _ring().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    return _ring().decrypt(token.encode()).decode()


def is_newest(token: str) -> bool:
    """Whether a stored token was made with the key in front."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def renewed(token: str) -> str:
    """Return a stored token as the key in front makes it.

    Raises InvalidToken when no key of the ring has made it.
    """
    return _ring().rotate(token.encode()).decode()


def forget() -> None:
    """Read the ring of keys anew."""
    _ring.cache_clear()


@cache
def _ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
