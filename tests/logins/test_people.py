"""Whatever owners do to each other at once, one remains."""

import pytest
from django.contrib.auth.models import User

from logins import people
from logins.people import LastOwner
from logins.roles import Role, give_role
from tests.consoles import PASSWORD
from tests.conversations.concurrency import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owners():
    made = [User.objects.create_user(name, password=PASSWORD) for name in ("ana", "ivan")]
    for user in made:
        give_role(user, Role.OWNER)
    return made


def attempt(do, user):
    def attempted():
        try:
            do(user)
        except LastOwner:
            return "refused"
        return "done"

    return attempted


@pytest.mark.parametrize(
    "do",
    [
        people.remove,
        lambda user: people.switch(user, on=False),
        lambda user: people.change_role(user, Role.AUDITOR),
        lambda user: people.invite_again(user, by="mia"),
    ],
)
def test_of_two_owners_who_go_at_once_one_stays(owners, do):
    results = together(*[attempt(do, user) for user in owners])

    assert sorted(results) == ["done", "refused"]
    assert people.owners().count() == 1
