//! Titled lists and quotations, the parts of an overview, each of which can be cut.

use crate::overview::Passage;
use crate::overview::display::plural;
use crate::overview::quote;

/// What a budget is counted in: the price of one line without its end, which is priced by itself.
#[derive(Clone, Copy)]
pub(crate) struct Measure {
    /// Price of the characters of a line.
    pub(crate) line: fn(&str) -> usize,
}

impl Measure {
    /// Price of a line with its end.
    pub(crate) fn of(self, line: &str) -> usize {
        (self.line)(line).saturating_add(1)
    }
}

/// A part of a section that is shown whole, cut, or left out.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    lines: Vec<String>,
    /// The first and the last line are the marks of a quotation: it is cut between them.
    is_quotation: bool,
    /// Less is more telling.
    rank: u8,
    /// How many things of the section's noun it stands for.
    things: usize,
    /// Its name, quoted, by which it is mentioned when it is left out.
    name: Option<String>,
}

/// Characters of the names of what is left out.
const NAMES_CHARS: usize = 400;
/// Part of a section's room that these names may take.
const NAMES_SHARE: usize = 5;

impl Item {
    /// A line.
    pub(crate) fn line(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], is_quotation: false, rank: 1, things: 1, name: None }
    }

    /// A longer quotation from `source`; nothing when there are no lines. The lines are marked by [`quote::lines`].
    pub(crate) fn quotation(source: &str, lines: Vec<String>) -> Option<Self> {
        if lines.is_empty() {
            return None;
        }
        let mut all = vec![quote::open(source)];
        all.extend(lines);
        all.push(quote::CLOSE.to_string());
        Some(Self { lines: all, is_quotation: true, rank: 1, things: 1, name: None })
    }

    /// The item as more (below 1) or less telling than others.
    pub(crate) fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }

    /// True for an item that tells more than others.
    pub(crate) fn is_telling(&self) -> bool {
        self.rank == 0
    }

    /// The item as one that stands for several things.
    pub(crate) fn things(self, things: usize) -> Self {
        Self { things, ..self }
    }

    /// The item under a name, by which it is mentioned when there is no room for more.
    pub(crate) fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    fn price(&self, measure: Measure) -> usize {
        self.lines.iter().map(|line| measure.of(line)).sum()
    }

    /// The least that is worth showing: the line, or a quotation's marks with one line.
    fn least(&self, measure: Measure) -> usize {
        match self.lines.as_slice() {
            [open, first, .., close] if self.is_quotation => {
                measure.of(open) + measure.of(first) + measure.of(&cut_close(close, usize::MAX))
            }
            _ => self.price(measure),
        }
    }

    /// The lines that fit into `room`; none when not even the least does.
    fn cut_to(&self, room: usize, measure: Measure) -> Option<Vec<String>> {
        if self.price(measure) <= room {
            return Some(self.lines.clone());
        }
        if !self.is_quotation || self.least(measure) > room {
            return None;
        }
        let [open, inside @ .., close] = self.lines.as_slice() else { return None };
        let mut left = room.checked_sub(measure.of(open) + measure.of(&cut_close(close, usize::MAX)))?;
        let mut lines = vec![open.clone()];
        for line in inside {
            let Some(rest) = left.checked_sub(measure.of(line)) else { break };
            left = rest;
            lines.push(line.clone());
        }
        let shown = lines.len() - 1;
        lines.push(cut_close(close, inside.len() - shown));
        Some(lines)
    }
}

fn cut_close(close: &str, left_out: usize) -> String {
    // The greatest number of lines has no more digits than any other that can occur.
    let left_out = left_out.min(99_999_999);
    format!("{close} … {left_out} more {} left out", if left_out == 1 { "line" } else { "lines" })
}

/// A title with items below it.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    title: String,
    items: Vec<Item>,
    /// What an item is, for the note that some were left out.
    noun: &'static str,
    /// What the section is, for the note that all of it was left out.
    pub(crate) label: String,
    /// Less comes first when there is not room for all.
    pub(crate) priority: u8,
    /// Its part of the room, relative to others.
    pub(crate) weight: usize,
    keep: usize,
}

impl Section {
    /// A section of middling weight and priority; its title is one line.
    pub(crate) fn new(title: impl Into<String>, items: Vec<Item>) -> Self {
        let title = title.into();
        let label = title.trim_start_matches(['#', ' ']).to_string();
        Self { title, items, noun: "line", label, priority: 4, weight: 4, keep: 1 }
    }

    /// What an item is, in the singular.
    pub(crate) fn noun(self, noun: &'static str) -> Self {
        Self { noun, ..self }
    }

    /// What the section is, when it is only mentioned.
    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Whether it stays when there is not room for all (less is sooner), and how large its part of the room is.
    pub(crate) fn priority(self, priority: u8, weight: usize) -> Self {
        Self { priority, weight: weight.max(1), ..self }
    }

    /// All of it as text.
    pub(crate) fn into_passage(self) -> Passage {
        Passage {
            title: self.title.trim_start_matches(['#', ' ']).to_string(),
            lines: self.items.into_iter().flat_map(|item| item.lines).collect(),
        }
    }

    /// The section, when it has items.
    pub(crate) fn unless_empty(self) -> Option<Self> {
        (!self.items.is_empty()).then_some(self)
    }

