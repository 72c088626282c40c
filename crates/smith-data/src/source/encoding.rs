//! Character encodings: UTF-8 is expected, UTF-16 is recognised by its mark or its zeros, others are guessed with care;
//! what nobody can tell is read as Windows-1252, which every sequence of bytes is.

use std::borrow::Cow;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes beyond ASCII from which on an encoding with an alphabet of its own is believed.
const ENOUGH_LETTERS: usize = 24;

/// The encoding of a text, as far as its beginning tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    pub(crate) encoding: &'static Encoding,
    /// From 0 to 1; 1 for what is certain: a byte order mark, or sound UTF-8.
    pub(crate) confidence: f64,
    /// Length of the byte order mark.
    pub(crate) mark: usize,
    /// True for UTF-8 with other bytes among it, which are Windows-1252 or damage.
    pub(crate) mixed: bool,
}

impl Guess {
    fn sure(encoding: &'static Encoding, mark: usize) -> Self {
        Self { encoding, confidence: 1.0, mark, mixed: false }
    }

    /// The name as files and readers have it: `utf-8`, `windows-1252`, `utf-16le`, `shift_jis`.
    pub(crate) fn name(&self) -> String {
        self.encoding.name().to_lowercase()
    }
}

/// The encoding of the text that begins with `head`, in which the last character may be cut.
pub(crate) fn guess(head: &[u8]) -> Guess {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        return Guess::sure(encoding, mark);
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return Guess { encoding, confidence: 0.9, mark: 0, mixed: false };
    }
    match std::str::from_utf8(head) {
        Ok(_) => Guess::sure(UTF_8, 0),
        Err(error) if error.error_len().is_none() => Guess::sure(UTF_8, 0),
        Err(_) => guess_bytes(head),
    }
}

/// UTF-16 shows by the zeros in every other byte of Western text.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    if pairs < 8 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = |count: usize| count * 10 >= pairs * 7;
    let few = |count: usize| count * 50 <= pairs;
    let encoding = match (many(even), many(odd)) {
        (true, false) if few(odd) => UTF_16BE,
        (false, true) if few(even) => UTF_16LE,
        _ => return None,
    };
    let (text, had_errors) = encoding.decode_without_bom_handling(head.get(..pairs * 2)?);
    let control = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    (!had_errors && control * 100 <= pairs).then_some(encoding)
}

/// Text that is no sound UTF-8.
fn guess_bytes(head: &[u8]) -> Guess {
    let (sound, stray) = utf8_sequences(head);
    if sound >= 3 && sound >= stray * 2 {
        return Guess { encoding: UTF_8, confidence: 0.6, mark: 0, mixed: true };
    }
    let latin = Guess { encoding: WINDOWS_1252, confidence: 0.5, mark: 0, mixed: false };
    let beyond_ascii = head.iter().filter(|byte| **byte >= 0x80).count();
    if beyond_ascii < ENOUGH_LETTERS {
        return latin;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, false);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    if encoding == WINDOWS_1252 || encoding == UTF_8 {
        return Guess { confidence: 0.7, ..latin };
    }
    let confidence = soundness(encoding, head);
    if confidence < 0.6 { latin } else { Guess { encoding, confidence, mark: 0, mixed: false } }
}

/// Numbers of characters of several bytes that are UTF-8, and of bytes that are none.
fn utf8_sequences(mut bytes: &[u8]) -> (usize, usize) {
    let beyond_ascii = |text: &[u8]| text.iter().filter(|byte| **byte >= 0xc0).count();
    let (mut sound, mut stray) = (0, 0);
    loop {
        match std::str::from_utf8(bytes) {
            Ok(_) => return (sound + beyond_ascii(bytes), stray),
            Err(error) => {
                let (before, behind) = bytes.split_at(error.valid_up_to());
                sound += beyond_ascii(before);
                let Some(length) = error.error_len() else { return (sound, stray) };
                stray += 1;
                bytes = behind.get(length..).unwrap_or_default();
            }
        }
    }
}

/// Share of the characters beyond ASCII that are letters when bytes are read in an encoding; 0 when it has no
/// characters for some of them.
fn soundness(encoding: &'static Encoding, head: &[u8]) -> f64 {
    let (text, _) = encoding.decode_without_bom_handling(head);
    let (mut beyond, mut letters, mut broken) = (0_usize, 0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        beyond += 1;
        broken += usize::from(c == char::REPLACEMENT_CHARACTER);
        // Ideographic punctuation and full-width forms are as good as letters.
        letters +=
            usize::from(c.is_alphabetic() || ('\u{3000}'..='\u{303f}').contains(&c) || c >= '\u{ff00}');
    }
    // The last character may be cut.
    if beyond == 0 || broken > 1 { 0.0 } else { letters as f64 / beyond as f64 }
}

/// The UTF-16 encoding that a byte order mark announces.
pub(crate) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(head) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => Some(encoding),
        _ => None,
    }
}

/// Text of bytes, and whether they were UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), true),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, false),
    }
}

/// Text of a file's first bytes in whatever encoding, where the last character may be cut in two; a byte order mark
/// is dropped.
pub(crate) fn decode_head(head: &[u8]) -> String {
    let guess = guess(head);
    let text = head.get(guess.mark..).unwrap_or_default();
    if guess.encoding != UTF_8 {
        return guess.encoding.decode_without_bom_handling(text).0.into_owned();
    }
    match std::str::from_utf8(text) {
        Err(e) if e.error_len().is_none() => decode(&text[..e.valid_up_to()]).0.into_owned(),
        _ => decode(text).0.into_owned(),
    }
}

