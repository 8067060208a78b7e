"""The audit log refuses what is not an addition, whoever asks."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('omnichat.retention', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'The audit log is append-only.';
END
$$;
CREATE TRIGGER audit_event_is_append_only BEFORE UPDATE OR DELETE ON conversations_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seal_is_append_only BEFORE UPDATE OR DELETE ON conversations_auditseal
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_event_is_not_emptied BEFORE TRUNCATE ON conversations_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seal_is_not_emptied BEFORE TRUNCATE ON conversations_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
REMOVE = """
DROP TRIGGER audit_event_is_append_only ON conversations_auditevent;
DROP TRIGGER audit_seal_is_append_only ON conversations_auditseal;
DROP TRIGGER audit_event_is_not_emptied ON conversations_auditevent;
DROP TRIGGER audit_seal_is_not_emptied ON conversations_auditseal;
DROP FUNCTION audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    operations = [migrations.RunSQL(TRIGGERS, REMOVE)]
