"""Addresses of the panel: one document for each kind, the rest belongs to a request."""

from django.urls import path

from conversations.panel import (
    attention_views,
    canned_reply_views,
    file_views,
    files,
    preference_views,
    rich_views,
    side_views,
    template_views,
    thread_views,
    views,
)

urlpatterns = [
    path("", views.document, name="panel"),
    path("side/", side_views.document, name="side"),
    path("files/<str:signed>/", files.stored_file, name="panel-stored-file"),
    path("<str:issue_id>/side", side_views.view, name="side-view"),
    path("<str:issue_id>/side/save", side_views.save, name="side-save"),
    path("<str:issue_id>/numbers", side_views.begin, name="panel-numbers"),
    path("<str:issue_id>/view", views.view, name="panel-view"),
    path("<str:issue_id>/updates", views.updates, name="panel-updates"),
    path("<str:issue_id>/earlier", views.earlier, name="panel-earlier"),
    path("<str:issue_id>/later", thread_views.later, name="panel-later"),
    path("<str:issue_id>/search", thread_views.find, name="panel-search"),
    path(
        "<str:issue_id>/messages/<int:message_id>/around",
        thread_views.around,
        name="panel-around",
    ),
    path("<str:issue_id>/messages", views.messages, name="panel-messages"),
    path("<str:issue_id>/messages/<int:message_id>/resend", views.resend, name="panel-resend"),
    path(
        "<str:issue_id>/messages/<int:message_id>/send-over",
        views.send_over,
        name="panel-send-over",
    ),
    path("<str:issue_id>/files/<int:attachment_id>", file_views.addresses, name="panel-file"),
    path("<str:issue_id>/files/<int:attachment_id>/fetch", file_views.fetch, name="panel-fetch"),
    path("<str:issue_id>/uploads", file_views.upload, name="panel-uploads"),
    path("<str:issue_id>/uploads/<int:attachment_id>", file_views.discard, name="panel-upload"),
    path("<str:issue_id>/templates", template_views.templates, name="panel-templates"),
    path(
        "<str:issue_id>/templates/<int:template_id>", template_views.filling, name="panel-template"
    ),
    path("<str:issue_id>/rich/<str:name>", rich_views.rich, name="panel-rich"),
    path(
        "<str:issue_id>/canned-replies/<int:reply_id>",
        canned_reply_views.canned_reply,
        name="panel-canned-reply",
    ),
    path("<str:issue_id>/seen", views.seen, name="panel-seen"),
    path("<str:issue_id>/presence", attention_views.presence, name="panel-presence"),
    path("<str:issue_id>/typing", views.typing, name="panel-typing"),
    path("<str:issue_id>/draft", views.draft, name="panel-draft"),
    path("<str:issue_id>/preferences", preference_views.preferences, name="panel-preferences"),
    path("<str:issue_id>/pause", views.pause, name="panel-pause"),
    path("<str:issue_id>/resume", views.resume, name="panel-resume"),
    path("<str:issue_id>/move-here", views.move_here, name="panel-move-here"),
]
