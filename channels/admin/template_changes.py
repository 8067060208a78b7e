"""Which templates may be changed now, and what is said when the provider refuses."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels import templates
from channels.admin.template_forms import TemplateForm
from channels.models import ProviderAccount
from channels.provider_account import TemplateRefused, template_provider
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.models import AuditEvent, MessageTemplate

Status = MessageTemplate.Status

NO_ACCOUNT = gettext_lazy("No provider account is connected. Enter its key first.")
EDITABLE = {Status.APPROVED, Status.REJECTED, Status.FIRST_PAUSED, Status.SECOND_PAUSED}
# WhatsApp's limits on changes of an approved template.
LIMITS = (
    (
        timedelta(hours=24),
        1,
        gettext_lazy("WhatsApp takes one change of an approved template in 24 hours."),
    ),
    (
        timedelta(days=30),
        10,
        gettext_lazy("WhatsApp takes ten changes of an approved template in 30 days."),
    ),
)
CHANGED = "template.changed"
NOT_FOUND = "404"


def why_not_editable(template: MessageTemplate) -> str:
    """Say why a template cannot be edited now; "" when it can."""
    if template.gone_at is not None or template.status not in EDITABLE:
        return _("Only approved, rejected and paused templates can be edited.")
    if template.not_understood:
        text = _("It holds what OmniChat cannot show: %(part)s. Edit it in Infobip.")
        return text % {"part": template.not_understood}
    if template.status == Status.APPROVED:
        changes = AuditEvent.objects.filter(
            action=CHANGED, subject_type="messagetemplate", subject_id=str(template.pk)
        )
        for span, most, words in LIMITS:
            if changes.filter(occurred_at__gt=timezone.now() - span).count() >= most:
                return str(words)
    return ""


def delete_at_provider(template: MessageTemplate) -> str:
    """Delete a template in all its languages; returns why that failed, "" if it did not."""
    account = ProviderAccount.objects.connected()
    if account is None:
        return str(NO_ACCOUNT)
    sender = template.sender
    try:
        template_provider(sender.channel).delete_template(account, sender.number, template.name)
    except UnknownOutcome:
        templates.ask_for_sync()
        return _("Infobip did not answer: it may be deleted or not. Look again in a minute.")
    except TemporaryFailure as failure:
        text = _("Nothing was deleted. %(reason)s Try again in a minute.")
        return text % {"reason": failure}
    except PermanentFailure as failure:
        text = _("Nothing was deleted. %(reason)s") % {"reason": failure}
        return "" if failure.code == NOT_FOUND else text
    return ""


def explain(refusal: TemplateRefused, form: TemplateForm, context: dict[str, Any]) -> None:
    """Put what the provider refused where it stands in the form."""
    for name, words in refusal.fields.items():
        if name == "buttons":
            context["button_errors"] = words
        else:
            form.add_error(name if name in form.fields else None, words)
    if not form.errors:
        form.add_error(None, str(refusal))
