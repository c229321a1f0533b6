"""How fast nginx hands out thumbnails that it decides about alone, against static files of the same nginx.

Run `.venv/bin/python benchmarks/proxy.py [seconds]` as root, with wrk and nginx-light installed: the blocks of
docs/deploy.md, with TLS. Both kinds in turn, several times; the figures are the medians. Ends with an error if
thumbnails miss their target.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.nginx import Nginx
from tests.process import Instance

AT_LEAST = 0.5
ROUNDS, CONNECTIONS, SHOWN = 5, 16, 40
STATIC = "/static/thumb.0123456789ab.webp"
SCRIPT = """
local places, at = {%s}, 0
request = function() at = at %% #places + 1; return wrk.format("GET", places[at]) end
done = function(summary)
  io.write(string.format('\\n{"rate": %%f, "wrong": %%d}\\n', summary.requests / summary.duration * 1e6,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def load(front: Nginx, cookie: str, places: list[str], seconds: float) -> dict[str, float]:
    script = front.folder / "load.lua"
    script.write_text(SCRIPT % ", ".join(json.dumps(place) for place in places))
    options = ["-t2", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script), "-H", f"Cookie: {cookie}"]
    done = subprocess.run(["wrk", *options, front.base], capture_output=True, text=True, check=True)  # noqa: S607
    return dict(json.loads(done.stdout.splitlines()[-1]))


def shown(site: Instance, front: Nginx, person: dict[str, str]) -> list[str]:
    """The addresses of the smallest thumbnails of the first page."""
    cookies = {front.session_cookie: person["session"]}
    page = requests.get(f"{front.base}/", cookies=cookies, verify=str(front.certificate), timeout=60).text
    found = re.findall(r"/images/[\w-]+/thumbs/320/\?p=[\w-]+", page)
    static = Path(site.folder, STATIC.strip("/"))
    shutil.copy(next(Path(site.folder, "media", "thumbs").rglob("*-320.webp")), static)
    return sorted(set(found))


def measure(site: Instance, front: Nginx, person: dict[str, str], seconds: float) -> bool:
    thumbs = shown(site, front, person)
    assert len(thumbs) == SHOWN, len(thumbs)
    cookie = f"{front.session_cookie}={person['session']}"
    kinds = {"static files": [STATIC], "thumbnails": thumbs}
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind, places in kinds.items():
            found[kind].append(load(front, cookie, places, seconds))
    rates = {kind: median(one["rate"] for one in each) for kind, each in found.items()}
    wrong = sum(one["wrong"] for each in found.values() for one in each)
    ratio = rates["thumbnails"] / rates["static files"]
    for kind, rate in rates.items():
        print(f"{kind}: {rate:,.0f} answers a second")
    met = ratio >= AT_LEAST and not wrong
    print(f"Ratio {ratio:.2f}, target {AT_LEAST}: {'met' if met else 'MISSED'}. Answers that were none: {wrong:.0f}.")
    return met


def main(seconds: float) -> int:
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        front, data = Nginx(Path(folder, "nginx")), Path(folder, "data")
        with Instance(data, **front.variables) as site:
            site.manage("prepare")
            done = site.run("-m", "tests.e2e.stage", json.dumps({"painters": 1, "pictures": SHOWN}))
            assert done.returncode == 0, done.stderr
            front.configure(site.base, data)
            site.start_web()
            with front:
                time.sleep(1)
                return int(not measure(site, front, json.loads(done.stdout)["people"][0], seconds))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3))
