"""The WSGI entry: ``bagage.config.wsgi:application``."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from bagage.common.supervisor import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
end_with_parent()

application = get_wsgi_application()

# Applications are loaded by now.
from bagage.directory.search.index import read_panorama_ahead  # noqa: E402
from bagage.people.queries.index import read_names_ahead  # noqa: E402

read_names_ahead()
read_panorama_ahead()
# What is loaded by now stays: a request need not wait while the garbage collector looks through all of it.
gc.freeze()
