//! Targets beside the raw columns that they come from, on each side of the split.

use std::collections::HashSet;

use smith_data::TextColumn;

use super::cells::{Notation, notation_of_both, plain_name, slack};
use super::classes::{has_no_system, is_dealt_and_renamed, meanings, shared};
use super::relation::{Cells, Form, Hold, Relation};
use super::{Origin, Source};
use crate::quality::spread;
use crate::rank::spearman;
use crate::subject::{Raw, Split};

/// Predicted columns that are compared.
const MAX_TARGETS: usize = 24;
/// Doubts that are enough: what is wrong of a column is mostly wrong of all.
const ENOUGH: usize = 3;
/// Rows of a side, and columns, among which relations other than being the same are looked for.
const MAX_ROWS: usize = 2_000;
const MAX_COLUMNS: usize = 80;
/// Rows of a side that show which form of a number is worth a look.
const FEW: usize = 300;
/// How well a relation must hold to be where a target comes from, and how ill where it is not.
const HOLDS: f64 = 0.97;
const EXPLAINS: f64 = 0.9;
const FAILS: f64 = 0.7;
const FAILS_OF_MANY: f64 = 0.85;
/// Rows of a side that are many.
const MANY: usize = 100;
/// Rows of a side on which a relation must hold to prove something.
const PROVING: usize = 40;
/// Skill up to which a column of the same values has nothing to do with the target.
const NOTHING: f64 = 0.12;
/// Rows behind or before that are tried.
const MAX_SHIFT: usize = 60;
/// Share of the target's values that must be those of a column.
const VALUES: f64 = 0.95;

/// What does not go together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// What holds on one side does not on the other; `other` is the column that the other side has instead.
    OneSided { holds_in_train: bool, train: f64, test: f64, other: Option<String> },
    /// The values are those of the column, the rows are not.
    Dealt { agreement: f64, chance: f64 },
    /// The values are those of so many rows on.
    Shifted { by: i64 },
    /// A value of the column means one class in train and another one in test.
    Remapped,
    /// The values are those of another column, and there is one of this name.
    Renamed,
    /// The column on most rows, and something else, without system, on others.
    Mixed { agreement: f64 },
}

/// Something that is wrong of a predicted column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Doubt {
    pub(crate) target: String,
    pub(crate) column: String,
    pub(crate) kind: Kind,
}

/// What was found of all predicted columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Compared {
    /// Predicted columns that a raw column explains on both sides.
    pub(crate) explained: usize,
    pub(crate) targets: usize,
    pub(crate) doubts: Vec<Doubt>,
}

/// The rows of one side with their targets.
struct Side<'a> {
    pairs: &'a [(usize, usize)],
    target: Cells,
}

/// A source beside a target.
struct Beside<'a> {
    source: &'a Source,
    train: Cells,
    test: Cells,
    form: Form,
    /// How well being the same holds on each side.
    same: [Option<Hold>; 2],
}

/// Compares every predicted column with the raw columns.
pub(crate) fn doubts(origin: &Origin, raw: &Raw, split: &Split) -> Compared {
    let mut compared = Compared::default();
    let Some(train) = &split.train else { return compared };
    let targets = split.predicted.iter().zip(train.targets.iter().zip(&split.test.targets));
    for (name, (known, answers)) in targets.take(MAX_TARGETS) {
        let one = One { origin, raw, split, name, known, answers };
        compared.targets += 1;
        match one.judge() {
            Ok(is_explained) => compared.explained += usize::from(is_explained),
            Err(kind) => compared.doubts.push(kind),
        }
        if compared.doubts.len() >= ENOUGH {
            break;
        }
    }
    compared
}

/// One predicted column.
struct One<'a> {
    origin: &'a Origin,
    raw: &'a Raw,
    split: &'a Split,
    name: &'a str,
    known: &'a TextColumn,
    answers: &'a TextColumn,
}

