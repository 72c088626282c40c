//! Fits sections into a budget: short ones whole, long ones cut, each with a fair share, the most telling first.

use crate::overview::display::one_line;
use crate::overview::section::{Measure, Section};

/// Part of the budget that the note about whole sections may take.
const NOTE_SHARE: usize = 8;
/// Characters of that note.
const NOTE_CHARS: usize = 400;

/// The sections one after the other, priced at no more than `budget`.
///
/// When not all fit with the least that is worth showing, the less telling ones are left out and named at the end.
/// The others get their least, and divide the rest of the budget by max-min fairness: who needs less than its part
/// gets what it needs.
pub(crate) fn fit(sections: &[Section], budget: usize, measure: Measure) -> String {
    let prices: Vec<usize> = sections.iter().map(|section| section.price(measure)).collect();
    let whole = prices.iter().fold(0_usize, |sum, price| sum.saturating_add(*price)) <= budget;
    let room = if whole { budget } else { budget - note_room(budget, measure) };
    let mut parts = vec![None; sections.len()];
    let mut left = room;
    let kept = kept(sections, room, measure);
    for (index, share) in divide(sections, &prices, &kept, room) {
        parts[index] = cut(&sections[index], share, measure, &mut left);
    }
    grow(sections, &kept, &mut parts, &mut left, measure);
    let left_out: Vec<&str> = sections
        .iter()
        .zip(&parts)
        .filter(|(_, part)| part.is_none())
        .map(|(section, _)| section.label.as_str())
        .collect();
    let mut lines: Vec<String> = parts.into_iter().flatten().flatten().collect();
    if lines.is_empty() {
        return beginning(sections, budget, measure);
    }
    lines.extend(note(&left_out, left + (budget - room), measure));
    lines.join("\n").trim_end().to_string()
}

fn note_room(budget: usize, measure: Measure) -> usize {
    measure.of(&"x".repeat(NOTE_CHARS)).min(budget / NOTE_SHARE)
}

/// The sections whose least fits, with its price; the most telling get it first.
fn kept(sections: &[Section], room: usize, measure: Measure) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&index| sections[index].priority);
    let mut left = room;
    let mut kept = Vec::new();
    for index in order {
        let section = &sections[index];
        let least =
            [section.good_least(measure), section.least(measure)].into_iter().find(|least| *least <= left);
        if let Some(least) = least {
            left -= least;
            kept.push((index, least));
        }
    }
    kept.sort_unstable();
    kept
}

/// The room of each kept section: its least, and a share of what is left.
fn divide(
    sections: &[Section],
    prices: &[usize],
    kept: &[(usize, usize)],
    room: usize,
) -> Vec<(usize, usize)> {
    let needs: Vec<(usize, usize)> = kept
        .iter()
        .map(|&(index, least)| (prices[index].saturating_sub(least), sections[index].weight))
        .collect();
    let rest = room.saturating_sub(kept.iter().map(|(_, least)| least).sum());
    let shares = shares(&needs, rest);
    kept.iter().zip(shares).map(|(&(index, least), share)| (index, least + share)).collect()
}

/// The section in `share`; what it takes is taken from what is left.
fn cut(section: &Section, share: usize, measure: Measure, left: &mut usize) -> Option<Vec<String>> {
    let lines = section.cut_to(share, measure)?;
    let rest = left.checked_sub(lines.iter().map(|line| measure.of(line)).sum())?;
    *left = rest;
    Some(lines)
}

/// Gives what whole lines left over to the sections that were cut, the most telling first.
fn grow(
    sections: &[Section],
    kept: &[(usize, usize)],
    parts: &mut [Option<Vec<String>>],
    left: &mut usize,
    measure: Measure,
) {
    let mut order: Vec<usize> = kept.iter().map(|(index, _)| *index).collect();
    order.sort_by_key(|&index| sections[index].priority);
    for index in order {
        let taken: usize = parts[index].iter().flatten().map(|line| measure.of(line)).sum();
        if taken >= sections[index].price(measure) {
            continue;
        }
        let room = taken + *left;
        if let Some(lines) = sections[index].cut_to(room, measure) {
            *left = room - lines.iter().map(|line| measure.of(line)).sum::<usize>();
            parts[index] = Some(lines);
        }
    }
}

