"""What pages of the console are called; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0013_found_messages"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cannedreply",
            options={
                "ordering": ["name", "language", "channel"],
                "verbose_name": "canned reply",
                "verbose_name_plural": "canned replies",
            },
        ),
        migrations.AlterModelOptions(
            name="messagetemplate",
            options={
                "ordering": ["name", "language", "pk"],
                "verbose_name": "template",
                "verbose_name_plural": "templates",
            },
        ),
        migrations.AlterModelOptions(
            name="sender",
            options={
                "ordering": ["channel", "number"],
                "verbose_name": "sender",
                "verbose_name_plural": "senders",
            },
        ),
    ]
