//! The rules, one family a module, and the order in which they run.

mod answers;
mod any_class;
mod arguments;
mod base64;
mod calibration;
mod certificate;
mod classes_named;
mod columns;
mod compare;
mod contained;
mod costs;
mod counted;
mod description;
mod design;
mod exchanged;
mod facts;
mod families;
mod favours;
mod files;
mod gaining;
mod hazards;
mod ideal;
mod import_time;
mod instructions;
mod isolation;
mod ladder;
mod leaks;
mod mentions;
mod metric;
mod needed;
mod order;
mod paths;
mod prepare;
mod promised;
mod quality;
mod randomness;
mod ranges;
mod recomputed;
mod rejection;
mod repeats;
mod running;
mod scoring;
mod shown;
mod sources;
mod steady;
mod swallowing;
mod tongues;
mod unfinished;
pub(crate) mod wording;
mod words;

use std::sync::Arc;

use smith_exec::JobResult;
use smith_task_schema::Finding;

use crate::Rule;
use crate::rule::{BoxedCheck, Findings, Measured, Reading, ReadingRule, RuleInfo, RunningRule};
use crate::subject::Subject;
use quality::{
    alike, coverage, duplicates, one_sided, records, repeated_rows, scale, size, source, split, target,
};

/// Lines of a script's output that a finding quotes.
const QUOTED_LINES: usize = 15;

/// Rules for the Designer's free-form work directory.
pub(crate) fn pre_refactor() -> Vec<Arc<dyn Rule>> {
    vec![
        reading(&design::FILES, design::files),
        reading(&sources::TEST_PARSES, sources::test_parses),
        reading(&sources::PREPARE_PARSES, sources::prepare_parses),
        reading(&sources::METRIC_PARSES, sources::metric_parses),
        running(&design::PREPARE_RUNS, |info, cx| finding(design::prepare_runs(info, cx))),
        running(&design::PRODUCTS, |info, cx| finding(design::products(info, cx))),
        running(&design::TEST_PASSES, |info, cx| finding(design::test_passes(info, cx))),
    ]
}

