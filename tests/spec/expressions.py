"""Tables of the language, as data: what is known, the expression, and what it must come to. For every evaluator."""

YES, NO, UNKNOWN = "yes", "no", "unknown"
CERTIFICATE = {"kind": "hnte", "issued": "2023-11-25", "expires": "2026-11-24"}

# Each row: title, facts, expression, answer. The day is 2026-11-24.
ROWS = [
    # Kleene's tables, through facts
    ("yes and yes", {"foreign": True, "listed": True}, "foreign and listed", YES),
    ("yes and no", {"foreign": True, "listed": False}, "foreign and listed", NO),
    ("no and unknown", {"foreign": False}, "foreign and listed", NO),
    ("yes and unknown", {"foreign": True}, "foreign and listed", UNKNOWN),
    ("unknown and unknown", {}, "foreign and listed", UNKNOWN),
    ("no or no", {"foreign": False, "listed": False}, "foreign or listed", NO),
    ("yes or unknown", {"foreign": True}, "foreign or listed", YES),
    ("no or unknown", {"foreign": False}, "foreign or listed", UNKNOWN),
    ("not unknown", {}, "not foreign", UNKNOWN),
    ("not no", {"foreign": False}, "not foreign", YES),
    # thresholds, on both sides and on the line
    ("one below", {"staff": 19}, "staff >= 20", NO),
    ("on the line", {"staff": 20}, "staff >= 20", YES),
    ("above", {"staff": 20}, "staff > 20", NO),
    ("a fen below", {"revenue": "49999999.99"}, "revenue >= 5000万", NO),
    ("exactly", {"revenue": "50000000"}, "revenue >= 5000万", YES),
    ("a chain", {"staff": 20}, "20 <= staff < 300", YES),
    ("outside a chain", {"staff": 300}, "20 <= staff < 300", NO),
    # bounds settle what is unknown
    ("never below its bound", {}, "staff >= 0", YES),
    ("never above its bound", {}, "staff > 100000", NO),
    ("within its bounds", {}, "staff >= 20", UNKNOWN),
    # quotients
    ("exact ratio", {"spend": "2500000", "revenue": "50000000"}, "spend / revenue >= 5%", YES),
    ("a fen short", {"spend": "2499999.99", "revenue": "50000000"}, "spend / revenue >= 5%", NO),
    ("a derived ratio", {"spend": "2500000", "revenue": "50000000"}, "ratio >= 5%", YES),
    ("over a known zero", {"spend": "1", "revenue": "0"}, "spend / revenue >= 5%", UNKNOWN),
    ("zero is possible", {"spend": "1"}, "spend / revenue >= 0", UNKNOWN),
    # bands
    (
        "band below its edge",
        {"revenue": "49999999.99", "share": "5%"},
        "share >= band(revenue, [0, 6%], [5000万, 4%])",
        NO,
    ),
    ("band on its edge", {"revenue": "50000000", "share": "5%"}, "share >= band(revenue, [0, 6%], [5000万, 4%])", YES),
    ("holds in every band", {"share": "7%"}, "share >= band(revenue, [0, 6%], [5000万, 4%])", YES),
    ("fails in every band", {"share": "3%"}, "share >= band(revenue, [0, 6%], [5000万, 4%])", NO),
    ("depends on the band", {"share": "5%"}, "share >= band(revenue, [0, 6%], [5000万, 4%])", UNKNOWN),
    # choices
    ("the choice", {"stage": "seed"}, 'stage == "seed"', YES),
    ("another choice", {"stage": "grown"}, 'stage == "seed"', NO),
    ("any choice will do", {}, 'stage in ["seed", "grown"]', YES),
    ("unknown choice", {}, 'stage == "seed"', UNKNOWN),
    ("one of many", {"fields": ["health"]}, '"health" in fields', YES),
    ("none at all", {"fields": []}, '"health" in fields', NO),
    ("many unknown", {}, '"health" in fields', UNKNOWN),
    ("some in common", {"fields": ["energy"]}, 'fields in ["health", "energy"]', YES),
    # certificates: valid on the day, the last day included
    ("valid on its last day", {"certificates": [CERTIFICATE]}, 'holds("hnte")', YES),
    ("over since yesterday", {"certificates": [{**CERTIFICATE, "expires": "2026-11-23"}]}, 'holds("hnte")', NO),
    (
        "issued tomorrow",
        {"certificates": [{"kind": "hnte", "issued": "2026-11-25", "expires": "2029-11-24"}]},
        'holds("hnte")',
        NO,
    ),
    ("last day not known", {"certificates": [{"kind": "hnte"}]}, 'holds("hnte")', UNKNOWN),
    ("one that never ends", {"certificates": [{"kind": "title"}]}, 'holds("title")', YES),
    ("none held", {"certificates": []}, 'holds("hnte")', NO),
    ("not said", {}, 'holds("hnte")', UNKNOWN),
    # completed years and months
    ("a year to the day", {"founded_on": "2025-11-24"}, "years_since(founded_on) >= 1", YES),
    ("a day short of a year", {"founded_on": "2025-11-25"}, "years_since(founded_on) >= 1", NO),
    ("months", {"founded_on": "2024-01-31"}, "months_since(founded_on) == 33", YES),
    # what people type
    ("Chinese name and sign", {"revenue": "20000000"}, "营业收入 ≥ 2000万", YES),
    ("full-width figures", {"share": "5%"}, "占比 ＞＝ ５％", YES),
]
