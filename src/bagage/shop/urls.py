"""Addresses of shop."""

from django.urls import URLPattern, URLResolver, path

from bagage.shop.views import counter, persons, products, sales, stock, tills

app_name = "shop"

urlpatterns: list[URLPattern | URLResolver] = [
    path("counter/", counter.counter, name="counter"),
    path("till/", tills.till, name="till"),
    path("sales/", sales.sale_list, name="sale_list"),
    path("sales/<uuid:uuid>/", sales.sale, name="sale"),
    path("sales/<uuid:uuid>/receipt/", sales.receipt, name="receipt"),
    path("sales/<uuid:uuid>/receipt.pdf", sales.receipt_pdf, name="receipt_pdf"),
    path("sales/<uuid:uuid>/refund/", sales.sale_refund, name="sale_refund"),
    path("stock/", stock.stock, name="stock"),
    path("stock/<uuid:uuid>/receive/", stock.stock_receive, name="stock_receive"),
    path("stock/<uuid:uuid>/count/", stock.stock_count, name="stock_count"),
    path("stock/<uuid:uuid>/move/", stock.stock_move, name="stock_move"),
    path("products/", products.products, name="products"),
    path("products/add/", products.product_add, name="product_add"),
    path("products/<uuid:uuid>/", products.product_change, name="product_change"),
    path("products/<uuid:uuid>/end/", products.product_end, name="product_end"),
    path("products/<uuid:uuid>/resume/", products.product_resume, name="product_resume"),
    path("rules/", products.rules, name="rules"),
    path("rights/ending/", persons.rights_ending, name="rights_ending"),
    path("rights/<uuid:uuid>/renew/", persons.right_renew, name="right_renew"),
    path("rights/<uuid:uuid>/end/", persons.right_end, name="right_end"),
    path("persons/<uuid:uuid>/", persons.person_purchases, name="person_purchases"),
    path("persons/<uuid:uuid>/right/", persons.right_open, name="right_open"),
]
