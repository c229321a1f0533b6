#!/usr/bin/env python3
"""Vitrine's command line."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        reason = (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")
        advice = "check VITRINE_DATA_DIR and DATABASE_URL, or run manage.py prepare"
        sys.exit(f"The database cannot be used ({reason}): {advice}.")
