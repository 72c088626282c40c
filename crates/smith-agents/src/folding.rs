//! Keeping a conversation within its model's window: old results of tools give way to a line that says how to see them
//! again.
//!
//! Providers keep the beginning of a conversation for the next call, as far as it stays the same. Each change of an old
//! message loses that, so results are folded in one step from a high mark down to a low one, the oldest first, and then
//! nothing changes until the high mark is reached again. What is done depends on the conversation and on what the endpoint
//! counted alone, so that a replay and a resumed run fold alike.

use smith_llm::{
    Calibration, ChatRequest, ContextWindow, Message, Part, Role, TokenCounter, ToolResult, Usage,
};

use crate::toolbox::{Toolbox, WHOLE};

/// Tokens that a fold must free to be worth a changed beginning, as a share of the room, in percent.
const WORTH: u64 = 10;
/// Above this share of the room every fold is worth it.
const FULL: u64 = 97;
/// Share of the room that one result of a tool may take, in percent.
const OF_ONE_RESULT: u64 = 15;
/// What is left of the room that a refused request was thought to fit into, in percent.
const AFTER_REFUSAL: u64 = 70;
/// Bytes up to which a result is left as it is: its stub would not be much shorter.
const SHORT: usize = 600;

/// When and how far a conversation is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Folding {
    /// The model's window.
    pub window: ContextWindow,
    /// Share of the room at which folding begins, in percent.
    pub high: u64,
    /// Share of the room down to which it goes, in percent.
    pub low: u64,
    /// Turns of the model at the end that are left as they are, with their results.
    pub kept_turns: usize,
}

impl From<ContextWindow> for Folding {
    /// From four fifths down to half, without the last three turns.
    fn from(window: ContextWindow) -> Self {
        Self { window, high: 80, low: 50, kept_turns: 3 }
    }
}

impl Default for Folding {
    fn default() -> Self {
        Self::from(ContextWindow::default())
    }
}

/// What was folded in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    /// Places of the messages and the texts that their results have now.
    pub(crate) results: Vec<(usize, String)>,
    /// Tokens of the conversation before.
    pub(crate) before: u64,
    /// And after.
    pub(crate) after: u64,
}

/// The size of a conversation: what its messages come to, and what is known of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measure {
    folding: Folding,
    /// Of tools and schemas, which every request repeats.
    fixed: Counted,
    /// Of each message, and how much of it is left.
    messages: Vec<(Counted, Left)>,
    calibration: Calibration,
    /// What the endpoint turned out to take, where that is less than the window.
    learned_room: Option<u64>,
}

/// Tokens of a piece of a request.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// As the model's family counts.
    tokens: u64,
    /// As budgets and limits do, whatever the model.
    expected: u64,
}

impl Counted {
    fn by(counter: TokenCounter, count: impl Fn(&TokenCounter) -> u64) -> Self {
        let (of_all, tokens) = (TokenCounter::default(), count(&counter));
        Self { tokens, expected: if counter == of_all { tokens } else { count(&of_all) } }
    }
}

/// What is left of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    All,
    /// Of a result, a line that says what it was and how to see it again.
    Stub,
    /// How to see it again alone.
    Short,
}

/// Whether a conversation can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It can, after this was folded.
    Fits(Option<Folded>),
    /// It surely cannot; in words that end an attempt.
    TooLong(String),
}

impl Measure {
    pub(crate) fn new(folding: Folding) -> Self {
        Self { folding, ..Self::default() }
    }

    pub(crate) fn counter(&self) -> TokenCounter {
        self.folding.window.counter
    }

    /// Counts what every request of the conversation repeats.
    pub(crate) fn frame(&mut self, request: &ChatRequest) {
        self.fixed = Counted::by(self.counter(), |counter| counter.fixed(request));
    }

    /// What budgets and limits expect of the conversation as it was counted last.
    pub(crate) fn expected(&self) -> u64 {
        self.messages
            .iter()
            .fold(self.fixed.expected, |sum, (counted, _)| sum.saturating_add(counted.expected))
    }

    /// What the whole conversation comes to.
    pub(crate) fn tokens(&self) -> u64 {
        self.calibration.corrected(self.estimated())
    }

    /// Notes what the endpoint counted for the conversation as it was sent last.
    pub(crate) fn learn(&mut self, usage: &Usage) {
        self.calibration.learn(self.estimated(), usage);
    }

