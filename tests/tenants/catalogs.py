"""What a schema is made of, by the catalogs: to compare one with another."""

from django.db import connection

SHAPE = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), %(schema)s, ''), a.attidentity::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'constraint', conname, contype::text,
       replace(pg_get_constraintdef(oid), %(schema)s, ''), '', '', ''
FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'index', indexname, replace(indexdef, %(schema)s, ''), '', '', '', ''
FROM pg_indexes WHERE schemaname = %(schema)s
UNION ALL
SELECT 'trigger', tgname, replace(pg_get_triggerdef(t.oid), %(schema)s, ''), '', '', '', ''
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT tgisinternal
ORDER BY 1, 2, 3
"""


def shape_of(schema_name):
    with connection.cursor() as cursor:
        cursor.execute(SHAPE, {"schema": schema_name})
        return cursor.fetchall()


def rows_of(schema_name, columns, table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {schema_name}.{table} ORDER BY 1, 2")  # noqa: S608
        return cursor.fetchall()


def assert_same(one, other):
    """Fail unless two schemas have the same shape, and the same rows that migrations make."""
    assert shape_of(one) == shape_of(other)
    for columns, table in [
        ("app, name", "django_migrations"),
        ("app_label, model", "django_content_type"),
        ("codename, name", "auth_permission"),
    ]:
        assert rows_of(one, columns, table) == rows_of(other, columns, table)
