"""A real Orthanc beside a node, in a network of their own; writes what came of it as JSON.

Run in a namespace with the loopback only: Orthanc listens on every address. Arguments: a folder to work in, the page
whose Lua script routes.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session_from_user_pass
from pydicom import dcmread

sys.path.insert(0, str(Path(__file__).parent))

from node_process import CINE, STILL, Node, end, free_port, wait_until

PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
USER, PASSWORD = "test", "loopback-only"


def main(folder: Path, page: Path) -> None:
    web, dicom = free_port(), free_port()
    node = Node(folder / "node", dicom, calling_ae_titles=["ORTHANC"], send=["sr", "gsps", "sc"])
    text = node.config.read_text().replace('ae_title = "PACS"', 'ae_title = "ORTHANC"')
    node.config.write_text(text)
    node.start()
    (folder / "route.lua").write_text(re.findall(r"^```lua\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)[0])
    settings = {
        "Name": "test", "HttpPort": web, "DicomPort": dicom, "DicomAet": "ORTHANC", "StableAge": 1,
        "StorageDirectory": str(folder / "store"), "IndexDirectory": str(folder / "store"),
        "AuthenticationEnabled": True, "RegisteredUsers": {USER: PASSWORD}, "Plugins": [PLUGIN],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}, "LuaScripts": [str(folder / "route.lua")],
        "DicomModalities": {"NONET": ["NONET", "127.0.0.1", node.port]}, "DicomAlwaysAllowStore": True,
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "orthanc.log").open("wb") as log:
        orthanc = subprocess.Popen(["Orthanc", folder / "orthanc.json"], stdout=log, stderr=log)
    try:
        (folder / "found.json").write_text(json.dumps(_round(node, Archive(web))))
    finally:
        orthanc.terminate()
        orthanc.wait()
        node.stop()
        end(node)


class Archive:
    """Orthanc's REST and DICOMweb interfaces."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._credentials = b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def bytes(self, path: str, data: bytes | None = None, accept: str = "application/json") -> bytes:
        headers = {"Authorization": f"Basic {self._credentials}", "Accept": accept}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers), timeout=30) as answer:
            return bytes(answer.read())

    def json(self, path: str, data: bytes | None = None) -> Any:
        return json.loads(self.bytes(path, data) or b"[]")

    def is_up(self) -> bool:
        try:
            return bool(self.json("/system"))
        except OSError:
            return False


def _round(node: Node, archive: Archive) -> dict[str, Any]:
    wait_until(archive.is_up, "Orthanc is up")
    stored = [archive.json("/instances", path.read_bytes()) for path in (STILL, CINE)]
    wait_until(lambda: len(archive.json("/instances")) == 12, f"results of both; {node.log}")
    wait_until(lambda: node.instances() == {"done": 2}, "both are done")
    series = archive.json("/dicom-web/series?includefield=00080060")
    report = next(one for one in series if one["00080060"]["Value"] == ["SR"])
    study, own = report["0020000D"]["Value"][0], report["0020000E"]["Value"][0]
    fetched = archive.bytes(
        f"/dicom-web/studies/{study}/series/{own}", accept='multipart/related; type="application/dicom"'
    )
    sources = [archive.bytes(f"/instances/{one['ID']}/file") for one in stored]
    wait_until(lambda: _is_stable(archive), "the studies are stable once more, now with our results in them")
    wait_until(lambda: len(node.lines("received")) >= 4, "the script sends each once more")
    time.sleep(0.5)  # results of what was read twice would come
    return {
        "modalities": sorted(one["00080060"]["Value"][0] for one in series),
        "studies": len(archive.json("/dicom-web/studies")),
        "instances": len(archive.json("/instances")),
        "fetched": b"DICM" in fetched and b"Thalam" in fetched,
        "sources_unchanged": [hashlib.sha256(one).hexdigest() for one in sources]
        == [hashlib.sha256(path.read_bytes()).hexdigest() for path in (STILL, CINE)],
        "pixels_by_wado": [_same_pixels(archive, path) for path in (STILL, CINE)],
        "node": node.instances(),
        "received": len(node.lines("received")),
    }


def _is_stable(archive: Archive) -> bool:
    return all(archive.json(f"/studies/{one}")["IsStable"] for one in archive.json("/studies"))


def _same_pixels(archive: Archive, path: Path) -> bool:
    """Whether a source that is fetched by WADO-RS has the pixels, and the frames, that were sent."""
    sent = dcmread(path)
    session = create_session_from_user_pass(USER, PASSWORD)
    client = DICOMwebClient(f"{archive.base}/dicom-web", session=session)
    fetched = client.retrieve_instance(sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
    same = fetched.pixel_array.shape == sent.pixel_array.shape and (fetched.pixel_array == sent.pixel_array).all()
    return bool(same and fetched.SOPInstanceUID == sent.SOPInstanceUID)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
