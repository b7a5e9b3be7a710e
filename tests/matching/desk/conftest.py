"""The people of the desk and the small catalogue in force, as in the desk's own tests."""

from __future__ import annotations

import copy

import pytest

from policies import actions
from tests.policies.conftest import chen, enter, fang, gao, mini, xu

__all__ = ["chen", "enter", "fang", "gao", "mini", "xu"]


@pytest.fixture
def change(mini, chen):
    """A draft of the small policy, changed by a function of its content."""

    def begin(how=lambda content: None):
        version = actions.start_draft(policy=mini, by=chen)
        content = copy.deepcopy(version.content)
        how(content)
        return actions.save_draft(version=version, content=content, by=chen, seen=version.digest)

    return begin
