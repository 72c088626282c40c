//! What an environment is made from: one of the profiles that this crate carries, or the caller's own lock file.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::assets;
use super::lock::Lock;
use crate::ExecError;

/// A set of packages that this crate carries a lock file for. Each holds the base set in the same versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EnvProfile {
    /// Tables, text by its statistics, images and sound as arrays, time series.
    #[default]
    Base,
    /// Also OpenCV and scikit-image.
    Image,
    /// Also librosa.
    Audio,
    /// Also PyAV and OpenCV.
    Video,
    /// Also LightGBM and XGBoost.
    Boosting,
    /// Also PyTorch; on Linux with CUDA, which is gigabytes.
    Torch,
}

impl EnvProfile {
    /// All of them, the smallest first.
    pub const ALL: [Self; 6] =
        [Self::Base, Self::Image, Self::Audio, Self::Video, Self::Boosting, Self::Torch];

    /// Its name, as callers write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Boosting => "boosting",
            Self::Torch => "torch",
        }
    }

    fn lock(self) -> &'static str {
        match self {
            Self::Base => assets::BASE_LOCK,
            Self::Image => assets::IMAGE_LOCK,
            Self::Audio => assets::AUDIO_LOCK,
            Self::Video => assets::VIDEO_LOCK,
            Self::Boosting => assets::BOOSTING_LOCK,
            Self::Torch => assets::TORCH_LOCK,
        }
    }

    /// Modules of the packages that it has beyond the base set.
    fn more_modules(self) -> &'static [&'static str] {
        match self {
            Self::Base => &[],
            Self::Image => &["cv2", "skimage.io", "skimage.metrics"],
            Self::Audio => &["librosa", "librosa.feature"],
            Self::Video => &["av", "cv2"],
            Self::Boosting => &["lightgbm", "xgboost"],
            Self::Torch => &["torch"],
        }
    }
}

/// Where the packages of an environment are written down. Its text form is the profile's name, or `lock:FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvSource {
    /// A set that this crate carries.
    Profile(EnvProfile),
    /// A file in pip's requirements format whose every entry has a version and hashes. It must hold numpy and pandas.
    Lock(PathBuf),
}

impl EnvSource {
    /// Reads and checks the packages, so that a mistake is found before anything is made. For the caller's own lock
    /// file it returns the BLAKE3 hash of the file, by which changes of it can be told.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when the file cannot be read, or does not fix every package by version and hash.
    pub fn check(&self) -> Result<Option<String>, ExecError> {
        let recipe = Recipe::read(self)?;
        Ok(match self {
            Self::Profile(_) => None,
            Self::Lock(_) => Some(blake3::hash(recipe.text.as_bytes()).to_hex().to_string()),
        })
    }
}

impl Default for EnvSource {
    fn default() -> Self {
        Self::Profile(EnvProfile::default())
    }
}

impl fmt::Display for EnvSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(profile) => f.write_str(profile.as_str()),
            Self::Lock(file) => write!(f, "lock:{}", file.display()),
        }
    }
}

impl FromStr for EnvSource {
    type Err = ExecError;

    fn from_str(text: &str) -> Result<Self, ExecError> {
        if let Some(file) = text.strip_prefix("lock:").filter(|file| !file.is_empty()) {
            return Ok(Self::Lock(file.into()));
        }
        let profile = EnvProfile::ALL.into_iter().find(|profile| profile.as_str() == text);
        profile.map(Self::Profile).ok_or_else(|| {
            let names = EnvProfile::ALL.map(EnvProfile::as_str).join(", ");
            ExecError::Mistake(format!("there is no environment {text:?}: name one of {names}, or lock FILE"))
        })
    }
}

/// Everything that is to be known of an environment before it is built.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) source: EnvSource,
    /// What stands in the lock file, byte for byte.
    pub(super) text: Cow<'static, str>,
    pub(super) lock: Lock,
    /// What must be importable.
    pub(super) modules: Vec<&'static str>,
    /// What takes long in metrics.
    pub(super) preloaded: &'static [&'static str],
}

/// Modules of the base set.
const BASE_MODULES: [&str; 10] = [
    "numpy",
    "openpyxl",
    "pandas",
    "PIL.Image",
    "pyarrow.parquet",
    "sklearn.linear_model",
    "scipy.stats",
    "soundfile",
    "statsmodels.api",
    "mledojo.metrics.base",
];

