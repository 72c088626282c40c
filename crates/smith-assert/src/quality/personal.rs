//! Signs of personal data in cells and texts: precise ones, of which one alone is no proof and many are.

use std::collections::BTreeSet;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    Email,
    Phone,
    Iban,
    Card,
    SocialSecurity,
    Address,
}

impl Sign {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::Iban => "bank accounts (IBAN)",
            Self::Card => "credit card numbers",
            Self::SocialSecurity => "numbers like those of social security",
            Self::Address => "internet addresses (IP)",
        }
    }

    /// So many different ones are no chance.
    fn enough(self) -> usize {
        match self {
            Self::Iban => 3,
            Self::Email | Self::Card => 5,
            Self::Phone | Self::SocialSecurity => 10,
            Self::Address => 20,
        }
    }
}

/// Kinds of which some texts hold many different ones, with one of each.
pub(crate) fn signs<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<(Sign, String)> {
    let mut seen: std::collections::BTreeMap<Sign, BTreeSet<String>> = std::collections::BTreeMap::new();
    for text in texts {
        let figures = text.bytes().filter(u8::is_ascii_digit).count();
        if figures >= 7 {
            for (sign, found) in numbers(text) {
                seen.entry(sign).or_default().insert(found);
            }
        }
        if text.contains('@') {
            let words = text.split(|c: char| c.is_whitespace() || ",;<>()[]\"'".contains(c));
            let emails = words
                .map(|word| word.trim_matches(|c: char| ".:!?".contains(c)))
                .filter(|word| is_email(word));
            seen.entry(Sign::Email).or_default().extend(emails.map(str::to_lowercase));
        }
    }
    let many = seen.into_iter().filter(|(sign, found)| found.len() >= sign.enough());
    many.filter_map(|(sign, found)| Some((sign, found.into_iter().next()?))).collect()
}

fn is_email(word: &str) -> bool {
    let Some((name, domain)) = word.split_once('@') else { return false };
    let is_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b));
    let parts: Vec<&str> = domain.split('.').collect();
    let are_parts = parts.len() >= 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let top = parts.last().copied().unwrap_or("");
    let is_top = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    let leads_nowhere = ["invalid", "localhost", "local"].contains(&top.to_lowercase().as_str());
    is_name && are_parts && is_top && !leads_nowhere
}

/// Numbers in a text that are written as such things are.
fn numbers(text: &str) -> Vec<(Sign, String)> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-. ()".contains(c);
    for piece in text.split(|c: char| !is_part(c)) {
        let piece = piece.trim();
        for run in runs(piece) {
            if let Some(sign) = sign_of(run) {
                found.push((sign, run.to_owned()));
            }
        }
        found.extend(piece.split(' ').filter(|word| is_iban(word)).map(|word| (Sign::Iban, word.to_owned())));
        if is_iban(&piece.replace(' ', "")) {
            found.push((Sign::Iban, piece.to_owned()));
        }
    }
    found
}

/// Parts of figures and the marks between them, such as `+49 (0)30 123-456`.
fn runs(piece: &str) -> impl Iterator<Item = &str> {
    let outside = |c: char| !(c.is_ascii_digit() || "+-. ()".contains(c));
    piece.split(outside).map(|run| run.trim_matches(|c: char| ". -".contains(c))).filter(|run| run.len() >= 7)
}

fn sign_of(run: &str) -> Option<Sign> {
    let groups: Vec<&str> =
        run.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let figures: String = groups.concat();
    let marks: BTreeSet<char> = run.chars().filter(|c| !c.is_ascii_digit()).collect();
    match () {
        () if lengths == [3, 2, 4] && marks == BTreeSet::from(['-']) && is_social(&groups) => {
            Some(Sign::SocialSecurity)
        }
        () if marks == BTreeSet::from(['.']) && is_public_address(&groups) => Some(Sign::Address),
        () if (lengths == [4, 4, 4, 4] || lengths == [4, 6, 5]) && marks.len() == 1 && is_card(&figures) => {
            Some(Sign::Card)
        }
        () if is_phone(run, &lengths, figures.len()) => Some(Sign::Phone),
        () => None,
    }
}

