"""Abstract bases; no table of its own."""

import uuid

from django.db import models


class PublicId(models.Model):
    """A row that is named outside the database by a random UUID; its ``pk`` never leaves it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