/// What every environment has, whoever locked it: metrics get tables of pandas, and import the stand-in.
const LEAST_MODULES: [&str; 3] = ["numpy", "pandas", "mledojo.metrics.base"];

/// What metrics of the base set import and takes long.
const BASE_PRELOADED: [&str; 6] =
    ["numpy", "pandas", "sklearn.metrics", "sklearn.preprocessing", "scipy.stats", "mledojo.metrics.base"];

impl Recipe {
    /// Reads and checks the lock file.
    pub(super) fn read(source: &EnvSource) -> Result<Self, ExecError> {
        match source {
            EnvSource::Profile(profile) => Self::of_profile(*profile),
            EnvSource::Lock(file) => Self::of_file(file),
        }
    }

    fn of_profile(profile: EnvProfile) -> Result<Self, ExecError> {
        let text = profile.lock();
        let lock = Lock::parse(text).map_err(|flaw| ExecError::Provision {
            step: format!("reading line {} of the lock of `{}`", flaw.line, profile.as_str()),
            message: flaw.what,
        })?;
        Ok(Self {
            source: EnvSource::Profile(profile),
            text: text.into(),
            lock,
            modules: BASE_MODULES.iter().chain(profile.more_modules()).copied().collect(),
            preloaded: &BASE_PRELOADED,
        })
    }

    fn of_file(file: &Path) -> Result<Self, ExecError> {
        let shown = file.display();
        let text = std::fs::read_to_string(file)
            .map_err(|error| ExecError::Mistake(format!("the lock file {shown} cannot be read: {error}")))?;
        let lock = Lock::parse(&text).map_err(|flaw| {
            ExecError::Mistake(format!("{shown}, line {}: {}; {}", flaw.line, flaw.what, how_to_lock(file)))
        })?;
        let names = lock.names();
        let missing: Vec<&str> =
            ["numpy", "pandas"].into_iter().filter(|name| !names.contains(name)).collect();
        if !missing.is_empty() {
            return Err(ExecError::Mistake(format!(
                "{shown} does not hold {}, which every task needs: metrics get their tables from pandas; {}",
                missing.join(" and "),
                how_to_lock(file)
            )));
        }
        Ok(Self {
            source: EnvSource::Lock(file.to_path_buf()),
            text: text.into(),
            lock,
            modules: LEAST_MODULES.to_vec(),
            preloaded: &LEAST_MODULES,
        })
    }
}

fn how_to_lock(file: &Path) -> String {
    format!(
        "make it anew: uv pip compile --universal --generate-hashes --no-emit-index-url --only-binary :all: \
         REQUIREMENTS -o {}",
        file.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read_holds_base_as_it_is_and_names_no_registry() {
        let base = Recipe::read(&EnvSource::default()).unwrap();
        for profile in EnvProfile::ALL {
            let recipe = Recipe::read(&EnvSource::Profile(profile)).unwrap();
            assert!(recipe.lock.holds(&base.lock), "{}", profile.as_str());
            assert_eq!(recipe.lock == base.lock, profile == EnvProfile::Base);
            assert!(!recipe.text.contains("://") && !recipe.text.contains("\n-"), "{}", profile.as_str());
        }
    }

    #[test]
    fn profiles_hold_what_they_are_for() {
        for (profile, name) in [
            (EnvProfile::Base, "scikit-learn"),
            (EnvProfile::Base, "statsmodels"),
            (EnvProfile::Image, "scikit-image"),
            (EnvProfile::Audio, "librosa"),
            (EnvProfile::Video, "av"),
            (EnvProfile::Boosting, "xgboost-cpu"),
            (EnvProfile::Torch, "torch"),
        ] {
            assert!(
                Recipe::read(&EnvSource::Profile(profile)).unwrap().lock.names().contains(name),
                "{name}"
            );
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for profile in EnvProfile::ALL {
            let source = EnvSource::Profile(profile);
            assert_eq!(source.to_string().parse::<EnvSource>().unwrap(), source);
        }
        assert_eq!("lock:a b.lock".parse::<EnvSource>().unwrap(), EnvSource::Lock("a b.lock".into()));
        for text in ["", "lock", "lock:", "Image", "images"] {
            let error = text.parse::<EnvSource>().unwrap_err();
            assert!(
                error.is_mistake() && error.to_string().contains("boosting, torch, or lock FILE"),
                "{error}"
            );
        }
    }
}
