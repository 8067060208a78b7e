from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jira_bridge", "0002_more_of_jira")]

    operations = [
        migrations.AddField(
            model_name="requestdefaults",
            name="attach_files",
            field=models.BooleanField(
                default=True, help_text="Attach the files of messages to the request in Jira too."
            ),
        ),
    ]
