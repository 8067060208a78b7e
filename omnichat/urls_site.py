"""A site's host: its console."""

from django.urls import path
from django.utils.module_loading import autodiscover_modules
from django.views.generic import RedirectView

from conversations.admin.site import console

autodiscover_modules("admin", register_to=console)

urlpatterns = [
    path("admin/", console.urls),
    path("", RedirectView.as_view(url="/admin/")),
]
