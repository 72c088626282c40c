//! Measures audio by its headers: WAV and FLAC, which state rate, channels and length in plain sight.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use smith_task_schema::profile::{AudioSummary, Range};

use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::source::kind::extension;
use crate::source::walk::Found;

/// Chunks of a WAV file that are looked through for its data.
const MAX_CHUNKS: usize = 64;

/// What an audio file's header says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Audio {
    pub(crate) rate: u64,
    pub(crate) channels: u64,
    pub(crate) seconds: f64,
}

/// Reads the header of a WAV or FLAC file; none for anything else.
pub(crate) fn measure(path: &Path) -> Option<Audio> {
    let mut file = File::open(path).ok()?;
    let mut head = [0; 12];
    file.read_exact(&mut head).ok()?;
    let audio = match (&head[..4], &head[8..]) {
        (b"RIFF", b"WAVE") => wav(&mut file).ok()?,
        (b"fLaC", _) => {
            file.seek(SeekFrom::Start(8)).ok()?;
            let mut info = [0; 34];
            file.read_exact(&mut info).ok()?;
            flac(&info)
        }
        _ => None,
    };
    audio.filter(|audio| audio.rate > 0 && audio.channels > 0)
}

fn wav(file: &mut File) -> io::Result<Option<Audio>> {
    let (mut rate, mut channels, mut bytes_per_second) = (0, 0, 0);
    for _ in 0..MAX_CHUNKS {
        let mut chunk = [0; 8];
        file.read_exact(&mut chunk)?;
        let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        match &chunk[..4] {
            b"fmt " if length >= 16 => {
                let mut format = [0; 16];
                file.read_exact(&mut format)?;
                channels = u64::from(u16::from_le_bytes([format[2], format[3]]));
                rate = u64::from(u32::from_le_bytes([format[4], format[5], format[6], format[7]]));
                bytes_per_second = u32::from_le_bytes([format[8], format[9], format[10], format[11]]);
                file.seek(SeekFrom::Current(i64::from(length) - 16 + i64::from(length % 2)))?;
            }
            b"data" if bytes_per_second > 0 => {
                let seconds = f64::from(length) / f64::from(bytes_per_second);
                return Ok(Some(Audio { rate, channels, seconds }));
            }
            _ => {
                file.seek(SeekFrom::Current(i64::from(length) + i64::from(length % 2)))?;
            }
        }
    }
    Ok(None)
}

/// The stream information block: 20 bits of rate, 3 of channels, 5 of depth, 36 of samples, from byte 10.
fn flac(info: &[u8; 34]) -> Option<Audio> {
    let packed = info.get(10..18)?.iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    let rate = packed >> 44;
    let samples = packed & ((1 << 36) - 1);
    let channels = (packed >> 41 & 7) + 1;
    (rate > 0).then(|| Audio { rate, channels, seconds: samples as f64 / rate as f64 })
}

/// The facts of all audio files, of which `opened` are measured.
pub(crate) fn summarise(all: &[&Found], opened: &[&Found], findings: &mut Findings) -> AudioSummary {
    let mut summary = AudioSummary::default();
    summary.files = all.len() as u64;
    for found in all {
        *summary.formats.entry(extension(found.name())).or_default() += 1;
    }
    let (mut rates, mut channels) = (BTreeMap::new(), BTreeMap::new());
    for found in opened {
        let Some(audio) = measure(&found.path) else {
            if matches!(extension(found.name()).as_str(), "wav" | "flac") {
                findings.error(&found.relative, "is named like audio, but its header cannot be read");
            }
            continue;
        };
        summary.measured += 1;
        summary.total_seconds += audio.seconds;
        summary.seconds =
            Some(summary.seconds.map_or(Range::of(audio.seconds), |range| range.with(audio.seconds)));
        *rates.entry(audio.rate.to_string()).or_default() += 1;
        *channels.entry(audio.channels.to_string()).or_default() += 1;
    }
    summary.rates = most_frequent(rates, 8);
    summary.channels = most_frequent(channels, 8);
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(bytes: &[u8]) -> Option<Audio> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sound");
        std::fs::write(&path, bytes).unwrap();
        measure(&path)
    }

    #[test]
    fn wav_with_a_chunk_before_its_data() {
        let mut wav = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        wav.extend([1, 0, 2, 0]);
        wav.extend(8000_u32.to_le_bytes());
        wav.extend(32_000_u32.to_le_bytes());
        wav.extend([4, 0, 16, 0]);
        wav.extend(b"data");
        wav.extend(48_000_u32.to_le_bytes());
        assert_eq!(measured(&wav), Some(Audio { rate: 8000, channels: 2, seconds: 1.5 }));
    }

    #[test]
    fn flac_stream_information() {
        let mut flac = b"fLaC\0\0\0\x22".to_vec();
        flac.extend([0; 10]);
        let packed = 44_100_u64 << 44 | 1 << 41 | 15 << 36 | 22_050;
        flac.extend(packed.to_be_bytes());
        flac.extend([0; 16]);
        assert_eq!(measured(&flac), Some(Audio { rate: 44_100, channels: 2, seconds: 0.5 }));
    }

    #[test]
    fn anything_else_is_not_measured() {
        assert_eq!(measured(b"ID3 and more bytes than a header"), None);
        assert_eq!(measured(b"RIFF\0\0\0\0WAVEfmt "), None);
    }
}
