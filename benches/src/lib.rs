//! What the benchmarks share: processor time of a family of processes, and medians. And the [`bank`] of defects.
//!
//! ```
//! use smith_benches::Spread;
//!
//! let spread = Spread::of(vec![3.0, 1.0, 2.0]).unwrap();
//! assert_eq!((spread.least, spread.median, spread.most), (1.0, 2.0, 3.0));
//! ```

pub mod bank;

use std::collections::HashMap;

/// The kernel's unit of time towards programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor seconds of this process and of everything below it, with what they have collected of ended ones. Needs
/// Linux's `/proc`; elsewhere it is zero.
#[must_use]
pub fn family_seconds() -> f64 {
    let processes = processes();
    let own = std::process::id();
    let is_ours = |mut pid: u32| loop {
        match processes.get(&pid) {
            _ if pid == own => return true,
            Some((parent, _)) if *parent != 0 => pid = *parent,
            _ => return false,
        }
    };
    processes.iter().filter(|(pid, _)| is_ours(**pid)).map(|(_, (_, seconds))| seconds).sum()
}

/// Processor seconds of a process so far, of one that has ended too until it is waited for. Needs Linux's `/proc`.
#[must_use]
pub fn process_seconds(pid: u32) -> Option<f64> {
    let (_, seconds) = parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
    Some(seconds)
}

/// Greatest memory of a running process so far, in megabytes. Needs Linux's `/proc`.
#[must_use]
pub fn process_peak(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = peak.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

/// Parent and processor seconds of every process.
fn processes() -> HashMap<u32, (u32, f64)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((pid, parse(&stat)?))
        })
        .collect()
}

/// The second field is the program's name in parentheses and may hold anything.
fn parse(stat: &str) -> Option<(u32, f64)> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Some((fields.get(1)?.parse().ok()?, ticks / TICKS_PER_SECOND))
}

/// The middle of some figures, and the least and the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub most: f64,
}

impl Spread {
    /// Of these figures; nothing when there are none.
    #[must_use]
    pub fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        let median = if figures.len().is_multiple_of(2) {
            (figures.get(middle.checked_sub(1)?)? + figures.get(middle)?) / 2.0
        } else {
            *figures.get(middle)?
        };
        Some(Self { median, least: *figures.first()?, most: *figures.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Some(Spread { median: 2.0, least: 1.0, most: 3.0 }));
        assert_eq!(Spread::of(vec![4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn times_are_found_whatever_the_name() {
        let stat = "42 (a ) b) S 7 42 42 0 -1 4 5 6 7 8 150 25 10 15 20 0 3 0 99";
        assert_eq!(parse(stat), Some((7, 2.0)));
        assert_eq!(parse("42 (x) S"), None);
        assert!(family_seconds() >= 0.0);
        if cfg!(target_os = "linux") {
            assert!(process_seconds(std::process::id()).is_some());
            assert!(process_peak(std::process::id()).unwrap() > 0.1);
        }
    }
}
