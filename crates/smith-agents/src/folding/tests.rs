use proptest::prelude::*;
use serde_json::json;
use smith_llm::{ChatRequest, ToolArguments, ToolCall};

use super::*;

fn folding(tokens: u64) -> Folding {
    Folding::from(ContextWindow::default().with_tokens(tokens))
}

fn turn(number: usize, calls: usize) -> Message {
    let call = |position: usize| {
        Part::ToolCall(ToolCall {
            id: format!("call_{number}_{position}"),
            name: "look".into(),
            arguments: ToolArguments::Json(json!({"place": number})),
        })
    };
    Message { role: Role::Assistant, parts: (0..calls).map(call).collect() }
}

fn answer(number: usize, position: usize, words: usize) -> Message {
    Message::tool_result(ToolResult {
        call_id: format!("call_{number}_{position}"),
        name: "look".into(),
        content: format!("result {number} {position}\n{}", "word ".repeat(words)),
        is_error: position % 2 == 1,
    })
}

/// System prompt, first message, and turns with so many words in each of their results.
fn conversation(turns: &[Vec<usize>]) -> Vec<Message> {
    let mut messages = vec![Message::system("You look."), Message::user("Begin.")];
    for (number, results) in turns.iter().enumerate() {
        if results.is_empty() {
            messages.push(Message::assistant(format!("thinking of {number}")));
            messages.push(Message::user("Go on."));
            continue;
        }
        messages.push(turn(number, results.len()));
        let answers = results.iter().enumerate().map(|(position, words)| answer(number, position, *words));
        messages.extend(answers);
    }
    messages
}

fn changed(before: &[Message], after: &[Message]) -> Vec<usize> {
    (0..before.len()).filter(|place| before[*place] != after[*place]).collect()
}

#[test]
fn a_conversation_below_the_mark_is_left_alone() {
    let mut messages = conversation(&vec![vec![100]; 20]);
    let before = messages.clone();
    let mut measure = Measure::new(folding(20_000));
    assert_eq!(measure.make_room(&mut messages, &Toolbox::default()), Fit::Fits(None));
    assert_eq!(messages, before);
}

#[test]
fn the_oldest_results_go_first_down_to_the_low_mark_and_say_what_they_were() {
    let mut messages = conversation(&vec![vec![400]; 20]);
    let before = messages.clone();
    let mut measure = Measure::new(folding(10_000));
    let Fit::Fits(Some(folded)) = measure.make_room(&mut messages, &Toolbox::default()) else {
        panic!("nothing folded")
    };
    assert!(folded.before > 6_000 && folded.after <= 3_750 && folded.after > 3_000, "{folded:?}");
    let places: Vec<usize> = folded.results.iter().map(|(place, _)| *place).collect();
    assert_eq!(changed(&before, &messages), places);
    assert_eq!(places, (0..places.len()).map(|i| 3 + 2 * i).collect::<Vec<_>>());
    assert_eq!(
        result(&messages[3]).unwrap().content,
        "[The result of look {\"place\":0} (2011 bytes, 2 lines) was removed to save room. Make the call again if you need \
         it.]"
    );
    // There is room again, so that the beginning stays as it is.
    assert_eq!(measure.make_room(&mut messages, &Toolbox::default()), Fit::Fits(None));
}

#[test]
fn what_an_endpoint_counted_takes_the_place_of_the_estimate() {
    let mut measure = Measure::new(folding(10_000));
    let mut messages = conversation(&vec![vec![400]; 13]);
    assert_eq!(measure.make_room(&mut messages, &Toolbox::default()), Fit::Fits(None));
    let estimated = measure.tokens();
    measure.learn(&Usage { input_tokens: estimated * 13 / 10, ..Usage::default() });
    assert_eq!(measure.tokens(), estimated * 13 / 10);
    let Fit::Fits(Some(folded)) = measure.make_room(&mut messages, &Toolbox::default()) else {
        panic!("nothing folded")
    };
    assert_eq!(folded.before, estimated * 13 / 10);
    // What was taken away is taken to be no more than was estimated.
    assert!(folded.after <= 4_000, "{folded:?}");
}

