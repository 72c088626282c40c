//! Texts in base64.

/// Base64, in either alphabet, when it holds a text of printing characters.
pub(super) fn decode(blob: &str) -> Option<String> {
    let (mut bytes, mut buffer, mut bits) = (Vec::with_capacity(blob.len()), 0_u32, 0_u32);
    for c in blob.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).unwrap_or(0));
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let prints = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    prints.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_and_bytes_are_not() {
        assert_eq!(decode("aGVsbG8gd29ybGQ=").as_deref(), Some("hello world"));
        assert_eq!(decode("_-8"), None);
        assert_eq!(decode("not base64!"), None);
    }
}
