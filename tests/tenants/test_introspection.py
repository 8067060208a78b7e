"""Django finds the tables of the current schema, and of no other."""

import pytest
from django.db import connection
from django_tenants.postgresql_backend.introspection import DatabaseSchemaIntrospection

from tenants.context import schema_context

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("schema_name", ["site_acme", "public"])
def test_tables_are_those_that_django_would_find(schema_name):
    with schema_context(schema_name), connection.cursor() as cursor:
        found = connection.introspection.get_table_list(cursor)
        plain = DatabaseSchemaIntrospection(connection).get_table_list(cursor)

    assert sorted(found) == sorted(plain)
    assert len(found) > 10
