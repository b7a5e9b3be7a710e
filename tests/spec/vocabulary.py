"""A vocabulary small enough to know by heart, for the tables of the language."""

from companies.facts import read_vocabulary


def _fact(name: str, kind: str, zh: str, **more: object) -> dict[str, object]:
    label = {"en": name.replace("_", " "), "zh": zh}
    return {"fact": name, "kind": kind, "label": label, "question": label, "effort": "slow", **more}


def _choice(key: str, zh: str) -> dict[str, object]:
    return {"key": key, "label": {"en": key, "zh": zh}}


_LISTS = {
    "certificates": [
        {"key": "hnte", "label": {"en": "high-tech", "zh": "高新"}, "validity_years": 3},
        {"key": "title", "label": {"en": "title", "zh": "称号"}},
    ]
}
_PLAIN = {
    "10-all": {
        "section": {"key": "all", "title": {"en": "All", "zh": "全部"}},
        "facts": [
            _fact("staff", "whole", "员工人数", maximum=100000),
            _fact("revenue", "money", "营业收入"),
            _fact("spend", "money", "研发费用"),
            _fact("share", "ratio", "占比", minimum=0, maximum=1),
            _fact("founded_on", "day", "成立日期"),
            _fact("foreign", "yes_no", "外资"),
            _fact("listed", "yes_no", "上市"),
            _fact("stage", "one_of", "阶段", choices=[_choice("seed", "种子期"), _choice("grown", "成长期")]),
            _fact("fields", "many_of", "领域", choices=[_choice("health", "健康"), _choice("energy", "能源")]),
            _fact("certificates", "certificates", "资质", choices={"from": "certificates"}),
            {
                "fact": "ratio",
                "kind": "ratio",
                "label": {"en": "ratio", "zh": "比率"},
                "derived": "spend / revenue",
                "effort": "slow",
            },
        ],
    }
}
VOCABULARY, _FAULTS = read_vocabulary(_PLAIN, _LISTS)
assert not _FAULTS
