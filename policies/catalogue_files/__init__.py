"""The catalogue as files: reading YAML strictly with places kept, and writing it in one canonical form."""

from policies.catalogue_files.archives import MAX_UPLOAD, write_archive
from policies.catalogue_files.folder import (
    CATALOGUE_DIR,
    REFERENCE_LISTS,
    CatalogueFolder,
    format_catalogue_folder,
    policy_files,
    read_catalogue_folder,
    snapshot_folder,
    write_catalogue_folder,
)
from policies.catalogue_files.ordering import canonical_entry, canonical_file, in_canonical_order
from policies.catalogue_files.reader import FileFault, Mark, Sheet, read_sheet
from policies.catalogue_files.uploads import Upload, read_upload, too_long
from policies.catalogue_files.writer import write_yaml

__all__ = [
    "CATALOGUE_DIR",
    "MAX_UPLOAD",
    "REFERENCE_LISTS",
    "CatalogueFolder",
    "FileFault",
    "Mark",
    "Sheet",
    "Upload",
    "canonical_entry",
    "canonical_file",
    "format_catalogue_folder",
    "in_canonical_order",
    "policy_files",
    "read_catalogue_folder",
    "read_sheet",
    "read_upload",
    "snapshot_folder",
    "too_long",
    "write_archive",
    "write_catalogue_folder",
    "write_yaml",
]
