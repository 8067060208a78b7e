"""Addresses of this neighbour on the machines' host."""

from django.urls import path

from jira_bridge import page_views, views

urlpatterns = [
    path("forge/v1/lifecycle", views.LifecycleView.as_view()),
    path("forge/v1/events", views.EventsView.as_view()),
    path("forge/v1/tick", views.TickView.as_view()),
    path("forge/v1/bye", views.ByeView.as_view()),
    path("forge/v1/ui/session", page_views.SessionView.as_view(), name="panel-session"),
]
