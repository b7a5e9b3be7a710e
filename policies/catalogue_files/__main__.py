"""`python -m policies.catalogue_files [DIR]`: rewrite a catalogue folder canonically, without Django."""

import sys
from pathlib import Path

from policies.catalogue_files.folder import CATALOGUE_DIR, format_catalogue_folder

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CATALOGUE_DIR
    changed, faults = format_catalogue_folder(folder)
    for file in changed:
        sys.stdout.write(f"{folder / file}: rewritten\n")
    for fault in faults:
        sys.stdout.write(f"{folder / fault.file}:{fault.line}:{fault.column}: {fault.code}: {fault.message.en}\n")
    sys.exit(1 if faults else 0)
