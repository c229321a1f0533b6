"""What every page shows about the queue: the badge in the header and a pause of the API."""

from django.conf import settings
from django.http import HttpRequest

from generator.models import Provider
from generator.progress.counts import running_counts
from generator.progress.tiles import pace


def queue(request: HttpRequest) -> dict[str, object]:
    """Running calls, how often to ask for news of them, and why sending waits, if it does. Two queries.

    `queue_mine` and `queue_all` are numbers of calls, `queue_pace` seconds, `provider_pause` "", "rate" or "key".
    """
    # A request that is turned away at the door, to be told so by a page, has no user yet.
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return {}
    provider = Provider.objects.current()
    counts = running_counts(request.user)
    return {
        **counts,
        "queue_pace": pace(counts),
        "provider_pause": provider.pause if provider.is_paused(settings.ONLYSQ_API_KEY) else "",
    }
