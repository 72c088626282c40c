//! Types of an array's elements.

use super::literal::Literal;

/// What an element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Element {
    Bool,
    /// Bytes of a whole number: 1, 2, 4 or 8.
    Signed(usize),
    Unsigned(usize),
    /// Bytes of a number: 2, 4, 8, or more where nothing is computed.
    Float(usize),
    Complex(usize),
    /// Letters of one byte each.
    Bytes(usize),
    /// Characters of four bytes each.
    Text(usize),
    /// A point in time or a span, with its unit.
    Time(&'static str, String),
    /// Named fields, or bytes without a type, with the size of all together.
    Record(String, usize),
    /// Python objects: a pickle, which is never loaded.
    Object,
}

/// The type of an array's elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dtype {
    pub(crate) element: Element,
    pub(crate) big_endian: bool,
}

/// Fields of a record that its name lists.
const NAMED_FIELDS: usize = 12;
/// Records in records that are followed.
const MAX_DEPTH: usize = 8;

impl Dtype {
    /// The type that a header's `descr` means; none when it is no type of NumPy's.
    pub(crate) fn of(descr: &Literal) -> Option<Self> {
        Self::nested(descr, 0)
    }

    fn nested(descr: &Literal, depth: usize) -> Option<Self> {
        match descr {
            Literal::Text(code) => Self::simple(code),
            Literal::Items(fields) if depth < MAX_DEPTH => Self::record(fields, depth),
            _ => None,
        }
    }

    fn simple(code: &str) -> Option<Self> {
        let (order, rest) = match code.chars().next()? {
            order @ ('<' | '>' | '|' | '=') => (order, code.get(1..)?),
            _ => ('=', code),
        };
        let letter = rest.chars().next()?;
        let size = rest.get(letter.len_utf8()..)?;
        let bytes = || size.parse::<usize>().ok().filter(|&bytes| bytes <= 1 << 24);
        let element = match letter {
            'b' if bytes() == Some(1) => Element::Bool,
            '?' => Element::Bool,
            'i' => Element::Signed(bytes().filter(|bytes| matches!(bytes, 1 | 2 | 4 | 8))?),
            'u' => Element::Unsigned(bytes().filter(|bytes| matches!(bytes, 1 | 2 | 4 | 8))?),
            'f' => Element::Float(bytes().filter(|bytes| matches!(bytes, 2 | 4 | 8 | 10 | 12 | 16))?),
            'c' => Element::Complex(bytes().filter(|bytes| matches!(bytes, 8 | 16 | 20 | 24 | 32))?),
            'S' | 'a' => Element::Bytes(bytes()?),
            'U' => Element::Text(bytes()?),
            'V' => Element::Record(format!("void{}", bytes()?), bytes()?),
            'M' => Element::Time("datetime64", unit(size)?),
            'm' => Element::Time("timedelta64", unit(size)?),
            'O' => Element::Object,
            _ => return None,
        };
        Some(Self { element, big_endian: order == '>' })
    }

    fn record(fields: &[Literal], depth: usize) -> Option<Self> {
        let (mut names, mut size, mut objects) = (Vec::new(), 0_usize, false);
        for field in fields {
            let Literal::Items(parts) = field else { return None };
            let inner = Self::nested(parts.get(1)?, depth + 1)?;
            let repeat =
                parts.get(2).map_or(Some(1), |shape| usize::try_from(product(&shape_of(shape)?)?).ok())?;
            size = size.checked_add(inner.size().checked_mul(repeat)?).filter(|&size| size <= 1 << 24)?;
            objects |= inner.element == Element::Object;
            if names.len() < NAMED_FIELDS {
                names.push(format!("{}: {}", field_name(parts.first()?)?, inner.name()));
            }
        }
        if fields.len() > NAMED_FIELDS {
            names.push(String::from("…"));
        }
        let name = format!("{{{}}}", names.join(", "));
        let element = if objects { Element::Object } else { Element::Record(name, size) };
        Some(Self { element, big_endian: false })
    }

    /// Bytes of an element.
    pub(crate) fn size(&self) -> usize {
        match self.element {
            Element::Bool => 1,
            Element::Signed(bytes)
            | Element::Unsigned(bytes)
            | Element::Float(bytes)
            | Element::Complex(bytes) => bytes,
            Element::Bytes(bytes) | Element::Record(_, bytes) => bytes,
            Element::Text(characters) => characters * 4,
            Element::Time(..) | Element::Object => 8,
        }
    }

    /// The name that NumPy gives it.
    pub(crate) fn name(&self) -> String {
        match &self.element {
            Element::Bool => String::from("bool"),
            Element::Signed(bytes) => format!("int{}", bytes * 8),
            Element::Unsigned(bytes) => format!("uint{}", bytes * 8),
            Element::Float(bytes) => format!("float{}", bytes * 8),
            Element::Complex(bytes) => format!("complex{}", bytes * 8),
            Element::Bytes(bytes) => format!("S{bytes}"),
            Element::Text(characters) => format!("U{characters}"),
            Element::Time(kind, unit) if unit.is_empty() => (*kind).to_string(),
            Element::Time(kind, unit) => format!("{kind}[{unit}]"),
            Element::Record(name, _) => name.clone(),
            Element::Object => String::from("object"),
        }
    }
}

/// The unit of `8[ns]`.
fn unit(size: &str) -> Option<String> {
    let rest = size.strip_prefix('8')?;
    Some(rest.trim_matches(|c| c == '[' || c == ']').chars().take(12).collect())
}

fn field_name(name: &Literal) -> Option<String> {
    match name {
        Literal::Text(name) => Some(name.chars().take(40).collect()),
        // A title and a name.
        Literal::Items(both) => both.get(1).and_then(field_name),
        _ => None,
    }
}

/// The extents of a shape.
pub(crate) fn shape_of(shape: &Literal) -> Option<Vec<u64>> {
    match shape {
        Literal::Number(extent) => Some(vec![u64::try_from(*extent).ok()?]),
        Literal::Items(extents) if extents.len() <= 64 => extents
            .iter()
            .map(|extent| if let Literal::Number(n) = extent { u64::try_from(*n).ok() } else { None })
            .collect(),
        _ => None,
    }
}

/// Number of elements of a shape; none when there are more than can be counted.
pub(crate) fn product(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes() {
        let cases = [
            ("'<f4'", "float32", 4),
            ("'>i2'", "int16", 2),
            ("'|b1'", "bool", 1),
            ("'|u1'", "uint8", 1),
            ("'<c16'", "complex128", 16),
            ("'|S5'", "S5", 5),
            ("'<U3'", "U3", 12),
            ("'<M8[ns]'", "datetime64[ns]", 8),
            ("'|O'", "object", 8),
            ("[('x', '<f4'), (('title', 'n'), '<i8', (2, 3))]", "{x: float32, n: int64}", 52),
            ("[('x', '|O')]", "object", 8),
        ];
        for (descr, name, size) in cases {
            let dtype = Dtype::of(&Literal::parse(descr).unwrap()).unwrap();
            assert_eq!((dtype.name().as_str(), dtype.size()), (name, size), "{descr}");
        }
        for descr in ["''", "'<'", "'f3'", "'U99999999999'", "'é'", "[('x',)]", "[1]", "7"] {
            assert_eq!(Dtype::of(&Literal::parse(descr).unwrap()), None, "{descr}");
        }
    }

    #[test]
    fn elements_beyond_all_numbers() {
        assert_eq!(product(&[1 << 40, 1 << 40]), None);
        assert_eq!(product(&[u64::MAX, 0, u64::MAX]), Some(0));
        assert_eq!(product(&[]), Some(1));
    }
}
