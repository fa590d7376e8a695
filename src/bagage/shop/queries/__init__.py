"""What the counter, the till, the stock and a person's file show."""

from bagage.shop.queries.rights import Left, last_right_of, left_in_cap, right_of, shop_rules

__all__ = ["Left", "last_right_of", "left_in_cap", "right_of", "shop_rules"]
