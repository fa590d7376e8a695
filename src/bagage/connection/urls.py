"""Addresses of fair connection."""

from django.urls import URLPattern, URLResolver, path

from bagage.connection.views import advice, catalogue, catalogue_files, lifting, lines

app_name = "connection"

urlpatterns: list[URLPattern | URLResolver] = [
    # ---------- the catalogue ----------
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/compare/", catalogue_files.catalogue_compare, name="catalogue_compare"),
    path("catalogue/example/", catalogue_files.catalogue_example, name="catalogue_example"),
    path("catalogue/history/", catalogue_files.catalogue_history, name="catalogue_history"),
    path("catalogue/export/<slug:kind>/", catalogue_files.catalogue_export, name="catalogue_export"),
    path("catalogue/import/", catalogue_files.catalogue_import, name="catalogue_import"),
    path(
        "catalogue/import/<uuid:uuid>/",
        catalogue_files.catalogue_import_preview,
        name="catalogue_import_preview",
    ),
    path(
        "catalogue/import/<uuid:uuid>/mend/",
        catalogue_files.catalogue_import_mend,
        name="catalogue_import_mend",
    ),
    path(
        "catalogue/import/<uuid:uuid>/confirm/",
        catalogue_files.catalogue_import_confirm,
        name="catalogue_import_confirm",
    ),
    path(
        "catalogue/import/<uuid:uuid>/undo/",
        catalogue_files.catalogue_import_undo,
        name="catalogue_import_undo",
    ),
    path(
        "catalogue/import/<uuid:uuid>/set-aside/",
        catalogue_files.catalogue_import_rest,
        name="catalogue_import_rest",
    ),
    path("catalogue/lines/new/", catalogue.catalogue_line_add, name="catalogue_line_add"),
    path("catalogue/lines/<uuid:uuid>/", catalogue.catalogue_line, name="catalogue_line"),
    path(
        "catalogue/lines/<uuid:uuid>/change/", catalogue.catalogue_line_change, name="catalogue_line_change"
    ),
    path("catalogue/lines/<uuid:uuid>/end/", catalogue.catalogue_line_end, name="catalogue_line_end"),
    path(
        "catalogue/lines/<uuid:uuid>/offers/new/", catalogue.catalogue_offer_add, name="catalogue_offer_add"
    ),
    path("catalogue/offers/<uuid:uuid>/", catalogue.catalogue_offer, name="catalogue_offer"),
    path(
        "catalogue/offers/<uuid:uuid>/replace/",
        catalogue.catalogue_offer_replace,
        name="catalogue_offer_replace",
    ),
    path("catalogue/offers/<uuid:uuid>/end/", catalogue.catalogue_offer_end, name="catalogue_offer_end"),
    path(
        "catalogue/offers/<uuid:uuid>/verify/",
        catalogue.catalogue_offer_verify,
        name="catalogue_offer_verify",
    ),
    # ---------- advice ----------
    path("people/<uuid:uuid>/", advice.advice, name="advice"),
    path("people/<uuid:uuid>/keep/", advice.advice_keep, name="advice_keep"),
    path("people/<uuid:uuid>/print/", advice.advice_print, name="advice_print"),
    path("people/<uuid:uuid>/advices/", advice.advices, name="advices"),
    path("people/<uuid:uuid>/bills/", advice.bill_add, name="bill_add"),
    path("people/<uuid:uuid>/lift/<slug:condition>/", lifting.lifting, name="lifting"),
    path("advices/<uuid:uuid>/", advice.kept_advice, name="kept_advice"),
    path("advices/<uuid:uuid>/choose/", advice.advice_choose, name="advice_choose"),
    path("advices/<uuid:uuid>/advice.pdf", advice.kept_advice_pdf, name="kept_advice_pdf"),
    path("figures/", lifting.figures, name="figures"),
    path("texts/", lifting.texts, name="texts"),
    path("texts/<slug:condition>/", lifting.text_edit, name="text_edit"),
    # ---------- lines ----------
    path("people/<uuid:uuid>/line/", lines.line_activate, name="line_activate"),
    path("lines/<uuid:uuid>/", lines.line, name="line"),
    path("lines/<uuid:uuid>/top-up/", lines.line_top_up, name="line_top_up"),
    path("lines/<uuid:uuid>/number/", lines.line_number, name="line_number"),
    path("lines/<uuid:uuid>/left-for-plan/", lines.line_left_for_plan, name="line_left_for_plan"),
    path("lines/<uuid:uuid>/ported/", lines.line_ported, name="line_ported"),
    path("lines/<uuid:uuid>/lost/", lines.line_lost, name="line_lost"),
    path("lines/<uuid:uuid>/close/", lines.line_close, name="line_close"),
    path("lines/<uuid:uuid>/undo/<uuid:event>/", lines.line_undo, name="line_undo"),
]
