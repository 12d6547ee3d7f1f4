"""Take a picture of OHIF with a study and its results from a real Orthanc, for docs/how-to/viewers.md.

Needs root (a network namespace), Orthanc with its DICOMweb plugin, node, and a folder with these npm packages:
``npm install @ohif/app puppeteer-core @sparticuz/chromium``. Nothing but the loopback of the namespace is reached.

    python tools/viewer_pictures.py NPM_FOLDER docs/how-to/pictures

Three pictures: the study as it opens, its report opened, and the report opened without the groups that have no region,
which OHIF does not show.
"""

from __future__ import annotations

import http.client
import io
import mimetypes
import os
import re
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STILL = ROOT / "examples/dicom/fir-still.dcm"
ORTHANC, SITE = 8042, 3000
BROWSE = """
const puppeteer = require('puppeteer-core');
const chromium = require('@sparticuz/chromium').default || require('@sparticuz/chromium');
(async () => {
  const [, , url, folder, first, second] = process.argv;
  const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  const browser = await puppeteer.launch({
    args: [...chromium.args, '--no-sandbox',
      '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    executablePath: await chromium.executablePath(), headless: 'shell',
    defaultViewport: { width: 1280, height: 800 },
  });
  const page = await browser.newPage();
  const say = async (name) => {
    await page.screenshot({ path: `${folder}/${name}.png` });
    console.log(`--- ${name}`, await page.evaluate(() => document.body.innerText));
  };
  const click = async (text, count) => {
    const found = await page.$(`::-p-text(${text})`);
    if (!found) throw new Error(`not on the page: ${text}`);
    await found.click({ clickCount: count });
  };
  await page.goto(url, { waitUntil: 'load', timeout: 120000 });
  await wait(12);
  await click('Skip all', 1);
  await wait(2);
  if (first) await say(first);
  await click('Nonet findings', 2);
  await wait(8);
  await say(second);
  await browser.close();
})();
"""
CONFIG = """
window.config = {
  routerBasename: null, extensions: [], modes: [], showStudyList: true, maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false, showCPUFallbackMessage: false, showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true, investigationalUseDialog: { option: 'never' },
  defaultDataSourceName: 'orthanc',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'orthanc',
    configuration: {
      friendlyName: 'Orthanc', name: 'orthanc', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web',
      wadoUriRoot: '/wado', qidoSupportsIncludeField: false, imageRendering: 'wadors', thumbnailRendering: 'wadors',
      enableStudyLazyLoad: true, supportsFuzzyMatching: false, supportsWildcard: true,
    },
  }],
};
"""


class Site(BaseHTTPRequestHandler):
    """OHIF's files, and Orthanc's DICOMweb under the same name."""

    viewer: Path

    def do_GET(self) -> None:
        """Answer with a file, or with what Orthanc says."""
        path = self.path.partition("?")[0]
        if path.startswith("/dicom-web"):
            self._pass_on()
            return
        if path == "/app-config.js":
            self._say(200, CONFIG.encode(), "text/javascript")
            return
        file = self.viewer / path.lstrip("/")
        file = file if file.is_file() else self.viewer / "index.html"
        kind = "application/wasm" if file.suffix == ".wasm" else mimetypes.guess_type(file.name)[0]
        self._say(200, file.read_bytes(), kind or "application/octet-stream")

    def _pass_on(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", ORTHANC)
        connection.request("GET", self.path, headers={"Accept": self.headers.get("Accept", "*/*")})
        answer = connection.getresponse()
        self._say(answer.status, answer.read(), answer.headers.get("Content-Type", ""))

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


def main() -> None:
    """Start the program anew in a network namespace, and take the picture there."""
    if os.environ.get("INSIDE") != "1":
        command = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, *sys.argv]
        sys.exit(subprocess.run(command, env={**os.environ, "INSIDE": "1"}, check=False).returncode)  # noqa: S603
    packages, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        _picture(packages, target, Path(place))


def _picture(packages: Path, target: Path, place: Path) -> None:
    sys.path.insert(0, str(ROOT / "tests/serve/dicomweb"))
    import threading

    import pydicom
    from dicomweb_client import DICOMwebClient
    from orthanc_peer import start_here

    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.outputs.dicom.results import results_of
    from nonet.reader import Reader

    server = start_here(place / "orthanc", ORTHANC)
    try:
        pairs = list(Reader(Bundle(Path(DEFAULT_BUNDLE))).read_source(STILL))
        report, state = results_of(STILL, pairs, ("sr", "gsps"))
        source = pydicom.dcmread(STILL)
        client = DICOMwebClient(f"http://127.0.0.1:{ORTHANC}/dicom-web")
        client.store_instances([source, report, state])
        Site.viewer = packages / "node_modules/@ohif/app/dist"
        site = ThreadingHTTPServer(("127.0.0.1", SITE), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        (place / "browse.js").write_text(BROWSE)
        url = f"http://127.0.0.1:{SITE}/viewer?StudyInstanceUIDs={source.StudyInstanceUID}"
        _browse(packages, place, url, target, "ohif", "ohif-report")
        client.store_instances([_with_regions_alone(report)])
        _browse(packages, place, url, target, "", "ohif-report-regions-alone")
    finally:
        server.kill()
        server.wait()


def _browse(packages: Path, place: Path, *arguments: object) -> None:
    environment = {**os.environ, "NODE_PATH": str(packages / "node_modules")}
    command = ["node", str(place / "browse.js"), *map(str, arguments)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=280)  # noqa: S603
    sys.stdout.write(re.sub(r"\n+", "\n", said.stdout) + said.stderr)


def _with_regions_alone(report: Any) -> Any:  # noqa: ANN401 - pydicom is imported late
    """The report under its own UID without the groups that have no region; it takes the place of the first."""
    import pydicom

    buffer = io.BytesIO()
    report.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    own = pydicom.dcmread(buffer)
    groups = next(item for item in own.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "126010")
    groups.ContentSequence = [
        group for group in groups.ContentSequence if any(item.ValueType == "SCOORD" for item in group.ContentSequence)
    ]
    return own


if __name__ == "__main__":
    main()
