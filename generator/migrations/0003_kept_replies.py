"""A call's history may say that its kept reply is to be stored again."""

from django.db import migrations, models

WHAT = [
    ("claimed", "Taken by a worker"),
    ("sent", "Sent to the API"),
    ("put back", "Back in the queue"),
    ("received", "Whole reply on disk"),
    ("postponed", "Cannot be stored for now"),
    ("taken up", "Reply taken up again"),
    ("succeeded", "Stored"),
    ("failed", "Failed"),
    ("lost", "Outcome unknown"),
    ("cancelled", "Cancelled"),
    ("retried", "Sent again as a new call"),
    ("dismissed", "Put away"),
    ("settled", "Settled as not charged"),
    ("once more", "Kept reply to be stored again"),
]


class Migration(migrations.Migration):
    dependencies = [("generator", "0002_provider")]
    operations = [migrations.AlterField("event", "what", models.CharField(choices=WHAT, max_length=10))]
