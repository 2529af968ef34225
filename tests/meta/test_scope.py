"""Every address with an object, as every stranger: nothing of another territory is ever seen.

The objects all lie in 李海务街道 (江北水城旅游度假区). 东昌府区, whose code prefix the street's
code carries, 冠县, and the administrators without business content are strangers to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from responsibility.alerts.models import Alert
from responsibility.assessments.models import AssessmentRun, LeafEvidence, Rectification
from responsibility.assessments.services import freezing, running, schemes
from responsibility.common import clock
from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.services.opening import Opening, of_subject, open_many
from responsibility.divisions.models import DivisionMark, MarkKind
from responsibility.figures.models import FigureValue
from responsibility.files.services import store_upload
from responsibility.letters.models import Letter, LetterKind
from responsibility.plans.services.drafting import open_plan
from responsibility.progress.services import entries, review
from responsibility.reports.models import Report, ReportFile, ReportKind, ReportSlip
from tests.assessments import maker
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_duty, make_indicator

STREET = "371502011"
STRANGERS = (
    "office-371502",
    "recorder-371502",
    "reviewer-371502",
    "secretary-371502",
    "recorder-371502001",
    "office-371525",
    "admin-371525",
    "recorder-371525001001",
    "member-3715",
    "system-3715",
    "audit-3715",
)
OPEN = {
    "regulation_draft": "the text is for everybody with a posting; the right is asked first",
    "clause_correct": "as regulation_draft",
    "article": "the text is for everybody with a posting",
    "article_interpret": "the text is for everybody; the right is asked",
    "article_measure": "the text is for everybody; the place is a form choice in scope",
    "duty": "the catalogue is for everybody with a posting",
    "duty_extend": "the catalogue is for everybody; the right is asked",
    "deadline_rule": "rules and their basis are for everybody with a posting",
    "deadline_rule_change": "as deadline_rule; the right is asked",
    "deadline_void_day": "the calendar is the city's; the right is asked",
    "indicator": "the dictionary is for everybody with a posting; numbers are in scope",
    "indicator_change": "the dictionary is for everybody; the right is asked",
    "indicator_retire": "as indicator_change",
    "division_change": "scoped by the divisions of the change: tests/divisions",
    "division_unit_end": "tests/divisions",
    "feedback_answer": "one's own or the office's: tests/dashboard",
    "inbox_read": "one's own: tests/outbox",
    "delivery_retry": "system administrators only: tests/outbox",
    "letter_retry": "system administrators only: tests/jobs",
    "letter_settle": "system administrators only: tests/jobs",
    "receipt_sheet": "the uploader's own: tests/jobs",
    **dict.fromkeys(
        ("webhook", "webhook_act", "webhook_replay"),
        "the security administrator's alone: tests/outbox/test_hook_pages.py",
    ),
    "api-assessment-schemes-detail": "issued schemes are for everybody: tests/assessments",
    "run": "one's own or the system administrator's: tests/jobs",
    "run_sheet": "as run",
    "run_cancel": "one's own or the system administrator's: tests/jobs",
    **dict.fromkeys(
        (
            "report_kind",
            "report_kind_edit",
            "report_kind_act",
            "report_kind_gate",
            "report_kind_section",
        ),
        "kinds belong to no place; drafts are the office's: tests/reports/test_kind_pages.py",
    ),
    **dict.fromkeys(
        ("scheme", "scheme_act", "scheme_edit", "scheme_trial", "scheme_leaf", "scheme_file"),
        "issued schemes are for everybody, drafts in scope: tests/assessments/test_scheme_pages.py",
    ),
    "plan_hand_down": "scoped by the child it reached: tests/plans",
    "allocation": "scoped by its body: tests/plans",
    "allocation_act": "as allocation",
    "api-regulations-detail": "the text is for every token with the scope",
    "api-articles-detail": "as above",
    "api-clauses-detail": "as above",
    "api-duties-detail": "the catalogue is for every token with the scope",
    "api-indicators-detail": "the dictionary is for every token with the scope",
    "api-report-kinds-detail": "the kinds are for every token with the scope",
}
ELSEWHERE = ("account_", "posting_", "post_", "tenure_", "hand_over", "exception_", "token_")
"""Addresses of accounts and posts: their own scope tests are in tests/postings."""


@dataclass
class Objects:
    """One object of each kind in the street, by the names of the addresses that show it."""

    by_name: dict[str, list[Any]]


def addresses() -> Iterator[str]:
    """Return the names of all addresses that take an object."""

    def walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
        for item in resolver.url_patterns:
            route = prefix + str(item.pattern)
            if isinstance(item, URLResolver):
                yield from walk(item, route)
            elif isinstance(item, URLPattern) and "<" in route and item.name:
                yield item.name

    yield from walk(get_resolver())


@pytest.fixture
def objects(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Objects:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))
    recorder, reviewer = cast.user(f"recorder-{STREET}"), cast.user("reviewer-3715Z3")
    place, body = cast.place(STREET), cast.main(STREET)
    make_duty(cast).indicators.add(make_indicator(cast, tier="township"))
    assignment = make_assignment(cast, STREET)
    entry = entries.start(by=recorder, assignment=assignment)
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF")
    stored, _ = store_upload(by=recorder, upload=upload)
    evidence, _ = entries.attach(by=recorder, entry=entry, file=stored, name="a.pdf")
    content = entries.Content(text="走访", figures={"visits": 3})  # type: ignore[dict-item]
    entries.save_draft(by=recorder, entry=entry, content=content)
    entry = review.pass_entry(by=reviewer, entry=entries.submit(by=recorder, entry=entry))
    slip = review.request_slip(by=recorder, entry=entry, item="text", new_value="改", reason="改")
    DeadlineRule.objects.create(
        key="r", title="r", anchor="date", month_day="12-31", basis="local", basis_text="测试"
    )
    wish = Opening("r", "duties.assignment", assignment.public_id, "事", place.pk, body.pk, "2020")
    open_many(openings=[wish], by=None)
    deadline = of_subject("duties.assignment", assignment.public_id)[0]
    explanation = deadline.explanations.create(text="因雨延期", by=recorder)
    mark_kind = MarkKind.objects.create(key="m", name="标记", tier="township")
    mark = DivisionMark(kind=mark_kind, validity=(date(2019, 1, 1), None), basis="测试")
    mark.place(place)
    mark.save()
    alert = Alert(kind="no_recorder", subject_type="x", subject_id=place.public_id, period="2020")
    alert.title, alert.found_on = "缺岗", date(2020, 1, 1)
    alert.place(place)
    alert.save()
    kind = ReportKind.objects.create(
        programme=cast.programme, key="k", title="报告", article="11", basis="测试"
    )
    report = Report(kind=kind, body=body, period="2020", recorder=recorder)
    report.place(place)
    report.save()
    report_slip = ReportSlip.objects.create(
        submission=report, item="x", old_value="1", new_value="2", reason="r", requested_by=recorder
    )
    papers = kind.sections.create(key="papers", title="附件", section_kind="files", position=1)
    report_file = ReportFile.objects.create(
        report=report, section=papers, file=stored, name="a.pdf", uploaded_by=recorder
    )
    letter_kind = LetterKind.objects.create(
        programme=cast.programme,
        key="l",
        title="责任书",
        basis_kind="local",
        basis="测试",
        own_signers=["head"],
        template="甲",
    )
    letter = Letter(
        kind=letter_kind,
        body=body,
        counter=cast.main("3715Z3"),
        year=2020,
        status="consulting",
        basis_line="测试",
    )
    letter.place(place)
    letter.save()
    remark = letter.remarks.create(text="偏高", by=recorder)
    scan = letter.scans.create(file=evidence.file, name="a.pdf", uploaded_by=recorder)
    figure = FigureValue.objects.get(body=body)
    plan = open_plan(by=recorder, body=body, period="2020")
    assessed = street_assessment(cast, evidence.file)
    one: dict[str, Any] = {
        **assessed,
        "duty_assignment": assignment,
        "duty_not_applicable": assignment,
        "duty_reinstate": assignment,
        **dict.fromkeys(
            ("progress_entry", "progress_act", "progress_upload", "progress_correct"), entry
        ),
        "progress_slip_decide": slip,
        "evidence_file": evidence,
        "evidence_void": evidence,
        **dict.fromkeys(
            (
                "report",
                "report_edit",
                "report_review",
                "report_act",
                "report_print",
                "report_docx",
                "report_xlsx",
                "report_sheet",
                "report_items",
                "report_no_data",
            ),
            report,
        ),
        "report_correct": report,
        "report_slip_decide": report_slip,
        "report_file": report_file,
        "report_detach": report_file,
        **dict.fromkeys(
            (
                "letter",
                "letter_act",
                "letter_remark",
                "letter_settlement",
                "letter_print",
                "letter_docx",
                "letter_scan_add",
            ),
            letter,
        ),
        **dict.fromkeys(("letter_scan", "letter_scan_void"), scan),
        "letter_answer": remark,
        "api-letters-detail": letter,
        **dict.fromkeys(PLAN_PAGES, plan),
        "division_detail": place,
        "division_node": place,
        "division_mark_add": place,
        "division_mark_void": mark,
        "deadline_detail": deadline,
        "deadline_explain": deadline,
        "deadline_decide": explanation,
        "alert_close": alert,
        "api-divisions-detail": place,
        "api-bodies-detail": body,
        "api-assignments-detail": assignment,
        "api-deadlines-detail": deadline,
        "api-figures-detail": figure,
        "api-progress-detail": entry,
        "api-evidence-detail": evidence,
        "api-reports-detail": report,
        "api-reports-values": report,
        "api-plans-detail": plan,
    }
    found = {name: [item.public_id] for name, item in one.items()}
    found["report_attach"] = [report.public_id, "papers"]
    found["figure_value"] = [figure.indicator.key, body.public_id, "2020"]
    found["division_change_new"] = [place.public_id, "rename"]
    found["deadline_event"] = ["duties.assignment", assignment.public_id]
    return Objects(found)


def street_assessment(cast: Cast, file: Any) -> dict[str, Any]:
    """Return one of each thing of an assessment of townships by the zone, by address."""
    office = cast.user("office-3715Z3")
    content = {**maker.CONTENT, "key": "townships", "subjects": "townships"}
    scheme = schemes.create(by=office, division=cast.place("3715Z3"), scheme=schemes.read(content))
    run = running.open_run(by=office, scheme=schemes.issue(by=office, row=scheme))
    subject = run.subjects.get(division=cast.place(STREET))
    entry = subject.entries.get(leaf="net")
    link = LeafEvidence.objects.create(entry=entry, file=file, name="a.pdf", uploaded_by=office)
    result = freezing._result(office, run, subject, 1)
    result.save()
    mend = Rectification(
        subject=subject, body=subject.body, leaf="net", name="净完成", problem="差"
    )
    mend.lost, mend.due_on, mend.due_basis = Decimal(1), date(2021, 3, 1), "测试"
    mend.place(subject.division)
    mend.save()
    out = published_assessment(cast, content)
    found: dict[str, Any] = dict.fromkeys(RUN_PAGES, run) | dict.fromkeys(UNIT_PAGES, subject)
    found |= {"assessment_leaf": entry, "assessment_leaf_act": entry}
    found |= {"leaf_evidence": link, "result_proof": result, "rectification": mend}
    return found | out


def published_assessment(cast: Cast, content: dict[str, Any]) -> dict[str, Any]:
    """Return what the API shows of a published run of the zone's townships."""
    office = cast.user("office-3715Z3")
    later = schemes.read({**content, "key": "published", "year": 2021})
    scheme = schemes.create(by=office, division=cast.place("3715Z3"), scheme=later)
    run = running.open_run(by=office, scheme=schemes.issue(by=office, row=scheme))
    subject = run.subjects.get(division=cast.place(STREET))
    mend = Rectification(subject=subject, body=subject.body, leaf="net", name="净完成")
    mend.problem, mend.lost, mend.due_on, mend.due_basis = (
        "差",
        Decimal(1),
        date(2022, 3, 1),
        "测试",
    )
    mend.place(subject.division)
    mend.save()
    settled = {"status": "published", "digest": "0" * 64, "publishes_marks": True}
    AssessmentRun.objects.filter(pk=run.pk).update(**settled, frozen_at=Now(), published_at=Now())
    return {
        "api-assessment-runs-detail": run,
        "api-assessment-runs-snapshot": run,
        "api-assessment-subjects-detail": subject,
        "api-assessment-scores-detail": subject.entries.get(leaf="net"),
        "api-assessment-data-items-detail": subject.items.order_by("id")[0],
        "api-rectifications-detail": mend,
    }


