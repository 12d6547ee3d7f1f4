"""A node at work: what comes in, what goes out, what is said of it, and what is said of no patient."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from node_process import CINE, STILL, Node, Pacs, instance, wait_until
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from nonet.serve.node.sop_classes import IMAGE_SYNTAXES

pytestmark = pytest.mark.slow
Shared = tuple[Node, Pacs]
PLANTED = "Lindqvist-Zzyx^Maria^^^" + "x" * 70


def ended(node: Node, before: dict[str, int], **more: int) -> None:
    """Wait until so many more instances have ended so than there were, and none is under way."""
    wanted = {state: before.get(state, 0) + more.get(state, 0) for state in (*before, *more)}
    node.wait_for(**wanted)


def test_a_bad_file_among_good_ones_is_a_failure_of_its_own(shared: Shared) -> None:
    (node, pacs), bad, good = shared, instance(), instance()
    before = node.instances()
    bad.PixelData = bad.PixelData[: len(bad.PixelData) // 2]
    assert node.send(bad, good) == [0, 0]
    ended(node, before, failed=1, done=1)
    assert good.SOPInstanceUID in pacs.read_instances()
    assert bad.SOPInstanceUID not in pacs.read_instances()
    failure = node.failures()[0]
    assert failure["sop_instance_uid"] == bad.SOPInstanceUID
    assert failure["rule"]
    assert failure["remedy"]
    node.wait_for_no_files()


def test_a_result_that_the_pacs_refuses_is_tried_again_and_then_a_failure(shared: Shared) -> None:
    (node, pacs), still = shared, instance()
    before, had = node.instances(), len(pacs.received)
    pacs.status = 0xC000
    try:
        assert node.send(still) == [0]
        ended(node, before, failed=1)
    finally:
        pacs.status = 0
    refused = pacs.received[had:]
    assert len(refused) == 6
    assert "C000" in node.failures()[0]["found"]
    node.wait_for_no_files()
    assert node.send(still) == [0]
    ended(node, before, done=1)
    versions = {uid: {data for other, _, data in pacs.received if other == uid} for uid, _, _ in refused}
    assert len(versions) == 2
    assert all(len(one) == 1 for one in versions.values())


def test_a_second_sending_is_success_and_no_second_job(shared: Shared) -> None:
    (node, pacs), still = shared, instance()
    before, had = node.instances(), len(pacs.received)
    assert node.send(still, still) == [0, 0]
    ended(node, before, done=1)
    assert node.send(still) == [0]
    changed = instance()
    changed.SOPInstanceUID = still.SOPInstanceUID
    changed.InstanceNumber = 99
    assert node.send(changed) == [0x0111]
    ended(node, before, done=1)
    assert node.status()["instances"]["other_versions"] == 1
    assert len(pacs.received) == had + 2


def test_our_own_results_come_back_and_are_not_read(shared: Shared) -> None:
    node, pacs = shared
    if not pacs.reports():
        assert node.send(instance()) == [0]
        wait_until(pacs.reports, "a report")
        wait_until(lambda: set(node.instances()) <= {"done", "failed", "skipped"}, "the end")
    before, had = node.instances(), len(pacs.received)
    report = pacs.reports()[0]
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    assert node.send(report) == [0]
    ended(node, before, skipped=1)
    assert len(pacs.received) == had


@pytest.mark.skipif(shutil.which("storescu") is None, reason="needs dcmtk")
def test_dcmtk_echoes_and_stores(shared: Shared) -> None:
    node, pacs = shared
    before = node.instances()
    peer = ["-aet", "MODALITY", "-aec", "NONET", "127.0.0.1", str(node.port)]
    subprocess.run(["echoscu", *peer], check=True)
    subprocess.run(["storescu", *peer, STILL], check=True)
    subprocess.run(["storescu", "-xv", *peer, CINE], check=True)
    ended(node, before, done=2)
    assert len(pacs.received) >= 4


def test_what_is_no_ultrasound_image_is_refused_by_its_presentation_context(shared: Shared) -> None:
    node, _ = shared
    from pynetdicom import AE
    from pynetdicom.sop_class import CTImageStorage, UltrasoundImageStorage

    entity = AE("MODALITY")
    entity.add_requested_context(CTImageStorage)
    entity.add_requested_context(UltrasoundImageStorage, "1.2.840.10008.1.2.4.100")  # MPEG2
    for syntax in IMAGE_SYNTAXES:
        entity.add_requested_context(UltrasoundImageStorage, syntax)
    association = entity.associate("127.0.0.1", node.port, ae_title="NONET")
    accepted = {context.transfer_syntax[0] for context in association.accepted_contexts}
    refused = [context.abstract_syntax for context in association.rejected_contexts]
    association.release()
    assert accepted == set(IMAGE_SYNTAXES)
    assert refused == [CTImageStorage, UltrasoundImageStorage]


def test_health_and_status_count_the_same(shared: Shared) -> None:
    node, _ = shared
    assert node.send(instance()) == [0]
    wait_until(lambda: set(node.instances()) <= {"done", "failed", "skipped"}, "the end")
    with urllib.request.urlopen(f"http://127.0.0.1:{node.health}/health") as answer:
        health = json.load(answer)
    status = node.status()
    assert health["ok"] is True
    assert health["instances"] == status["instances"]
    assert health["results"] == status["results"]
    assert status["results"]["PACS"]["waiting"] == 0
    assert health["bytes_free"] > 0
    assert "failures" not in health
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{node.health}/")


def test_nothing_of_a_patient_is_written_but_into_dicom(shared: Shared) -> None:
    node, pacs = shared
    names = {
        "PatientName": PLANTED, "PatientID": "LINDQVIST-ID", "StudyDescription": "LINDQVIST study",
        "AccessionNumber": "LINDQVIST", "InstitutionName": "LINDQVIST hospital",
        "ReferringPhysicianName": "LINDQVIST^Dr",
    }  # fmt: skip
    good, bad, odd = instance(**names), instance(**names), instance(**names)
    bad.PixelData = bad.PixelData[:1000]
    odd.Rows = 0
    odd.StudyInstanceUID = "LINDQVIST.1"
    before = node.instances()
    assert node.send(good, bad, odd) == [0, 0, 0]
    ended(node, before, done=1, failed=2)
    said = [node.log, node.run("status").stdout, node.run("status", "--json").stdout]
    with urllib.request.urlopen(f"http://127.0.0.1:{node.health}/health") as answer:
        said.append(answer.read().decode())
    said += [path.read_bytes().decode("latin-1") for path in Path(node.folder / "spool").glob("queue.sqlite*")]
    assert len(said) == 7
    assert any(b"LINDQVIST-ID" in data for _, _, data in pacs.received)
    assert [text for text in said if "lindqvist" in text.lower() or "zzyx" in text.lower()] == []


def test_the_spool_is_for_its_owner_alone(shared: Shared) -> None:
    node, _ = shared
    modes = [path.stat().st_mode & 0o077 for path in (node.folder / "spool").rglob("*")]
    assert len(modes) >= 5
    assert set(modes) == {0}


def test_a_second_node_in_the_same_spool_is_refused(shared: Shared) -> None:
    node, _ = shared
    run = node.run("serve")
    assert run.returncode == 3
    assert "another node" in run.stderr
