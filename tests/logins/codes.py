"""An authenticator app, played by a test."""

import re
from base64 import b32decode
from time import time

from django_otp.oath import TOTP


def code_of(key, *, steps_later=0):
    """Return the code that an authenticator with this key, in hexadecimal, shows."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time() + 30 * steps_later
    return f"{totp.token():06}"


def key_on(page):
    """Return the key, in hexadecimal, that a page offers to type by hand."""
    written = re.search(r"<code>((?:[A-Z2-7]{4} ?)+)</code>", page)[1]
    return b32decode(written.replace(" ", "")).hex()
