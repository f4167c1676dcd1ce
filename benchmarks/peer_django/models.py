"""The dossier as Django would hold it: what the list shows, the search reads and the form edits, with its indexes."""

from django.db import models

STATES = [(str(number), f"Trạng thái {number}") for number in range(1, 11)]


class Department(models.Model):
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=300)

    class Meta:
        db_table = "peer_department"

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    full_name = models.CharField(max_length=200)

    class Meta:
        db_table = "peer_staff"

    def __str__(self) -> str:
        return self.full_name


class Procedure(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name = models.TextField()

    class Meta:
        db_table = "peer_procedure"

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class Dossier(models.Model):
    code = models.CharField(max_length=60, unique=True)
    applicant_name = models.CharField(max_length=300)
    applicant_phone = models.CharField(max_length=20, blank=True, db_index=True)
    applicant_address = models.CharField(max_length=400, blank=True)
    procedure = models.ForeignKey(Procedure, models.PROTECT)
    department = models.ForeignKey(Department, models.PROTECT)
    responsible = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=40, choices=STATES)
    channel = models.CharField(max_length=40)
    received_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "peer_dossier"
        indexes = (models.Index(fields=["state", "received_at"]),)

    def __str__(self) -> str:
        return self.code