    /// Notes that the endpoint refused the conversation as too long.
    pub(crate) fn refused(&mut self) {
        let tokens = self.tokens().min(self.room());
        self.learned_room = Some(tokens.saturating_mul(AFTER_REFUSAL) / 100);
    }

    /// Cuts the text of a result that alone would take too much of a small window.
    pub(crate) fn cut(&self, text: String) -> String {
        let most = self.share(OF_ONE_RESULT).max(100);
        let tokens = self.counter().text(&text);
        if tokens <= most {
            return text;
        }
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let bytes = (u128::from(length) * u128::from(most) / u128::from(tokens)) as usize;
        crate::toolbox::cut_and_say(&text, bytes)
    }

    /// Makes room in `messages` where it is needed.
    pub(crate) fn make_room(&mut self, messages: &mut [Message], toolbox: &Toolbox) -> Fit {
        self.count(messages);
        let tokens = self.tokens();
        if tokens <= self.share(self.folding.high) {
            return Fit::Fits(None);
        }
        let kept_turns = self.folding.kept_turns;
        let gain: u64 = self.candidates(messages, kept_turns).iter().map(|place| self.gain(*place)).sum();
        if tokens <= self.share(FULL) && gain < self.share(WORTH) {
            return Fit::Fits(None);
        }
        let mut folded = self.fold(messages, kept_turns, toolbox);
        if self.tokens() > self.share(FULL) {
            let more = self.fold(messages, 1, toolbox);
            folded.results.extend(more.results);
            folded.after = more.after;
        }
        if self.is_hopeless() {
            return Fit::TooLong(self.too_long());
        }
        Fit::Fits((!folded.results.is_empty()).then_some(folded))
    }

    /// As [`Measure::make_room`] after a refusal, with all that may be folded at all.
    pub(crate) fn make_room_after_refusal(
        &mut self,
        messages: &mut [Message],
        toolbox: &Toolbox,
    ) -> Option<Folded> {
        self.count(messages);
        self.refused();
        let folded = self.fold(messages, 1, toolbox);
        (!folded.results.is_empty()).then_some(folded)
    }

    fn count(&mut self, messages: &[Message]) {
        let counter = self.counter();
        let new = messages.iter().skip(self.messages.len());
        self.messages.extend(new.map(|message| (Counted::by(counter, |by| by.message(message)), Left::All)));
    }

    fn estimated(&self) -> u64 {
        self.messages.iter().fold(self.fixed.tokens, |sum, (counted, _)| sum.saturating_add(counted.tokens))
    }

    fn room(&self) -> u64 {
        let room = self.folding.window.room(None);
        self.learned_room.map_or(room, |learned| learned.min(room))
    }

    fn share(&self, percent: u64) -> u64 {
        self.room().saturating_mul(percent) / 100
    }

    /// Places of results that may be folded, the oldest first: long ones before the last turns of the model, and then stubs.
    /// A tool's result always follows a turn of the model, so that neither the instruction nor the first message can be among
    /// them.
    fn candidates(&self, messages: &[Message], kept_turns: usize) -> Vec<usize> {
        let turns = messages.iter().enumerate().filter(|(_, message)| message.role == Role::Assistant);
        let kept_from = turns.rev().nth(kept_turns.saturating_sub(1)).map_or(0, |(place, _)| place);
        let old = || messages.iter().take(kept_from).zip(&self.messages).enumerate();
        let long = old().filter(|(_, (message, (_, left)))| {
            *left == Left::All && result(message).is_some_and(|result| result.content.len() > SHORT)
        });
        let stubs = old().filter(|(_, (_, (_, left)))| *left == Left::Stub);
        long.chain(stubs).map(|(place, _)| place).collect()
    }

    /// About what folding a message frees.
    fn gain(&self, place: usize) -> u64 {
        self.messages.get(place).map_or(0, |(Counted { tokens, .. }, left)| match left {
            Left::All => tokens.saturating_sub(60),
            Left::Stub => tokens.saturating_sub(30),
            Left::Short => 0,
        })
    }

