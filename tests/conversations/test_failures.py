"""Why a message was not delivered, in words, and what may be done about it."""

import pytest

from conversations.contracts import FailureKind
from conversations.failures import REASONS, Remedy, reason_of, remedies_of


def test_every_reason_ends_a_sentence():
    assert set(REASONS) == set(FailureKind)
    assert all(str(reason).endswith(".") for reason in REASONS.values())


def test_what_nobody_knows_has_words_too():
    assert reason_of("from-another-release") == "the provider gave no reason we know."


@pytest.mark.parametrize(
    ("kind", "permanent", "remedies"),
    [
        ("unreachable", False, (Remedy.RESEND, Remedy.OTHER_CHANNEL)),
        ("unreachable", True, (Remedy.OTHER_CHANNEL,)),
        ("unknown", False, (Remedy.RESEND, Remedy.OTHER_CHANNEL)),
        ("unknown", True, (Remedy.OTHER_CHANNEL,)),
        ("window-closed", True, (Remedy.TEMPLATE,)),
        ("bad-template", True, (Remedy.TEMPLATE,)),
        ("not-on-whatsapp", True, (Remedy.OTHER_CHANNEL,)),
        ("identity-changed", True, (Remedy.RESEND, Remedy.OTHER_CHANNEL)),
        ("sender-off", True, (Remedy.RESEND, Remedy.OTHER_CHANNEL)),
        ("no-credit", True, (Remedy.RESEND,)),
        ("gave-up", False, (Remedy.RESEND,)),
        ("opted-out", True, ()),
        ("opted-out", False, ()),
        ("blocked", True, ()),
        ("too-long", True, ()),
        ("file-refused", True, ()),
        ("from-another-release", True, (Remedy.OTHER_CHANNEL,)),
    ],
)
def test_remedies(kind, permanent, remedies):
    assert remedies_of(kind, permanent=permanent) == remedies