    /// Price of everything with the blank line behind it.
    pub(crate) fn price(&self, measure: Measure) -> usize {
        self.frame(measure) + self.items.iter().map(|item| item.price(measure)).sum::<usize>()
    }

    /// So many items should be shown when the section is shown at all.
    pub(crate) fn keep(self, items: usize) -> Self {
        Self { keep: items.max(1), ..self }
    }

    /// The least that is worth showing: the title, the most telling item and the note of what is left out.
    pub(crate) fn least(&self, measure: Measure) -> usize {
        self.price_of(1, measure)
    }

    /// As [`Section::least`], with as many items as the section should have.
    pub(crate) fn good_least(&self, measure: Measure) -> usize {
        self.price_of(self.keep, measure)
    }

    fn price_of(&self, items: usize, measure: Measure) -> usize {
        let first = self.by_rank().into_iter().take(items);
        let first: usize = first.map(|index| self.items[index].least(measure)).sum();
        (self.frame(measure) + first + measure.of(&self.note(usize::MAX))).min(self.price(measure))
    }

    fn frame(&self, measure: Measure) -> usize {
        measure.of(&self.title) + measure.of("")
    }

    fn by_rank(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&index| self.items[index].rank);
        order
    }

    fn note(&self, left_out: usize) -> String {
        let left_out = left_out.min(99_999_999);
        format!("… {left_out} more {} left out", plural(self.noun, left_out as u64))
    }

    /// What is kept free for the note about what is left out.
    fn note_room(&self, room: usize, measure: Measure) -> usize {
        let least = measure.of(&self.note(usize::MAX));
        let named = self.items.iter().any(|item| item.name.is_some());
        let names = if named { measure.of(&"x".repeat(NAMES_CHARS)).min(room / NAMES_SHARE) } else { 0 };
        // A section that gets no more than its least has no room for names.
        least + names.min(room.saturating_sub(self.least(measure)))
    }

    /// The note about what is left out, with as many names as fit.
    fn note_of(&self, left_out: &[&Item], room: usize, measure: Measure) -> String {
        let mut note = self.note(left_out.iter().map(|item| item.things).sum());
        for (index, name) in left_out.iter().filter_map(|item| item.name.as_deref()).enumerate() {
            let longer = format!("{note}{} {name}", if index == 0 { ":" } else { "," });
            if measure.of(&longer) + 5 > room || longer.len() > NAMES_CHARS {
                if index > 0 {
                    note += ", …";
                }
                break;
            }
            note = longer;
        }
        note
    }

    /// The section within `room`, with a blank line behind it; nothing when its least does not fit.
    pub(crate) fn cut_to(&self, room: usize, measure: Measure) -> Option<Vec<String>> {
        let whole = self.price(measure) <= room;
        let note = if whole { 0 } else { self.note_room(room, measure) };
        let mut left = room.checked_sub(self.frame(measure) + note)?;
        let mut shown: Vec<Option<Vec<String>>> = vec![None; self.items.len()];
        for index in self.by_rank() {
            let Some(lines) = self.items[index].cut_to(left, measure) else { continue };
            left -= lines.iter().map(|line| measure.of(line)).sum::<usize>();
            shown[index] = Some(lines);
        }
        if shown.iter().all(Option::is_none) && !self.items.is_empty() {
            return None;
        }
        let left_out: Vec<&Item> = self
            .items
            .iter()
            .zip(&shown)
            .filter(|(_, lines)| lines.is_none())
            .map(|(item, _)| item)
            .collect();
        let mut lines = vec![self.title.clone()];
        lines.extend(shown.into_iter().flatten().flatten());
        if left_out.iter().any(|item| item.things > 0) {
            lines.push(self.note_of(&left_out, note + left, measure));
        }
        lines.push(String::new());
        Some(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: Measure = Measure { line: str::len };

    fn text(section: &Section, room: usize) -> Option<String> {
        section.cut_to(room, BYTES).map(|lines| lines.join("\n"))
    }

    #[test]
    fn the_most_telling_items_stay_in_their_order() {
        let items = (0..20).map(|i| Item::line(format!("- {i:02}")).rank(u8::from(i != 15))).collect();
        let section = Section::new("## A", items).noun("column");
        let cut = text(&section, 60).unwrap();
        assert!(cut.starts_with("## A\n- 00\n"), "{cut}");
        assert!(cut.contains("- 15\n… 17 more columns left out\n"), "{cut}");
        assert!(cut.len() <= 60);
        assert_eq!(text(&section, 20), None);
    }

    #[test]
    fn a_quotation_is_cut_between_its_marks() {
        let lines = quote::lines(&(0..30).map(|i| format!("word {i}\n")).collect::<String>(), 80);
        let section = Section::new("## Words", Item::quotation("a.txt", lines).into_iter().collect());
        let cut = text(&section, 160).unwrap();
        assert!(cut.starts_with("## Words\n<data source=\"a.txt\">\n> word 0\n"), "{cut}");
        assert!(cut.trim_end().ends_with("more lines left out"), "{cut}");
        assert_eq!(cut.matches("</data> … 2").count(), 1, "{cut}");
        assert!(cut.len() <= 160);
    }

    #[test]
    fn things_are_counted_rather_than_lines() {
        let items = vec![Item::line("- one"), Item::line("- many".repeat(20)).things(300)];
        let cut = text(&Section::new("## A", items).noun("column"), 60).unwrap();
        assert!(cut.contains("… 300 more columns left out"), "{cut}");
    }
}
