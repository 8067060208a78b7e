"""Infobip's templates: both lists, every part of a template, and what is said when one is made."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.infobip import templates
from channels.provider_account import TemplateDraft, TemplateRefused
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.templates import Button, ButtonKind, Header, HeaderKind, Structure, preview
from tests.channels.infobip.payloads import FOLDER

pytestmark = pytest.mark.django_db

SENDER = "385951006720"
OF_SENDER = f"/whatsapp/2/senders/{SENDER}/templates"
OF_ACCOUNT = "/whatsapp/1/templates"
DRAFT = TemplateDraft(
    name="parcel_today",
    language="en_GB",
    category="UTILITY",
    structure=Structure(
        body="Hello {{1}}, {{2}} comes today.",
        examples=("Ana", "HR-1"),
        header=Header(HeaderKind.TEXT, "Parcel {{1}}", "HR-1"),
        footer="Acme Shop",
        buttons=(
            Button(ButtonKind.QUICK_REPLY, "Not at home"),
            Button(ButtonKind.URL, "Track", url="https://acme.example/t/{{1}}", example="HR-1"),
            Button(ButtonKind.PHONE, "Call us", phone="+385951006719"),
            Button(ButtonKind.COPY_CODE, "", example="SAVE10"),
        ),
    ),
)


def payload(name):
    return json.loads((FOLDER / "templates" / f"{name}.json").read_text())


def row(**changes):
    return {"name": "a", "language": "en", "structure": {"body": {"text": "Hi"}}} | changes


def structured(**parts):
    return row(structure={"body": {"text": "Hi"}} | parts)


def test_every_part_is_understood():
    found = templates.understood(payload("everything_understood"))

    assert (found.name, found.language, found.structure) == (
        DRAFT.name,
        DRAFT.language,
        DRAFT.structure,
    )
    assert (found.provider_id, found.status, found.category, found.quality) == (
        "902817",
        "APPROVED",
        "UTILITY",
        "HIGH",
    )
    assert (found.not_understood, found.rejected_for) == ("", "")


def test_old_shape_is_understood():
    found = templates.understood(payload("old_shape"))

    assert (found.provider_id, found.category, found.not_understood) == (
        "31",
        "ACCOUNT_UPDATE",
        "",
    )
    assert found.structure == Structure(
        body="Bok {{1}}!", header=Header(HeaderKind.TEXT, "Acme"), footer="Acme trgovina"
    )


def test_nulls_are_nothing():
    found = templates.understood(payload("media"))

    assert found.structure == Structure(
        body="Ihre Rechnung.",
        header=Header(HeaderKind.DOCUMENT, example="https://acme.example/invoice.pdf"),
    )
    assert (found.quality, found.not_understood) == ("", "")


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (structured(type="UNSUPPORTED"), "its type (UNSUPPORTED)"),
        (structured(carousel={"cards": [{}]}), "a part of another kind (carousel)"),
        (structured(limitedTimeOffer={"text": "x"}), "a part of another kind (limitedTimeOffer)"),
        (structured(buttons=[{"type": "FLOW"}]), "a button of another kind (FLOW)"),
        (structured(buttons=[{"type": "CATALOG"}]), "a button of another kind (CATALOG)"),
        (structured(buttons=[None]), "a button of another kind (?)"),
        (structured(buttons="x"), "a button of another kind (?)"),
        (structured(header={"format": "HOLOGRAM"}), "a header of another kind (HOLOGRAM)"),
        (structured(header=["x"]), "a header of another kind (?)"),
        (structured(body={"text": "Hi {{name}}"}), "named variables ({{name}})"),
        (structured(body={"text": "Hi {{0}}"}), "named variables ({{0}})"),
        (structured(body={"text": "{{1}} {{3}}"}), "variables that are not numbered from 1"),
        (
            structured(header={"format": "TEXT", "text": "{{1}} {{2}}"}),
            "a header or a link with several variables",
        ),
        (
            structured(buttons=[{"type": "URL", "url": "https://a.example/{{1}}/{{2}}"}]),
            "a header or a link with several variables",
        ),
        (row(category="AUTHENTICATION"), "authentication templates"),
        (row(structure=None), "its body"),
        (row(structure="x"), "its body"),
        (structured(body=None), "its body"),
        (structured(body=7), "its body"),
    ],
)
def test_part_that_is_not_understood_is_named(listed, words):
    assert templates.understood(listed).not_understood == words


def test_words_of_any_length_fit_into_the_table():
    long = "x" * 1000
    names = ("id", "name", "language", "status", "category", "quality", "reason")
    structure = {"body": long, "type": long}

    found = templates.understood(dict.fromkeys(names, long) | {"structure": structure})

    assert [
        len(each)
        for each in (
            found.provider_id,
            found.name,
            found.language,
            found.status,
            found.category,
            found.quality,
            found.rejected_for,
            found.not_understood,
        )
    ] == [100, 512, 20, 40, 40, 20, 100, 200]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
PARTS = ("type", "header", "body", "footer", "buttons", "format", "text", "url", "example")
LIKE_A_STRUCTURE = st.dictionaries(
    st.sampled_from(PARTS),
    st.dictionaries(st.sampled_from(PARTS), ANYTHING)
    | st.lists(st.dictionaries(st.sampled_from(PARTS), ANYTHING), max_size=3)
    | st.sampled_from(["TEXT", "URL", "{{1}}", "{{x}}"])
    | ANYTHING,
)


@given(LIKE_A_STRUCTURE | ANYTHING, ANYTHING)
def test_nothing_in_a_template_breaks_its_reading(structure, other):
    names = ("id", "name", "status", "category", "quality", "reason")

    found = templates.understood(dict.fromkeys(names, other) | {"structure": structure})

    assert Structure.from_json(json.loads(json.dumps(found.structure.as_json()))) == found.structure
    assert preview(found.structure, {}).footer == found.structure.footer


@pytest.mark.parametrize("said", ["reason", "rejectionReason", "rejectedReason"])
def test_reason_of_a_rejection(said):
    assert templates.understood(row(**{said: "SCAM"})).rejected_for == "SCAM"
    assert templates.understood(row(**{said: "NONE"})).rejected_for == ""


def test_list_of_a_sender(infobip, account):
    infobip.answer(200, {"templates": [row(), row(language="hr")]}, path=OF_SENDER)

    listing = templates.list_templates(account, SENDER)

    assert [each.language for each in listing.templates] == ["en", "hr"]
    assert listing.complete is True
    assert infobip.paths == [OF_SENDER]


@pytest.mark.parametrize("unreadable", [None, "x", {}, row(name=""), row(language=None)])
def test_unreadable_row_spoils_no_other(infobip, account, unreadable):
    infobip.answer(200, {"templates": [unreadable, row()]})

    listing = templates.list_templates(account, SENDER)

    assert [each.name for each in listing.templates] == ["a"]
    assert listing.complete is False


@pytest.mark.parametrize("answer", [{}, {"templates": None}, {"templates": {}}, {"results": []}])
def test_answer_without_a_list_is_no_empty_list(infobip, account, answer):
    infobip.answer(200, answer)

    with pytest.raises(TemporaryFailure):
        templates.list_templates(account, SENDER)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_is_a_refusal(infobip, account, status):
    infobip.answer(status)

    with pytest.raises(PermanentFailure) as refused:
        templates.list_templates(account, SENDER)
    assert refused.value.code == str(status)
    assert infobip.paths == [OF_SENDER]


def page(number, rows, **paging):
    paging = paging or {"page": number, "size": 100, "totalPages": 2, "totalResults": 2}
    return {"results": rows, "paging": paging}


def test_list_of_the_account_is_read_to_its_end(infobip, account):
    infobip.answer(404, path=OF_SENDER)
    infobip.answer(200, page(0, [row(name="a")]), path=OF_ACCOUNT)
    infobip.answer(200, page(1, [row(name="b")]), path=OF_ACCOUNT)

    listing = templates.list_templates(account, SENDER)

    assert [each.name for each in listing.templates] == ["a", "b"]
    assert infobip.paths[1:] == [
        f"{OF_ACCOUNT}?sender={SENDER}&page={number}&size=100" for number in (0, 1)
    ]


def test_list_without_a_count_of_pages_ends_with_a_short_page(infobip, account):
    infobip.answer(404, path=OF_SENDER)
    rows = [row(name=f"t{number}") for number in range(100)]
    infobip.answer(200, {"results": rows}, path=OF_ACCOUNT)
    infobip.answer(200, {"results": rows[:1]}, path=OF_ACCOUNT)

    assert len(templates.list_templates(account, SENDER).templates) == 101


@pytest.mark.parametrize(
    "rows",
    [[], [row(businessAccountId=1), row(businessAccountId=2)]],
    ids=["nothing", "of several accounts"],
)
def test_list_of_the_account_that_says_nothing_of_the_sender(infobip, account, rows):
    infobip.answer(404, path=OF_SENDER)
    infobip.answer(200, page(0, rows, totalPages=1), path=OF_ACCOUNT)

    with pytest.raises(PermanentFailure) as refused:
        templates.list_templates(account, SENDER)
    assert refused.value.code == "404"


def test_failure_on_the_way_is_no_shorter_list(infobip, account):
    infobip.answer(404, path=OF_SENDER)
    infobip.answer(200, page(0, [row()]), path=OF_ACCOUNT)
    infobip.answer(429, path=OF_ACCOUNT)

    with pytest.raises(TemporaryFailure):
        templates.list_templates(account, SENDER)


def test_template_is_submitted_as_it_would_be_listed(infobip, account):
    listed = payload("everything_understood")
    infobip.answer(201, listed | {"status": "PENDING"})

    made = templates.create_template(account, SENDER, DRAFT)

    (request,) = infobip.requests
    assert (request.method, request.path) == ("POST", OF_SENDER)
    assert request.json == {
        name: listed[name] for name in ("name", "language", "category", "structure")
    }
    assert (made.provider_id, made.status, made.structure) == (
        "902817",
        "PENDING",
        DRAFT.structure,
    )


def test_answer_that_says_little_leaves_what_was_submitted(infobip, account):
    infobip.answer(201, {"id": 7})

    made = templates.create_template(account, SENDER, DRAFT)

    assert (made.provider_id, made.name, made.status) == ("7", "parcel_today", "PENDING")


def test_media_header_is_submitted_with_its_example(infobip, account):
    header = Header(HeaderKind.IMAGE, example="https://acme.example/a.png")
    infobip.answer(201, {"id": 7})

    templates.create_template(
        account, SENDER, TemplateDraft("a", "en", "UTILITY", Structure("Hi", header=header))
    )

    assert infobip.requests[0].json["structure"] == {
        "header": {"format": "IMAGE", "example": "https://acme.example/a.png"},
        "body": {"text": "Hi"},
        "type": "MEDIA",
    }


def test_edit_sends_category_and_structure(infobip, account):
    infobip.answer(200, {"status": "PENDING"})

    templates.edit_template(account, SENDER, "902817", DRAFT)

    (request,) = infobip.requests
    assert (request.method, request.path) == ("PATCH", f"{OF_SENDER}/902817")
    assert set(request.json) == {"category", "structure"}


def test_deletion_is_by_name(infobip, account):
    infobip.answer(204)

    templates.delete_template(account, SENDER, "parcel_today")

    assert [(each.method, each.path) for each in infobip.requests] == [
        ("DELETE", f"{OF_SENDER}/parcel_today")
    ]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("name", "name"),
        ("language", "language"),
        ("category", "category"),
        ("structure.header.text", "header_text"),
        ("structure.header.example", "header_example"),
        ("structure.header.format", "header_kind"),
        ("structure.body.text", "body"),
        ("structure.body.examples", "examples"),
        ("structure.body", "body"),
        ("structure.footer.text", "footer"),
        ("structure.buttons[1].url", "buttons"),
        ("somethingNew", ""),
    ],
)
def test_refusal_stands_at_the_field_that_it_means(infobip, account, path, field):
    errors = {"validationErrors": {path: ["must not be blank"]}, "text": "Bad request"}
    infobip.answer(400, {"requestError": {"serviceException": errors}})

    with pytest.raises(TemplateRefused) as refused:
        templates.create_template(account, SENDER, DRAFT)
    assert refused.value.fields == {field: "must not be blank"}


def test_unanswered_submission_has_an_unknown_end(infobip, account):
    infobip.answer(500)

    with pytest.raises(UnknownOutcome):
        templates.create_template(account, SENDER, DRAFT)
