"""Credentials: names and roles for API keys."""

from dashboard.acting import operator
from dashboard.page import Answer, Page, show
from dashboard.paging import by_number
from operations.tenants.records import describe_credential

page = Page("credentials", "Credentials")


@page.get("/")
def index() -> Answer:
    """The tenant's credentials."""
    credentials = [describe_credential(credential) for credential in operator().read().credentials]
    return show("credentials.html", credentials=by_number(credentials))
