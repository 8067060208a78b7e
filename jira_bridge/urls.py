"""Addresses of this neighbour on the machines' host."""

from django.urls import path

from jira_bridge import account_views, console_links, page_views, views

urlpatterns = [
    path("forge/v1/lifecycle", views.LifecycleView.as_view()),
    path("forge/v1/events", views.EventsView.as_view()),
    path("forge/v1/tick", views.TickView.as_view()),
    path("forge/v1/bye", views.ByeView.as_view()),
    path("forge/v1/ui/session", page_views.SessionView.as_view(), name="panel-session"),
    path("forge/v1/ui/changed", page_views.ChangedView.as_view()),
    path("forge/v1/ui/console", console_links.ConsoleLinkView.as_view()),
    path("panel/<str:issue_id>/accounts", account_views.accounts, name="side-accounts"),
    path("panel/<str:issue_id>/account", account_views.account, name="side-account"),
]
