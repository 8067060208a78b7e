"""Addresses of the panel: one document for each kind, the rest belongs to a request."""

from django.urls import path

from conversations.panel import side_views, views

urlpatterns = [
    path("", views.document, name="panel"),
    path("side/", side_views.document, name="side"),
    path("<str:issue_id>/side", side_views.view, name="side-view"),
    path("<str:issue_id>/side/save", side_views.save, name="side-save"),
    path("<str:issue_id>/numbers", side_views.begin, name="panel-numbers"),
    path("<str:issue_id>/view", views.view, name="panel-view"),
    path("<str:issue_id>/updates", views.updates, name="panel-updates"),
    path("<str:issue_id>/earlier", views.earlier, name="panel-earlier"),
    path("<str:issue_id>/messages", views.messages, name="panel-messages"),
    path("<str:issue_id>/draft", views.draft, name="panel-draft"),
    path("<str:issue_id>/pause", views.pause, name="panel-pause"),
    path("<str:issue_id>/resume", views.resume, name="panel-resume"),
]
