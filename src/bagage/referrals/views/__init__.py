"""Screens of referrals: who refers, who follows, who answers, who runs the links."""
