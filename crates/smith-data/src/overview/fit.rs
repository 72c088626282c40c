//! Fits titled lists into a budget of bytes: short ones whole, long ones cut, each with a fair share.

use crate::overview::display::prefix;

/// A title with lines below it.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    title: String,
    lines: Vec<String>,
    weight: usize,
}

impl Section {
    pub(crate) fn new(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self { title: title.into(), lines, weight: 4 }
    }

    /// The section as one of many that tell less: its share is a quarter of another's.
    pub(crate) fn minor(self) -> Self {
        Self { weight: 1, ..self }
    }

    fn bytes(&self) -> usize {
        self.title.len() + 2 + self.lines.iter().map(|line| line.len() + 1).sum::<usize>()
    }

    /// The section in at most `bytes` bytes; nothing when not even its title fits.
    fn cut_to(&self, bytes: usize) -> String {
        let whole = self.bytes() <= bytes;
        let mut text = format!("{}\n", self.title);
        if text.len() + 1 > bytes {
            return String::new();
        }
        for (index, line) in self.lines.iter().enumerate() {
            let note = format!("… {} more lines left out\n", self.lines.len() - index);
            if !whole && text.len() + line.len() + note.len() + 2 > bytes {
                if text.len() + note.len() < bytes {
                    text += &note;
                }
                break;
            }
            text += line;
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

/// The sections one after the other, in at most `budget` bytes.
pub(crate) fn fit(sections: &[Section], budget: usize) -> String {
    let needs: Vec<(usize, usize)> =
        sections.iter().map(|section| (section.bytes(), section.weight)).collect();
    let mut text = String::new();
    for (section, share) in sections.iter().zip(shares(&needs, budget)) {
        text += &section.cut_to(share);
    }
    if text.is_empty() {
        let titles: Vec<&str> = sections.iter().map(|section| section.title.as_str()).collect();
        return prefix(&titles.join("\n"), budget).to_string();
    }
    text.trim_end().to_string()
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
        shares[index] = size.min(left * weight / weights);
        left -= shares[index];
        weights -= weight;
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(title: &str, lines: usize) -> Section {
        Section::new(title, (0..lines).map(|i| format!("line {i}")).collect())
    }

    #[test]
    fn short_sections_leave_their_rest_to_long_ones() {
        assert_eq!(shares(&[(10, 1), (100, 1), (50, 1)], 100), [10, 45, 45]);
        assert_eq!(shares(&[(10, 4), (20, 4)], 100), [10, 20]);
        assert_eq!(shares(&[(100, 4), (100, 1)], 100), [80, 20]);
    }

    #[test]
    fn all_is_written_when_it_fits() {
        let text = fit(&[section("# A", 2), section("# B", 1)], 1_000);
        assert_eq!(text, "# A\nline 0\nline 1\n\n# B\nline 0");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let text = fit(&[section("# A", 100), section("# B", 1)], 120);
        assert!(text.starts_with("# A\nline 0\n"), "{text}");
        assert!(text.ends_with("# B\nline 0"), "{text}");
        let shown = (0..100).filter(|i| text.contains(&format!("line {i}\n"))).count();
        assert!(text.contains(&format!("… {} more lines left out", 100 - shown)), "{text}");
    }

    proptest! {
        #[test]
        fn the_budget_holds(lengths in proptest::collection::vec(0_usize..30, 1..6), budget in 0_usize..600) {
            let sections: Vec<Section> = lengths.iter().map(|&n| section("## Größe", n)).collect();
            prop_assert!(fit(&sections, budget).len() <= budget);
        }
    }
}
