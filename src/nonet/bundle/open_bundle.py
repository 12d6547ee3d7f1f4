"""Open a bundle: read its manifest and check the hash of every file."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from nonet.bundle.check_manifest import FORMAT, check_manifest, check_numbers
from nonet.bundle.manifest import Manifest
from nonet.errors import BundleError
from nonet.reading import BundleReference

__all__ = ["DEFAULT_BUNDLE", "Bundle"]

DEFAULT_BUNDLE = Path(__file__).parent.parent / "bundles" / "default"
"""The bundle that ships inside the package."""

_MANIFEST = "manifest.json"
_MANIFEST_CAP_BYTES = 1 << 20


class Bundle:
    """An opened bundle; opening checks the manifest's form and the hash of every file.

    Parameters
    ----------
    folder
        The bundle's folder.

    Raises
    ------
    BundleError
        If the manifest is missing, not understood or states what cannot be run, or a file is missing or altered.
    """

    def __init__(self, folder: Path = DEFAULT_BUNDLE) -> None:
        self.folder = Path(folder)
        raw = self._read(_MANIFEST, cap=_MANIFEST_CAP_BYTES)
        check_numbers(raw)
        try:
            self.manifest = TypeAdapter(Manifest).validate_json(raw)
        except ValidationError as problem:
            first = problem.errors()[0]
            raise BundleError(
                f"A bundle's manifest.json follows format {FORMAT}",
                found=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
                remedy="Export the bundle again with this version of Nonet",
            ) from problem
        check_manifest(self.manifest)
        self.sha256 = hashlib.sha256(raw).hexdigest()
        self._contents = {name: self._checked(name) for name in self.manifest.files}

    @cached_property
    def reference(self) -> BundleReference:
        """Name, version and hash, as a reading quotes them."""
        return BundleReference(self.manifest.name, self.manifest.version, self.sha256)

    def file(self, name: str) -> bytes:
        """The bytes of a file of the bundle, those whose hash was checked.

        Raises
        ------
        BundleError
            If the manifest does not list the file.
        """
        if name not in self._contents:
            raise BundleError(
                "A bundle runs only files that its manifest lists",
                found=f"{name} is not among {sorted(self._contents)}",
                remedy="Export the bundle again",
            )
        return self._contents[name]

    def _checked(self, name: str) -> bytes:
        raw = self._read(name)
        actual = hashlib.sha256(raw).hexdigest()
        if actual != self.manifest.files[name]:
            raise BundleError(
                "A bundle's files are those its manifest was written for",
                found=f"{name} has sha256 {actual[:12]}..., the manifest says {self.manifest.files[name][:12]}...",
                remedy="Copy the bundle again from where it was published",
            )
        return raw

    def _read(self, name: str, cap: int = 256 << 20) -> bytes:
        path = self.folder / name
        if Path(name).name != name or not path.is_file():
            raise BundleError(
                "A bundle is a folder with manifest.json and the files it lists",
                found=f"no file {name} in {self.folder}",
                remedy="Point --bundle at the folder that holds manifest.json",
            )
        if path.stat().st_size > cap:
            raise BundleError(
                f"A bundle's {name} is at most {cap} bytes",
                found=f"{path.stat().st_size} bytes",
                remedy="Check that this is a Nonet bundle",
            )
        return path.read_bytes()
