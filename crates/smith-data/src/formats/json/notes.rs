//! What is odd about a JSON file, gathered while it is read.

use std::io::Read;

use super::mend::{Mended, mend};
use super::record;
use super::scan::{Fault, Scanner};
use crate::findings::Findings;

/// What was odd on the way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) mended: Mended,
    pub(super) broken: u64,
    /// Number of the first value that is broken, from 1.
    pub(super) first_broken: Option<u64>,
    pub(super) values: u64,
    pub(super) too_long: u64,
    pub(super) too_large: bool,
    pub(super) cut_off: bool,
    pub(super) fault: Option<String>,
}

impl Notes {
    /// The next value, mended where it is needed; none for what is broken or too long.
    pub(super) fn next_value<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<Option<String>, Fault> {
        let mut raw = Vec::new();
        let kept = scanner.value(&mut raw)?;
        self.values += 1;
        Ok(if kept { self.sound(&raw) } else { None })
    }

    /// The text of a value when it is sound or can be mended.
    pub(super) fn sound(&mut self, raw: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(raw);
        if record::is_sound(&text) {
            return Some(text.into_owned());
        }
        let (mended, what) = mend(&text);
        if record::is_sound(&mended) {
            self.mended.add(what);
            return Some(mended);
        }
        self.broken += 1;
        self.first_broken.get_or_insert(self.values);
        None
    }

    pub(super) fn take<R>(&mut self, scanner: &Scanner<R>) {
        self.too_long += scanner.too_long;
        self.mended.commas += scanner.stray_commas;
    }

    pub(super) fn is_complete(&self) -> bool {
        self.broken == 0 && self.too_long == 0 && !self.too_large && !self.cut_off && self.fault.is_none()
    }

    pub(super) fn report(&self, path: &str, records: u64, findings: &mut Findings) {
        if self.cut_off {
            findings.error(
                path,
                format!("ends in the middle of a value; the {records} records before it are profiled"),
            );
        }
        if let Some(fault) = &self.fault {
            let message =
                format!("cannot be read to its end: {fault}; the {records} records before are profiled");
            findings.error(path, message);
        }
        if let Some(first) = self.first_broken {
            let message = format!(
                "{} of {} values are no sound JSON and left out; the first is number {first}",
                self.broken, self.values
            );
            findings.error(path, message);
        }
        if self.too_long > 0 {
            findings.error(path, format!("{} values are longer than 16 MiB and left out", self.too_long));
        }
        if self.too_large {
            findings.error(path, "holds columns of more than 64 MiB as arrays; the first are profiled");
        }
        self.report_mended(path, findings);
    }

    fn report_mended(&self, path: &str, findings: &mut Findings) {
        if self.mended.commas > 0 {
            let message = format!(
                "has {} commas with no value behind them; strict readers refuse it",
                self.mended.commas
            );
            findings.warn(path, message);
        }
        if self.mended.not_numbers > 0 {
            let message = format!(
                "holds {} NaN or Infinity, which are no JSON; they are taken for missing",
                self.mended.not_numbers
            );
            findings.warn(path, message);
        }
        if self.mended.python > 0 {
            findings.warn(
                path,
                "is written with Python's literals ('…', True, None); read it with ast.literal_eval",
            );
        }
    }
}
