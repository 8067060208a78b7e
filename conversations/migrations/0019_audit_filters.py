"""A kind of actor, or a channel, of which there is little is found at once too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0018_audit_log")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor_kind", "-occurred_at", "-id"], name="audit_by_kind"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["channel", "-occurred_at", "-id"], name="audit_by_channel"),
        ),
    ]
