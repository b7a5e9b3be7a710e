"""Words for the small closed lists of a policy file, in both languages."""

from companies.facts import Kind, Text

CLOSED_WORDS: dict[str, Text] = {
    "in_force": Text("in force", "有效"),
    "in_force_presumed": Text("presumed in force", "推定有效"),
    "unknown": Text("not known whether in force", "是否有效不明"),
    "possibly_revised": Text("possibly revised", "可能已修订"),
    "partly_superseded": Text("partly superseded", "部分被替代"),
    "superseded": Text("superseded", "已被替代"),
    "expired_presumed": Text("presumed expired", "推定已到期"),
    "presumed": Text("presumed in force", "推定有效"),
    "not_yet": Text("not in force yet", "尚未生效"),
    "ended": Text("ended or replaced", "已失效或被替代"),
    "stated": Text("stated by a source", "来源明示"),
    "inferred": Text("inferred by us", "我们推断"),
    "unconfirmed": Text("not confirmed", "未证实"),
    "high": Text("official text seen", "见过官方原文"),
    "medium": Text("from press or a summary", "来自报道或摘要"),
    "low": Text("not yet checked against an official text", "尚未与官方原文核对"),
    "open": Text("open now", "正在受理"),
    "opens_on": Text("opens later", "尚未开始受理"),
    "closed": Text("closed", "已截止"),
    "rolling": Text("open all year", "常年受理"),
    "fixed": Text("fixed days", "固定日期"),
    "yearly": Text("once a year", "每年一次"),
    "batches": Text("in batches", "分批受理"),
    "no_application": Text("no application needed", "无需申请"),
    "not_announced": Text("not announced", "未公布"),
    "company": Text("companies", "企业"),
    "person": Text("people", "个人"),
    "investment_agency": Text("investment agencies", "招商机构"),
    "park_operator": Text("park operators", "园区运营方"),
    "incubator": Text("incubators", "孵化器"),
    "maker_and_user": Text("makers and users", "生产方和使用方"),
    "local_government": Text("local governments", "地方政府"),
    "draft": Text("draft", "草稿"),
    "in_review": Text("in review", "审核中"),
    "published": Text("published", "已发布"),
    "retired": Text("retired", "已停用"),
    "all": Text("All of these:", "须全部满足："),
    "any": Text("At least one of these:", "至少满足其一："),
    "not": Text("This must not hold:", "不得有以下情形："),
    "judged": Text("decided by people", "由人判断"),
    "not_modelled": Text("not computed here", "未在此计算"),
}

VERDICT_WORDS: dict[str, Text] = {
    "eligible": Text("eligible", "符合"),
    "needs_review": Text("needs a review by people", "待人工评审"),
    "undetermined": Text("not known yet", "信息不足，暂不能判断"),
    "not_modelled": Text("partly not modelled", "部分条款未建模"),
    "ineligible": Text("not eligible", "不符合"),
    "error": Text("could not be evaluated", "计算出错"),
}

KIND_WORDS: dict[Kind, Text] = {
    Kind.YES_NO: Text("yes or no", "是或否"),
    Kind.WHOLE: Text("whole number", "整数"),
    Kind.NUMBER: Text("number", "数字"),
    Kind.MONEY: Text("money", "金额"),
    Kind.RATIO: Text("share in %", "比例（%）"),
    Kind.DAY: Text("day", "日期"),
    Kind.ONE: Text("one choice", "单选"),
    Kind.MANY: Text("several choices", "多选"),
    Kind.CERTIFICATES: Text("certificates", "资质证书"),
}
"""What kind of answer a fact takes."""


def closed_word(key: str) -> Text:
    """What a key of a closed list means; the key itself when it is not known."""
    return CLOSED_WORDS.get(key, Text(key, key))