RUN_PAGES = (
    "assessment",
    "assessment_act",
    "assessment_verifiers",
    "assessment_queue",
    "assessment_sample",
    "assessment_parts",
    "assessment_parts_sheet",
    "assessment_circular",
    "assessment_snapshot",
    "assessment_picture",
)
UNIT_PAGES = (
    "assessment_unit",
    "assessment_unit_act",
    "assessment_outlook",
    "assessment_dossier",
    "assessment_unit_sheet",
)
PLAN_PAGES = (
    "plan",
    "plan_edit",
    "plan_split",
    "plan_split_sheet",
    "plan_review",
    "plan_act",
    "plan_reach",
    "plan_diff",
    "plan_print",
)
PLACED = {
    *RUN_PAGES, *UNIT_PAGES, "assessment_leaf", "assessment_leaf_act", "leaf_evidence",
    "result_proof", "rectification",
    "letter", "letter_act", "letter_remark", "letter_settlement", "letter_print",
    "letter_answer", "letter_docx", "letter_scan_add", "letter_scan", "letter_scan_void",
    "api-letters-detail", "api-assessment-runs-detail", "api-assessment-subjects-detail",
    "api-assessment-runs-snapshot",
    "api-assessment-scores-detail", "api-assessment-data-items-detail",
    "api-rectifications-detail",
    "duty_assignment", "duty_not_applicable", "duty_reinstate", "progress_entry",
    "progress_act", "progress_upload",
    "progress_correct", "progress_slip_decide", "evidence_file", "evidence_void", "report",
    "report_edit", "report_review", "report_act", "report_print", "report_correct",
    "report_docx", "report_xlsx", "report_sheet", "report_file", "report_detach", "report_attach",
    "report_no_data",
    "report_slip_decide", "division_detail", "division_node", "division_mark_add",
    "division_mark_void", "division_change_new", "deadline_detail", "deadline_explain",
    "deadline_decide", "deadline_event", "figure_value", "alert_close", "api-divisions-detail",
    "api-bodies-detail", "api-assignments-detail", "api-deadlines-detail", "api-figures-detail",
    "api-progress-detail", "api-evidence-detail", "api-reports-detail", "api-reports-values",
    "report_items", *PLAN_PAGES,
    "api-plans-detail",
}  # fmt: skip
NEEDS_CELLS = {"report_cell"}


