//! Delta coding: an entry holds what an earlier one does not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{Body, chained};
use crate::canonical;

/// What an entry takes over from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shared {
    /// Identifier of the earlier entry.
    pub(super) base: usize,
    /// How many of its first messages.
    pub(super) keep: usize,
    /// Which of its other fields.
    pub(super) same: Vec<String>,
}

/// What the writer knows of the entries before, as hashes: a recording's memory is its file.
#[derive(Debug, Default)]
pub(super) struct DeltaIndex {
    /// By the hash of a beginning of a conversation: the first entry that begins so.
    beginnings: HashMap<blake3::Hash, usize>,
    /// By entry: hash of each field.
    fields: Vec<BTreeMap<String, blake3::Hash>>,
}

impl DeltaIndex {
    /// Identifier of the next entry.
    pub(super) fn next_id(&self) -> usize {
        self.fields.len()
    }

    /// What `body` shares with the entry before that begins most like it, and the rest.
    pub(super) fn encode(&self, body: &Body) -> (Option<Shared>, Body) {
        let chain = beginnings(body.messages());
        let longest =
            chain.iter().enumerate().rev().find_map(|(i, hash)| Some((i + 1, *self.beginnings.get(hash)?)));
        let Some((keep, base)) = longest else { return (None, body.clone()) };
        let same: Vec<String> = field_hashes(body)
            .into_iter()
            .filter(|(name, hash)| self.fields.get(base).and_then(|fields| fields.get(name)) == Some(hash))
            .map(|(name, _)| name)
            .collect();
        let mut rest = body.clone();
        rest.fields.retain(|name, _| !same.contains(name));
        rest.messages = Some(body.messages().iter().skip(keep).cloned().collect());
        (Some(Shared { base, keep, same }), rest)
    }

    /// Takes note of `body` as the next entry.
    pub(super) fn add(&mut self, body: &Body) {
        let id = self.next_id();
        for hash in beginnings(body.messages()) {
            self.beginnings.entry(hash).or_insert(id);
        }
        self.fields.push(field_hashes(body));
    }
}

/// The whole body of an entry, given those before it; `None` if they do not hold what it shares.
pub(super) fn expand(shared: Option<&Shared>, rest: Body, earlier: &[Body]) -> Option<Body> {
    let Some(shared) = shared else { return Some(rest) };
    let base = earlier.get(shared.base)?;
    let mut body = rest;
    for name in &shared.same {
        body.fields.insert(name.clone(), Arc::clone(base.fields.get(name)?));
    }
    let mut messages = base.messages().get(..shared.keep)?.to_vec();
    messages.extend(body.messages.take()?);
    body.messages = Some(messages);
    Some(body)
}

/// For each message: the hash of the conversation up to and with it.
fn beginnings(messages: &[Arc<Value>]) -> Vec<blake3::Hash> {
    let mut chain: Vec<blake3::Hash> = Vec::with_capacity(messages.len());
    for message in messages {
        chain.push(chained(chain.last(), &canonical::to_string(message)));
    }
    chain
}

fn field_hashes(body: &Body) -> BTreeMap<String, blake3::Hash> {
    let hash = |value: &Value| chained(None, &canonical::to_string(value));
    body.fields.iter().map(|(name, value)| (name.clone(), hash(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, json};

    fn body(value: Value) -> Body {
        let Value::Object(map) = value else { panic!("not an object") };
        Body::split(map)
    }

    /// Encodes all, then reads them back from the encoded form alone.
    fn round_trip(bodies: &[Body]) -> (Vec<Option<Shared>>, Vec<Body>) {
        let mut index = DeltaIndex::default();
        let mut written = Vec::new();
        for body in bodies {
            let (shared, rest) = index.encode(body);
            index.add(body);
            // Through the text of a line, as in a file.
            let line = serde_json::to_string(&(&shared, Value::Object(rest.join()))).unwrap();
            written.push(serde_json::from_str::<(Option<Shared>, Map<String, Value>)>(&line).unwrap());
        }
        let mut read: Vec<Body> = Vec::new();
        for (shared, rest) in &written {
            let whole = expand(shared.as_ref(), Body::split(rest.clone()), &read).unwrap();
            read.push(whole);
        }
        (written.into_iter().map(|(shared, _)| shared).collect(), read)
    }

    #[test]
    fn an_entry_shares_the_longest_beginning_and_equal_fields() {
        let bodies = [
            body(json!({"model": "m", "tools": [1], "messages": ["s", "u"]})),
            body(json!({"model": "m", "tools": [1], "messages": ["s", "u", "a", "t"]})),
            body(json!({"model": "m", "tools": [2], "messages": ["s", "u", "a", "t", "b"]})),
            body(json!({"model": "m", "messages": ["s", "other"]})),
            body(json!({"model": "m", "messages": ["elsewhere"]})),
            body(json!({"model": "m", "messages": ["s", "u"]})),
        ];
        let (shared, read) = round_trip(&bodies);
        let expected = |base, keep, same: &[&str]| {
            Some(Shared { base, keep, same: same.iter().map(|&name| name.to_owned()).collect() })
        };
        assert_eq!(
            shared,
            [
                None,
                expected(0, 2, &["model", "tools"]),
                expected(1, 4, &["model"]),
                expected(0, 1, &["model"]),
                None,
                expected(0, 2, &["model"]),
            ]
        );
        assert_eq!(read, bodies);
    }

    #[test]
    fn conversations_of_every_wire_are_shared() {
        for list in ["messages", "input", "contents"] {
            let bodies = [body(json!({list: ["s"]})), body(json!({list: ["s", "u"], "other": ["s"]}))];
            let (shared, read) = round_trip(&bodies);
            assert_eq!(shared[1].as_ref().map(|shared| shared.keep), Some(1), "{list}");
            assert_eq!(read, bodies);
        }
    }

    #[test]
    fn a_line_that_refers_to_nothing_is_not_expanded() {
        let earlier = [body(json!({"model": "m", "messages": ["s"]}))];
        let rest = body(json!({"messages": []}));
        for (base, keep, same) in [(1, 1, "model"), (0, 2, "model"), (0, 1, "tools")] {
            let shared = Shared { base, keep, same: vec![same.into()] };
            assert_eq!(expand(Some(&shared), rest.clone(), &earlier), None);
        }
        let shared = Shared { base: 0, keep: 1, same: Vec::new() };
        assert_eq!(expand(Some(&shared), body(json!({})), &earlier), None);
    }

    fn any_body() -> impl Strategy<Value = Body> {
        let message =
            prop_oneof![Just(json!("a")), Just(json!({"role": "b"})), ".{0,3}".prop_map(Value::from)];
        let messages = prop_oneof![
            8 => prop::collection::vec(message, 0..6).prop_map(|list| Some(Value::Array(list))),
            1 => Just(None),
            1 => Just(Some(json!("not a list"))),
        ];
        let fields = prop::collection::btree_map("[a-c]", 0_u8..2, 0..3);
        (fields, messages).prop_map(|(fields, messages)| {
            let fields = fields.into_iter().map(|(name, value)| (name, Value::from(value)));
            Body::split(fields.chain(messages.map(|list| (String::from("messages"), list))).collect())
        })
    }

    proptest! {
        #[test]
        fn delta_coding_loses_nothing(bodies in prop::collection::vec(any_body(), 0..12)) {
            prop_assert_eq!(round_trip(&bodies).1, bodies);
        }
    }
}
