"""Lints the protos with buf and, with `--against FILE`, looks for breaking changes: `python -m tools.lint_protos`.

buf reads the image that protoc made, as not every machine reaches buf's registry for the imports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.generate import ROOT, protoc, sources

BUF = Path(sys.executable).parent / "buf"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="a commit or branch whose protos must stay compatible")
    against = parser.parse_args().against
    with tempfile.TemporaryDirectory() as folder:
        image = make_image(Path(folder), ROOT / "proto", "now")
        failed = run("lint", str(image), "--path", "reelops")
        if against:
            failed |= check_breaking(Path(folder), image, against)
    return failed


def make_image(folder: Path, proto: Path, name: str) -> Path:
    """Compiles the protos with their comments."""
    image = folder / f"{name}.binpb"
    protoc(
        folder,
        f"--descriptor_set_out={image}",
        "--include_imports",
        "--include_source_info",
        *sources(proto),
        proto=proto,
    )
    return image


def check_breaking(folder: Path, image: Path, against: str) -> int:
    """Compares with the protos of another commit; one without protos breaks nothing."""
    before = folder / "before"
    before.mkdir()
    archive = subprocess.run(["git", "archive", against, "proto"], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        print(f"breaking: skipped, {against} has no protos")
        return 0
    subprocess.run(["tar", "-x", "-C", before], input=archive.stdout, check=True)
    old = make_image(folder, before / "proto", "before")
    return run("breaking", str(image), "--against", str(old), "--path", "reelops")


def run(*arguments: str) -> int:
    return subprocess.run([str(BUF), *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
