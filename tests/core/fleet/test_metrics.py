"""Prometheus text that Prometheus can read."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from reelops.core.fleet.exposition import Sample, exposition
from reelops.infra.triton_metrics import parse_gpu_memory


def test_figures_and_odd_labels_survive_a_parser() -> None:
    text = exposition(
        "depth", "gauge", "Jobs that wait", [Sample({"queue": 'a"b\\c\nd'}, 3), Sample({"queue": "e"}, 0.5)]
    )
    (family,) = text_string_to_metric_families(text)
    assert family.type == "gauge"
    assert {sample.labels["queue"]: sample.value for sample in family.samples} == {'a"b\\c\nd': 3.0, "e": 0.5}


def test_a_metric_without_samples_is_still_described() -> None:
    assert exposition("gpu", "gauge", "GPU memory", []) == "# HELP gpu GPU memory\n# TYPE gpu gauge\n"


def test_gpu_memory_is_read_from_what_triton_prints() -> None:
    text = (
        "# HELP nv_gpu_memory_total_bytes GPU total memory, in bytes\n"
        'nv_gpu_memory_total_bytes{gpu_uuid="GPU-1"} 85899345920\n'
        'nv_gpu_memory_used_bytes{gpu_uuid="GPU-1"} 1.5e9\n'
        'nv_inference_count{model="a"} 3\n'
    )
    (gpu,) = parse_gpu_memory(text)
    assert (gpu.uuid, gpu.total, gpu.used) == ("GPU-1", 85899345920.0, 1.5e9)
    assert parse_gpu_memory("") == []
