"""What pages of the console are called; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jira_bridge", "0004_console_link_rights"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="requestdefaults",
            options={"verbose_name": "request defaults", "verbose_name_plural": "request defaults"},
        ),
        migrations.AlterModelOptions(
            name="senderrule",
            options={"verbose_name": "rule", "verbose_name_plural": "rules by sender"},
        ),
    ]