/// Rules for a task in the unified format.
pub(crate) fn post_refactor() -> Vec<Arc<dyn Rule>> {
    vec![
        reading(&files::LAYOUT, files::layout),
        reading(&certificate::CURRENT, certificate::current),
        Arc::new(recomputed::Recomputed),
        reading(&sources::TEST_PARSES, sources::test_parses),
        reading(&sources::VISIBLE, sources::visible),
        reading(&sources::PREPARE_PARSES, sources::prepare_parses),
        reading(&prepare::SIGNATURE, prepare::signature),
        reading(&prepare::NO_MAIN, prepare::no_main),
        reading(&import_time::PREPARE, import_time::prepare),
        reading(&randomness::UNSEEDED, randomness::unseeded),
        reading(&contained::PREPARE, contained::prepare),
        reading(&paths::PATHS, paths::paths),
        reading(&hazards::PREPARE_EVALUATES, hazards::prepare_evaluates),
        reading(&hazards::PREPARE_UNPICKLES, hazards::prepare_unpickles),
        reading(&swallowing::PREPARE, swallowing::prepare),
        reading(&order::ORDER, order::order),
        reading(&prepare::EXITS, prepare::exits),
        reading(&sources::METRIC_PARSES, sources::metric_parses),
        reading(&metric::ONE_CLASS, metric::one_class),
        reading(&metric::CONSTRUCTOR, metric::constructor),
        reading(&metric::EVALUATE, metric::evaluate),
        reading(&metric::VALIDATE, metric::validate),
        reading(&metric::NO_MAIN, metric::no_main),
        reading(&contained::METRIC, contained::metric),
        reading(&isolation::READS_NOTHING, isolation::reads_nothing),
        reading(&randomness::METRIC_UNSEEDED, randomness::metric_unseeded),
        reading(&swallowing::METRIC, swallowing::metric),
        reading(&favours::FAVOURS, favours::favours),
        reading(&arguments::ARGUMENTS, arguments::arguments),
        reading(&hazards::METRIC_EVALUATES, hazards::metric_evaluates),
        reading(&import_time::METRIC, import_time::metric),
        reading(&isolation::SURROUNDINGS, isolation::surroundings),
        reading(&isolation::PRINTS, isolation::prints),
        reading(&isolation::ALIGNS, isolation::aligns),
        reading(&facts::COMPUTED_DIRECTION, facts::computes_in_direction),
        reading(&description::LENGTH, description::length),
        reading(&description::NAMED_FILES, description::named_files),
        reading(&description::HIDDEN_PARTS, description::hidden_parts),
        reading(&description::SAME, description::same),
        reading(&description::INSTRUCTIONS, description::hidden_instructions),
        reading(&facts::DIRECTION, facts::agrees_in_direction),
        reading(&facts::METRIC, facts::names_metric),
        reading(&needed::COMPLETE, needed::complete),
        reading(&needed::EXAMPLE, needed::example),
        reading(&needed::COLUMNS, needed::columns),
        reading(&counted::COUNTS, counted::counts),
        reading(&unfinished::FINISHED, unfinished::finished),
        reading(&classes_named::CLASSES, classes_named::classes),
        reading(&ranges::RANGES, ranges::ranges),
        reading(&description::PUBLIC_INSTRUCTIONS, description::public_instructions),
        reading(&scoring::PAIR, scoring::pair),
        reading(&answers::ANSWER_FILE, answers::answer_file),
        reading(&answers::ANSWER_VALUES, answers::answer_values),
        reading(&answers::TARGET_IN_TEST, answers::target_in_test),
        reading(&answers::SAMPLE_IS_ANSWERS, answers::sample_is_answers),
        reading(&answers::PLAIN_FILES, answers::plain_files),
        measuring(&leaks::tables::SIDE_TABLES, leaks::tables::side_tables),
        measuring(&leaks::binary::ANSWER_BYTES, leaks::binary::answer_bytes),
        measuring(&leaks::marks::MARKS, leaks::marks::media_marks),
        measuring(&leaks::names::NAMES, leaks::names::names),
        measuring(&leaks::order::ORDER, leaks::order::order_tells),
        measuring(&leaks::sample::SAMPLE_TELLS, leaks::sample::sample_tells),
        measuring(&leaks::rows::ROWS, leaks::rows::rows_with_answers),
        measuring(&leaks::features::TARGET_COPY, leaks::features::target_copy),
        measuring(&leaks::shortcut::SHORTCUT, leaks::shortcut::shortcuts),
        measuring(&leaks::features::KNOWN_AFTERWARDS, leaks::features::known_afterwards),
        measuring(&leaks::computed::COMPUTED, leaks::computed::computed_from_answers),
        measuring(&leaks::computed::NEIGHBOURS, leaks::computed::neighbours),
        measuring(&leaks::forms::FORMS, leaks::forms::forms_tell),
        measuring(&leaks::beside::BESIDE, leaks::beside::side_tables),
        measuring(&leaks::masks::MASKS, leaks::masks::masks),
        measuring(&leaks::links::TURNED, leaks::links::other_way_round),
        measuring(&leaks::links::BESIDE, leaks::links::beside_queries),
        measuring(&leaks::pairs::PAIRS, leaks::pairs::pairs),
        measuring(&duplicates::ROWS, duplicates::rows),
        measuring(&duplicates::TEXTS, duplicates::texts),
        measuring(&duplicates::PICTURES, duplicates::pictures),
        measuring(&duplicates::SOUNDS, duplicates::sounds),
        measuring(&records::SAME_RECORDS, records::in_train),
        measuring(&split::GROUPS, split::groups),
        measuring(&split::TIME, split::time),
        measuring(&split::SHIFT, split::shift),
        measuring(&coverage::UNSEEN, coverage::unseen),
        measuring(&coverage::UNUSED, coverage::unused),
        measuring(&size::SIZE, size::size),
        measuring(&size::COLUMNS, size::columns),
        measuring(&quality::files::FILES, quality::files::whole),
        measuring(&quality::boxes::BOXES, quality::boxes::inside),
        measuring(&records::EVEN_RECORDS, records::even),
        measuring(&scale::SAME_SCALE, scale::same_scale),
        measuring(&size::ANSWERS, size::answers),
        measuring(&size::REPEATED_IDS, size::repeated_ids),
        measuring(&target::VARIES, target::varies),
        measuring(&target::SIGNAL, target::signal),
        measuring(&target::CEILING, target::noise),
        measuring(&quality::origin::AS_IN_RAW, quality::origin::as_in_raw),
        measuring(&one_sided::FILLED, one_sided::filled),
        measuring(&one_sided::MISSING, one_sided::missing),
        measuring(&repeated_rows::REPEATED, repeated_rows::repeats),
        measuring(&quality::masks::MASKS, quality::masks::as_described),
        measuring(&alike::AS_IN_RAW, alike::as_in_raw),
        measuring(&alike::NAMES, alike::names),
        measuring(&source::USED, source::used),
        measuring(&source::LICENCE, source::licence),
        measuring(&source::PERSONAL, source::personal),
        running(&running::PREPARE_RUNS, |info, cx| finding(running::prepare_runs(info, cx))),
        running(&running::REPRODUCIBLE, |info, cx| finding(running::reproducible(info, cx))),
        running(&running::RAW_UNTOUCHED, |info, cx| finding(running::raw_untouched(info, cx))),
        running(&running::SHIPPED_DATA, |info, cx| finding(running::shipped_data(info, cx))),
        running(&running::TEST_PASSES, |info, cx| finding(running::test_passes(info, cx))),
        running(&running::TIDY, |info, cx| finding(running::tidy(info, cx))),
        running(&running::INSIDE, |info, cx| finding(running::inside(info, cx))),
        running(&running::COST, |info, cx| Box::pin(running::cost(info, cx))),
        running(&running::SOMETHING_PUBLIC, |info, cx| finding(running::something_public(info, cx))),
        running(&running::NOT_REWRITTEN, |info, cx| finding(running::not_rewritten(info, cx))),
        running(&running::WRITES_FILES, |info, cx| finding(running::writes_files(info, cx))),
        running(&scoring::USABLE, |info, cx| finding(scoring::usable(info, cx))),
        running(&scoring::SAMPLE_SCORES, |info, cx| finding(scoring::sample_scores(info, cx))),
        running(&scoring::FLOAT, |info, cx| finding(scoring::float(info, cx))),
        running(&scoring::ANSWERS_BEST, |info, cx| Box::pin(scoring::answers_best(info, cx))),
        running(&ideal::IDEAL, |info, cx| Box::pin(ideal::ideal(info, cx))),
        running(&scoring::DIRECTION, |info, cx| finding(scoring::direction(info, cx))),
        running(&rejection::MISSING_COLUMN, |info, cx| finding(rejection::missing_column(info, cx))),
        running(&rejection::MISSING_ROWS, |info, cx| finding(rejection::missing_rows(info, cx))),
        running(&rejection::REPEATED_ID, |info, cx| finding(rejection::repeated_id(info, cx))),
        running(&rejection::UNKNOWN_ID, |info, cx| finding(rejection::unknown_id(info, cx))),
        running(&gaining::NOTHING_GAINED, |info, cx| Box::pin(gaining::nothing_gained(info, cx))),
        running(&rejection::EMPTY_PREDICTION, |info, cx| finding(rejection::empty_prediction(info, cx))),
        running(&rejection::ODD_CONTENT, |info, cx| finding(rejection::odd_content(info, cx))),
        running(&steady::ORDER_FREE, |info, cx| finding(steady::order_free(info, cx))),
        running(&steady::FORM_FREE, |info, cx| finding(steady::form_free(info, cx))),
        running(&steady::REPEATABLE, |info, cx| finding(steady::repeatable(info, cx))),
        running(&ladder::LADDER, |info, cx| Box::pin(ladder::ladder(info, cx))),
        running(&ladder::PERMUTED, |info, cx| Box::pin(ladder::permuted(info, cx))),
        running(&promised::PROMISED, |info, cx| Box::pin(promised::promised(info, cx))),
        running(&promised::ALL_COUNT, |info, cx| Box::pin(promised::all_count(info, cx))),
        running(&promised::LEGAL_SCORES, |info, cx| finding(promised::legal_scores(info, cx))),
        running(&shown::ACCEPTED, |info, cx| finding(shown::accepted(info, cx))),
        running(&repeats::REPEATS, |info, cx| Box::pin(repeats::repeats(info, cx))),
        running(&any_class::ANY_CLASS, |info, cx| Box::pin(any_class::any_class(info, cx))),
        running(&costs::BOUNDED, |info, cx| Box::pin(costs::bounded(info, cx))),
        running(&costs::SILENT, |info, cx| finding(costs::silent(info, cx))),
        running(&calibration::SIGNAL, |info, cx| Box::pin(calibration::signal(info, cx))),
        running(&calibration::HEADROOM, |info, cx| Box::pin(calibration::headroom(info, cx))),
        running(&calibration::SAMPLE_KNOWS, |info, cx| Box::pin(calibration::sample_knows(info, cx))),
        measuring(&calibration::ANSWERS_FIT, calibration::answers_fit),
        measuring(&exchanged::SAME_NAMES, exchanged::same_names),
    ]
}

