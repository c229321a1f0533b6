"""The one door to the image API (its contract: `docs/onlysq-api.md`)."""