    /// Folds until the low mark is reached; where that takes shorter stubs, until the high one is.
    fn fold(&mut self, messages: &mut [Message], kept_turns: usize, toolbox: &Toolbox) -> Folded {
        let before = self.tokens();
        let mut results = Vec::new();
        for target in [self.folding.low, self.folding.high].map(|percent| self.share(percent)) {
            for place in self.candidates(messages, kept_turns) {
                if self.tokens() <= target {
                    break;
                }
                results.extend(self.fold_one(messages, place, toolbox).map(|text| (place, text)));
            }
        }
        Folded { results, before, after: self.tokens() }
    }

    /// Folds the result at `place` further; gives the text that is left.
    fn fold_one(&mut self, messages: &mut [Message], place: usize, toolbox: &Toolbox) -> Option<String> {
        let (text, left) = match self.messages.get(place)?.1 {
            Left::All => (to_stub(messages, place, toolbox)?, Left::Stub),
            Left::Stub | Left::Short => (shorten(messages, place)?, Left::Short),
        };
        let message = messages.get(place)?;
        let counted = Counted::by(self.counter(), |counter| counter.message(message));
        *self.messages.get_mut(place)? = (counted, left);
        Some(text)
    }

    /// Whether the endpoint need not be asked. An estimate alone may be too high, so only twice the window settles it.
    fn is_hopeless(&self) -> bool {
        let counted = self.calibration != Calibration::default();
        let surely = if counted { self.tokens() } else { self.tokens() / 2 };
        surely > self.folding.window.tokens
    }

    fn too_long(&self) -> String {
        format!(
            "the conversation comes to about {} tokens and the model's window holds {}: all old results of tools are folded \
             already; use a model with a larger window, or say how large it is if it is larger",
            self.tokens(),
            self.folding.window.tokens
        )
    }
}

fn result(message: &Message) -> Option<&ToolResult> {
    match message.parts.as_slice() {
        [Part::ToolResult(result)] => Some(result),
        _ => None,
    }
}

/// Replaces the text of a result by its stub, which it gives.
fn to_stub(messages: &mut [Message], place: usize, toolbox: &Toolbox) -> Option<String> {
    let call = called(messages.get(..place)?, result(messages.get(place)?)?);
    let Some([Part::ToolResult(result)]) =
        messages.get_mut(place).map(|message| message.parts.as_mut_slice())
    else {
        return None;
    };
    let stub = stub(result, call.as_deref(), toolbox);
    result.content.clone_from(&stub);
    Some(stub)
}

/// What stands in a stub before the way to see the result again.
const REMOVED: &str = " was removed to save room. ";

/// Leaves of a stub only how to see the result again.
fn shorten(messages: &mut [Message], place: usize) -> Option<String> {
    let Some([Part::ToolResult(result)]) =
        messages.get_mut(place).map(|message| message.parts.as_mut_slice())
    else {
        return None;
    };
    let again = result.content.rsplit_once(REMOVED).map(|(_, again)| again)?;
    result.content = format!("[Removed. {again}");
    Some(result.content.clone())
}

/// The arguments of the call that a result answers, cut: the last call of that identifier before it.
fn called(earlier: &[Message], result: &ToolResult) -> Option<String> {
    let mut calls = earlier.iter().rev().flat_map(Message::tool_calls);
    let call = calls.find(|call| call.id == result.call_id && call.name == result.name)?;
    let smith_llm::ToolArguments::Json(arguments) = &call.arguments else { return None };
    let text = arguments.to_string();
    let shown = text.get(..text.floor_char_boundary(120)).unwrap_or_default();
    Some(if shown.len() < text.len() { format!("{shown}…") } else { text })
}

/// What stands in the place of a result: what it was, how long, and how to see it again.
fn stub(result: &ToolResult, call: Option<&str>, toolbox: &Toolbox) -> String {
    let ToolResult { name, content, .. } = result;
    let (bytes, lines) = (content.len(), content.lines().count());
    let call = call.map_or(String::new(), |arguments| format!(" {arguments}"));
    let again = again(result, toolbox);
    format!("[The result of {name}{call} ({bytes} bytes, {lines} lines){REMOVED}{again}]")
}

fn again(result: &ToolResult, toolbox: &Toolbox) -> String {
    if let Some(whole) = result.content.lines().next_back().filter(|line| line.starts_with(WHOLE)) {
        return whole.to_owned();
    }
    match toolbox.keep_if_lost(&result.name, &result.content) {
        Some(path) => format!("It is in {path}: read_file shows it."),
        None => "Make the call again if you need it.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
