"""Run by ``bench_splink`` in an environment of its own that holds ``splink``: ``splink_pairs.py ROWS PAIRS FIELDS``.

Reads files of persons (one JSON object a line), lets Splink learn from them without being told any true pair, writes
each pair that it holds for possible with its weight (the binary logarithm of the odds) as CSV, and prints as one JSON
object the seconds of reading, learning and comparing, and the most memory, in megabytes, that the process took.
``FIELDS`` is ``bagage`` (telephone, commune) or ``febrl`` (suburb, street).
"""

import json
import logging
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
SEED = 1
# Pairs under this weight are never proposed: they would only fill the disk.
LEAST = -6.0
# A household has one telephone and lives in one place: of two whose given names differ, these say nothing.
SAME_GIVEN = (
    "(jaro_winkler_similarity(given_folded_l, given_folded_r) >= 0.8 or list_has_any(given_forms_l, given_forms_r)"
    " or list_has_any(given_words_l, given_words_r) or given_rough_l = given_rough_r"
    " or jaro_winkler_similarity(given_folded_l, family_folded_r) >= 0.8)"
)


def name_comparison(part: str, other: str) -> Any:
    """One of the two names, in levels, from letter for letter to nothing in common.

    Where given and family name are exchanged the given name is left out and the family name answers for both: else the
    exchange would count twice.
    """
    import splink.comparison_level_library as levels
    from splink.comparison_library import CustomComparison

    column = f"{part}_folded"
    exchanged = (
        f"({part}_folded_l = {other}_folded_r or {part}_sound_l = {other}_sound_r"
        f" or jaro_winkler_similarity({part}_folded_l, {other}_folded_r) >= 0.92)"
        f" and ({other}_folded_l = {part}_folded_r or {other}_sound_l = {part}_sound_r"
        f" or jaro_winkler_similarity({other}_folded_l, {part}_folded_r) >= 0.92)"
        f" and jaro_winkler_similarity({part}_folded_l, {part}_folded_r) < 0.8"
    )
    exchange = levels.CustomLevel(exchanged)
    return CustomComparison(
        [
            levels.NullLevel(column),
            *([exchange.configure(is_null_level=True)] if part == "given" else []),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            levels.CustomLevel(f"{part}_sound_l = {part}_sound_r").configure(
                tf_adjustment_column=f"{part}_sound", disable_tf_exact_match_detection=True
            ),
            levels.CustomLevel(f"list_has_any({part}_forms_l, {part}_forms_r)"),
            # In another script: the same consonants, or nearly the same letters.
            levels.CustomLevel(
                f"{part}_script_l <> {part}_script_r and ({part}_skeleton_l = {part}_skeleton_r"
                f" or {part}_rough_l = {part}_rough_r or jaro_winkler_similarity({column}_l, {column}_r) >= 0.86)"
            ).configure(tf_adjustment_column=f"{part}_rough", disable_tf_exact_match_detection=True),
            levels.CustomLevel(
                f"damerau_levenshtein({column}_l, {column}_r) <= 1"
                f" or jaro_winkler_similarity({column}_l, {column}_r) >= 0.93"
            ),
            *([exchange] if part == "family" else []),
            levels.CustomLevel(
                f"list_has_any({part}_words_l, {part}_words_r)"
                f" or jaro_winkler_similarity({column}_l, {column}_r) >= 0.86"
            ),
            # Another ear: the same consonants.
            levels.CustomLevel(f"length({part}_rough_l) >= 2 and {part}_rough_l = {part}_rough_r").configure(
                tf_adjustment_column=f"{part}_rough", disable_tf_exact_match_detection=True
            ),
            levels.ElseLevel(),
        ],
        output_column_name=part,
    )


def birth_comparison() -> Any:
    import splink.comparison_level_library as levels
    from splink.comparison_library import CustomComparison

    first = "strftime(birth_l, '%m-%d') = '01-01'"
    days = "strftime(birth_l, '%Y%m%d'), strftime(birth_r, '%Y%m%d')"
    return CustomComparison(
        [
            levels.CustomLevel("birth_year_l is null or birth_year_r is null").configure(is_null_level=True),
            # The first of January is what is written of someone whose day is not known.
            levels.CustomLevel(f"birth_l = birth_r and not {first}"),
            levels.CustomLevel("birth_l = birth_r"),
            levels.CustomLevel(
                "birth_year_l = birth_year_r and month(birth_l) = day(birth_r) and day(birth_l) = month(birth_r)"
            ),
            levels.CustomLevel(f"damerau_levenshtein({days}) = 1"),
            levels.CustomLevel("birth_year_l = birth_year_r and (birth_l is null or birth_r is null)"),
            levels.CustomLevel("abs(birth_year_l - birth_year_r) <= 1 and (about_l or about_r)"),
            levels.CustomLevel("birth_year_l = birth_year_r"),
            levels.CustomLevel("abs(birth_year_l - birth_year_r) <= 1"),
            levels.ElseLevel(),
        ],
        output_column_name="birth",
    )


