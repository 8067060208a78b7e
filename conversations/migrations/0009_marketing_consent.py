from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_failure_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="address",
            name="marketing_consent_at",
            field=models.DateTimeField(
                blank=True, help_text="Of the newest word about marketing alone.", null=True
            ),
        ),
    ]
