//! Learns in a first pass what lies in an object at the top of a file, to find the records in it.

use std::collections::BTreeMap;
use std::io::Read;

use super::record::{self, Kind};
use super::scan::{Fault, Scanner};

/// Members of an object that are remembered by name.
const MAX_NAMED: usize = 100;
/// Levels of objects that are entered.
const MAX_LEVELS: usize = 3;
/// Different keys of the objects in an object that are counted.
const MAX_CHILD_KEYS: usize = 500;
/// Keys of an array's first object that are named.
const SHOWN_KEYS: usize = 12;

/// What is known of a value.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) kind: Option<Kind>,
    /// Members of an object, elements of an array.
    pub(super) members: u64,
    pub(super) objects: u64,
    pub(super) arrays: u64,
    /// Arrays that hold nothing but objects, of those in `arrays`.
    pub(super) arrays_of_objects: u64,
    /// Arrays without arrays and objects in them, of those in `arrays`.
    pub(super) arrays_of_scalars: u64,
    /// Least and greatest length of the arrays in it.
    pub(super) lengths: Option<(u64, u64)>,
    /// The first members of an object.
    pub(super) named: Vec<(String, Node)>,
    /// Keys of the objects in it with the number of objects, and how many keys those have in all.
    child_keys: BTreeMap<String, u64>,
    child_fields: u64,
    first_keys: Vec<String>,
    more_keys: bool,
}

impl Node {
    /// Takes a whole value in. What was seen before a fault stays.
    pub(super) fn read<R: Read>(&mut self, scanner: &mut Scanner<R>, level: usize) -> Result<(), Fault> {
        match scanner.peek()? {
            Some(b'{') if level < MAX_LEVELS => {
                self.kind = Some(Kind::Object);
                self.read_object(scanner, level)
            }
            Some(b'[') => {
                self.kind = Some(Kind::Array);
                self.read_array(scanner)
            }
            Some(_) => {
                let mut raw = Vec::new();
                scanner.value(&mut raw)?;
                self.outline(&String::from_utf8_lossy(&raw));
                Ok(())
            }
            None => Err(Fault::End),
        }
    }

    fn read_object<R: Read>(&mut self, scanner: &mut Scanner<R>, level: usize) -> Result<(), Fault> {
        scanner.open(b'{')?;
        while scanner.next(b'}')? {
            let key = scanner.key()?;
            let mut child = Self::default();
            let result = child.read(scanner, level + 1);
            self.attach(key, child);
            result?;
        }
        Ok(())
    }

    fn read_array<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Fault> {
        scanner.open(b'[')?;
        let mut raw = Vec::new();
        while scanner.next(b']')? {
            let is_object = scanner.peek()? == Some(b'{');
            let is_array = scanner.peek()? == Some(b'[');
            // Only the first object's keys are shown.
            if self.members == 0 && is_object {
                scanner.value(&mut raw)?;
                self.show_keys(&String::from_utf8_lossy(&raw));
            } else {
                scanner.skip()?;
            }
            self.members += 1;
            self.objects += u64::from(is_object);
            self.arrays += u64::from(is_array);
        }
        Ok(())
    }

    /// Takes a value in that was cut out; nothing is left of one that is too long.
    fn outline(&mut self, raw: &str) {
        if raw.is_empty() {
            self.kind = Some(Kind::Object);
            return;
        }
        let kind = Kind::of(raw);
        self.kind = Some(kind);
        if kind == Kind::Object
            && let Some(record::Fields(fields)) = record::fields(raw)
        {
            self.members = fields.len() as u64;
            self.named = fields
                .iter()
                .take(MAX_NAMED)
                .map(|(key, value)| {
                    (key.to_string(), Self { kind: Some(Kind::of(value)), ..Self::default() })
                })
                .collect();
        }
    }

    fn show_keys(&mut self, raw: &str) {
        let Some(record::Fields(fields)) = record::fields(raw) else { return };
        self.first_keys = fields.iter().take(SHOWN_KEYS).map(|(key, _)| key.to_string()).collect();
        self.more_keys = fields.len() > SHOWN_KEYS;
    }

    fn attach(&mut self, key: String, child: Self) {
        self.members += 1;
        match child.kind {
            Some(Kind::Object) => {
                self.objects += 1;
                self.child_fields += child.members;
                for (name, _) in &child.named {
                    if self.child_keys.len() < MAX_CHILD_KEYS || self.child_keys.contains_key(name) {
                        *self.child_keys.entry(name.clone()).or_default() += 1;
                    }
                }
            }
            Some(Kind::Array) => {
                self.arrays += 1;
                self.arrays_of_objects += u64::from(child.members > 0 && child.objects == child.members);
                self.arrays_of_scalars += u64::from(child.objects == 0 && child.arrays == 0);
                let (least, most) = self.lengths.unwrap_or((child.members, child.members));
                self.lengths = Some((least.min(child.members), most.max(child.members)));
            }
            _ => {}
        }
        if self.named.len() < MAX_NAMED {
            self.named.push((key, child));
        }
    }

    /// Share of the keys of the objects in it that each of them has.
    pub(super) fn fill(&self) -> f64 {
        let most = self.objects as f64 * self.child_keys.len() as f64;
        if most == 0.0 { 0.0 } else { self.child_fields as f64 / most }
    }

    /// True when the objects in it all have the keys `0`, `1`, `2`, ….
    pub(super) fn children_count(&self) -> bool {
        let (keys, objects) = (self.child_keys.len(), self.objects);
        keys > 1
            && (0..keys.min(MAX_NAMED)).all(|key| self.child_keys.get(&key.to_string()) == Some(&objects))
            && self.named.iter().all(|(_, child)| {
                child.objects == 0
                    && child.arrays == 0
                    && child.named.iter().all(|(_, value)| value.kind.is_none_or(Kind::is_scalar))
            })
    }

    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        self.named.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// In words: `array of 3`, `object of 2 keys`, `number`.
    pub(super) fn words(&self) -> String {
        match self.kind {
            Some(Kind::Array) if !self.first_keys.is_empty() => {
                let more = if self.more_keys { ", …" } else { "" };
                format!("array of {} objects with {}{more}", self.members, self.first_keys.join(", "))
            }
            Some(Kind::Array) => format!("array of {}", self.members),
            Some(Kind::Object) => format!("object of {} keys", self.members),
            Some(kind) => kind.word().to_string(),
            None => String::from("cut off"),
        }
    }
}