fn reading(info: &'static RuleInfo, check: fn(&RuleInfo, &Subject) -> Findings) -> Arc<dyn Rule> {
    Arc::new(ReadingRule { info, check: Reading::Finding(check) })
}

fn measuring(info: &'static RuleInfo, check: fn(&RuleInfo, &Subject) -> Measured) -> Arc<dyn Rule> {
    Arc::new(ReadingRule { info, check: Reading::Measuring(check) })
}

fn running(
    info: &'static RuleInfo,
    check: for<'a> fn(&'a RuleInfo, &'a Subject) -> BoxedCheck<'a>,
) -> Arc<dyn Rule> {
    Arc::new(RunningRule { info, check })
}

/// A check that runs programs and measures nothing.
fn finding<'a>(check: impl Future<Output = Findings> + Send + 'a) -> BoxedCheck<'a> {
    Box::pin(async move { check.await.map(Into::into) })
}

/// A finding about a script that ran and failed, with the last lines that it wrote.
fn failed(info: &RuleInfo, path: String, what: &str, result: &JobResult) -> Finding {
    let output = if result.stderr.text.trim().is_empty() { &result.stdout } else { &result.stderr };
    Finding {
        evidence: last_lines(&output.text),
        ..info.finding(path, format!("{what}: {}. {}", result.status, info.mend))
    }
}

