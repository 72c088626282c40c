//! What the rules refer to: papers, specifications and addresses that more than one of them shares.

pub(crate) const UNIFIED_STRUCTURE: &str =
    "MLE-Smith: Scaling MLE Tasks with Automated Multi-Agent Pipeline, appendix A.2 (unified task structure)";
pub(crate) const TRACTABILITY: &str =
    "MLE-Smith: Scaling MLE Tasks with Automated Multi-Agent Pipeline, section 3.2 (empirical tractability)";
pub(crate) const COMPETITIONS: &str = "https://github.com/MLE-Dojo/MLE-Dojo";
/// Kaufman et al., Leakage in data mining: formulation, detection, and avoidance, TKDD 6 (2012).
pub(crate) const LEAKAGE: &str = "https://doi.org/10.1145/2382577.2382579";
pub(crate) const WINNING_BY_IDS: &str = "Rosset et al., Medical data mining: insights from winning two competitions, Data Mining and Knowledge Discovery 20 (2010)";
pub(crate) const HACKING: &str =
    "Amodei et al., Concrete problems in AI safety, arXiv:1606.06565 (2016), section 4";
pub(crate) const METAMORPHIC: &str = "Chen, Cheung and Yiu, Metamorphic testing: a new approach for generating next test cases, HKUST-CS98-01 (1998)";
pub(crate) const INPUTS: &str = "https://cwe.mitre.org/data/definitions/20.html";
pub(crate) const TELLING_ERRORS: &str = "https://cwe.mitre.org/data/definitions/209.html";
pub(crate) const SLOW_INPUTS: &str = "https://cwe.mitre.org/data/definitions/400.html";
pub(crate) const REPRODUCIBLE: &str = "https://reproducible-builds.org/docs/";
pub(crate) const CONFINED: &str = "https://docs.kernel.org/userspace-api/landlock.html";
pub(crate) const PYTHON_GRAMMAR: &str = "https://docs.python.org/3/reference/grammar.html";
pub(crate) const PROVENANCE: &str = "https://slsa.dev/spec/v1.0/provenance";
pub(crate) const DATA_CHECKS: &str =
    "Schelter et al., Automating large-scale data quality verification, PVLDB 11 (2018)";
pub(crate) const SHIFT: &str = "Rabanser et al., Failing loudly: an empirical study of methods for detecting dataset shift, NeurIPS 2019";
pub(crate) const CLASS_SHIFT: &str =
    "Moreno-Torres et al., A unifying view on dataset shift in classification, Pattern Recognition 45 (2012)";
pub(crate) const TEST_SIZE: &str =
    "Guyon et al., What size test set gives good error rate estimates?, IEEE TPAMI 20 (1998)";
pub(crate) const PERMUTATIONS: &str =
    "Ojala and Garriga, Permutation tests for studying classifier performance, JMLR 11 (2010)";
pub(crate) const LEADERBOARDS: &str =
    "Blum and Hardt, The Ladder: a reliable leaderboard for machine learning competitions, ICML 2015";
pub(crate) const BOXES: &str =
    "Everingham et al., The Pascal visual object classes (VOC) challenge, IJCV 88 (2010)";
pub(crate) const INVERSE_LINKS: &str =
    "Toutanova and Chen, Observed versus latent features for knowledge base and text inference, CVSC 2015";
pub(crate) const PERSONAL_DATA: &str =
    "Regulation (EU) 2016/679, article 4: https://eur-lex.europa.eu/eli/reg/2016/679/oj";
pub(crate) const NPY: &str = "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html";
pub(crate) const PNG: &str = "https://www.w3.org/TR/png-3/";
pub(crate) const LABELS: &str = "Northcutt, Athalye and Mueller, Pervasive label errors in test sets, NeurIPS 2021, https://arxiv.org/abs/2103.14749";
pub(crate) const MODEL_EVALUATION: &str = "https://scikit-learn.org/stable/modules/model_evaluation.html";
pub(crate) const REPRODUCIBILITY: &str = "Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 4 (2023)";
