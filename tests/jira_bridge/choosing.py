"""The console's pages of where requests are opened, as a browser sees them."""

LIST = "/admin/jira_bridge/requestdefaults/"
RULES = "/admin/jira_bridge/senderrule/"
HOW = {
    "summary_pattern": "{channel} request from {number}",
    "transcript": "off",
    "create_customers": "on",
    "attach_files": "on",
}
IDS = {**HOW, "service_desk_id": "1", "request_type_id": "11"}
FAULT = {**HOW, "request_type": "1:11"}


def page(defaults):
    return f"{LIST}{defaults.pk}/change/"


def offered(response):
    return response.context["adminform"].form.fields["request_type"].choices


def errors(response):
    return {name: list(said) for name, said in response.context["adminform"].form.errors.items()}


def messages(response):
    return [str(message) for message in response.context["messages"]]
