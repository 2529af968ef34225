"""Every app's API endpoints, under /api/v1/."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from responsibility.deadlines.api import DeadlineViewSet
from responsibility.divisions.api import BodyViewSet, DivisionViewSet
from responsibility.duties.api import AssignmentViewSet, DutyViewSet
from responsibility.figures.api import FigureViewSet, IndicatorViewSet
from responsibility.letters.api import LetterViewSet
