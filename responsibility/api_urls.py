"""Every app's API endpoints, under /api/v1/."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from responsibility.assessments import api as assessments
from responsibility.assessments.api_snapshot import RunFileViewSet
from responsibility.common.api_views import ReadViewSet, endpoints
from responsibility.deadlines.api import DeadlineViewSet
from responsibility.divisions.api import BodyViewSet, DivisionViewSet
from responsibility.duties.api import AssignmentViewSet, DutyViewSet
from responsibility.figures.api import FigureViewSet, IndicatorViewSet
from responsibility.figures.api_sets import DataValueSetViewSet
from responsibility.letters.api import LetterViewSet
from responsibility.plans.api import PlanViewSet
from responsibility.progress.api import EvidenceViewSet, ProgressViewSet
from responsibility.regulations.api import ArticleViewSet, ClauseViewSet, RegulationViewSet
from responsibility.reports.api import ReportKindViewSet
from responsibility.reports.api_values import ReportItemsViewSet

ENDPOINTS: dict[str, type[ReadViewSet]] = {
    "divisions": DivisionViewSet,
    "bodies": BodyViewSet,
    "regulations": RegulationViewSet,
    "articles": ArticleViewSet,
    "clauses": ClauseViewSet,
    "duties": DutyViewSet,
    "assignments": AssignmentViewSet,
    "deadlines": DeadlineViewSet,
    "indicators": IndicatorViewSet,
    "figures": FigureViewSet,
    "letters": LetterViewSet,
    "plans": PlanViewSet,
    "progress": ProgressViewSet,
    "evidence": EvidenceViewSet,
    "report-kinds": ReportKindViewSet,
    "reports": ReportItemsViewSet,
    "assessment-schemes": assessments.SchemeViewSet,
    "assessment-runs": RunFileViewSet,
    "assessment-subjects": assessments.SubjectViewSet,
    "assessment-scores": assessments.ScoreViewSet,
    "assessment-data-items": assessments.DataItemViewSet,
    "rectifications": assessments.RectificationViewSet,
}
endpoints.update(ENDPOINTS)
router = SimpleRouter(use_regex_path=False)
for name, viewset in ENDPOINTS.items():
    router.register(name, viewset, basename=f"api-{name}")
router.register("data-value-sets", DataValueSetViewSet, basename="api-data-value-sets")

# Swagger's own icons are data: pictures; nothing else of the page header is loosened.
docs = csp_update({"img-src": [SELF, "data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema")
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", login_not_required(SpectacularAPIView.as_view()), name="api-schema"),
    path("docs/", login_not_required(docs), name="api-docs"),
    *router.urls,
]
