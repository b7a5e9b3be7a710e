"""A small vocabulary with a fact of every kind."""

from companies.facts import Vocabulary, read_vocabulary


def _said(word: str, zh: str) -> dict[str, str]:
    return {"en": word, "zh": zh}


def _fact(name: str, kind: str, en: str, zh: str, **more) -> dict:
    plain = {"fact": name, "kind": kind, "label": _said(en, zh), "effort": "slow"}
    if "derived" not in more:
        plain["question"] = _said(f"{en}?", f"{zh}？")
    return {**plain, **more}


LISTS = {
    "papers": [{"key": "social_insurance", "label": _said("Social insurance list", "社保缴纳名单")}],
    "certificates": [
        {"key": "hnte", "label": _said("High-tech enterprise", "国家高新技术企业"), "validity_years": 3},
        {"key": "little_giant", "label": _said("Little giant", "小巨人"), "aliases": ["专精特新小巨人"]},
    ],
    "sectors": [
        {"key": "health", "label": _said("Health", "医药健康")},
        {"key": "energy", "label": _said("Advanced energy", "先进能源")},
    ],
}
PLAIN = {
    "10-basics": {
        "section": {"key": "basics", "title": _said("Basics", "基本情况")},
        "facts": [
            _fact("listed", "yes_no", "Listed", "是否上市"),
            _fact("founding_day", "day", "Founding day", "成立日期", effort="fixed"),
            _fact(
                "legal_form", "one_of", "Legal form", "组织形式",
                choices=[
                    {"key": "enterprise", "label": _said("Enterprise", "企业"), "aliases": ["公司"]},
                    {"key": "university", "label": _said("University", "高校")},
                ],
            ),
            _fact("sectors", "many_of", "Sectors", "所属产业", choices={"from": "sectors"}),
            _fact("certificates", "certificates", "Certificates", "资质证书", choices={"from": "certificates"}),
        ],
    },
    "30-finance": {
        "section": {"key": "finance", "title": _said("Finance", "财务")},
        "facts": [
            _fact("employees", "whole", "Employees", "员工数", unit=_said("people", "人"), papers=["social_insurance"]),
            _fact("revenue_y1", "money", "Revenue", "营业收入", period="y1", aliases=["收入"]),
            _fact("net_profit_y1", "money", "Net profit", "净利润", minimum="-1000000000000"),
            _fact("market_share", "ratio", "Market share", "市场占有率", minimum=0, maximum=1),
            _fact("score", "number", "Score", "得分", minimum=0, maximum=100),
            _fact("revenue_per_head", "money", "Revenue per head", "人均收入", derived="revenue_y1 / employees"),
        ],
    },
}  # fmt: skip


def small_vocabulary() -> Vocabulary:
    """The small vocabulary; a fault in it fails the test at once."""
    vocabulary, faults = read_vocabulary(PLAIN, LISTS)
    assert not faults, faults
    return vocabulary