/// International with `+`, or `(555) 123-4567` and `555-123-4567`.
fn is_phone(run: &str, lengths: &[usize], figures: usize) -> bool {
    let international = run.starts_with('+') && (8..=15).contains(&figures) && !run.contains('.');
    let american = (lengths == [3, 3, 4] || lengths == [1, 3, 3, 4])
        && (run.contains('(') || run.matches('-').count() >= 2);
    international || american
}

fn is_social(groups: &[&str]) -> bool {
    groups.first().is_some_and(|area| !matches!(*area, "000" | "666") && !area.starts_with('9'))
        && groups.get(1) != Some(&"00")
        && groups.get(2) != Some(&"0000")
}

/// Four numbers below 256 that are no private, local or reserved address, nor the number of a version.
fn is_public_address(groups: &[&str]) -> bool {
    let parts: Vec<u16> = groups.iter().filter_map(|group| group.parse().ok()).collect();
    match parts.as_slice() {
        [a, b, c, d] => {
            let is_private = matches!(a, 0 | 10 | 127 | 224..)
                || (*a == 192 && *b == 168)
                || (*a == 172 && (16..32).contains(b));
            [a, b, c, d].iter().all(|part| **part < 256) && !is_private && *a > 20
        }
        _ => false,
    }
}

/// Luhn's sum, and a first figure that issuers use.
fn is_card(figures: &str) -> bool {
    let sum: u32 = figures
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let figure = u32::from(byte.wrapping_sub(b'0'));
            if at % 2 == 0 { figure } else { figure * 2 / 10 + figure * 2 % 10 }
        })
        .sum();
    figures.starts_with(['3', '4', '5', '6']) && sum.is_multiple_of(10)
}

/// The remainder by 97 is 1 (ISO 13616).
fn is_iban(word: &str) -> bool {
    let bytes = word.as_bytes();
    let begins = bytes
        .first_chunk::<4>()
        .is_some_and(|b| b[..2].iter().all(u8::is_ascii_uppercase) && b[2..].iter().all(u8::is_ascii_digit));
    if !begins || !(15..=34).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let (front, rest) = bytes.split_at(4);
    let rest = rest.iter().chain(front).try_fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => Some((remainder * 10 + u32::from(byte - b'0')) % 97),
        b'A'..=b'Z' => Some((remainder * 100 + u32::from(byte - b'A') + 10) % 97),
        _ => None,
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(text: impl Fn(usize) -> String) -> Vec<Sign> {
        let texts: Vec<String> = (0..40).map(text).collect();
        signs(texts.iter().map(String::as_str)).into_iter().map(|(sign, _)| sign).collect()
    }

    #[test]
    fn signs_are_found() {
        assert_eq!(many(|i| format!("write to anna.{i}@mail.org.")), [Sign::Email]);
        assert_eq!(many(|i| format!("+49 30 1234{i:03}")), [Sign::Phone]);
        assert_eq!(many(|i| format!("(555) 123-{i:04}")), [Sign::Phone]);
        assert_eq!(many(|i| format!("{:03}-12-{:04}", 100 + i, 1000 + i)), [Sign::SocialSecurity]);
        assert_eq!(many(|i| format!("from 81.20.{i}.7 to")), [Sign::Address]);
        assert!(is_iban("DE89370400440532013000") && !is_iban("DE89370400440532013001"));
        assert_eq!(sign_of("4111 1111 1111 1111"), Some(Sign::Card));
        assert_eq!(sign_of("4111 1111 1111 1112"), None);
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        assert!(many(|i| format!("@user{i} hello")).is_empty());
        assert!(many(|i| format!("root{i}@host.local")).is_empty());
        assert!(many(|i| format!("{:016}", 4_111_111_111_111_111_u64 + i as u64)).is_empty());
        assert!(many(|i| format!("{}.123456, {}.654321", 40 + i % 9, 10 + i)).is_empty());
        assert!(many(|i| format!("2020-01-{:02} 10:00:{:02}", 1 + i % 28, i)).is_empty());
        assert!(many(|i| format!("version 1.2.{i}.4")).is_empty());
        assert!(many(|i| format!("192.168.0.{i}")).is_empty());
        assert!(many(|i| format!("978-3-16-148410-{i}")).is_empty());
        assert!(many(|i| format!("{i}-{}-{}", i * 37, i * 91 + 1_000)).is_empty());
    }
}