impl One<'_> {
    /// True when a column explains it, or what is wrong.
    fn judge(&self) -> Result<bool, Doubt> {
        let notation = self.notation();
        let side = |pairs: &'_ [(usize, usize)], column: &TextColumn| -> Cells {
            Cells::of(pairs.iter().map(|(row, _)| column.get(*row)), notation)
        };
        let train = Side { pairs: &self.origin.train, target: side(&self.origin.train, self.known) };
        let test = Side { pairs: &self.origin.test, target: side(&self.origin.test, self.answers) };
        let mut beside: Vec<Beside<'_>> = Vec::new();
        // A column of the target's own name first: mostly nothing else has to be looked at.
        let mut order: Vec<&Source> = self.origin.sources.iter().collect();
        order.sort_by_key(|source| !self.is_named(source));
        for source in order {
            let own = self.beside(source, &train, &test, notation);
            let holds = own.same;
            let is_it = holds.iter().all(|hold| hold.is_some_and(|hold| hold.is_full(HOLDS)))
                && holds.iter().flatten().any(|hold| hold.tells());
            let named = self.is_named(source);
            beside.push(own);
            if is_it {
                self.remapped(beside.last(), &train, &test)?;
                return self.named_otherwise(&beside, named);
            }
        }
        self.one_sided_same(&beside)?;
        if self.explained(&beside, &train, &test)? {
            return Ok(true);
        }
        self.mixed(&beside, &train, &test)?;
        self.dealt(&beside, &train, &test, notation)?;
        Ok(false)
    }

    fn notation(&self) -> Notation {
        notation_of_both(self.known, self.answers, 1_000)
    }

    fn is_named(&self, source: &Source) -> bool {
        plain_name(&source.name) == plain_name(self.name)
    }

    fn doubt(&self, source: &Source, kind: Kind) -> Doubt {
        Doubt { target: self.name.to_owned(), column: source.name.clone(), kind }
    }

    fn cells(&self, source: &Source, pairs: &[(usize, usize)], by: i64, notation: Notation) -> Cells {
        let list = self.origin.list.as_ref();
        let at =
            |row: usize| i64::try_from(row).ok()?.checked_add(by).and_then(|row| usize::try_from(row).ok());
        let cells = pairs.iter().map(|(_, row)| at(*row).map_or("", |row| source.cell(self.raw, list, row)));
        Cells::of(cells, notation)
    }

    fn beside<'s>(
        &self,
        source: &'s Source,
        train: &Side<'_>,
        test: &Side<'_>,
        notation: Notation,
    ) -> Beside<'s> {
        let cells = [train, test].map(|side| self.cells(source, side.pairs, 0, notation));
        let same = |form: Form| {
            let holds = |side: &Side<'_>, cells: &Cells| {
                Relation::Same.hold(&side.target, &form.apply(cells, notation))
            };
            [holds(train, &cells[0]), holds(test, &cells[1])]
        };
        let best = |holds: &[Option<Hold>; 2]| {
            holds.iter().flatten().map(|hold| hold.skill()).fold(0.0_f64, f64::max)
        };
        let (mut form, mut held) = (Form::Itself, same(Form::Itself));
        let may_scale = matches!(notation, Notation::Places(_)) && train.target.distinct() > 20;
        if may_scale && best(&held) < EXPLAINS && cells[0].are_numbers() {
            // A few rows of train and of test show which form is worth a look at all.
            let some = [train, test].map(|side| spread(side.target.len(), FEW));
            let promises = |form: &Form| {
                [train, test].into_iter().zip(&cells).zip(&some).any(|((side, cells), rows)| {
                    let column = form.apply(&cells.pick(rows), notation);
                    let hold = Relation::Same.hold(&side.target.pick(rows), &column);
                    hold.is_some_and(|hold| hold.skill() > 0.1)
                })
            };
            for other in Form::OTHERS.into_iter().filter(promises) {
                let own = same(other);
                if best(&own) > best(&held) + 0.2 {
                    (form, held) = (other, own);
                }
            }
        }
        let [train, test] = cells.map(|cells| form.apply(&cells, notation));
        Beside { source, train, test, form, same: held }
    }

    /// A target that is a column of another name, while there is one of its own that is another target's.
    fn named_otherwise(&self, beside: &[Beside<'_>], is_named: bool) -> Result<bool, Doubt> {
        let Some(it) = beside.last() else { return Ok(true) };
        let is_a_target =
            self.split.predicted.iter().any(|name| plain_name(name) == plain_name(&it.source.name));
        let has_own = beside.iter().any(|own| {
            let fails = |hold: &Option<Hold>| {
                hold.is_some_and(|hold| hold.tells() && hold.skill() < FAILS && hold.rows >= PROVING)
            };
            self.is_named(own.source) && own.same.iter().all(fails)
        });
        if !is_named && is_a_target && has_own {
            return Err(self.doubt(it.source, Kind::Renamed));
        }
        Ok(true)
    }

    /// A column that the target is on one side and is not on the other.
    fn one_sided_same(&self, beside: &[Beside<'_>]) -> Result<(), Doubt> {
        for own in beside {
            let [Some(train), Some(test)] = own.same else { continue };
            if train.rows.min(test.rows) < PROVING || !train.tells() || !test.tells() {
                continue;
            }
            let (train, test) = (train.skill(), test.skill());
            if train.max(test) < HOLDS || train.min(test) >= EXPLAINS {
                continue;
            }
            let holds_in_train = train > test;
            let failing = usize::from(holds_in_train);
            let other = beside.iter().find(|other| {
                let skill = |at: usize| other.same.get(at).copied().flatten().map_or(0.0, Hold::skill);
                skill(failing) >= HOLDS
            });
            // Another column may explain both sides by another relation, which is looked at by whoever asks next.
            if self.is_explained_otherwise(own, beside) {
                continue;
            }
            let other = other.map(|other| other.source.name.clone());
            return Err(self.doubt(own.source, Kind::OneSided { holds_in_train, train, test, other }));
        }
        Ok(())
    }

    fn is_explained_otherwise(&self, own: &Beside<'_>, beside: &[Beside<'_>]) -> bool {
        let [train, test] = self.targets();
        let some = beside.iter().filter(|other| !std::ptr::eq(*other, own)).chain([own]);
        some.take(MAX_COLUMNS).any(|other| {
            let holds = [
                self.across((&train, &other.train), (&test, &other.test)),
                self.within(&train, &other.train),
                self.within(&test, &other.test),
            ];
            holds.iter().all(|hold| hold.is_some_and(|hold| hold.skill() >= EXPLAINS))
        })
    }

    /// The targets of both sides, for the rows that are known.
    fn targets(&self) -> [Cells; 2] {
        let notation = self.notation();
        let of = |pairs: &[(usize, usize)], column: &TextColumn| {
            Cells::of(pairs.iter().map(|(row, _)| column.get(*row)), notation)
        };
        [of(&self.origin.train, self.known), of(&self.origin.test, self.answers)]
    }

    /// How well what is found on some rows holds on others.
    fn across(&self, learnt: (&Cells, &Cells), judged: (&Cells, &Cells)) -> Option<Hold> {
        let some = |(target, column): (&Cells, &Cells)| {
            let rows = spread(target.len(), MAX_ROWS);
            (target.pick(&rows), column.pick(&rows))
        };
        self.transferred(&some(learnt), &some(judged))
    }

    fn transferred(&self, learnt: &(Cells, Cells), judged: &(Cells, Cells)) -> Option<Hold> {
        let slack = slack(self.known);
        Relation::transferred((&learnt.0, &learnt.1), (&judged.0, &judged.1), slack).map(|(_, hold)| hold)
    }

    /// True when a function of a column explains both sides; what is wrong when it explains one side.
    fn explained(&self, beside: &[Beside<'_>], train: &Side<'_>, test: &Side<'_>) -> Result<bool, Doubt> {
        let mut one_sided = None;
        for own in beside.iter().take(MAX_COLUMNS) {
            let sides = [(&train.target, &own.train), (&test.target, &own.test)];
            let within = sides.map(|(target, column)| self.within(target, column));
            let strong = |hold: &Option<Hold>| hold.is_some_and(|hold| hold.skill() >= HOLDS);
            if !within.iter().any(strong) {
                continue;
            }
            let (across, back) = (self.across(sides[0], sides[1]), self.across(sides[1], sides[0]));
            // Where a side shows no relation of its own, that of the other side is tried on it.
            let [Some(in_train), Some(in_test)] = [within[0].or(back), within[1].or(across)] else {
                continue;
            };
            if in_train.rows.min(in_test.rows) < PROVING / 2 || !in_train.tells() || !in_test.tells() {
                continue;
            }
            let skills = [in_train.skill(), in_test.skill()];
            let least = skills[0].min(skills[1]);
            let Some(across) = across.filter(|hold| hold.tells()).or(back) else { return Ok(true) };
            if !across.tells() {
                continue;
            }
            if least >= EXPLAINS && across.skill() >= EXPLAINS {
                self.remapped(Some(own), train, test)?;
                return Ok(true);
            }
            let is_many = in_train.rows.min(in_test.rows) >= MANY / 2;
            if least.min(across.skill()) < if is_many { FAILS_OF_MANY } else { FAILS } {
                one_sided.get_or_insert((own.source, skills, across.skill()));
            }
        }
        let Some((source, [in_train, in_test], across)) = one_sided else { return Ok(false) };
        let holds_in_train = in_train >= in_test;
        let (train, test) =
            if holds_in_train { (in_train, across.min(in_test)) } else { (in_train.min(across), in_test) };
        Err(self.doubt(source, Kind::OneSided { holds_in_train, train, test, other: None }))
    }

    /// A column of which one value is one class in train and another one in test.
    fn remapped(&self, own: Option<&Beside<'_>>, train: &Side<'_>, test: &Side<'_>) -> Result<(), Doubt> {
        let Some(own) = own.filter(|_| train.target.distinct() <= MANY) else { return Ok(()) };
        let [train, test] = [meanings(&train.target, &own.train), meanings(&test.target, &own.test)];
        let differs = train.iter().any(|(value, class)| test.get(value).is_some_and(|other| other != class));
        if differs { Err(self.doubt(own.source, Kind::Remapped)) } else { Ok(()) }
    }

    /// How well what is found in one half of a side holds in the other half.
    fn within(&self, target: &Cells, column: &Cells) -> Option<Hold> {
        let rows = spread(target.len(), MAX_ROWS);
        let half = |from: usize| rows.iter().copied().skip(from).step_by(2).collect::<Vec<usize>>();
        let pick = |rows: &[usize]| (target.pick(rows), column.pick(rows));
        self.transferred(&pick(&half(0)), &pick(&half(1)))
    }

    /// A column that the target is on most rows of both sides, and something without system on the others.
    fn mixed(&self, beside: &[Beside<'_>], train: &Side<'_>, test: &Side<'_>) -> Result<(), Doubt> {
        // Where several columns go with the target, as the votes of annotators do, it may be made of all of them.
        let goes = |own: &&Beside<'_>| own.same.iter().flatten().any(|hold| hold.skill() >= 0.3);
        let going: HashSet<String> =
            beside.iter().filter(goes).map(|own| plain_name(&own.source.name)).collect();
        if going.len() != 1 {
            return Ok(());
        }
        let are_words = train.target.distinct() > 2 && !train.target.are_numbers();
        for own in
            beside.iter().filter(|own| (are_words || self.is_named(own.source)) && own.form == Form::Itself)
        {
            let [Some(in_train), Some(in_test)] = own.same else { continue };
            let agreement = in_train.skill().min(in_test.skill());
            let most = in_train.skill().max(in_test.skill());
            if agreement < 0.3 || most > 0.93 || in_train.rows.min(in_test.rows) < 2 * PROVING {
                continue;
            }
            let sides = [(train, &own.train), (test, &own.test)];
            if sides.iter().all(|(side, column)| has_no_system(&side.target, column)) {
                return Err(self.doubt(own.source, Kind::Mixed { agreement }));
            }
        }
        Ok(())
    }

    /// A column that has the target's values, in other rows.
    fn dealt(
        &self,
        beside: &[Beside<'_>],
        train: &Side<'_>,
        test: &Side<'_>,
        notation: Notation,
    ) -> Result<(), Doubt> {
        for own in beside {
            let [Some(in_train), Some(in_test)] = own.same else { continue };
            if in_train.rows + in_test.rows < 2 * PROVING {
                continue;
            }
            if self.is_named(own.source) && own.form == Form::Itself {
                let sides = [(train, &own.train), (test, &own.test)];
                if sides.iter().all(|(side, column)| is_dealt_and_renamed(&side.target, column)) {
                    let mean = |of: fn(Hold) -> f64| f64::midpoint(of(in_train), of(in_test));
                    let (agreement, chance) = (mean(|hold| hold.share), mean(|hold| hold.chance));
                    return Err(self.doubt(own.source, Kind::Dealt { agreement, chance }));
                }
            }
            let Some(form) = self.form_of_values(own.source, notation) else { continue };
            let column = [train, test]
                .map(|side| form.apply(&self.cells(own.source, side.pairs, 0, notation), notation));
            let holds = [(train, &column[0]), (test, &column[1])]
                .map(|(side, column)| Relation::Same.hold(&side.target, column));
            let [Some(a), Some(b)] = holds else { continue };
            let limit = |hold: Hold| NOTHING + 3.0 / (hold.rows as f64).sqrt();
            if a.skill() > limit(a) || b.skill() > limit(b) || goes_with(train, test, &column) {
                continue;
            }
            if let Some(by) = self.shift(own.source, form, [train, test], notation) {
                // The next row's value is a forecast, unless the column is said to be that of the row itself.
                if self.is_named(own.source) && by.abs() <= 3 {
                    return Err(self.doubt(own.source, Kind::Shifted { by }));
                }
                return Ok(());
            }
            let rows = (a.rows + b.rows) as f64;
            let mean = |of: fn(Hold) -> f64| (of(a) * a.rows as f64 + of(b) * b.rows as f64) / rows;
            let (agreement, chance) = (mean(|hold| hold.share), mean(|hold| hold.chance));
            return Err(self.doubt(own.source, Kind::Dealt { agreement, chance }));
        }
        Ok(())
    }

    /// The form in which a column has the values of the target, each as often; none when its values are others.
    fn form_of_values(&self, source: &Source, notation: Notation) -> Option<Form> {
        let target = [self.known, self.answers].into_iter().flat_map(TextColumn::iter);
        let target = Cells::of(target, notation);
        let list = self.origin.list.as_ref();
        let rows = self.origin.rows;
        let column = Cells::of((0..rows).map(|row| source.cell(self.raw, list, row)), notation);
        let (different, filled) =
            (target.distinct(), column.values.iter().filter(|value| **value != 0).count());
        let share = target.len() as f64 / filled.max(1) as f64;
        let is_named = self.is_named(source);
        let is_measured = matches!(notation, Notation::Places(_)) && different >= 50;
        let are_words = notation == Notation::Text && different >= 2;
        if different < 2
            || !(is_named || is_measured || are_words)
            || share < if is_named { 0.3 } else { 0.6 }
        {
            return None;
        }
        let forms = std::iter::once(Form::Itself);
        let mut forms = forms.chain(Form::OTHERS.into_iter().filter(|_| is_measured && column.are_numbers()));
        forms.find(|form| {
            let column = form.apply(&column, notation);
            column.distinct() >= different * 9 / 10
                && column.distinct() * 2 <= different * 5
                && shared(&target, &column) >= VALUES
        })
    }

    /// By how many rows of the raw table the target is moved.
    fn shift(&self, source: &Source, form: Form, sides: [&Side<'_>; 2], notation: Notation) -> Option<i64> {
        if !source.is_own() {
            return None;
        }
        let most = i64::try_from(MAX_SHIFT).unwrap_or(0);
        (1..=most).flat_map(|by| [by, -by]).find(|by| {
            sides.iter().all(|side| {
                let kept = side.pairs.get(..side.pairs.len().min(600)).unwrap_or_default();
                let rows: Vec<usize> = (0..kept.len()).collect();
                let column = form.apply(&self.cells(source, kept, *by, notation), notation);
                let hold = Relation::Same.hold(&side.target.pick(&rows), &column);
                hold.is_some_and(|hold| hold.skill() >= 0.5)
            })
        })
    }
}

/// True when target and column rise together on a side: a neighbour's value, or a noisy one, does.
fn goes_with(train: &Side<'_>, test: &Side<'_>, columns: &[Cells; 2]) -> bool {
    [train, test].into_iter().zip(columns).any(|(side, column)| {
        let pairs = side.target.numbers.iter().zip(&column.numbers);
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.filter(|(a, b)| a.is_finite() && b.is_finite()).unzip();
        let limit = 0.08 + 3.0 / (a.len().max(1) as f64).sqrt();
        spearman(&a, &b).is_some_and(|rho| rho.abs() > limit)
    })
}
