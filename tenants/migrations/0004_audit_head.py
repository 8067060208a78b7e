"""Where each site's audit chain ends is remembered outside of its schema."""

import hmac
import json
from hashlib import sha256

from django.conf import settings
from django.db import migrations, models

END = "SELECT mac, until_transaction, sealed_at FROM {} ORDER BY id DESC LIMIT 1"


def remember_ends(apps, schema_editor):
    """Sign the ends of the chains that are there, as `conversations.audit` does from now on."""
    if schema_editor.connection.schema_name != "public":
        return
    key = settings.AUDIT_KEYS[0]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'conversations_auditseal'"
        )
        for (schema_name,) in cursor.fetchall():
            quoted = schema_editor.quote_name(schema_name)
            cursor.execute(END.format(f"{quoted}.conversations_auditseal"))
            found = cursor.fetchone()
            if found is None:
                continue
            mac, until, sealed_at = found
            written = json.dumps([schema_name, "head", mac, str(until)])
            apps.get_model("tenants", "AuditHead").objects.create(
                schema_name=schema_name,
                mac=mac,
                until_transaction=until,
                sealed_at=sealed_at,
                key_id=sha256(key.encode()).hexdigest()[:16],
                signature=hmac.new(key.encode(), written.encode(), sha256).hexdigest(),
            )


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_site_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "schema_name",
                    models.CharField(max_length=63, primary_key=True, serialize=False),
                ),
                ("mac", models.CharField(help_text="Of the newest seal.", max_length=64)),
                ("until_transaction", models.BigIntegerField(help_text="Of the newest seal.")),
                ("sealed_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunPython(remember_ends, migrations.RunPython.noop),
    ]
