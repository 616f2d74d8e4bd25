"""The pages, in the order of the navigation. A new one is a module here, a template, and its name in this list."""

from dashboard.page import Page
from dashboard.pages import agents, audit, connections, credentials, doctor, home, parked, usage

PAGES: tuple[Page, ...] = (
    home.page,
    usage.page,
    agents.page,
    connections.page,
    credentials.page,
    parked.page,
    audit.page,
    doctor.page,
)
