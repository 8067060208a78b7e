from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0006_outbox_turns"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="typing_told_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the customer was last shown that an agent writes.",
                null=True,
            ),
        ),
    ]
