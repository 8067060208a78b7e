"""The machines' host: webhooks, Forge, the panel, health. Public schema."""

from django.urls import include, path

from omnichat import guide
from omnichat.health import healthz, metrics, readyz

urlpatterns = [
    path("", include("channels.urls")),
    path("", include("jira_bridge.urls")),
    path("panel/", include("conversations.panel.urls")),
    path("guide/agents/", guide.agents, name="guide"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
