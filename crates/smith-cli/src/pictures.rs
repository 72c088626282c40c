//! Pictures of figures, kept as files.

use std::path::Path;

use smith_core::SmithError;
use smith_core::stats::plots::Plot;

/// Writes `NAME.svg` and `NAME.vl.json` for each picture into a folder, which is made if it is not there.
pub(crate) fn keep(folder: &Path, plots: &[(String, Plot)]) -> Result<(), SmithError> {
    let mistake =
        |error: std::io::Error| SmithError::Mistake(format!("--plots {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(mistake)?;
    for (name, plot) in plots {
        std::fs::write(folder.join(format!("{name}.svg")), &plot.svg).map_err(mistake)?;
        std::fs::write(folder.join(format!("{name}.vl.json")), plot.vega_lite.to_string())
            .map_err(mistake)?;
    }
    eprintln!("{} pictures are in {}", plots.len(), folder.display());
    Ok(())
}
