"""rate_battles.py WAY FILE ROUNDS: ratings of the battles in a CSV file, as people make them with that way, as JSON.

Seconds are of the ratings alone, with modules and battles loaded. With ROUNDS, of so many rounds of a bootstrap.
"""

import json
import math
import sys
import time

import numpy as np
import pandas as pd

LOG10 = math.log(10)


def centred(points: np.ndarray) -> np.ndarray:
    return 1000 + points - points.mean()


def numbers(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    names = sorted(set(table.model_a) | set(table.model_b))
    number = {name: index for index, name in enumerate(names)}
    result = table.winner.map({"a": 1.0, "b": 0.0, "tie": 0.5}).to_numpy()
    return table.model_a.map(number).to_numpy(), table.model_b.map(number).to_numpy(), result, len(names)


def exact_fit(a, b, result, models):
    """Newton's method on counts, to the last digit."""
    wins = np.bincount(a * models + b, result, models**2) + np.bincount(b * models + a, 1 - result, models**2)
    wins = wins.reshape(models, models)
    counts, theta = wins + wins.T, np.zeros(models)
    for _ in range(50):
        p = 1 / (1 + np.exp(theta[None, :] - theta[:, None]))
        h = counts * p * (1 - p)
        step = np.linalg.solve(np.diag(h.sum(1)) - h + 1 / models, wins.sum(1) - (counts * p).sum(1))
        theta += step
        if np.abs(step).max() < 1e-13:
            break
    return centred(400 * theta / LOG10)


def arena_fit(a, b, result, models):
    """Chatbot Arena's notebook: two rows a battle, so that a tie is one win and one loss."""
    from sklearn.linear_model import LogisticRegression

    n = len(a)
    x, i = np.zeros((2 * n, models)), np.arange(n)
    for half in (0, n):
        x[half + i, a], x[half + i, b] = LOG10, -LOG10
    y = np.r_[result >= 0.5, result == 1.0]
    fit = LogisticRegression(fit_intercept=False, C=np.inf, tol=1e-6, max_iter=500).fit(x, y)
    return centred(400 * fit.coef_[0])


def arena(table, rounds):
    import sklearn.linear_model  # noqa: F401

    a, b, result, models = numbers(table)
    random = np.random.default_rng(0)

    def work():
        ratings = arena_fit(a, b, result, models)
        for _ in range(rounds):
            drawn = random.integers(0, len(a), len(a))
            arena_fit(a[drawn], b[drawn], result[drawn], models)
        return ratings

    return timed(work)


def evalica(table, rounds):
    import evalica as library

    winners = {"a": library.Winner.X, "b": library.Winner.Y, "tie": library.Winner.Draw}
    xs, ys, ws = table.model_a.tolist(), table.model_b.tolist(), [winners[winner] for winner in table.winner]

    def work():
        scores = library.bradley_terry(xs, ys, ws).scores
        if rounds:
            library.bootstrap(
                library.bradley_terry, xs, ys, ws, n_resamples=rounds, bootstrap_method="percentile", random_state=0
            )
        return centred(400 * np.log10(scores.sort_index().to_numpy()))

    return timed(work)


def exact(table, _rounds):
    return timed(lambda: exact_fit(*numbers(table)))


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    ratings = work()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "ratings": [float(rating) for rating in ratings],
    }


if __name__ == "__main__":
    way, path, rounds = sys.argv[1:]
    battles = pd.read_csv(path, dtype=str)
    print(json.dumps({"exact": exact, "arena": arena, "evalica": evalica}[way](battles, int(rounds))))
