"""The roles, and who was everything until now becomes an owner."""

from django.db import migrations

ROLES = ("owner", "configurator", "auditor")


def make_roles(apps, schema_editor):
    if schema_editor.connection.schema_name == "public":
        return  # operators have no roles: each may do what an operator may
    Group, User = apps.get_model("auth", "Group"), apps.get_model("auth", "User")
    Person = apps.get_model("logins", "Person")
    groups = [Group.objects.get_or_create(name=name)[0] for name in ROLES]
    for user in User.objects.filter(is_superuser=True):
        user.groups.set(groups[:1])
        user.is_superuser = False
        user.save(update_fields=["is_superuser"])
        # A password nobody has: they came by the link from Jira, which said that they may.
        from_jira = user.password.startswith("!")
        Person.objects.create(user=user, role_from="jira" if from_jira else "here")


class Migration(migrations.Migration):
    dependencies = [
        ("logins", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
