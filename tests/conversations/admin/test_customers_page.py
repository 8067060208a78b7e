"""The console's customers: numbers are masked, and found only as a whole."""

import pytest

from tests.consoles import owners_client
from tests.factories import AddressFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/customer/"
NUMBER = "385991903327"


@pytest.fixture
def marko():
    address = AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="Marko Horvat")
    return address.phone_number.customer


def test_number_is_masked_in_the_list_and_on_the_page(marko):
    client = owners_client()

    for path in (LIST, f"{LIST}{marko.pk}/change/"):
        page = client.get(path).content.decode()
        assert "+385 99 190 ••27" in page
        assert "3327" not in page


def test_customer_without_number_has_a_page(marko):
    marko.phone_numbers.get().addresses.all().delete()

    assert owners_client().get(f"{LIST}{marko.pk}/change/").status_code == 200


@pytest.mark.parametrize("typed", ["horvat", NUMBER, "+385 99 190 3327"])
def test_customer_is_found_by_name_or_whole_number(marko, typed):
    AddressFactory()

    assert found(typed) == [marko]


@pytest.mark.parametrize("typed", ["3327", "38599190", "385991903328"])
def test_customer_is_not_found_by_another_or_part_of_the_number(marko, typed):
    assert found(typed) == []


def test_customer_is_not_deleted(marko):
    client = owners_client()

    assert client.post(f"{LIST}{marko.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{marko.pk}/change/", {"name": "Ivo"}).status_code == 403


def found(typed):
    return list(owners_client().get(LIST, {"q": typed}).context["cl"].result_list)
