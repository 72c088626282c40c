//! Files that the Refactor finds in `samples/`: the metric's base class as documentation, and one sound example
//! each of `metric.py` and `prepare.py`.

/// Name and text of every sample file.
pub const FILES: &[(&str, &str)] = &[
    ("base_metric.py", include_str!("../samples/base_metric.py")),
    ("sample_metric.py", include_str!("../samples/sample_metric.py")),
    ("sample_prepare.py", include_str!("../samples/sample_prepare.py")),
];
