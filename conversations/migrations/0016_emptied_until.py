"""How far retention has come with the texts of ended conversations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0015_consent_recorded")]

    operations = [
        migrations.AddField(
            model_name="retentionsettings",
            name="emptied_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Conversations that ended before hold no texts any more.",
                null=True,
            ),
        ),
    ]
