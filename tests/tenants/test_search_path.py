"""The search path survives rollbacks: django-tenants before 4.0.1 forgot it."""

import pytest
from django.db import connection, transaction

from conversations.models import Customer
from tenants.context import current_schema, tenant_context

pytestmark = pytest.mark.django_db


def fail_inside(site):
    with transaction.atomic(), tenant_context(site):
        Customer.objects.create(name="never")
        raise ZeroDivisionError


def test_rollback_inside_another_site_returns_to_the_first(globex):
    with pytest.raises(ZeroDivisionError):
        fail_inside(globex)

    Customer.objects.create(name="here")

    assert current_schema() == "site_acme"
    assert list(Customer.objects.values_list("name", flat=True)) == ["here"]
    with tenant_context(globex):
        assert Customer.objects.count() == 0


def test_rollback_to_a_savepoint_keeps_writing_to_the_site_entered_before_it(globex):
    with transaction.atomic(), tenant_context(globex):
        with pytest.raises(ZeroDivisionError):
            fail_inside(globex)
        Customer.objects.create(name="there")

    assert Customer.objects.count() == 0
    with tenant_context(globex):
        assert list(Customer.objects.values_list("name", flat=True)) == ["there"]


def test_entering_the_site_one_is_in_sends_no_statement(acme, globex, django_assert_num_queries):
    Customer.objects.count()

    with django_assert_num_queries(1), tenant_context(acme):
        Customer.objects.count()
    with django_assert_num_queries(2), tenant_context(globex):
        Customer.objects.count()


def test_a_path_that_a_script_has_set_is_noticed(acme):
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = site_globex")

    with tenant_context(acme):
        Customer.objects.create(name="here")
        assert Customer.objects.count() == 1
    assert current_schema() == "site_acme"
