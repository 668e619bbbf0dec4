"""The formula profile written down a second time, loops and lists only, to hold the real one against."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median


def unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row] if length else row


def boundaries(rows: list[list[float]]) -> list[int]:
    rows = [unit(row) for row in rows]
    d = [1 - sum(a * b for a, b in zip(rows[i], rows[i + 1], strict=True)) for i in range(len(rows) - 1)]
    mean = sum(d) / len(d)
    std = math.sqrt(sum((x - mean) ** 2 for x in d) / len(d))
    found = [0]
    for i, x in enumerate(d):
        if x >= mean + std and i + 1 - found[-1] >= 2:
            found.append(i + 1)
    return [*found, len(rows)]


def warping_path(sim: list[list[float]]) -> list[tuple[int, int]]:
    m, n = len(sim), len(sim[0])
    total: dict[tuple[int, int], float] = {}
    came: dict[tuple[int, int], tuple[int, int] | None] = {}
    for i in range(m):
        for j in range(n):
            options = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]  # diagonal, up, left: the first of equals wins
            reachable = [cell for cell in options if cell in total]
            before = min(reachable, key=lambda cell: total[cell], default=None)
            total[i, j] = 1 - sim[i][j] + (total[before] if before else 0.0)
            came[i, j] = before
    path, at = [], (m - 1, n - 1)
    while at is not None:
        path.append(at)
        at = came[at]  # type: ignore[assignment]
    return path[::-1]


def score(gold: list[list[float]], trainee: list[list[float]]) -> dict[str, float]:
    g, t = [unit(row) for row in gold], [unit(row) for row in trainee]
    m, n = len(g), len(t)
    sim = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in t] for x in g]
    path = warping_path(sim)
    best = [max(range(n), key=lambda j: row[j]) for row in sim]
    value = [max(row) for row in sim]
    threshold = max(0.75, median(value) - 0.01)
    low = [sim[i][j] < threshold for i, j in path]
    steps = boundaries(gold)
    miss = swap = 0
    previous = None
    for first, end in pairwise(steps):
        pairs = [(i, j) for i, j in path if first <= i < end]
        if not pairs or max(sim[i][j] for i, j in pairs) < threshold:
            miss += 1
        if pairs:
            middle = median([j for _, j in pairs])
            swap += previous is not None and middle + 1 < previous
            previous = middle
    figures = {
        "miss": miss,
        "swap": swap,
        "deviation": sum(low) / len(path),
        "over_time": max(0, n - m) / m,
        "temporal_warp": sum(abs(i / (m - 1) - j / (n - 1)) for i, j in path) / len(path),
        "duplicate_ratio": (m - len(set(best))) / m,
        "order_violation_ratio": sum(best[i] < best[i - 1] for i in range(1, m)) / (m - 1),
        "temporal_drift": sum(abs(b - i * (n - 1) / (m - 1)) for i, b in enumerate(best)) / m / max(1, n - 1),
        "confidence_loss": max(0.0, 1 - sum(value) / m),
        "local_similarity_gap": max(0.0, median(value) - min(value)),
        "path_stretch": max(0, len(path) - max(m, n)) / max(m, n),
        "hard_miss_ratio": sum(v < threshold for v in value) / m,
        "mean_alignment_cost": sum(1 - sim[i][j] for i, j in path) / len(path),
    }
    lost = (
        12 * figures["miss"]
        + 8 * figures["swap"]
        + 30 * figures["deviation"]
        + 15 * figures["over_time"]
        + 12 * figures["temporal_warp"]
        + 14.4 * figures["duplicate_ratio"]
        + 16 * figures["order_violation_ratio"]
        + 15 * figures["temporal_drift"]
        + 30 * (10 * figures["confidence_loss"] + 20 * figures["local_similarity_gap"])
        + 18 * figures["path_stretch"]
    )
    return {**figures, "score": min(100.0, max(0.0, 100 - lost))}
