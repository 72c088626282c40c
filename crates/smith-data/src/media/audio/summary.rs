//! The facts of all audio files together.

use std::collections::BTreeMap;

use rayon::prelude::*;
use smith_task_schema::profile::{AudioSummary, Range};

use super::measure::{AudioMeasure, Fault, Odd, measure};
use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::media::folded::Folded;
use crate::source::kind::extension;
use crate::source::walk::Found;

/// Values that are listed.
const LISTED: usize = 8;

/// Measures all files on all cores and sums up.
pub(crate) fn summarise(files: &[&Found], findings: &mut Findings) -> AudioSummary {
    let measured: Vec<Result<AudioMeasure, Fault>> =
        files.par_iter().with_min_len(8).map(|found| measure(&found.path)).collect();
    let mut folded = Folded::new("audio files", files.len());
    let mut tally = Tally::default();
    tally.summary.files = files.len() as u64;
    for (found, measured) in files.iter().zip(measured) {
        *tally.summary.formats.entry(extension(found.name())).or_default() += 1;
        match measured {
            Ok(measure) => {
                report(found, &measure, &mut folded);
                tally.add(&measure);
            }
            Err(fault) => folded.error(&found.relative, describe(&fault)),
        }
    }
    folded.finish(findings);
    tally.finish()
}

fn describe(fault: &Fault) -> String {
    match fault {
        Fault::Unreadable(error) => format!("cannot be read: {error}"),
        Fault::Broken(format) => format!("begins like {format} audio, but its header is broken or cut off"),
        Fault::Unknown => String::from("is named like audio, but holds none of a format that is read"),
    }
}

fn report(found: &Found, measure: &AudioMeasure, folded: &mut Folded) {
    let path = &found.relative;
    match measure.odd {
        Some(Odd::Cut) => folded.error(path, "ends before the sound that its header announces (cut off)"),
        Some(Odd::Contradictory) => {
            folded.warn(path, "has a header whose rate, channels and bits do not fit together");
        }
        None => {}
    }
    if measure.seconds == Some(0.0) {
        folded.warn(path, "holds no sound: its duration is nought");
    }
    if measure.seconds.is_none() {
        folded.warn(path, "does not state its duration");
    }
}

#[derive(Default)]
struct Tally {
    summary: AudioSummary,
    rates: BTreeMap<String, u64>,
    channels: BTreeMap<String, u64>,
    codecs: BTreeMap<String, u64>,
    bits: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, measure: &AudioMeasure) {
        let summary = &mut self.summary;
        summary.measured += 1;
        if let Some(seconds) = measure.seconds {
            summary.total_seconds += seconds;
            summary.seconds = Some(Range::grown(summary.seconds, seconds));
        }
        *self.rates.entry(measure.rate.to_string()).or_default() += 1;
        *self.channels.entry(measure.channels.to_string()).or_default() += 1;
        *self.codecs.entry(measure.codec.to_string()).or_default() += 1;
        if measure.bits > 0 {
            *self.bits.entry(measure.bits.to_string()).or_default() += 1;
        }
    }

    fn finish(self) -> AudioSummary {
        let mut summary = self.summary;
        summary.rates = most_frequent(self.rates, LISTED);
        summary.channels = most_frequent(self.channels, LISTED);
        summary.codecs = most_frequent(self.codecs, LISTED);
        summary.bits = most_frequent(self.bits, LISTED);
        summary
    }
}
