"""A site's host: its console."""

from django.urls import path
from django.utils.module_loading import autodiscover_modules
from django.views.generic import RedirectView

from conversations.admin.site import console
from jira_bridge import console_links

autodiscover_modules("admin", register_to=console)

handler403 = "conversations.admin.refusals.refused"
handler500 = "omnichat.outage.failed"
handler404 = "conversations.admin.refusals.missing"
urlpatterns = [
    path("admin/enter/<str:token>/", console_links.enter, name="console-entry"),
    path("admin/", console.urls),
    path("", RedirectView.as_view(url="/admin/")),
]
