"""Addresses and WSGI application of the peer; run as a program it makes its tables from the dossiers that are there."""

import os

import django
from django.contrib import admin
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peer_django.settings")

NAME, PASSWORD = "bench", "bench"

COPIES = (
    "INSERT INTO peer_department (id, code, name) SELECT id, code, name FROM department",
    "INSERT INTO peer_staff (id, full_name) SELECT id, full_name FROM staff",
    "INSERT INTO peer_procedure (id, code, name) SELECT id, code, name FROM procedure",
    "INSERT INTO peer_dossier (id, code, applicant_name, applicant_phone, applicant_address, procedure_id,"
    " department_id, responsible_id, state, channel, received_at, due_at, note)"
    " SELECT id, code, applicant_name, applicant_phone, '',"
    " procedure_id, department_id, responsible_id, state, channel, received_at, due_at, '' FROM dossier",
)


def fill() -> None:
    """Make the peer's tables and one superuser, and copy the dossiers; nothing where they are there."""
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 -- models can be had after setup only

    from benchmarks.peer_django import models as own  # noqa: PLC0415

    if "peer_dossier" in connection.introspection.table_names():
        return
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for name in ("Department", "Staff", "Procedure", "Dossier"):
            model: type[models.Model] = getattr(own, name)
            editor.create_model(model)
    with connection.cursor() as cursor:
        for statement in COPIES:
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    User.objects.create_superuser(NAME, password=PASSWORD)


if __name__ == "__main__":
    fill()
else:
    application = get_wsgi_application()
    urlpatterns = [path("admin/", admin.site.urls)]
