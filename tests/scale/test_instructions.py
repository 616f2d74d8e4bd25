"""How much a Lambda computes for a text does not depend on the size of the tenant."""

import pytest

from bench import measuring
from bench.roster import LARGE, OURS, WARM
from tests.scale.conftest import Note


@pytest.mark.timeout(1800)
def test_a_warm_text_of_a_large_tenant_takes_the_instructions_of_one_of_a_small_tenant(note: Note) -> None:
    counted = measuring.some((OURS, LARGE), lambda _: None)
    ratio = counted[LARGE][WARM] / counted[OURS][WARM]
    note("receiver, warm text, instructions: 100 keys and 150 agents against one key", round(ratio, 4))
    assert ratio < 1.03
