"""The console's page of reports."""

import pytest

from tests.consoles import owners_client

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/"


def test_an_empty_site_has_nothing_in_this_period():
    html = owners_client().get(PAGE).content.decode()

    assert "Nothing in this period." in html
