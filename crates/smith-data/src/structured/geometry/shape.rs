//! What is gathered of one mesh or point cloud.

use std::collections::BTreeSet;

/// The facts of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shape {
    /// Points, corners or atoms.
    pub(crate) points: u64,
    /// Faces; none for a point cloud.
    pub(crate) faces: Option<u64>,
    /// What each point carries beside its place.
    pub(crate) attributes: BTreeSet<&'static str>,
    /// The box around all points.
    pub(crate) extents: Extents,
    /// What the format is called when its extension does not say it.
    pub(crate) variant: Option<&'static str>,
    /// What is missing, as a clause.
    pub(crate) lacking: Option<String>,
}

/// The box around some points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extents {
    low: [f64; 3],
    high: [f64; 3],
}

impl Default for Extents {
    fn default() -> Self {
        Self { low: [f64::INFINITY; 3], high: [f64::NEG_INFINITY; 3] }
    }
}

impl Extents {
    pub(crate) fn add(&mut self, point: [f64; 3]) {
        if point.iter().all(|place| place.is_finite()) {
            for (axis, place) in point.into_iter().enumerate() {
                self.low[axis] = self.low[axis].min(place);
                self.high[axis] = self.high[axis].max(place);
            }
        }
    }

    /// The longest side; none without points.
    pub(crate) fn longest(&self) -> Option<f64> {
        let sides = self.low.iter().zip(&self.high).map(|(low, high)| high - low);
        sides
            .fold(None, |longest: Option<f64>, side| Some(longest.map_or(side, |l| l.max(side))))
            .filter(|side| side.is_finite() && *side >= 0.0)
    }
}

/// The attribute that the name of a property or field announces.
pub(crate) fn attribute(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().trim_start_matches("scalar_") {
        "nx" | "ny" | "nz" | "normal_x" | "normal_y" | "normal_z" => "normal",
        "red" | "green" | "blue" | "r" | "g" | "b" | "rgb" | "rgba" | "diffuse_red" => "colour",
        "label" | "class" | "classification" | "instance" | "object_id" | "category" | "semantic" => "label",
        "intensity" | "reflectance" | "remission" => "intensity",
        "confidence" | "quality" => "confidence",
        "s" | "t" | "u" | "v" | "texture_u" | "texture_v" => "texture",
        "time" | "timestamp" | "gps_time" | "gpstime" => "time",
        "ring" | "laser_id" => "ring",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_side() {
        let mut extents = Extents::default();
        assert_eq!(extents.longest(), None);
        extents.add([0.0, 1.0, f64::NAN]);
        assert_eq!(extents.longest(), None);
        extents.add([0.0, 1.0, 2.0]);
        extents.add([-1.0, 1.0, 5.0]);
        assert_eq!(extents.longest(), Some(3.0));
    }
}