/// Names what was left out altogether, as far as it fits.
fn note(left_out: &[&str], room: usize, measure: Measure) -> Option<String> {
    let write = |named: usize| {
        let more = left_out.len() - named;
        let names = left_out[..named].join(", ");
        let names = one_line(&names, NOTE_CHARS);
        match (named, more) {
            (0, more) => format!("… left out for want of room: {more} further parts"),
            (_, 0) => format!("… left out for want of room: {names}"),
            (_, more) => format!("… left out for want of room: {names} and {more} more"),
        }
    };
    if left_out.is_empty() {
        return None;
    }
    (0..=left_out.len().min(12))
        .rev()
        .map(write)
        .find(|note| measure.of(note) <= room && note.len() < NOTE_CHARS)
}

/// As much of the titles as fits, when not even one section does.
fn beginning(sections: &[Section], budget: usize, measure: Measure) -> String {
    let label = sections.first().map_or("", |section| section.label.as_str());
    let ends = (0..=label.len()).rev().filter(|&end| label.is_char_boundary(end));
    let start = ends.map(|end| &label[..end]).find(|start| (measure.line)(start) <= budget);
    start.unwrap_or_default().to_string()
}

/// Max-min fair shares of sizes with weights: who needs less than its part gets what it needs, the others divide
/// the rest.
fn shares(needs: &[(usize, usize)], budget: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|&index| needs[index].0 / needs[index].1);
    let mut shares = vec![0; needs.len()];
    let mut left = budget;
    let mut weights: usize = needs.iter().map(|(_, weight)| weight).sum();
    for index in order {
        let (size, weight) = needs[index];
        shares[index] = size.min(left.saturating_mul(weight) / weights);
        left -= shares[index];
        weights -= weight;
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::overview::section::Item;
    use crate::overview::tokens::estimate_tokens;

    const BYTES: Measure = Measure { line: str::len };
    const TOKENS: Measure = Measure { line: estimate_tokens };

    fn section(title: &str, lines: usize) -> Section {
        Section::new(title, (0..lines).map(|i| Item::line(format!("line {i}"))).collect())
    }

    #[test]
    fn short_sections_leave_their_rest_to_long_ones() {
        assert_eq!(shares(&[(10, 1), (100, 1), (50, 1)], 100), [10, 45, 45]);
        assert_eq!(shares(&[(10, 4), (20, 4)], 100), [10, 20]);
        assert_eq!(shares(&[(100, 4), (100, 1)], 100), [80, 20]);
    }

    #[test]
    fn all_is_written_when_it_fits() {
        let text = fit(&[section("# A", 2), section("# B", 1)], 1_000, BYTES);
        assert_eq!(text, "# A\nline 0\nline 1\n\n# B\nline 0");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let text = fit(&[section("# A", 100), section("# B", 1)], 160, BYTES);
        assert!(text.starts_with("# A\nline 0\n"), "{text}");
        assert!(text.ends_with("# B\nline 0"), "{text}");
        let shown = (0..100).filter(|i| text.contains(&format!("line {i}\n"))).count();
        assert!(text.contains(&format!("… {} more lines left out", 100 - shown)), "{text}");
    }

    #[test]
    fn the_most_telling_sections_stay_and_the_others_are_named() {
        let mut sections: Vec<Section> = (0..40).map(|i| section(&format!("## part {i}"), 5)).collect();
        sections[30] = section("## telling", 5).priority(1, 4);
        let text = fit(&sections, 400, BYTES);
        assert!(text.contains("## telling\nline 0\n"), "{text}");
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("… left out for want of room: part "), "{text}");
        assert!(text.len() <= 400);
    }

    #[test]
    fn little_room_is_wasted() {
        let sections: Vec<Section> = (0..6).map(|i| section(&format!("## part {i}"), 200)).collect();
        let text = fit(&sections, 4_000, BYTES);
        assert!(text.len() > 3_400, "{}", text.len());
    }

    proptest! {
        #[test]
        fn the_budget_holds(
            lengths in proptest::collection::vec((0_usize..30, 0_u8..9, 1_usize..9), 1..12),
            budget in 0_usize..900,
        ) {
            let sections: Vec<Section> =
                lengths.iter().map(|&(n, priority, weight)| section("## Größe", n).priority(priority, weight)).collect();
            prop_assert!(fit(&sections, budget, BYTES).len() <= budget);
            prop_assert!(estimate_tokens(&fit(&sections, budget, TOKENS)) <= budget);
        }
    }
}
