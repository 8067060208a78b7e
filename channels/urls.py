"""Addresses of this neighbour on the machines' host."""

from django.urls import path

from channels.intake import SOURCE
from channels.views import WebhookView

urlpatterns = [
    path(
        "hooks/infobip/<str:inbound_key>/",
        WebhookView.as_view(),
        {"provider": SOURCE},
        name="webhook",
    ),
    path(
        "hooks/infobip/<str:inbound_key>/reports/<str:proof>/",
        WebhookView.as_view(),
        {"provider": SOURCE},
        name="webhook-reports",
    ),
]
