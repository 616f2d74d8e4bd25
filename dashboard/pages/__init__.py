"""The pages, in the order of the navigation. A new one is a module here, a template, and its name in this list."""

from dashboard.page import Page
from dashboard.pages import agents, audit, connections, credentials, doctor, home, parked, texts, usage

PAGES: tuple[Page, ...] = (
    home.page,
    texts.page,
    parked.page,
    usage.page,
    agents.page,
    connections.page,
    credentials.page,
    audit.page,
    doctor.page,
)
