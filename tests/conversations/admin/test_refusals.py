"""What the console says where its reader may not go, and where nothing is."""

import pytest
from django.test import Client

from logins.roles import Role
from tests.consoles import client_of, owners_client

pytestmark = pytest.mark.django_db


def test_page_of_another_role_says_so_in_the_console_s_frame():
    response = client_of("vera", Role.AUDITOR).get("/admin/users/")

    html = response.content.decode()
    assert response.status_code == 403
    assert "<h1>Your role does not open this page</h1>" in html
    assert 'href="/admin/conversations/auditevent/"' in html


def test_address_without_a_page_says_so_in_the_console_s_frame():
    response = owners_client().get("/admin/reports/nothing/")

    assert response.status_code == 404
    assert "<h1>There is no such page</h1>" in response.content.decode()


def test_strangers_learn_nothing_from_an_address(acme):
    response = Client(headers={"host": "acme.example.com"}).get("/nothing/")

    assert response.status_code == 404
    assert "Overview" not in response.content.decode()
