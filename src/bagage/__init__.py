"""Bagage: runs a digital-inclusion programme end to end, from a referral to a complete baggage."""

__version__ = "0.1.0"
