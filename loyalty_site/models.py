"""What the site keeps about its own processes."""

from typing import ClassVar

from django.db import models


class Heartbeat(models.Model):
    """When a process last showed that it works: one row for each kind of process."""

    WORKER: ClassVar[str] = "worker"

    process = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(process__in=["worker"]), name="heartbeat_of_known_process")
        ]

    def __str__(self) -> str:
        return f"{self.process} at {self.beat_at:%Y-%m-%d %H:%M:%S}"
