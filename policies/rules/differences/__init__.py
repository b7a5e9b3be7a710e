"""What changed between two versions of a policy, in plain sentences in both languages. Pure."""

from policies.rules.differences.changes import Change
from policies.rules.differences.policies import differences

__all__ = ["Change", "differences"]
