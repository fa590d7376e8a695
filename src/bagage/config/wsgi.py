"""The WSGI entry: ``bagage.config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

from bagage.common.supervisor import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
end_with_parent()

application = get_wsgi_application()