def test_every_address_is_placed_or_exempted_with_a_reason() -> None:
    unknown = {
        name
        for name in addresses()
        if name not in PLACED | set(OPEN) | NEEDS_CELLS and not name.startswith(ELSEWHERE)
    }
    assert unknown == set(), "place new addresses in tests/meta/test_scope.py"


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_finds_nothing(cast: Cast, objects: Objects, name: str) -> None:
    client = cast.client(name)
    leaks = []
    for address, arguments in objects.by_name.items():
        if address.startswith("api-"):
            continue
        url = reverse(address, args=arguments)
        for method in ("get", "post"):
            status = getattr(client, method)(url).status_code
            if status not in (403, 404, 405):
                leaks.append(f"{method} {address}: {status}")
            if status == 403 and address in ("duty_assignment", "progress_entry", "report"):
                leaks.append(f"{method} {address}: 403 tells that it exists")
    assert leaks == []


def test_those_of_the_territory_do_see_it(cast: Cast, objects: Objects) -> None:
    shown = ("duty_assignment", "progress_entry", "evidence_file", "report", "division_detail")
    for who in (f"recorder-{STREET}", "office-3715Z3", "reviewer-3715Z3", "office-3715"):
        client = cast.client(who)
        for address in (*shown, "deadline_detail"):
            url = reverse(address, args=objects.by_name[address])
            answer = client.get(url)
            assert answer.status_code == 200, f"{who} {address}"
            if answer.streaming:
                assert b"".join(answer)  # read to its end, which closes the file


