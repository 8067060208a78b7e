"""What costs us is done so often in a while and no oftener, with many askers at once too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logins.models import Attempts
from logins.rate_limits import Limit, spend
from tenants.context import tenant_context
from tests.conversations.concurrency import together

pytestmark = pytest.mark.django_db

THREE = Limit("things", most=3, window=timedelta(minutes=1))


def age(**by):
    for row in Attempts.objects.all():
        row.since -= timedelta(**by)
        row.save()


def test_so_many_are_taken_and_no_more():
    assert [bool(spend(THREE, "ana")) for _ in range(5)] == [False, False, False, True, True]


def test_wait_is_the_rest_of_the_window():
    spend(THREE, "ana", weight=3)
    age(seconds=20)

    assert 38 <= spend(THREE, "ana") <= 40


def test_next_window_begins_anew_however_much_was_refused():
    for _ in range(9):
        spend(THREE, "ana")
    age(minutes=1)

    assert [spend(THREE, "ana", weight=3), bool(spend(THREE, "ana"))] == [0, True]


def test_one_does_not_spend_for_another():
    spend(THREE, "ana", weight=3)

    assert spend(THREE, "ivan") == spend(Limit("others", 3, THREE.window), "ana") == 0


def test_one_site_does_not_spend_for_another(globex):
    spend(THREE, "ana", weight=3)

    with tenant_context(globex):
        assert spend(THREE, "ana") == 0


def test_who_it_was_is_not_stored():
    spend(THREE, "5b10ac8d82e05b22cc7d4ef5")

    assert "5b10ac8d" not in str(list(Attempts.objects.values()))
    assert Attempts.objects.get().since <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_askers_at_once_do_not_get_past_the_limit():
    waits = together(*[lambda: spend(THREE, "ana")] * 12)

    assert waits.count(0) == 3
