"""Addresses of imports."""

from django.urls import URLPattern, URLResolver, path

from bagage.imports.views import batches

app_name = "imports"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", batches.batches, name="batches"),
    path("export/<slug:kind>/<slug:form>/", batches.export, name="export"),
    path("<uuid:uuid>/", batches.batch, name="batch"),
    path("<uuid:uuid>/alike/", batches.batch_alike, name="batch_alike"),
    path("<uuid:uuid>/columns/", batches.batch_columns, name="batch_columns"),
    path("<uuid:uuid>/decide/", batches.batch_decide, name="batch_decide"),
    path("<uuid:uuid>/decide-all/", batches.batch_decide_all, name="batch_decide_all"),
    path("<uuid:uuid>/drop/", batches.batch_drop, name="batch_drop"),
    path("<uuid:uuid>/go-on/", batches.batch_go_on, name="batch_go_on"),
    path("<uuid:uuid>/mend/", batches.batch_mend, name="batch_mend"),
    path("<uuid:uuid>/set-aside/", batches.batch_set_aside, name="batch_set_aside"),
    path("<uuid:uuid>/undo/", batches.batch_undo, name="batch_undo"),
    path("<uuid:uuid>/write/", batches.batch_write, name="batch_write"),
]
