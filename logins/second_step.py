"""The second step of a log-in: an authenticator's code, or one of the recovery codes."""

import secrets
from base64 import b32encode
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote, urlencode

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import login as otp_login
from django_otp.oath import TOTP

from logins.models import DIGITS, Authenticator, RecoveryCode
from tenants.encryption import decrypt, encrypt

KEY_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 16 letters, which nobody guesses: a plain digest of them is enough
GROUP = 4
PENDING_KEY = "logins.pending-key"  # in the session, encrypted: shown, and not confirmed yet


class Proof(StrEnum):
    """What the second step was made with."""

    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery-code"


def authenticator_of(user: User) -> Authenticator | None:
    found: Authenticator | None = Authenticator.objects.filter(
        user_id=user.pk, confirmed=True
    ).first()
    return found


def prove(user: User, typed: str) -> Proof | None:
    """Use up what somebody typed as their second step; None if it is nothing of theirs."""
    code = _bare(typed)
    authenticator = authenticator_of(user)
    if authenticator is None:
        return None
    if len(code) == DIGITS:
        return Proof.AUTHENTICATOR if authenticator.verify_token(code) else None
    unused = RecoveryCode.objects.filter(user_id=user.pk, digest=_digest(code), used_at=None)
    return Proof.RECOVERY_CODE if unused.update(used_at=timezone.now()) else None


def pass_second_step(request: HttpRequest, user: User) -> None:
    """Let a session pass, under a new key."""
    request.session.cycle_key()
    otp_login(request, authenticator_of(user))


def pending_key(request: HttpRequest) -> str:
    """Return the key, in hexadecimal, that this session is setting up; the same until confirmed."""
    if PENDING_KEY not in request.session:
        request.session[PENDING_KEY] = encrypt(secrets.token_hex(KEY_BYTES))
    return decrypt(request.session[PENDING_KEY])


def set_up(request: HttpRequest, user: User, typed: str) -> list[str] | None:
    """Make the pending key the user's authenticator if the code is its; returns recovery codes.

    What was set up before opens nothing from then on.
    """
    code, totp = _bare(typed), TOTP(bytes.fromhex(pending_key(request)), digits=DIGITS)
    totp.time = timezone.now().timestamp()
    if not (len(code) == DIGITS and code.isdecimal() and totp.verify(int(code), tolerance=1)):
        return None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # of two at once, one after the other
        Authenticator.objects.filter(user_id=user.pk).delete()
        Authenticator.objects.create(
            user_id=user.pk, key=pending_key(request), last_step=totp.t(), drift=totp.drift
        )
        codes = new_recovery_codes(user)
    del request.session[PENDING_KEY]
    return codes


def new_recovery_codes(user: User) -> list[str]:
    """Put ten new codes in the place of the old ones; nobody can read them again."""
    codes = [
        b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
        for _number in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        RecoveryCode.objects.filter(user_id=user.pk).delete()
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user_id=user.pk, digest=_digest(code)) for code in codes]
        )
    return [in_groups(code, "-") for code in codes]


def forget(user: User) -> None:
    """Remove a user's authenticator and recovery codes: the next log-in sets up new ones."""
    Authenticator.objects.filter(user_id=user.pk).delete()
    RecoveryCode.objects.filter(user_id=user.pk).delete()


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


def typed_by_hand(key: str) -> str:
    """Return a key as authenticators take it typed: Base32, in groups."""
    return in_groups(_base32(key), " ")


def qr_code(key: str, *, issuer: str, name: str, title: str) -> str:
    """Return the picture that an authenticator reads a key from, as SVG."""
    issuer = issuer.replace(":", "")
    said = urlencode({"secret": _base32(key), "issuer": issuer}, quote_via=quote)
    code = segno.make(f"otpauth://totp/{quote(f'{issuer}:{name}')}?{said}", micro=False)
    return code.svg_inline(
        svgclass="qr-code", lineclass=None, omitsize=True, light="#fff", title=title
    )


def in_groups(text: str, between: str) -> str:
    return between.join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def _base32(key: str) -> str:
    return b32encode(bytes.fromhex(key)).decode()


def _bare(typed: str) -> str:
    return "".join(filter(str.isalnum, typed)).lower()


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