def text_comparison(column: str, nears: tuple[str, ...], *, silent: str = "false") -> Any:
    """A field that is the same (a rare value says more), near by one of some conditions, or not.

    Where ``silent`` holds it speaks neither for nor against.
    """
    import splink.comparison_level_library as levels
    from splink.comparison_library import CustomComparison

    return CustomComparison(
        [
            levels.CustomLevel(f"{column}_l is null or {column}_r is null or ({silent})").configure(
                is_null_level=True
            ),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(levels.CustomLevel(near.format(f"{column}_l", f"{column}_r")) for near in nears),
            levels.ElseLevel(),
        ],
        output_column_name=column,
    )


def model(fields: str) -> tuple[Any, list[Any], list[Any]]:
    """The settings, the rules that find sure pairs to begin from, and the blocks in which each figure is learnt."""
    from splink import SettingsCreator, block_on

    words = "damerau_levenshtein({}, {}) <= 1", "jaro_winkler_similarity({}, {}) >= 0.88"
    if fields == "bagage":
        more = [
            text_comparison("phone", words[:1], silent=f"phone_l = phone_r and not {SAME_GIVEN}"),
            text_comparison("commune", (), silent="phone_l = phone_r"),
        ]
        own = [block_on("phone"), block_on("commune", "birth_year")]
        sure = [
            block_on("given_sound", "family_sound", "birth"),
            block_on("given_sound", "phone"),
            block_on("family_sound", "given_sound", "birth_year", "commune"),
        ]
        # Not the telephone alone: most who share one are a household. Both names are left out of what is learnt in a
        # block of either, for each comparison of one looks at the other; not so in the block of a day.
        learnt = [
            "l.birth = r.birth and strftime(l.birth, '%m-%d') <> '01-01'",
            block_on("phone", "birth_year"),
            block_on("given_sound", "family_sound"),
        ]
    else:
        more = [
            text_comparison("suburb", words),
            text_comparison("street", words),
        ]
        own = [block_on("suburb", "birth_year"), block_on("street")]
        sure = [block_on("given_sound", "family_sound", "birth"), block_on("family_sound", "street")]
        learnt = [block_on("street"), block_on("birth"), block_on("given_sound", "family_sound")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            name_comparison("given", "family"),
            name_comparison("family", "given"),
            birth_comparison(),
            *more,
        ],
        blocking_rules_to_generate_predictions=[
            *own,
            # What Bagage itself compares, so that no pair is missed only for want of being looked at.
            block_on("blocks", arrays_to_explode=["blocks"]),
            block_on("birth"),
            block_on("given_sound", "family_sound"),
            block_on("given_sound", "birth_year"),
            block_on("family_sound", "birth_year"),
            block_on("family_folded", "substr(given_folded, 1, 1)"),
            block_on("given_folded", "substr(family_folded, 1, 2)"),
        ],
        retain_matching_columns=False,
        em_convergence=0.001,
    )
    return settings, sure, learnt


def main(rows: Path, pairs: Path, fields: str) -> None:
    started = time.perf_counter()
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    base = duckdb.connect()
    base.execute("set threads = 2")
    base.execute(f"create table files as select * from read_json_auto('{rows}', sample_size = -1)")
    database = DuckDBAPI(connection=base)
    settings, sure, learnt = model(fields)
    linker = Linker(database.register("files"), settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(sure, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=SEED)
    for block in learnt:
        training.estimate_parameters_using_expectation_maximisation(block, record_sample_proportion=1.0)
    trained = time.perf_counter()
    found = linker.inference.predict(threshold_match_weight=LEAST, warning_mode="never")
    found.query_sql(
        f"select unique_id_l, unique_id_r, round(match_weight, 4) as weight from {found.physical_name}"
        " order by weight desc"
    ).to_csv(str(pairs), overwrite=True)
    ended = time.perf_counter()
    if "--show" in sys.argv:
        print(json.dumps(linker.misc.save_model_to_json()["comparisons"], indent=1), file=sys.stderr)
    print(
        json.dumps(
            {
                "learning": trained - started,
                "seconds": ended - started,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
