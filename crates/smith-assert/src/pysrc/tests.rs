use proptest::prelude::*;

use super::*;

fn module(source: &str) -> Module {
    parse(source.as_bytes()).unwrap().unwrap()
}

fn problem(source: impl AsRef<[u8]>) -> Problem {
    parse(source.as_ref()).unwrap().unwrap_err().remove(0)
}

#[test]
fn signatures_are_read_exactly() {
    let module = module(
        "from pathlib import Path\n\n@deco(1)\nasync def f(a: 'Path', /, b: Path = Path('x'), *args, c=1, **rest): pass\n",
    );
    let f = &module.functions[0];
    assert_eq!((f.name.as_str(), f.line, f.is_async, f.variadic), ("f", 4, true, true));
    assert_eq!(f.names(), ["a", "b", "c"]);
    assert_eq!(f.parameters[0].annotation.as_deref(), Some("'Path'"));
    let kinds: Vec<_> = f.parameters.iter().map(|p| (p.kind, p.default.is_some())).collect();
    use ParameterKind::{KeywordOnly, Plain, PositionalOnly};
    assert_eq!(kinds, [(PositionalOnly, false), (Plain, true), (KeywordOnly, true)]);
    assert_eq!(f.head(), "async def f(a: 'Path', b: Path=…, c=…, *…)");
}

#[test]
fn names_are_resolved_through_imports_wherever_they_stand() {
    let module = module(
        "def f():\n    np.random.rand(3)\n    import os.path\n    return os.system('x'), df.head().sample(frac=1)\nimport numpy as np\nfrom .near import thing as other\n",
    );
    let targets: Vec<_> = module.calls.iter().map(|call| call.target.as_str()).collect();
    assert_eq!(targets, ["numpy.random.rand", "os.system", "().sample", "df.head"]);
    assert_eq!(module.calls[2].keywords, [("frac".to_owned(), Value::Number(1.0))]);
    let paths: Vec<_> = module.imports.iter().map(|import| import.path.as_str()).collect();
    assert_eq!(paths, ["os.path", "numpy", ".near.thing"]);
    assert_eq!(module.resolve("other"), ".near.thing");
}

#[test]
fn only_code_outside_functions_runs_at_import() {
    let module = module(
        "a = one()\n@two()\ndef f(x=three()):\n    four()\nclass C(five()):\n    b = six()\n    def m(self):\n        raise Bad('x')\ng = lambda: seven()\nif __name__ == '__main__':\n    eight()\n",
    );
    let at_import: Vec<_> =
        module.calls.iter().filter(|call| call.scope.is_none()).map(|call| call.target.as_str()).collect();
    assert_eq!(at_import, ["one", "two", "three", "five", "six"]);
    assert_eq!(module.main_guard, Some(10));
    assert_eq!(module.raises[0].scope.as_deref(), Some("C.m"));
    assert_eq!(module.raises[0].exception, "Bad");
    assert_eq!(module.classes[0].method("m").unwrap().line, 7);
}

#[test]
fn syntax_errors_name_their_line() {
    let found = problem("x = 1\ndef f(:\n    pass\n");
    assert_eq!(found.line, Some(2));
    assert!(found.message.contains("cannot parse"), "{}", found.message);
}

#[test]
fn hostile_sources_are_refused_without_an_abort() {
    let nested = format!("x = {}1{}", "(".repeat(20_000), ")".repeat(20_000));
    assert!(problem(&nested).message.contains("brackets"));
    let sum = format!("x = 1{}", " + 1".repeat(49_000));
    assert!(problem(&sum).message.contains("nested more than 1000"));
    let dots = format!("x = a{}", ".b".repeat(49_000));
    assert!(problem(&dots).message.contains("nested more than 1000"));
    let signs = format!("x = {}1", "-".repeat(99_000));
    assert!(problem(&signs).message.contains("nested more than 1000"));
    let endless = format!("x = 1{}", "+1".repeat(500_000));
    assert!(problem(&endless).message.contains("logical line"));
    let nul = problem("x = 1\ny = '\0'\n");
    assert_eq!(nul.line, Some(2));
    assert!(nul.message.contains("NUL"));
    let latin = problem(b"x = 1\n# caf\xe9\n");
    assert_eq!(latin.line, Some(2));
    assert!(latin.message.contains("UTF-8"));
    assert!(problem("#".repeat(MAX_BYTES + 1)).message.contains("bytes"));
}

