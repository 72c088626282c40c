//! What a run took: tokens, dollars and seconds, candidate by candidate and in all.

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, Table};
use smith_core::schema::figure::grouped;
use smith_core::{RunSummary, Spent};

/// The proposals of each dataset, each candidate, and the sum of all.
pub(super) fn table(summary: &RunSummary) -> Table {
    let all = Spent {
        steps: summary.model_calls,
        usage: summary.usage,
        cost_usd: Some(summary.cost_usd),
        unpriced_calls: summary.unpriced_calls,
        seconds: summary.seconds,
    };
    filled(&lines(summary), &all)
}

fn filled(lines: &[(String, Spent)], all: &Spent) -> Table {
    let mut table =
        super::table(&["candidate", "calls", "input", "cached", "output", "reasoning", "cost", "s"]);
    for (name, spent) in lines {
        table.add_row(cells(name, spent));
    }
    table.add_row(cells("all", all).map(|cell| cell.add_attribute(Attribute::Bold)));
    // A figure that is broken over two lines is none: names give way.
    table.column_iter_mut().skip(1).for_each(|column| {
        column.set_constraint(ColumnConstraint::ContentWidth);
    });
    table
}

fn lines(summary: &RunSummary) -> Vec<(String, Spent)> {
    let mut lines = Vec::new();
    for proposing in &summary.proposing {
        lines.push((format!("{} (proposals)", proposing.dataset), proposing.spent));
        let rows = summary.rows.iter().filter(|row| row.dataset == proposing.dataset);
        lines.extend(rows.map(|row| (format!("{}/{}", row.dataset, row.index), row.spent)));
    }
    lines
}

fn cells(name: &str, spent: &Spent) -> [Cell; 8] {
    let cost = match (spent.cost_usd, spent.unpriced_calls) {
        (None, _) => "unknown".to_owned(),
        (Some(cost), 0) => format!("${cost:.4}"),
        // A sum of what is known alone would look like the whole.
        (Some(0.0), _) => "unknown".to_owned(),
        (Some(cost), _) => format!("over ${cost:.4}"),
    };
    let figures = [
        spent.steps.to_string(),
        grouped(spent.usage.input_tokens),
        grouped(spent.usage.cached_tokens),
        grouped(spent.usage.output_tokens),
        grouped(spent.usage.reasoning_tokens),
        cost,
        format!("{:.0}", spent.seconds),
    ];
    let [calls, input, cached, output, reasoning, cost, seconds] =
        figures.map(|figure| Cell::new(figure).set_alignment(CellAlignment::Right));
    [Cell::new(name), calls, input, cached, output, reasoning, cost, seconds]
}

/// A line that compares a verified task with the paper's, or nothing where there is nothing to compare.
pub(super) fn per_task(summary: &RunSummary) -> String {
    let Some(each) = summary.per_task else { return String::new() };
    format!(
        "per verified task: ${:.4} and {:.0} s before validation; in the paper ${:.2} and {:.0} s\n",
        each.cost_usd, each.seconds, each.paper_cost_usd, each.paper_seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use smith_core::llm::Usage;

    fn spent(cost_usd: Option<f64>, unpriced_calls: u32) -> Spent {
        let usage = Usage { input_tokens: 1_234_567, cached_tokens: 1_034_567, ..Usage::default() };
        Spent { steps: 123, usage, cost_usd, unpriced_calls, seconds: 1234.0 }
    }

    #[test]
    fn an_unknown_price_is_not_a_price_of_nothing() {
        for (known, unpriced, text) in [
            (Some(0.25), 0, "$0.2500"),
            (Some(0.0), 0, "$0.0000"),
            (Some(0.25), 1, "over $0.2500"),
            (Some(0.0), 2, "unknown"),
            (None, 2, "unknown"),
        ] {
            let [.., cost, _] = cells("", &spent(known, unpriced));
            assert_eq!(cost.content(), text);
        }
    }

    #[test]
    fn figures_stay_whole_in_a_narrow_terminal() {
        let known = spent(Some(12.5), 0);
        let name = "a_dataset_with_a_long_name (proposals)".to_owned();
        for width in [80, 160] {
            let text = filled(&[(name.clone(), known)], &known).set_width(width).to_string();
            for figure in ["reasoning", "1,234,567", "1,034,567", "$12.5000", "1234"] {
                assert!(text.contains(figure), "{figure} at {width}:\n{text}");
            }
            assert!(text.lines().all(|line| line.chars().count() <= width.into()), "{text}");
            assert_eq!(text.contains(&name), width == 160, "{text}");
        }
    }
}
