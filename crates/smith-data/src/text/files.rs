//! Counts the lines of a text and quotes its beginning.

use std::io::{self, Read};

use smith_task_schema::profile::TextProfile;

use crate::overview::display::one_line;
use crate::source::encoding::{Utf16Reader, decode_head, utf16};
use crate::source::reader;
use crate::source::walk::Found;

/// Lines that are quoted.
const EXCERPT_LINES: usize = 8;
/// Lines of comments before the data that are quoted.
const COMMENT_LINES: usize = 3;
/// Characters of a line that are quoted.
const EXCERPT_CHARS: usize = 160;
/// Bytes that are looked at for the quotation.
const HEAD_BYTES: usize = 8 << 10;

/// The facts of one text, read as a stream.
pub(crate) fn profile(found: &Found) -> io::Result<TextProfile> {
    let head = reader::head(&found.path, HEAD_BYTES)?;
    let mut profile = TextProfile::new(found.relative.as_str());
    profile.excerpt = excerpt(&decode_head(&head));
    let plain = reader::open(&found.path)?;
    (profile.bytes, profile.lines) = match utf16(&head) {
        Some(encoding) => count(Utf16Reader::new(plain, encoding))?,
        None => count(plain)?,
    };
    Ok(profile)
}

/// The first lines that say anything, one below the other; of comments before everything else only the first ones.
pub(crate) fn excerpt(text: &str) -> String {
    let lines = || text.lines().map(|line| one_line(line, EXCERPT_CHARS)).filter(|line| !line.is_empty());
    let comments = lines().take_while(|line| line.starts_with(['#', '%', ';'])).count();
    let left_out = if comments < lines().count() { COMMENT_LINES..comments } else { 0..0 };
    let told = lines().enumerate().filter(|(place, _)| !left_out.contains(place)).map(|(_, line)| line);
    told.take(EXCERPT_LINES).collect::<Vec<_>>().join("\n")
}

/// Bytes and lines; a last line without an end counts.
fn count(mut input: impl Read) -> io::Result<(u64, u64)> {
    let mut buffer = vec![0; 1 << 16];
    let (mut bytes, mut ends, mut last) = (0, 0, b'\n');
    loop {
        let n = match input.read(&mut buffer) {
            Ok(0) => return Ok((bytes, ends + u64::from(last != b'\n'))),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        bytes += n as u64;
        ends += buffer[..n].iter().filter(|&&byte| byte == b'\n').count() as u64;
        last = buffer[n - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_with_and_without_a_last_end() {
        assert_eq!(count(&b"a\nb\n"[..]).unwrap(), (4, 2));
        assert_eq!(count(&b"a\nb"[..]).unwrap(), (3, 2));
        assert_eq!(count(&b""[..]).unwrap(), (0, 0));
    }

    #[test]
    fn blank_lines_are_not_quoted() {
        assert_eq!(excerpt("\n\n  one \n\ntwo"), "one\ntwo");
    }

    #[test]
    fn comments_do_not_hide_the_data() {
        assert_eq!(excerpt("#1\n#2\n#3\n#4\n#5\ndata\n#6"), "#1\n#2\n#3\ndata\n#6");
        assert_eq!(excerpt("#1\n#2\n#3\n#4"), "#1\n#2\n#3\n#4");
    }
}
