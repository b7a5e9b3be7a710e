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
leaves = st.one_of(
    expressions.map(lambda text: {"when": text}), st.just({"judged": SAID}), st.just({"not_modelled": SAID})
)
trees = st.recursive(
    leaves,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda of: {"all": of}),
        st.lists(node, min_size=1, max_size=3).map(lambda of: {"any": of}),
        st.lists(node, min_size=2, max_size=3).map(lambda of: {"at_least": 2, "of": of}),
        node.map(lambda one: {"not": one}),
    ),
    max_leaves=8,
)
benefits = st.sampled_from(
    [
        {"rate": "10%", "of": "spend", "cap": 50000},
        {"band": {"of": "revenue", "steps": [{"from": 0, "amount": 10}, {"from": 100, "rate": "3%", "of": "spend"}]}},
        {"per_unit": 200, "of": "staff", "floor": 1000},
        {"choose_one": [{"fixed": 500}, {"rate": "1%", "of": "revenue", "cap": 900}]},
        {"tax_rate": {"from": "25%", "to": "15%", "of": "revenue"}},
    ]
)
