"""Every right there is: one enum, so that a misspelt right cannot silently be False."""

from enum import StrEnum


class Right(StrEnum):
    """What somebody may do within a territory; also the codenames of permissions on divisions."""

    VIEW = "view_business"
    LOG_PROGRESS = "log_progress"
    LOG_FOR_LOWER = "log_for_lower"
    REVIEW = "review_submissions"
    SUBMIT = "submit_upward"
    APPROVE = "approve_upward"
    SIGN = "sign_letters"
    ARCHIVE = "archive_reports"
    CORRECT = "approve_corrections"
    EXPLAIN = "explain_overdue"
    ACCEPT_EXPLANATION = "accept_explanations"
    MANAGE_REGULATIONS = "manage_regulations"
    RECORD_MEASURES = "record_local_measures"
    MANAGE_DUTIES = "manage_duties"
    MANAGE_DEADLINES = "manage_deadlines"
    MANAGE_FIGURES = "manage_figures"
    MANAGE_REPORT_KINDS = "manage_report_kinds"
    MANAGE_PLANS = "manage_plans"
    MANAGE_LETTERS = "manage_letters"
    MANAGE_ASSESSMENTS = "manage_assessments"
    MANAGE_DIVISIONS = "manage_divisions"
    MANAGE_POSTINGS = "manage_postings"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_EXCEPTIONS = "manage_exceptions"
    EXPLAIN_SCOPE = "explain_scope"
    ANSWER_FEEDBACK = "answer_feedback"
    INSPECT = "inspect"
    VIEW_AUDIT = "view_audit"
    VIEW_JOBS = "view_jobs"
    API_READ = "api_read"
    API_WRITE = "api_write"


RIGHT_LABELS: dict[Right, str] = {
    Right.VIEW: "查看业务数据",
    Right.LOG_PROGRESS: "记录履责情况",
    Right.LOG_FOR_LOWER: "代下级填报",
    Right.REVIEW: "审核下级报送",
    Right.SUBMIT: "向上级报送",
    Right.APPROVE: "审签上报",
    Right.SIGN: "签订责任书",
    Right.ARCHIVE: "归档",
    Right.CORRECT: "批准更正",
    Right.EXPLAIN: "说明逾期情况",
    Right.ACCEPT_EXPLANATION: "受理情况说明",
    Right.MANAGE_REGULATIONS: "维护细则",
    Right.RECORD_MEASURES: "登记本地办法",
    Right.MANAGE_DUTIES: "维护责任清单",
    Right.MANAGE_DEADLINES: "维护时限规则",
    Right.MANAGE_FIGURES: "维护指标",
    Right.MANAGE_REPORT_KINDS: "维护报表种类",
    Right.MANAGE_PLANS: "下达计划",
    Right.MANAGE_LETTERS: "起草责任书",
    Right.MANAGE_ASSESSMENTS: "组织考核",
    Right.MANAGE_DIVISIONS: "维护行政区划",
    Right.MANAGE_POSTINGS: "维护岗位任职",
    Right.MANAGE_ACCOUNTS: "维护账号",
    Right.MANAGE_TOKENS: "维护接口令牌",
    Right.MANAGE_EXCEPTIONS: "授予例外权限",
    Right.EXPLAIN_SCOPE: "查询权限来由",
    Right.ANSWER_FEEDBACK: "答复意见建议",
    Right.INSPECT: "督查",
    Right.VIEW_AUDIT: "查看审计日志",
    Right.VIEW_JOBS: "查看后台任务",
    Right.API_READ: "接口读取",
    Right.API_WRITE: "接口写入",
}
