"""Addresses of this neighbour on the machines' host."""

from django.urls import path

from channels.intake import SOURCE
from channels.media_views import media
from channels.views import WebhookView

urlpatterns = [
    path("media/<str:token>/<str:_name>", media, name="media"),
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
