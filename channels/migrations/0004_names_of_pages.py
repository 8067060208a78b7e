"""What pages of the console are called; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_pulls_inbox"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="provideraccount",
            options={"verbose_name": "provider account", "verbose_name_plural": "provider account"},
        ),
    ]
