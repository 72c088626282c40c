//! The names of members, which anybody can choose as they like.

use crate::source::unpack::oddity::Oddity;

/// Longer names are no names of files, in bytes.
const MAX_BYTES: usize = 4096;

/// A member's name as a relative path with `/` between its parts, and what was odd about it; the oddity alone when
/// there is no such path.
pub(super) fn guard(raw: &str) -> Result<(String, Option<Oddity>), Oddity> {
    let mut odd = None;
    let mut name = raw.to_string();
    if name.contains(char::is_control) {
        name = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        odd = Some(Oddity::Control);
    }
    if name.contains('\\') {
        name = name.replace('\\', "/");
        odd = Some(Oddity::Backslash);
    }
    let mut rest = name.as_str();
    if let [drive, b':', ..] = rest.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        rest = &rest[2..];
        odd = Some(Oddity::Absolute);
    }
    if rest.starts_with('/') {
        odd = Some(Oddity::Absolute);
    }
    let parts: Vec<&str> = rest.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(Oddity::Escape);
    }
    let path = parts.join("/");
    if path.is_empty() || path.len() > MAX_BYTES {
        return Err(Oddity::NoName);
    }
    Ok((path, odd))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_within_their_archive() {
        let cases = [
            ("a/b.png", Ok(("a/b.png", None))),
            ("./a//b.png", Ok(("a/b.png", None))),
            ("..a/b..", Ok(("..a/b..", None))),
            ("/etc/passwd", Ok(("etc/passwd", Some(Oddity::Absolute)))),
            ("C:\\data\\x.csv", Ok(("data/x.csv", Some(Oddity::Absolute)))),
            ("c:x.csv", Ok(("x.csv", Some(Oddity::Absolute)))),
            ("\\\\server\\share\\x", Ok(("server/share/x", Some(Oddity::Absolute)))),
            ("a\\b.csv", Ok(("a/b.csv", Some(Oddity::Backslash)))),
            ("a\nb", Ok(("a\u{fffd}b", Some(Oddity::Control)))),
            ("../x", Err(Oddity::Escape)),
            ("a/../../x", Err(Oddity::Escape)),
            ("a\\..\\..\\x", Err(Oddity::Escape)),
            ("C:..\\x", Err(Oddity::Escape)),
            ("", Err(Oddity::NoName)),
            ("./", Err(Oddity::NoName)),
        ];
        for (raw, expected) in cases {
            let expected = expected.map(|(path, odd)| (path.to_string(), odd));
            assert_eq!(guard(raw), expected, "{raw}");
        }
        assert_eq!(guard(&"a/".repeat(100_000)), Err(Oddity::NoName));
    }

    proptest! {
        #[test]
        fn no_name_leads_out(raw in "[a-zA-Z:./\\\\\\x00]{0,12}|\\PC{0,12}") {
            if let Ok((path, _)) = guard(&raw) {
                prop_assert!(!path.starts_with('/'));
                prop_assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")));
            }
        }
    }
}
