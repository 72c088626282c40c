//! `smith elo` and `smith agreement`.

use crate::program::{Ended, Place, run};

/// Overall columns of the first table of the paper.
const RATINGS: &str = "model,Dojo,Smith,Combined
Gemini-2.5-Pro,1254.6,1179.7,1214.3
Gemini-2.5-Flash,1146.7,1079.3,1111.3
o4-mini,1068.0,1097.6,1082.9
DeepSeek-Reasoner,1064.8,1059.1,1061.8
o3-mini,1011.9,1003.3,1007.6
DeepSeek-Chat,990.7,1030.2,1011.2
GPT-4o,776.5,808.8,794.1
GPT-4o-mini,686.7,742.0,716.8
";

const SCORES: &str = "task,model,score,higher_is_better,category,run
bark,oak,0.71,true,image,1
bark,oak,0.80,true,image,2
bark,elm,0.75,true,image,1
bark,ash,0.75,true,image,1
rain,oak,3.1,false,table,1
rain,elm,2.9,false,table,1
rain,ash,,false,table,1
snow,oak,1.0,false,table,1
snow,elm,1.5,false,table,1
snow,ash,0.5,false,table,1
";

fn smith(place: &Place, text: &str, arguments: &[&str]) -> Ended {
    std::fs::write(place.path("home/table.csv"), text).unwrap();
    run(place.smith().args(arguments))
}

#[test]
fn agreement_prints_the_second_table_of_the_paper() {
    let place = Place::new();
    let ended = smith(&place, RATINGS, &["agreement", "table.csv"]).expect(0);
    for part in
        ["0.982", "0.964", "0.952", "0.857", "0.958", "0.800", "-96.0", "51.1", "α 0.993", "ICC(2,1) 0.981"]
    {
        assert!(ended.stdout.contains(part), "{part} in\n{}", ended.stdout);
    }
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 120), "{}", ended.stdout);
    let json = smith(&place, RATINGS, &["agreement", "table.csv", "--json"]).expect(0).json();
    let pair = &json["pairs"][0];
    assert_eq!((pair["a"].as_str(), pair["b"].as_str()), (Some("Dojo"), Some("Smith")));
    for (name, printed) in
        [("pearson", 0.982), ("r2", 0.964), ("spearman", 0.952), ("kendall", 0.857), ("ccc", 0.958)]
    {
        assert_eq!((pair[name].as_f64().unwrap() * 1e3).round() / 1e3, printed, "{name}");
        assert!(pair["intervals"][name]["low"].as_f64().unwrap() < printed, "{name}");
    }
    assert_eq!((pair["top_k"]["3"].as_f64(), pair["top_k"]["5"].as_f64()), (Some(1.0), Some(0.8)));
    assert!((pair["bland_altman"]["upper"].as_f64().unwrap() - 96.0).abs() < 0.1);
    assert!((json["icc"]["2,1"].as_f64().unwrap() - 0.981).abs() < 5e-4);
    assert!((json["cronbach_alpha"].as_f64().unwrap() - 0.993).abs() < 5e-4);
}

#[test]
fn elo_takes_the_best_run_in_the_direction_of_the_task() {
    let place = Place::new();
    let json = smith(&place, SCORES, &["elo", "table.csv", "--json"]).expect(0).json();
    assert_eq!((json["battles"].as_u64(), json["tasks"].as_u64()), (Some(9), Some(3)));
    let ratings = json["ratings"].as_array().unwrap();
    // Won: oak 2 + 1 + 1, elm 0.5 + 2 + 0, ash 0.5 + 0 + 2.
    assert_eq!(ratings[0]["model"], "oak");
    assert_eq!(ratings[0]["win_share"].as_f64(), Some(4.0 / 6.0));
    let sum: f64 = ratings.iter().map(|rating| rating["elo"].as_f64().unwrap()).sum();
    assert!((sum - 3000.0).abs() < 1e-6);
    assert!(ratings.iter().all(|rating| rating["low"].as_f64() <= rating["high"].as_f64()));
    assert_eq!(json["bootstrap"]["unit"], "tasks");
    assert_eq!(json["categories"].as_object().unwrap().keys().collect::<Vec<_>>(), ["image", "table"]);
    assert_eq!(json["categories"]["image"]["ridged"]["reason"], "separable");
    let ended = smith(&place, SCORES, &["elo", "table.csv"]).expect(0);
    for part in ["overall", "image", "1000 draws of tasks", "a ridge holds these apart", "oak | ash, elm"] {
        assert!(ended.stdout.contains(part), "{part} in\n{}", ended.stdout);
    }
}

