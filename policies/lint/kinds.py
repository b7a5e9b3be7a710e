"""The vocabulary of findings: what each code is about, why it matters, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companies.facts import Text

GROUPS: Mapping[str, Text] = {
    "rules": Text("Rules that cannot work", "无法起作用的规则"),
    "days": Text("Days and editions", "日期与版本"),
    "combining": Text("Offers that refer to others", "引用其他事项"),
    "doubles": Text("Said twice", "重复内容"),
    "money": Text("Money on weak ground", "依据不足的资金"),
    "sources": Text("Sources", "来源"),
    "cases": Text("Example cases", "案例"),
    "facts": Text("Facts", "事实项"),
    "drafts": Text("Versions in review", "审核中的版本"),
    "writing": Text("How it is written", "书写问题"),
}
SEVERITIES: Mapping[str, Text] = {
    "fault": Text("wrong now", "当前有误"),
    "soon": Text("a day to watch", "注意日期"),
    "info": Text("worth a look", "建议查看"),
}


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding: its group, a short name, why it matters, and what to do next."""

    group: str
    label: Text
    why: Text
    next: Text


def kind_of(code: str) -> FindingKind:
    """The kind behind a code; codes without an entry are slips in how a file is written."""
    return KINDS.get(code, _WRITING)


_DRAFT = Text(
    "Begin a draft of the policy, change it there, and have it reviewed.", "为该政策新建草稿，修改后提交审核。"
)
_BRANCH = Text(
    "Compare with the clause. Begin a draft and take the part out, or correct the number that makes it so.",
    "对照条款，新建草稿，删除该部分或更正相关数值。",
)
_NEVER = Text(
    "No company can ever get this offer, so every report says no.", "没有企业能获得该支持，所有报告都会显示不符合。"
)
_WRITING = FindingKind(
    "writing",
    Text("A slip in how it is written", "书写有误"),
    Text(
        "Nobody can publish this policy again while the slip is there, and people may read something wrong.",
        "在更正之前该政策无法再次发布，读者也可能被误导。",
    ),
    _DRAFT,
)
_LINK = Text("A reader of the report is sent to something that is not there.", "报告会把读者引向已不存在的事项。")

