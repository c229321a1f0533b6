"""`make scan`: wapiti, a public scanner of web sites, against the running site, as a visitor and as the admin."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import _scratch, _stack

CRAWL, ATTACK = 60, 10  # seconds: for looking around, and for each module
# Those that need nothing from elsewhere; the others look for other people's software by lists they download.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,ldap,methods,permanentxss,"
    "redirect,shellshock,sql,ssrf,timesql,upload,xss,xxe"
)
# What would end the scanner's own session or account.
SPARED = (
    "accounts/logout", "accounts/password", "accounts/sessions", "account/leave", "admin/logout",
    "admin/password_change", "sessions",
)  # fmt: skip
# The site speaks plain HTTP on loopback. That it does otherwise behind TLS is for tests/gallery/test_security.py.
ANSWERED = {"Secure Flag cookie", "Unencrypted Channels"}


def main(wapiti: str) -> int:
    """1 if there is a finding without an answer, or the site had a fault of its own on the way."""
    with _stack.stack(latency=0.2) as (address, _):
        browser = _stack.Browser(address)
        browser.wait_for_picture(browser.send_form("/create/", prompt="A teal square", visibility="public"), 1)
        cookies = browser.session.cookies.get_dict()
        found = [finding for jar in ({}, cookies) for finding in scan(wapiti, address, jar)]
    faults = [line for line in _scratch.SITE.log().splitlines() if "Internal Server Error" in line]
    verdict = f"{len(found)} findings without an answer, {len(faults)} faults of the site."
    sys.stdout.write("\n".join([*found, *faults, verdict]) + "\n")
    return 1 if found or faults else 0


def scan(wapiti: str, address: str, cookies: dict[str, str]) -> list[str]:
    """A line for each finding that nobody has answered."""
    started, who = time.monotonic(), "the admin" if cookies else "a visitor"
    told = run(wapiti, address, cookies)
    pages, seconds = told["infos"]["crawled_pages_nbr"], time.monotonic() - started
    sys.stdout.write(f"wapiti as {who}: {pages} pages and forms, {seconds:.0f} s\n")
    sys.stdout.flush()
    return [
        f"{who}: {kind}: {finding['method']} {finding['path']} {finding['info']}"
        for group in ("vulnerabilities", "anomalies")
        for kind, findings in told[group].items()
        for finding in findings
        if kind not in ANSWERED
    ]


def run(wapiti: str, address: str, cookies: dict[str, str]) -> Any:
    """What wapiti reports of a browser with these cookies."""
    folder = _scratch.FOLDER / f"wapiti-{len(cookies)}"
    folder.mkdir()
    report, jar = folder / "report.json", folder / "cookies.json"
    rest = {"version": 0, "expires": None, "secure": False, "port": None}
    jar.write_text(json.dumps({"127.0.0.1": {"/": {name: {"value": cookies[name], **rest} for name in cookies}}}))
    command = [
        wapiti, "--url", f"{address}/", "--scope", "domain", "--cookie", str(jar), "--module", MODULES,
        "--depth", "5", "--tasks", "2", "--max-links-per-page", "60", "--max-scan-time", str(CRAWL),
        "--max-attack-time", str(ATTACK), "--endpoint", "http://127.0.0.1:9/", "--no-bugreport", "--verbose", "0",
        "--store-session", str(folder), "--store-config", str(folder), "--format", "json", "--output", str(report),
    ]  # fmt: skip
    for path in SPARED:
        command += ["--exclude", f"{address}/{path}/", "--exclude", f"{address}/{path}/*"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - what `make scan` has installed
    return json.loads(report.read_text())


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).absolute())))