#[test]
fn a_refusal_folds_all_but_the_last_turn_and_is_remembered() {
    let mut measure = Measure::new(folding(100_000));
    let mut messages = conversation(&vec![vec![400]; 20]);
    let toolbox = Toolbox::default();
    assert_eq!(measure.make_room(&mut messages, &toolbox), Fit::Fits(None));
    let refused = measure.tokens();
    let folded = measure.make_room_after_refusal(&mut messages, &toolbox).unwrap();
    assert!(folded.after * 100 <= refused * 35, "{folded:?}");
    let mut longer = conversation(&vec![vec![400]; 33]);
    longer.splice(..messages.len(), messages);
    let Fit::Fits(Some(again)) = measure.make_room(&mut longer, &toolbox) else { panic!("nothing folded") };
    assert!(again.after * 100 <= refused * 50, "{again:?}");
}

#[test]
fn what_cannot_fit_says_so_and_what_may_fit_is_tried() {
    let toolbox = Toolbox::default();
    let mut huge = conversation(&[vec![4_000], vec![4_000]]);
    huge[1] = Message::user("word ".repeat(9_000));
    let mut measure = Measure::new(folding(2_000));
    let Fit::TooLong(why) = measure.make_room(&mut huge, &toolbox) else { panic!("it was found to fit") };
    assert!(why.contains("window holds 2000") && why.contains("larger window"), "{why}");
    let mut large = conversation(&[vec![1_500]]);
    assert_eq!(measure.make_room(&mut large, &toolbox), measure.make_room(&mut large.clone(), &toolbox));
}

#[test]
fn one_result_never_takes_more_than_its_share_of_a_small_window() {
    let text = "0.123,".repeat(2_500);
    let whole = Measure::new(folding(128_000));
    assert_eq!(whole.cut(text.clone()), text);
    let small = Measure::new(folding(8_000));
    let cut = small.cut(text);
    let tokens = small.counter().text(&cut);
    assert!(tokens > 700 && tokens <= 960, "{tokens}");
    assert!(cut.ends_with("ask for less at a time to see it."), "{cut}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the conversation: pairs and order stay, what is before the first fold stays, the last turns stay, and the
    /// target is met whenever the results that may be folded suffice.
    #[test]
    fn folding_keeps_what_it_must_and_fits(
        turns in prop::collection::vec(prop::collection::vec(0_usize..900, 0..4), 1..40),
        window in 2_000_u64..40_000,
    ) {
        let before = conversation(&turns);
        let mut messages = before.clone();
        let mut measure = Measure::new(folding(window));
        let fit = measure.make_room(&mut messages, &Toolbox::default());
        let request = ChatRequest { messages: messages.clone(), ..ChatRequest::default() };
        prop_assert_eq!(smith_testkit::check(&request), Ok(()));
        prop_assert_eq!(before.len(), messages.len());
        let places = changed(&before, &messages);
        let last_turn = before.iter().rposition(|message| message.role == Role::Assistant).unwrap();
        prop_assert!(places.iter().all(|place| *place >= 2 && *place < last_turn));
        for place in &places {
            let (was, is) = (result(&before[*place]).unwrap(), result(&messages[*place]).unwrap());
            prop_assert_eq!((&was.call_id, &was.name, was.is_error), (&is.call_id, &is.name, is.is_error));
            prop_assert!(is.content.len() < was.content.len());
        }
        let tokens = measure.tokens();
        prop_assert_eq!(tokens, measure.counter().request(&request));
        let foldable = before[..last_turn].iter().zip(&messages).any(|(was, is)| {
            result(was).is_some_and(|result| result.content.len() > SHORT)
                && (was == is || result(is).is_some_and(|result| !result.content.starts_with("[Removed.")))
        });
        let fits = tokens <= measure.room();
        prop_assert!(fits || !foldable, "{tokens} of {} and {fit:?}", measure.room());
        // Once more changes nothing that the first time could have done.
        let again = messages.clone();
        measure.make_room(&mut messages, &Toolbox::default());
        prop_assert!(changed(&again, &messages).is_empty() || !places.is_empty());
    }
}