#[test]
fn elo_takes_battles_and_the_same_seed_gives_the_same_draws() {
    let place = Place::new();
    let battles = "model_a,model_b,winner\noak,elm,a\nelm,oak,a\nelm,oak,tie\noak,ash,b\nash,oak,b\n";
    let draw = |seed: &str| {
        smith(&place, battles, &["elo", "table.csv", "--json", "--rounds", "60", "--seed", seed])
            .expect(0)
            .stdout
    };
    assert_eq!(draw("3"), draw("3"));
    assert_ne!(draw("3"), draw("4"));
    let json = smith(&place, battles, &["elo", "table.csv", "--json", "--rounds", "0"]).expect(0).json();
    assert_eq!((json["bootstrap"].is_null(), json["sandwich_unit"].as_str()), (true, Some("battles")));
}

#[test]
fn quality_and_curves_are_those_of_the_library() {
    let place = Place::new();
    let scores = "task,model,score,higher_is_better\ns,a,3,true\ns,b,2,true\ns,c,1,true\nt,a,9,true\nt,b,8,true\nt,c,7,true\nu,a,1,true\nu,b,1,true\nu,c,1,true\n";
    let quality = smith(&place, scores, &["quality", "table.csv", "--sizes", "1,3", "--json"]).expect(0);
    let quality: serde_json::Value = serde_json::from_str(&quality.stdout).unwrap();
    assert_eq!(
        quality["tasks"][2]["drop"][0], "all models tie, so it tells none from another",
        "{quality:#}"
    );
    assert_eq!(
        (&quality["fidelity"][1]["tasks"], &quality["fidelity"][1]["distance"]),
        (&3.into(), &0.0.into())
    );
    assert!(
        smith(&place, scores, &["quality", "table.csv"])
            .expect(0)
            .stdout
            .contains("1 tasks are better dropped")
    );
    let steps =
        "task,model,step,score,higher_is_better\nt,a,1,0,true\nt,a,2,10,true\nt,b,1,2,true\nt,b,2,4,true\n";
    let curve_of_b = |scope: &str| {
        let arguments = ["curves", "table.csv", "--length", "2", "--scope", scope, "--json"];
        let curves: serde_json::Value =
            serde_json::from_str(&smith(&place, steps, &arguments).expect(0).stdout).unwrap();
        curves["overall"][1]["mean"].clone()
    };
    assert_eq!(curve_of_b("task"), serde_json::json!([0.2, 0.4]));
    assert_eq!(curve_of_b("model"), serde_json::json!([0.0, 1.0]));
}

#[test]
fn mistakes_name_the_rows() {
    let place = Place::new();
    for (text, verb, parts) in [
        ("model_a,model_b,winner\noak,oak,a\n", "elo", &["row 1", "`oak` meets itself"][..]),
        ("model_a,model_b,winner\n", "elo", &["table.csv", "there is no battle"]),
        (
            "task,model,score,higher_is_better\nt,a,1,true\nt,b,1,false\n",
            "elo",
            &["rows 1 and 2", "two directions"],
        ),
        ("task,model,score,higher_is_better\nt,a,1,true\n", "elo", &["`a` is the only model"]),
        ("model_a,model_b,winner\noak,elm,a\n", "quality", &["battles do not tell"]),
        ("task,model,score,higher_is_better\nt,a,1,true\n", "curves", &["no column \"step\""]),
        ("name,x\noak,1\n", "elo", &["no column \"task\"", "name, x"]),
        ("model,x,y\noak,1,2\nelm,,4\n", "agreement", &["row 2", "set `x`"]),
        ("model,x,y\noak,1,2\noak,3,4\n", "agreement", &["rows 1 and 2", "`oak`", "more than once"]),
        ("model,x\noak,1\nelm,2\n", "agreement", &["at least 2 sets of ratings"]),
        ("model,x,y\noak,1,2\n", "agreement", &["at least 2 models"]),
    ] {
        let ended = smith(&place, text, &[verb, "table.csv"]).expect(2);
        ended.says(parts);
        assert_eq!(ended.stdout, "");
    }
    for arguments in [&["elo", "table.csv", "--level", "2"][..], &["agreement", "table.csv", "--top", "0"]] {
        let text = if arguments[0] == "elo" { SCORES } else { RATINGS };
        smith(&place, text, arguments).expect(2);
    }
    run(place.smith().args(["elo", "nowhere.csv"])).expect(2).says(&["nowhere.csv", "no such file"]);
}
