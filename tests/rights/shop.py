"""The counter: who sells sells at their sites to those followed there; logistics keeps stock; leads run the rest."""

from typing import Any

from django.utils import timezone

from bagage.shop import services
from bagage.shop.models import AccessRight, Product, Sale, Till
from tests.rights import Row
from tests.rights.world import World

Expected = dict[str, int | set[int] | frozenset[int]]


def _once(world: World, name: str, make: Any) -> Any:
    if name not in world.made:
        world.made[name] = make()
    return world.made[name]


def _product(world: World) -> Product:
    def make() -> Product:
        by = world.users["programme_lead_network"]
        product = services.add_product(
            kind="accessory", name="Chargeur", price=300, key="rights-product", by=by, at=world.now
        )
        for site in (world.site_a, world.site_b):
            services.receive_stock(
                product, site=site, quantity=9, key=f"rights-{site.pk}", by=by, at=world.now
            )
        return product

    found = _once(world, "shop-product", make)
    assert isinstance(found, Product)
    return found


def _till(world: World) -> Till:
    found = _once(
        world,
        "shop-till",
        lambda: services.open_till(
            world.site_a,
            float_amount=5000,
            key="rights-till",
            by=world.users["receptionist_here"],
            at=world.now,
        ),
    )
    assert isinstance(found, Till)
    return found


def _right(world: World) -> AccessRight:
    found = _once(
        world,
        "shop-right",
        lambda: services.open_right(
            world.person,
            node=world.node_a,
            source="voucher:77",
            key="rights-right",
            by=world.users["receptionist_here"],
            at=world.now,
        ),
    )
    assert isinstance(found, AccessRight)
    return found


def _sale(world: World) -> Sale:
    def make() -> Sale:
        _till(world)
        _right(world)
        return services.sell(
            world.person,
            site=world.site_a,
            basket=[(_product(world), 1)],
            payment="cash",
            key="rights-sale",
            by=world.users["receptionist_here"],
            at=world.now,
        )

    found = _once(world, "shop-sale", make)
    assert isinstance(found, Sale)
    return found


def _of_sale(world: World) -> dict[str, Any]:
    return {"uuid": _sale(world).uuid}


def _of_product(world: World) -> dict[str, Any]:
    return {"uuid": _product(world).uuid}


def _of_right(world: World) -> dict[str, Any]:
    return {"uuid": _right(world).uuid}


def _of_her(world: World) -> dict[str, Any]:
    _sale(world)
    return {"uuid": world.person.uuid}


def _for_her(world: World) -> dict[str, Any]:
    _sale(world)
    return {"person": world.person.uuid}


def _at_a(world: World) -> dict[str, Any]:
    _product(world)
    return {"site": world.site_a.uuid}


def _selling(status: int, elsewhere: int = 404) -> Expected:
    """Reception, advisers and leads at her permanence; those of another get ``elsewhere``."""
    return {
        "receptionist_here": status,
        "adviser_here": status,
        "programme_lead_here": status,
        "programme_lead_network": status,
        "receptionist": elsewhere,
        "adviser": elsewhere,
        "programme_lead": elsewhere,
        "everyone": 403,
    }


def _purchases(status: int) -> Expected:
    """In scope are those who follow her; a volunteer booked with her sees her, not what she buys."""
    return {
        "receptionist_here": status,
        "adviser_here": status,
        "programme_lead_here": status,
        "programme_lead_network": status,
        "everyone": 404,
    }


# Who sells nowhere is told so before anyone is looked for.
SELLS_TO_HER: Expected = {**_selling(200), "everyone": 403}
KEEPS: Expected = {
    "logistics_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
    "logistics": 404,
    "programme_lead": 404,
    "everyone": 403,
}
SEES_STOCK: Expected = {**_selling(200), "logistics_here": 200, "logistics": 404}


def _runs(status: int) -> Expected:
    return {"programme_lead": status, "administrator": status, "everyone": 403}


def _keeps(status: int) -> Expected:
    return {key: status if value == 200 else value for key, value in KEEPS.items()}


