from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0014_names_of_pages"),
    ]

    operations = [
        migrations.AddField(
            model_name="numberdeletion",
            name="lifted_because",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="How the customer consented, as the admin says.",
                max_length=300,
            ),
        ),
    ]
