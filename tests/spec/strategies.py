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


def _grants(of):
    amounts = st.sampled_from([0, 10, "123456.78", 50000]).map(lambda amount: {"amount": amount})
    rates = st.tuples(st.sampled_from(["0%", "3%", "33.33%"]), of).map(lambda one: {"rate": one[0], "of": one[1]})
    return st.one_of(amounts, rates)


def benefits_over(of):
    """Benefits of every form whose bases are these expressions of amounts."""
    limits = st.fixed_dictionaries(
        {}, optional={"floor": st.sampled_from([0, 1000]), "cap": st.sampled_from([1000, 50000])}
    )
    steps = st.lists(_grants(of), min_size=2, max_size=3).map(
        lambda grants: [{"from": start, **grant} for start, grant in zip((0, 100, 50000000), grants, strict=False)]
    )
    levels = st.tuples(_grants(of), _grants(of)).map(
        lambda two: {"fact": "stage", "levels": {"seed": two[0], "grown": two[1]}}
    )
    paying = st.one_of(
        st.sampled_from([0, 500, "0.01"]).map(lambda amount: {"fixed": amount}),
        of.map(lambda base: {"rate": "12.5%", "of": base}),
        of.map(lambda base: {"matching": base, "rate": "50%"}),
        st.tuples(of, steps).map(lambda one: {"band": {"of": one[0], "steps": one[1]}}),
        st.tuples(of, steps, of).map(lambda one: {"difference": {"of": one[0], "steps": one[1], "less": one[2]}}),
        levels.map(lambda by: {"by": by}),
        st.just({"per_unit": 200, "of": "staff"}),
        of.map(lambda base: {"tax_rate": {"from": "25%", "to": "15%", "of": base}}),
        of.map(lambda base: {"tax_deduction": {"extra": "100%", "of": base, "at": "25%"}}),
        of.map(lambda base: {"tax_credit": {"rate": "5%", "of": base}}),
        of.map(
            lambda base: {
                "tax_bands": {
                    "of": base,
                    "at": "25%",
                    "steps": [{"from": 0, "to": 100, "taxed": "0%"}, {"from": 100, "taxed": "50%"}],
                }
            }
        ),
    )
    limited = st.tuples(paying, limits).map(
        lambda one: (
            {**one[0], **one[1]}
            if not {"fixed", "tax_rate", "tax_deduction", "tax_credit", "tax_bands"} & set(one[0])
            else one[0]
        )
    )
    alone = st.one_of(limited, st.sampled_from([{"up_to": 900}, {"in_kind": SAID}, {"to_confirm": SAID}]))
    return st.one_of(alone, st.lists(alone, min_size=2, max_size=3).map(lambda of_: {"choose_one": of_}))


bases = st.sampled_from(
    ["spend", "revenue", "revenue - spend", "max(spend, revenue)", "spend * share", "revenue / 3", "spend / staff", "spend * ratio",
     "band(revenue, [100, 20], [50000000, 30])", "(spend if foreign else revenue)"]
)  # fmt: skip
