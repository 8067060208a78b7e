"""What a site has before its first customer writes, told to the product itself."""

import json
from datetime import date, time
from itertools import product

from django.contrib.auth.models import User

from conversations.contracts import AutoReplyOccasion, Channel
from conversations.models import (
    AutoReplySettings,
    AutoReplyText,
    Holiday,
    MessageTemplate,
    OpeningHours,
    Sender,
)
from tenants.context import tenant_context
from tenants.models import Site

GREETING = {
    "en": "Thank you for contacting us. Your request is {{request.key}}.",
    "hr": "Hvala na javljanju. Vaš zahtjev je {{request.key}}.",
    "de": "Danke für Ihre Nachricht. Ihre Anfrage ist {{request.key}}.",
}
CLOSED = {
    "en": "We are here from Monday to Friday, 8:00 to 17:00, and answer you then.",
    "hr": "Tu smo od ponedjeljka do petka od 8 do 17 sati i tada Vam odgovaramo.",
    "de": "Wir sind montags bis freitags von 8 bis 17 Uhr da und antworten Ihnen dann.",
}
TEXTS = {AutoReplyOccasion.GREETING: GREETING, AutoReplyOccasion.CLOSED: CLOSED}
LABELS = {Channel.SMS: "Support", Channel.WHATSAPP: "Support and shop"}
TAGS = {"request_update": ["news"], "is_it_solved": ["closing"], "track_request": ["news", "link"]}


def furnish(slug):
    """Run in a management command of the run: `LocalRun.ask_product`."""
    with tenant_context(Site.objects.get(slug=slug)):
        _write_auto_reply()
        for channel, label in LABELS.items():
            Sender.objects.filter(channel=channel).update(label=label)
        for name, tags in TAGS.items():
            MessageTemplate.objects.filter(name=name).update(tags=tags)
        User.objects.filter(username="admin").delete()
    print(json.dumps({}))  # noqa: T201 - what `ask_product` reads


def _write_auto_reply():
    settings = AutoReplySettings.objects.create(
        enabled=True, language="en", closed_enabled=True, time_zone="Europe/Zagreb"
    )
    for (occasion, texts), channel in product(TEXTS.items(), Channel):
        for language, text in texts.items():
            AutoReplyText.objects.create(
                settings=settings, occasion=occasion, channel=channel, language=language, text=text
            )
    for weekday in range(5):
        OpeningHours.objects.create(
            settings=settings, weekday=weekday, opens_at=time(8), closes_at=time(17)
        )
    Holiday.objects.create(settings=settings, day=date(2026, 12, 25), name="Christmas")
