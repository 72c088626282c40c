//! The numbering of file names: `000001.png … 011788.png`, `p{1…12}_frame_{001…450}.jpg`.

/// Of so many names at least this share (in percent) has to have the form that is shown.
const SHARE: usize = 90;
/// Longer rows of digits are no numbers but keys.
const MAX_DIGITS: usize = 18;

/// The names in short when they are numbered; none when they are not. `names` in any order.
pub(crate) fn numbered(names: &[&str]) -> Option<String> {
    // The first name may be the odd one out.
    [0, names.len() / 2].into_iter().find_map(|index| like(names.get(index)?, names))
}

fn like(model: &str, names: &[&str]) -> Option<String> {
    let form = Form::of(model);
    if form.numbers.is_empty() {
        return None;
    }
    let mut span = Span::new(&form);
    let alike = names.iter().filter(|name| span.take_in(&Form::of(name))).count();
    (alike > 1 && alike * 100 >= names.len() * SHARE).then(|| span.show())
}

/// A name as texts and the numbers between them.
#[derive(Debug, PartialEq)]
struct Form<'a> {
    /// One more than there are numbers.
    texts: Vec<&'a str>,
    numbers: Vec<&'a str>,
}

impl<'a> Form<'a> {
    fn of(name: &'a str) -> Self {
        // Digits of the extension are none of the numbering: mp4, 7z.
        let stem_end = name.rfind('.').filter(|&dot| dot > 0).unwrap_or(name.len());
        let stem = &name[..stem_end];
        let mut form = Self { texts: Vec::new(), numbers: Vec::new() };
        let (mut text_start, mut rest_start) = (0, 0);
        while let Some(found) = stem[rest_start..].find(|c: char| c.is_ascii_digit()) {
            let start = rest_start + found;
            let length = stem[start..].bytes().take_while(u8::is_ascii_digit).count();
            if length <= MAX_DIGITS {
                form.texts.push(&stem[text_start..start]);
                form.numbers.push(&stem[start..start + length]);
                text_start = start + length;
            }
            rest_start = start + length;
        }
        form.texts.push(&name[text_start..]);
        form
    }
}

/// The least and the greatest of every number.
struct Span<'a> {
    texts: Vec<&'a str>,
    ends: Vec<(&'a str, &'a str)>,
}

impl<'a> Span<'a> {
    fn new(form: &Form<'a>) -> Self {
        Self {
            texts: form.texts.clone(),
            ends: form.numbers.iter().map(|&number| (number, number)).collect(),
        }
    }

    /// False for a name of another form.
    fn take_in(&mut self, form: &Form<'a>) -> bool {
        if form.texts != self.texts {
            return false;
        }
        for ((least, greatest), &number) in self.ends.iter_mut().zip(&form.numbers) {
            if value(number) < value(least) {
                *least = number;
            }
            if value(number) > value(greatest) {
                *greatest = number;
            }
        }
        true
    }

    fn show(&self) -> String {
        let varying = self.ends.iter().filter(|(least, greatest)| least != greatest).count();
        if varying == 1 {
            return format!(
                "{} … {}",
                self.fill(|(least, _)| (*least).to_string()),
                self.fill(|(_, greatest)| (*greatest).to_string())
            );
        }
        self.fill(
            |(least, greatest)| {
                if least == greatest { (*least).to_string() } else { format!("{{{least}…{greatest}}}") }
            },
        )
    }

    fn fill(&self, number: impl Fn(&(&str, &str)) -> String) -> String {
        let mut name = String::new();
        for (index, text) in self.texts.iter().enumerate() {
            name += text;
            name += &self.ends.get(index).map(&number).unwrap_or_default();
        }
        name
    }
}

/// Numbers in their order, whatever zeros stand before them.
fn value(digits: &str) -> (usize, &str, usize) {
    let plain = digits.trim_start_matches('0');
    (plain.len(), plain, digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_is_shown_by_value() {
        let cases: [(&[&str], Option<&str>); 9] = [
            (&["1.png", "10.png", "2.png", "9.png"], Some("1.png … 10.png")),
            (&["img_0001.jpg", "img_0450.jpg", "img_0002.jpg"], Some("img_0001.jpg … img_0450.jpg")),
            (&["p1_f01.mp4", "p2_f01.mp4", "p12_f30.mp4"], Some("p{1…12}_f{01…30}.mp4")),
            (&["a_2019_1.csv", "a_2019_2.csv"], Some("a_2019_1.csv … a_2019_2.csv")),
            (&["cat.png", "dog.png"], None),
            (&["cat1.png", "dog1.png", "elk1.png"], None),
            (&["a.mp4", "b.mp4"], None),
            (&["x1.png"], None),
            (&["000.7c53336b37003a9286aba55d2945844c", "001.9cf8c6b5b557f0a1"], None),
        ];
        for (names, expected) in cases {
            assert_eq!(numbered(names).as_deref(), expected, "{names:?}");
        }
    }

    #[test]
    fn a_few_odd_names_do_not_hide_the_numbering() {
        let mut names: Vec<String> =
            (0..30).map(|i| format!("{i:03}.png")).chain(["mean.png".into()]).collect();
        for _ in 0..2 {
            let shown: Vec<&str> = names.iter().map(String::as_str).collect();
            assert_eq!(numbered(&shown).as_deref(), Some("000.png … 029.png"));
            names.reverse();
        }
    }
}
