//! What must hold for all battles, and what is said of those that cannot be rated plainly.

use proptest::collection::vec;
use proptest::prelude::*;
use smith_stats::StatsError;
use smith_stats::elo::{
    Battle, Battles, EloOptions, Ridged, Score, ScoreTable, Standings, Unit, Winner, rate, rate_wins,
};

fn plain(rounds: usize) -> EloOptions {
    let mut options = EloOptions::default();
    options.rounds = rounds;
    options
}

fn standings(rows: &[Battle], rounds: usize) -> Standings {
    rate(&Battles::from_rows(rows).unwrap(), &plain(rounds)).unwrap()
}

fn elo(standings: &Standings, model: &str) -> f64 {
    standings.overall.ratings.iter().find(|rating| rating.model == model).unwrap().elo
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

fn battle(a: usize, b: usize, winner: Winner, task: usize) -> Battle {
    let mut battle = Battle::new(&format!("m{a}"), &format!("m{b}"), winner);
    battle.task = Some(format!("t{task}"));
    battle
}

/// Battles of up to six models over up to eight tasks, among them a circle in which everybody wins and loses, so that
/// the likelihood has a maximum.
fn circled() -> impl Strategy<Value = Vec<Battle>> {
    let winner = prop_oneof![Just(Winner::A), Just(Winner::B), Just(Winner::Tie)];
    (2_usize..7)
        .prop_flat_map(move |models| {
            (Just(models), vec((0..models, 1..models, winner.clone(), 0_usize..8), 1..60))
        })
        .prop_map(|(models, rows)| {
            let circle = (0..models).flat_map(|a| {
                let b = (a + 1) % models;
                [battle(a, b, Winner::A, 0), battle(a, b, Winner::Tie, 1)]
            });
            let rest =
                rows.into_iter().map(|(a, step, winner, task)| battle(a, (a + step) % models, winner, task));
            circle.chain(rest).collect()
        })
}

fn turned(winner: Winner) -> Winner {
    match winner {
        Winner::A => Winner::B,
        Winner::B => Winner::A,
        Winner::Tie => Winner::Tie,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_changes_nothing(rows in circled(), seed in 0_u64..1000) {
        let mut shuffled = rows.clone();
        let n = shuffled.len();
        for index in 0..n {
            shuffled.swap(index, (index * 7 + seed as usize) % n);
        }
        prop_assert_eq!(standings(&rows, 20), standings(&shuffled, 20));
    }

    #[test]
    fn the_side_of_a_model_changes_nothing(rows in circled()) {
        let swapped: Vec<Battle> = rows
            .iter()
            .map(|row| Battle {
                model_a: row.model_b.clone(),
                model_b: row.model_a.clone(),
                winner: turned(row.winner),
                ..row.clone()
            })
            .collect();
        prop_assert_eq!(standings(&rows, 20), standings(&swapped, 20));
    }

    #[test]
    fn names_of_models_change_no_rating(rows in circled()) {
        // The order of the new names is the other way round.
        let renamed = |name: &str| format!("x{}", 9 - name[1..].parse::<usize>().unwrap());
        let other: Vec<Battle> = rows
            .iter()
            .map(|row| Battle { model_a: renamed(&row.model_a), model_b: renamed(&row.model_b), ..row.clone() })
            .collect();
        let (there, here) = (standings(&rows, 0), standings(&other, 0));
        for rating in &there.overall.ratings {
            prop_assert!(close(rating.elo, elo(&here, &renamed(&rating.model))));
        }
    }

    #[test]
    fn turning_every_result_mirrors_the_ratings(rows in circled()) {
        let mirrored: Vec<Battle> =
            rows.iter().map(|row| Battle { winner: turned(row.winner), ..row.clone() }).collect();
        let (there, back) = (standings(&rows, 0), standings(&mirrored, 0));
        for rating in &there.overall.ratings {
            prop_assert!(close(rating.elo - 1000.0, 1000.0 - elo(&back, &rating.model)));
        }
    }

    #[test]
    fn ratings_average_the_offset_and_follow_the_scale(rows in circled(), scale in 1.0..1000.0_f64, factor in 0.01..100.0_f64) {
        let there = standings(&rows, 0);
        let n = there.overall.ratings.len() as f64;
        let mean: f64 = there.overall.ratings.iter().map(|rating| rating.elo).sum::<f64>() / n;
        prop_assert!(close(mean, 1000.0));
        let mut options = plain(0);
        (options.scale, options.offset) = (scale, 0.0);
        let heavier: Vec<Battle> = rows.iter().map(|row| Battle { weight: factor, ..row.clone() }).collect();
        let scaled = rate(&Battles::from_rows(&heavier).unwrap(), &options).unwrap();
        for rating in &there.overall.ratings {
            prop_assert!(close((rating.elo - 1000.0) * scale / 400.0, elo(&scaled, &rating.model)));
        }
    }

    #[test]
    fn a_tie_is_two_half_wins(rows in circled()) {
        let halved: Vec<Battle> = rows
            .iter()
            .flat_map(|row| match row.winner {
                Winner::Tie => vec![
                    Battle { winner: Winner::A, weight: 0.5, ..row.clone() },
                    Battle { winner: Winner::B, weight: 0.5, ..row.clone() },
                ],
                _ => vec![row.clone()],
            })
            .collect();
        let (there, here) = (standings(&rows, 0), standings(&halved, 0));
        for rating in &there.overall.ratings {
            prop_assert!(close(rating.elo, elo(&here, &rating.model)));
        }
    }

    #[test]
    fn wins_that_are_as_expected_give_back_the_strengths(strengths in vec(-400.0..400.0_f64, 2..8)) {
        let expected = |a: f64, b: f64| if a == b { 0.0 } else { 30.0 / (1.0 + 10_f64.powf((b - a) / 400.0)) };
        let wins: Vec<Vec<f64>> =
            strengths.iter().map(|a| strengths.iter().map(|b| expected(*a, *b)).collect()).collect();
        let mean = strengths.iter().sum::<f64>() / strengths.len() as f64;
        for (found, strength) in rate_wins(&wins, &plain(0)).unwrap().iter().zip(&strengths) {
            prop_assert!(close(found - 1000.0, strength - mean), "{} {}", found, strength - mean);
        }
    }

    #[test]
    fn no_battles_panic(rows in vec((0_usize..5, 1_usize..5, 0_usize..3, 0_usize..3, 1e-9..1e9_f64), 1..12)) {
        let winners = [Winner::A, Winner::B, Winner::Tie];
        let rows: Vec<Battle> = rows
            .into_iter()
            .map(|(a, step, winner, task, weight)| {
                Battle { weight, ..battle(a, (a + step) % 5, winners[winner], task) }
            })
            .collect();
        match rate(&Battles::from_rows(&rows).unwrap(), &plain(10)) {
            Ok(standings) => {
                prop_assert!(standings.overall.ratings.iter().all(|rating| rating.elo.is_finite()));
            }
            Err(error) => prop_assert!(matches!(error, StatsError::NotConverged { .. }), "{}", error),
        }
    }
}

#[test]
fn a_model_that_never_loses_is_rated_with_a_ridge_and_named() {
    let rows: Vec<Battle> = (0..6)
        .flat_map(|task| {
            [
                battle(0, 1, Winner::A, task),
                battle(0, 2, Winner::A, task),
                battle(1, 2, if task % 2 == 0 { Winner::A } else { Winner::B }, task),
            ]
        })
        .collect();
    let standings = standings(&rows, 200);
    let tiers = vec![vec!["m0".to_owned()], vec!["m1".to_owned(), "m2".to_owned()]];
    assert_eq!(standings.overall.ridged, Some(Ridged::Separable { tiers }));
    assert!(elo(&standings, "m0") > 1300.0 && elo(&standings, "m0") < 3000.0);
    assert!(close(elo(&standings, "m1"), elo(&standings, "m2")));
    let bootstrap = standings.overall.bootstrap.unwrap();
    assert_eq!((bootstrap.unit, bootstrap.rounds, bootstrap.ridged_rounds), (Unit::Tasks, 200, 200));
}

#[test]
fn models_that_never_met_are_rated_by_group_and_named() {
    let rows = [battle(0, 1, Winner::A, 0), battle(1, 0, Winner::Tie, 1), battle(2, 3, Winner::B, 0)];
    let standings = standings(&rows, 50);
    let groups = [["m0", "m1"], ["m2", "m3"]].map(|group| group.map(str::to_owned).to_vec()).to_vec();
    assert_eq!(standings.overall.ridged, Some(Ridged::Unconnected { groups }));
    assert!(close(elo(&standings, "m0") + elo(&standings, "m1"), 2000.0));
}

#[test]
fn ties_everywhere_are_equal_ratings() {
    let rows = [battle(0, 1, Winner::Tie, 0), battle(1, 2, Winner::Tie, 1), battle(0, 2, Winner::Tie, 2)];
    let standings = standings(&rows, 50);
    for rating in &standings.overall.ratings {
        assert_eq!((rating.elo, rating.low, rating.high), (1000.0, Some(1000.0), Some(1000.0)));
        assert_eq!(rating.standard_error, Some(0.0));
    }
}

#[test]
fn one_model_or_none_is_an_error_and_a_lonely_one_is_listed() {
    let nothing = rate(&Battles::default(), &plain(0));
    assert_eq!(nothing, Err(StatsError::NoBattle { models: Vec::new() }));
    let score = |task: &str, model: &str| Score {
        task: task.to_owned(),
        model: model.to_owned(),
        score: Some(1.0),
        higher_is_better: true,
        category: Some(format!("of {task}")),
        run: None,
    };
    let table = ScoreTable::from_rows(&[score("t", "a"), score("t", "b"), score("u", "c")]).unwrap();
    let standings = rate(&table.battles().unwrap(), &plain(10)).unwrap();
    assert_eq!(standings.unrated, ["c"]);
    assert_eq!(standings.categories.keys().collect::<Vec<_>>(), ["of t"]);
}

#[test]
fn categories_are_rated_by_themselves() {
    let of =
        |category: &str, winner| Battle { category: Some(category.to_owned()), ..battle(0, 1, winner, 0) };
    let rows =
        [of("x", Winner::A), of("x", Winner::A), of("x", Winner::B), of("y", Winner::B), of("y", Winner::A)];
    let standings = standings(&rows, 0);
    let gap = |category: &str| {
        let ratings = &standings.categories[category].ratings;
        ratings[0].elo - ratings[1].elo
    };
    assert!(close(gap("x"), 400.0 * 2_f64.log10()) && close(gap("y"), 0.0), "{standings:?}");
    assert!(close(elo(&standings, "m0") - elo(&standings, "m1"), 400.0 * 1.5_f64.log10()));
}

#[test]
fn a_model_that_is_not_drawn_does_not_move_the_others() {
    // One task of forty has the third model: most rounds are without it.
    let mut rows: Vec<Battle> =
        (0..39).map(|task| battle(0, 1, if task % 3 == 0 { Winner::B } else { Winner::A }, task)).collect();
    rows.push(battle(0, 2, Winner::Tie, 39));
    let standings = standings(&rows, 400);
    let bootstrap = standings.overall.bootstrap.as_ref().unwrap();
    assert_eq!((bootstrap.unit, bootstrap.ridged_rounds), (Unit::Tasks, 0));
    let third = standings.overall.ratings.iter().find(|rating| rating.model == "m2").unwrap();
    assert!(third.low.unwrap() > 950.0, "{third:?}");
    let first = standings.overall.ratings.iter().find(|rating| rating.model == "m0").unwrap();
    assert!(first.low.unwrap() < first.elo && first.elo < first.high.unwrap(), "{first:?}");
}

#[test]
fn the_number_of_cores_changes_nothing() {
    let rows: Vec<Battle> = (0..30)
        .flat_map(|task| {
            [(0, 1), (1, 2), (2, 0), (1, 0)]
                .map(|(a, b)| battle(a, b, if (task + a) % 3 == 0 { Winner::B } else { Winner::A }, task))
        })
        .collect();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            [Unit::Tasks, Unit::Battles].map(|unit| {
                let mut options = plain(300);
                options.unit = Some(unit);
                rate(&Battles::from_rows(&rows).unwrap(), &options).unwrap()
            })
        })
    };
    assert_eq!(on(1), on(5));
}

#[test]
fn seeds_differ_and_options_are_checked() {
    let rows: Vec<Battle> =
        (0..9).map(|task| battle(0, 1, if task < 4 { Winner::A } else { Winner::B }, task)).collect();
    let battles = Battles::from_rows(&rows).unwrap();
    let with = |change: fn(&mut EloOptions)| {
        let mut options = plain(25);
        change(&mut options);
        rate(&battles, &options)
    };
    assert_ne!(with(|options| options.seed = 1), with(|options| options.seed = 2));
    let refused: [fn(&mut EloOptions); 6] = [
        |options| options.base = 1.0,
        |options| options.scale = f64::NAN,
        |options| options.offset = f64::INFINITY,
        |options| options.ridge = 0.0,
        |options| options.level = 1.0,
        |options| options.rounds = 1_000_000,
    ];
    for change in refused {
        assert!(with(change).is_err());
    }
}
