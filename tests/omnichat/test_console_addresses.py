"""What somebody may write into a console's addresses: nothing in them tells what is masked."""

import pytest

from logins.roles import Role
from tests.consoles import client_of
from tests.omnichat import console_world

pytestmark = pytest.mark.django_db

LISTS = "/admin/conversations/"


@pytest.mark.parametrize(
    "address",
    [
        f"inboxentry/?state__exact=all&body__contains={b'385991'.hex()}",
        "inboxentry/?state__exact=all&short_body__isnull=False",
        "customer/?name__regex=^Marko",
        "customer/?phone_numbers__key__startswith=385991",
        "conversation/?customer__phone_numbers__key__startswith=385991",
        "auditevent/?address_hash__startswith=a",
    ],
)
def test_list_is_narrowed_by_its_filters_alone(address):
    console_world.furnish(700_001)

    assert client_of("vera", Role.AUDITOR).get(LISTS + address).status_code == 400
