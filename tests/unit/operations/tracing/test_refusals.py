"""What the receiver's log has about one request."""

from datetime import timedelta

from operations.tracing.refusals import about
from tests import fakes
from tests.fakes import NOW
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.test_signature import line
from tests.unit.operations.operators import operator


def test_has_the_lines_of_the_request_in_order_of_time_and_says_which_accepted_it() -> None:
    command = Command.on(fakes.managed_tenant())
    command.logs = {
        "receiver": [
            line("Accepted", would_refuse="invalid_signature", correlation_id="SM1", age=1),
            line("Refused", "invalid_key", correlation_id="SM1", age=2),
            line("Delivered", correlation_id="SM1", age=1),
            line("Refused", "invalid_key", correlation_id="SM2", age=1),
        ]
    }
    lines = about(operator(command), "SM1", NOW - timedelta(days=1))
    assert [(item.reason, item.accepted) for item in lines] == [("invalid_key", False), ("invalid_signature", True)]
    assert "only accepted because signatures are observed" in lines[1].explained.happened
