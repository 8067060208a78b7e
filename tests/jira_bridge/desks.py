"""Service desks and request types as Jira lists them, or as they are kept already."""

from jira_bridge import catalogue
from jira_bridge.catalogue import Desk, Field, Kind, RequestType
from tests.jira_bridge import forge

DESKS = f"{forge.ACME}/rest/servicedeskapi/servicedesk?"
SUPPORT = {"id": "1", "projectId": "10000", "projectName": "Support", "projectKey": "SUP"}
PEOPLE = {"id": "2", "projectId": "10001", "projectName": "People", "projectKey": "HR"}
QUESTION = {"id": "10", "name": "Ask a question", "serviceDeskId": "1"}
FAULT = {"id": "11", "name": "Report a fault", "serviceDeskId": "1"}
LEAVE = {"id": "20", "name": "Take leave", "serviceDeskId": "2"}
WRITTEN_FIELDS = (
    Field("summary", "Summary", required=True, kind=Kind.TEXT),
    Field("description", "Description", required=False, kind=Kind.RICH_TEXT),
)
URGENCY = Field(
    "customfield_10070",
    "Urgency",
    required=True,
    kind=Kind.CHOICE,
    choices=(("10210", "Can wait"), ("10211", "Today")),
)


def types_of(desk_id):
    return f"{forge.ACME}/rest/servicedeskapi/servicedesk/{desk_id}/requesttype?"


def fields_of(desk_id, type_id):
    return f"{forge.ACME}/rest/servicedeskapi/servicedesk/{desk_id}/requesttype/{type_id}/field"


def listed(*values):
    return {"values": list(values), "isLastPage": True}


def field(field_id, *, name="", schema=None, valid=(), **more):
    """Return a field as Jira describes it; `valid` are value and label."""
    return {
        "fieldId": field_id,
        "name": name or field_id.title(),
        "required": True,
        "visible": True,
        "jiraSchema": {"type": "string"} if schema is None else schema,
        "validValues": [{"value": v, "label": label, "children": []} for v, label in valid],
        "defaultValues": [],
        "presetValues": [],
        **more,
    }


def answer_lists(jira, *, types=(QUESTION, FAULT)):
    """Have Jira list two desks and the types of each, once."""
    jira.answer(200, listed(SUPPORT, PEOPLE), path=DESKS)
    jira.answer(200, listed(*types), path=types_of("1"))
    jira.answer(200, listed(LEAVE), path=types_of("2"))


def answer_fields(jira, desk_id, type_id, *more):
    fields = [field("summary"), field("description"), *more]
    jira.answer(200, {"requestTypeFields": fields}, path=fields_of(desk_id, type_id))


def keep_desks(*, types=(("10", "Ask a question"), ("11", "Report a fault"))):
    """Have the catalogue know Support with its types, and People with one."""
    catalogue._keep("desks", (Desk("1", "SUP", "Support"), Desk("2", "HR", "People")))
    catalogue._keep("types/1", tuple(RequestType(*each) for each in types))
    catalogue._keep("types/2", (RequestType("20", "Take leave"),))


def keep_fields(desk_id, type_id, *more, written=WRITTEN_FIELDS):
    catalogue._keep(f"fields/{desk_id}/{type_id}", (*written, *more))
