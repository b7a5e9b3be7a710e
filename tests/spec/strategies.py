"""Generated companies, requirement trees and benefits over the small vocabulary, for the properties of every evaluator."""

from hypothesis import strategies as st

SAID = {"en": "Experts agree", "zh": "专家同意"}

answers = st.fixed_dictionaries(
    {},
    optional={
        "staff": st.sampled_from([0, 19, 20, 21, 300]),
        "revenue": st.sampled_from([0, 1, 100, "49999999.99", 50000000]),
        "spend": st.sampled_from([0, 5, 2500000]),
        "share": st.sampled_from(["0%", "4%", "5%", "100%"]),
        "foreign": st.booleans(),
        "listed": st.booleans(),
        "stage": st.sampled_from(["seed", "grown"]),
        "fields": st.sampled_from([[], ["health"], ["health", "energy"]]),
        "founded_on": st.sampled_from(["2025-11-24", "2025-11-25", "2000-02-29"]),
        "certificates": st.sampled_from([[], [{"kind": "hnte"}], [{"kind": "hnte", "expires": "2026-11-24"}]]),
    },
)
expressions = st.sampled_from(
    [
        "staff >= 20", "revenue < 5000万", "spend / revenue >= 5%", "ratio >= 5%", "share >= band(revenue, [0, 6%], [5000万, 4%])",
        "foreign", "not listed", 'stage == "seed"', '"health" in fields', 'fields in ["energy"]', 'holds("hnte")',
        "years_since(founded_on) >= 1", "foreign or staff > 20 and listed", "max(spend, revenue) >= 100", "revenue - spend > 0",
        "share >= (5% if foreign else 4%)", "20 <= staff < 300",
    ]
)  # fmt: skip
# Numbers of every form the language has, each put beside lines that the sampled answers hit exactly.
numbers = st.recursive(
    st.sampled_from(["staff", "revenue", "spend", "share", "ratio", "years_since(founded_on)", "months_since(founded_on)",
                     "0", "20", "100", "5%", "2.5"]),
    lambda number: st.one_of(
        st.tuples(number, st.sampled_from("+-*/"), number).map(lambda of: f"({of[0]} {of[1]} {of[2]})"),
        st.tuples(st.sampled_from(["min", "max"]), number, number).map(lambda of: f"{of[0]}({of[1]}, {of[2]})"),
        st.tuples(number, number).map(lambda of: f"yearly_growth({of[0]}, {of[1]}, 2)"),
        st.tuples(number, st.sampled_from(["", "7, "]), number).map(lambda of: f"band({of[0]}, {of[1]}[0, {of[2]}], [20, 1], [50000000, 0.05])"),
        st.tuples(number, number).map(lambda of: f"({of[0]} if staff >= 20 else {of[1]})"),
        number.map(lambda of: f"-({of})"),
    ),
    max_leaves=5,
)  # fmt: skip
comparisons = st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers).map(" ".join)
conditions = st.recursive(
    st.one_of(expressions, comparisons, st.sampled_from(
        ['stage != "grown"', 'stage in ["seed", "grown"]', 'fields not in ["health", "energy"]', 'holds("hnte", "title")',
         'founded_on >= day("2025-11-25")', "foreign == listed", '("seed" if foreign else stage) == "seed"',
         'band(ratio, "grown", [5%, "seed"]) == stage', "years_since(founded_on) == 1", "months_since(founded_on) < 12",
         "foreign if listed else staff < 20", "staff == 20", "share != 5%", "revenue > 49999999.99"])),
    lambda one: st.one_of(
        st.tuples(one, st.sampled_from(["and", "or"]), one).map(lambda of: f"({of[0]} {of[1]} {of[2]})"),
        one.map(lambda of: f"not ({of})"),
    ),
    max_leaves=3,
)  # fmt: skip


def trees_over(texts):
    """Requirement trees with such criteria, and with leaves for people and unseen text."""
    leaves = st.one_of(
        texts.map(lambda text: {"when": text}), st.just({"judged": SAID}), st.just({"not_modelled": SAID})
    )
    return st.recursive(
        leaves,
        lambda node: st.one_of(
            st.lists(node, min_size=1, max_size=3).map(lambda of: {"all": of}),
            st.lists(node, min_size=1, max_size=3).map(lambda of: {"any": of}),
            st.lists(node, min_size=2, max_size=3).map(lambda of: {"at_least": 2, "of": of}),
            node.map(lambda one: {"not": one}),
        ),
        max_leaves=8,
    )


trees = trees_over(expressions)
benefits = st.sampled_from(
    [
        {"rate": "10%", "of": "spend", "cap": 50000},
        {"band": {"of": "revenue", "steps": [{"from": 0, "amount": 10}, {"from": 100, "rate": "3%", "of": "spend"}]}},
        {"per_unit": 200, "of": "staff", "floor": 1000},
        {"choose_one": [{"fixed": 500}, {"rate": "1%", "of": "revenue", "cap": 900}]},
        {"tax_rate": {"from": "25%", "to": "15%", "of": "revenue"}},
    ]
)
