"""A site's host: its console."""

from django.urls import path
from django.views.generic import RedirectView

from conversations.admin.site import console

urlpatterns = [
    path("admin/", console.urls),
    path("", RedirectView.as_view(url="/admin/")),
]
