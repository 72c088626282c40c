//! Elo ratings as the maximum of Bradley and Terry's likelihood (paper, section 5.1; after Chatbot Arena).
//!
//! The chance that a model beats another is σ(θ₁ − θ₂); a tie is half a win for each. Strengths θ are found by Newton
//! steps over a matrix of weighted counts, and become points: offset + scale/ln(base) · θ, with mean zero of all θ, so
//! that the ratings average the offset.
//!
//! The likelihood has a maximum only if no group of models never lost to the rest (Ford 1957). Where one did not, or where
//! groups of models never met, a ridge is added and the result says so ([`Ridged`]).
//!
//! Intervals come from a bootstrap over tasks (whose battles are not independent) or over battles (a multinomial draw of
//! counts), and from the sandwich estimate. A model that has no battle in a round has no rating in it, and the others
//! keep the mean that they have without it.

mod battles;
mod bootstrap;
mod comparisons;
mod newton;
mod rate;
mod sandwich;
mod scores;

pub use battles::{Battle, Battles, MAX_BATTLES, MAX_MODELS, Winner};
pub use bootstrap::Unit;
pub(crate) use bootstrap::generator;
pub use rate::{EloOptions, MAX_ROUNDS, Rating, Ratings, Resampling, Ridged, Standings, rate, rate_wins};
pub use scores::{Score, ScoreTable, TaskScores};
