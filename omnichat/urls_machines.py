"""The machines' host: webhooks, Forge, the panel, health. Public schema."""

from django.urls import include, path

from omnichat.guide import GUIDES, guide
from omnichat.health import healthz, metrics, readyz
from omnichat.operators.urls import urls as operator_urls

handler500 = "omnichat.outage.failed"
urlpatterns = [
    path("", include("channels.urls")),
    path("", include("jira_bridge.urls")),
    path("panel/", include("conversations.panel.urls")),
    *(path(f"guide/{name}/", guide, {"name": name}, name=f"guide-{name}") for name in GUIDES),
    path("operator/", operator_urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
