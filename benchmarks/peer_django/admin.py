"""The admin of the dossier, with what makes Django's list quick and no more."""

from django.contrib import admin

from benchmarks.peer_django.models import Dossier


@admin.register(Dossier)
class DossierAdmin(admin.ModelAdmin):
    list_display = (
        "code", "applicant_name", "procedure", "state", "due_at", "received_at", "department", "responsible",
    )  # fmt: skip
    list_select_related = ("procedure", "department", "responsible")
    list_filter = ("state", "channel", "received_at")
    search_fields = ("code", "applicant_name", "applicant_phone")
    list_per_page = 50
