"""The Chinese words for verbs, kinds of objects and fields of events."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

GROUPS = {
    "accounts": "账号",
    "postings": "岗位授权",
    "posts": "岗位",
    "tenures": "任职",
    "exceptions": "例外授权",
    "tokens": "接口令牌",
    "divisions": "区划",
    "bodies": "单位",
    "body_kinds": "单位类别",
    "marks": "区划标记",
    "regulation": "细则",
    "duties": "责任",
    "progress": "进展",
    "evidence": "佐证",
    "file": "文件",
    "plans": "计划",
    "reports": "报告",
    "report_kind": "报告种类",
    "figures": "指标数据",
    "indicator": "指标",
    "deadlines": "时限",
    "alerts": "预警",
    "feedback": "意见建议",
    "outbox": "通知",
    "jobs": "后台任务",
    "api": "接口",
    "audit": "审计",
    "setup": "初始化",
    "demo": "演示数据",
}
ACTS = {
    "sign_in": "登录",
    "sign_out": "退出",
    "sign_in_failed": "登录失败",
    "locked": "登录锁定",
    "password_changed": "本人改口令",
    "call": "调用",
    "create": "新建",
    "make": "新建",
    "start": "新建",
    "open": "新建",
    "update": "修改",
    "save": "保存",
    "set": "填写",
    "import": "导入",
    "end": "结束",
    "begin": "开始",
    "give": "授予",
    "grant": "授予",
    "revoke": "收回",
    "issue": "签发",
    "enable": "启用",
    "disable": "停用",
    "reset_password": "重置口令",
    "print_passwords": "打印初始口令",
    "hand_over": "交接",
    "hand_over_confirmed": "确认交接",
    "add": "添加",
    "discard": "作废",
    "attach": "添加",
    "detach": "移除",
    "store": "上传",
    "assign": "生成清单",
    "extend": "延伸到开发区",
    "not_applicable": "认定不适用",
    "reinstate": "收回不适用",
    "settle_marks": "按标记认定",
    "done": "完成",
    "year": "生成年度",
    "adopt": "启用",
    "correct": "更正",
    "interpret": "作解释",
    "local_measure": "登记本地措施",
    "slip": "更正单",
    "slip.approve": "同意更正",
    "ask_approval": "送审签",
    "approve": "审签同意",
    "decline": "审签退回",
    "submit": "报送",
    "withdraw": "撤回",
    "take_up": "开始审核",
    "return": "退回",
    "pass": "通过",
    "forward": "通过并转上一级",
    "canned": "改常用意见",
    "archive": "归档",
    "collect": "取数",
    "say": "提出",
    "answer": "答复",
    "closed": "结束",
    "scanned": "检查",
    "retried": "重发",
    "run_cancel": "取消",
    "letter_handled": "处理",
    "rename": "更名",
    "recode": "改代码",
    "merge": "合并",
    "split": "拆分",
    "transfer": "划转",
    "abolish": "撤销",
    "past": "导入沿革",
    "opened": "建立",
    "recomputed": "重算",
    "rule_changed": "改规则",
    "rules_imported": "导入规则",
    "day_declared": "登记工作日",
    "day_voided": "作废工作日登记",
    "paused": "暂停",
    "resumed": "恢复",
    "settled": "办结",
    "reopened": "重新打开",
    "open_revision": "开修订稿",
    "revise": "修订下达",
    "reach": "登记受益户数",
    "allocate": "编制资金分配",
    "allocation_adopt": "审定资金分配",
    "waived": "免办",
    "void": "作废",
    "explained": "说明",
    "explanation_accepted": "采纳说明",
    "explanation_refused": "不采纳说明",
    "verify": "核验",
    "ask": "要求核验",
    "export": "导出",
    "version": "拟新版本",
    "section_add": "加章节",
    "section_save": "改章节",
    "section_move": "调整章节次序",
    "section_remove": "移除章节",
    "cell_add": "加指标",
    "cell_move": "调整指标次序",
    "cell_remove": "移除指标",
    "wish_add": "拟新增数据",
    "wish_remove": "不再新增数据",
    "wish_answered": "改为引用",
    "check_add": "加校验",
    "check_remove": "移除校验",
    "propose": "报准入",
    "admit": "准入",
    "send_back": "不准入",
    "retire": "停用",
    "no_data": "答无此数据",
}


def verb_words(verb: str) -> str:
    """Return a verb in Chinese, such as 进展：报送; an unknown part stays as written."""
    group, _, act = verb.partition(".")
    known = GROUPS.get(group, group)
    return f"{known}：{ACTS.get(act, act)}" if act else known


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of objects of this system (key, Chinese), in the order of the words."""
    models = [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in ("responsibility", "accounts")
    ]
    return sorted(
        ((model._meta.label_lower, str(model._meta.verbose_name)) for model in models),
        key=lambda pair: pair[1],
    )


def target_words(target: str) -> str:
    """Return the kind of an object in Chinese."""
    try:
        return str(apps.get_model(target)._meta.verbose_name)
    except (LookupError, ValueError):
        return target


def field_words(target: str, name: str) -> str:
    """Return a field of an object in Chinese; what is no field stays as written."""
    try:
        field = apps.get_model(target)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))
