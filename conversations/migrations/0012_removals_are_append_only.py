"""What retention says it has removed cannot be changed either."""

from django.db import migrations

TRIGGERS = """
CREATE TRIGGER audit_removal_is_append_only BEFORE UPDATE OR DELETE ON conversations_auditremoval
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_removal_is_not_emptied BEFORE TRUNCATE ON conversations_auditremoval
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
REMOVE = """
DROP TRIGGER audit_removal_is_append_only ON conversations_auditremoval;
DROP TRIGGER audit_removal_is_not_emptied ON conversations_auditremoval;
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0011_console")]

    operations = [migrations.RunSQL(TRIGGERS, REMOVE)]