/// Everything that is neither refused nor read would be a panic, which is reported as giving up.
#[test]
fn hostile_forms_are_refused_or_read_in_bounded_time() {
    let deep = |open: &str, close: &str, n: usize| format!("x = {}1{}\n", open.repeat(n), close.repeat(n));
    let indented = |head: &str, n: usize| -> String {
        let lines = (0..n).map(|at| format!("{}{head}\n", " ".repeat(at)));
        lines.collect::<String>() + &" ".repeat(n) + "pass\n"
    };
    let sources = [
        deep("not ", "", 100_000),
        deep("~", "", 100_000),
        deep("f(", ")", 20_000),
        deep("{1:", "}", 20_000),
        deep("lambda: ", "", 50_000),
        deep("1 if 1 else ", "", 50_000),
        deep("await ", "", 50_000),
        format!("x = a{}\n", "[0]".repeat(50_000)),
        format!("x = a{}\n", "()".repeat(50_000)),
        format!("x = a{}\n", ".b(c)".repeat(20_000)),
        format!("x{}= 1\n", " = x".repeat(40_000)),
        format!("if a:\n    pass\n{}", "elif a:\n    pass\n".repeat(50_000)),
        format!("{}def f(): pass\n", "@a\n".repeat(50_000)),
        format!("def f({}): pass\n", (0..20_000).map(|i| format!("a{i},")).collect::<String>()),
        format!("x = {}\n", "9".repeat(900_000)),
        format!("x = '{}'\n", "a".repeat(900_000)),
        format!("x = {}1\n", "f'{".repeat(500)),
        format!("x = f\"{}\"\n", "{a!r:>{b}}".repeat(5_000)),
        indented("def f():", 400),
        indented("class C:", 400),
        indented("if a:", 900),
        indented("try:", 300),
        format!("{}x = 1", "\u{c}\n".repeat(1_000)),
        "\n".repeat(1_000_000),
        "x = 1\r".repeat(10_000),
        "if a:\n\tx = 1\n        y = 2\n".to_owned(),
        "print 'x'\nexec 'y'\nraise A, 'b'\n".to_owned(),
        "\u{202e}x = 1\n".to_owned(),
        "match x:\n    case [1, *_]: pass\ntype A = int\n".to_owned(),
        "x = '\\ud800'\n\\".to_owned(),
    ];
    for source in sources {
        let start: String = source.chars().take(30).collect();
        if let Err(problems) = parse(source.as_bytes()).unwrap() {
            let message = &problems[0].message;
            assert!(!message.contains("gave up") && message.len() > 20, "{start}: {message}");
        }
    }
}

#[test]
fn letters_of_another_shape_are_the_names_that_python_reads() {
    assert_eq!(module("ｅval(x)\n").calls[0].target, "eval");
    assert_eq!(module("𝐞𝐱𝐞𝐜(x)\n").calls[0].target, "exec");
}

#[test]
fn a_declared_encoding_is_read() {
    let parsed = parse(b"# -*- coding: latin-1 -*-\n# caf\xe9\nx = f(1)\n").unwrap().unwrap();
    assert_eq!(parsed.calls.len(), 1);
    assert!(parse(b"# coding: utf-8\n# caf\xe9\n").unwrap().is_err());
}

#[test]
fn names_are_followed_through_assignments_and_hidden_by_them() {
    let source = "import numpy as np, random\nrng = np.random\ndraw = rng.rand\nclass C:\n    def f(self, random):\n        random.shuffle(1)\n        e = eval\n        e(2)\ndraw(3)\ngetattr(np, 'load')(4)\nimport_ = __import__('os')\nimport_.system(5)\n";
    let module = module(source);
    let targets: Vec<_> = module.calls.iter().map(|call| call.target.as_str()).collect();
    for name in ["().shuffle", "eval", "numpy.random.rand", "numpy.load", "os.system"] {
        assert!(targets.contains(&name), "{name}: {targets:?}");
    }
}

