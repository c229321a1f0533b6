"""What can go wrong with a call: kept as a kind, a reason and values, and made into words when it is shown.

The kind is what is counted and filtered by; the reason is finer and picks the sentence, in which the values stand.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

PARTIAL = "partial"  # some pictures of the reply were no good, and its bytes are kept
KEPT = "kept"  # a whole reply came, and each worker that tried to store it went down: kept for another time
UNREADABLE = "unreadable"
NOTE = "note"  # the pictures are here, and there is something to be said about the reply
REPORTED = "reported"  # the reason under which the sentence is what the API said, and nothing of ours

# By kind and reason. `trouble` is what the system calls its error, `why` what a single picture is no good for.
WORDS = {
    "key": {
        "status": _("The API does not accept the key; an admin has to look at it."),
        "unsendable": _("The API key holds characters that cannot be sent."),
    },
    "quota": {"status": _("The API says that the account has no credit left.")},
    "rate": {"status": _("The API asks for fewer requests.")},
    "refused": {
        "status": _("The API refused the request (HTTP %(http_status)s)."),
        "redirect": _("The API redirects to another address (HTTP %(http_status)s), which is not followed."),
    },
    "provider": {
        "status": _("The API failed (HTTP %(http_status)s)."),
        "unsaid": _("The API reported an error and did not say which."),
        "no_pictures": _("The API answered without a picture, and without an error."),
    },
    "silence": {
        "status": _("The API gave no answer (HTTP %(http_status)s)."),
        "deadline": _("The API's answer did not arrive in the time allowed."),
        "read_timeout": _("The API fell silent."),
        "cut": _("The connection to the API broke before the whole answer had arrived."),
        "too_large": _("The API's reply is larger than %(limit_mib)s MiB and was not taken in."),
        "disk": _("The reply could not be kept on disk: %(trouble)s. It may have been charged."),
        "worker": _("The worker stopped while the API was at work. It may have been charged."),
        "gone": _("The whole reply came, but it is no longer on disk. It has probably been charged."),
        "restored": _("It waited when the backup was made, and may have been sent and charged since."),
    },
    "unreachable": {
        "dns": _("The API could not be reached: its name could not be found. Nothing was sent."),
        "refused": _("The API could not be reached: the connection was refused. Nothing was sent."),
        "proxy": _("The API could not be reached: the proxy did not let us through. Nothing was sent."),
        "tls": _("The API could not be reached: no secure connection could be made. Nothing was sent."),
        "timeout": _("The API could not be reached: it did not answer in time. Nothing was sent."),
        "address": _("The API could not be reached: its address is not valid. Nothing was sent."),
        "connection": _("The API could not be reached: no connection. Nothing was sent."),
    },
    UNREADABLE: {
        "models": _("The API's list of models cannot be read."),
        "not_json": _("The API's reply is not JSON."),
        "nested": _("The API's reply is nested too deeply to be read."),
        "shape": _("The API's reply is JSON of another shape than documented."),
        "broken_off": _("The API's reply breaks off in the middle."),
        "oversized": _("The API's reply holds far more than pictures, which cannot be read."),
        "base64": _("A picture in the reply is not valid base64: it was damaged or cut off on its way."),
        "empty": _("The reply holds an empty text instead of a picture."),
        "too_large": ngettext_lazy(
            "The picture is larger than %(limit)s byte.", "The picture is larger than %(limit)s bytes.", "limit"
        ),
        "format": _("The file is not a picture: neither PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF nor JPEG 2000."),
        "heic": _("The picture is a HEIC, which cannot be read here. The package pillow-heif would add that."),
        "jxl": _("The picture is a JPEG XL, which cannot be read here. The package pillow-jxl-plugin would add that."),
        "damaged": _("The picture is damaged or cut off."),
        "pixels": _("The picture has more pixels than are allowed here."),
        "bloated": _("The picture's file holds far more than a picture."),
        "passes": _("The picture is a JPEG in far too many passes."),
        "memory": _("The picture needs more memory than is allowed here."),
        "slow": _("The picture takes far too long to decode."),
        "all_slow": _("The pictures of this reply take far too long to decode."),
        "unshowable": _("The picture cannot be made fit to show."),
        "address": _("The API sent an address (%(host)s) instead of a picture. Nothing was fetched from there."),
        "unfetched": _(
            "The API sent an address (%(host)s) instead of a picture, and it could not be fetched from there."
        ),
        "too_many": _("More pictures came than are taken from one reply."),
    },
    NOTE: {
        "error": _("The pictures are here, and the API reported an error beside them."),
        "usage": _("The API counted %(usage)s for this call, which cannot be. It counts as nothing."),
        "receipt": _("The pictures are here. What the API said beside them could not be read."),
    },
    KEPT: {
        "workers": _("Each worker that tried to store the reply went down. It is kept, and can be stored again."),
    },
    "fewer": {
        "count": ngettext_lazy(
            "The API sent %(count)s of %(wanted)s picture.", "The API sent %(count)s of %(wanted)s pictures.", "wanted"
        ),
    },
    "disk": {
        "spool": _("There is no place on disk for a reply: %(trouble)s. Nothing was sent."),
        "media": _("The pictures cannot be stored for now: %(trouble)s."),
        "process": _("The pictures cannot be stored for now: the process for pictures could not be run."),
        "database": _("The pictures cannot be stored for now: the database does not take them."),
    },
}
_PARTIAL = ngettext_lazy(
    "%(count)s of %(sent)s picture could be read: %(why)s",
    "%(count)s of %(sent)s pictures could be read: %(why)s",
    "sent",
)
_UNKNOWN = _("It did not go as it should, and this version has no words for how (%(kind)s, %(reason)s).")


@dataclass(frozen=True)
class Failure:
    """Why a call failed, waits or brought fewer pictures; without a kind, nothing is wrong.

    `values` are what the sentence names, as JSON, and under `said` the API's own words: one line without markup.
    """

    kind: str = ""
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """In the language of whoever looks."""
        said = self.values.get("said")
        if said and self.reason == REPORTED:
            return str(said)
        sentence = self._sentence()
        return gettext("%(sentence)s It said: “%(said)s”") % {"sentence": sentence, "said": said} if said else sentence

    def _sentence(self) -> str:
        """A plain one for what only a newer release has words for."""
        try:
            words = _PARTIAL if self.kind == PARTIAL else WORDS[self.kind][self.reason]
            return words % self._named()
        except (KeyError, TypeError, ValueError, OverflowError):
            return _UNKNOWN % {"kind": self.kind, "reason": self.reason}

    def _named(self) -> dict[str, Any]:
        """The values, and what others call the trouble: the system, or the sentence for a single picture."""
        named = dict(self.values)
        if "errno" in named:
            named["trouble"] = gettext("disk error") if named["errno"] is None else os.strerror(named["errno"])
        if self.kind == PARTIAL:
            named["why"] = str(WORDS[UNREADABLE][self.reason] % named)
        return named

    @property
    def columns(self) -> dict[str, Any]:
        """As a call keeps it. `error` held a sentence up to release 0.1.0, and is left empty."""
        return {
            "error_kind": self.kind, "error_reason": self.reason, "error_values": dict(self.values), "error": "",
        }  # fmt: skip


def failure_in(columns: dict[str, Any]) -> dict[str, Any] | None:
    """What went wrong, as an event keeps it, if these columns of a call say so."""
    parts = ("kind", "reason", "values") if columns.get("error_kind") else ()
    return {part: columns[f"error_{part}"] for part in parts} or None
