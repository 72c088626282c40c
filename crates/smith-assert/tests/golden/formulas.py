"""Writes formulas.json: small tables of answers and predictions with what scikit-learn and scipy compute of them.

    python formulas.py > formulas.json

Made with scikit-learn 1.9.1 and scipy 1.17.1. What neither has is written out in the shortest way.
"""

import json

import numpy as np
from scipy import stats
from sklearn import metrics as m


def text(values):
    return [str(value) for value in values]


def main():
    rng = np.random.default_rng(11)
    cases = []

    def case(name, truth, given, figures):
        cases.append({"name": name, "truth": truth, "given": given, "figures": {k: float(v) for k, v in figures.items()}})

    t = rng.choice(["ash", "beech", "elm", "fir"], 60, p=[0.5, 0.3, 0.15, 0.05])
    p = np.where(rng.random(60) < 0.6, t, rng.choice(["ash", "beech", "elm", "oak"], 60))
    case("labels", [text(t)], [text(p)], {
        "accuracy": m.accuracy_score(t, p),
        "balanced": m.balanced_accuracy_score(t, p),
        "f1_macro": m.f1_score(t, p, average="macro", zero_division=0),
        "f1_micro": m.f1_score(t, p, average="micro", zero_division=0),
        "f1_weighted": m.f1_score(t, p, average="weighted", zero_division=0),
        "f2_macro": m.fbeta_score(t, p, beta=2, average="macro", zero_division=0),
        "precision_macro": m.precision_score(t, p, average="macro", zero_division=0),
        "recall_weighted": m.recall_score(t, p, average="weighted", zero_division=0),
        "jaccard_macro": m.jaccard_score(t, p, average="macro", zero_division=0),
        "mcc": m.matthews_corrcoef(t, p),
        "kappa": m.cohen_kappa_score(t, p),
    })
    t = rng.integers(1, 6, 50)
    p = np.clip(t + rng.integers(-2, 3, 50), 1, 5)
    case("grades", [text(t)], [text(p)], {
        "kappa_linear": m.cohen_kappa_score(t, p, weights="linear"),
        "kappa_quadratic": m.cohen_kappa_score(t, p, weights="quadratic"),
    })
    t = (rng.random(60) < 0.3).astype(int)
    p = np.round(np.clip(0.3 * t + 0.7 * rng.random(60), 0.01, 0.99), 2)
    precision, recall, _ = m.precision_recall_curve(t, p)
    case("chances", [text(t)], [text(p)], {
        "log_loss": m.log_loss(t, p),
        "brier": m.brier_score_loss(t, p),
        "auc": m.roc_auc_score(t, p),
        "average_precision": m.average_precision_score(t, p),
        "pr_area": m.auc(recall, precision),
    })
    hard = (p > 0.5).astype(int)
    case("flags", [text(t)], [text(hard)], {
        "f1_one": m.f1_score(t, hard),
        "f1_zero": m.f1_score(t, hard, pos_label=0),
        "jaccard_one": m.jaccard_score(t, hard),
    })
    t = (rng.random((40, 3)) < [0.5, 0.3, 0.6]).astype(int)
    p = np.round(0.3 * t + 0.7 * rng.random((40, 3)), 3)
    case("columns", [text(c) for c in t.T], [text(c) for c in p.T], {
        "auc_mean": m.roc_auc_score(t, p, average="macro"),
        "auc_pooled": m.roc_auc_score(t, p, average="micro"),
        "auc_weighted": m.roc_auc_score(t, p, average="weighted"),
        "log_loss": np.mean([m.log_loss(t[:, i], p[:, i]) for i in range(3)]),
        "ap_mean": m.average_precision_score(t, p, average="macro"),
    })
    hard = (p > 0.5).astype(int)
    case("sets", [text(c) for c in t.T], [text(c) for c in hard.T], {
        "f1_samples": m.f1_score(t, hard, average="samples", zero_division=1),
        "f1_micro": m.f1_score(t, hard, average="micro"),
        "f1_macro": m.f1_score(t, hard, average="macro"),
        "accuracy_pooled": 1 - m.hamming_loss(t, hard),
        "exact": m.accuracy_score(t, hard),
    })
    k = rng.integers(0, 3, 40)
    q = np.round(rng.dirichlet([1, 1, 1], 40) + 0.001, 4)
    q = q / q.sum(axis=1, keepdims=True)
    case("distributions", [text((k == i).astype(int)) for i in range(3)], [text(q[:, i]) for i in range(3)], {
        "log_loss_rows": m.log_loss(k, q, labels=[0, 1, 2]),
        "brier_rows": np.mean(np.sum((np.eye(3)[k] - q) ** 2, axis=1)),
    })
    t = np.round(rng.gamma(2, 10, 50), 2) + 0.5
    p = np.round(t * rng.uniform(0.5, 1.6, 50), 2)
    case("numbers", [text(t)], [text(p)], {
        "mae": m.mean_absolute_error(t, p),
        "mse": m.mean_squared_error(t, p),
        "rmse": m.root_mean_squared_error(t, p),
        "msle": m.mean_squared_log_error(t, p),
        "rmsle": m.root_mean_squared_log_error(t, p),
        "mape": m.mean_absolute_percentage_error(t, p),
        "smape": np.mean(2 * np.abs(p - t) / (np.abs(p) + np.abs(t))),
        "median": m.median_absolute_error(t, p),
        "max": m.max_error(t, p),
        "r2": m.r2_score(t, p),
        "explained": m.explained_variance_score(t, p),
        "pearson": stats.pearsonr(t, p).statistic,
        "spearman": stats.spearmanr(t, p).statistic,
        "kendall": stats.kendalltau(t, p).statistic,
        "pinball_0.1": m.mean_pinball_loss(t, p, alpha=0.1),
    })
    grades = rng.integers(0, 4, (6, 8))
    scores = np.round(grades + rng.normal(0, 1.5, (6, 8)), 4)
    case("rankings", [text(grades.ravel())], [text(scores.ravel())], {
        "ndcg@3": np.mean([m.ndcg_score([g], [s], k=3) for g, s in zip(grades, scores)]),
        "ndcg_exp": np.mean([m.ndcg_score([2.0**g - 1], [s]) for g, s in zip(grades, scores)]),
        "map": np.mean([m.average_precision_score(g > 0, s) for g, s in zip(grades, scores)]),
        "mrr": np.mean([1 / (1 + np.flatnonzero(g[np.argsort(-s)] > 0)[0]) for g, s in zip(grades, scores)]),
    })
    names = list("abcdefghij")
    liked = [sorted(rng.choice(names, rng.integers(1, 4), replace=False)) for _ in range(20)]
    listed = [list(rng.choice(names, 5, replace=False)) for _ in range(20)]

    def average_precision(relevant, ranked, k):
        hits = [item in relevant for item in ranked[:k]]
        return sum(sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit) / min(len(relevant), k)

    def first(relevant, ranked):
        return next((1 / (i + 1) for i, item in enumerate(ranked) if item in relevant), 0.0)

    found = [[item in a for item in b] for a, b in zip(liked, listed)]
    case("lists", [[" ".join(a) for a in liked]], [[" ".join(b) for b in listed]], {
        "map@3": np.mean([average_precision(a, b, 3) for a, b in zip(liked, listed)]),
        "mrr": np.mean([first(a, b) for a, b in zip(liked, listed)]),
        "recall@4": np.mean([sum(f[:4]) / len(a) for f, a in zip(found, liked)]),
        "precision@4": np.mean([sum(f[:4]) / 4 for f in found]),
        "hit@2": np.mean([any(f[:2]) for f in found]),
        "ndcg@5": np.mean([
            sum(1 / np.log2(i + 2) for i, hit in enumerate(f) if hit) / sum(1 / np.log2(i + 2) for i in range(min(len(a), 5)))
            for f, a in zip(found, liked)
        ]),
    })
    masks = rng.random((8, 2, 40)) < 0.4

    def runs(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
        return " ".join(f"{a + 1} {b - a}" for a, b in zip(edges[::2], edges[1::2]))

    a, b = masks[:, 0], masks[:, 1]
    case("masks", [[runs(mask) for mask in a]], [[runs(mask) for mask in b]], {
        "dice": np.mean([m.f1_score(x, y) for x, y in zip(a, b)]),
        "iou": np.mean([m.jaccard_score(x, y) for x, y in zip(a, b)]),
        "recall": np.mean([m.recall_score(x, y) for x, y in zip(a, b)]),
        "dice_pooled": m.f1_score(a.ravel(), b.ravel()),
    })

    def edits(x, y):
        table = np.zeros((len(x) + 1, len(y) + 1), int)
        table[:, 0], table[0, :] = range(len(x) + 1), range(len(y) + 1)
        for i in range(len(x)):
            for j in range(len(y)):
                table[i + 1, j + 1] = min(table[i, j + 1] + 1, table[i + 1, j] + 1, table[i, j] + (x[i] != y[j]))
        return table[-1, -1]

    words = ["the", "cat", "sat", "on", "a", "mat", "and", "slept"]
    said = [" ".join(rng.choice(words, rng.integers(2, 7))) for _ in range(10)]
    heard = [" ".join(rng.choice(words, rng.integers(2, 7))) for _ in range(10)]
    case("texts", [said], [heard], {
        "wer": sum(edits(x.split(), y.split()) for x, y in zip(said, heard)) / sum(len(x.split()) for x in said),
        "cer": sum(edits(x, y) for x, y in zip(said, heard)) / sum(len(x) for x in said),
        "edit_mean": np.mean([edits(x, y) for x, y in zip(said, heard)]),
    })
    print(json.dumps(cases))


main()
