"""What schema-based sharding asks of a site's schema, read from the catalogs of a real one.

With Citus each schema lies on one node, and moves as a whole. The rules are those of its
documentation (SQL support) and of its source; see docs/adr/0027.
"""

from dataclasses import dataclass

from django.db import connection

# Django's own tables count in integers. Citus numbers rows on each node by itself, for which an
# integer is too narrow; through the coordinator, as the product goes, it is wide enough.
NARROW_BY_DJANGO = (
    "auth_group",
    "auth_permission",
    "auth_user",
    "django_admin_log",
    "django_content_type",
)


@dataclass(frozen=True)
class Rule:
    """`broken` selects the names of what breaks it in the schema %(schema)s."""

    says: str
    broken: str


RULES = (
    Rule(
        "No foreign key leads out of the schema or into it.",
        """
        SELECT conrelid::regclass::text || '.' || conname
        FROM pg_constraint AS c
        JOIN pg_class AS one ON one.oid = c.conrelid
        JOIN pg_class AS other ON other.oid = c.confrelid
        WHERE c.contype = 'f' AND one.relnamespace <> other.relnamespace
          AND %(schema)s::regnamespace IN (one.relnamespace, other.relnamespace)
        """,
    ),
    Rule(
        "What numbers rows by itself is a bigint; Django's own tables are known.",
        """
        SELECT t.relname || '.' || a.attname
        FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE t.relnamespace = %(schema)s::regnamespace AND t.relkind = 'r' AND a.attnum > 0
          AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%')
          AND a.atttypid <> 'bigint'::regtype AND t.relname <> ALL (%(narrow)s)
        """,
    ),
    Rule(
        "No rules rewrite statements.",
        """
        SELECT t.relname || '.' || r.rulename
        FROM pg_rewrite AS r JOIN pg_class AS t ON t.oid = r.ev_class
        WHERE t.relnamespace = %(schema)s::regnamespace AND r.rulename <> '_RETURN'
        """,
    ),
    Rule(
        "No table is a partition, inherits, or lies outside of the database.",
        """
        SELECT t.relname FROM pg_class AS t
        WHERE t.relnamespace = %(schema)s::regnamespace
          AND (t.relkind IN ('p', 'f')
               OR EXISTS (SELECT FROM pg_inherits AS i WHERE t.oid IN (i.inhrelid, i.inhparent)))
        """,
    ),
    Rule(
        "Triggers call functions of the same schema, which move with it, and no extension's.",
        """
        SELECT t.relname || '.' || g.tgname
        FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid
        JOIN pg_proc AS p ON p.oid = g.tgfoid
        WHERE t.relnamespace = %(schema)s::regnamespace AND NOT g.tgisinternal
          AND (p.pronamespace <> t.relnamespace OR EXISTS (
              SELECT FROM pg_depend AS d WHERE d.deptype = 'e' AND d.objid IN (g.oid, p.oid)))
        """,
    ),
)


def breaches(schema_name: str) -> list[tuple[str, str]]:
    """Return each rule that a schema breaks, with the name of what breaks it."""
    found = []
    with connection.cursor() as cursor:
        for rule in RULES:
            cursor.execute(rule.broken, {"schema": schema_name, "narrow": list(NARROW_BY_DJANGO)})
            found += [(rule.says, name) for (name,) in sorted(cursor.fetchall())]
    return found
