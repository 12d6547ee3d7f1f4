# ruff: noqa: E501 - sentences of a page
"""Write ``docs/reference/conformance.md``, the DICOM conformance statement, from the code of the node and its results.

Run ``python tools/conformance.py``. A test holds the page to what this prints.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from pydicom.uid import UID

sys.path.insert(0, str(Path(__file__).parent))

from markdown_table import markdown_table

from nonet.anatomy import CODES, Structure
from nonet.frames.dicom.own_results import DESCRIPTIONS, MANUFACTURER, MODEL
from nonet.outputs.dicom.codes import EXTENSIONS, PRIVATE_SCHEME, all_codes
from nonet.serve.node.config import Limits
from nonet.serve.node.sop_classes import (
    IMAGE_SYNTAXES,
    IMAGES,
    RESULT_SYNTAXES,
    RESULTS,
    STATUS_MEANINGS,
    VERIFICATION,
)

PAGE = Path(__file__).parents[1] / "docs/reference/conformance.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(render())


def render() -> str:
    """The page."""
    return "\n\n".join([_HEAD, *_classes(), *_association(), *_statuses(), *_objects(), *_codes(), _SECURITY]) + "\n"


_HEAD = """# DICOM conformance statement

Of `nonet node` and of the objects that `nonet read --save sr,gsps,sc` writes; ordered as PS3.2 asks. Written from the code by
`tools/conformance.py`. Research use; not a diagnosis.

The node is one application entity. It accepts associations to receive ultrasound images (Storage SCP, Verification SCP), and
opens associations to send its results (Storage SCU) and, for `nonet node check`, to echo (Verification SCU); it proposes
Verification in each of them. It offers no query, no retrieval and no storage commitment; it prints nothing and plans nothing."""

_SECURITY = """## Security

With `[tls]` in its configuration the node accepts TLS 1.2 or later alone, and both sides show a certificate of the authority named
there (mutual authentication); results leave in TLS to each destination with `tls = true`. Without, it is DICOM in the clear.
User identity negotiation is not used. Character sets: results keep the source's Specific Character Set."""


def _classes() -> list[str]:
    syntaxes = [[f"`{uid}`", UID(uid).name] for uid in IMAGE_SYNTAXES]
    taken = [
        [
            "Verification",
            f"`{VERIFICATION}`",
            "SCP, SCU",
            "Implicit VR, Explicit VR, Deflated Explicit VR Little Endian, Explicit VR Big Endian",
        ]
    ]
    taken += [[name, f"`{uid}`", "SCP", "those of images, below"] for uid, name in IMAGES.items()]
    own = ", ".join(UID(uid).name for uid in RESULT_SYNTAXES)
    taken += [[name, f"`{uid}`", "SCU; SCP, never read: below", own] for uid, (_, name) in RESULTS.items()]
    return [
        "## SOP classes",
        markdown_table([["SOP class", "UID", "role", "transfer syntaxes"], *taken]).rstrip(),
        "Every other SOP class is refused by its presentation context. An object of a result's class is taken, so that a study which is\n"
        "sent whole does not fail; it is recorded as skipped and not read, whether or not Nonet wrote it.",
        "## Transfer syntaxes of images",
        markdown_table([["UID", "name"], *syntaxes]).rstrip(),
        "Of those that a peer proposes in one context, the first of this table is accepted.",
    ]


def _association() -> list[str]:
    limits = {one.name: one.default for one in fields(Limits)}
    rows = [
        ["Application context", "`1.2.840.10008.3.1.1.1`"],
        ["Implementation class UID, version", "those of the pynetdicom that is installed"],
        ["Longest PDU received", f"`limits.pdu_bytes`, {limits['pdu_bytes']} by default; a longer one ends the connection"],
        ["Associations at a time", f"`limits.associations`, {limits['associations']} by default; one more is rejected: transient, presentation, local limit exceeded"],
        ["Calling AE title", "one of `calling_ae_titles`, else rejected: permanent, calling AE title not recognised"],
        ["Called AE title", "`ae_title`, unless `check_called_ae_title` is false, else rejected: permanent, called AE title not recognised"],
        ["Largest object", f"`limits.object_bytes`, {limits['object_bytes']} by default; a larger one is aborted"],
        ["Silence", f"`limits.network_seconds`, {limits['network_seconds']} by default, then the connection ends"],
        ["Asynchronous operations", "none: one at a time"],
        ["Opened by the node", "one association a destination at a time, for up to 32 results"],
    ]  # fmt: skip
    return ["## Associations", markdown_table([["", ""], *rows]).rstrip()]


def _statuses() -> list[str]:
    rows = [
        [f"`{status:04X}`", status.name.replace("_", " ").capitalize().replace("sop", "SOP"), STATUS_MEANINGS[status]]
        for status in STATUS_MEANINGS
    ]
    return [
        "## Statuses of C-STORE",
        "As SCP, the node answers:",
        markdown_table([["status", "name", "when"], *rows]).rstrip(),
        "As SCU it takes 0000 and warnings (Bxxx) as stored, and 0111 too: the peer has an object of this UID already. Any other\n"
        "status, no accepted context and no connection are tried again, as `[retry]` says.",
    ]


def _objects() -> list[str]:
    rows = [[f"`{kind}`", words] for kind, words in DESCRIPTIONS.items()]
    return [
        "## Objects",
        f"Manufacturer is `{MANUFACTURER}`, model `{MODEL}`. Patient and study are the source's, the series is new. Reports are TID 1500 with\n"
        "planar groups (TID 1410) for structures with a box and measurement groups (TID 1501) for the others, PRELIMINARY and\n"
        "UNVERIFIED. SOP Instance UIDs are made from the source's UID, the frames, the bundle, the settings and the version of Nonet, under\n"
        "`2.25`: the same image read again is the same object. By kind, the series description:",
        markdown_table([["kind", "series description"], *rows]).rstrip(),
    ]


def _codes() -> list[str]:
    sites = [[structure.label, *_cells(code)] for structure, code in CODES.items() if isinstance(structure, Structure)]
    others = [_cells(code) for code in all_codes() if code.scheme != PRIVATE_SCHEME]
    own = [_cells(code) for code in all_codes() if code.scheme == PRIVATE_SCHEME]
    extended = [[f"`{value}`", words] for value, words in EXTENSIONS.items()]
    return [
        "## Codes",
        "Sites of the nine structures:",
        markdown_table([["structure", "value", "scheme", "meaning"], *sites]).rstrip(),
        "Concepts, values and units:",
        markdown_table([["value", "scheme", "meaning"], *others]).rstrip(),
        "## Extensions",
        "Codes in another place than PS3.16 has them:",
        markdown_table([["value", "why"], *extended]).rstrip(),
        f"The private coding scheme `{PRIVATE_SCHEME}`:",
        markdown_table([["value", "scheme", "meaning"], *own]).rstrip(),
    ]


def _cells(code: object) -> list[str]:
    return [f"`{code.value}`", code.scheme, code.meaning]  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
