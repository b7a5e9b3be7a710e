"""What a benefit would give to made-up companies: beside each of its steps, where floor and ceiling begin, at each level."""

from policies.rules.benefit_examples.table import Example, Examples, Part, benefit_examples

__all__ = ["Example", "Examples", "Part", "benefit_examples"]
