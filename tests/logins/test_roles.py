"""A role is read once for each object of a user, and is never an old one."""

import pytest
from django.contrib.auth.models import User

from logins.roles import Role, give_role, role_of

pytestmark = pytest.mark.django_db


def test_role_given_holds_for_the_same_object_at_once():
    ana = User.objects.create_user("ana")
    give_role(ana, Role.OWNER)
    before = (role_of(ana), ana.has_perm("conversations.erase_customer"))

    give_role(ana, Role.AUDITOR)

    assert before == (Role.OWNER, True)
    assert (role_of(ana), ana.has_perm("conversations.erase_customer")) == (Role.AUDITOR, False)
    assert role_of(User.objects.get()) == Role.AUDITOR


def test_role_of_who_is_switched_off_is_none_at_once():
    ana = User.objects.create_user("ana")
    give_role(ana, Role.OWNER)

    ana.is_active = False

    assert role_of(ana) is None
    assert not ana.has_perm("logins.view_overview")


def test_role_is_asked_for_once(django_assert_num_queries):
    give_role(User.objects.create_user("ana"), Role.OWNER)
    ana = User.objects.get()

    with django_assert_num_queries(1):
        assert role_of(ana) == Role.OWNER
        assert ana.has_perm("logins.view_overview")
        assert ana.has_perm("conversations.view_sender")
