"""How far a real worker process grows while it stores what the API answers, honest pictures and others.

Run `.venv/bin/python benchmarks/worker_memory.py [replies]`; 8 by default. Starts the site as `manage.py serve` does,
asks for four PNGs of 2048 x 2048 in one call through the models, and reads the high-water mark, which the kernel lets
one set back (`clear_refs`), of the process that the call's own row names. It is compared with two idle sizes: of that
worker before its first reply, and just before this one. Then the same for replies of large, odd and hostile pictures
(`_odd_replies`), with the most that a process of the worker's own (the decode child) used beside it, and the seconds
that both took of the processor, as well as those from the whole reply on disk to its rows: on a busy machine the
latter say little. Linux only.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _odd_replies, _table
from benchmarks._stack import LOCK, PATIENCE, stack  # the scratch site comes before all else

# isort: split
import psutil

from gallery.models import User
from generator.models import Call, Image
from generator.submit import Wish, submit
from generator.worker import cluster

TARGET = 50
TARGET_SECONDS = 10
# Seconds without a new process of the queue.
SETTLED = 3
SIDE, COUNT, MODEL = 2048, 4, "kandinsky"
DARKROOM = "generator.imaging.decode_child"
ONE_WORKER = {"ONLYSQ_DIALECT": "size", "VITRINE_CONCURRENCY": "1"}


def processes(root: int) -> dict[int, psutil.Process]:
    """The queue's processes below `root` by process id."""
    below = {process.pid for process in psutil.Process(root).children(recursive=True)}
    return {process.pid: process for process in cluster.processes(LOCK) if process.pid in below}


def settled(root: int) -> dict[int, psutil.Process]:
    """The queue's processes once all of them have started: the web server answers before they have."""
    found, same = processes(root), 0
    while same < SETTLED:
        time.sleep(1)
        now = processes(root)
        same = same + 1 if now.keys() == found.keys() and len(now) > 1 else 0
        found = now
    return found


def memory(process: psutil.Process, field: str) -> float:
    """MiB, as the kernel counts: VmRSS is now, VmHWM the most since the mark was set back."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def set_back(process: psutil.Process) -> float:
    """Set the high-water mark back to what is used now, and return that."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return memory(process, "VmRSS")


def ask(user: User) -> Call:
    """Have one call answered and stored."""
    wish = Wish(prompt=f"A harbour, {uuid4()}", model=MODEL, width=SIDE, height=SIDE, count=COUNT)
    generation = submit(user, wish, uuid4().hex).generation
    until = time.monotonic() + 3 * PATIENCE
    while generation.calls.get().is_running and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)  # the spool file goes after the row
    return generation.calls.get()


@contextmanager
def decode_children(workers: list[psutil.Process]) -> Iterator[dict[int, float]]:
    """The high-water marks in MiB, as far as they were seen, of pictures' own processes below these meanwhile."""
    seen: dict[int, float] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            for worker in workers:
                with suppress(psutil.Error, OSError, StopIteration):
                    for child in worker.children():
                        if DARKROOM in child.cmdline():
                            seen[child.pid] = memory(child, "VmHWM")

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield seen
    finally:
        done.set()
        looker.join()


def measure(pid: int, user: User) -> tuple[int, float, float, float]:
    """The worker that stored one reply, its MiB before and at its peak, and the megabytes it stored."""
    running = processes(pid)
    before = {worker: set_back(process) for worker, process in running.items()}
    call = ask(user)
    assert call.state == Call.State.SUCCEEDED, call.error_message
    worker = int(call.worker.rpartition(":")[2])
    size = sum(Image.objects.filter(call=call).values_list("bytes", flat=True)) / 1e6
    return worker, before[worker], memory(running[worker], "VmHWM"), size


def cpu(process: psutil.Process) -> float:
    """Seconds of the processor that the process took, and its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def odd(case: str, pid: int, user: User) -> tuple[float, float]:
    """Print what one odd reply cost; the worker's MiB above its size before, and seconds of the processor."""
    running = processes(pid)
    start = {worker: cpu(process) for worker, process in running.items()}
    before = {worker: set_back(process) for worker, process in running.items()}
    with decode_children(list(running.values())) as seen:
        call = ask(user)
    worker = int(call.worker.rpartition(":")[2])
    growth = memory(running[worker], "VmHWM") - before[worker]
    seconds = cpu(running[worker]) - start[worker]
    assert call.received_at
    assert call.finished_at
    wall = (call.finished_at - call.received_at).total_seconds()
    kept = Image.objects.filter(call=call).count()
    _table.line(
        case, kept, before[worker], growth, max(seen.values(), default=0.0), seconds, wall, call.error_message[:90]
    )
    return growth, seconds


def main(replies: int) -> int:
    return max(honest(replies), others())


def others() -> int:
    """Whether both targets were met, as an exit code."""
    with _odd_replies.Server() as server, stack(latency=0, ONLYSQ_API_URL=server.url, **ONE_WORKER) as (_, pid):
        user = User.objects.get(is_superuser=True)
        settled(pid)
        print(f"\n{_table.conditions()}; MiB and seconds")
        _table.head("reply", "kept", "before", "peak above", "child's peak", "CPU, s", "wall, s", "said")
        costs = []
        for case, pictures in _odd_replies.CASES.items():
            server.answer(pictures())
            costs.append(odd(case, pid, user))
    growth, seconds = (max(column) for column in zip(*costs, strict=True))
    is_met = growth <= TARGET and seconds <= TARGET_SECONDS
    print(f"\nTargets: never more than {TARGET} MiB and {TARGET_SECONDS} s of CPU: {'met' if is_met else 'MISSED'}.")
    return int(not is_met)


def honest(replies: int) -> int:
    """Whether the target was met, as an exit code."""
    fresh: dict[int, float] = {}
    growths = []
    with stack(latency=0, **ONE_WORKER) as (_, pid):
        user = User.objects.get(is_superuser=True)
        settled(pid)
        print(f"{_table.conditions()}; {COUNT} PNGs of {SIDE} x {SIDE} a reply; MiB")
        _table.head("reply", "of, MB", "worker", "fresh", "before", "peak", "above before", "above fresh")
        for number in range(1, replies + 1):
            worker, before, peak, size = measure(pid, user)
            idle = fresh.setdefault(worker, before)
            growths.append(peak - idle)
            _table.line(number, size, worker, idle, before, peak, peak - before, growths[-1])
    is_met = max(growths) <= TARGET
    print(f"\nTarget: never more than {TARGET} MiB above a fresh worker: {'met' if is_met else 'MISSED'}.")
    return int(not is_met)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 8))
