//! The most telling parts of a text within a number of bytes, and how many bytes each of several texts gets.

use std::cmp::Reverse;

/// Lines that are kept or left out together.
const BLOCK: usize = 6;
/// Bytes after which a line is cut.
const LONGEST_LINE: usize = 1_000;
/// Room for the line that says what is left out.
const MARK: usize = 48;

/// What a line of a source of this kind tells a reviewer, as a weight.
pub(crate) type Telling = fn(&str) -> usize;

/// Words of a script by which data reaches participants, answers come about, or scores do.
const CODE: [&str; 28] = [
    "public",
    "private",
    "raw",
    "read_",
    "to_csv",
    "target",
    "label",
    "answer",
    "submission",
    "sample",
    "split",
    "shuffle",
    "sort",
    "merge",
    "drop",
    "group",
    "clip",
    "round",
    "fillna",
    "seed",
    "id",
    "class ",
    "def ",
    "return",
    "raise",
    "if ",
    "score",
    "higher_is_better",
];

/// A line of Python.
pub(crate) fn of_code(line: &str) -> usize {
    let line = line.trim_start();
    if line.is_empty() {
        return 0;
    }
    if line.starts_with("import ") || line.starts_with("from ") {
        return 1;
    }
    2 + CODE.iter().filter(|word| line.contains(*word)).count()
}

/// A line of prose: headings, lists, tables and names in code marks weigh more than sentences.
pub(crate) fn of_prose(line: &str) -> usize {
    let line = line.trim_start();
    let marked = line.starts_with(['#', '-', '*', '|']) || line.contains(['`', '=', ',']);
    usize::from(!line.is_empty()) + usize::from(marked)
}

/// A text of at most `limit` bytes: all of it, or its most telling blocks of lines in their order, with a mark for each
/// gap. Of two that tell as much the earlier one is kept.
pub(crate) fn excerpt(text: &str, limit: usize, telling: Telling) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let lines: Vec<String> = text.lines().map(|line| cut(line, LONGEST_LINE)).collect();
    let blocks: Vec<&[String]> = lines.chunks(BLOCK).collect();
    let weight = |block: &[String]| block.iter().map(|line| telling(line)).sum::<usize>();
    let mut ranked: Vec<usize> = (0..blocks.len()).collect();
    ranked.sort_by_key(|&at| (Reverse(blocks.get(at).map_or(0, |block| weight(block))), at));
    let mut room = limit.saturating_sub(MARK);
    let mut kept = vec![false; blocks.len()];
    for at in ranked {
        let is_kept = |at: Option<usize>| at.and_then(|at| kept.get(at)).is_some_and(|kept| *kept);
        // Beside a block that is kept there is no new gap.
        let joins = is_kept(at.checked_sub(1)) || is_kept(at.checked_add(1));
        let text = blocks.get(at).map_or(0, |block| block.iter().map(|line| line.len() + 1).sum::<usize>());
        let bytes = text + if joins { 0 } else { MARK };
        if let Some(keep) = kept.get_mut(at)
            && bytes <= room
        {
            room -= bytes;
            *keep = true;
        }
    }
    with_gaps(&blocks, &kept)
}