/// Without the lines that underline a part of the line above: each version of Python draws them differently.
fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().filter(|line| !is_underline(line)).collect();
    lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
}

fn is_underline(line: &str) -> bool {
    let marks = line.trim();
    !marks.is_empty() && line.starts_with("    ") && marks.chars().all(|c| matches!(c, '^' | '~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_within_a_catalogue_and_mean_the_same_in_both() {
        let (before, after) = (pre_refactor(), post_refactor());
        for rules in [&before, &after] {
            let mut codes: Vec<_> = rules.iter().map(|rule| rule.info().code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), rules.len());
        }
        for rule in &before {
            let twin = after.iter().find(|other| other.info().code == rule.info().code);
            assert!(twin.is_none_or(|twin| twin.info() == rule.info()), "{}", rule.info().code);
        }
    }

    #[test]
    fn every_rule_says_what_it_is() {
        for rule in pre_refactor().iter().chain(&post_refactor()) {
            let info = rule.info();
            let (letter, digits) = info.code.split_at(1);
            assert!("LPMDRSAQC".contains(letter) && digits.len() == 3 && digits.parse::<u32>().is_ok());
            assert!(info.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", info.name);
            for text in [info.proves, info.why, info.mend] {
                assert!(text.len() > 20 && text.ends_with('.'), "{}: {text}", info.code);
            }
        }
    }

    #[test]
    fn only_the_last_lines_are_quoted() {
        let text: String = (1..=40).map(|i| format!("line {i}\n")).collect();
        let quoted = last_lines(&text);
        assert!(quoted.starts_with("line 26\n") && quoted.ends_with("line 40"));
        assert_eq!(last_lines(""), "");
        assert_eq!(last_lines("    1 / 0\n    ~~^~~\nboom\n^"), "    1 / 0\nboom\n^");
    }
}
