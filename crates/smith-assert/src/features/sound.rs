//! Features of a sound: energies of bands and how they change, crossings of zero, loudness and length.

use smith_data::signal::Sound;

use super::spectrum::{Spectrum, WINDOW};

/// Bands, of equal width to the ear.
const BANDS: usize = 24;
/// Windows of a sound that are looked at, spread evenly.
const WINDOWS: usize = 200;
/// Parts of a sound whose bands are told apart.
const PARTS: usize = 3;

/// Means and spreads of the bands, means in each third, crossings of zero, loudness, length and rate.
pub(super) fn features(sound: &Sound) -> Vec<f32> {
    let windows = bands(sound);
    let mut features = vec![
        (sound.length as f32 / sound.rate.max(1) as f32).ln_1p(),
        sound.rate as f32 / 1000.0,
        crossings(&sound.samples),
        (sound.samples.iter().map(|value| value * value).sum::<f32>() / sound.samples.len().max(1) as f32)
            .sqrt(),
    ];
    for band in 0..BANDS {
        let values: Vec<f32> = windows.iter().filter_map(|window| window.get(band)).copied().collect();
        let mean = mean(&values);
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>();
        features.extend([mean, (variance / values.len().max(1) as f32).sqrt()]);
        for part in 0..PARTS {
            let range = part * values.len() / PARTS..(part + 1) * values.len() / PARTS;
            features.push(self::mean(values.get(range).unwrap_or(&[])) - mean);
        }
    }
    features
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// Logarithms of the energies of the bands, window by window.
fn bands(sound: &Sound) -> Vec<Vec<f32>> {
    let spectrum = Spectrum::new();
    let starts: Vec<usize> = (0..sound.samples.len().max(1)).step_by(WINDOW / 2).collect();
    let step = starts.len().div_ceil(WINDOWS).max(1);
    let half_rate = sound.rate as f32 / 2.0;
    let mel = |frequency: f32| (1.0 + frequency / 700.0).ln();
    let of_window = |start: &usize| {
        let mut energies = vec![0.0_f32; BANDS];
        let powers = spectrum.powers(sound.samples.get(*start..).unwrap_or(&[]));
        for (at, power) in powers.iter().enumerate() {
            let frequency = at as f32 / (WINDOW / 2) as f32 * half_rate;
            let band = (mel(frequency) / mel(half_rate) * BANDS as f32) as usize;
            if let Some(energy) = energies.get_mut(band.min(BANDS - 1)) {
                *energy += power;
            }
        }
        energies.into_iter().map(|energy| (energy + 1e-6).ln()).collect()
    };
    starts.iter().step_by(step).map(of_window).collect()
}

fn crossings(samples: &[f32]) -> f32 {
    let crossed = samples.windows(2).filter(|pair| matches!(pair, [a, b] if (*a < 0.0) != (*b < 0.0)));
    crossed.count() as f32 / samples.len().max(1) as f32
}
