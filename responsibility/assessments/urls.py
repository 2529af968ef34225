"""Addresses of assessments."""

from django.urls import path

from responsibility.assessments.views import mending, runs, schemes, units

urlpatterns = [
    path("assessments/", runs.assessment_list, name="assessment_list"),
    path("assessments/schemes/", schemes.scheme_list, name="scheme_list"),
    path("assessments/schemes/new/", schemes.scheme_new, name="scheme_new"),
    path("assessments/schemes/<uuid:public_id>/", schemes.scheme, name="scheme"),
    path("assessments/schemes/<uuid:public_id>/act/", schemes.scheme_act, name="scheme_act"),
    path("assessments/schemes/<uuid:public_id>/edit/", schemes.scheme_edit, name="scheme_edit"),
    path("assessments/schemes/<uuid:public_id>/trial/", schemes.scheme_trial, name="scheme_trial"),
    path(
        "assessments/schemes/<uuid:public_id>/leaves/<slug:key>/",
        schemes.scheme_leaf,
        name="scheme_leaf",
    ),
    path(
        "assessments/schemes/<uuid:public_id>/scheme.<slug:form>",
        schemes.scheme_file,
        name="scheme_file",
    ),
    path("assessments/rectifications/", mending.rectifications, name="rectifications"),
    path(
        "assessments/rectifications/<uuid:public_id>/", mending.rectification, name="rectification"
    ),
    path("assessments/units/<uuid:public_id>/", units.unit, name="assessment_unit"),
    path("assessments/units/<uuid:public_id>/act/", units.unit_act, name="assessment_unit_act"),
    path(
        "assessments/units/<uuid:public_id>/outlook/",
        units.unit_outlook,
        name="assessment_outlook",
    ),
    path(
        "assessments/units/<uuid:public_id>/dossier/",
        units.unit_dossier,
        name="assessment_dossier",
    ),
    path(
        "assessments/units/<uuid:public_id>/score.xlsx",
        units.unit_sheet,
        name="assessment_unit_sheet",
    ),
    path("assessments/results/<uuid:public_id>/proof.zip", units.result_proof, name="result_proof"),
    path("assessments/leaves/<uuid:public_id>/", units.walk, name="assessment_leaf"),
    path("assessments/leaves/<uuid:public_id>/act/", units.walk_act, name="assessment_leaf_act"),
    path("assessments/evidence/<uuid:public_id>/", units.leaf_evidence, name="leaf_evidence"),
    path("assessments/<uuid:public_id>/", runs.assessment, name="assessment"),
    path("assessments/<uuid:public_id>/act/", runs.assessment_act, name="assessment_act"),
    path(
        "assessments/<uuid:public_id>/verifiers/",
        runs.assessment_verifiers,
        name="assessment_verifiers",
    ),
    path("assessments/<uuid:public_id>/queue/", runs.assessment_queue, name="assessment_queue"),
    path("assessments/<uuid:public_id>/sample/", runs.assessment_sample, name="assessment_sample"),
    path("assessments/<uuid:public_id>/parts/", runs.assessment_parts, name="assessment_parts"),
    path(
        "assessments/<uuid:public_id>/parts.xlsx",
        runs.assessment_parts_sheet,
        name="assessment_parts_sheet",
    ),
    path(
        "assessments/<uuid:public_id>/snapshot.zip",
        runs.assessment_snapshot,
        name="assessment_snapshot",
    ),
    path(
        "assessments/<uuid:public_id>/circular.docx",
        runs.assessment_circular,
        name="assessment_circular",
    ),
]
