"""Look up what the lock names in the list of known vulnerabilities: `audit.py FOLDER-OF-A-VENV LOCK`.

Exit 1 where one is known. Where the list cannot be asked (no network, a registry that does not carry it), that is said
and is no failure: the answer is then unknown, and a build must not depend on it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main(venv: Path, lock: Path) -> int:
    python = str(venv / "bin" / "python")
    quiet = ["--quiet", "--disable-pip-version-check"]
    installed = subprocess.run([python, "-m", "pip", "install", *quiet, "pip-audit>=2.9"], check=False)
    if installed.returncode:
        return say("Nothing was audited: pip-audit cannot be installed here.")
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command = [python, "-m", "pip_audit", *options, "--requirement", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return say(f"Nothing was audited: the list of vulnerabilities cannot be asked here.\n{done.stderr.strip()}")
    return tell(packages)


def tell(packages: list[dict[str, object]]) -> int:
    """Say what was found; the exit code."""
    known = [each for each in packages if "vulns" in each]
    if not known:
        return say(f"Nothing was audited: the registry tells nothing about any of the {len(packages)} packages.")
    bad = [each for each in known if each["vulns"]]
    for each in bad:
        say(f"{each['name']} {each['version']}: {json.dumps(each['vulns'], indent=2)}")
    return say(f"{len(known)} of {len(packages)} packages audited, {len(bad)} with known vulnerabilities.") or bool(bad)


def say(text: str) -> int:
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
