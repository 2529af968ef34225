"""Pages of the text: list, article, import, correction, adoption, notes on articles."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.views import ServiceFormView, access, get_visible
from responsibility.divisions.models import Division
from responsibility.regulations.forms import (
    AdoptForm,
    ClauseForm,
    ImportForm,
    InterpretationForm,
    MeasureForm,
)
from responsibility.regulations.models import (
    Article,
    Clause,
    Interpretation,
    LocalMeasure,
    Programme,
    RegulationVersion,
    VersionStatus,
)
from responsibility.regulations.services import importing, notes


def _versions(request: HttpRequest) -> Any:
    return RegulationVersion.objects.visible_to(request.user).select_related("regulation")


def _version(request: HttpRequest, number: int) -> RegulationVersion:
    """Return the version of the adopted regulation by its number."""
    found: RegulationVersion | None = (
        _versions(request).filter(number=number).order_by("regulation_id").first()
    )
    if found is None:
        raise Missing("没有这个版本。")
    return found


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """规则条文: the adopted version's chapters and articles, and the other versions."""
    versions = list(_versions(request).order_by("-status", "regulation_id", "-number"))
    current = next((v for v in versions if v.status == VersionStatus.ADOPTED), None)
    wanted = request.GET.get("version", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6:
        current = next((v for v in versions if v.number == int(wanted)), current)
    clauses = (
        Clause.objects.filter(article__version=current)
        .select_related("article__chapter")
        .order_by("article__position", "number")
        if current
        else []
    )
    context = {"current": current, "versions": versions, "clauses": clauses}
    return render(request, "regulations/index.html", context)


@require_GET
def article(request: HttpRequest, version: int, number: str) -> HttpResponse:
    """One article: its words, what rests on it, interpretations and local measures."""
    row = _article(request, version, number)
    context = {
        "article": row,
        "clauses": row.clauses.all(),
        "interpretations": Interpretation.objects.filter(article=row).order_by("-issued_on"),
        "measures": LocalMeasure.objects.visible_to(request.user)
        .filter(article=row)
        .select_related("division")
        .order_by("division__sort_key"),
    }
    return render(request, "regulations/article.html", context)


def _article(request: HttpRequest, version: int, number: str) -> Article:
    """Return an article of a version, knowing the numbers of its neighbours; one statement."""
    around = Article.objects.filter(version=OuterRef("version")).values("number")
    row: Article | None = (
        Article.objects.visible_to(request.user)
        .filter(version__number=version, number=number)
        .select_related("version__regulation", "chapter")
        .annotate(
            before_number=Subquery(around.filter(position=OuterRef("position") - 1)[:1]),
            after_number=Subquery(around.filter(position=OuterRef("position") + 1)[:1]),
        )
        .prefetch_related(Prefetch("clauses", Clause.objects.order_by("number")))
        .order_by("version__regulation_id")
        .first()
    )
    if row is None:
        raise Missing("没有这一条。")
    return row


def _article_url(row: Article) -> str:
    return reverse("article", args=[row.version.number, row.number])


class ImportView(ServiceFormView[ImportForm]):
    """Upload or paste a text; the next page shows what was read and what is doubtful."""

    right = Right.MANAGE_REGULATIONS
    form_class = ImportForm
    template_name = "regulations/import.html"
    done_message = "已读入，请核对后采用。"

    def perform(self, form: ImportForm) -> str:
        """Read and store the text as a draft."""
        data = form.cleaned_data
        text = importing.decode(data["file"].read()) if data.get("file") else data["text"]
        programme = Programme.objects.order_by("id").first()
        if programme is None:
            raise Missing("还没有专项。")
        version, _ = importing.import_text(
            programme=programme, text=text, title=data.get("title", ""), by=self.request.user
        )
        return reverse("regulation_draft", args=[version.public_id])


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A version before adoption: warnings beside the text, correction, adoption."""
    access(request).require(Right.MANAGE_REGULATIONS)
    row = get_visible(RegulationVersion.objects.select_related("regulation"), request, public_id)
    form = AdoptForm(
        request.POST or None,
        initial={"issuer": row.issuer, "effective_on": row.effective_on},
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                importing.adopt(version=row, by=request.user, **form.cleaned_data)
            except DomainError as error:
                where = error.where if error.where in form.fields else None
                form.add_error(where, error.message)
                status = error.status
            else:
                messages.success(request, "已采用。原版本仍可查看。")
                return redirect("regulations")
    clauses = (
        Clause.objects.filter(article__version=row)
        .select_related("article__chapter")
        .order_by("article__position", "number")
    )
    context = {"version": row, "form": form, "clauses": clauses}
    return render(request, "regulations/draft.html", context, status=status)


class ClauseView(ServiceFormView[ClauseForm]):
    """Correct a clause of a draft by hand."""

    right = Right.MANAGE_REGULATIONS
    form_class = ClauseForm
    template_name = "regulations/clause.html"

    def clause(self) -> Clause:
        """Return the clause of the address."""
        queryset = Clause.objects.select_related("article__version")
        return get_visible(queryset, self.request, self.kwargs["public_id"])

    def get_initial(self) -> dict[str, Any]:
        """Start from the text as it is."""
        return {"text": self.clause().text}

    def perform(self, form: ClauseForm) -> str:
        """Save the corrected text."""
        clause = self.clause()
        importing.correct_clause(by=self.request.user, clause=clause, **form.cleaned_data)
        return reverse("regulation_draft", args=[clause.article.version.public_id])


class _NoteView(ServiceFormView[Any]):
    template_name = "regulations/note.html"
    heading = ""

    def article(self) -> Article:
        """Return the article of the address."""
        return _article(self.request, self.kwargs["version"], self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the article."""
        return super().get_context_data(article=self.article(), heading=self.heading, **kwargs)


class InterpretationView(_NoteView):
    """Record how the office reads an article (第三十九条)."""

    right = Right.MANAGE_REGULATIONS
    form_class = InterpretationForm
    heading = "登记解释"

    def perform(self, form: InterpretationForm) -> str:
        """Save it."""
        row = self.article()
        notes.add_interpretation(by=self.request.user, article=row, **form.cleaned_data)
        return _article_url(row)


class MeasureView(_NoteView):
    """Record a county's own measure (第三十八条)."""

    right = Right.RECORD_MEASURES
    form_class = MeasureForm
    heading = "登记本地办法"

    def get_form(self, form_class: Any = None) -> Any:
        """Offer the counties and zones where the user may record."""
        form = super().get_form(form_class)
        form.fields["division"].queryset = (
            Division.objects.visible_to(self.request.user, Right.RECORD_MEASURES)
            .living()
            .filter(tier="county")
            .in_order()
        )
        return form

    def perform(self, form: MeasureForm) -> str:
        """Save it."""
        row = self.article()
        notes.record_local_measure(by=self.request.user, article=row, **form.cleaned_data)
        return _article_url(row)