#[test]
fn handlers_know_what_they_guard() {
    let source = "def f():\n    try:\n        a()\n        raise E\n    except (ValueError, Exception):\n        return 0.5\n    try:\n        b()\n    except Exception as e:\n        raise F from e\n";
    let module = module(source);
    let [first, second] = &module.handlers[..] else { panic!("{:?}", module.handlers) };
    assert_eq!((first.broad, first.raises, &first.returned), (true, false, &Some(Value::Number(0.5))));
    assert_eq!((second.broad, second.raises), (true, true));
    assert_eq!(module.calls[first.guarded.clone()][0].target, "a");
    let swallowed: Vec<_> = module.calls.iter().map(|call| (call.target.as_str(), call.swallowed)).collect();
    assert_eq!(swallowed, [("a", true), ("b", false)]);
    assert!(module.raises[0].swallowed && !module.raises[1].swallowed);
}

#[test]
fn what_runs_is_found_through_the_names_that_are_read() {
    let source = "def prepare(raw):\n    def inner():\n        a(raw)\n    df.map(clean)\ndef clean(x):\n    b(x)\ndef other():\n    c()\n";
    let module = module(source);
    let reach = module.reach(&["prepare".to_owned()]);
    let run: Vec<_> = module.calls_in(&reach).map(|call| call.target.as_str()).collect();
    assert_eq!(run, ["a", "df.map", "b"]);
}

#[test]
fn what_is_within_the_limits_is_read() {
    let brackets = format!("x = {}1{}", "(".repeat(MAX_BRACKETS), ")".repeat(MAX_BRACKETS));
    assert!(parse(brackets.as_bytes()).unwrap().is_ok());
    let sum = format!("x = f(1){}", " + 1".repeat(900));
    assert_eq!(module(&sum).calls.len(), 1);
    assert_eq!(module("\u{feff}import os\n").imports.len(), 1);
}

/// A panic of the parser is caught and reported as a problem, so it must be looked for.
fn no_panic(parsed: io::Result<Parsed>) -> Result<(), TestCaseError> {
    let gave_up =
        parsed.unwrap().is_err_and(|problems| problems.iter().any(|p| p.message.contains("gave up")));
    prop_assert!(!gave_up);
    Ok(())
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        no_panic(parse(text.as_bytes()))?;
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        no_panic(parse(&bytes))?;
    }

    #[test]
    fn no_python_like_text_makes_the_parser_panic(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "def ", "class ", "f", "(", ")", "[", "]", "{", "}", ":", "\n", "    ", "f'{", "}'", "'''", "\\\n",
                "raise ", "import ", "from ", ".", " as ", "lambda ", "*", "**", "=", "if ", "__name__", "==", "async ",
                "'__main__'", "@", ",", "é", "\t", "\r",
            ]),
            0..80,
        ),
    ) {
        let text = words.concat();
        let parsed = parse(text.as_bytes()).unwrap();
        no_panic(Ok(parsed.clone()))?;
        if let Err(problems) = parsed {
            prop_assert!(!problems.is_empty());
            let lines = u32::try_from(text.lines().count()).unwrap() + 1;
            prop_assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| line >= 1 && line <= lines)));
        }
    }
}

#[test]
fn a_variable_that_is_called_like_a_module_is_none() {
    let targets = |source: &str| -> Vec<String> {
        module(source)
            .calls
            .into_iter()
            .map(|call| call.target)
            .filter(|target| target.ends_with("choice"))
            .collect()
    };
    assert_eq!(targets("def f(g):\n    random = g(1)\n    random.choice(3)\n"), ["().choice"]);
    assert_eq!(targets("import random\n\ndef f():\n    random.choice(3)\n"), ["random.choice"]);
}
