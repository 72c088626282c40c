//! The different values of a column with their counts.

use hashbrown::HashTable;

use crate::column::value::Class;

/// Bytes of texts that are kept of values that were seen twice.
const TEXT_BYTES: usize = 1 << 20;
/// Longest text that is kept, in bytes.
const LONGEST_TEXT: usize = 400;

/// A different value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Hash of the value as it was written.
    pub(crate) hash: u64,
    /// The same for equal values in whatever way they are written; 0 for a missing one.
    pub(crate) identity: u64,
    /// The number, or the time of a date; NaN for anything else.
    pub(crate) number: f64,
    pub(crate) count: u64,
    /// Where its text is kept, from 1.
    text: u32,
    text_bytes: u16,
    /// Words in it.
    pub(crate) words: u16,
    /// Length in characters; of bytes in bytes.
    pub(crate) length: u32,
    pub(crate) class: Class,
}

/// Different values, found by their hash. Two values with the same 64-bit hash count as one: among a million values
/// the chance of that is one in thirty million.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    table: HashTable<u32>,
    entries: Vec<Entry>,
    texts: Vec<u8>,
}

impl Dictionary {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Position of the value with a hash.
    #[inline]
    pub(crate) fn find(&self, hash: u64) -> Option<usize> {
        self.table.find(hash, |&index| self.entries[index as usize].hash == hash).map(|&index| index as usize)
    }

    /// True when the value at a position has a hash.
    #[inline]
    pub(crate) fn is_at(&self, index: usize, hash: u64) -> bool {
        self.entries.get(index).is_some_and(|entry| entry.hash == hash)
    }

    /// The value at a position, counted once more; `written` is what it looks like.
    #[inline]
    pub(crate) fn count(&mut self, index: usize, written: &[u8]) -> &Entry {
        let entry = &mut self.entries[index];
        entry.count += 1;
        // What comes back is worth keeping: at its second, fourth, eighth, … time there is more room for it.
        if entry.text == 0 && entry.count.is_power_of_two() {
            self.keep_text(index, written);
        }
        &self.entries[index]
    }

    /// The value at a position, counted `times` more, without looking at how it is written.
    #[inline]
    pub(crate) fn count_times(&mut self, index: usize, times: u64) -> &Entry {
        let entry = &mut self.entries[index];
        entry.count += times;
        entry
    }

    /// A new value, not yet counted; returns its position.
    pub(crate) fn insert(&mut self, value: NewValue) -> usize {
        let index = self.entries.len();
        self.entries.push(Entry {
            hash: value.hash,
            identity: value.identity,
            number: value.number,
            count: 0,
            text: 0,
            text_bytes: 0,
            words: value.words,
            length: value.length,
            class: value.class,
        });
        let entries = &self.entries;
        self.table.insert_unique(value.hash, index as u32, |&index| entries[index as usize].hash);
        index
    }

    /// Keeps the text of a new value when it is one of the first `early` ones.
    pub(crate) fn keep_early_text(&mut self, index: usize, written: &[u8], early: usize) {
        if index < early {
            self.keep_text(index, written);
        }
    }

    fn keep_text(&mut self, index: usize, written: &[u8]) {
        let entry = &mut self.entries[index];
        let room = TEXT_BYTES / 8 * (64 - entry.count.max(1).leading_zeros()) as usize;
        let kept = &written[..written.len().min(LONGEST_TEXT)];
        if kept.is_empty() || self.texts.len() + kept.len() > room.min(TEXT_BYTES * 4) {
            return;
        }
        entry.text = self.texts.len() as u32 + 1;
        entry.text_bytes = kept.len() as u16;
        self.texts.extend_from_slice(kept);
    }

    /// The value as it was first written, its beginning when it is long; none when it was not kept.
    pub(crate) fn text(&self, entry: &Entry) -> Option<String> {
        let start = (entry.text as usize).checked_sub(1)?;
        let bytes = self.texts.get(start..start + usize::from(entry.text_bytes))?;
        Some(String::from_utf8_lossy(bytes).trim_end_matches('\u{fffd}').to_owned())
    }

    /// Leaves nothing but the values that were seen most often, and more than once.
    pub(crate) fn keep_most_frequent(&mut self, limit: usize) {
        let mut kept: Vec<(Entry, Option<String>)> = {
            let mut order: Vec<usize> =
                (0..self.entries.len()).filter(|&at| self.entries[at].count > 1).collect();
            order.sort_by_key(|&index| (std::cmp::Reverse(self.entries[index].count), index));
            order.truncate(limit);
            order.sort_unstable();
            order.into_iter().map(|index| (self.entries[index], self.text(&self.entries[index]))).collect()
        };
        *self = Self::default();
        for (entry, text) in kept.drain(..) {
            let index = self.insert(NewValue::from(&entry));
            self.entries[index].count = entry.count;
            if let Some(text) = text {
                self.keep_text(index, text.as_bytes());
            }
        }
    }
}

/// What is known of a value when it is first seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewValue {
    pub(crate) hash: u64,
    pub(crate) identity: u64,
    pub(crate) number: f64,
    pub(crate) length: u32,
    pub(crate) words: u16,
    pub(crate) class: Class,
}

impl From<&Entry> for NewValue {
    fn from(entry: &Entry) -> Self {
        let Entry { hash, identity, number, length, words, class, .. } = *entry;
        Self { hash, identity, number, length, words, class }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::hash;

    fn insert(dictionary: &mut Dictionary, text: &str, early: usize) -> usize {
        let hash = hash::of_bytes(text.as_bytes());
        let value =
            NewValue { hash, identity: hash, number: f64::NAN, length: 1, words: 1, class: Class::Text };
        let index = dictionary.insert(value);
        dictionary.keep_early_text(index, text.as_bytes(), early);
        dictionary.count_times(index, 1);
        index
    }

    #[test]
    fn the_first_values_and_those_that_come_back_keep_their_text() {
        let mut dictionary = Dictionary::default();
        let texts: Vec<usize> =
            ["oak", "elm", "fir"].iter().map(|text| insert(&mut dictionary, text, 1)).collect();
        dictionary.count(texts[2], b"fir");
        let text = |at: usize| dictionary.text(&dictionary.entries()[texts[at]]);
        assert_eq!(
            [text(0).as_deref(), text(1).as_deref(), text(2).as_deref()],
            [Some("oak"), None, Some("fir")]
        );
        assert_eq!(dictionary.find(hash::of_bytes(b"elm")), Some(1));
        dictionary.keep_most_frequent(10);
        assert_eq!((dictionary.len(), dictionary.entries()[0].count), (1, 2), "a single time is not often");
    }
}
