//! The files of a task out of its plan.

mod arrays;
mod boxes;
mod context;
mod files;
mod links;
mod masks;
mod python;
mod question;
mod reading;
mod sequences;
mod submission;
mod texts;
mod words;

pub(crate) use words::example;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::plan::{Ask, Plan};

const TEMPLATES: [(&str, &str); 6] = [
    ("prepare.py", include_str!("../../templates/prepare.py.j2")),
    ("forecast.py", include_str!("../../templates/forecast.py.j2")),
    ("metric.py", include_str!("../../templates/metric.py.j2")),
    ("test.py", include_str!("../../templates/test.py.j2")),
    ("description.txt", include_str!("../../templates/description.txt.j2")),
    ("write.py", include_str!("../../templates/write.py.j2")),
];

/// Names and texts of `description.txt`, `prepare.py`, `metric.py` and `test.py`. With `runnable`, prepare.py prepares the
/// task when it is run.
///
/// # Errors
/// A template that does not fit its variables, which is a fault of this crate.
pub(crate) fn task(plan: &Plan, runnable: bool) -> Result<Vec<(&'static str, String)>, String> {
    let environment = environment().map_err(|error| error.to_string())?;
    let context = context::of(plan, runnable);
    let prepare = if matches!(plan.target.ask, Ask::Ahead { .. }) { "forecast.py" } else { "prepare.py" };
    let render = |template: &str| -> Result<String, String> {
        let text = environment
            .get_template(template)
            .and_then(|template| template.render(Value::from(Serde(&context))))
            .map_err(|error| format!("{template}: {error:#}"))?;
        Ok(tidy(&text))
    };
    Ok(vec![
        ("description.txt", render("description.txt")?),
        ("prepare.py", render(prepare)?),
        ("metric.py", render("metric.py")?),
        ("test.py", render("test.py")?),
    ])
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("py", |text: &str| python::literal(text));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// No blanks at ends of lines, no more than two empty lines together, one line end at the end.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 2 && !(out.is_empty() && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    out.push('\n');
    out
}
