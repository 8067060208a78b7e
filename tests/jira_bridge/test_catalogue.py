"""What Jira lists is kept, and read as the values that the product works with."""

import pytest

from conversations.errors import PermanentFailure, TemporaryFailure
from jira_bridge import catalogue
from jira_bridge.catalogue import Desk, Field, Kind, RequestType
from jira_bridge.models import CatalogueEntry
from tests.jira_bridge import desks

pytestmark = pytest.mark.django_db


def kind_of(jira, schema, *valid, **more):
    described = desks.field("customfield_10080", schema=schema, valid=valid, **more)
    desks.answer_fields(jira, "1", "10", described)
    return catalogue.fields("1", "10", refresh=True)[2].kind


def test_desks_are_asked_for_once(jira, installation):
    jira.answer(200, desks.listed(desks.SUPPORT), path=desks.DESKS)

    assert catalogue.desks() == catalogue.desks() == (Desk("1", "SUP", "Support"),)
    assert len(jira.requests) == 1


def test_desk_is_called_by_name_and_key():
    assert str(Desk("1", "SUP", "Support")) == "Support (SUP)"


def test_refresh_asks_again(jira, installation):
    desks.keep_desks()
    jira.answer(200, desks.listed(desks.PEOPLE), path=desks.DESKS)

    assert catalogue.desks(refresh=True) == (Desk("2", "HR", "People"),)
    assert catalogue.kept_desks() == (Desk("2", "HR", "People"),)


def test_types_of_a_desk_that_is_gone_are_forgotten(jira, installation):
    desks.keep_desks()
    jira.answer(200, desks.listed(desks.PEOPLE), path=desks.DESKS)

    catalogue.desks(refresh=True)

    assert catalogue.kept_request_types("1") is None
    assert catalogue.kept_request_types("2") == (RequestType("20", "Take leave"),)


def test_request_types_are_kept_with_whether_the_app_may_use_them(jira, installation):
    closed = {**desks.FAULT, "canCreateRequest": False}
    jira.answer(200, desks.listed(desks.QUESTION, closed), path=desks.types_of("1"))

    catalogue.request_types("1")

    assert catalogue.kept_request_types("1") == (
        RequestType("10", "Ask a question"),
        RequestType("11", "Report a fault", can_create=False),
    )


def test_fields_are_kept_with_choices_and_default(jira, installation):
    urgency = desks.field(
        "customfield_10070",
        name="Urgency",
        schema={"type": "option"},
        valid=[("10210", "Can wait"), ("10211", "Today")],
        defaultValues=[{"value": "10211", "label": "Today"}],
    )
    desks.answer_fields(jira, "1", "11", urgency)

    catalogue.fields("1", "11")

    assert catalogue.kept_fields("1", "11")[2] == Field(
        "customfield_10070",
        "Urgency",
        required=True,
        kind=Kind.CHOICE,
        choices=(("10210", "Can wait"), ("10211", "Today")),
        default=("10211",),
    )


def test_hidden_field_is_none_of_ours(jira, installation):
    desks.answer_fields(jira, "1", "10", desks.field("team", visible=False, presetValues=["7"]))

    assert [field.id for field in catalogue.fields("1", "10")] == ["summary", "description"]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind.TEXT),
        ({"type": "string", "custom": "com.example.types:textarea"}, Kind.RICH_TEXT),
        ({"type": "string", "system": "environment"}, Kind.RICH_TEXT),
        ({"type": "number"}, Kind.NUMBER),
        ({"type": "date"}, Kind.DATE),
        ({"type": "datetime"}, Kind.DATETIME),
        ({"type": "user"}, Kind.OTHER),
        ({"type": "array", "items": "attachment"}, Kind.OTHER),
        ({"type": "text"}, Kind.OTHER),
        ({}, Kind.OTHER),
        ("string", Kind.OTHER),
    ],
)
def test_kind_of_a_field_without_valid_values(jira, installation, schema, kind):
    assert kind_of(jira, schema) == kind


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "option"}, Kind.CHOICE),
        ({"type": "priority"}, Kind.CHOICE),
        ({"type": "array", "items": "component"}, Kind.CHOICES),
        ({"type": "array", "items": "string"}, Kind.OTHER),
        ({"type": "user"}, Kind.OTHER),
    ],
)
def test_kind_of_a_field_with_valid_values(jira, installation, schema, kind):
    assert kind_of(jira, schema, ("1", "One"), ("2", "Two")) == kind


def test_choice_under_a_choice_is_not_ours_to_fill_in(jira, installation):
    cascade = [{"value": "1", "label": "One", "children": [{"value": "2", "label": "Two"}]}]

    assert kind_of(jira, {"type": "option"}, validValues=cascade) == Kind.OTHER


def test_nothing_is_known_before_jira_was_asked(acme):
    assert catalogue.kept_desks() is None
    assert catalogue.kept_request_types("1") is None
    assert catalogue.kept_fields("1", "10") is None
    assert catalogue.loaded_at() is None


def test_load_gets_the_types_of_every_desk_once(jira, installation):
    desks.answer_lists(jira)

    catalogue.load()
    catalogue.load()

    assert len(jira.requests) == 3
    assert catalogue.kept_request_types("2") == (RequestType("20", "Take leave"),)


@pytest.mark.parametrize("status", [403, 404])
def test_desk_that_is_closed_to_the_app_hides_no_other(jira, installation, status):
    jira.answer(200, desks.listed(desks.SUPPORT, desks.PEOPLE), path=desks.DESKS)
    jira.answer(status, {"errorMessage": "Not for you."}, path=desks.types_of("1"))
    jira.answer(200, desks.listed(desks.LEAVE), path=desks.types_of("2"))

    catalogue.load()

    assert catalogue.kept_request_types("1") is None
    assert catalogue.kept_request_types("2") == (RequestType("20", "Take leave"),)


def test_failed_refresh_keeps_what_was_known(jira, installation):
    desks.keep_desks()
    jira.answer(503, path=desks.DESKS)

    with pytest.raises(TemporaryFailure):
        catalogue.load(refresh=True)

    assert len(catalogue.kept_desks()) == 2


def test_without_a_token_nothing_is_asked(acme, jira):
    with pytest.raises(TemporaryFailure, match="Waits for a token"):
        catalogue.desks()

    assert jira.requests == []


def test_unknown_type_is_a_permanent_failure(jira, installation):
    with pytest.raises(PermanentFailure):
        catalogue.fields("1", "99")

    assert CatalogueEntry.objects.exists() is False


def test_forgetting_a_desk_leaves_the_types_of_others(acme):
    desks.keep_desks()

    catalogue.forget("1")

    assert list(CatalogueEntry.objects.values_list("name", flat=True)) == ["types/2"]


def test_forgetting_all_leaves_the_fields_by_which_requests_are_opened(acme):
    desks.keep_desks()
    desks.keep_fields("1", "10")

    catalogue.forget()

    assert list(CatalogueEntry.objects.values_list("name", flat=True)) == ["fields/1/10"]


def test_age_is_that_of_the_oldest_list(acme):
    desks.keep_desks()
    oldest = CatalogueEntry.objects.get(name="desks").fetched_at

    assert catalogue.loaded_at() == oldest
