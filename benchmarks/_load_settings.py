"""The site's settings for a web server that also answers at the baselines' addresses."""

from gallery.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks._baselines"
