"""Addresses of this neighbour on the machines' host."""

from django.urls import path

from channels.intake import SOURCE
from channels.media_views import media
from channels.views import webhook

urlpatterns = [
    path("media/<str:token>/<str:_name>", media, name="media"),
    path(
        "hooks/infobip/<str:inbound_key>/",
        webhook,
        {"provider": SOURCE},
        name="webhook",
    ),
    path(
        "hooks/infobip/<str:inbound_key>/reports/<str:proof>/",
        webhook,
        {"provider": SOURCE},
        name="webhook-reports",
    ),
]