KINDS: Mapping[str, FindingKind] = {
    "impossible-rule": FindingKind(
        "rules", Text("No company can meet it", "没有企业能满足"), _NEVER,
        Text("Compare the criteria with the clause: two of them contradict each other. Begin a draft and correct one.",
             "对照条款核对各项条件：其中必有矛盾。新建草稿更正。"),
    ),
    "never-holds": FindingKind("rules", Text("A criterion that cannot hold", "不可能成立的条件"), _NEVER, _BRANCH),
    "threshold-out-of-bounds": FindingKind(
        "rules", Text("A threshold out of bounds", "阈值超出范围"),
        Text("No answer that a company can give reaches it.", "企业填写的任何数值都无法触及该阈值。"),
        Text("Check zeros and units in the clause; correct the threshold, or the bounds of the fact.",
             "核对条款中的数位和单位，更正阈值或事实项的范围。"),
    ),
    "always-true-rule": FindingKind(
        "rules", Text("Every company meets it", "任何企业都满足"),
        Text("The report says yes to everybody, also to those whom the document does not mean.", "报告对所有企业都显示符合，包括文件并不针对的企业。"),
        _BRANCH,
    ),
    "always-holds": FindingKind(
        "rules", Text("A criterion that always holds", "恒成立的条件"),
        Text("It looks like a test and tests nothing.", "看似条件，实际不起作用。"), _BRANCH,
    ),
    "dead-branch": FindingKind(
        "rules", Text("A branch that never matters", "不起作用的分支"),
        Text("Readers take it for another way to qualify, and it never decides.", "读者会以为这是另一条途径，但它从不影响结论。"), _BRANCH,
    ),
    "needless-criterion": FindingKind(
        "rules", Text("A criterion that never decides", "多余的条件"),
        Text("It may stand there for a slip in another number.", "可能是其他数值有误的迹象。"), _BRANCH,
    ),
    "bands-overlap": FindingKind(
        "rules", Text("Bands that overlap", "分档重叠"),
        Text("Two amounts would fit one company.", "同一企业会对应两个金额。"), _DRAFT,
    ),
    "offer-shadowed": FindingKind(
        "doubles", Text("An offer that another always beats", "总被另一事项覆盖"),
        Text("Nobody is ever told to apply for it.", "系统永远不会建议申报该事项。"),
        Text("Check both amounts and both requirements against their clauses.", "对照条款核对两项的金额和条件。"),
    ),
    "offer-twice": FindingKind(
        "doubles", Text("The same offer in two documents", "两份文件中的相同事项"),
        Text("A company may be promised the same money twice.", "企业可能被重复承诺同一笔资金。"),
        Text("Take one of them out, or let them exclude each other.", "删除其一，或使二者互斥。"),
    ),
    "clause-twice": FindingKind(
        "doubles", Text("The same clause in two documents", "同一条款录入两次"),
        Text("A company may be promised the same money twice.", "企业可能被重复承诺同一笔资金。"),
        Text("Keep the offer in the policy that it belongs to.", "仅在所属政策中保留该事项。"),
    ),
    "document-twice": FindingKind(
        "doubles", Text("The same document twice", "同一文件录入两次"),
        Text("Changes would be made to one and forgotten in the other.", "修改一处容易遗漏另一处。"),
        Text("Put both into one policy and withdraw the other.", "合并为一项政策，并撤下另一项。"),
    ),
    "exclusion-one-way": FindingKind(
        "combining", Text("An exclusion on one side only", "单向排除"),
        Text("It holds both ways all the same, but who reads the other offer does not see it.", "互斥对双方均生效，但只看另一事项的读者看不到。"),
        Text("Say the exclusion in both offers.", "在两个事项中都写明互斥。"),
    ),
    "refers-to-ended": FindingKind(
        "combining", Text("Refers to something that has ended", "引用已失效的内容"), _LINK,
        Text("Name what took its place, or take the reference out.", "改为现行事项，或删除该引用。"),
    ),
    "unknown-offer": FindingKind(
        "combining", Text("Refers to an offer that is not there", "引用不存在的事项"), _LINK,
        Text("Name what took its place, or take the reference out.", "改为现行事项，或删除该引用。"),
    ),
    "needs-cycle": FindingKind("combining", Text("Offers that need each other", "相互依赖"), _NEVER, _DRAFT),
    "certificate-run-out": FindingKind(
        "combining", Text("Asks for a title that has run out", "要求已失效的资质"), _NEVER,
        Text("Ask for the title that took its place, if the document allows it.", "如文件允许，改为要求现行资质。"),
    ),
    "window-closing": FindingKind(
        "days", Text("A window about to close", "申报即将截止"),
        Text("Companies that are eligible have few days left.", "符合条件的企业所剩时间不多。"),
        Text("Tell the companies concerned; look out for the next window.", "提醒相关企业，并留意下一申报期。"),
    ),
    "window-past": FindingKind(
        "days", Text("A window that is over", "申报期已过"),
        Text("The report says “closed”, though a new window may have been announced.", "报告显示“已截止”，但可能已公布新的申报期。"),
        Text("Look for the new notice. Enter its days in a draft, or say that none is announced.", "查找新通知，在草稿中填写新日期，或改为“未公布”。"),
    ),
    "edition-ending": FindingKind(
        "days", Text("An edition about to end", "版本即将失效"),
        Text("From the day after, the offers count as ended.", "自次日起其支持事项将视为失效。"),
        Text("Ask the issuer whether it is prolonged or replaced, and prepare the new edition as a draft.", "向发布单位核实是否延续或替代，并准备新版本草稿。"),
    ),
    "edition-ended": FindingKind(
        "days", Text("An edition that has ended", "版本已失效"),
        Text("Its page says two things at once.", "页面信息前后矛盾。"),
        Text("Correct its status, or its last day if it was prolonged; withdraw it if it is of no use.", "更正状态，如已延续则更正截止日；不再需要时撤下。"),
    ),
    "superseded-in-force": FindingKind(
        "days", Text("Replaced, but still in force here", "已被替代但仍有效"),
        Text("A company may be promised what only the old edition gave.", "企业可能被承诺旧版本才有的支持。"),
        Text("Read the new edition: write down the day on which the old one ended.", "查阅新版本，填写旧版本的失效日期。"),
    ),
    "source-unread": FindingKind(
        "sources", Text("A source not read for a year", "来源一年未核对"),
        Text("The document may have changed meanwhile.", "文件可能已有变化。"),
        Text("Open the source, compare, and enter today's month under “checked” in a draft.", "打开来源核对，并在草稿中更新核对月份。"),
    ),
    "source-unknown": FindingKind(
        "sources", Text("A policy without a source", "没有来源的政策"),
        Text("Nobody can check what it says, and it cannot be published again.", "内容无从核实，也无法再次发布。"),
        Text("Find the official address and enter it, or withdraw the policy.", "查找官方网址并填写，或撤下该政策。"),
    ),
    "missing-source": FindingKind(
        "sources", Text("A source is missing", "缺少来源"),
        Text("Nobody can check what it says, and it cannot be published again.", "内容无从核实，也无法再次发布。"),
        Text("Find the official address and enter it, or withdraw the policy.", "查找官方网址并填写，或撤下该政策。"),
    ),
    "money-unsure": FindingKind(
        "money", Text("Money on a source of low confidence", "资金依据可信度低"),
        Text("Companies plan with this money.", "企业会据此安排资金。"),
        Text("Look for the official text; raise the confidence, or say that the amount is to be confirmed.", "查找官方原文，据此提高可信度，或改为金额待确认。"),
    ),
    "amount-to-confirm": FindingKind(
        "money", Text("An amount to be confirmed", "金额待确认"),
        Text("The best combination cannot count it.", "最优组合无法计入该金额。"),
        Text("Ask the issuer, or look for the implementing rules.", "向发布单位询问，或查找实施细则。"),
    ),
    "fact-unused": FindingKind(
        "facts", Text("A fact that nothing uses", "无规则使用的事实项"),
        Text("A form may ask it in vain.", "表单可能白白询问。"),
        Text("Leave it if a policy on its way needs it; else take it out of the vocabulary.", "如即将用到可保留，否则从词表中删除。"),
    ),
    "fact-only-ended": FindingKind(
        "facts", Text("A fact that only ended policies use", "仅失效政策使用的事实项"),
        Text("A form asks it in vain.", "表单白白询问。"),
        Text("Leave it if an edition to come needs it; else take it out of the vocabulary.", "如新版本会用到可保留，否则从词表中删除。"),
    ),
    "not-asked": FindingKind(
        "facts", Text("A fact that nobody asks", "无人询问的事实项"),
        Text("Rules that need it never come to an answer.", "依赖它的规则永远得不到结论。"),
        Text("Give it a question in both languages.", "补充双语问题。"),
    ),
    "case-differs-today": FindingKind(
        "cases", Text("Example cases that time has overtaken", "随时间变化的案例"),
        Text("Often only a certificate that has run out since; but it may show an edition that has moved on.", "通常只是证书已过期，也可能说明政策已变化。"),
        Text("If the rule still says what the document says, set this aside; else correct the rule.", "如规则仍与文件一致，可暂缓处理；否则更正规则。"),
    ),
    "case-verdict": FindingKind(
        "cases", Text("An example case that comes out otherwise", "案例结论不符"),
        Text("Either the rule or the case is wrong.", "规则或案例必有一误。"), _DRAFT,
    ),
    "case-amount": FindingKind(
        "cases", Text("An example case with another amount", "案例金额不符"),
        Text("Either the rule or the case is wrong.", "规则或案例必有一误。"), _DRAFT,
    ),
    "review-faulty": FindingKind(
        "drafts", Text("In review, and cannot be published", "审核中但无法发布"),
        Text("Its publication would be stopped, also one that is planned.", "发布会被拦下，已计划的发布也不例外。"),
        Text("Return it to its author with the faults.", "连同问题退回给起草人。"),
    ),
}  # fmt: skip
