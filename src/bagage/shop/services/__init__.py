"""What one does at the counter.

Locks are taken in one order, whatever is done: the person's kept file, the open till of the site, stock places by their
key; then what the activities below lock themselves (her line, the reserved device), the trail last. A cap is judged
under the lock of the person, a receipt's number is given under that of the till, stock is judged under that of its
place; constraints of the database stand behind each.
"""

from bagage.shop.services.products import (
    add_product,
    change_product,
    change_rules,
    end_product,
    resume_product,
)
from bagage.shop.services.rights import end_right, open_right, renew_right
from bagage.shop.services.sales import refund_sale, sell
from bagage.shop.services.stock import count_stock, move_stock, receive_stock
from bagage.shop.services.tills import close_till, open_till

__all__ = [
    "add_product",
    "change_product",
    "change_rules",
    "close_till",
    "count_stock",
    "end_product",
    "end_right",
    "move_stock",
    "open_right",
    "open_till",
    "receive_stock",
    "refund_sale",
    "renew_right",
    "resume_product",
    "sell",
]
