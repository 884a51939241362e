//! Numbers as C reads them: `strtol` over a whole word, `atoi` over its beginning.

/// Blanks as C's `isspace` sees them.
pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// A whole decimal number within a range, as `strtol` reads it: blanks and a sign may stand before it.
pub fn number(text: &str, min: i64, max: i64) -> Option<i64> {
    let mut rest = text.as_bytes();
    let value = match digits(&mut rest) {
        Some(value) if rest.is_empty() => value.into(),
        _ => signed(text.trim_start_matches(is_space).as_bytes())?,
    };
    (min..=max).contains(&value).then_some(value)
}

fn signed(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for digit in digits {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(if negative { -value } else { value })
}

/// Takes the digits that `rest` begins with, one to nine of them.
pub fn digits(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u32;
    let mut count = 0;
    while let Some(digit @ 0..=9) = rest.get(count).map(|byte| byte.wrapping_sub(b'0')) {
        value = value.wrapping_mul(10).wrapping_add(digit.into());
        count += 1;
    }
    *rest = &rest[count..];
    (1..=9).contains(&count).then_some(value)
}

/// The same for unsigned 32-bit fields.
pub fn number_u32(text: &str, min: u32, max: u32) -> Option<u32> {
    number(text, min.into(), max.into()).and_then(|value| u32::try_from(value).ok())
}

/// A number as `atoi` reads it: what stands behind the digits does not matter, and only its low 32 bits count.
pub fn atoi(text: &str) -> i32 {
    let start = text.trim_start_matches(is_space);
    let (negative, unsigned) = match start.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, start.strip_prefix('+').unwrap_or(start)),
    };
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit);
    let value = digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add((digit - b'0').into()));
    (if negative { -value } else { value }) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_strtol() {
        for (text, expected) in [
            ("5", Some(5)),
            (" 5", Some(5)),
            ("+5", Some(5)),
            ("\t-0", Some(0)),
            ("010", Some(10)),
            ("0x10", None),
            ("5 ", None),
            ("5x", None),
            ("", None),
            ("-", None),
            ("- 5", None),
            ("+-5", None),
            ("99999999999999999999", None),
            ("-1", None),
        ] {
            assert_eq!(number(text, 0, 65535), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_as_atoi() {
        for (text, expected) in
            [("64x", 64), (" +64", 64), ("255.255.255.0", 255), ("", 0), ("x", 0), ("-5", -5), ("4294967360", 64)]
        {
            assert_eq!(atoi(text), expected, "{text:?}");
        }
        assert_eq!(atoi("18446744073709551680"), -1);
    }
}
