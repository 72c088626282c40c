//! A body in the making: JSON that borrows its texts from the request.
//!
//! A whole conversation is sent with every call. Copied into a tree of owned values first, it would cost an agent more
//! than everything else that it does.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wire<'a> {
    Text(Cow<'a, str>),
    /// JSON that was there before, or is small.
    Value(Cow<'a, Value>),
    List(Vec<Wire<'a>>),
    Object(Fields<'a>),
}

/// The fields of an object, in the order in which they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, Wire<'a>)>);

impl<'a> Fields<'a> {
    /// Writes a field, in the place of one of this name if there is one.
    pub(super) fn put(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Wire<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(there) => *there = value,
            None => self.0.push((name, value)),
        }
    }

    /// Writes what is absent as nothing.
    pub(super) fn put_if_any<V: Into<Wire<'a>>>(&mut self, name: &'static str, value: Option<V>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Wire<'a>> {
        self.0.iter().find(|(there, _)| there == name).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Wire<'a>> {
        self.0.iter_mut().find(|(there, _)| there == name).map(|(_, value)| value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the text that is sent.
    pub(super) fn text(&self) -> String {
        let mut text = Vec::with_capacity(self.length());
        // A tree of texts and JSON always serialises, as UTF-8.
        serde_json::to_writer(&mut text, self).map_or_else(|_| String::new(), |()| utf8(text))
    }

    /// About how long the text is.
    fn length(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + 6 + value.length()).sum()
    }
}

fn utf8(text: Vec<u8>) -> String {
    String::from_utf8(text).unwrap_or_default()
}

impl Wire<'_> {
    fn length(&self) -> usize {
        match self {
            // Every 16th character of a text is thought to be escaped.
            Self::Text(text) => text.len() + text.len() / 16 + 2,
            Self::Value(_) => 16,
            Self::List(list) => list.iter().map(|item| item.length() + 1).sum(),
            Self::Object(fields) => fields.length(),
        }
    }
}

/// An object of these fields.
pub(super) fn object<'a, const N: usize>(fields: [(&'static str, Wire<'a>); N]) -> Wire<'a> {
    Wire::Object(Fields(fields.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect()))
}

impl<'a> From<&'a str> for Wire<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Wire<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Wire<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Wire<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Value> for Wire<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Value(Cow::Borrowed(value))
    }
}

impl From<Value> for Wire<'_> {
    fn from(value: Value) -> Self {
        Self::Value(Cow::Owned(value))
    }
}

impl<'a> From<Cow<'a, Value>> for Wire<'a> {
    fn from(value: Cow<'a, Value>) -> Self {
        Self::Value(value)
    }
}

impl<'a> From<Fields<'a>> for Wire<'a> {
    fn from(fields: Fields<'a>) -> Self {
        Self::Object(fields)
    }
}

impl<'a> From<Vec<Wire<'a>>> for Wire<'a> {
    fn from(list: Vec<Wire<'a>>) -> Self {
        Self::List(list)
    }
}

impl<'a> FromIterator<Wire<'a>> for Wire<'a> {
    fn from_iter<I: IntoIterator<Item = Wire<'a>>>(list: I) -> Self {
        Self::List(list.into_iter().collect())
    }
}

macro_rules! from_scalars {
    ($($scalar:ty),*) => {
        $(impl From<$scalar> for Wire<'_> {
            fn from(scalar: $scalar) -> Self {
                Self::Value(Cow::Owned(scalar.into()))
            }
        })*
    };
}
from_scalars!(bool, u32, f64);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Value(value) => value.serialize(to),
            Self::List(list) => to.collect_seq(list),
            Self::Object(fields) => fields.serialize(to),
        }
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_is_written_once_and_in_its_place() {
        let part = json!({"b": [null, 1.5]});
        let mut fields = Fields::default();
        assert!(fields.is_empty());
        fields.put("z", "one\n\"");
        fields.put("a", object([("x", Wire::from_iter([true.into(), (&part).into()]))]));
        fields.put_if_any("absent", None::<u32>);
        fields.put_if_any("n", Some(3u32));
        fields.put("z", "two".to_owned());
        assert_eq!(fields.text(), r#"{"z":"two","a":{"x":[true,{"b":[null,1.5]}]},"n":3}"#);
        assert!(fields.get_mut("b").is_none());
    }
}
