from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0019_audit_filters"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="address",
            options={"verbose_name": "address", "verbose_name_plural": "addresses"},
        ),
        migrations.AlterModelOptions(
            name="conversation",
            options={
                "ordering": ["-pk"],
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
            },
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "ordering": ["-pk"],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.AlterModelOptions(
            name="message",
            options={"verbose_name": "message", "verbose_name_plural": "messages"},
        ),
        migrations.AlterModelOptions(
            name="phonenumber",
            options={"verbose_name": "phone number", "verbose_name_plural": "phone numbers"},
        ),
        migrations.AlterField(
            model_name="inboxentry",
            name="attempts",
            field=models.PositiveIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="inboxentry",
            name="dismissed_because",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                verbose_name="dismissed because",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="attempts",
            field=models.PositiveIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="dismissed_because",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                verbose_name="dismissed because",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="topic",
            field=models.CharField(max_length=40, verbose_name="topic"),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="group",
            field=models.CharField(max_length=80, verbose_name="group"),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="subject",
            field=models.CharField(max_length=64, verbose_name="subject"),
        ),
    ]
