"""The WSGI entry: ``bagage.config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

from bagage.common.memory import settle, settle_after
from bagage.common.room import with_room
from bagage.common.supervisor import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
end_with_parent()

application = with_room(get_wsgi_application())

# Applications are loaded by now.
from bagage.directory.search.index import read_panorama_ahead  # noqa: E402
from bagage.people.queries.index import read_names_ahead  # noqa: E402

settle()
settle_after([read_names_ahead(), read_panorama_ahead()])
