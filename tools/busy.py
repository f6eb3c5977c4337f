"""Run a command while the machine has much more to do than it can, and return its exit status.

python tools/busy.py pytest tests/test_hostile.py
"""

import os
import subprocess
import sys

FACTOR = 2  # processes that keep a core busy, per core

if __name__ == "__main__":
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(FACTOR * (os.cpu_count() or 1))
    ]
    try:
        status = subprocess.run(sys.argv[1:], check=False).returncode
    finally:
        for process in busy:
            process.kill()
            process.wait()
    sys.exit(status)
