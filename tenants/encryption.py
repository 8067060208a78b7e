"""Secrets at rest: encrypted with a key ring from the environment."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


class EncryptedTextField(models.TextField[str, str]):
    """Text that the database holds only as a Fernet token; empty text stays empty.

    Rotation: put a new key in front of `ENCRYPTION_KEYS`; old tokens stay readable and turn to the
    new key when their row is saved.
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


@cache
def _ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