/// True for bytes that are no text in any encoding.
pub(crate) fn looks_binary(head: &[u8]) -> bool {
    if utf16(head).is_some() || utf16_without_mark(head).is_some() {
        return false;
    }
    let control = head.iter().filter(|&&b| b < 9 || (14..32).contains(&b) && b != 27).count();
    control > 4 && control * 100 > head.len()
}

/// The reader of [`DecodingReader`] under its first name.
pub(crate) type Utf16Reader<R> = DecodingReader<R>;

/// Turns text of any encoding into UTF-8 while it is read.
pub(crate) struct DecodingReader<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    done: usize,
    ended: bool,
}

impl<R: Read> DecodingReader<R> {
    /// Reads `inner` in an encoding; its byte order mark is dropped.
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; 1 << 14], text: Vec::new(), done: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let n = self.inner.read(&mut self.raw)?;
        self.ended = n == 0;
        self.text.resize(self.decoder.max_utf8_buffer_length(n).unwrap_or(1 << 16), 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..n], &mut self.text, self.ended);
        debug_assert!(matches!(result, CoderResult::InputEmpty));
        self.text.truncate(written);
        self.done = 0;
        Ok(())
    }
}

impl<R: Read> Read for DecodingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.done == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let n = buffer.len().min(self.text.len() - self.done);
        buffer[..n].copy_from_slice(&self.text[self.done..self.done + n]);
        self.done += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, EUC_KR, GBK, KOI8_R, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};

    use super::*;

    #[test]
    fn utf16_is_read_as_utf8() {
        let text = "naïve,größe\n".repeat(5_000);
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let encoding = utf16(&bytes).unwrap();
        let mut read = String::new();
        DecodingReader::new(bytes.as_slice(), encoding).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn utf16_without_a_mark_shows_by_its_zeros() {
        let text = "name,größe\nAda,1\nBob,2\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(guess(&little).encoding, UTF_16LE);
        assert_eq!(guess(&big).encoding, UTF_16BE);
        assert!(!looks_binary(&little) && !looks_binary(&big));
        assert_eq!(decode_head(&big), text);
        assert_eq!(guess(&[0, 1].repeat(100)).encoding, UTF_8, "numbers are no text");
    }

    #[test]
    fn alphabets_are_told_apart() {
        let russian =
            "город,население\nМосква,13010112\nКазань,1308660\nСамара,1158952\nОмск,1110836\n".repeat(3);
        let polish =
            "miasto,ludność\nŁódź,658444\nKraków,803282\nGdańsk,486345\nŚwiętochłowice,45000\nWąbrzeźno,1\n";
        let japanese = "都市,人口\n東京,14094034\n横浜,3777491\n大阪,2753862\n名古屋,2332176\n";
        let chinese = "城市,人口\n北京,21893095\n上海,24870895\n广州,18676605\n深圳,17494398\n";
        let traditional = "城市,人口\n臺北市,2480681\n高雄市,2728137\n臺中市,2814422\n桃園市,2268807\n";
        let korean = "도시,인구\n서울,9411000\n부산,3318000\n인천,2967000\n대구,2363000\n";
        for (text, encoding) in [
            (russian.as_str(), WINDOWS_1251),
            (russian.as_str(), KOI8_R),
            (&polish.repeat(4), WINDOWS_1250),
            (&japanese.repeat(2), SHIFT_JIS),
            (&chinese.repeat(2), GBK),
            (&traditional.repeat(2), BIG5),
            (&korean.repeat(2), EUC_KR),
        ] {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable);
            let guessed = guess(&bytes);
            assert_eq!((guessed.encoding.decode(&bytes).0.as_ref(), guessed.confidence >= 0.6), (text, true));
            let mut read = String::new();
            DecodingReader::new(&bytes[..], guessed.encoding).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn western_bytes_are_windows_1252() {
        for text in
            ["M\u{fc}nchen,1\n".to_string(), "naïve café,Zürich,São Paulo,Málaga,Göteborg,Ærø\n".repeat(9)]
        {
            let (bytes, ..) = WINDOWS_1252.encode(&text);
            let guessed = guess(&bytes);
            assert_eq!((guessed.encoding, guessed.mixed), (WINDOWS_1252, false));
            assert!(guessed.confidence < 1.0);
        }
    }

    #[test]
    fn a_few_strange_bytes_do_not_make_utf8_something_else() {
        let mut bytes = "Zürich,Málaga,Göteborg\n".repeat(3).into_bytes();
        bytes.extend(b"M\xfcnchen\n");
        let guessed = guess(&bytes);
        assert_eq!((guessed.encoding, guessed.mixed), (UTF_8, true));
    }

    #[test]
    fn latin_bytes_become_letters() {
        assert_eq!(decode(b"M\xfcnchen"), (Cow::Owned("München".to_string()), false));
        assert!(decode("München".as_bytes()).1);
    }

    #[test]
    fn a_character_cut_in_two_does_not_make_a_file_latin() {
        let bytes = "München".as_bytes();
        assert_eq!(decode_head(&bytes[..2]), "M");
        assert_eq!(decode_head(b"\xef\xbb\xbfabc"), "abc");
    }

    #[test]
    fn random_bytes_are_binary_and_text_is_not() {
        let noise: Vec<u8> = (0..=255).cycle().take(4096).collect();
        assert!(looks_binary(&noise));
        assert!(!looks_binary("tab\tand\r\nlines".repeat(100).as_bytes()));
        assert!(!looks_binary(b"\xff\xfea\0b\0c\0d\0e\0f\0"));
    }
}
