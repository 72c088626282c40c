"""Writes learners.json: small problems with what scikit-learn predicts for them.

    python learners.py > learners.json

Made with scikit-learn 1.9.1. The numbers have few digits, so that both sides learn from the same ones.
"""

import json

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor


def problem():
    rng = np.random.default_rng(7)
    x = np.round(rng.normal(size=(160, 4)), 1)
    number = np.round(2 * x[:, 0] - x[:, 1] * (x[:, 2] > 0) + 0.3 * rng.normal(size=160), 2)
    score = np.stack([x[:, 0], x[:, 1] + 0.5 * x[:, 2], -x[:, 0] * x[:, 3]], axis=1)
    label = np.argmax(score + 0.5 * rng.normal(size=score.shape), axis=1)
    return x, number, label


def rounded(values):
    return np.round(values, 6).tolist()


def main():
    x, number, label = problem()
    train, test = slice(0, 120), slice(120, 160)
    trees = dict(
        max_iter=25, learning_rate=0.1, max_depth=4, max_leaf_nodes=None, min_samples_leaf=8,
        l2_regularization=1.0, max_bins=64, early_stopping=False,
    )
    ridge = Ridge(alpha=3.0).fit(x[train], number[train])
    logistic = LogisticRegression(C=0.5, max_iter=5000, tol=1e-9).fit(x[train], label[train])
    # Apart from each other, because of equally near ones either may be taken.
    apart = np.round(x + 0.01 * np.random.default_rng(8).normal(size=x.shape), 4)
    near = KNeighborsRegressor(n_neighbors=5).fit(apart[train], number[train])
    regressor = HistGradientBoostingRegressor(**trees).fit(x[train], number[train])
    classifier = HistGradientBoostingClassifier(**trees).fit(x[train], label[train])
    print(json.dumps({
        "x": rounded(x),
        "apart": rounded(apart),
        "number": rounded(number),
        "label": label.tolist(),
        "ridge": rounded(ridge.predict(x[test])),
        "logistic": rounded(logistic.predict_proba(x[test])),
        "neighbours": rounded(near.predict(apart[test])),
        "boosted_number": rounded(regressor.predict(x[test])),
        "boosted_label": rounded(classifier.predict_proba(x[test])),
    }))


main()