ROWS: dict[str, Row | list[Row]] = {
    "shop:counter": [
        Row(expected=_selling(200, 200)),
        Row(query=_at_a, expected=_selling(200)),
        Row(query=_for_her, expected=SELLS_TO_HER),
        Row(
            query=lambda world: {**_for_her(world), "p": _product(world).uuid},
            expected=SELLS_TO_HER,
            headers={"hx-request": "true"},
        ),
        Row(method="post", data=lambda world: {"q": world.person.code}, expected=_selling(200, 200)),
        Row(
            method="post",
            data=lambda world: {
                **_for_her(world),
                "site": world.site_a.uuid,
                "p": _product(world).uuid,
                "payment": "cash",
                "key": "rights-sell",
            },
            expected=_selling(302),
        ),
    ],
    "shop:till": [
        Row(expected=_selling(200, 200)),
        Row(
            method="post",
            data=lambda world: {
                "site": world.site_a.uuid,
                "act": "close",
                "counted": "0",
                "word": "essai",
                "key": f"close-{_till(world).pk}",
            },
            expected=_selling(302),
        ),
    ],
    "shop:sale_list": [
        Row(expected=_selling(200, 200)),
        Row(query=lambda world: {**_at_a(world), "export": "csv"}, expected=_selling(200)),
    ],
    "shop:sale": Row(kwargs=_of_sale, expected=_selling(200)),
    "shop:receipt": Row(kwargs=_of_sale, expected=_selling(200)),
    "shop:receipt_pdf": Row(kwargs=_of_sale, expected=_selling(200)),
    "shop:sale_refund": [
        Row(kwargs=_of_sale, expected=_selling(200)),
        Row(
            method="post",
            kwargs=_of_sale,
            data=lambda world: {
                "kind": "refund",
                "reason": "essai",
                f"line-{_sale(world).lines.get().uuid}": "1",
                "key": "rights-back",
            },
            expected=_selling(302),
        ),
    ],
    "shop:stock": Row(query=_at_a, expected=SEES_STOCK),
    "shop:stock_receive": [
        Row(kwargs=_of_product, query=_at_a, expected=KEEPS),
        Row(
            method="post",
            kwargs=_of_product,
            data=lambda world: {**_at_a(world), "quantity": "3", "key": "rights-in"},
            expected=_keeps(302),
        ),
    ],
    "shop:stock_count": [
        Row(kwargs=_of_product, query=_at_a, expected=KEEPS),
        Row(
            method="post",
            kwargs=_of_product,
            data=lambda world: {**_at_a(world), "counted": "3", "reason": "essai", "key": "rights-count"},
            expected=_keeps(302),
        ),
    ],
    "shop:stock_move": [
        Row(kwargs=_of_product, query=_at_a, expected=KEEPS),
        # Only who keeps both ends moves from one to the other.
        Row(
            method="post",
            kwargs=_of_product,
            data=lambda world: {
                **_at_a(world),
                "target": world.site_b.uuid,
                "quantity": "1",
                "key": "rights-move",
            },
            expected={**_keeps(422), "programme_lead_network": 302},
        ),
    ],
    "shop:products": Row(
        expected={
            "receptionist": 200,
            "adviser": 200,
            "logistics": 200,
            "programme_lead": 200,
            "administrator": 200,
            "everyone": 403,
        }
    ),
    "shop:product_add": [
        Row(expected=_runs(200)),
        Row(
            method="post",
            data=lambda world: {
                "kind": "accessory",
                "name": "Étui",
                "price": "2,00",
                "low_level": "1",
                "key": "rights-add",
            },
            expected=_runs(302),
        ),
    ],
    "shop:product_change": [
        Row(kwargs=_of_product, expected=_runs(200)),
        Row(
            method="post",
            kwargs=_of_product,
            data=lambda world: {
                "kind": "accessory",
                "name": "Chargeur",
                "price": "4,00",
                "low_level": "1",
                "key": "x",
            },
            expected=_runs(302),
        ),
    ],
    "shop:product_end": Row(method="post", kwargs=_of_product, expected=_runs(302)),
    "shop:product_resume": Row(method="post", kwargs=_of_product, expected=_runs(302)),
    "shop:rules": [
        Row(expected=_runs(200)),
        Row(
            method="post",
            data=lambda world: {
                "right_months": "6",
                "renewals": "1",
                "cap": "30,00",
                "period": "calendar_month",
                "warn_days": "30",
            },
            expected=_runs(302),
        ),
    ],
    "shop:rights_ending": Row(expected=_selling(200, 200)),
    "shop:person_purchases": Row(kwargs=_of_her, expected={**_purchases(200), "volunteer_here": {403, 404}}),
    "shop:right_open": [
        Row(kwargs=_of_her, expected={**_purchases(200), "volunteer_here": {403, 404}}),
        Row(
            method="post",
            kwargs=_of_her,
            data=lambda world: {
                "how": "voucher",
                "number": "88",
                "begins_on": timezone.localdate(world.now).isoformat(),
                "key": "rights-open",
            },
            expected={**_purchases(302), "volunteer_here": {403, 404}},
        ),
    ],
    "shop:right_renew": Row(
        method="post",
        kwargs=_of_right,
        data=lambda world: {"key": "rights-renew"},
        expected={**_purchases(302), "volunteer_here": {403, 404}},
    ),
    "shop:right_end": [
        Row(kwargs=_of_right, expected={**_purchases(200), "volunteer_here": {403, 404}}),
        Row(
            method="post",
            kwargs=_of_right,
            data=lambda world: {"reason": "essai"},
            expected={**_purchases(302), "volunteer_here": {403, 404}},
        ),
    ],
}
