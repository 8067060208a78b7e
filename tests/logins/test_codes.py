"""An authenticator's codes: each opens once, and wrong ones slow the next."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection

from logins import second_step
from logins.models import Authenticator, RecoveryCode
from logins.second_step import Proof
from tests.conversations.concurrency import together
from tests.logins.codes import code_of

pytestmark = pytest.mark.django_db

KEY = "5eed" * 10


@pytest.fixture
def device():
    return Authenticator.objects.create(user=User.objects.create_user("ana"), key=KEY)


def wait(device, seconds):
    """Let a wrong code have been some seconds earlier."""
    device.refresh_from_db()
    device.throttling_failure_timestamp -= timedelta(seconds=seconds)
    device.save()


@pytest.mark.parametrize(
    ("steps_later", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_clock_may_be_half_a_minute_off(device, steps_later, fits):
    assert device.verify_token(code_of(KEY, steps_later=steps_later)) is fits


def test_code_is_refused_the_second_time(device):
    assert device.verify_token(code_of(KEY)) is True
    assert device.verify_token(code_of(KEY)) is False


def test_older_code_is_refused_after_a_newer_one(device):
    device.verify_token(code_of(KEY, steps_later=1))

    assert device.verify_token(code_of(KEY)) is False


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "-12345"])
def test_what_is_no_code_is_refused(device, typed):
    assert device.verify_token(typed) is False


def test_right_code_waits_after_wrong_ones(device):
    device.verify_token("000000")
    assert device.verify_token(code_of(KEY)) is False

    wait(device, 1)
    assert device.verify_token(code_of(KEY)) is True


def test_wait_has_an_end(device):
    for _ in range(20):
        device.verify_token("000000")
        wait(device, 300)

    assert device.verify_token(code_of(KEY)) is True


def test_key_is_stored_encrypted(device):
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM logins_authenticator")
        assert KEY not in cursor.fetchone()[0]


def test_recovery_codes_are_typed_in_any_way(device):
    first, second, *_ = second_step.new_recovery_codes(device.user)

    assert second_step.prove(device.user, first.upper()) is Proof.RECOVERY_CODE
    assert second_step.prove(device.user, second.replace("-", " ")) is Proof.RECOVERY_CODE
    assert RecoveryCode.objects.filter(used_at=None).count() == 8


def test_recovery_code_of_somebody_else_is_refused(device):
    other = User.objects.create_user("ivan")
    code = second_step.new_recovery_codes(other)[0]

    assert second_step.prove(device.user, code) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_with_the_same_code_one_passes():
    user = User.objects.create_user("ana")
    device = Authenticator.objects.create(user=user, key=KEY)
    code = code_of(KEY)

    def use():
        return Authenticator.objects.get(pk=device.pk).verify_token(code)

    assert sorted(together(use, use)) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_of_two_with_the_same_recovery_code_one_passes():
    user = User.objects.create_user("ana")
    Authenticator.objects.create(user=user, key=KEY)
    code = second_step.new_recovery_codes(user)[0]

    results = together(*[lambda: second_step.prove(user, code)] * 2)

    assert results.count(None) == 1
