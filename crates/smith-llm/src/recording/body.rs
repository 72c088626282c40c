//! Request bodies, split so that entries can share what they have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Names of the list that holds the conversation, by wire format. A body has one of them.
const LISTS: [&str; 3] = ["messages", "input", "contents"];

/// A body: its messages apart from its other fields. Both are shared between entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Body {
    /// Top-level fields other than the messages.
    pub(super) fields: BTreeMap<String, Arc<Value>>,
    /// The conversation; absent if the body has no list of messages.
    pub(super) messages: Option<Vec<Arc<Value>>>,
    /// The name that it has there.
    list: &'static str,
}

impl Body {
    /// The body of a request; empty if it is no JSON object.
    pub(super) fn read(text: &str) -> Self {
        Self::split(serde_json::from_str(text).unwrap_or_default())
    }

    pub(super) fn split(body: Map<String, Value>) -> Self {
        let mut split = Self::default();
        for (name, value) in body {
            match value {
                Value::Array(messages) if split.messages.is_none() && LISTS.contains(&name.as_str()) => {
                    split.messages = Some(messages.into_iter().map(Arc::new).collect());
                    split.list = LISTS.into_iter().find(|list| *list == name).unwrap_or_default();
                }
                value => {
                    split.fields.insert(name, Arc::new(value));
                }
            }
        }
        split
    }

    pub(super) fn join(&self) -> Map<String, Value> {
        let fields = self.fields.iter().map(|(name, value)| (name.clone(), (**value).clone()));
        let messages = self.messages.iter().map(|messages| {
            (self.list.to_owned(), messages.iter().map(|message| (**message).clone()).collect())
        });
        fields.chain(messages).collect()
    }

    pub(super) fn messages(&self) -> &[Arc<Value>] {
        self.messages.as_deref().unwrap_or_default()
    }
}

/// A hash that stands for everything hashed before it and for `piece`.
pub(super) fn chained(before: Option<&blake3::Hash>, piece: &str) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    if let Some(before) = before {
        hasher.update(before.as_bytes());
    }
    hasher.update(piece.as_bytes());
    hasher.finalize()
}
