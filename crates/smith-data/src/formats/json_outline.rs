//! Says in a few words what a JSON value holds, without keeping it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::formats::json_record::{Element, Fields};

/// Keys of an array's first object that are named.
const SHOWN_KEYS: usize = 12;

/// A value in words: `array of 3`, `object of 2 keys`, `number`.
pub(crate) struct Outline(pub(crate) String);

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutlineVisitor).map(Self)
    }
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<String, A::Error> {
        let first: Option<Element> = sequence.next_element()?;
        let mut count = u64::from(first.is_some());
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(match first {
            Some(Element::Object(fields)) => format!("array of {count} objects with {}", names(&fields)),
            _ => format!("array of {count}"),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut count = 0_u64;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(format!("object of {count} keys"))
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::from("null"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<String, E> {
        Ok(String::from("boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<String, E> {
        Ok(String::from("number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<String, E> {
        Ok(String::from("number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<String, E> {
        Ok(String::from("number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<String, E> {
        Ok(String::from("string"))
    }
}

fn names(Fields(fields): &Fields) -> String {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).take(SHOWN_KEYS).collect();
    if fields.len() > SHOWN_KEYS {
        names.push("…");
    }
    names.join(", ")
}
