//! What a run took: tokens, dollars and seconds, candidate by candidate and in all.

use comfy_table::{Attribute, Cell, CellAlignment, Table};
use smith_core::RunSummary;
use smith_core::llm::Usage;

/// One line of the table.
struct Line {
    name: String,
    calls: u32,
    usage: Usage,
    cost_usd: Option<f64>,
    unpriced_calls: u32,
    seconds: f64,
}

/// The proposals of each dataset, each candidate, and the sum of all.
pub(super) fn table(summary: &RunSummary) -> Table {
    let mut table = super::table(&[
        "candidate",
        "calls",
        "input",
        "of it cached",
        "output",
        "of it reasoning",
        "cost",
        "s",
    ]);
    for line in lines(summary) {
        table.add_row(cells(&line));
    }
    let total = Line {
        name: "all".to_owned(),
        calls: summary.model_calls,
        usage: summary.usage,
        cost_usd: Some(summary.cost_usd),
        unpriced_calls: summary.unpriced_calls,
        seconds: summary.seconds,
    };
    table.add_row(cells(&total).map(|cell| cell.add_attribute(Attribute::Bold)));
    table
}

fn lines(summary: &RunSummary) -> Vec<Line> {
    let mut lines = Vec::new();
    for proposing in &summary.proposing {
        lines.push(Line {
            name: format!("{} (proposals)", proposing.dataset),
            calls: proposing.steps,
            usage: proposing.usage,
            cost_usd: proposing.cost_usd,
            unpriced_calls: proposing.unpriced_calls,
            seconds: proposing.seconds,
        });
        lines.extend(summary.rows.iter().filter(|row| row.dataset == proposing.dataset).map(|row| Line {
            name: format!("{}/{}", row.dataset, row.index),
            calls: row.steps,
            usage: row.usage,
            cost_usd: row.cost_usd,
            unpriced_calls: row.unpriced_calls,
            seconds: row.seconds,
        }));
    }
    lines
}

fn cells(line: &Line) -> [Cell; 8] {
    let cost = match (line.cost_usd, line.unpriced_calls) {
        (None, _) => "unknown".to_owned(),
        (Some(cost), 0) => format!("${cost:.4}"),
        // A sum of what is known alone would look like the whole.
        (Some(0.0), _) => "unknown".to_owned(),
        (Some(cost), _) => format!("over ${cost:.4}"),
    };
    let figures = [
        line.calls.to_string(),
        grouped(line.usage.input_tokens),
        grouped(line.usage.cached_tokens),
        grouped(line.usage.output_tokens),
        grouped(line.usage.reasoning_tokens),
        cost,
        format!("{:.0}", line.seconds),
    ];
    let [calls, input, cached, output, reasoning, cost, seconds] =
        figures.map(|figure| Cell::new(figure).set_alignment(CellAlignment::Right));
    [Cell::new(&line.name), calls, input, cached, output, reasoning, cost, seconds]
}

/// A line that compares a verified task with the paper's, or nothing where there is nothing to compare.
pub(super) fn per_task(summary: &RunSummary) -> String {
    let Some(each) = summary.per_task else { return String::new() };
    format!(
        "per verified task: ${:.4} and {:.0} s before validation; in the paper ${:.2} and {:.0} s\n",
        each.cost_usd, each.seconds, each.paper_cost_usd, each.paper_seconds
    )
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn an_unknown_price_is_not_a_price_of_nothing() {
        let cost = |cost_usd, unpriced_calls| {
            let usage = Usage::default();
            let line = Line { name: String::new(), calls: 2, usage, cost_usd, unpriced_calls, seconds: 0.0 };
            let [.., cost, _] = cells(&line);
            cost.content()
        };
        for (known, unpriced, text) in [
            (Some(0.25), 0, "$0.2500"),
            (Some(0.0), 0, "$0.0000"),
            (Some(0.25), 1, "over $0.2500"),
            (Some(0.0), 2, "unknown"),
            (None, 2, "unknown"),
        ] {
            assert_eq!(cost(known, unpriced), text);
        }
    }
}
