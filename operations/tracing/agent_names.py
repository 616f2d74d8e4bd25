"""The names of a tenant's agents, for people who read log lines: the lines have the agents' ids."""

from collections.abc import Mapping

from operations.operator import Operator
from shared.errors import SmsReceiverError


def agent_names(operator: Operator) -> Mapping[str, str]:
    """The names by the agents' ids, of the tenant that was named or the only one; none when there is no such tenant.

    Those of all tenants would need all of their secrets to be read.
    """
    try:
        return {agent.id: agent.name for agent in operator.read().agents}
    except SmsReceiverError:  # names are for convenience only, and the lines may show why they cannot be read
        return {}