fn with_gaps(blocks: &[&[String]], kept: &[bool]) -> String {
    let (mut out, mut gap) = (String::new(), 0);
    for (block, kept) in blocks.iter().zip(kept) {
        if !kept {
            gap += block.len();
            continue;
        }
        mark(&mut out, &mut gap);
        block.iter().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    mark(&mut out, &mut gap);
    out
}

fn mark(out: &mut String, gap: &mut usize) {
    if *gap > 0 {
        out.push_str(&format!("[… {gap} lines left out …]\n"));
        *gap = 0;
    }
}

/// The lines at the beginning that fit into `limit` bytes, one at least.
pub(crate) fn beginning(text: &str, limit: usize) -> String {
    let (mut out, mut lines) = (String::new(), text.lines());
    for line in lines.by_ref() {
        if !out.is_empty() && out.len() + line.len() + MARK > limit {
            let gap = lines.count() + 1;
            out.push_str(&format!("[… {gap} lines left out …]\n"));
            break;
        }
        out.push_str(&cut(line, limit.saturating_sub(MARK)));
        out.push('\n');
    }
    out
}

/// A line of at most about `limit` bytes.
pub(crate) fn cut(line: &str, limit: usize) -> String {
    if line.len() <= limit {
        return line.to_owned();
    }
    let end = line.floor_char_boundary(limit);
    let (kept, rest) = line.split_at(end);
    format!("{kept} [… {} bytes left out …]", rest.len())
}

/// Divides `total` bytes among texts by their weight; what one does not need goes to the others. Each entry is a text's
/// length and weight.
pub(crate) fn shares(texts: &[(usize, usize)], total: usize) -> Vec<usize> {
    let mut shares: Vec<Option<usize>> = vec![None; texts.len()];
    let mut left = total;
    loop {
        let open = || texts.iter().zip(&shares).filter(|(_, share)| share.is_none());
        let weights: usize = open().map(|((_, weight), _)| *weight).sum();
        let share_of = |weight: usize| left.saturating_mul(weight) / weights.max(1);
        let fitting: Vec<bool> = texts
            .iter()
            .zip(&shares)
            .map(|((length, weight), share)| share.is_none() && *length <= share_of(*weight))
            .collect();
        if !fitting.contains(&true) {
            return texts
                .iter()
                .zip(&shares)
                .map(|((_, weight), share)| share.unwrap_or_else(|| share_of(*weight)))
                .collect();
        }
        for ((fits, share), (length, _)) in fitting.into_iter().zip(&mut shares).zip(texts) {
            if fits {
                *share = Some(*length);
                left = left.saturating_sub(*length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_shown_whole() {
        assert_eq!(excerpt("a\n\n b", 100, of_code), "a\n\n b");
    }

    #[test]
    fn of_a_long_script_the_telling_lines_are_kept_in_order() {
        let filler = |n: usize| format!("    value_{n} = {n} * 2\n").repeat(60);
        let (one, two) =
            ("    test.drop(columns=['target']).to_csv(public)\n", "    answers.to_csv(private)\n");
        let text = format!("{}{one}{}{two}{}", filler(1), filler(2), filler(3));
        let shown = excerpt(&text, 1_000, of_code);
        assert!(shown.len() <= 1_000, "{}", shown.len());
        let places = [one, two].map(|line| shown.find(line.trim_end()).unwrap());
        assert!(places[0] < places[1]);
        assert!(shown.contains("lines left out …]"), "{shown}");
        let gaps: usize = shown
            .lines()
            .filter_map(|line| line.strip_prefix("[… ")?.split(' ').next()?.parse::<usize>().ok())
            .sum();
        let kept = shown.lines().filter(|line| !line.starts_with("[…")).count();
        assert_eq!(gaps + kept, text.lines().count(), "every line is shown or counted");
    }

    #[test]
    fn one_endless_line_is_cut() {
        let line = "ä".repeat(5_000);
        for shown in [excerpt(&line, 1_500, of_prose), beginning(&line, 1_500)] {
            assert!(shown.len() <= 1_600 && shown.contains("left out …]"), "{}", shown.len());
        }
    }

    #[test]
    fn a_beginning_says_how_much_follows() {
        let rows: String = (0..100).map(|row| format!("{row},blue\n")).collect();
        let shown = beginning(&rows, 120);
        assert!(shown.starts_with("0,blue\n1,blue\n") && shown.len() <= 120, "{shown}");
        let kept = shown.lines().count() - 1;
        assert!(shown.ends_with(&format!("[… {} lines left out …]\n", 100 - kept)), "{shown}");
    }

    #[test]
    fn room_that_one_does_not_need_goes_to_the_others() {
        assert_eq!(shares(&[(10, 1), (900, 1), (900, 2)], 610), [10, 200, 400]);
        assert_eq!(shares(&[(10, 1), (20, 5)], 1_000), [10, 20]);
        assert_eq!(shares(&[], 5), [0; 0]);
        assert_eq!(shares(&[(10, 0)], 5), [0]);
    }
}
