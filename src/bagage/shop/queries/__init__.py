"""What the counter, the till, the stock and a person's file show."""

from bagage.shop.queries.file import attention, happened, person_panel
from bagage.shop.queries.rights import Left, last_right_of, left_in_cap, right_of, rights_of, shop_rules

__all__ = [
    "Left",
    "attention",
    "happened",
    "last_right_of",
    "left_in_cap",
    "person_panel",
    "right_of",
    "rights_of",
    "shop_rules",
]
