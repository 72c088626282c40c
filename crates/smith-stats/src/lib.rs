//! Statistics over scores and rating sets: agreement, correlation, reliability