LISTS = (
    "letter_list",
    "letter_export",
    "duty_list",
    "duty_export",
    "progress_list",
    "report_list",
    "deadline_list",
    "overview",
    "overview_trend",
    "overview_heat",
    "overview_calendar",
    "overview_burden",
    "overview_export",
    "principal",
)


@pytest.mark.parametrize("name", STRANGERS)
def test_lists_and_exports_hold_nothing_of_it(cast: Cast, objects: Objects, name: str) -> None:
    client = cast.client(name)
    for address in LISTS:
        answer = client.get(reverse(address) + "?year=2020")
        if answer.status_code != 200:
            continue
        body = b"".join(answer) if answer.streaming else answer.content
        assert "李海务" not in body.decode("utf-8", "ignore"), f"{name} {address}"


def test_no_token_of_another_place_gets_it(cast: Cast, objects: Objects) -> None:
    for codes in (("371502",), ("371525",), ("371502", "371525"), ("371502001001",)):
        client = Client(headers={"Authorization": f"Bearer {cast.token(*codes)}"})
        for address, arguments in objects.by_name.items():
            if not address.startswith("api-"):
                continue
            url = reverse(address, args=arguments)
            assert client.get(url).status_code == 404, address
            listing = client.get(reverse(f"{address.rpartition('-')[0]}-list"))
            assert str(arguments[0]) not in listing.content.decode(), address


def test_two_postings_in_turn_each_get_their_own(cast: Cast, objects: Objects) -> None:
    own, other = cast.client("office-3715Z3"), cast.client("office-371502")
    for _ in range(2):
        assert "李海务" in own.get("/duties/?year=2020").content.decode()
        assert "李海务" not in other.get("/duties/?year=2020").content.decode()


def test_nobody_signed_in_gets_to_sign_in(db: None) -> None:
    client = Client()
    for path in ("/", "/duties/", "/overview/", "/reports/", "/audit/", "/progress/"):
        answer = client.get(path)
        assert answer.status_code in (302, 404)
        if answer.status_code == 302:
            assert answer.url.startswith("/login/")
