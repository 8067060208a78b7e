"""The seams that no tool sees: what settings name exists."""

from importlib import import_module

import pytest
from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string

from channels.provider import ChannelProvider, MissedProvider, WebhookProvider
from channels.provider_account import (
    AccountProvider,
    BlocklistProvider,
    SubscriptionProvider,
    TemplateProvider,
)

HANDLERS = [
    path for table in (settings.INBOX_HANDLERS, settings.OUTBOX_HANDLERS) for path in table.values()
]
PROTOCOLS = (
    (settings.CHANNEL_PROVIDERS, ChannelProvider),
    (settings.WEBHOOK_PROVIDERS, WebhookProvider),
    (settings.MISSED_PROVIDERS, MissedProvider),
    (settings.TEMPLATE_PROVIDERS, TemplateProvider),
    (settings.ACCOUNT_PROVIDERS, AccountProvider),
    (settings.SUBSCRIPTION_PROVIDERS, SubscriptionProvider),
    (settings.BLOCKLIST_PROVIDERS, BlocklistProvider),
)
PROVIDERS = [(path, protocol) for table, protocol in PROTOCOLS for path in table.values()]
OTHERS = [*settings.CONSOLE_NOTICES, settings.GET_EXECUTOR_FUNCTION]
SCHEDULED = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]


@pytest.mark.parametrize("path", HANDLERS + settings.MIDDLEWARE + SCHEDULED + OTHERS)
def test_what_settings_name_can_be_called(path):
    assert callable(import_string(path))


@pytest.mark.parametrize(("path", "protocol"), PROVIDERS)
def test_providers_are_modules_that_keep_their_protocols(path, protocol):
    module = import_module(path)

    assert module.__doc__
    assert isinstance(module, protocol)


@pytest.mark.parametrize("urlconf", [settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF])
def test_urls_resolve(urlconf):
    assert get_resolver(urlconf).url_patterns


@pytest.mark.parametrize("path", SCHEDULED)
def test_scheduled_tasks_are_registered_under_their_names(path):
    assert import_string(path).name == path
