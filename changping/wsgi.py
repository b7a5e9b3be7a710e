"""What a web server loads: `gunicorn changping.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "changping.settings")

application = get_wsgi_application()
