"""What the audit log is called; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0017_names_of_queues")]

    operations = [
        migrations.AlterModelOptions(
            name="auditevent",
            options={
                "default_permissions": ("view",),
                "verbose_name": "event",
                "verbose_name_plural": "audit log",
            },
        ),
    ]
