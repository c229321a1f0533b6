"""Pictures of other formats, some that can be seen through, and some that are not whole."""

from django.db import migrations, models

FORMATS = [
    ("png", "PNG"), ("jpg", "JPEG"), ("webp", "WebP"), ("avif", "AVIF"), ("gif", "GIF"), ("bmp", "BMP"),
    ("tif", "TIFF"), ("jp2", "JPEG 2000"), ("heic", "HEIC"), ("jxl", "JPEG XL"),
]


class Migration(migrations.Migration):
    dependencies = [("generator", '0006_withheld')]

    operations = [
        migrations.AddField(
            "image",
            "is_transparent",
            models.BooleanField(default=False, help_text="something can be seen through it"),
        ),
        migrations.AddField(
            "image",
            "is_damaged",
            models.BooleanField(default=False, help_text="some of its pixels are not in the file"),
        ),
        migrations.AlterField("image", "format", models.CharField(choices=FORMATS, max_length=8)),
    ]
