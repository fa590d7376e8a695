"""Addresses of equipment."""

from django.urls import URLPattern, URLResolver, path

from bagage.equipment.views import board, handing_over, reserving, stock

app_name = "equipment"

urlpatterns: list[URLPattern | URLResolver] = [
    # ---------- devices ----------
    path("", board.device_list, name="device_list"),
    path("new/", stock.device_add, name="device_add"),
    path("new/several/", stock.devices_add, name="devices_add"),
    path("labels.pdf", stock.device_labels, name="device_labels"),
    path("rules/", stock.rules, name="rules"),
    path("devices/<uuid:uuid>/", stock.device, name="device"),
    path("devices/<uuid:uuid>/change/", stock.device_change, name="device_change"),
    path("devices/<uuid:uuid>/state/", stock.device_state, name="device_state"),
    path("devices/<uuid:uuid>/label.pdf", stock.device_label, name="device_label"),
    path("devices/<uuid:uuid>/reserve/", reserving.device_reserve, name="device_reserve"),
    # ---------- devices and persons ----------
    path("people/<uuid:uuid>/", reserving.person_devices, name="person_devices"),
    path("people/<uuid:uuid>/reserve/", reserving.person_reserve, name="person_reserve"),
    path("reservations/<uuid:uuid>/release/", reserving.reservation_release, name="reservation_release"),
    path("reservations/<uuid:uuid>/hand-over/", handing_over.hand_over, name="hand_over"),
    path("reservations/<uuid:uuid>/terms.pdf", handing_over.hand_over_terms, name="hand_over_terms"),
    path("handovers/<uuid:uuid>/", handing_over.handover, name="handover"),
    path("handovers/<uuid:uuid>/papers.pdf", handing_over.handover_paper, name="handover_paper"),
    path("handovers/<uuid:uuid>/return/", handing_over.handover_return, name="handover_return"),
    path("handovers/<uuid:uuid>/repaired/", handing_over.handover_repaired, name="handover_repaired"),
    path("handovers/<uuid:uuid>/undo/", handing_over.handover_undo, name="handover_undo"),
]
